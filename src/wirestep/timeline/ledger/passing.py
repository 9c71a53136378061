"""What passed a tap, seen by the party whose waiting is billed: what it sent, what reached it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from wirestep.model import Message

AGAIN = frozenset({"retransmission"})
LATE = frozenset({"retransmission", "out-of-order"})
HOLE = frozenset({"gap", "lost"})
NUMBERED = re.compile(r"([^\s,]+)\[(\d+)\] ([^\[]*?)(?:, (?=[^\s,]+\[)|$)")
"""How the brief words of numbered datagrams begin: space, number and what they hold
("Initial[2] ACK, 1-RTT[4] STREAM 0")."""
ACK = "ACK"
MISSING = "missing"
"""The mark of a datagram before which numbers were left out."""


class Told(NamedTuple):
    """What the columns and the TCP analysis know of a record."""

    flow: int = -1
    """Its conversation; -1 for none."""
    payload: int = 0
    """Bytes that TCP or UDP carried."""
    sequence: int | None = None
    """TCP sequence number; None for all else."""
    trip: int | None = None
    """Nanoseconds since the segment that this one acknowledges passed the tap; None: unknown."""
    stream: bool = False
    """TCP."""


@dataclass(frozen=True, slots=True)
class Passing:
    """One packet between the party and a peer."""

    place: int
    """Among the passings, in order of time."""
    record: int
    time: int
    """Nanoseconds: on the clock of the tap at first, then on the party's (see `clocks.heard`)."""
    out: bool
    """The party sent it."""
    peer: str
    told: Told
    messages: tuple[Message, ...]
    """Those that this record completed and that a ladder draws, outermost first."""
    marks: frozenset[str]

    @property
    def flow(self) -> int:
        """Its conversation."""
        return self.told.flow

    @property
    def again(self) -> bool:
        """The same bytes passed before."""
        return bool(self.marks & AGAIN)

    @property
    def late(self) -> bool:
        """Bytes behind it passed before it."""
        return bool(self.marks & LATE)

    @property
    def hole(self) -> bool:
        """Bytes before it, or datagrams, have not passed."""
        return bool(self.marks & HOLE) or self.skips

    @property
    def skips(self) -> bool:
        """Numbers of datagrams before it have not passed."""
        return MISSING in self.marks

    @property
    def numbers(self) -> tuple[tuple[str, int, str], ...]:
        """(space, number, what is in it) of the packets of a datagram whose protocol counts."""
        if self.told.stream:
            return ()
        record = next((m for m in self.messages if m.level == "record"), None)
        found = NUMBERED.findall(record.brief) if record is not None else []
        return tuple((space, int(number), held) for space, number, held in found)

    @property
    def opens(self) -> bool:
        """It opens a connection, or agrees to that."""
        return self.told.stream and "SYN" in self.top.brief

    @property
    def says(self) -> bool:
        """It carries more than an acknowledgment: bytes, or the opening of a connection."""
        if self.told.stream:
            return self.told.payload > 0 or self.opens
        numbers = self.numbers
        return not numbers or any(held != ACK for _, _, held in numbers)

    @property
    def top(self) -> Message:
        """The unit of the highest layer."""
        return self.messages[-1]


def party_of(frames: Sequence[Sequence[Message]], tell: Callable[[int], Told]) -> str:
    """The host that began: whose waiting is billed where nobody says otherwise; "" for none."""
    for messages in frames:
        drawn = _drawn(messages)
        if drawn and tell(drawn[0].record).flow >= 0 and drawn[0].sender is not None:
            return drawn[0].sender.host
    return ""


def passings(
    frames: Sequence[Sequence[Message]], party: str, tell: Callable[[int], Told]
) -> list[Passing]:
    """The packets of conversations that `party` sent or was sent, in order of time.

    Frames are what one record completed each, outermost first, as for the ladder.
    """
    found: list[Passing] = []
    for messages in frames:
        drawn = _drawn(messages)
        if not drawn:
            continue
        told, sender, target = tell(drawn[0].record), drawn[0].sender, drawn[0].target
        assert sender is not None
        assert target is not None
        if told.flow < 0 or party not in (sender.host, target.host):
            continue
        out = sender.host == party
        found.append(
            Passing(
                len(found),
                drawn[0].record,
                drawn[0].time,
                out,
                target.host if out else sender.host,
                told,
                drawn,
                frozenset(mark for message in messages for mark in message.marks),
            )
        )
    return list(_counted(found))


def _counted(found: Sequence[Passing]) -> Iterator[Passing]:
    """The same; datagrams before which numbers were left out are marked."""
    highest: dict[tuple[int, bool], int] = {}
    spaces: dict[tuple[int, bool, str], int] = {}
    for passing in found:
        skips = False
        for space, number, _ in passing.numbers:
            key = (passing.flow, passing.out)
            # Some count all their packets in one row, others those of each space in its own.
            last = max(highest.get(key, -1), spaces.get((*key, space), -1))
            fresh = number == 0 or (*key, space) in spaces or key not in highest
            skips |= fresh and number > last + 1 and key in highest
            highest[key] = max(highest.get(key, -1), number)
            spaces[*key, space] = max(spaces.get((*key, space), -1), number)
        yield replace(passing, marks=passing.marks | {MISSING}) if skips else passing


def _drawn(messages: Sequence[Message]) -> tuple[Message, ...]:
    return tuple(m for m in messages if m.level and m.sender is not None and m.target is not None)
