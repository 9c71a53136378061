"""Two exchanges side by side, step by step of their protocols, each on its own clock from 0."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from wirestep.model import safe
from wirestep.timeline.ladder import Ladder

from .billing import Bill
from .lab_compare import MOVED, ONLY_FIRST, ONLY_SECOND, SAME, Total, total
from .session import Session

MOST = 3_000
"""Steps of each exchange that are compared."""
MOMENT = 0.02
"""Seconds between two looks whether enough is decoded."""
STILL = 4
"""Looks at a ladder that has not changed, after which it is whole."""
PATIENCE = 25
"""Looks at a capture that still grows, after which nothing more is waited for."""
PHASE = re.compile(r"[A-Z]+")
AGAIN = "retransmission"


class Stride(NamedTuple):
    """One step of one exchange. All text is safe."""

    name: str
    """What part it plays: "hello", "request"; exchanges are aligned by it."""
    label: str
    phase: str
    """Of what protocol, without its version: "TLS"."""
    protocol: str
    hue: str
    out: bool
    """The client sent it."""
    time: int
    """Nanoseconds since the exchange began."""
    record: int
    layer: int
    """Place of its message in the record."""
    weighty: bool
    """It is a message, not what carries one."""
    again: bool


@dataclass(frozen=True, slots=True)
class Aligned:
    """A line: a step of each, or of one of them."""

    first: Stride | None
    second: Stride | None
    sign: str
    """SAME, MOVED (it says something else), ONLY_FIRST or ONLY_SECOND."""

    @property
    def either(self) -> Stride:
        """One of the two."""
        stride = self.first or self.second
        assert stride is not None
        return stride


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two exchanges."""

    title: str
    strides: tuple[Stride, ...]
    bill: Bill
    packets: int
    bytes: int

    def trips(self, phase: str) -> int:
        """Round trips charged to a phase until all was there."""
        lines = self.bill.lines
        return sum(line.trips for line in lines if phase_of(line.phase) == phase)

    @property
    def spans(self) -> list[tuple[str, int, int]]:
        """(hue, from, length) in ns of what the time went to."""
        return [(line.hue, line.start, line.length) for line in self.bill.lines]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two exchanges, aligned."""

    sides: tuple[Side, Side]
    pairs: tuple[Aligned, ...]
    totals: tuple[Total, ...]

    @property
    def differences(self) -> int:
        """Lines that are not the same."""
        return sum(1 for pair in self.pairs if pair.sign != SAME)

    def by_time(self) -> tuple[Aligned, ...]:
        """Each step on a line of its own, in order of time; what came at one time side by side."""
        apart: list[Aligned] = []
        for pair in self.pairs:
            if pair.first and pair.second and pair.first.time // TICK == pair.second.time // TICK:
                apart.append(pair)
                continue
            if pair.first:
                apart.append(Aligned(pair.first, None, pair.sign))
            if pair.second:
                apart.append(Aligned(None, pair.second, pair.sign))
        return tuple(sorted(apart, key=lambda pair: pair.either.time // TICK))

    def swapped(self) -> Comparison:
        """The second one first."""
        return compared(self.sides[1], self.sides[0])


TICK = 1_000_000
"""ns: what is less apart is at one time."""


@dataclass(frozen=True, slots=True)
class Seat:
    """An exchange to compare: a conversation of a capture, or all of them."""

    session: Session
    flow: int | None
    title: str


def side(seat: Seat, going: Callable[[], bool] = lambda: True) -> Side | None:
    """What is compared of an exchange; waits for the decoder; None where `going` says False."""
    session, flow = seat.session, seat.flow
    seen, quiet, before, still = -1, 0, None, 0
    while going():
        quiet = quiet + 1 if session.total == seen else 0
        seen = session.total
        drawn, bill = session.ladder(flow), session.ledger(flow)
        whole = session.progress().finished or quiet >= PATIENCE
        # A ladder is drawn of what is decoded by then; one that stays the same is all of it.
        still = still + 1 if drawn == before and not session.progress().decoding else 0
        before = drawn
        if drawn is not None and bill is not None and whole and still >= STILL:
            rows = _records(seat)
            size = sum(session.row(record).length for record in rows)
            return Side(_short(seat.title), tuple(_strides(drawn)), bill, len(rows), size)
        time.sleep(MOMENT)
    return None


def _short(title: str) -> str:
    """A capture's name without what all have."""
    return safe(title.removesuffix(".pcapng").removesuffix(".pcap"))


def _records(seat: Seat) -> Sequence[int]:
    session = seat.session
    if seat.flow is None:
        return range(min(session.total, MOST))
    return [n for n in range(session.total) if session.conversation_of(n) == seat.flow][:MOST]


def _strides(drawn: Ladder) -> Iterator[Stride]:
    steps = [step for step in drawn.folded("message") if step.level != "note"][:MOST]
    if not steps:
        return
    start, client = steps[0].began, steps[0].sender
    for step in steps:
        label = safe(step.label)
        yield Stride(
            named(label), label, phase_of(step.protocol), safe(step.protocol), step.hue,
            step.sender == client, max(0, step.time - start), step.record, step.layer,
            step.level != "packet", AGAIN in step.marks,
        )  # fmt: skip


def phase_of(protocol: str) -> str:
    """A protocol's name without its version: "TLS" of "TLSv1.3"."""
    found = PHASE.match(protocol.upper() if protocol.islower() else protocol)
    return found.group() if found else safe(protocol)


@cache
def _names() -> tuple[tuple[re.Pattern[str], str], ...]:
    table = tomllib.loads(files(__package__).joinpath("comparing.toml").read_text("utf-8"))
    return tuple((re.compile(one["match"]), one["name"]) for one in table["step"])


def named(label: str) -> str:
    """What part a step plays, by its words."""
    known = next((name for pattern, name in _names() if pattern.match(label)), None)
    if known is not None:
        return known
    words = re.sub(r"\[[^\]]*\]|[^A-Za-z ,]", " ", label).split()
    return " ".join(words[:3]).strip(", ") or "bytes"


def compared(first: Side, second: Side) -> Comparison:
    """Both, aligned by the parts that their steps play."""
    pairs: list[Aligned] = []
    ours, theirs = first.strides, second.strides
    matcher = SequenceMatcher(None, _keys(ours), _keys(theirs), autojunk=False)
    for word, low, high, start, stop in matcher.get_opcodes():
        if word == "equal":
            both = zip(ours[low:high], theirs[start:stop], strict=True)
            pairs += [Aligned(a, b, SAME if _alike(a, b) else MOVED) for a, b in both]
            continue
        pairs += [Aligned(a, None, ONLY_FIRST) for a in ours[low:high]]
        pairs += [Aligned(None, b, ONLY_SECOND) for b in theirs[start:stop]]
    return Comparison((first, second), tuple(pairs), tuple(_totals(first, second)))


def _keys(strides: Sequence[Stride]) -> list[tuple[bool, str, bool]]:
    return [(one.out, one.name, one.again) for one in strides]


def _alike(first: Stride, second: Stride) -> bool:
    return (first.label, first.protocol) == (second.label, second.protocol)


def _totals(first: Side, second: Side) -> Iterator[Total]:
    def both(name: str, count: Callable[[Side], int], *, timed: bool = False) -> Total:
        return total(name, count(first), count(second), timed=timed)

    def flights(one: Side) -> int:
        turns = zip(one.strides, one.strides[1:], strict=False)
        return sum(1 for a, b in turns if a.out != b.out) + bool(one.strides)

    yield both("RTT", lambda one: one.bill.trips)
    firsts = [one.bill.first.time if one.bill.first else 0 for one in (first, second)]
    yield total("first byte", *firsts, timed=True)
    yield both("all there", lambda one: one.bill.total, timed=True)
    yield both("messages", lambda one: len(one.strides))
    yield both("flights", flights)
    yield both("packets", lambda one: one.packets)
    yield both("bytes", lambda one: one.bytes)


__all__ = ["Aligned", "Comparison", "Seat", "Side", "Stride", "compared", "side"]
