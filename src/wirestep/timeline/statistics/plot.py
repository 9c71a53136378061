"""Plots as cells of text: columns of eighths, dots of braille; who prints adds the colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wirestep.capture.arrays import Array

EIGHTHS = " ▁▂▃▄▅▆▇█"
ASCII_EIGHTHS = " ..::||##"
DOTS = (0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80)
"""Bits of a braille cell, two a line, from the top left."""
ASCII_DOTS = " .::*%%##"
"""By how many of the eight are set."""


def bars(
    values: Sequence[float], height: int, top: float, *, ascii_only: bool = False
) -> list[str]:
    """`height` lines, the highest first; each value is a column, `top` reaches the upper edge."""
    steps = ASCII_EIGHTHS if ascii_only else EIGHTHS
    eighths = [_eighths(value, height, top) for value in values]
    return [
        "".join(steps[max(0, min(8, filled - 8 * line))] for filled in eighths)
        for line in range(height - 1, -1, -1)
    ]


def _eighths(value: float, height: int, top: float) -> int:
    if value <= 0 or top <= 0:
        return 0
    return max(1, min(8 * height, round(value / top * 8 * height)))


def bar(value: float, top: float, width: int, *, ascii_only: bool = False) -> str:
    """A bar that lies, at most `width` cells long; something is always something."""
    if value <= 0 or top <= 0 or width < 1:
        return ""
    eighths = max(1, min(8 * width, round(value / top * 8 * width)))
    if ascii_only:
        return "#" * max(1, (eighths + 4) // 8)
    whole, part = divmod(eighths, 8)
    return "█" * whole + " ▏▎▍▌▋▊▉"[part].strip()


class Dots:
    """A field of braille dots, two a cell across and four down; (0, 0) is at the bottom left."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._bits = np.zeros((height, width), np.uint8)

    def put(self, x: Array, y: Array) -> None:
        """Dots at `x` and `y`, both 0 to 1; what lies outside is drawn on the edge."""
        across = np.clip((x * (2 * self.width)).astype(np.int64), 0, 2 * self.width - 1)
        up = np.clip((y * (4 * self.height)).astype(np.int64), 0, 4 * self.height - 1)
        down = 4 * self.height - 1 - up
        bits = np.array(DOTS, np.uint8)[(down & 3) * 2 + (across & 1)]
        np.bitwise_or.at(self._bits, (down >> 2, across >> 1), bits)

    def lines(self, *, ascii_only: bool = False) -> list[str]:
        """The field as text, the upper line first."""
        if ascii_only:
            return ["".join(ASCII_DOTS[bits.bit_count()] for bits in row) for row in self._rows()]
        return [
            "".join(chr(0x2800 + bits) if bits else " " for bits in row) for row in self._rows()
        ]

    def _rows(self) -> list[list[int]]:
        rows: list[list[int]] = self._bits.tolist()
        return rows


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from 0 to `top`, with a mark each `step`."""

    top: float
    step: float

    @property
    def marks(self) -> list[float]:
        """From 0 up."""
        return [place * self.step for place in range(round(self.top / self.step) + 1)]


def scale(most: float, marks: int = 4) -> Scale:
    """A round axis that holds `most`, with about that many marks above 0."""
    if most <= 0:
        return Scale(1.0, 1.0)
    wanted = most / max(1, marks)
    power = 10.0 ** np.floor(np.log10(wanted))
    step = next(float(digit * power) for digit in (1, 2, 2.5, 5, 10) if digit * power >= wanted)
    return Scale(float(np.ceil(most / step - 1e-9)) * step, step)


def spread(values: Array, width: int, how: str = "mean") -> Array:
    """float64[width]: `values` squeezed or stretched into `width` columns.

    `how` is "mean" or "max" of the values that share a column.
    """
    count = len(values)
    if not count or width < 1:
        return np.zeros(max(0, width))
    if count <= width:
        return np.asarray(values, np.float64)[np.arange(width) * count // width]
    edges = np.arange(width) * count // width
    if how == "max":
        return np.maximum.reduceat(np.asarray(values, np.float64), edges)
    sizes = np.diff(np.append(edges, count))
    return np.add.reduceat(np.asarray(values, np.float64), edges) / sizes
