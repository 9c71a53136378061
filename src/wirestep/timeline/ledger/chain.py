"""The causal chain of an exchange: for each wait, which packet ended it and what that waited for.

The chain is walked from its end to its beginning. What reached the party was caused by something
that the party had sent; what it sent, by something that had reached it. So the time from the first
packet to the last is cut into waits without gaps, and they add up to the total.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from wirestep.model import Message

from .clocks import Trip, lines
from .passing import Passing

NEARLY = 0.9
"""A packet that came this share of the shortest round trip after another may answer it."""
CLOSE = 0.125
"""Of a round trip: what is nearer together than this belongs together."""
LEAST_CLOSE = 1_000_000
"""ns"""
SILENCE = 190_000_000
"""ns: a server that heard a question says so sooner than that, even if it has to think
(delayed ACKs take up to 40 ms, rarely 200; retransmission timers begin at 200)."""
PROBE = 25_000_000
"""ns: a probe for lost datagrams waits a round trip and at least this (RFC 9002 section 6.2)."""
BUSY = 8
"""A line is busy where packets follow each other within so small a part more than they take."""
FULL = 1000
"""Bytes: after a packet of that size the sender has mostly more to say."""
DELAYED_ACK = 500_000_000
"""ns"""
HEADERS = 40
"""Bytes of IP and TCP before the payload, about."""
KINDS = (
    "round trip",
    "server",
    "client",
    "timeout",
    "loss",
    "window",
    "queue",
    "transfer",
    "delayed ACK",
)


@dataclass(frozen=True, slots=True)
class Wait:
    """A stretch of time, and what it was spent on."""

    kind: str
    """One of KINDS."""
    start: int
    """Nanoseconds, on the party's clock."""
    stop: int
    began: Passing
    """What was waited from: the question, the first copy of what was lost."""
    ended: Passing
    """What ended it."""
    brought: Passing
    """The last of the flight that `ended` it began: what was waited for."""

    @property
    def length(self) -> int:
        """Nanoseconds."""
        return self.stop - self.start


class Chain:
    """Walks back from an end; see the module."""

    def __init__(self, passings: Sequence[Passing], known: Mapping[str, Trip]) -> None:
        self.passings, self.known = passings, known
        self.lines = lines(passings, known)
        self._at = {passing.record: passing for passing in passings}
        self._times = [passing.time for passing in passings]
        self._of: dict[tuple[int, bool], list[Passing]] = {}
        """By conversation and direction."""
        self._asked: dict[int, Passing] = {}
        for passing in passings:
            self._of.setdefault((passing.flow, passing.out), []).append(passing)
            for message in passing.messages:
                self._asked.setdefault(message.number, passing)

    def waits(self, goal: Passing) -> list[Wait]:
        """All waits from the first passing to `goal`, in order; each begins where one ended."""
        found: list[Wait] = []
        at: Passing | None = goal
        for _ in range(len(self.passings) + 1):
            if at is None:
                break
            before, steps = self._sent(at) if at.out else self._reached(at)
            found += steps
            if before is not None and before.place >= at.place:
                break
            at = before
        found.reverse()
        found = _joined(found)
        first = self.passings[0]
        start = found[0].start if found else goal.time
        if start > first.time:
            found.insert(0, Wait("client", first.time, start, first, first, first))
        return [wait for wait in found if wait.length > 0]

    def _trip(self, passing: Passing) -> int:
        trip = self.known.get(passing.peer)
        return trip.least if trip is not None else 0

    def _near(self, passing: Passing) -> int:
        line = 2 * self.lines.get(passing.peer, 0)
        return max(LEAST_CLOSE, line, int(CLOSE * self._trip(passing)))

    # what reached the party

    def _reached(self, at: Passing) -> tuple[Passing | None, list[Wait]]:
        """What caused it to come, and the waits between, the last first."""
        missed = self._missed(at)
        if missed is not None:
            return missed, [Wait("loss", missed.time, at.time, missed, at, at)]
        ahead = self._ahead(at)
        if ahead is not None:
            return ahead, [Wait("transfer", ahead.time, at.time, ahead, at, at)]
        cause, kind = self._cause(at)
        if cause is None:
            return None, []
        hole = self._skipped(at, cause)
        if hole is not None:
            return hole, [Wait("loss", hole.time, at.time, hole, at, at)]
        first = self._flight(at, cause)
        waits = [Wait("transfer", first.time, at.time, first, at, at)] if first is not at else []
        trip = min(self._trip(at), first.time - cause.time)
        back = cause.time + trip
        line = min(first.time, back + self._on_line(first) + self._on_line(cause))
        waits.append(Wait("queue", line, first.time, cause, first, at))
        other = "loss" if self._silent(cause, first) else "server"
        if first.time - line > self._on_line(first) // 10:
            waits[-1] = Wait(other, line, first.time, cause, first, at)
        waits.append(Wait("queue", back, line, cause, first, at))
        waits.append(Wait(kind, cause.time, back, cause, first, at))
        return cause, waits

    def _on_line(self, passing: Passing) -> int:
        """How long its bytes take on the line, beyond what a round trip holds already."""
        return self.lines.get(passing.peer, 0) * (passing.told.payload + HEADERS) // 1000

    def _ahead(self, at: Passing) -> Passing | None:
        """The packet that was on the line right before it, where there was no room between."""
        before = next(self._before(at, out=False), None)
        line = self._on_line(at)
        if before is None or not line or before.told.payload < FULL:
            return None
        return before if at.time - before.time <= line + line // BUSY else None

    def _missed(self, at: Passing) -> Passing | None:
        """For bytes that came late: the packet that would have come right behind them, or their
        first copy, where the tap saw it."""
        if not at.late or not at.told.stream:
            return None
        hole = None
        for passing in self._before(at, out=False):
            if passing.told.sequence == at.told.sequence and passing.told.payload:
                return passing
            if passing.hole:
                hole = passing
                break
        return hole

    def _skipped(self, at: Passing, cause: Passing) -> Passing | None:
        """The datagram that showed that one before it was lost, whose content `at` brought."""
        if at.told.stream:
            return None
        trip = int(NEARLY * self._trip(at))
        for passing in self._before(at, out=False):
            if passing.time <= cause.time:
                break
            if passing.skips and passing.time <= at.time - trip:
                return passing
        return None

    def _silent(self, cause: Passing, first: Passing) -> bool:
        """The other end did not say that it had heard, so what it sent first was lost."""
        excess = first.time - cause.time - self._trip(first)
        if not first.told.stream:
            return first.skips and excess > self._trip(first) + PROBE
        if excess < SILENCE:
            return False
        latest = cause.time + int(NEARLY * self._trip(first))
        return not self._heard(first, latest, first.time)

    def _heard(self, at: Passing, start: int, stop: int) -> bool:
        """Something came in on the same conversation between these times."""
        for passing in self._before(at, out=False):
            if passing.time < start:
                return False
            if passing.time < stop and not passing.again and not passing.opens:
                return True
        return False

    def _cause(self, at: Passing) -> tuple[Passing | None, str]:
        """What it answers; else the last bytes that can have been there when it was sent."""
        asked = [
            self._asked[message.answers]
            for message in at.messages
            if message.answers in self._asked and self._begins(message, at)
        ]
        if asked and asked[-1].out and asked[-1].place < at.place:
            return self._again(asked[-1], at), "round trip"
        latest = at.time - int(NEARLY * self._trip(at))
        said = acked = None
        for passing in self._before(at, out=True):
            if passing.time > latest:
                continue
            if passing.says:
                said = passing
                break
            acked = acked or passing
        if acked is not None and (self._window(at, acked) or self._stuck(at, acked, said)):
            return acked, "window"
        if acked is not None and said is not None and said.opens and self._just(at, acked):
            return acked, "round trip"
        return said or acked, "round trip"

    def _stuck(self, at: Passing, acked: Passing, said: Passing | None) -> bool:
        """The answer had begun, was in full flow, and stopped for as long as a timer takes."""
        if not at.told.stream or at.time - acked.time - self._trip(at) < SILENCE:
            return False
        last = next((p for p in self._before(at, out=False) if p.told.payload), None)
        begun = last is not None and (said is None or last.place > said.place)
        return begun and last is not None and last.told.payload >= FULL

    def _begins(self, message: Message, at: Passing) -> bool:
        """Its first bytes came with the flight of `at`: later flights have causes of their own."""
        first = self._at.get(message.records[0]) if message.records else None
        return first is None or at.time - first.time <= self._near(at)

    def _again(self, asked: Passing, at: Passing) -> Passing:
        """The copy of a question that was heard: the last before which nothing came back."""
        trip = int(NEARLY * self._trip(at))
        found = asked
        for passing in self._before(at, out=True):
            if passing.place <= asked.place:
                break
            copy = passing.again if passing.told.stream else passing.says
            if not copy or passing.time + trip > at.time:
                continue
            if not self._heard(at, asked.time + trip, passing.time + trip):
                found = passing
                break
        return found

    def _window(self, at: Passing, acked: Passing) -> bool:
        """It came just when an acknowledgment could have let it go, and bytes came before that."""
        last = next((p for p in self._before(acked, out=False) if p.says), None)
        # Who is held by a window sends full packets, if it counts bytes.
        full = last is not None and (last.told.payload >= FULL or not at.told.stream)
        return full and self._just(at, acked)

    def _just(self, at: Passing, acked: Passing) -> bool:
        return at.time - acked.time - self._trip(at) <= self._near(at)

    def _flight(self, at: Passing, cause: Passing) -> Passing:
        """The first of the packets that came close together, up to `at`, since `cause`."""
        first, near = at, self._near(at)
        earliest = cause.time + int(NEARLY * self._trip(at))
        for passing in self._before(at, out=False):
            if first.time - passing.time > near or passing.time < earliest:
                break
            if passing.late:
                break
            if passing.says:
                first = passing
        return first

    # what the party sent

    def _sent(self, at: Passing) -> tuple[Passing | None, list[Wait]]:
        first = self._copied(at)
        if first is not None:
            return first, [Wait("timeout", first.time, at.time, first, at, at)]
        cause = self._prompt(at)
        if cause is None:
            return None, []
        # Longer than this no ACK may wait (RFC 9293 section 3.8.6.3): there was no room.
        kind = "client" if at.says or at.time - cause.time > DELAYED_ACK else "delayed ACK"
        return cause, [Wait(kind, cause.time, at.time, cause, at, at)]

    def _copied(self, at: Passing) -> Passing | None:
        """What the party had sent before and now sent again, as nothing came back."""
        if not at.told.stream:
            own = next((p for p in self._before(at, out=True) if p.says), None)
            if own is None or not at.says or not (at.numbers or at.again):
                return None
            trip = int(NEARLY * self._trip(at))
            return None if self._heard(at, own.time + trip, at.time + 1) else own
        if not at.again:
            return None
        for passing in self._before(at, out=True):
            if passing.told.sequence != at.told.sequence:
                continue
            if passing.told.payload or passing.top.brief == at.top.brief:
                return passing
        return None

    def _prompt(self, at: Passing) -> Passing | None:
        """What made the party send it: on the same conversation just before, else the latest."""
        own = next(self._before(at, out=False), None)
        if not at.says:
            return next((p for p in self._before(at, out=False) if p.says), own)
        if own is not None and at.time - own.time <= self._near(at):
            return own
        place = bisect_right(self._times, at.time) - 1
        for passing in reversed(self.passings[: min(place, at.place)]):
            if own is not None and passing.place <= own.place:
                return own
            if not passing.out and passing.says:
                return passing
        return own

    def _before(self, at: Passing, *, out: bool) -> Iterator[Passing]:
        """Of the same conversation, that direction, the latest first."""
        row = self._of.get((at.flow, out), [])
        place = bisect_right(row, at.place, key=lambda passing: passing.place)
        for index in range(place - 1, -1, -1):
            if row[index].place < at.place:
                yield row[index]


def _joined(waits: list[Wait]) -> list[Wait]:
    """Transfers that follow each other are one."""
    joined: list[Wait] = []
    for wait in waits:
        last = joined[-1] if joined else None
        if last is not None and last.kind == wait.kind == "transfer":
            joined[-1] = replace(last, stop=wait.stop, ended=wait.ended, brought=wait.brought)
        elif wait.length > 0:
            joined.append(wait)
    return joined
