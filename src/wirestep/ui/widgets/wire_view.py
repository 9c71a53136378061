"""The ladder of the lab: packets between lifelines, drawn up to where they are."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from textual.message import Message as Notice

from wirestep.session.lab_views import MS, Snapshot
from wirestep.timeline.scale import Axis
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.keys import bindings
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.drawn import Drawn
from wirestep.ui.widgets.wire_draw import GUTTER, Picture, draw_names
from wirestep.ui.widgets.wire_rows import draw_row

PRESENT = 0.72
"""How far down the present stands where the ladder is longer than the widget."""
FAR = 1 << 30
ROOM = 4
"""Rows below the present in which what is under way can be seen to land."""


class WireView(Drawn):
    """In time, or a line for each packet."""

    BINDINGS = bindings("wire")

    class Moved(Notice):
        """The user goes to another moment of the record."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    def __init__(self) -> None:
        super().__init__(id="wire")
        self.snapshot: Snapshot | None = None
        self.in_time = True
        self.zoom = 0
        """Doublings (or halvings) of the usual scale."""
        self._follow = True

    def show(self, snapshot: Snapshot) -> None:
        """Another moment, or another run."""
        before = self.snapshot
        if before is not None and (snapshot.branch, snapshot.now) != (before.branch, before.now):
            self._follow = True
        self.snapshot = snapshot
        self.changed()

    @property
    def scale(self) -> int:
        """Ns of a row."""
        base = self.snapshot.pace if self.snapshot else MS
        return max(1, round(base * 2.0**-self.zoom))

    def lay(self, width: int, height: int, look: Palette) -> tuple[Sequence[Line], Sequence[Line]]:
        """The names, then what fits."""
        shown = self.snapshot
        if shown is None or width < GUTTER + 8:
            return (), ()
        room = max(1, height - 2 if shown.timers else height - 1)
        body = self._in_time(shown, (width, room), look)
        head = [draw_names(shown, width, look, self._unit())]
        if shown.timers and height > 4:
            body.append(draw_due(shown, width, look))
        if not shown.passages:
            say(body, width, look, "nothing has left yet: . lets the first packet go")
        return head, body

    def _unit(self) -> str:
        if not self.in_time:
            return "left ms"
        if self.scale >= MS:
            return f"{self.scale / MS:.3g}ms/row"
        return f"{self.scale / 1000:.3g}µs/row"

    def _in_time(self, shown: Snapshot, size: tuple[int, int], look: Palette) -> list[Line]:
        """What stands between the names and the timers; only these lines are ever drawn."""
        _, room = size
        if not self.in_time:
            return self._in_rows(shown, size, look)
        axis = Axis(shown.passages, shown.now, self.scale)
        present = axis.row(shown.now)
        self._place(present, axis.end + 2, room)
        return Picture(shown, axis, self._first, size, look).draw()

    def _in_rows(self, shown: Snapshot, size: tuple[int, int], look: Palette) -> list[Line]:
        width, room = size
        at = shown.held if shown.held is not None else max(0, shown.count - 1)
        self._place(at, len(shown.passages), room)
        part = shown.passages[self._first : self._first + room]
        lines = [draw_row(shown, passage, width, look) for passage in part]
        blank = [Line(width, style(look.fg, look.bg)) for _ in range(room - len(lines))]
        return lines + blank

    _first = 0
    """The row of the ladder on the first line."""

    def _place(self, present: float, end: float, room: int) -> None:
        """Scrolls so that the present can be seen, unless the user has scrolled away."""
        if self._follow:
            if end <= room:
                self._first = 0
            elif not self._first <= present < self._first + room - min(ROOM, room // 3):
                self._first = floor(present - room * PRESENT)
        self._first = max(0, min(self._first, max(0, floor(end) - room // 2)))

    def scroll_by(self, lines: int) -> None:
        """Looks elsewhere, until the next step."""
        self._follow = False
        self._first = max(0, self._first + lines)
        self.changed()

    # keys

    def action_move(self, by: int) -> None:
        """Through the record."""
        self.post_message(self.Moved(by))

    def action_edge(self, by: int) -> None:
        """To the begin of the record, or to the present."""
        self.post_message(self.Moved(by * FAR))

    def action_page(self, by: int) -> None:
        """Scrolls by a page."""
        self.scroll_by(by * max(1, self.size.height - 4))

    def action_zoom(self, by: int) -> None:
        """More or fewer rows for the same time."""
        if by and self.in_time:
            self.zoom = max(-8, min(12, self.zoom + by))
            self._follow = True
            self.changed()

    def action_form(self) -> None:
        """In time, or a line for each packet."""
        self.in_time = not self.in_time
        self._follow = True
        self.changed()


def draw_due(shown: Snapshot, width: int, look: Palette) -> Line:
    """What will happen next if nothing lands before: the timers, the soonest first."""
    out = Line(width, style(look.fg, look.bg))
    at = GUTTER + 4
    for timer in sorted(shown.timers, key=lambda timer: timer.due)[:4]:
        name = shown.hosts[timer.host].name if timer.host < len(shown.hosts) else ""
        text = f"▾ {name} {timer.name} {milliseconds(timer.due, 0)}"
        if at + width_of(text) > width - 1:
            break
        at = 3 + out.put(at, fit(text, width - at - 1), style(look.dim, look.bg))
    return out


def say(lines: list[Line], width: int, look: Palette, text: str) -> None:
    """A sentence in the middle."""
    if len(lines) > 3:
        text = fit(text, width - GUTTER - 2)
        at = GUTTER + (width - GUTTER - width_of(text)) // 2
        lines[len(lines) // 2].put(at, text, style(look.dim, look.bg, italic=True))
