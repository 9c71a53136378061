"""The order of the shown rows: as in the file, or sorted by a column.

Rows that came after the list was sorted stand behind it, in the order of the file, until it is
sorted anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wirestep.capture.arrays import Array

DIGIT = 16
"""Bits of a key that are sorted at once: numbers of 16 bits are counted, not compared."""
LOW = (1 << DIGIT) - 1


class CannotSort(ValueError):
    """Why the list cannot be sorted by a column: one sentence."""


class Order(NamedTuple):
    """By what the list is sorted, or shall be."""

    column: str
    """The column's name."""
    down: bool = False
    """The greatest first."""


class Basis(NamedTuple):
    """Of what an order was made: where this is no longer so, it must be made anew."""

    sieve: object
    """The filter, None for none."""
    shown: int
    """Rows that it showed."""
    judged: int = 0
    """Packets whose TCP was analysed, where that matters."""


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """Shown rows sorted upwards by a column; downwards is the same from its end."""

    column: str
    basis: Basis
    shown: Array | None
    """The records that it sorts, ascending; None where they are the first ones of the file."""
    order: Array
    """int32: by place in the list, the place among `shown`."""
    places: Array
    """int32: the other way round."""

    @classmethod
    def made(cls, column: str, basis: Basis, shown: Array | None, order: Array) -> Sorted:
        """From the places among `shown`, in the order of the list."""
        places = np.empty(len(order), np.int32)
        places[order] = np.arange(len(order), dtype=np.int32)
        return cls(column, basis, shown, order, places)

    def __len__(self) -> int:
        return len(self.order)

    def record_at(self, place: int, *, down: bool) -> int:
        """The record at a place below len(self)."""
        found = int(self.order[len(self.order) - 1 - place if down else place])
        return found if self.shown is None else int(self.shown[found])

    def place_of(self, record: int, *, down: bool) -> int:
        """The place of a record; -1 where it is none of those that were sorted."""
        found = record
        if self.shown is not None:
            found = int(np.searchsorted(self.shown, record))
            if found >= len(self.shown) or int(self.shown[found]) != record:
                return -1
        if not 0 <= found < len(self.places):
            return -1
        place = int(self.places[found])
        return len(self.order) - 1 - place if down else place

    def behind(self, rows: Array) -> Array:
        """Those of `rows`, ascending, that came since."""
        assert self.shown is not None
        if len(rows) == len(self.shown):
            return rows[:0]
        at = np.minimum(np.searchsorted(self.shown, rows), max(0, len(self.shown) - 1))
        return rows[self.shown[at] != rows] if len(self.shown) else rows


def order_of(keys: Array) -> Array:
    """int32: the places of `keys` from the least to the greatest; equal ones keep their order.

    `keys` are integers, or floats none of which is negative; NaN comes first.
    """
    if keys.dtype.kind == "f":
        keys = _bits(keys)
    if len(keys) < 2 or bool((keys[1:] >= keys[:-1]).all()):
        return np.arange(len(keys), dtype=np.int32)
    least = keys.min()
    span = int(keys.max()) - int(least)
    # Unsigned, a difference that overflows comes out right.
    rest = keys.astype(np.int64, copy=False).view(np.uint64) - np.uint64(int(least) & (1 << 64) - 1)
    order = np.argsort((rest & np.uint64(LOW)).astype(np.uint16), kind="stable").astype(np.int32)
    for shift in range(DIGIT, span.bit_length(), DIGIT):
        digit = (rest >> np.uint64(shift) & np.uint64(LOW)).astype(np.uint16)
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def order_of_values(values: Sequence[int | float | str | None]) -> Array:
    """As `order_of`, of few values of any kind: none, then numbers, then text in any case."""
    order = sorted(range(len(values)), key=lambda place: _key(values[place]))
    return np.array(order, np.int32)


def _key(value: float | str | None) -> tuple[int, float, str]:
    if value is None or value == "":
        return 0, 0, ""
    return (2, 0, value.casefold()) if isinstance(value, str) else (1, value, "")


def _bits(keys: Array) -> Array:
    """Integers in the order of floats that are not negative; 0 for NaN."""
    bits = (keys.astype(np.float32, copy=False) + np.float32(0)).view(np.int32)
    return np.where(np.isnan(keys), np.int32(0), bits + np.int32(1))
