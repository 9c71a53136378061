"""Packets whose columns do not tell whether a filter lets them through: they are decoded.

A small capture is decoded from its first record on, so that everything is exact. In a large one
conversations are decoded one by one, those first that are likely to match: what the filter asks of
what TCP and UDP carry is found in bulk; for all else, and for odd frames, an engine reads the
conversation's records. Conversations get the numbers that the columns give them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wirestep.capture import Capture
from wirestep.capture.arrays import Array
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.lean import Wanted
from wirestep.decode.secrets import Secrets
from wirestep.model import Message, Record, Value
from wirestep.timeline.select import Filter, FrameValues
from wirestep.timeline.select_plan import MAYBE, NO, YES, Plan, Rows, Scope

from .bulk import Bulk, Part
from .candidates import Candidates
from .filtering import frame_values

SLICE = 32
"""Records that an engine decodes in one go; some milliseconds."""
TOGETHER = 512
"""Rows of short conversations that one engine reads together."""
FEW = 16
"""Conversations that are decoded one by one before many are in one pass over the file."""
NOTHING: Wanted = frozenset()
STREAMS = {6: "tcp.stream", 17: "udp.stream"}


class Decided(NamedTuple):
    """What came out for some rows; none where the work just took a breath."""

    rows: Array
    truth: Array
    """uint8: NO, MAYBE or YES."""


BREATH = Decided(np.zeros(0, np.int64), np.zeros(0, np.uint8))


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be found out, and of what."""

    capture: Capture
    registry: Registry
    secrets: Secrets
    wish: Filter
    plan: Plan

    def judged(self, record: Record, messages: Sequence[Message], stream: int) -> int:
        """YES or NO for a decoded record; `stream` is its conversation's number, -1 for unknown."""
        layered = self.wish.needs_layers
        frame = frame_values(messages, self.registry, record.data, layered=layered)
        if stream >= 0:
            frame = _numbered(frame, stream)
        return YES if self.wish.matches(frame) else NO


def _numbered(frame: FrameValues, stream: int) -> FrameValues:
    """The frame, its conversation numbered as in the whole capture."""
    values: dict[str, Sequence[Value]] = dict(frame.values)
    for name in STREAMS.values():
        if name in values:
            values[name] = (stream,)
    return FrameValues(values, frame.layers, frame.data, frame.layer_of)


class InOrder:
    """Decodes from the first record on."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._engine = Engine(task.registry, task.secrets)
        self._fed = 0

    def decide(self, rows: Array) -> Iterator[Decided]:
        """The rows (ascending, none of them asked for before), in slices."""
        task, engine = self._task, self._engine
        asked = frozenset(rows.tolist())
        last = int(rows[-1]) + 1
        while self._fed < last:
            part = range(self._fed, min(self._fed + SLICE, last))
            found = []
            for record in task.capture.records(part):
                wanted = task.wish.names if record.number in asked else NOTHING
                messages = engine.feed(record, wanted=wanted)
                if record.number in asked:
                    found.append((record.number, task.judged(record, messages, -1)))
            self._fed = part.stop
            yield _decided(found)


def _decided(found: Sequence[tuple[int, int]]) -> Decided:
    if not found:
        return BREATH
    rows, truth = zip(*found, strict=True)
    return Decided(np.array(rows, np.int64), np.array(truth, np.uint8))


class ByConversation:
    """Decodes conversations, the likely ones first."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._bulk = Bulk(task.capture, task.registry, task.secrets)
        self._candidates = Candidates(task.capture, task.registry, task.plan.protocols)

    def decide(self, asked: Array, scope: Scope, near: int) -> Iterator[Decided]:
        """The rows asked for (bool of each, changed here) in slices, in any order.

        `near` is the record people look at.
        """
        columns = scope.columns
        flow = columns.flow[: len(asked)]
        seen = np.zeros(len(columns.flows) + 1, bool)
        seen[flow[asked] >> 1] = True
        flows = np.flatnonzero(seen[:-1])
        stray = np.flatnonzero(asked & (flow < 0)) if seen[-1] else np.zeros(0, np.int64)
        in_bulk = self._task.plan.above and not self._task.plan.reads
        likely, others = self._candidates.sorted(flows, near)
        yield from self._these(likely, scope, asked, in_bulk)
        if not in_bulk:
            yield from self._read(stray, asked)
        later = []
        for some, unlikely in self._candidates.looked_into(others):
            yield BREATH
            later.append(unlikely)
            yield from self._these(some, scope, asked, in_bulk)
        if later:
            yield from self._these(np.concatenate(later), scope, asked, in_bulk)
        if in_bulk:
            yield from self._read(stray, asked)

    def _these(self, flows: Array, scope: Scope, asked: Array, in_bulk: bool) -> Iterator[Decided]:
        """All asked rows of these conversations."""
        if in_bulk:
            for part in self._parts(flows):
                yield self._by_messages(part, scope, asked)
        # In bulk, odd frames are left over.
        yield from self._conversations(flows, asked)

    def _parts(self, flows: Array) -> Iterator[Part]:
        names, only = self._task.wish.names, self._task.plan.protocols
        for flow in flows[:FEW].tolist():
            yield from self._bulk.messages(flow, names, only)
        if len(flows) > FEW:
            yield from self._bulk.sweep(flows[FEW:].tolist(), names, only)

    def _by_messages(self, part: Part, scope: Scope, asked: Array) -> Decided:
        """Judge rows by their columns and by what was found in them."""
        task = self._task
        told: dict[int, list[Message]] = {}
        for message in part.messages:
            if message.values or task.wish.protocols:
                told.setdefault(message.record, []).append(message)
        rows = part.rows[part.rows < len(asked)]
        rows = rows[asked[rows]]
        places = np.searchsorted(rows, list(told))
        frames = {
            place: frame_values(messages, task.registry, b"", layered=task.wish.needs_layers)
            for place, (record, messages) in zip(places.tolist(), told.items(), strict=True)
            if place < len(rows) and rows[place] == record
        }
        table = Rows(scope, rows, decoded=frames)
        truth = task.plan.judge(table)
        truth[table.unsure] = MAYBE
        asked[rows[truth != MAYBE]] = False
        return Decided(rows, truth)

    def _conversations(self, flows: Array, asked: Array) -> Iterator[Decided]:
        """Read record by record, short conversations together."""
        columns = self._task.capture.columns
        waits = np.zeros(len(columns.flows) + 1, bool)
        waits[columns.flow[: len(asked)][asked] >> 1] = True
        flows = flows[waits[flows]]
        held: list[Array] = []
        count = 0
        for flow in flows.tolist():
            rows = columns.rows_of(flow)
            rows = rows[rows < len(asked)]
            waiting = np.flatnonzero(asked[rows])
            if not len(waiting):
                continue
            rows = rows[: int(waiting[-1]) + 1]
            if held and count + len(rows) > TOGETHER:
                yield from self._read(np.sort(np.concatenate(held)), asked)
                held, count = [], 0
            held.append(rows)
            count += len(rows)
        if held:
            yield from self._read(np.sort(np.concatenate(held)), asked)

    def _read(self, rows: Array, asked: Array) -> Iterator[Decided]:
        """Feed rows (ascending) to one engine and judge those that are asked for."""
        task = self._task
        engine = Engine(task.registry, task.secrets)
        columns = task.capture.columns
        streams, times = columns.flows.stream, columns.time
        for start in range(0, len(rows), SLICE):
            part = rows[start : start + SLICE]
            plain = (columns.flow[part] >= 0) & (columns.nested[part] == 0)
            known = np.full(len(part), -1, np.int64)
            known[plain] = streams[columns.flow[part[plain]] >> 1]
            found = []
            for record, stream in zip(task.capture.records(part), known.tolist(), strict=True):
                mine = bool(asked[record.number])
                before = int(times[0]), int(times[max(0, record.number - 1)])
                wanted = task.wish.names if mine else NOTHING
                messages = engine.feed(record, wanted=wanted, times=before)
                if mine:
                    found.append((record.number, task.judged(record, messages, stream)))
                    asked[record.number] = False
            yield _decided(found)
