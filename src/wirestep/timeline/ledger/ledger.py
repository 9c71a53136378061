"""Where each round trip of an exchange went: its waits as items of a bill.

The bill has two parts: up to the first byte of the first answer, and from there until all is there.
Each part is a causal chain of its own (see `chain`); the second is cut off where the first ends, so
that the items of both add up to the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from wirestep.model import Message

from .chain import Chain, Wait
from .clocks import Trip, heard, trips
from .credits import Clock, Credit, clocks, credits
from .goals import Stage, first_byte, last_byte
from .passing import Passing, Told, party_of, passings

TRIPS = ("round trip", "window")
"""Kinds of wait that are round trips."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the bill."""

    phase: str
    """Whom the time is charged to: "DNS", "TCP", "TLS", "HTTP" ..."""
    kind: str
    """One of KINDS of chain.py."""
    name: str
    """What was asked and what came: made of wire text, make it safe before showing it."""
    start: int
    """Nanoseconds, on the party's clock."""
    stop: int
    trips: int
    """Round trips: 1 or 0."""
    records: tuple[int, int]
    """The record that began the wait, and the one that ended it."""
    flow: int = -1
    """Conversation of the packet that ended it."""
    peer: str = ""
    """With whom."""
    stage: str = ""
    """What it was for: "lookup", "open" (a connection), "handshake", or "" (what was wanted)."""
    label: str = ""
    """The protocol of what was asked, as people say it there: "TLSv1.2"."""
    page: bool = False
    """It came after the first byte."""

    @property
    def length(self) -> int:
        """Nanoseconds."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was there."""

    time: int
    """Nanoseconds, on the party's clock."""
    record: int
    trips: int
    """Round trips since the exchange began."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The bill of one exchange; its items add up to the total."""

    party: str
    """The host whose waiting is billed."""
    items: tuple[Item, ...]
    known: dict[str, Trip]
    """By peer: how long round trips to it are."""
    first: Moment | None = None
    """The first byte, or the goal that somebody set; None where nothing came."""
    complete: Moment | None = None
    """All was there; None where that is the first byte too, or a goal was set."""
    saved: tuple[Credit, ...] = ()
    clocks: tuple[Clock, ...] = ()

    @property
    def goal(self) -> int | None:
        """The record that ended it; None where nothing came."""
        end = self.complete or self.first
        return end.record if end is not None else None

    @property
    def total(self) -> int:
        """Nanoseconds."""
        return self.items[-1].stop - self.items[0].start if self.items else 0

    @property
    def trips(self) -> int:
        """Round trips, all."""
        return sum(item.trips for item in self.items)

    def spent(self, *kinds: str) -> int:
        """Nanoseconds of all items of these kinds."""
        return sum(item.length for item in self.items if item.kind in kinds)

    def phases(self) -> Iterator[tuple[str, int]]:
        """(phase, round trips) up to the first byte, in order, of those that have some."""
        paid = [item for item in self.items if item.trips and not item.page]
        for phase, items in groupby(paid, key=lambda item: item.phase):
            yield phase, sum(item.trips for item in items)


def ledger(
    frames: Sequence[Sequence[Message]],
    tell: Callable[[int], Told],
    stage: Stage,
    party: str = "",
    goal: int | None = None,
    away: int | None = None,
) -> Ledger:
    """The bill up to the record `goal`; without one, to the first byte and then to the last.

    `away`: ns from the tap to the party and back, where it is known; else it is estimated.
    """
    party = party or party_of(frames, tell)
    passed = passings(frames, party, tell)
    known = trips(passed, away)
    passed = heard(passed, known)
    end = next((p for p in passed if p.record == goal), None) if goal is not None else None
    last = None if end is not None else last_byte(passed, stage)
    end = end or first_byte(passed, stage)
    if end is None:
        return Ledger(party, (), known)
    more = credits(passed, stage), clocks(passed)
    chain = Chain(passed, known)
    items = [_item(wait, stage) for wait in chain.waits(end)]
    first = Moment(end.time, end.record, sum(item.trips for item in items))
    if last is None or last.time <= end.time:
        return Ledger(party, tuple(items), known, first, None, *more)
    rest = [_cut(_item(wait, stage), end.time) for wait in chain.waits(last)]
    items += [item for item in rest if item.length > 0]
    complete = Moment(last.time, last.record, sum(item.trips for item in items))
    return Ledger(party, tuple(items), known, first, complete, *more)


def _cut(item: Item, start: int) -> Item:
    """What of it lies behind `start`; a round trip of which less than half is left is none."""
    if item.start >= start:
        return replace(item, page=True)
    kept = item.trips if 2 * (item.stop - start) >= item.length else 0
    return replace(item, start=start, stop=max(start, item.stop), trips=kept, page=True)


def _item(wait: Wait, stage: Stage) -> Item:
    asked, came = wait.began, wait.ended
    answer = next((m for m in wait.brought.messages if m.answers is not None), None)
    question = next(
        (m for m in asked.messages if answer is not None and m.number == answer.answers), None
    )
    if question is None:
        question = next((m for m in asked.messages if _asks(m, stage)), None)
    if question is not None and asked.out:
        charged = question, asked
    else:
        charged = (came.top, came) if asked.top.level == "packet" else (asked.top, asked)
    return Item(
        _phase(*charged, stage),
        wait.kind,
        _name(wait, question, answer),
        wait.start,
        wait.stop,
        1 if wait.kind in TRIPS else 0,
        (asked.record, came.record),
        came.flow,
        came.peer,
        _stage(*charged, stage),
        charged[0].label,
    )


def _stage(message: Message, passing: Passing, stage: Stage) -> str:
    kind = stage(message.protocol)[1]
    return kind or ("open" if passing.opens else "")


def _asks(message: Message, stage: Stage) -> bool:
    """It is what somebody came for, not preparation and not a layer below."""
    return message.level == "message" and not stage(message.protocol)[1]


def _phase(message: Message, passing: Passing, stage: Stage) -> str:
    """Handshakes are charged to the layer that they open."""
    label, kind = stage(message.protocol)
    if kind == "handshake":
        carriers = [m for m in passing.messages if m.level == "record"]
        return stage(carriers[0].protocol)[0] if carriers else label
    return label


def _name(wait: Wait, question: Message | None, answer: Message | None) -> str:
    asked, came = _brief(question or wait.began.top), _brief(answer or wait.brought.top)
    if wait.kind == "round trip":
        return f"{asked} → {came}"
    return {
        "server": f"before {came}",
        "client": f"before {came}",
        "timeout": came,
        "loss": came,
        "window": "waits for acknowledgments",
        "delayed ACK": came,
        "queue": came,
        "transfer": f"{asked} to {came}" if asked != came else came,
    }[wait.kind]


def _brief(message: Message) -> str:
    return message.brief or message.summary
