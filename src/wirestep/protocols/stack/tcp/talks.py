"""TCP conversations: which segment belongs to which, and what each side's numbers count from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from wirestep.model import Address, Side

from .analysis import (
    ACK,
    AE,
    CWR,
    ECE,
    FIN,
    HALF,
    NO_SCALE,
    RST,
    SPACE,
    SYN,
    UNKNOWN_SCALE,
    Half,
    Segment,
    Verdict,
    judge,
)
from .options import MAX_SCALE, SACK, SCALE, Option, sack_blocks

SYN_SENT, SYN_ACK_SENT, ACK_SENT, DATA_SENT, FIN_SENT, RST_SENT = (1 << bit for bit in range(6))
"""Bits of tcp.completeness."""
MAX_WINDOW = 1 << 30
"""Bytes a window can have (RFC 7323 section 2.3): no honest segment lies farther ahead."""
SERVER_PORTS = 1024
"""Ports below are servers' (RFC 6335 section 6)."""

Key = tuple[str, int, str, int]


@dataclass(slots=True)
class Facts:
    """All that a segment's place in its conversation says of it."""

    seq: int
    ack: int
    """Both relative to the first of their side."""
    size: int | None
    """Bytes of data; None where that cannot be told."""
    window: int
    scale: int
    """The window's factor, or one of UNKNOWN_SCALE and NO_SCALE."""
    completeness: int
    """Before this segment."""
    since_first: int
    since_last: int
    verdict: Verdict
    ends_first: bool = False
    counts_marks: bool = False
    """Three flags count congestion marks (RFC 9768 section 3.2.2)."""


class Place(NamedTuple):
    """Where the bytes of a segment stand in the streams of its conversation."""

    offset: int
    acked: int | None


class Conversation:
    """Two ends, from a SYN (or the first segment seen) until the ports are used anew."""

    def __init__(self, stream: int, time: int) -> None:
        self.stream = stream
        self.epoch = 0
        """How often a side began anew under the same number."""
        self.halves = (Half(), Half())
        self.completeness = 0
        self.first = self.last = time
        self.syn_time: int | None = None
        self.round_trip = 0
        """From the SYN to the acknowledgment that ends the handshake, ns; 0 while unknown."""
        self.server_port = 0
        """As SYN or SYN+ACK said it; 0 while unknown."""
        self.accurate = [False, False]
        """Who of the two offered Accurate ECN in the handshake."""

    def copy(self) -> Conversation:
        """The same, for another future."""
        other = Conversation.__new__(Conversation)
        other.__dict__.update(self.__dict__)
        other.halves = (self.halves[0].copy(), self.halves[1].copy())
        other.accurate = list(self.accurate)
        return other

    def begins_anew(self, side: Side, segment: Segment) -> bool:
        """Whether a SYN opens another conversation between the same ports.

        One with the number of the first is that one sent again.
        """
        if segment.flags & (SYN | ACK) != SYN:
            return False
        base = self.halves[side].base
        return base is not None and base != segment.seq

    def take(
        self, side: Side, segment: Segment, options: list[Option], *, measured: bool, fresh: bool
    ) -> Facts:
        """Judge the segment and remember it; `fresh` where it is the conversation's first.

        Where its length is unknown (`measured` is false) it only counts for the completeness.
        """
        fwd, rev = self.halves[side], self.halves[side.other]
        verdict = Verdict()
        facts_times = segment.time - self.first, segment.time - self.last
        self.last = segment.time
        reused = self._handshake(side, segment)
        if measured:
            self._bases(fwd, rev, segment)
            verdict = judge(segment, fwd, rev, self.round_trip)
        if reused:
            verdict.flags.append("reused_ports")
            verdict.told = True
        scaled = fwd.scale if fwd.scale >= 0 and not segment.flags & SYN else 0
        has_ack = segment.flags & ACK
        facts = Facts(
            (segment.seq - (fwd.base or 0)) % SPACE if measured else segment.seq,
            (segment.ack - (rev.base or 0)) % SPACE if has_ack and measured else segment.ack,
            segment.size if measured else None,
            segment.window << scaled,
            1 << fwd.scale if fwd.scale >= 0 else fwd.scale,
            self.completeness,
            *facts_times,
            verdict,
            counts_marks=all(self.accurate) and not segment.flags & SYN,
        )
        self._progress(segment, fresh)
        self._note_times(fwd, rev, segment, facts)
        self._note_options(fwd, rev, segment, options)
        return facts

    def _handshake(self, side: Side, segment: Segment) -> bool:
        """Remember offers; whether a SYN+ACK contradicts where this side began."""
        if not segment.flags & SYN:
            return False
        marks = segment.flags & (AE | CWR | ECE)
        if not segment.flags & ACK:
            self.accurate[0] = marks == AE | CWR | ECE
            return False
        self.accurate[1] = marks & (AE | CWR) == CWR or marks & (AE | ECE) == AE
        fwd = self.halves[side]
        if fwd.base is None or fwd.base == segment.seq:
            return False
        fwd.base, fwd.top = segment.seq, 0
        self.epoch += 1
        return True

    @staticmethod
    def _bases(fwd: Half, rev: Half, segment: Segment) -> None:
        """Where a side's SYN was not seen, its first byte is taken to be number 1."""
        if fwd.base is None:
            fwd.base = segment.seq if segment.flags & SYN else (segment.seq - 1) % SPACE
        if rev.base is None and segment.flags & ACK:
            rev.base = (segment.ack - 1) % SPACE

    def _progress(self, segment: Segment, fresh: bool) -> None:
        """How far the conversation has come, with this segment."""
        flags, done = segment.flags, self.completeness
        if fresh:
            if flags & (SYN | ACK) == SYN:
                done |= SYN_SENT | (DATA_SENT if segment.size else 0)
        else:
            if flags & (SYN | ACK) == SYN | ACK:
                done |= SYN_ACK_SENT
            elif flags & ACK and not flags & SYN:
                done |= DATA_SENT if segment.size else ACK_SENT
            if flags & (FIN | ACK) == FIN | ACK:
                done |= FIN_SENT
            if flags & RST:
                done |= RST_SENT
        self.completeness = done

    def _note_times(self, fwd: Half, rev: Half, segment: Segment, facts: Facts) -> None:
        flags = segment.flags
        if flags & SYN:
            fwd.unscaled = True
            if not flags & ACK:
                self.syn_time = segment.time
        if flags & FIN and not rev.closes:
            fwd.closes = facts.ends_first = True
        if flags & (SYN | ACK) == ACK:
            fwd.unscaled = False
            if self.syn_time is not None and not self.round_trip:
                self.round_trip = segment.time - self.syn_time

    @staticmethod
    def _note_options(fwd: Half, rev: Half, segment: Segment, options: list[Option]) -> None:
        """Window scaling holds where both SYNs offer it (RFC 7323 section 2.2)."""
        fwd.sacked = 0
        for option in options:
            if option.kind == SACK:
                fwd.sacked = sum((right - left) % SPACE for left, right in sack_blocks(option))
            elif option.kind == SCALE and option.body and segment.flags & SYN:
                fwd.scale = min(option.body[0], MAX_SCALE)
        if segment.flags & SYN:
            if fwd.scale == UNKNOWN_SCALE:
                fwd.scale = rev.scale = NO_SCALE
            elif segment.flags & ACK and rev.scale == NO_SCALE:
                fwd.scale = NO_SCALE

    def place(self, side: Side, segment: Segment) -> Place:
        """Offsets of 64 bits, though sequence numbers wrap: the nearest to what was seen."""
        fwd, rev = self.halves[side], self.halves[side.other]
        offset = _unwrap(fwd, segment.seq + bool(segment.flags & SYN))
        if fwd.top < offset + segment.size < fwd.top + MAX_WINDOW:
            fwd.top = offset + segment.size
        acked = None
        if segment.flags & ACK and rev.base is not None:
            acked = _unwrap(rev, segment.ack)
            if not 0 <= acked < rev.top + MAX_WINDOW:
                acked = None
        return Place(offset, acked)


def _unwrap(half: Half, seq: int) -> int:
    """Stream offset of a sequence number; below zero for what was sent before the first seen."""
    apart = (seq - (half.base or 0) - 1 - half.top) % SPACE
    return half.top + (apart - SPACE if apart >= HALF else apart)


class Conversations:
    """All of them, by the ends that speak now."""

    def __init__(self) -> None:
        self.count = 0
        self._talks: dict[Key, tuple[Conversation, Side]] = {}

    def copy(self) -> Conversations:
        """The same, for another future."""
        other = Conversations()
        other.count = self.count
        copies: dict[int, Conversation] = {}
        for key, (talk, side) in self._talks.items():
            twin = copies.get(id(talk))
            if twin is None:
                twin = copies[id(talk)] = talk.copy()
            other._talks[key] = twin, side
        return other

    def find(self, sender: Address, target: Address) -> tuple[Conversation, Side] | None:
        """The conversation that runs between these ends, and who of the two is sending."""
        return self._talks.get((*sender, *target))

    def begin(
        self, sender: Address, target: Address, flags: int, time: int
    ) -> tuple[Conversation, Side]:
        """A new conversation; who opened it is told by SYN, else by the ports."""
        if flags & SYN:
            side = Side.SERVER if flags & ACK else Side.CLIENT
        else:
            side = Side.SERVER if is_server(sender.port, target.port) else Side.CLIENT
        talk = Conversation(self.count, time)
        self.count += 1
        self._talks[(*target, *sender)] = talk, side.other
        self._talks[(*sender, *target)] = talk, side
        return talk, side


def is_server(port: int, other: int) -> bool:
    """Whether `port` rather than `other` looks like a service's."""
    if (port < SERVER_PORTS) != (other < SERVER_PORTS):
        return port < SERVER_PORTS
    return port < other
