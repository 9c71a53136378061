"""The messages of many conversations in one pass over the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from wirestep.capture.columns import Columns
from wirestep.decode.bulk import Conversation, Ends
from wirestep.decode.bulk_places import ACK, SYN
from wirestep.decode.contract import new_tuple
from wirestep.decode.engine import Engine
from wirestep.decode.talk import Talk
from wirestep.model import Message, Piece, Side, Source

from .bulk_roads import SLOW, Pace, Part, Setting, above, lawful
from .bulk_rows import (
    CARRIERS,
    LARGE,
    TCP,
    Array,
    Rows,
    Stretch,
    client_of,
    ends_of,
    kept_of,
    payloads,
    segments,
    stretch,
)

WINDOW = 32_768
"""Rows of the capture that are sorted by conversation at once, if they are not over LARGE bytes."""
ROWS = 4096
"""Packets read in one step."""
FEW = 512
"""The same for datagrams, each of which has a message."""
BYTES = 4 << 20
"""Bytes of payload read in one step, or one packet's more."""
SIDES = Side.CLIENT, Side.SERVER
LONG = 0.02
"""Seconds of processor time that a step should not take: nobody waits for a single one."""


class Sweep:
    """One pass; state is kept of every conversation that was met."""

    def __init__(self, setting: Setting, flows: Sequence[int] | None) -> None:
        self.setting = setting
        self.columns = columns = setting.capture.columns
        self.engine = setting.engine({})
        self._paces = Pace(ROWS, LONG), Pace(FEW, LONG), Pace(SLOW, LONG)
        """Of segments, of datagrams, of frames."""
        self.frames = Engine(setting.registry, setting.secrets)
        """For conversations that are read frame by frame."""
        mine = self.covers(columns)
        if flows is not None:
            chosen = np.zeros(len(mine), bool)
            chosen[np.array(list(flows), np.int64)] = True
            mine &= chosen
        self._mine = mine
        self._streams = columns.flows.transport == TCP
        self._stretch: Stretch | None = None
        """Bytes of the window that is being read."""
        self._odd = odd_flows(columns) if lawful(setting.registry) else np.ones(len(mine), bool)
        self._talks: dict[int, Conversation] = {}
        self._datagrams: dict[int, tuple[Ends, int, Talk | None]] = {}

    @staticmethod
    def covers(columns: Columns) -> Array:
        """bool[conversations]: those that can be read here, of a transport that carries others."""
        mine: Array = np.isin(columns.flows.transport, list(CARRIERS)) & (columns.flows.stream >= 0)
        return mine

    def __iter__(self) -> Iterator[Part]:
        for start, stop in self.windows():
            yield from self.read(start, stop)

    def windows(self) -> Iterator[tuple[int, int]]:
        """(start, stop): the rows in parts that are sorted by conversation; the same for all."""
        start = 0
        while start < len(self.columns):
            offset = self.columns.offset[start : start + WINDOW]
            stop = start + max(1, int(np.searchsorted(offset, offset[0] + LARGE // 2)))
            yield start, stop
            start = stop

    def read(self, start: int, stop: int) -> Iterator[Part]:
        """The messages of one window, each conversation's in order; no window is left out."""
        if not self._mine.any():
            return
        numbers = self.columns.flow[start:stop] >> 1
        here = np.flatnonzero((numbers >= 0) & self._mine[numbers])
        if len(here):
            yield from self._window(here + start, numbers[here])

    def _window(self, rows: Rows, numbers: Array) -> Iterator[Part]:
        odd = self._odd[numbers]
        streams = self._streams[numbers]
        plain = rows[~odd]
        self._stretch = None
        if len(plain):
            self._stretch = stretch(self.setting.capture, self.columns, plain)
        segment_pace, datagram_pace, frame_pace = self._paces
        datagrams, slow = rows[~odd & ~streams], rows[odd]
        for some in _slices(self.columns, datagrams, datagram_pace):
            with datagram_pace.timed():
                part = self._read_datagrams(some)
            yield part
        segmented = np.flatnonzero(~odd & streams)
        order = segmented[np.argsort(numbers[segmented], kind="stable")]
        heads = np.flatnonzero(np.diff(numbers[order], prepend=-1)).tolist()
        for low, high in zip(heads, [*heads[1:], len(order)], strict=False):
            flow = int(numbers[order[low]])
            for some in _slices(self.columns, rows[order[low:high]], segment_pace):
                with segment_pace.timed():
                    part = self._read_segments(flow, some)
                yield part
        for some in _slices(self.columns, slow, frame_pace):
            with frame_pace.timed():
                part = self._read_frames(some)
            yield part

    def _read_segments(self, flow: int, rows: Rows) -> Part:
        columns, capture = self.columns, self.setting.capture
        talk = self._talks.get(flow)
        if talk is not None and talk.passed and not self._odd[flow]:
            return Part(rows, [])
        client = client_of(columns, flow, int(columns.flows.first[flow]))
        told = segments(columns, rows, client)
        if talk is None:
            ends = ends_of(columns, flow, client, told)
            talk = self._talks[flow] = Conversation(self.engine, ends)
        if self._odd[flow] or not talk.feed(
            told, payloads(capture, columns, rows, told.kept, self._stretch)
        ):
            # It looked plain, and then it was not: from its start on, frame by frame.
            if not self._odd[flow]:
                self._odd[flow] = True
                before = columns.rows_of(flow)
                self._read_frames(before[: np.searchsorted(before, rows[0])])
            return self._read_frames(rows)
        return Part(rows, self.engine.take())

    def _read_datagrams(self, rows: Rows) -> Part:
        columns, engine = self.columns, self.engine
        kept = kept_of(columns, rows)
        found = zip(
            rows.tolist(),
            columns.flow[rows].tolist(),
            columns.time[rows].tolist(),
            columns.payload_length[rows].tolist(),
            columns.payload_at[rows].tolist(),
            payloads(self.setting.capture, columns, rows, kept, self._stretch),
            strict=True,
        )
        for row, way, time, size, at, data in found:
            known = self._datagrams.get(way >> 1)
            if known is None:
                client = client_of(columns, way >> 1, int(columns.flows.first[way >> 1]))
                known = ends_of(columns, way >> 1, client, None), client, None
            ends, client, talk = known
            record = engine.enter(row, time)
            source = Source("", bytes(data), (new_tuple(Piece, (0, row, at, len(data))),))
            side = SIDES[(way & 1) ^ client]
            now = engine.datagram(talk, ends, side, record, size, source)
            if now is not talk:
                self._datagrams[way >> 1] = ends, client, now
        return Part(rows, engine.take())

    def _read_frames(self, rows: Rows) -> Part:
        columns, wanted = self.columns, self.setting.wanted
        messages: list[Message] = []
        for record in self.setting.capture.records(rows.tolist()):
            times = int(columns.time[0]), int(columns.time[max(0, record.number - 1)])
            messages += above(self.frames.feed(record, wanted=wanted, times=times))
        return Part(rows, messages)


def odd_flows(columns: Columns) -> Array:
    """bool[conversations]: those of which the columns do not tell all."""
    count = len(columns.flows)
    odd = np.zeros(count, bool)
    known = columns.flow >= 0
    odd[columns.flow[known & (columns.nested != 0)] >> 1] = True
    # Who serves is said by each SYN, in the same words, before anything else is said.
    opening = np.flatnonzero(known & (columns.transport == TCP) & (columns.flags & SYN != 0))
    flow = columns.flow[opening] >> 1
    serves = (columns.flow[opening] & 1) ^ (columns.flags[opening] & ACK == 0)
    said = np.zeros((count, 2), bool)
    said[flow, serves.astype(np.int64)] = True
    odd |= said.all(axis=1)
    late = opening[opening != columns.flows.first[flow]]
    begun = np.zeros(count, bool)
    begun[columns.flow[opening[opening == columns.flows.first[flow]]] >> 1] = True
    odd[columns.flow[late[~begun[columns.flow[late] >> 1]]] >> 1] = True
    return odd


def _slices(columns: Columns, rows: Rows, pace: Pace) -> Iterator[Rows]:
    """The rows in parts of some milliseconds each."""
    size = np.cumsum(columns.payload_length[rows], dtype=np.int64)
    start = 0
    while start < len(rows):
        most = int(size[start - 1]) + BYTES if start else BYTES
        stop = min(start + pace.rows, int(np.searchsorted(size, most)) + 1)
        yield rows[start:stop]
        start = stop
