"""A plot as cells of text: dots of braille or letters, an ink a cell, axes of round numbers.

Everything that is drawn becomes upright strokes, a column of dots at a time; a trace of a million
samples is gathered into its columns first, in numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wirestep.capture.arrays import Array

from .plots import Plot, Trace

BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
"""Of a braille cell: by line from the top, and column."""
EVERY = 24
"""Cells between two letters on a curve."""
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, with a mark each `step` (all in the axis's unit)."""

    low: float
    high: float
    step: float

    @property
    def marks(self) -> list[float]:
        """Multiples of the step within the axis."""
        first = int(np.ceil(self.low / self.step - 1e-9))
        last = int(np.floor(self.high / self.step + 1e-9))
        return [place * self.step for place in range(first, last + 1)]


def axis(low: float, high: float, marks: int, *, whole: bool = True) -> Axis:
    """Round marks, about `marks` of them; with `whole` its ends are marks, too."""
    if not high > low:
        high = low + (abs(low) or 1.0)
    wanted = (high - low) / max(1, marks)
    power = 10.0 ** np.floor(np.log10(wanted))
    step = next(float(digit * power) for digit in STEPS if digit * power >= wanted * (1 - 1e-9))
    if whole:
        low = float(np.floor(low / step + 1e-9)) * step
        high = float(np.ceil(high / step - 1e-9)) * step
    return Axis(low, high, step)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Cells of a plot."""

    lines: list[str]
    """The upper one first; all of one width."""
    inks: Array
    """int8[height, width]: the trace that a cell shows, -1 for none."""
    across: Axis
    """Seconds since the conversation began."""
    up: Axis

    def places(self, plot: Plot, height: int) -> list[tuple[int, float]]:
        """(line from the top, value) of the marks of the upright axis."""
        size = self.up.high - self.up.low
        if plot.lanes:
            found = [(float(lane), lane + 0.5) for lane in range(len(plot.lanes))]
        else:
            found = [(value, value) for value in self.up.marks]
        lines: dict[int, float] = {}
        for value, middle in found:
            dots = round((middle - self.up.low) / size * (4 * height - 1))
            lines.setdefault(height - 1 - dots // 4, value)
        return sorted(lines.items())

    def times(self, width: int) -> list[tuple[int, float, float]]:
        """(column, seconds, step) of the marks of the time axis."""
        size = self.across.high - self.across.low
        return [
            (min(width - 1, int((value - self.across.low) / size * width)), value, self.across.step)
            for value in self.across.marks
        ]


def picture(
    plot: Plot, size: tuple[int, int], span: tuple[int, int], *, ascii_only: bool = False
) -> Picture:
    """A plot in (width, height) cells, from span[0] to span[1] (ns since the epoch)."""
    width, height = size
    start, stop = span[0], max(span[1], span[0] + 1)
    up = _up(plot, (start, stop), height)
    across = axis(
        (start - plot.start) / 1e9, (stop - plot.start) / 1e9, max(2, width // 12), whole=False
    )
    bits = np.zeros((height, width), np.uint8)
    inks = np.full((height, width), -1, np.int8)
    letters = np.zeros((height, width), np.int8)
    for place, one in enumerate(plot.traces):
        strokes = _strokes(one, (start, stop), 2 * width)
        cells = _fill(strokes, up, (2 * width, 4 * height))
        hit: Array = np.any(cells, axis=(1, 3))
        bits |= (cells * BITS[None, :, None, :]).sum(axis=(1, 3)).astype(np.uint8)
        inks[hit] = place
        letters[hit] = place + 1 if ascii_only or one.form == "marks" else 0
        if one.form != "marks" and not ascii_only:
            _letter(hit, letters, place, 1 if one.hue == "bad" else EVERY)
    names = [one.letter for one in plot.traces]
    lines = [
        "".join(
            names[letter - 1] if letter else chr(0x2800 + bit) if bit else " "
            for letter, bit in zip(*row, strict=True)
        )
        for row in zip(letters.tolist(), bits.tolist(), strict=True)
    ]
    return Picture(lines, inks, across, up)


def _letter(hit: Array, letters: Array, place: int, every: int) -> None:
    """The letter of a trace at the top of its own columns, once in `every` of them."""
    after = 0 if every == 1 else EVERY // 4 + 5 * place
    columns = np.flatnonzero(np.any(hit, axis=0))
    if len(columns) and columns[-1] < after:
        after = int(columns[0])
    for column in columns.tolist():
        if column >= after:
            letters[int(np.argmax(hit[:, column])), column] = place + 1
            after = column + every


def _up(plot: Plot, span: tuple[int, int], height: int) -> Axis:
    """The upright axis, as large as what can be seen wants it."""
    if plot.lanes:
        return Axis(0.0, float(len(plot.lanes)), 1.0)
    lows, highs = [], []
    for one in plot.traces:
        seen = _seen(one, span)
        value = one.value[seen]
        if len(value):
            highs.append(float(value.max()))
            lows.append(float((value if one.low is None else one.low[seen]).min()))
    if not highs:
        return axis(0.0, 1.0, 2)
    low = min(lows) if plot.kind in ("sequence", "tcptrace") else 0.0
    return axis(low, max(highs), max(2, height // 4))


def _seen(one: Trace, span: tuple[int, int]) -> slice:
    """The samples within a span, and those that hold into it."""
    if one.form == "rule":
        return slice(0, 1)
    first = int(np.searchsorted(one.time, span[0]))
    stop = int(np.searchsorted(one.time, span[1], "right"))
    if one.form in ("steps", "line", "area"):
        first = max(0, first - 1)
    return slice(first, stop)


def _strokes(one: Trace, span: tuple[int, int], count: int) -> tuple[Array, Array, Array]:
    """(column of dots, lowest value, highest value) of what is drawn of a trace."""
    seen = _seen(one, span)
    time, value = one.time[seen], one.value[seen]
    if not len(time):
        return np.zeros(0, np.int64), value, value
    place = (time - span[0]) * count // (span[1] - span[0])
    place = np.minimum(place, count - 1)
    if one.form in ("points", "marks"):
        return place, value, value
    if one.form == "bars":
        return place, value if one.low is None else one.low[seen], value
    if one.form == "stems":
        return place, np.zeros(len(place)), value
    if one.form == "rule":
        return np.arange(count), np.full(count, value[0]), np.full(count, value[0])
    if one.form == "line":
        return _line(place, value)
    last = count - 1 if one.form == "steps" or seen.stop < len(one) else int(place[-1])
    columns, low, high = _steps(np.maximum(place, 0), value, last)
    return columns, np.zeros(len(high)) if one.form == "area" else low, high


def _line(place: Array, value: Array) -> tuple[Array, Array, Array]:
    """Straight lines from sample to sample."""
    first, last = max(0, int(place[0])), int(place[-1])
    columns = np.arange(first, last + 1)
    begin, low, high = _gathered(place, value)
    middle = np.interp(columns, begin, (low + high) / 2)
    inside = (begin >= first) & (begin <= last)
    lows, highs = middle.copy(), middle.copy()
    lows[begin[inside] - first], highs[begin[inside] - first] = low[inside], high[inside]
    return columns, lows, highs


def _steps(place: Array, value: Array, stop: int) -> tuple[Array, Array, Array]:
    """Each value holds until the next one, or to the column `stop`."""
    begin, low, high = _gathered(place, value)
    ends = np.append(np.flatnonzero(np.diff(place)), len(place) - 1)
    held = value[ends]
    columns = np.arange(int(begin[0]), max(stop, int(begin[-1])) + 1)
    known = np.searchsorted(begin, columns, "right") - 1
    fresh = begin[known] == columns
    before = np.maximum(known - fresh, 0)
    flat = held[before]
    lows = np.where(fresh, np.minimum(low[known], np.where(known > 0, flat, low[known])), flat)
    highs = np.where(fresh, np.maximum(high[known], np.where(known > 0, flat, high[known])), flat)
    return columns, lows, highs


def _gathered(place: Array, value: Array) -> tuple[Array, Array, Array]:
    """(column, least, most) of the samples in each column; `place` ascends."""
    starts = np.append(0, np.flatnonzero(np.diff(place)) + 1)
    return place[starts], np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts)


def _fill(strokes: tuple[Array, Array, Array], up: Axis, dots: tuple[int, int]) -> Array:
    """bool[height, 4, width, 2]: the dots that upright strokes touch."""
    wide, high = dots
    column, low, top = strokes
    size = up.high - up.low
    ends = [
        np.clip(np.round((part - up.low) / size * (high - 1)), 0, high - 1).astype(np.int64)
        for part in (low, top)
    ]
    edges = np.zeros((high + 1, wide), np.int32)
    flat = edges.reshape(-1)
    flat += np.bincount(ends[0] * wide + column, minlength=flat.size).astype(np.int32)
    flat -= np.bincount((ends[1] + 1) * wide + column, minlength=flat.size).astype(np.int32)
    touched = np.cumsum(edges[:-1], axis=0) > 0
    return touched[::-1].reshape(high // 4, 4, wide // 2, 2)
