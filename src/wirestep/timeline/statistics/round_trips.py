"""Round-trip times and throughput over time, from the TCP analysis and the columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array

from .series import Series, series

UNKNOWN = -1
"""An initial RTT that is not known."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How samples lie, in seconds; zeros where there are none."""

    count: int
    least: float
    median: float
    mean: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """RTT samples, a row each, in order of the file."""

    row: Array
    """int64: the packet that acknowledged."""
    time: Array
    """int64: its time, ns since the epoch."""
    rtt: Array
    """float64: seconds."""

    def __len__(self) -> int:
        return len(self.row)

    def spread(self) -> Spread:
        """Of all samples."""
        return spread_of(self.rtt)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """RTT by interval; NaN in intervals without samples."""

    start: int
    interval: int
    count: Array
    least: Array
    mean: Array
    most: Array

    def __len__(self) -> int:
        return len(self.count)


def spread_of(values: Array) -> Spread:
    """How `values` (seconds) lie."""
    if not len(values):
        return Spread(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    last = len(values) - 1
    places = [last // 2, last - last // 2, round(last * 0.95)]
    parted = np.partition(values, places)
    middle = (float(parted[places[0]]) + float(parted[places[1]])) / 2
    mean = values.mean(dtype=np.float64)
    numbers = values.min(), middle, mean, parted[places[2]], values.max()
    return Spread(len(values), *(float(number) for number in numbers))


def acknowledged(ack_rtt: Array, rows: Array | None = None) -> Spread:
    """How all of `ack_rtt` (float[done], seconds, NaN where none) lie, of these rows."""
    values = ack_rtt if rows is None else ack_rtt[rows[rows < len(ack_rtt)]]
    return spread_of(values[~np.isnan(values)])


def samples(columns: Columns, ack_rtt: Array, rows: Array | None = None) -> Samples:
    """What `ack_rtt` (float[done], seconds, NaN where none) measured, of these rows."""
    found = np.flatnonzero(~np.isnan(ack_rtt))
    if rows is not None:
        found = found[np.isin(found, rows, assume_unique=True)]
    return Samples(found, columns.time[found], ack_rtt[found].astype(np.float64))


def track(found: Samples, interval: int, span: tuple[int, int]) -> Track:
    """The samples by interval; `span` is (start, stop) in ns."""
    start, stop = span
    count = max(0, stop - start) // interval + 1
    places = np.clip((found.time - start) // interval, 0, count - 1)
    many = np.bincount(places, minlength=count)
    sums = np.bincount(places, found.rtt, minlength=count)
    least, most = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(least, places, found.rtt)
    np.maximum.at(most, places, found.rtt)
    none = many == 0
    least[none] = most[none] = np.nan
    return Track(start, interval, many, least, _quotient(sums, many), most)


def _quotient(sums: Array, counts: Array) -> Array:
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def initial(initial_rtt: Array) -> Spread:
    """Of conversations: `initial_rtt` in ns, UNKNOWN where not known."""
    known = initial_rtt[initial_rtt >= 0]
    return spread_of(known / 1e9)


def throughput(
    columns: Columns, flow: int, interval: int, span: tuple[int, int]
) -> tuple[Series, Series]:
    """Payload of one conversation over time: what its first sender sent, what the other end did."""
    rows = columns.rows_of(flow)
    way = columns.flow[rows] & 1
    first, other = (
        series(columns, rows[way == side], interval, span, payload=True) for side in (0, 1)
    )
    return first, other
