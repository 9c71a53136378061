"""The packet under the hand: what can be done to it, and what would come of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual import events
from textual.message import Message as Notice

from wirestep.session.lab_views import ACTIONS, MS, Consequence, Snapshot
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.theme import Palette, mix, style
from wirestep.ui.widgets.drawn import Drawn, rule
from wirestep.ui.widgets.glance import wrapped

KEYS = {
    "deliver": (".", "deliver"),
    "drop": ("x", "drop"),
    "delay": ("d", "delay"),
    "duplicate": ("u", "duplicate"),
    "corrupt": ("c", "corrupt a bit"),
    "edit": ("e", "edit bytes"),
}
"""By action: its key, and what the key does."""
GRID = (("deliver", "delay", "corrupt"), ("drop", "duplicate", "edit"))
PAST = {
    "deliver": "delivered",
    "drop": "dropped",
    "delay": "delayed",
    "duplicate": "duplicated",
    "corrupt": "corrupted",
    "edit": "edited",
}


WORDS = re.compile(r"\s*\S+\s*")


class HeldView(Drawn, can_focus=False):
    """Actions in two lines, or in one where there is little room, and the consequence."""

    class Highlighted(Notice):
        """Another action is pointed at."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    class Chosen(Notice):
        """An action was clicked on twice."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self) -> None:
        super().__init__(id="held")
        self.snapshot: Snapshot | None = None
        self.chosen = "drop"
        self._hits: list[tuple[int, int, int, str]] = []
        """(line, start, stop, action)."""

    def show(self, snapshot: Snapshot) -> None:
        """Another moment."""
        self.snapshot = snapshot
        self.changed()

    def choose(self, by: int) -> None:
        """Points at the next action."""
        self.chosen = ACTIONS[(ACTIONS.index(self.chosen) + by) % len(ACTIONS)]
        self.changed()
        self.post_message(self.Highlighted(self.chosen))

    @property
    def title(self) -> str:
        """What the packet is."""
        hand = self.snapshot.hand if self.snapshot else None
        return "Held" if hand is None else f"Held  #{hand.number + 1} {hand.label}"

    @property
    def flown(self) -> str:
        """How far it has come."""
        shown = self.snapshot
        hand = shown.hand if shown else None
        if shown is None or hand is None:
            return ""
        now = shown.now if hand.stopped is None else hand.stopped
        whole = hand.lands - hand.left
        if hand.never:
            return f"{hand.fate}: it does not arrive"
        if now >= hand.lands:
            return f"landed {milliseconds(hand.lands, 0)} ms"
        text = f"{_short(now - hand.left)} of {_short(whole)} ms flown"
        parts = (f"sent after {hand.why}" if hand.why else "", hand.fate, text)
        return " · ".join(part for part in parts if part)

    def lay(self, width: int, height: int, look: Palette) -> tuple[Sequence[Line], Sequence[Line]]:
        """Actions and the consequence of the one that is pointed at."""
        self._hits = []
        shown = self.snapshot
        if shown is None:
            return (), ()
        if shown.hand is None:
            return (), _empty(shown, width, look)
        narrow = height < 5
        lines = self._row(width, look) if narrow else self._grid(width, look)
        if not narrow:
            lines.append(rule(width, look))
        lines += self._consequence(width, max(1, height - len(lines)), look)
        return (), lines

    def _grid(self, width: int, look: Palette) -> list[Line]:
        lines = [Line(width, style(look.fg, look.bg))]
        each = max(18, (width - 4) // 3)
        for row, actions in enumerate(GRID, 1):
            out = Line(width, style(look.fg, look.bg))
            for column, action in enumerate(actions):
                start = 2 + column * each
                stop = min(width - 1, start + each - 2)
                self._hits.append((row, start, stop, action))
                self._action(out, action, start, stop, look)
            lines.append(out)
        return lines

    def _action(self, out: Line, action: str, start: int, stop: int, look: Palette) -> None:
        key, text = KEYS[action]
        if action == "delay" and self.snapshot is not None:
            text = f"{text} +{_short(2 * self.snapshot.way)} ms"
        lit = action == self.chosen
        back = look.sel if lit else look.bg
        cap = look.bad if lit else mix(look.bg, look.warn, 0.22) if look.tint else look.bg
        ink = look.bg if lit else look.warn
        if lit:
            out.fill(start, stop, " ", style(look.fg, back))
        at = out.put(start, f" {key} ", style(ink, cap, bold=lit))
        out.put(at + 1, fit(text, stop - at - 1), style(look.fg, back, bold=lit))

    def _row(self, width: int, look: Palette) -> list[Line]:
        out = Line(width, style(look.fg, look.bg))
        at = 1
        for action in ACTIONS:
            key, text = KEYS[action]
            text = text.split()[0]
            stop = at + width_of(key) + width_of(text) + 4
            self._hits.append((0, at, stop, action))
            lit = action == self.chosen
            back = look.sel if lit else look.bg
            cap = look.bad if lit else mix(look.bg, look.warn, 0.22) if look.tint else look.bg
            after = out.put(at, f" {key} ", style(look.bg if lit else look.warn, cap, bold=lit))
            out.put(after, f" {text} ", style(look.fg, back, bold=lit))
            at = stop + 1
        return [out]

    def _consequence(self, width: int, room: int, look: Palette) -> list[Line]:
        assert self.snapshot is not None
        hand = self.snapshot.hand
        if hand is not None and hand.never:
            out = Line(width, style(look.fg, look.bg))
            at = out.put(1, f"{hand.fate} ", style(look.bad, look.bg, bold=True))
            hint = "it does not arrive; . goes on" + (
                ", backspace takes it back" if self.snapshot.undoable else ""
            )
            out.put(at, fit(hint, width - at - 1), style(look.dim, look.bg))
            return [out]
        front = f"if {PAST[self.chosen]} "
        ink = look.bad if self.chosen == "drop" else look.warn
        told = self.snapshot.consequences.get(self.chosen)
        out = Line(width, style(look.fg, look.bg))
        at = out.put(1, front, style(ink, look.bg, bold=True))
        if self.chosen == "edit":
            told = Consequence("edit", "", (("e asks for the bytes", False),))
        if told is None:
            out.put(at, "…", style(look.dim, look.bg))
            return [out]
        lines = [out]
        for text, weighty in told.parts:
            shade = style(look.fg if weighty else look.dim, look.bg, bold=weighty)
            for word in WORDS.findall(text):
                if at + width_of(word.rstrip()) > width - 1 and len(lines) < room:
                    out = Line(width, style(look.fg, look.bg))
                    lines.append(out)
                    at, word = 3, word.lstrip()
                at = out.put(at, fit(word, max(0, width - 1 - at)), shade)
        return lines

    def on_click(self, event: events.Click) -> None:
        """Points at an action; a second click does it."""
        for line, start, stop, action in self._hits:
            if event.y == line and start <= event.x < stop:
                if action == self.chosen and event.chain == 2:
                    self.post_message(self.Chosen(action))
                    return
                self.chosen = action
                self.changed()
                self.post_message(self.Highlighted(action))
                return


def _short(ns: int) -> str:
    digits = 0 if ns >= 10 * MS or not ns else 3
    text = milliseconds(ns, digits)
    return text.rstrip("0").rstrip(".") if digits else text


def _empty(shown: Snapshot, width: int, look: Palette) -> list[Line]:
    """What to say where no packet is under the hand."""
    outcome = shown.outcome
    if outcome.over and shown.newest:
        bad = outcome.error or outcome.reason
        text = bad or "the client has what it wanted, and nothing is under way"
        ink = style(look.bad if bad else look.good, look.bg, bold=True)
        hints = "[ goes back: at any packet, another choice begins a branch · w saves · Enter opens"
    elif shown.running:
        text, ink = "the wire runs", style(look.good, look.bg, bold=True)
        hints = "space pauses, and takes a packet into the hand · { slower · } faster"
    else:
        text, ink = "no packet is half way just now", style(look.fg, look.bg)
        hints = ". lets the next packet come half way · space runs on · b runs until an event"
    lines = [Line(width, style(look.fg, look.bg))]
    for part in wrapped(text, width - 3)[:2]:
        lines.append(Line(width, style(look.fg, look.bg)))
        lines[-1].put(2, part, ink)
    for part in wrapped(hints, width - 3)[:2]:
        lines.append(Line(width, style(look.fg, look.bg)))
        lines[-1].put(2, part, style(look.dim, look.bg))
    return lines
