"""Where a moment of the wire's clock stands on the screen: rows for times, and back.

Time runs evenly, save where nothing is under way: a long silence takes only a few rows, and says
how long it is, so that slopes never lie.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from wirestep.session.lab_views import Passage

SILENCE = 4
"""Rows that a silence takes at most."""
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch in which nothing was under way."""

    start: int
    stop: int
    row: float
    """Where it begins; it is SILENCE rows long."""


class Axis:
    """Maps ns to rows, for passages in order of leaving."""

    def __init__(self, passages: Iterable[Passage], now: int, scale: int) -> None:
        """`scale`: ns of a row. `now` is covered, too."""
        self.scale = max(1, scale)
        self._times: list[int] = []
        self._rows: list[float] = []
        self.silences: list[Silence] = []
        self.longest = 0
        """The longest way of a packet, ns."""
        first = True
        covered, row = 0, 0.0
        for passage in passages:
            left = passage.left
            self.longest = max(self.longest, passage.lands - left)
            if first:
                first = False
                covered = left
                self._knot(left, row)
            if left > covered:
                row = self._silent(covered, left, row)
                covered = left
            if passage.lands > covered:
                row += (passage.lands - covered) / self.scale
                covered = passage.lands
        if first:
            covered = now
            self._knot(now, row)
        if now > covered:
            row = self._silent(covered, now, row)
            covered = now
        self._knot(covered, row)
        self.end = row

    def _knot(self, time: int, row: float) -> None:
        self._times.append(time)
        self._rows.append(row)

    def _silent(self, start: int, stop: int, row: float) -> float:
        size = (stop - start) / self.scale
        if size > SILENCE:
            self._knot(start, row)
            self.silences.append(Silence(start, stop, row))
            size = SILENCE
            self._knot(stop, row + size)
        return row + size

    def row(self, time: int) -> float:
        """The row of a time; times beyond the ends go on evenly."""
        times, rows = self._times, self._rows
        at = bisect_right(times, time)
        if at == 0:
            return rows[0] - (times[0] - time) / self.scale
        if at == len(times):
            return rows[-1] + (time - times[-1]) / self.scale
        low, high = times[at - 1], times[at]
        share = (time - low) / (high - low) if high > low else 0.0
        return rows[at - 1] + share * (rows[at] - rows[at - 1])

    def time(self, row: float) -> int:
        """The time at a row."""
        times, rows = self._times, self._rows
        at = bisect_right(rows, row)
        if at == 0:
            return times[0] + round((row - rows[0]) * self.scale)
        if at == len(rows):
            return times[-1] + round((row - rows[-1]) * self.scale)
        low, high = rows[at - 1], rows[at]
        share = (row - low) / (high - low) if high > low else 0.0
        return times[at - 1] + round(share * (times[at] - times[at - 1]))


def nice(value: int) -> int:
    """The largest of 1, 2, 5, 10, 20 ... that is not above `value`."""
    power = 1
    while power * 10 <= value:
        power *= 10
    return max(step * power for step in STEPS if step * power <= max(1, value))
