"""Lines of fine dots: two beside and four below each other in every cell."""

from __future__ import annotations

from wirestep.ui.canvas import Line
from wirestep.ui.theme import style

DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
EMPTY = 0x2800


class Dots:
    """A field of cells to draw lines in; of a cell's colours the most urgent wins."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._bits: dict[tuple[int, int], int] = {}
        self._inks: dict[tuple[int, int], tuple[int, str]] = {}

    def dot(self, x: int, y: int, ink: str, rank: int) -> None:
        """One dot; x counts half cells, y quarters."""
        cell = x >> 1, y >> 2
        if not (0 <= cell[0] < self.columns and 0 <= cell[1] < self.rows):
            return
        self._bits[cell] = self._bits.get(cell, 0) | DOTS[x & 1][y & 3]
        if cell not in self._inks or self._inks[cell][0] < rank:
            self._inks[cell] = rank, ink

    def line(
        self, start: tuple[float, float], stop: tuple[float, float], ink: str, rank: int
    ) -> None:
        """A straight line between two points in dots."""
        (x0, y0), (x1, y1) = start, stop
        steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0))))
        for step in range(steps + 1):
            share = step / steps
            self.dot(round(x0 + (x1 - x0) * share), round(y0 + (y1 - y0) * share), ink, rank)

    def put(self, out: Line, at: int, row: int, back: str) -> None:
        """Draws one row of cells from cell `at` of a line on."""
        for column in range(self.columns):
            bits = self._bits.get((column, row))
            if bits:
                out.put(at + column, chr(EMPTY + bits), style(self._inks[column, row][1], back))
