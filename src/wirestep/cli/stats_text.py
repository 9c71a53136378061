"""Statistics as text: tables, bars, plots; colour only where a terminal wants it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wirestep.capture.arrays import Array
from wirestep.model import safe
from wirestep.timeline.statistics.plot import bar, bars, scale, spread
from wirestep.timeline.statistics.tables import Table, titled, written

CODES = {
    "title": "1",
    "head": "2",
    "dim": "2",
    "plot": "34",
    "error": "1;31",
    "warn": "33",
    "note": "36",
    "chat": "2",
}
AXIS = 11
"""Cells of what stands left of a plot."""


@dataclass(frozen=True, slots=True)
class Pen:
    """How to write: which characters, which colours, how wide."""

    width: int
    ascii: bool = False
    colour: bool = False

    def ink(self, text: str, code: str) -> str:
        """`text` in one of CODES, where there is colour."""
        return f"\x1b[{CODES[code]}m{text}\x1b[0m" if self.colour and text and code else text

    def letters(self, text: str) -> str:
        """`text` in the characters that there are."""
        if not self.ascii or text.isascii():
            return text
        return text.replace("→", ">").replace("·", "-").encode("ascii", "replace").decode()


def pen_of(width: int | None, *, ascii_only: bool, unicode: bool) -> Pen:
    """The pen for standard output; NO_COLOR and a dumb terminal mean what they say."""
    if width is None:
        try:
            width = os.get_terminal_size(sys.stdout.fileno()).columns
        except (OSError, ValueError):
            width = int(os.environ.get("COLUMNS", "100") or 100)
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    colour = colour and os.environ.get("TERM", "") != "dumb"
    return Pen(max(40, width), ascii_only or not unicode, colour)


def table_lines(
    table: Table,
    pen: Pen,
    rows: Sequence[int],
    *,
    keys: Sequence[str] = (),
    hues: Sequence[str] = (),
) -> Iterator[str]:
    """The rows as aligned columns; of some columns only, where `keys` are given."""
    columns = [c for c in table.columns if not keys or c.key in keys]
    cells = [[written(c.kind, c.at(row)) for c in columns] for row in rows]
    for line, row in zip(cells, rows, strict=True):
        line[0] = "  " * table.depth(row) + line[0]
    safe_cells = [[pen.letters(safe(cell)) for cell in line] for line in cells]
    heads = [pen.letters(column.title) for column in columns]
    sizes = [max(map(len, column)) for column in zip(heads, *safe_cells, strict=True)]

    def joined(line: Sequence[str]) -> str:
        return "  ".join(
            text.rjust(size) if column.right else text.ljust(size)
            for text, size, column in zip(line, sizes, columns, strict=True)
        ).rstrip()

    yield pen.ink(joined(heads), "head")
    for at, line in enumerate(safe_cells):
        yield pen.ink(joined(line), hues[at] if hues else "")


def plot_lines(
    values: Array, pen: Pen, height: int, unit: str, span: tuple[float, float]
) -> Iterator[str]:
    """A plot of columns with its axes; `span` is (first, last) in seconds."""
    width = max(10, pen.width - AXIS - 1)
    shown = spread(values, width, "max")
    axis = scale(float(shown.max(initial=0.0)), max(1, height // 3))
    marks = {round(mark / axis.top * (height - 1)): titled(mark, unit) for mark in axis.marks}
    tick, stem, corner, line = ("|", "|", "+", "-") if pen.ascii else ("┤", "│", "└", "─")
    drawn = bars(shown.tolist(), height, axis.top, ascii_only=pen.ascii)
    for at, text in enumerate(drawn):
        label = marks.get(height - 1 - at, "")
        left = f"{label:>{AXIS - 1}}{tick if label else stem}"
        yield pen.ink(left, "dim") + pen.ink(text.rstrip(), "plot")
    yield pen.ink(" " * (AXIS - 1) + corner + line * width, "dim")
    ends = [f"{place:.4g} s" for place in (span[0], (span[0] + span[1]) / 2, span[1])]
    half = width // 2
    first = ends[0].ljust(half - len(ends[1]) // 2) + ends[1]
    yield pen.ink(" " * AXIS + first + ends[2].rjust(width - len(first)), "dim")


def bar_lines(
    rows: Sequence[tuple[str, str, float]], pen: Pen, top: float, room: int
) -> Iterator[str]:
    """Bars that lie: (name, what is told of it, value)."""
    names = max((len(name) for name, _, _ in rows), default=0)
    told = max((len(text) for _, text, _ in rows), default=0)
    for name, text, value in rows:
        drawn = bar(value, top, room, ascii_only=pen.ascii)
        yield f"{name:<{names}}  {text:>{told}}  {pen.ink(drawn, 'plot')}".rstrip()
