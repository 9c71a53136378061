"""Where each round trip of an exchange went: its waits as items of a bill."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from wirestep.model import Message

from .chain import Chain, Wait
from .clocks import Trip, heard, trips
from .passing import Passing, Told, party_of, passings

Stage = Callable[[str], tuple[str, str]]
"""By a protocol's name: what people call it, and its stage ("lookup", "handshake" or "")."""
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

    @property
    def length(self) -> int:
        """Nanoseconds."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Ledger:
    """The bill of one exchange, up to one packet; its items add up to the total."""

    party: str
    """The host whose waiting is billed."""
    items: tuple[Item, ...]
    known: dict[str, Trip]
    """By peer: how long round trips to it are."""
    goal: int | None
    """The record that ended it; None where nothing came."""

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
        """(phase, round trips), in order, of those that have some."""
        paid = [item for item in self.items if item.trips]
        for phase, items in groupby(paid, key=lambda item: item.phase):
            yield phase, sum(item.trips for item in items)


def ledger(
    frames: Sequence[Sequence[Message]],
    tell: Callable[[int], Told],
    stage: Stage,
    party: str = "",
    goal: int | None = None,
) -> Ledger:
    """The bill up to the record `goal`; without one, to the first byte of the first answer."""
    party = party or party_of(frames, tell)
    passed = passings(frames, party, tell)
    known = trips(passed)
    passed = heard(passed, known)
    end = next((p for p in passed if p.record == goal), None) if goal is not None else None
    end = end or first_byte(passed, stage)
    if end is None:
        return Ledger(party, (), known, None)
    waits = Chain(passed, known).waits(end)
    return Ledger(party, tuple(_item(wait, stage) for wait in waits), known, end.record)


def first_byte(passed: Sequence[Passing], stage: Stage) -> Passing | None:
    """The first answer to the party that is more than preparation; else the last bytes."""
    lookup = None
    for passing in passed:
        for message in passing.messages:
            if message.answers is None or passing.out or message.level != "message":
                continue
            kind = stage(message.protocol)[1]
            if not kind:
                return next((p for p in passed if p.record in message.records), passing)
            if kind == "lookup":
                lookup = passing
    said = next((p for p in reversed(passed) if not p.out and p.says), None)
    if lookup is not None and (said is None or said.flow == lookup.flow):
        return lookup
    return said


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
    )


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
        "server": f"server thinks before {came}",
        "client": f"client thinks before {came}",
        "timeout": f"{came} sent again",
        "loss": f"lost, sent again: {came}",
        "window": "waits for acknowledgments",
        "transfer": f"{asked} to {came}" if asked != came else came,
    }[wait.kind]


def _brief(message: Message) -> str:
    return message.brief or message.summary
