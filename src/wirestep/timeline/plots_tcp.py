"""Plots of a TCP conversation, from its columns and the analysis; numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array
from wirestep.timeline.analysis import Mark, TcpView

from .plots import Plot, Trace, rule, trace

SYN, FIN, RST, ACK = 2, 1, 4, 16
LOSS = Mark.RETRANSMISSION | Mark.FAST_RETRANSMISSION
AGAIN = LOSS | Mark.SPURIOUS_RETRANSMISSION
ESTIMATED = "cwnd is estimated: the largest flight since the last loss"
KNOWN = "cwnd is what the sender itself knows"


class Window(NamedTuple):
    """What a sender's own TCP told of its congestion window: a row an acknowledgment."""

    time: Array
    """int64, ns since the epoch."""
    cwnd: Array
    """int64, bytes."""


class Blocks(NamedTuple):
    """SACK blocks (RFC 2018): arrays with a row a block."""

    rows: Array
    left: Array
    """int64: sequence numbers as on the wire."""
    right: Array


NO_BLOCKS = Blocks(*(np.zeros(0, np.int64),) * 3)


class Way:
    """One direction of a conversation: the segments of a side, and what the other side answers."""

    def __init__(self, columns: Columns, view: TcpView, flow: int, side: int) -> None:
        self.columns, self.view, self.flow, self.side = columns, view, flow, side
        rows = columns.rows_of(flow)
        rows = rows[: np.searchsorted(rows, view.done)]
        self.count = len(rows)
        rows = rows[(columns.transport[rows] == 6) & (columns.payload_at[rows] > 0)]
        mine = (columns.flow[rows] & 1) == side
        self.sent, self.answers = rows[mine], rows[~mine]
        self.start = int(columns.time[rows].min()) if len(rows) else 0
        self.stop = int(columns.time[rows].max()) if len(rows) else 0

    def plot(
        self, kind: str, unit: str, traces: Sequence[Trace], notes: tuple[str, ...] = (),
        empty: str = "",
    ) -> Plot:  # fmt: skip
        """A plot of this way."""
        kept = tuple(one for one in traces if len(one))
        return Plot(
            kind, unit, kept, self.start, self.stop, self.side, notes,
            empty="" if kept else empty, packets=self.count,
        )  # fmt: skip

    @property
    def base(self) -> int:
        """The number that relative ones count from."""
        return int(self.view.base[self.flow, self.side])

    def unwrapped(self, numbers: Array) -> Array:
        """int64: relative sequence numbers that go on beyond 32 bits; `numbers` in order."""
        if not len(numbers):
            return np.zeros(0, np.int64)
        steps = np.diff(numbers, prepend=np.uint32(self.base)).astype(np.uint32)
        return np.cumsum(steps.view(np.int32).astype(np.int64))

    @property
    def data(self) -> tuple[Array, Array, Array]:
        """(rows, first relative number, the one behind the last) of what takes numbers."""
        columns, rows = self.columns, self.sent
        flags = columns.flags[rows]
        taken = columns.payload_length[rows].astype(np.int64)
        taken += (flags & SYN != 0).astype(np.int64) + (flags & FIN != 0)
        first = self.unwrapped(columns.seq[rows])
        full = (taken > 0) & (flags & RST == 0)
        return rows[full], first[full], (first + taken)[full]

    @property
    def acks(self) -> tuple[Array, Array]:
        """(rows, relative number acknowledged) of the other side's acknowledgments."""
        flags = self.columns.flags[self.answers]
        rows = self.answers[(flags & ACK != 0) & (flags & RST == 0)]
        return rows, self.unwrapped(self.columns.ack[rows])

    def marked(self, rows: Array, mark: Mark) -> Array:
        """bool: which of the rows have one of the marks."""
        found: Array = self.view.marks[rows] & np.uint16(mark) != 0
        return found


def rtt(way: Way) -> Plot:
    """Round trips of a side's segments, each and smoothed (RFC 6298 section 2), in s."""
    rows = way.answers
    found = way.view.ack_rtt[rows].astype(np.float64)
    known = ~np.isnan(found)
    rows, found = rows[known], found[known]
    time = way.columns.time[rows]
    smooth = np.array(list(accumulate(found.tolist(), lambda s, r: s + (r - s) / 8)))
    traces = [
        trace("R", "RTT of a segment", "teal", "points", time, found, rows),
        trace("S", "smoothed", "orange", "line", time, smooth, rows),
    ]
    first = int(way.view.initial_rtt[way.flow])
    if first > 0 and len(rows):
        traces.append(rule("H", "handshake", "violet", way.start, first / 1e9))
    return way.plot("rtt", "s", traces, empty="no segment of this side was acknowledged")


def window(way: Way, known: Window | None = None) -> Plot:
    """Bytes in flight against the other side's window and the sender's own, in bytes."""
    flight = way.view.bytes_in_flight(way.flow)
    mine = flight.side == way.side
    rows, time, size = flight.rows[mine], flight.time[mine], flight.size[mine]
    windows = way.view.windows(way.flow)
    theirs = (windows.side != way.side) & (way.columns.flags[windows.rows] & RST == 0)
    traces = [
        trace(
            "W", "receiver's window", "violet", "steps", windows.time[theirs],
            windows.size[theirs], windows.rows[theirs],
        )
    ]  # fmt: skip
    if known is not None and len(known.time):
        none = np.full(len(known.time), -1)
        traces.append(trace("C", "cwnd", "orange", "steps", known.time, known.cwnd, none))
        note = KNOWN
    else:
        guess = largest_since(size, way.marked(rows, LOSS))
        traces.append(trace("C", "cwnd, estimated", "orange", "steps", time, guess, rows))
        note = ESTIMATED
    traces.insert(0, trace("F", "in flight", "teal", "stems", time, size, rows))
    empty = "no bytes of this side were in flight while this was captured"
    if not len(rows):
        traces = []
    notes: tuple[str, ...] = (note,) if len(rows) else ()
    if min(way.view.window_scale(way.flow)) == -1 and len(rows):
        notes += ("the window's factor is not known: no SYN of it was captured",)
    return way.plot("window", "B", traces, notes, empty)


def largest_since(size: Array, lost: Array) -> Array:
    """The largest of `size` since the last row that is `lost`, at each row."""
    if not len(size):
        return size
    run = np.cumsum(lost)
    step = int(size.max()) + 1
    largest: Array = np.maximum.accumulate(size + run * step) - run * step
    return largest


def sequence(way: Way) -> Plot:
    """Sequence numbers over time, a point a segment (Stevens), in bytes."""
    rows, first, _ = way.data
    time = way.columns.time[rows]
    again = way.marked(rows, AGAIN)
    late = way.marked(rows, Mark.OUT_OF_ORDER)
    traces = [trace("D", "data", "teal", "points", time, first, rows)]
    for letter, name, hue, some in (
        ("R", "sent again", "bad", again),
        ("O", "out of order", "orange", late & ~again),
    ):
        traces.append(trace(letter, name, hue, "marks", time[some], first[some], rows[some]))
    return way.plot("sequence", "B", traces, empty="this side sent nothing")


def tcptrace(way: Way, blocks: Blocks = NO_BLOCKS) -> Plot:
    """Segments, what is acknowledged and what the window allows, as tcptrace draws it, in bytes."""
    rows, first, behind = way.data
    time, again = way.columns.time[rows], way.marked(rows, AGAIN)
    answers, acked = way.acks
    at = way.columns.time[answers]
    windows = way.view.windows(way.flow)
    place = np.searchsorted(windows.rows, answers)
    allowed = acked + windows.size[place] if len(answers) else acked
    new = ~again
    traces = [
        trace("A", "acknowledged", "green", "steps", at, acked, answers),
        trace("W", "window's end", "violet", "steps", at, allowed, answers),
        _sacked(way, blocks, answers, acked),
        trace("D", "segments", "teal", "bars", time[new], behind[new], rows[new], first[new]),
        trace("R", "sent again", "bad", "bars", time[again], behind[again], rows[again],
              first[again]),
    ]  # fmt: skip
    if not len(rows):
        traces = []
    return way.plot("tcptrace", "B", traces, empty="this side sent nothing")


def _sacked(way: Way, blocks: Blocks, answers: Array, acked: Array) -> Trace:
    """SACK blocks, near what was acknowledged by then."""
    if not len(blocks.rows):
        return trace("S", "SACK", "orange", "bars", *(np.zeros(0, np.int64),) * 3)
    near = acked[np.searchsorted(answers, blocks.rows)]
    left, right = (_near(numbers, near, way.base) for numbers in (blocks.left, blocks.right))
    time = way.columns.time[blocks.rows]
    return trace("S", "SACK", "orange", "bars", time, right, blocks.rows, left)


def _near(numbers: Array, near: Array, base: int) -> Array:
    """Relative numbers of 32-bit ones that lie near other relative ones."""
    away = (numbers - base - near + (1 << 31)) % (1 << 32) - (1 << 31)
    return np.asarray(near + away)


def throughput(way: Way, interval: int) -> Plot:
    """Bytes that a side sent, and those that were acknowledged, by intervals (ns), in bit/s."""
    columns, rows = way.columns, way.sent
    sizes = columns.payload_length[rows].astype(np.int64)
    rows, sizes = rows[sizes > 0], sizes[sizes > 0]
    if not len(rows):
        return way.plot("throughput", "bit/s", (), empty="this side sent nothing")
    answers, acked = way.acks
    # The numbers of SYN and FIN are acknowledged too, but they are no bytes.
    _, first, behind = way.data
    flags = columns.flags[way.data[0]]
    low = int(first[flags & SYN != 0].max(initial=int(first.min()) - 1)) + 1
    high = int((behind - (flags & FIN != 0)).max())
    top = np.maximum.accumulate(np.clip(acked, low, high)) if len(acked) else acked
    new = np.diff(top, prepend=low)
    sent = binned(way, columns.time[rows], sizes, rows, interval)
    got = binned(way, columns.time[answers], new, answers, interval)
    traces = (
        trace("T", "throughput: bytes sent", "teal", "area", *sent),
        trace("G", "goodput: bytes acknowledged", "orange", "steps", *got),
    )
    return way.plot("throughput", "bit/s", traces, (f"intervals of {_told(interval)}",))


def binned(
    way: Way, time: Array, sizes: Array, rows: Array, interval: int
) -> tuple[Array, Array, Array]:
    """(begin of each interval, bit/s in it, its first packet or -1)."""
    count = (way.stop - way.start) // interval + 1
    place = (time - way.start) // interval
    rate = np.bincount(place, sizes, minlength=count) * 8e9 / interval
    first = np.full(count, -1, np.int64)
    first[place[::-1]] = rows[::-1]
    return way.start + np.arange(count) * interval, rate, first


def _told(interval: int) -> str:
    """Such as "20 ms"."""
    for unit, size in (("s", 1_000_000_000), ("ms", 1_000_000), ("µs", 1_000)):
        if interval >= size:
            return f"{interval / size:g} {unit}"
    return f"{interval} ns"
