"""Statistics as tables: columns that can be read cell by cell and sorted, however long they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from wirestep.capture.arrays import Array

Cell = str | int | float | None
"""A value as it is; None where there is none."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is called, how its values are written, its values."""

    key: str
    """In JSON and CSV, and to sort by."""
    title: str
    kind: str
    """ "text", "count", "port", "bytes", "seconds", "ms", "bits" (a second), "share", "number"."""
    at: Callable[[int], Cell]
    order: Callable[[bool], Array]
    """All rows sorted by this column, downwards where True; equals stay as they were."""

    @property
    def right(self) -> bool:
        """Whether it is set to the right, as numbers are."""
        return self.kind != "text"


def _nothing(row: int) -> str:
    return ""


def _nowhere(row: int) -> int:
    return -1


@dataclass(frozen=True, slots=True)
class Table:
    """A statistic, a line a row."""

    name: str
    """What scripts call it: "conversations"."""
    title: str
    columns: tuple[Column, ...]
    count: int
    record: Callable[[int], int] = field(default=_nowhere)
    """The first packet of a row, -1 where it has none."""
    wish: Callable[[int], str] = field(default=_nothing)
    """The display filter that shows the packets of a row, "" where there is none."""
    depth: Callable[[int], int] = field(default=lambda row: 0)
    """How far the first column is indented."""
    hue: Callable[[int], str] = field(default=_nothing)
    """The name of the colour of a row, "" for none of its own."""

    def column(self, key: str) -> Column | None:
        """The column of that key, or None."""
        return next((column for column in self.columns if column.key == key), None)

    def cells(self, row: int) -> tuple[Cell, ...]:
        """The values of one row."""
        return tuple(column.at(row) for column in self.columns)

    def order(self, key: str = "", *, down: bool = True) -> Sequence[int]:
        """The rows sorted by a column; as they come where there is no such column."""
        column = self.column(key)
        if column is None:
            return range(self.count)
        rows: Sequence[int] = column.order(down).tolist()
        return rows


def numbers(key: str, title: str, kind: str, values: Array) -> Column:
    """A column of numbers."""
    return Column(
        key, title, kind, lambda row: _plain(values[row]), lambda down: ranked(values, down)
    )


def texts(key: str, title: str, values: Sequence[str]) -> Column:
    """A column of text."""
    return Column(
        key, title, "text", values.__getitem__, lambda down: ranked(np.array(values), down)
    )


def listed(key: str, title: str, kind: str, values: Sequence[float | None]) -> Column:
    """A column of some numbers, of which some may be missing."""
    sortable = np.array([-np.inf if value is None else value for value in values], np.float64)
    return Column(key, title, kind, values.__getitem__, lambda down: ranked(sortable, down))


def ranked(values: Array, down: bool) -> Array:
    """int64[n]: the rows by value; equals stay in order."""
    if not down:
        return np.argsort(values, kind="stable")
    return len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1]


def _plain(value: np.generic) -> Cell:
    plain: Cell = value.item()
    return None if plain != plain else plain  # NaN alone differs from itself


def written(kind: str, value: Cell) -> str:
    """A cell for people."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return _FORMS[kind](value)


_FORMS: dict[str, Callable[[float], str]] = {
    "text": str,
    "count": lambda value: f"{int(value):,}".replace(",", " "),
    "port": lambda value: str(int(value)),
    "bytes": lambda value: f"{int(value):,}".replace(",", " "),
    "seconds": lambda value: f"{value:.6f}",
    "ms": lambda value: f"{value:.3f}",
    "bits": lambda value: titled(value, "bit/s"),
    "share": lambda value: f"{value * 100:.2f} %",
    "number": lambda value: f"{value:.4g}" if value < 1 else f"{value:,.2f}".replace(",", " "),
}


def titled(value: float, unit: str = "") -> str:
    """A number in few letters with its prefix: "1.2 M", "340 kbit/s"."""
    sign, size = ("-" if value < 0 else ""), abs(value)
    prefix = ""
    for larger in ("k", "M", "G", "T"):
        if size < 999.5:
            break
        size, prefix = size / 1000, larger
    text = f"{size:.3g}" if not prefix else f"{size:.1f}" if size < 9.95 else f"{size:.0f}"
    return f"{sign}{text} {prefix}{unit}".rstrip()
