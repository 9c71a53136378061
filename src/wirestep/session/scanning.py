"""The bytes of many frames at once: windows of the file, and where in them the frames are."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from wirestep.capture import Capture
from wirestep.capture.arrays import Array

WINDOW = 4 << 20
"""Bytes of the file that are read at once."""
GAP = 64 << 10
"""Bytes between two frames that are cheaper to skip than to read."""


@dataclass(frozen=True, slots=True)
class Window:
    """Frames that lie near each other, and the bytes of the file in which they do."""

    rows: Array
    """int64, ascending: which packets."""
    data: bytes
    starts: list[int]
    """Where in `data` their frames start, and where they stop."""
    stops: list[int]

    def __iter__(self) -> Iterator[bytes]:
        data = self.data
        return (data[low:high] for low, high in zip(self.starts, self.stops, strict=True))

    def holding(self, part: bytes, *, fold: bool = False) -> Array:
        """bool: which frames hold these bytes; `fold`: ASCII letters in either case."""
        data, size = (self.data.lower(), part.lower()) if fold else (self.data, part)
        found = np.zeros(len(self.rows), bool)
        starts, stops = self.starts, self.stops
        if not part:
            return ~found
        find, length = data.find, len(part)
        at = find(size)
        while at >= 0:
            place = bisect_right(starts, at) - 1
            if place >= 0 and at + length <= stops[place]:
                found[place] = True
                at = find(size, stops[place])
            else:  # between two frames, or over the end of one
                at = find(size, at + 1)
        return found

    def octets(self, at: Array, count: int) -> Array:
        """uint8[n, count]: the bytes from `at` on of each frame; 0 behind its end."""
        data = np.frombuffer(self.data, np.uint8)
        starts, stops = np.array(self.starts, np.int64), np.array(self.stops, np.int64)
        places = (starts + at)[:, None] + np.arange(count)
        there = places < stops[:, None]
        found = data[np.minimum(places, len(data) - 1)] if len(data) else np.zeros_like(places)
        return np.where(there, found, 0).astype(np.uint8)

    def where(self, holds: Callable[[bytes], object]) -> Array:
        """bool: which frames `holds` says yes to."""
        return np.fromiter((bool(holds(data)) for data in self), bool, len(self.rows))


def windows(capture: Capture, rows: Array, *, back: bool = False) -> Iterator[Window]:
    """The frames of `rows` (ascending) in windows, in order; `back`: the last window first."""
    columns = capture.columns
    low = columns.offset[rows]
    high = low + columns.caplen[rows]
    if back:
        stop = len(rows)
        while stop:
            start = int(np.searchsorted(low[:stop], high[stop - 1] - WINDOW))
            start = min(start, stop - 1)
            gaps = np.flatnonzero(low[start + 1 : stop] - high[start : stop - 1] > GAP)
            start += int(gaps[-1]) + 1 if len(gaps) else 0
            yield _window(capture, rows, low, high, start, stop)
            stop = start
        return
    start = 0
    while start < len(rows):
        stop = max(start + 1, int(np.searchsorted(high, low[start] + WINDOW, "right")))
        gaps = np.flatnonzero(low[start + 1 : stop] - high[start : stop - 1] > GAP)
        stop = start + int(gaps[0]) + 1 if len(gaps) else stop
        yield _window(capture, rows, low, high, start, stop)
        start = stop


def _window(
    capture: Capture, rows: Array, low: Array, high: Array, start: int, stop: int
) -> Window:
    base = int(low[start])
    data = capture.feed.at(base, int(high[stop - 1]) - base)
    starts, stops = (low[start:stop] - base).tolist(), (high[start:stop] - base).tolist()
    return Window(rows[start:stop], data, starts, stops)
