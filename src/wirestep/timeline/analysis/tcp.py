"""The TCP conversations of a capture, judged as it grows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from wirestep.capture import Columns

from .arrays import Array
from .carried import Carried
from .judge import judge
from .marks import Mark
from .scales import Scales
from .sides import SLICE, Slice
from .view import DuplicateAcks, TcpView

TCP = 6
MAX_PARTS = 64
"""Pieces of the list of duplicate acknowledgments that may lie about unjoined."""


class TcpAnalysis:
    """One a capture. One thread extends; any number may use the views it gave."""

    def __init__(self) -> None:
        self.done = 0
        """Rows that were looked at."""
        self._carried = Carried()
        self._marks = np.zeros(0, np.uint16)
        self._trips = np.zeros(0, np.float32)
        self._repeats: list[tuple[Array, Array, Array]] = []
        self._scales = Scales()
        self._known = 0
        self._pairs = np.zeros(0, bool)
        self._view: TcpView | None = None

    def extend(
        self, columns: Columns, bytes_of: Callable[[int], bytes], most: int | None = None
    ) -> None:
        """Judge the rows that were not there the last time, `most` of them.

        `bytes_of` gives a frame's bytes by its row; it is asked for SYNs only, and few of them.
        """
        count = len(columns)
        if most is not None:
            count = min(count, self.done + most)
        self._reserve(count)
        self._scales.follow(columns, bytes_of)
        while self.done < count:
            stop = min(count, self.done + SLICE)
            self._step(columns, stop)
            self.done = stop
        self._reused(columns)
        self._publish(columns)

    def view(self) -> TcpView | None:
        """What is known of the rows so far; None before the first `extend`."""
        return self._view

    def _step(self, columns: Columns, stop: int) -> None:
        start = self.done
        good = (columns.transport[start:stop] == TCP) & (columns.payload_at[start:stop] > 0)
        numbers = columns.flow[start:stop]
        good &= numbers >= 0
        rows = np.flatnonzero(good)
        if not len(rows):
            return
        numbers = numbers[rows]
        part = Slice(columns, rows + start, numbers, self._carried)
        verdict = judge(part, self._carried, self._marks, self._scales)
        for answers in verdict.answers:
            span = columns.time[answers.rows] - columns.time[answers.acked]
            self._trips[answers.rows] = np.where(span == 0, np.nan, span * 1e-9)
        if verdict.repeats:
            columns_ = [np.concatenate(found) for found in zip(*verdict.repeats, strict=True)]
            order = np.argsort(columns_[0])
            one, two, three = (found[order].astype(np.int32) for found in columns_)
            self._repeats.append((one, two, three))

    def _reused(self, columns: Columns) -> None:
        """Conversations between ports that had one before."""
        flows = columns.flows
        first = flows.first[self._known :]
        later = np.flatnonzero(first >= self.done)
        first = first[: later[0]] if len(later) else first
        if not len(first):
            return
        pairs = flows.pair[self._known : self._known + len(first)]
        size = int(pairs.max()) + 1
        if size > len(self._pairs):
            grown = np.zeros(max(size, 2 * len(self._pairs)), bool)
            grown[: len(self._pairs)] = self._pairs
            self._pairs = grown
        again = self._pairs[pairs]
        _, index = np.unique(pairs, return_index=True)
        fresh = np.zeros(len(pairs), bool)
        fresh[index] = True
        again |= ~fresh
        self._pairs[pairs] = True
        rows = first[again]
        rows = rows[(columns.transport[rows] == TCP) & (columns.payload_at[rows] > 0)]
        self._marks[rows] |= np.uint16(Mark.REUSED_PORTS)
        self._known += len(pairs)

    def _reserve(self, count: int) -> None:
        if count <= len(self._marks):
            return
        count = max(count, len(self._marks) * 3 // 2)
        marks, trips = np.zeros(count, np.uint16), np.full(count, np.nan, np.float32)
        marks[: self.done], trips[: self.done] = self._marks[: self.done], self._trips[: self.done]
        self._marks, self._trips = marks, trips

    def _publish(self, columns: Columns) -> None:
        if len(self._repeats) > MAX_PARTS:
            parts = zip(*self._repeats, strict=True)
            one, two, three = (np.concatenate(part) for part in parts)
            self._repeats = [(one, two, three)]
        self._view = TcpView(
            columns,
            self._marks[: self.done],
            self._trips[: self.done],
            DuplicateAcks(tuple(self._repeats)),
            self._carried.snapshot(),
            self._scales,
        )
