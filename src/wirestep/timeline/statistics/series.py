"""Packets and bytes over time, in intervals of equal length (Wireshark's I/O graph)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array

from .totals import SECOND, blocks, picked

MOST = 1_000_000
"""Intervals that are counted at all."""
LEAST = 1_000
"""Nanoseconds of the shortest interval."""


class BadInterval(ValueError):
    """The interval makes too many pieces of the capture: one sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Interval i covers [start + i * interval, start + (i + 1) * interval)."""

    start: int
    """Nanoseconds since the epoch."""
    interval: int
    """Nanoseconds."""
    packets: Array
    """int64[n]."""
    bytes: Array
    """int64[n]: on the wire, or of the payload, as asked for."""

    def __len__(self) -> int:
        return len(self.packets)


def interval_of(duration: int, most: int) -> int:
    """The shortest round interval (1, 2 or 5 of a power of ten, ns) of which `most` suffice."""
    size = LEAST
    while duration // size >= most:
        digit = str(size)[0]
        size = size * 5 // 2 if digit == "2" else size * 2
    return size


def series(
    columns: Columns,
    rows: Array | None,
    interval: int,
    span: tuple[int, int],
    *,
    payload: bool = False,
) -> Series:
    """Count the rows; `span` is (start, stop) in ns: stop falls into the last interval.

    With `payload` the bytes are those that TCP or UDP carries.

    Raises:
        BadInterval: there would be more than MOST intervals.
    """
    start, stop = span
    count = max(0, stop - start) // interval + 1
    if count > MOST:
        raise BadInterval(
            f"an interval of {interval / SECOND:g} s makes {count:,} of this capture, "
            f"more than {MOST:,}"
        )
    sizes = picked(columns.payload_length if payload else columns.length, rows)
    time = picked(columns.time, rows)
    packets, weights = np.zeros(count, np.int64), np.zeros(count)
    for some in blocks(len(time)):
        when, size = time[some], sizes[some]
        if int(when.min()) < start or int(when.max()) > stop:
            inside = (when >= start) & (when <= stop)
            when, size = when[inside], size[inside]
        if not len(when):
            continue
        places = (when - start) // interval
        first = int(places.min())
        places -= first
        counts = np.bincount(places)
        packets[first : first + len(counts)] += counts
        weights[first : first + len(counts)] += np.bincount(places, size)
    return Series(start, interval, packets, weights.astype(np.int64))


def span_of(columns: Columns) -> tuple[int, int]:
    """(earliest, latest) time of all packets, ns; zeros where there are none."""
    if not len(columns):
        return 0, 0
    return int(columns.time.min()), int(columns.time.max())
