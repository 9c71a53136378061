"""The waterfall: a line for each request, what its time went to, and who waited behind a loss."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.session.falling import RowView as Row
from wirestep.session.falling import Waterfall
from wirestep.timeline.waterfall import Part
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.theme import Palette, badge_hue, mix, style
from wirestep.ui.widgets.bill_view import rounded
from wirestep.ui.widgets.rows import Rows
from wirestep.ui.widgets.spans import cells_of

STREAM, BLOCKED, TOTAL = 5, 9, 9
"""Cells of the columns."""
TICK = 13
"""Cells between two times of the scale, about."""
HELD, BEFORE = "held", "blocked"
"""Kinds of part that are drawn in their own way."""
WAITING, COMING = "waiting", "receiving"
ANSWERED = ("sent", WAITING, COMING)
"""Kinds that have the hue of the request."""
TINT = 0.22


class WaterfallView(Rows):
    """A row for each request."""

    HEAD = 1

    class Chosen(Notice):
        """Another request is under the cursor."""

    class Entered(Notice):
        """The user wants the packets of a request; `record` is the first of them."""

        def __init__(self, record: int) -> None:
            super().__init__()
            self.record = record

    def __init__(self) -> None:
        super().__init__(id="waterfall")
        self.fall: Waterfall | None = None
        self.empty = "reading…"

    def set(self, fall: Waterfall | None) -> None:
        """What to show now."""
        self.fall = fall
        self.empty = "reading…" if fall is None else "no requests"
        self.changed()
        self.show(max(0, min(self.cursor, self.count() - 1)) if self.count() else -1)

    @property
    def requests(self) -> Sequence[Row]:
        """The rows."""
        return () if self.fall is None else self.fall.rows

    @property
    def request(self) -> Row | None:
        """What is under the cursor."""
        return self.requests[self.cursor] if 0 <= self.cursor < self.count() else None

    def count(self) -> int:
        """Requests."""
        return len(self.requests)

    def draw_empty(self) -> str:
        """Why there are none."""
        return self.empty

    def chosen(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Chosen())

    def entered(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Entered(self.requests[row].records[0]))

    # drawing

    def _columns(self, width: int) -> tuple[int, int, int]:
        """Where the bars begin and end, and where the blocked time ends."""
        name = max(10, min(36, width * 16 // 100))
        stop = width - TOTAL - BLOCKED - 1
        return STREAM + name, stop, width - TOTAL - 1

    def _whole(self) -> int:
        return max(1, self.fall.total if self.fall is not None else 1)

    def _ticks(self, width: int) -> list[tuple[int, int]]:
        """(cell, ns) of the times of the scale."""
        start, stop, _ = self._columns(width)
        room, whole = stop - start, self._whole()
        count = max(1, room // TICK)
        every = _nice(whole / count)
        return [(start + round(room * time / whole), time) for time in range(0, whole + 1, every)]

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The scale."""
        ink = style(look.dim, look.panel, bold=True)
        out = Line(width, ink)
        _, stop, blocked = self._columns(width)
        out.put(1, "request", ink)
        for at, time in self._ticks(width):
            text = rounded(time)
            if at + len(text) <= stop:
                out.put(at, text, style(look.dim, look.panel))
        out.right(blocked, "blocked", ink)
        out.right(width - 1, "total ms", ink)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One request."""
        request = self.requests[row]
        back = look.sel if selected else look.bg
        out = Line(width, style(look.fg, back))
        start, stop, blocked = self._columns(width)
        for at, _ in self._ticks(width):
            out.put(at, "┊", style(look.faint, back))
        hue = look.hue(request.hue)
        out.put(0, "▌" if selected else " ", style(hue, back, bold=True))
        if request.stream is not None:
            out.right(STREAM - 1, str(request.stream), style(look.dim, back))
        bad = request.status.startswith(("4", "5")) or not request.status
        ink = look.bad if bad else look.selfg if selected else look.fg
        out.put(STREAM, fit(request.name, start - STREAM - 1), style(ink, back, bold=selected))
        for part in request.parts:
            self._part(out, request, part, (start, stop), look, back)
        late = request.blocked > 0
        text = rounded(request.blocked) if late else "·"
        out.right(blocked, text, style(look.warn if late else look.dim, back, bold=late))
        out.right(width - 1, rounded(request.total), style(look.fg, back))
        return out.strip()

    def draw_rest(self, line: int, width: int, look: Palette) -> Strip:
        """The scale goes on below."""
        out = Line(width, style(look.fg, look.bg))
        for at, _ in self._ticks(width) if self.count() else ():
            out.put(at, "┊", style(look.faint, look.bg))
        return out.strip()

    def _part(
        self,
        out: Line,
        request: Row,
        part: Part,
        span: tuple[int, int],
        look: Palette,
        back: str,
    ) -> None:
        start, stop = span
        edges = cells_of(part.start, part.length, self._whole(), stop - start)
        low, high = (start + round(edge) for edge in edges)
        hue = part_colour(request, part, look)
        if part.kind == BEFORE:
            out.fill(low, high, "─", style(look.faint, back))
        elif part.kind == HELD:
            ink = style(look.warn, mix(back, look.warn, TINT) if look.tint else back)
            out.fill(low, max(low + 1, high), "╱", ink)
        elif low == high:
            out.put(min(low, stop - 1), "▏", style(hue, back))
        elif part.kind == COMING:
            out.fill(low, high, "█", style(mix(back, hue, 0.6) if look.tint else hue, back))
        else:
            out.fill(low, high, "█", style(hue, back))
            text = request.method if part.kind == WAITING else part_name(part)
            if high - low >= width_of(text) + 2:
                at = low + (high - low - width_of(text)) // 2
                out.put(at, text, style(look.bg, hue, bold=True))


def part_colour(request: Row, part: Part, look: Palette) -> str:
    """The colour of a part: of the request, or of what prepared it."""
    if part.kind in ANSWERED:
        return look.hue(request.hue)
    name = badge_hue(part.kind.upper())
    return look.hue("blue" if name == "grey" else name)


def part_name(part: Part) -> str:
    """As the bar says it."""
    return part.kind.upper() if len(part.kind) <= 3 else part.kind


def _nice(value: float) -> int:
    """The next of 1, 2, 5, 10 ... at or above, ns; at least a microsecond."""
    size = 1000
    while True:
        for factor in (1, 2, 5):
            if size * factor >= value:
                return size * factor
        size *= 10
