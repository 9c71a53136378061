"""The strip: how many packets fall into each column of time."""

from __future__ import annotations

import numpy as np

from wirestep.capture import Columns

STALE = 20
"""While a file is being read, all is counted anew when a twentieth has been added: a strip that is
drawn thirty times a second need not go through millions of packets each time."""


class Overview:
    """Counts over time, vectorised, kept for the last width asked for; exact once all is read."""

    def __init__(self) -> None:
        self._covered = 0
        self._low, self._span = 0, 1
        self._key: tuple[int, int, int] | None = None
        self._counts: list[int] = []

    def measure(self, columns: Columns, *, finished: bool) -> None:
        """Take in the packets that are there now, where they are many or the last ones."""
        count = len(columns)
        more = count - self._covered
        if more and (finished or more > self._covered // STALE):
            low, high = int(columns.time[:count].min()), int(columns.time[:count].max())
            self._low, self._span = low, max(1, high - low + 1)
            self._covered = count

    def counts(self, columns: Columns, width: int, flow: int | None) -> list[int]:
        """Packets in each of `width` columns of equal time; of one conversation where named."""
        key = (self._covered, width, -1 if flow is None else flow)
        if key != self._key:
            self._key, self._counts = key, self._counted(columns, width, flow)
        return self._counts

    def _counted(self, columns: Columns, width: int, flow: int | None) -> list[int]:
        if not self._covered or width < 1:
            return [0] * max(0, width)
        times = columns.time[: self._covered]
        if flow is not None:
            rows = columns.rows_of(flow)
            times = times[rows[rows < self._covered]]
        places = (times - self._low).astype(np.float64) * (width / self._span)
        places = np.clip(places, 0, width - 1).astype(np.int64)
        counted: list[int] = np.bincount(places, minlength=width).tolist()
        return counted

    def place_of(self, columns: Columns, record: int, width: int) -> int:
        """The column of the strip that `record` falls into."""
        if not len(columns):
            return 0
        place = int((int(columns.time[record]) - self._low) * width / self._span)
        return max(0, min(width - 1, place))

    def record_of(self, columns: Columns, place: int, width: int) -> int:
        """The first record at or after column `place`, in order of the file."""
        if not len(columns):
            return 0
        start = self._low + int(place * self._span / max(1, width))
        late = np.flatnonzero(columns.time >= start)
        return int(late[0]) if len(late) else len(columns) - 1
