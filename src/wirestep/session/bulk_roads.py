"""Two ways through a conversation: by its columns where they tell all, else frame by frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import thread_time
from typing import NamedTuple

import numpy as np

from wirestep.capture import Capture
from wirestep.decode.bulk import BulkEngine, Conversation, Ends
from wirestep.decode.bulk_places import Numbers, even
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.lean import Wanted
from wirestep.decode.secrets import Secrets
from wirestep.decode.talk import Talk
from wirestep.model import Message, Piece, Source

from .bulk_rows import (
    CARRIERS,
    TCP,
    Rows,
    client_of,
    ends_of,
    kept_of,
    payloads,
    segments,
    side_of,
)
from .kin import rows_before

ROWS = 512
"""Packets read in one step; some milliseconds."""
FEW = 128
"""The same for datagrams, each of which has a message."""
SLOW = 64
"""The same, frame by frame."""
LONG = 0.005
"""Seconds of processor time that a part should not take (who else works here plays no part)."""
SHORTEST = 32
"""Packets read in one step, at least."""
BYTES = 256 << 10
"""Bytes of payload read in one step, or one packet's more."""


class Part(NamedTuple):
    """Messages of some rows of the capture."""

    rows: Rows
    """All their messages are in it, and no others."""
    messages: list[Message]


class Setting(NamedTuple):
    """What conversations are read with."""

    capture: Capture
    registry: Registry
    secrets: Secrets
    wanted: Wanted
    only: frozenset[str] | None = None
    """The protocols whose messages are asked for, besides `wanted`; None for all."""

    def engine(self, bases: Mapping[str, int]) -> BulkEngine:
        """Who reads a conversation; `bases` as in Engine."""
        return BulkEngine(self.registry, self.secrets, bases, self.wanted, self.only)


class Pace:
    """How many rows to read at once, so that a part takes some milliseconds."""

    def __init__(self, most: int, long: float = LONG) -> None:
        """At most so many rows; at most so many seconds of processor time."""
        self.most, self.long = most, long
        self.rows = min(most, 128)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """What happens inside was one part."""
        start = thread_time()
        yield
        took = thread_time() - start
        if took > self.long:
            self.rows = max(SHORTEST, self.rows // 2)
        elif took < self.long / 3:
            self.rows = min(self.most, self.rows * 2)


class SegmentRoad:
    """A conversation of segments, by its columns."""

    def __init__(self, setting: Setting, flow: int, rows: Rows) -> None:
        self.capture = setting.capture
        columns = self.capture.columns
        self.client = client_of(columns, flow, int(rows[0]))
        told = segments(columns, rows, self.client)
        self.ends = ends_of(columns, flow, self.client, told)
        bases = {self.ends.carrier: self.ends.stream}
        self.engine = setting.engine(bases)
        self.talk = Conversation(self.engine, self.ends)
        self.pace = Pace(ROWS)

    def step(self, rows: Rows) -> Part | None:
        """What the first of these rows complete; None where they are too odd for this road."""
        with self.pace.timed():
            return self._step(rows[: self.pace.rows])

    def _step(self, rows: Rows) -> Part | None:
        if self.talk.passed:
            return Part(rows, [])
        columns = self.capture.columns
        size = np.cumsum(columns.payload_length[rows], dtype=np.int64)
        rows = rows[: int(np.searchsorted(size, BYTES)) + 1]
        told = segments(columns, rows, self.client)
        if not self.talk.feed(told, payloads(self.capture, columns, rows, told.kept)):
            return None
        return Part(rows, self.engine.take())


class DatagramRoad:
    """A conversation of datagrams, by its columns."""

    def __init__(self, setting: Setting, flow: int, rows: Rows) -> None:
        self.capture = setting.capture
        carrier = CARRIERS[int(self.capture.columns.flows.transport[flow])]
        bases = {carrier: int(self.capture.columns.flows.stream[flow])}
        self.engine = setting.engine(bases)
        self.pace = Pace(FEW)
        self._known: dict[int, tuple[int, Ends, Talk | None]] = {}
        """By conversation: which end is the client, who talks, what reads it."""
        self._before = rows_before(self.capture, setting.registry, flow)
        """Rows of others that are still to be read before its own."""

    def step(self, rows: Rows) -> Part | None:
        """What the first of these rows complete."""
        with self.pace.timed():
            if len(self._before):
                some, self._before = np.split(self._before, [self.pace.rows])
                self._read(some)
                self.engine.take()  # they are told by their own conversations
                return Part(rows[:0], [])
            some = rows[: self.pace.rows]
            self._read(some)
            return Part(some, self.engine.take())

    def _read(self, rows: Rows) -> None:
        columns = self.capture.columns
        kept = kept_of(columns, rows)
        found = zip(
            rows.tolist(),
            columns.flow[rows].tolist(),
            columns.time[rows].tolist(),
            columns.payload_length[rows].tolist(),
            columns.payload_at[rows].tolist(),
            payloads(self.capture, columns, rows, kept),
            strict=True,
        )
        for row, way, time, size, at, data in found:
            known = self._known.get(way >> 1)
            if known is None:
                client = client_of(columns, way >> 1, row)
                known = client, ends_of(columns, way >> 1, client, None), None
            client, ends, talk = known
            record = self.engine.enter(row, time)
            source = Source("", bytes(data), (Piece(0, row, at, len(data)),))
            side = side_of(columns, row, client)
            talk = self.engine.datagram(talk, ends, side, record, size, source)
            self._known[way >> 1] = client, ends, talk


class FrameRoad:
    """Any conversation, frame by frame: what the columns do not tell, decoders do."""

    def __init__(self, setting: Setting, flow: int, rows: Rows) -> None:
        self.capture, self.wanted = setting.capture, setting.wanted
        columns = self.capture.columns
        carrier = CARRIERS[int(columns.flows.transport[flow])]
        bases = {carrier: int(columns.flows.stream[flow])}
        self.engine = Engine(setting.registry, setting.secrets, bases)
        self.pace = Pace(SLOW)

    def step(self, rows: Rows) -> Part | None:
        """What the first of these rows complete."""
        with self.pace.timed():
            return self._step(rows[: self.pace.rows])

    def _step(self, rows: Rows) -> Part:
        messages: list[Message] = []
        columns = self.capture.columns
        for record in self.capture.records(rows.tolist()):
            times = int(columns.time[0]), int(columns.time[max(0, record.number - 1)])
            messages += above(self.engine.feed(record, wanted=self.wanted, times=times))
        return Part(rows, messages)


Road = SegmentRoad | DatagramRoad | FrameRoad


def road(setting: Setting, flow: int, rows: Rows, odd: bool = False) -> Road:
    """The fastest way through a conversation that gives all its messages."""
    if odd or not plain(setting, flow, rows):
        return FrameRoad(setting, flow, rows)
    kind = SegmentRoad if setting.capture.columns.flows.transport[flow] == TCP else DatagramRoad
    return kind(setting, flow, rows)


def plain(setting: Setting, flow: int, rows: Rows) -> bool:
    """Whether the columns tell all there is to know of a conversation."""
    columns = setting.capture.columns
    if columns.nested[rows].any() or not lawful(setting.registry):
        return False
    if columns.flows.transport[flow] != TCP:
        return True
    told = segments(columns, rows, client_of(columns, flow, int(rows[0])))
    return even(told) and Numbers().places(told) is not None


def lawful(registry: Registry) -> bool:
    """Whether the user's rules, if any, leave the layers below conversations as they are."""
    tables = {f"{carrier}.port" for carrier in CARRIERS.values()}
    return all(table in tables for table, _ in registry.rules)


def above(messages: Iterable[Message]) -> list[Message]:
    """Those of a frame's messages that a conversation carries, at whatever depth."""
    carriers = set(CARRIERS.values())
    inside: set[int | None] = set()
    found = []
    for message in messages:
        if message.inside in inside:
            found.append(message)
            inside.add(message.number)
        elif message.protocol in carriers:
            inside.add(message.number)
        elif message.inside is None and inside:
            found.append(message)
            inside.add(message.number)
    return found
