"""What a ladder in time is drawn on: lines that know which cells and labels are taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor

from wirestep.timeline.scale import SILENCE, Axis, Scale, nice
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.ladder_draw import rounded
from wirestep.ui.widgets.ladder_paths import Cell, way_of

MS = 1_000_000
TICK_ROWS = 3
"""Rows between two times at the left, at least."""
PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)
"""Where along an arrow its label may stand, the best first."""
BESIDE = 24
"""Letters of a label that stands beside its arrow."""

Written = Callable[[int, int], str]
"""A time (ns) with so many decimals of a millisecond, for the column at the left."""


def in_milliseconds(time: int, digits: int) -> str:
    """As the usual clock shows it."""
    return milliseconds(time, digits)


class Sheet:
    """Rows [top, top + height) of a ladder in time."""

    def __init__(
        self,
        axis: Axis,
        top: int,
        size: tuple[int, int],
        look: Palette,
        columns: tuple[Sequence[int], int],
    ) -> None:
        """`size`: (width, height). `columns`: the cells of the lifelines, and of the times."""
        self.axis, self.top, self.look = axis, top, look
        self.width, self.height = size
        self.cells, self.gutter = columns
        self.lines = [Line(self.width, style(look.fg, look.bg)) for _ in range(self.height)]
        self.taken: list[list[tuple[int, int]]] = [[] for _ in range(self.height)]
        """By line: [start, stop) of the labels."""
        self.owner: list[dict[int, int]] = [{} for _ in range(self.height)]
        """By line: the arrow that a cell belongs to."""

    def line(self, row: int) -> Line | None:
        """The line of a row, where it is on the sheet."""
        at = row - self.top
        return self.lines[at] if 0 <= at < self.height else None

    def own(self, at: int, cell: Cell) -> None:
        """A cell belongs to arrow `at`."""
        self.owner[cell.row - self.top][cell.column] = at

    def silences(self, words: str) -> None:
        """A dotted line where nothing was under way, that says how long: "12 ms idle"."""
        ink = style(self.look.dim, self.look.bg, italic=True)
        for silence in self.axis.silences:
            line = self.line(floor(silence.row) + SILENCE // 2)
            if line is None or not self.cells:
                continue
            for lane, cell in enumerate(self.cells[:-1]):
                line.fill(cell + 1, self.cells[lane + 1], "┈", style(self.look.faint, self.look.bg))
            span = silence.stop - silence.start
            text = f" {milliseconds(span, 0 if span >= 10 * MS else 2)} ms {words} "
            middle = (self.cells[0] + self.cells[-1]) // 2
            line.put(middle - width_of(text) // 2, text, ink)

    def ticks(self, zero: int = 0, written: Written = in_milliseconds) -> None:
        """Round times at the left, as many as there is room for; `zero` counts as 0."""
        every = nice(self.axis.scale * TICK_ROWS)
        while every < self.axis.scale * TICK_ROWS:
            every = nice(every * 2 + every // 2)
        ink, mark = style(self.look.dim, self.look.bg), style(self.look.faint, self.look.bg)
        free = -1
        for at, line in enumerate(self.lines):
            start = self.axis.time(self.top + at) - zero
            stop = self.axis.time(self.top + at + 1) - zero
            time = -(-start // every) * every
            if not start <= time < stop or time < 0 or at <= free:
                continue
            free = at + TICK_ROWS - 2
            text = written(time, 0 if every >= MS else 3)
            line.right(self.gutter - 3, rounded(text, self.gutter - 4), ink)
            line.put(self.gutter - 2, "┼", mark)

    # where labels stand

    def beside(
        self, at: int, cells: Sequence[Cell], front: str, text: str
    ) -> tuple[int, int, str] | None:
        """(row, column, text) for a label: on its arrow, or beside it where that is too short."""
        room = abs(cells[-1].column - cells[0].column) - 3 - width_of(front) if cells else 0
        short = fit(text, max(room, 4))
        if short != text and len(self.cells) > 2 and cells:
            whole = fit(text, BESIDE)
            size = width_of(front) + width_of(whole) + 2
            middle = cells[len(cells) // 2].row
            ends = sorted((cells[0].column, cells[-1].column))
            for start in (ends[1] + 2, ends[0] - 1 - size):
                inside = start >= self.gutter and start + size <= self.width
                line = middle - self.top
                stop = start + size
                if inside and 0 <= line < self.height and self.clear(line, start, stop):
                    return middle, start, whole
        spot = self._spot(at, cells, width_of(front) + width_of(short) + 2)
        return None if spot is None else (*spot, short)

    def _spot(self, at: int, cells: Sequence[Cell], size: int) -> tuple[int, int] | None:
        """(row, column) for a label on an arrow: on its own cells or on empty ones."""
        for strict in (True, False):
            for share in PLACES:
                cell = cells[min(len(cells) - 1, way_of(cells, share))] if cells else None
                if cell is None or not 0 <= cell.row - self.top < self.height:
                    continue
                low = min(cells[0].column, cells[-1].column) + 1
                high = max(cells[0].column, cells[-1].column)
                start = max(low, min(cell.column - size // 2, high - size))
                start = max(self.gutter, min(start, self.width - size))
                if self.free(cell.row - self.top, start, start + size, at, strict=strict):
                    return cell.row, start
        return None

    def free(self, line: int, start: int, stop: int, at: int, *, strict: bool) -> bool:
        """Whether no label stands there; `strict`: and no arrow but `at`."""
        if any(start < end and begin < stop for begin, end in self.taken[line]):
            return False
        if not strict:
            return True
        owner = self.owner[line]
        return all(owner.get(column, at) == at for column in range(start, stop))

    def clear(self, line: int, start: int, stop: int) -> bool:
        """Whether no arrow and no label stands there."""
        return self.free(line, start, stop, -1, strict=True)


def legend(scale: Scale, dense: bool, width: int, look: Palette) -> Line:
    """What the arrows of a ladder in time stand on."""
    out = Line(width, style(look.dim, look.panel))
    if scale.known:
        text = "─ exact: departure and arrival are both known"
    elif scale.trips:
        least = [trip / 1e6 for _, _, trip in scale.trips]
        known = f"{min(least):.3g} ms"
        if f"{max(least):.3g}" != f"{min(least):.3g}":
            known = f"{min(least):.3g} to {max(least):.3g} ms"
        text = f"╌ estimate: each way takes half of the RTT, {known}"
    else:
        text = "no RTT is known: arrows lie flat"
    if dense:
        text = "━ bars count the arrows of a row; + zooms in · " + text
    out.put(1, fit(text, width - 2), style(look.dim, look.panel, italic=True))
    return out
