"""The waterfall of requests, in the words of browsers' developer tools; a row a request.

Where a connection has many streams, bytes of one may have arrived and still be kept back, because
bytes of another before them were lost: that time is told apart (head-of-line blocking), with the
packet that brought what was missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wirestep.model import Message

from .ledger.clocks import heard, trips
from .ledger.goals import STREAM, Stage, stream_of
from .ledger.passing import Passing, Told, party_of, passings

PARTS = ("blocked", "DNS", "connect", "TLS", "sent", "waiting", "receiving", "held")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a row."""

    kind: str
    """One of PARTS; "held": all bytes had arrived, and waited behind a hole."""
    start: int
    """Nanoseconds, on the party's clock."""
    length: int
    records: tuple[int, int]
    """The record that began it, and the one that ended it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One request and its answer. Texts are made of wire text: make them safe before showing."""

    name: str
    method: str
    status: str
    protocol: str
    stream: int | None
    connection: int
    """Counted from 1, in order of their first requests."""
    flow: int
    start: int
    """Nanoseconds, on the party's clock."""
    total: int
    parts: tuple[Part, ...]
    records: tuple[int, int]
    """The record with the question, and the last one of the answer."""
    behind: tuple[int, ...] = ()
    """Records that brought what had been lost before bytes of this one."""

    @property
    def blocked(self) -> int:
        """Nanoseconds that all of it had arrived and was kept behind a hole."""
        return sum(part.length for part in self.parts if part.kind == "held")


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All requests of an exchange, in order."""

    rows: tuple[Row, ...]
    start: int
    """When the exchange began."""
    total: int
    """Nanoseconds until the last answer was there."""


def waterfall(
    frames: Sequence[Sequence[Message]],
    tell: Callable[[int], Told],
    stage: Stage,
    party: str = "",
) -> Waterfall:
    """The requests of `party`; without one, of whoever began."""
    party = party or party_of(frames, tell)
    passed = passings(frames, party, tell)
    passed = heard(passed, trips(passed))
    rows = tuple(_Rows(passed, stage).rows())
    start = min((row.start for row in rows), default=0)
    return Waterfall(rows, start, max((row.start + row.total for row in rows), default=0) - start)


class _Rows:
    """Makes the rows of the packets of one party."""

    def __init__(self, passed: Sequence[Passing], stage: Stage) -> None:
        self.passed, self.stage = passed, stage
        self.times = {passing.record: passing.time for passing in passed}
        self.packets = {passing.record: passing for passing in passed}
        self.together: dict[tuple[int, int], list[Message]] = {}
        """By conversation and record: the units of streams that it completed, in order."""
        self.answers: dict[int, Message] = {}
        self.first: dict[int, Passing] = {}
        """By conversation: its first packet."""
        self.opened: dict[int, Passing] = {}
        """By conversation: the packet after which the party may talk on it."""
        self.units: dict[tuple[int, int | None], list[Message]] = {}
        """What came, by conversation and stream."""
        for passing in passed:
            self.first.setdefault(passing.flow, passing)
            if passing.opens and not passing.out:
                self.opened.setdefault(passing.flow, passing)
            for message in () if passing.out else passing.messages:
                if message.answers is not None:
                    self.answers[message.answers] = message
                if message.level != "packet" and stream_of(message) is not None:
                    self.together.setdefault((message.flow, passing.record), []).append(message)
                if message.level != "packet":
                    self.units.setdefault((passing.flow, stream_of(message)), []).append(message)
        self.connections: dict[int, int] = {}
        self.used = 0
        """Up to this packet lookups are part of a row."""

    def rows(self) -> Iterator[Row]:
        """A row for each request that was answered."""
        for passing in self.passed:
            for message in passing.messages if passing.out else ():
                answer = self.answers.get(message.number)
                if message.level == "message" and answer and not self.stage(message.protocol)[1]:
                    yield self._row(passing, message, answer)

    def _row(self, asked: Passing, question: Message, answer: Message) -> Row:
        flow, stream = asked.flow, stream_of(question)
        fresh = flow not in self.connections
        number = self.connections.setdefault(flow, len(self.connections) + 1)
        parts = list(self._before(asked)) if fresh else []
        began = min((self._time(r, asked) for r in question.records), default=asked.time)
        _add(parts, "sent", began, asked.time, asked.record, asked.record)
        units = [answer]
        if stream is not None:
            units += [u for u in self.units.get((flow, stream), []) if u.record >= asked.record]
        came = [r for unit in units for r in self._carriers(unit)]
        first = min(came, key=lambda record: self._time(record, asked))
        last = max(came, key=lambda record: self._time(record, asked))
        end = max(units, key=lambda unit: self._time(unit.record, asked))
        done, arrived = self._time(end.record, asked), self._time(last, asked)
        opening = self._time(first, asked)
        _add(parts, "waiting", asked.time, opening, asked.record, first)
        _add(parts, "receiving", opening, arrived, first, last)
        _add(parts, "held", arrived, done, last, end.record)
        start = parts[0].start if parts else asked.time
        method, _, rest = STREAM.sub("", question.brief or question.summary).strip().partition(" ")
        return Row(
            rest or method,
            method if rest else "",
            (answer.brief or answer.summary).partition(" ")[0],
            question.protocol,
            stream,
            number,
            flow,
            start,
            done - start,
            tuple(parts),
            (asked.record, end.record),
            (end.record,) if done > arrived else (),
        )

    def _carriers(self, unit: Message) -> Sequence[int]:
        """The records that hold bytes of a unit.

        Units that lie together in a larger one (a TLS record) name all records of that; which are
        theirs follows from their places in it, as far as lengths tell: an estimate.
        """
        records = unit.records or (unit.record,)
        beside = self.together.get((unit.flow, unit.record), [])
        in_order = all(r in self.packets and self.packets[r].told.stream for r in records)
        if len(records) < 2 or unit not in beside or len(beside) < 2 or not in_order:
            return records
        segments = sorted({r for one in beside for r in one.records}, key=self._sequence)
        sizes = [self._payload(record) for record in segments]
        whole, bytes_ = sum(one.length for one in beside), sum(sizes)
        start = sum(one.length for one in beside[: beside.index(unit)])
        first, last = start * bytes_ // whole, (start + unit.length) * bytes_ // whole
        found, at = [], 0
        for record, size in zip(segments, sizes, strict=True):
            if at < last and at + size > first:
                found.append(record)
            at += size
        return found or records

    def _sequence(self, record: int) -> int:
        passing = self.packets.get(record)
        return (passing.told.sequence or 0) if passing is not None else 0

    def _payload(self, record: int) -> int:
        passing = self.packets.get(record)
        return passing.told.payload if passing is not None else 0

    def _time(self, record: int, otherwise: Passing) -> int:
        return self.times.get(record, otherwise.time)

    def _before(self, asked: Passing) -> Iterator[Part]:
        """What came before the first request of a connection."""
        first = self.first[asked.flow]
        looked = None
        for passing in self.passed[self.used : first.place]:
            for message in passing.messages:
                question = self.answers.get(message.number) if passing.out else None
                if question is not None and self.stage(message.protocol)[1] == "lookup":
                    looked = (looked or (passing,))[0], question
        if looked is not None:
            self.used = first.place
            begin, answer = looked
            stop = self._time(answer.record, begin)
            yield Part("DNS", begin.time, stop - begin.time, (begin.record, answer.record))
            if first.time > stop:
                yield Part("blocked", stop, first.time - stop, (answer.record, first.record))
        opened = self.opened.get(asked.flow)
        if opened is None:
            if asked.time > first.time:
                length = asked.time - first.time
                yield Part("connect", first.time, length, (first.record, asked.record))
            return
        yield Part("connect", first.time, opened.time - first.time, (first.record, opened.record))
        if asked.time > opened.time:
            shook = any(
                self.stage(m.protocol)[1] == "handshake"
                for p in self.passed[first.place : asked.place]
                if p.flow == asked.flow
                for m in p.messages
            )
            kind = "TLS" if shook else "blocked"
            yield Part(kind, opened.time, asked.time - opened.time, (opened.record, asked.record))


def _add(parts: list[Part], kind: str, start: int, stop: int, first: int, last: int) -> None:
    if stop > start:
        parts.append(Part(kind, start, stop - start, (first, last)))
