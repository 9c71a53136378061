"""The strip: how many packets fall into each column of time."""

from __future__ import annotations

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array

STALE = 20
"""While a file is being read, the strip is made anew when a twentieth has been added."""
BINS = 1 << 14
"""Fine columns that packets are counted into while a file is being read."""


class _Fine:
    """Counts in fine columns of time, into which packets are added as they come."""

    def __init__(self) -> None:
        self.covered = 0
        self.low = self.high = 0
        self._step = 1
        self._bins = np.zeros(BINS, np.int64)

    def take(self, times: Array) -> None:
        """Count those that are new; `times` are those of all packets, ns."""
        new = times[self.covered :]
        if not len(new):
            return
        low, high = int(new.min()), int(new.max())
        if not self.covered or low < self.low:
            # They begin earlier: all columns lie elsewhere.
            self._bins[:] = 0
            self.low = min(low, self.low) if self.covered else low
            new = times
        self.high = max(self.high, high)
        while (self.high - self.low) // self._step >= BINS:
            halves = self._bins.reshape(-1, 2).sum(axis=1)
            self._bins = np.concatenate((halves, np.zeros(BINS // 2, np.int64)))
            self._step *= 2
        places = (new - self.low) // self._step
        self._bins += np.bincount(places, minlength=BINS)
        self.covered = len(times)

    def counts(self, width: int, span: int) -> list[int]:
        """In `width` columns; what lies in the fine column at a border is put on one side."""
        centres = (np.arange(BINS) + 0.5) * self._step * (width / span)
        places = np.minimum(centres, width - 1).astype(np.int64)
        found: list[int] = (
            np.bincount(places, self._bins, minlength=width).astype(np.int64).tolist()
        )
        return found


class Overview:
    """Counts over time, vectorised, kept for the last width asked for; exact once all is read."""

    def __init__(self) -> None:
        self._covered = 0
        self._low, self._span = 0, 1
        self._fine: _Fine | None = _Fine()
        """None once all is read."""
        self._key: tuple[object, ...] = ()
        self._counts: list[int] = []

    def measure(self, columns: Columns, *, finished: bool) -> None:
        """Take in the packets that are there now, where they are many or the last ones."""
        count = len(columns)
        more = count - self._covered
        if more and (finished or more > self._covered // STALE):
            fine = self._fine if self._fine is not None else _Fine()
            fine.take(columns.time[:count])
            self._low, self._span = fine.low, max(1, fine.high - fine.low + 1)
            self._covered = count
        if finished:
            self._fine = None

    def counts(self, columns: Columns, width: int, flow: int | None) -> list[int]:
        """Packets in each of `width` columns of equal time; of one conversation where named."""
        key = (self._covered, width, -1 if flow is None else flow, self._fine is None)
        if key != self._key:
            self._key, self._counts = key, self._counted(columns, width, flow)
        return self._counts

    def _counted(self, columns: Columns, width: int, flow: int | None) -> list[int]:
        if not self._covered or width < 1:
            return [0] * max(0, width)
        if flow is None and self._fine is not None and self._covered > BINS:
            return self._fine.counts(width, self._span)
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
