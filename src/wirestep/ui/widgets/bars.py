"""The lines above and below the panes: title, tabs, overview with playhead, transport, footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.keys import Key, spoken
from wirestep.ui.painting import Painted
from wirestep.ui.theme import Palette, style

BLOCKS = "▁▁▂▃▄▅▆▇█"
Part = tuple[str, str, bool]
"""A piece of text, the name of its colour, and whether it is bold."""


def tone(look: Palette, name: str) -> str:
    """A colour of the palette by its name."""
    named: dict[str, str] = {
        "fg": look.fg, "dim": look.dim, "faint": look.faint, "acc": look.acc,
        "warn": look.warn, "bad": look.bad, "good": look.good,
    }  # fmt: skip
    return named.get(name) or look.hue(name)


class Bar(Painted):
    """A line that is drawn from attributes."""

    DEFAULT_CSS = "Bar { height: 1; width: 1fr; background: $panel; }"

    def draw(self, out: Line, look: Palette) -> None:
        """Draws into the line."""
        raise NotImplementedError

    def paint_line(self, y: int, look: Palette) -> Strip:
        """One line of the screen."""
        out = Line(self.size.width, style(look.fg, look.panel))
        if y == 0:
            self.draw(out, look)
        return out.strip()


def put_parts(out: Line, at: int, parts: Sequence[Part], look: Palette) -> int:
    """Writes pieces of text one after the other."""
    return put_parts_on(out, at, parts, look, look.panel)


def put_parts_on(out: Line, at: int, parts: Sequence[Part], look: Palette, back: str) -> int:
    """The same on another background."""
    for text, name, bold in parts:
        at = out.put(at, text, style(tone(look, name), back, bold=bold))
    return at


class Header(Bar):
    """Program, what is open, and at the right the filter and the state."""

    name_text = ""
    about = ""
    right: Sequence[Part] = ()

    class FilterWanted(Notice):
        """The user clicked on the filter."""

    def set(self, name: str, about: str, right: Sequence[Part]) -> None:
        """What to show now."""
        if (name, about, right) != (self.name_text, self.about, self.right):
            self.name_text, self.about, self.right = name, about, right
            self.refresh()

    def draw(self, out: Line, look: Palette) -> None:
        """Left and right parts; the middle gives way."""
        size = sum(width_of(text) for text, _, _ in self.right)
        start = out.width - size - 1
        at = out.put(0, " ◆ wirestep ", style(look.bg, look.acc, bold=True))
        at = out.put(
            at, " " + fit(self.name_text, max(8, start - at - 3)) + " ",
            style(look.fg, look.panel, bold=True),
        )  # fmt: skip
        out.put(at, fit(f" {self.about}", max(0, start - at - 1)), style(look.dim, look.panel))
        put_parts(out, max(start, 12), self.right, look)

    def on_click(self, event: events.Click) -> None:
        """A click on the right half asks for the filter."""
        if event.x > self.size.width // 2:
            self.post_message(self.FilterWanted())


class Tabs(Bar):
    """The panes by number, where only one fits."""

    DEFAULT_CSS = "Tabs { display: none; }"
    names: Sequence[str] = ()
    chosen = 1

    class Picked(Notice):
        """The user clicked on a tab."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def draw(self, out: Line, look: Palette) -> None:
        """` 1 Packets  2 Ladder `, the chosen one filled."""
        at = 0
        for number, name in enumerate(self.names, 1):
            if number == self.chosen:
                ink = style(look.bg, look.acc, bold=True)
            else:
                ink = style(look.dim, look.panel)
            at = out.put(at, f" {number} {name} ", ink)

    def on_click(self, event: events.Click) -> None:
        """Tells which tab was hit."""
        at = 0
        for number, name in enumerate(self.names, 1):
            at += len(name) + 4
            if event.x < at:
                self.post_message(self.Picked(number))
                return


class Overview(Bar):
    """Packets over time, the playhead, marks and breakpoints; a click seeks."""

    counts: Sequence[tuple[int, str]] = ()
    head = -1
    least = 1
    """Packets in a column that take its whole height, at least."""
    marks: Sequence[tuple[int, str]] = ()
    """(column, letter)."""

    class Sought(Notice):
        """The user clicked on a column."""

        def __init__(self, column: int, width: int) -> None:
            super().__init__()
            self.column = column
            self.width = width

    @property
    def columns(self) -> int:
        """Columns to draw."""
        return max(1, self.size.width - 2)

    def set(
        self, counts: Sequence[tuple[int, str]], head: int, marks: Sequence[tuple[int, str]]
    ) -> None:
        """What to show now."""
        if (counts, head, marks) != (self.counts, self.head, self.marks):
            self.counts, self.head, self.marks = counts, head, marks
            self.refresh()

    def draw(self, out: Line, look: Palette) -> None:
        """Blocks as high as the root of the count, so that single packets can be seen."""
        most = max(self.least, *(count for count, _ in self.counts), 0)
        for at, (count, hue) in enumerate(self.counts[: self.columns]):
            height = 0 if not count else 1 + round((count / most) ** 0.5 * 7)
            past = at < self.head
            colour = look.acc if past else look.dim if count and not look.tint else look.faint
            if past and count and hue:
                colour = look.hue(hue)
            out.put(1 + at, BLOCKS[height], style(colour, look.panel))
        for at, letter in self.marks:
            out.put(1 + at, letter, style(look.warn, look.panel, bold=True))
        if self.head >= 0:
            out.put(1 + self.head, "┃", style(look.warn, look.panel, bold=True))

    def on_click(self, event: events.Click) -> None:
        """Tells which column was hit."""
        self.post_message(self.Sought(max(0, min(self.columns - 1, event.x - 1)), self.columns))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Dragging scrubs."""
        if event.button:
            self.post_message(self.Sought(max(0, min(self.columns - 1, event.x - 1)), self.columns))


@dataclass(frozen=True, slots=True)
class Reading:
    """What the transport line says."""

    playing: bool = False
    stopped: str = ""
    """Why playing stopped, in one word; "" while nothing is held."""
    speed: str = "1×"
    time: str = ""
    event: str = ""
    middle: str = ""
    """The conversation, or the selected field."""


class Transport(Bar):
    """Buttons to step and play, the speed, the time, the place."""

    reading = Reading()
    BUTTONS = (
        ("  |◂ ", "edge_first"),
        (" ◂◂ ", "message(-1)"),
        (" ▶ PLAY ", "play"),
        (" ▸▸ ", "message(1)"),
        (" ▸| ", "edge_last"),
    )

    class Pressed(Notice):
        """The user pressed a button: `action` is one of the screen's."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def set(self, reading: Reading) -> None:
        """What to show now."""
        if reading != self.reading:
            self.reading = reading
            self.refresh()

    def draw(self, out: Line, look: Palette) -> None:
        """Buttons at the left, numbers at the right."""
        said = self.reading
        at = 0
        for text, action in self.BUTTONS:
            name = "dim" if action.startswith("edge") else "fg"
            if action == "play":
                text, name = self._play(said)
            at = out.put(at, text, style(tone(look, name), look.panel, bold=True))
        wide = out.width >= 100
        numbers = (
            f"speed {said.speed}   t = {said.time}   {said.event} "
            if wide
            else f"{said.speed}  {said.time}  {said.event} "
        )
        start = out.right(out.width, numbers, style(look.dim, look.panel))
        room = start - at - 4
        if room >= 8:
            out.put(at + 2, fit(said.middle, room), style(look.dim, look.panel))

    def _play(self, said: Reading) -> tuple[str, str]:
        if said.playing:
            return " ■ STOP ", "good"
        return (" ■ HELD ", "warn") if said.stopped else (" ▶ PLAY ", "good")

    def on_click(self, event: events.Click) -> None:
        """Tells which button was hit."""
        at = 0
        for text, action in self.BUTTONS:
            at += len(text)
            if event.x < at:
                self.post_message(self.Pressed(action))
                return


class Footer(Bar):
    """The keys that matter here; or, for a while, what has just happened."""

    keys: Sequence[Key] = ()
    said = ""
    level = "info"
    hits: Sequence[tuple[int, int, str]] = ()

    class Pressed(Notice):
        """The user clicked on a key: it is as good as pressing it."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def set(self, keys: Sequence[Key]) -> None:
        """The keys to show."""
        if keys != self.keys:
            self.keys = keys
            self.refresh()

    def say(self, text: str, level: str) -> None:
        """Shows a sentence instead of the keys; "" shows the keys again."""
        self.said, self.level = text, level
        self.refresh()

    def draw(self, out: Line, look: Palette) -> None:
        """Keys, or the sentence; the palette's key at the right."""
        end = out.width - 13
        hits: list[tuple[int, int, str]] = [(end, out.width, "ctrl+p")]
        at = 1
        if self.said:
            letter, name = {"bad": ("! ", "bad"), "warn": ("! ", "warn")}.get(
                self.level, ("● ", "good")
            )
            at = out.put(at, letter, style(tone(look, name), look.panel, bold=True))
            out.put(at, fit(self.said, end - at - 1), style(look.fg, look.panel, bold=True))
        else:
            for key in self.keys:
                name = spoken(key)
                name = name if key.spoken else name.split(" ")[0]
                size = width_of(name) + 1 + len(key.short) + 2
                if at + size > end:
                    continue
                hits.append((at, at + size - 2, key.keys.split(",")[0]))
                at = out.put(at, name, style(look.acc, look.panel, bold=True))
                at = out.put(at, f" {key.short}  ", style(look.fg, look.panel))
        out.put(end, "│", style(look.faint, look.panel))
        out.put(end + 1, "^p", style(look.acc, look.panel, bold=True))
        out.put(end + 3, " palette", style(look.fg, look.panel))
        self.hits = hits

    def on_click(self, event: events.Click) -> None:
        """Tells which key was hit."""
        for start, stop, key in self.hits:
            if start <= event.x < stop:
                self.post_message(self.Pressed(key))
                return
