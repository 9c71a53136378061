"""The strip: how many packets fall into each column of time."""

from __future__ import annotations

import numpy as np

from wirestep.capture import Columns


class Overview:
    """Counts over time; exact, vectorised, kept for the last width asked for."""

    def __init__(self) -> None:
        self._key: tuple[int, int, int] | None = None
        self._counts: list[int] = []

    def counts(self, columns: Columns, width: int, flow: int | None) -> list[int]:
        """Packets in each of `width` columns of equal time; of one conversation where named."""
        key = (len(columns), width, -1 if flow is None else flow)
        if key != self._key:
            self._key, self._counts = key, _counted(columns, width, flow)
        return self._counts


def _counted(columns: Columns, width: int, flow: int | None) -> list[int]:
    if not len(columns) or width < 1:
        return [0] * max(0, width)
    times = columns.time
    low, span = bounds(columns)
    if flow is not None:
        times = times[columns.rows_of(flow)]
    places = np.clip((times - low).astype(np.float64) * (width / span), 0, width - 1)
    counted: list[int] = np.bincount(places.astype(np.int64), minlength=width).tolist()
    return counted


def bounds(columns: Columns) -> tuple[int, int]:
    """(earliest time, ns from there to the latest, at least 1)."""
    low, high = int(columns.time.min()), int(columns.time.max())
    return low, max(1, high - low + 1)


def place_of(columns: Columns, record: int, width: int) -> int:
    """The column of the strip that `record` falls into."""
    if not len(columns):
        return 0
    low, span = bounds(columns)
    return min(width - 1, int((int(columns.time[record]) - low) * width / span))


def record_of(columns: Columns, place: int, width: int) -> int:
    """The first record at or after column `place`, in order of the file."""
    if not len(columns):
        return 0
    low, span = bounds(columns)
    late = np.flatnonzero(columns.time >= low + int(place * span / max(1, width)))
    return int(late[0]) if len(late) else len(columns) - 1
