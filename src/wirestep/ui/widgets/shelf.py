"""The lists of the home screen: bundled captures with badges, and files opened before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.session.lab_views import Shelved
from wirestep.session.views import Bundled, Recent
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, number, width_of
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.rows import Rows


class Shelf(Rows):
    """Two lines a capture: its name and numbers, its title and its protocols."""

    HEAD = 1

    class Chosen(Notice):
        """The user moved to a capture."""

        def __init__(self, entry: Bundled) -> None:
            super().__init__()
            self.entry = entry

    class Entered(Notice):
        """The user wants a capture opened."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def __init__(self, entries: Sequence[Bundled], hue: Callable[[str], str]) -> None:
        super().__init__(id="shelf")
        self.all = list(entries)
        self.entries = self.all
        self.hue = hue
        """The hue of a protocol, by what its badge says."""

    def count(self) -> int:
        """Two lines each."""
        return 2 * len(self.entries)

    def draw_empty(self) -> str:
        """Why there are none."""
        return "nothing has these words" if self.all else "no captures came with this installation"

    def narrow(self, text: str) -> int:
        """Shows only those that have the words; how many."""
        words = text.lower().split()
        self.entries = [e for e in self.all if all(word in _said(e) for word in words)]
        self.cursor = -1
        self.changed()
        if self.entries:
            self.go(0)
        return len(self.entries)

    def entry(self) -> Bundled | None:
        """The capture under the cursor."""
        return self.entries[self.cursor // 2] if 0 <= self.cursor < self.count() else None

    def go(self, row: int) -> None:
        """The cursor is always on the first line of a capture."""
        if not self.entries:
            return
        row = max(0, min(len(self.entries) - 1, row // 2)) * 2
        if row != self.cursor:
            # Both lines must be seen and drawn again.
            self.show(row + 1)
            self.show(row)
            self.drawn.clear()
            self.refresh()
            self.chosen(row)

    def action_move(self, by: int) -> None:
        """By captures."""
        self.go(max(0, self.cursor) + 2 * by)

    def action_edge(self, end: bool) -> None:
        """To the first or the last."""
        self.go(self.count() - 1 if end else 0)

    def chosen(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Chosen(self.entries[row // 2]))

    def entered(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Entered(self.entries[row // 2].path))

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The titles."""
        ink = style(look.dim, look.panel, bold=True)
        out = Line(width, ink)
        out.put(2, "bundled", ink)
        out.right(width - 7, "pkts", ink)
        out.right(width - 1, "RTT", ink)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """The first or the second line of a capture."""
        entry = self.entries[row // 2]
        chosen = row // 2 == self.cursor // 2 and self.cursor >= 0
        back = look.sel if chosen else look.bg
        out = Line(width, style(look.fg, back))
        first_hue = self.hue(entry.protocols[-1]) if entry.protocols else ""
        out.put(0, "▌" if chosen else " ", style(look.hue(first_hue), back))
        if row % 2 == 0:
            out.put(
                2,
                fit(entry.name, width - 16),
                style(look.selfg if chosen else look.fg, back, bold=True),
            )
            out.right(width - 7, number(entry.packets), style(look.dim, back))
            trips = str(entry.round_trips) if entry.round_trips else "·"
            out.right(width - 1, trips, style(look.fg, back, bold=True))
            return out.strip()
        at = width - 1
        for place, name in enumerate(reversed(entry.protocols[-4:])):
            size = width_of(name) + 2
            hue = self.hue(name)
            # The title matters more than the lower layers.
            if place > 1 and at - size < width_of(entry.title) + 4:
                break
            at -= size
            ink = style(look.hue(hue), look.badge(hue, back))
            out.put(at, f" {name} ", ink)
            at -= 1
        out.put(2, fit(entry.title, at - 3), style(look.selfg if chosen else look.dim, back))
        return out.strip()

    def on_click(self, event: events.Click) -> None:
        """Rows counts lines; here two belong together."""


def _said(entry: Bundled) -> str:
    return " ".join((entry.name, entry.title, entry.about, *entry.protocols)).lower()


def ago(since: int) -> str:
    """Seconds as people say it: "3 d"."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if since >= size:
            return f"{since // size} {unit}"
    return "now"


class Scenarios(Rows):
    """The lab's scenarios: a line each."""

    HEAD = 1

    class Chosen(Notice):
        """The user moved to a scenario."""

        def __init__(self, entry: Shelved) -> None:
            super().__init__()
            self.entry = entry

    class Entered(Notice):
        """The user wants a scenario staged."""

        def __init__(self, entry: Shelved) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, hue: Callable[[str], str]) -> None:
        super().__init__(id="scenarios")
        self.all: list[Shelved] = []
        self.entries: list[Shelved] = []
        self.hue = hue
        self.said = "…"
        """What to say where there are none."""

    def take(self, entries: Sequence[Shelved], said: str) -> None:
        """The scenarios are there."""
        self.all = self.entries = list(entries)
        self.said = said
        self.changed()

    def count(self) -> int:
        """A line each."""
        return len(self.entries)

    def draw_empty(self) -> str:
        """Why there are none."""
        return "nothing has these words" if self.all else self.said

    def narrow(self, text: str) -> int:
        """Shows only those that have the words; how many."""
        words = text.lower().split()
        self.entries = [e for e in self.all if all(word in _told(e) for word in words)]
        self.cursor = -1
        self.changed()
        return len(self.entries)

    def entry(self) -> Shelved | None:
        """The scenario under the cursor."""
        return self.entries[self.cursor] if 0 <= self.cursor < self.count() else None

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The titles."""
        ink = style(look.dim, look.panel, bold=True)
        out = Line(width, ink)
        out.put(2, "scenario", ink)
        out.right(width - 1, "RTT", ink)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One scenario."""
        entry = self.entries[row]
        lit = selected and self.has_focus
        back = look.sel if lit else look.bg
        out = Line(width, style(look.fg, back))
        hue = look.hue(self.hue(entry.stack[-1])) if entry.stack else look.dim
        out.put(0, "▌" if lit else "▏", style(hue, back))
        out.put(
            2, fit(entry.title, width - 8), style(look.selfg if lit else look.fg, back, bold=lit)
        )
        out.right(width - 1, milliseconds(entry.rtt, 0), style(look.dim, back))
        return out.strip()

    def lasting(self, row: int) -> bool:
        """The focus changes how a row looks."""
        return False

    def chosen(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Chosen(self.entries[row]))

    def entered(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Entered(self.entries[row]))


def _told(entry: Shelved) -> str:
    return " ".join((entry.name, entry.title, entry.about, *entry.stack)).lower()


class Recents(Rows):
    """Files opened before, the newest first."""

    HEAD = 1

    class Entered(Notice):
        """The user wants a file opened."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def __init__(self, entries: Sequence[Recent], now: int) -> None:
        super().__init__(id="recents")
        self.entries = list(entries)
        self.now = now

    def count(self) -> int:
        """Files."""
        return len(self.entries)

    def draw_empty(self) -> str:
        """What to do instead."""
        return "no files yet: o opens one"

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The titles."""
        ink = style(look.dim, look.panel, bold=True)
        out = Line(width, ink)
        out.put(2, "file", ink)
        out.right(width - 8, "pkts", ink)
        out.right(width - 1, "ago", ink)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One file; of a long path the end is shown."""
        entry = self.entries[row]
        lit = selected and self.has_focus
        back = look.sel if lit else look.bg
        out = Line(width, style(look.fg, back))
        out.put(0, "▌" if lit else " ", style(look.acc, back))
        room = width - 18
        path = entry.path if len(entry.path) <= room else "…" + entry.path[1 - room :]
        out.put(2, path, style(look.selfg if lit else look.fg, back, bold=lit))
        out.right(width - 8, number(entry.packets), style(look.dim, back))
        out.right(width - 1, ago(self.now - entry.opened), style(look.dim, back))
        return out.strip()

    def lasting(self, row: int) -> bool:
        """The focus changes how a row looks."""
        return False

    def entered(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Entered(self.entries[row].path))
