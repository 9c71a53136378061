"""What the analysis gives to readers: arrays by row and by conversation, and more when asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from wirestep.capture import Columns

from .arrays import Array
from .carried import BASED, Carried, Known
from .judge import Verdict, judge
from .marks import Mark
from .scales import Scales
from .sides import GROUP, SLICE, SYN, Slice


class DuplicateAcks:
    """All duplicate acknowledgments; three arrays with one row each."""

    def __init__(self, parts: tuple[tuple[Array, Array, Array], ...]) -> None:
        self._parts = parts

    @cached_property
    def _joined(self) -> list[Array]:
        if not self._parts:
            return [np.zeros(0, np.int32)] * 3
        return [np.concatenate(part) for part in zip(*self._parts, strict=True)]

    @property
    def rows(self) -> Array:
        """int32, ascending: where they are."""
        return self._joined[0]

    @property
    def number(self) -> Array:
        """int32: how often it has been said again by then."""
        return self._joined[1]

    @property
    def first(self) -> Array:
        """int32: the row that said it first."""
        return self._joined[2]

    def of(self, row: int) -> tuple[int, int] | None:
        """(how often, row that said it first) of one row; None where it is none."""
        at = int(np.searchsorted(self.rows, row))
        if at == len(self.rows) or self.rows[at] != row:
            return None
        return int(self.number[at]), int(self.first[at])


class Samples(NamedTuple):
    """Round trips of one conversation, by the acknowledgment that ends them."""

    rows: Array
    time: Array
    """int64, ns."""
    rtt: Array
    """float64, s."""


class Flight(NamedTuple):
    """A number of bytes that changes with the segments of a conversation."""

    rows: Array
    time: Array
    """int64, ns."""
    side: Array
    """uint8: 0 for the conversation's first sender."""
    size: Array
    """int64, bytes."""


class TcpView:
    """A frozen look at the first `done` packets."""

    def __init__(
        self,
        columns: Columns,
        marks: Array,
        ack_rtt: Array,
        duplicate_acks: DuplicateAcks,
        known: Known,
        scales: Scales,
    ) -> None:
        self._columns, self._known, self._scales = columns, known, scales
        self.marks = marks
        """uint16[done]: bits of Mark."""
        self.ack_rtt = ack_rtt
        """float32[done]: s since the segment that a row acknowledges was captured, else NaN."""
        self.duplicate_acks = duplicate_acks
        marks.flags.writeable = ack_rtt.flags.writeable = False

    @property
    def done(self) -> int:
        """Rows that were looked at."""
        return len(self.marks)

    @property
    def initial_rtt(self) -> Array:
        """int64: by conversation, ns from SYN to the ACK that ends the handshake; -1 unknown."""
        return np.where(self._known.round_trip == 0, -1, self._known.round_trip)

    @property
    def completeness(self) -> Array:
        """uint8: by conversation, the bits of tcp.completeness as of now."""
        return self._known.completeness

    @property
    def base(self) -> Array:
        """uint32[n, 2]: by conversation and side, the number that relative ones count from."""
        return np.ascontiguousarray(self._known.directions["base"]).reshape(-1, 2)

    @property
    def base_known(self) -> Array:
        """bool[n, 2]: where `base` is known."""
        known: Array = self._known.directions["bits"] & BASED != 0
        return known.reshape(-1, 2)

    def rows_with(self, mark: Mark) -> Array:
        """int64: rows that have one of these marks."""
        return np.flatnonzero(self.marks & np.uint16(mark))

    def window_scale(self, flow: int) -> tuple[int, int]:
        """Shifts of both sides' windows: -1 not known, -2 not used (reads two frames)."""
        if not 0 <= flow < len(self._known.round_trip):
            return -1, -1
        syns = self._known.directions["syn_row"][2 * flow : 2 * flow + 2].astype(int) - 1
        return self._scales.shifts(int(syns[0]), int(syns[1]))

    def samples(self, flow: int) -> Samples:
        """All round trips of one conversation, those of both sides."""
        rows = self._rows(flow)
        rows = rows[~np.isnan(self.ack_rtt[rows])]
        return Samples(rows, self._columns.time[rows], self.ack_rtt[rows].astype(np.float64))

    def acked(self, flow: int) -> tuple[Array, Array]:
        """(rows that acknowledge a segment of their conversation, that segment's rows)."""
        found = [answer for _, verdict in self._again(flow) for answer in verdict.answers]
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        rows = np.concatenate([answer.rows for answer in found])
        acked = np.concatenate([answer.acked for answer in found])
        order = np.argsort(rows)
        return rows[order], acked[order]

    def bytes_in_flight(self, flow: int) -> Flight:
        """What was sent and not acknowledged, after each segment with data.

        Nothing is told of segments before the other side's first acknowledgment. Bytes that the
        other side has beyond a gap (SACK) count as in flight; tcp.analysis.bytes_in_flight leaves
        them out.
        """
        rows, sides, sizes = [], [], []
        for part, verdict in self._again(flow):
            for which, side in enumerate(part.sides):
                full = np.flatnonzero(side.size)
                top = verdict.acks[1 - which].top_at(side.other[full])
                known = top >= (top >> GROUP << GROUP)
                full, top = full[known], top[known]
                rows.append(side.rows[full])
                sides.append(np.full(len(full), which, np.uint8))
                sizes.append(np.maximum(side.run[full] - top, 0))
        return self._ordered(rows, sides, sizes)

    def windows(self, flow: int) -> Flight:
        """The window that each segment promises, scaled."""
        rows = self._rows(flow)
        columns = self._columns
        side = (columns.flow[rows] & 1).astype(np.uint8)
        shift = np.maximum(np.array(self.window_scale(flow)), 0)[side]
        shift = np.where(columns.flags[rows] & SYN != 0, 0, shift)
        return self._ordered([rows], [side], [columns.window[rows].astype(np.int64) << shift])

    def _ordered(self, rows: list[Array], sides: list[Array], sizes: list[Array]) -> Flight:
        if not rows:
            rows, sides, sizes = (
                [np.zeros(0, np.int64)],
                [np.zeros(0, np.uint8)],
                [np.zeros(0, np.int64)],
            )
        row, side, size = np.concatenate(rows), np.concatenate(sides), np.concatenate(sizes)
        order = np.argsort(row)
        row = row[order]
        return Flight(row, self._columns.time[row], side[order], size[order])

    def _rows(self, flow: int) -> Array:
        rows = self._columns.rows_of(flow)
        rows = rows[: np.searchsorted(rows, self.done)]
        columns = self._columns
        sound: Array = (columns.transport[rows] == 6) & (columns.payload_at[rows] > 0)
        return rows[sound]

    def _again(self, flow: int) -> Iterator[tuple[Slice, Verdict]]:
        """Judge one conversation anew, for what is not kept of all of them."""
        carried, marks = Carried(), np.zeros(self.done, np.uint16)
        rows = self._rows(flow)
        for start in range(0, len(rows), SLICE):
            some = rows[start : start + SLICE]
            part = Slice(self._columns, some, self._columns.flow[some] & 1, carried)
            yield part, judge(part, carried, marks, self._scales)
