"""What befell a segment, by Wireshark's definitions, from what was seen before it.

Pure state and arithmetic on sequence numbers as they are on the wire (32 bits, wrapping). As in
Wireshark 0 stands for a number not yet known; what a lone host sees decides, so a capture taken
near the sender and one taken near the receiver can tell different stories.
"""

from __future__ import annotations

from typing import NamedTuple

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE = (1 << bit for bit in range(9))
SPACE = 1 << 32
HALF = 1 << 31

FAST = 20_000_000
"""ns after the duplicate acknowledgments within which a retransmission is a fast one."""
NEAR = 3_000_000
"""ns within which a late segment was overtaken, not sent again, where no round trip is known."""
MAX_UNACKED = 1000
"""Segments remembered a direction until they are acknowledged."""
UNKNOWN_SCALE, NO_SCALE = -1, -2


class Segment(NamedTuple):
    """A segment as it came."""

    frame: int
    """As people count them, from 1."""
    time: int
    seq: int
    ack: int
    size: int
    """Bytes of data on the wire."""
    flags: int
    window: int
    """As in the header, not scaled."""


class Sent(NamedTuple):
    """A segment that waits to be acknowledged."""

    frame: int
    time: int
    seq: int
    next: int


class Verdict:
    """What is said of one segment."""

    __slots__ = (
        "ack_rtt",
        "acks_frame",
        "dup_frame",
        "dup_num",
        "flags",
        "push_bytes",
        "rto",
        "rto_frame",
        "told",
    )

    def __init__(self) -> None:
        self.flags: list[str] = []
        """Some of FLAGS."""
        self.told = False
        """Whether there is anything to show."""
        self.acks_frame = self.ack_rtt = 0
        self.dup_num = self.dup_frame = 0
        self.rto = self.rto_frame = 0
        self.push_bytes = 0


class Half:
    """One direction: what its sender has sent, acknowledged and promised."""

    def __init__(self) -> None:
        self.base: int | None = None
        """First sequence number: that of the SYN, or one before the first byte seen."""
        self.scale = UNKNOWN_SCALE
        self.window = SPACE - 1
        self.unscaled = False
        """No segment but its SYN was seen: what its window says is not scaled yet."""
        self.next = self.next_frame = self.next_time = 0
        """Beyond the highest byte seen; which frame said so, and when."""
        self.last_size = 0
        """Bytes in the segment that reached highest."""
        self.ackable = 0
        """Beyond the highest byte seen without a gap."""
        self.ack = self.ack_time = 0
        """The last acknowledgment it sent."""
        self.dups = 0
        """How often it repeated it; -1 once it was found to acknowledge bytes not captured."""
        self.first_dup = 0
        self.last_flags: tuple[str, ...] = ()
        self.unacked: list[Sent] = []
        self.counts = True
        """Whether the bytes in flight are known."""
        self.sacked = 0
        """Bytes that its last segment said it has beyond a gap."""
        self.pushed = 0
        self.push_last = False
        self.closes = False
        """It sent the first FIN."""
        self.top = 0
        """Highest stream offset seen, of 64 bits."""

    def copy(self) -> Half:
        """The same, for another future."""
        other = Half.__new__(Half)
        other.__dict__.update(self.__dict__)
        other.unacked = list(self.unacked)
        return other


def after(one: int, other: int) -> bool:
    """Whether `one` stands behind `other` in a sequence space that wraps (RFC 9293 3.4)."""
    return 0 < (one - other) % SPACE < HALF


def judge(segment: Segment, fwd: Half, rev: Half, round_trip: int) -> Verdict:
    """What is to be said of the segment; both directions then remember it.

    `fwd` is the direction it travels in; `round_trip` that of the handshake, ns, or 0.
    """
    verdict = Verdict()
    flags = verdict.flags
    if segment.flags & ACK:
        rev.counts = True
    if segment.size == 1 and segment.seq == fwd.next and rev.window == 0:
        flags.append("zero_window_probe")
    else:
        _judge_order(segment, fwd, rev, flags)
        if not _answers_probe(segment, fwd, rev, flags) and _repeats(segment, fwd):
            fwd.dups = 1 if fwd.dups < 0 else fwd.dups + 1
            flags.append("duplicate_ack")
            verdict.dup_num, verdict.dup_frame = fwd.dups, fwd.first_dup
    if segment.ack != fwd.ack:
        fwd.first_dup, fwd.dups = segment.frame, 0
    unseen = _judge_ack(segment, rev, flags)
    if (segment.size or segment.flags & (SYN | FIN)) and "keep_alive" not in flags:
        _judge_repeat(segment, fwd, rev, round_trip, verdict)
    _remember(segment, fwd, flags)
    _settle(segment, rev, verdict)
    _count(segment, fwd, verdict)
    verdict.told = bool(verdict.told or flags or unseen or verdict.acks_frame)
    return verdict


def _judge_order(segment: Segment, fwd: Half, rev: Half, flags: list[str]) -> None:
    """Where the segment stands, and what its window says."""
    plain = not segment.flags & (SYN | FIN | RST)
    if segment.window == 0 and plain:
        flags.append("zero_window")
    if fwd.next and after(segment.seq, fwd.next) and not segment.flags & RST:
        flags.append("lost_segment")
        fwd.counts = False
    if not plain:
        return
    if segment.size <= 1 and segment.seq == (fwd.next - 1) % SPACE:
        flags.append("keep_alive")
    if segment.size == 0:
        moved = segment.window and segment.window != fwd.window
        if moved and segment.seq == fwd.next and segment.ack == fwd.ack:
            flags.append("window_update")
    elif rev.scale != UNKNOWN_SCALE:
        shift = 0 if rev.unscaled else max(rev.scale, 0)
        if (segment.seq + segment.size - rev.ack - (rev.window << shift)) % SPACE == 0:
            flags.append("window_full")


def _same(segment: Segment, fwd: Half) -> bool:
    """Whether a bare acknowledgment says again what was said last."""
    return (
        segment.size == 0
        and segment.window == fwd.window
        and segment.seq == fwd.next
        and segment.ack == fwd.ack
        and not segment.flags & (SYN | FIN | RST)
    )


def _answers_probe(segment: Segment, fwd: Half, rev: Half, flags: list[str]) -> bool:
    """Whether it repeats an acknowledgment because the other side probed."""
    if not rev.last_flags or not _same(segment, fwd):
        return False
    if segment.window and "keep_alive" in rev.last_flags:
        flags.append("keep_alive_ack")
        return True
    if not segment.window and "zero_window_probe" in rev.last_flags:
        flags.append("zero_window_probe_ack")
        return True
    return False


def _repeats(segment: Segment, fwd: Half) -> bool:
    return segment.window != 0 and _same(segment, fwd)


def _judge_ack(segment: Segment, rev: Half, flags: list[str]) -> bool:
    """Whether it acknowledges what was never seen; flagged once for each gap."""
    if not rev.ackable or not segment.flags & ACK or not after(segment.ack, rev.ackable):
        return False
    if after(rev.next, rev.ackable):
        rev.ackable = rev.next
        flags.append("ack_lost_segment")
        return True
    if rev.dups == 0:
        flags.append("ack_lost_segment")
    rev.dups = -1
    return True


def _judge_repeat(
    segment: Segment, fwd: Half, rev: Half, round_trip: int, verdict: Verdict
) -> None:
    """Whether bytes come again, or late (they do not advance the direction)."""
    stop = segment.seq + segment.size
    old = fwd.next != 0 and after(fwd.next, segment.seq)
    if segment.size > 1 and (fwd.next - 1) % SPACE == segment.seq:
        old = False  # one byte of it was a probe of the window
    if segment.size and rev.ack and not after(stop, rev.ack):
        verdict.flags.append("spurious_retransmission")
        return
    if not old:
        return
    asked = rev.dups >= 2 and rev.ack == segment.seq
    if asked and segment.time - rev.ack_time < FAST:
        verdict.flags.append("fast_retransmission")
        return
    if segment.time - fwd.next_time < (round_trip or NEAR):
        stop += bool(segment.flags & (SYN | FIN))
        if fwd.next != stop % SPACE or (segment.size and fwd.last_size == 0):
            verdict.flags.append("out_of_order")
            return
    verdict.flags.append("retransmission")
    eldest = next((sent for sent in fwd.unacked if not after(segment.seq, sent.seq)), None)
    frame, time = (fwd.next_frame, fwd.next_time) if eldest is None else eldest[:2]
    verdict.rto, verdict.rto_frame = segment.time - time, frame


def _remember(segment: Segment, fwd: Half, flags: list[str]) -> None:
    phantom = bool(segment.flags & (SYN | FIN))
    reach = segment.seq + segment.size
    if (segment.size or phantom) and len(fwd.unacked) < MAX_UNACKED:
        reach += phantom
        fwd.unacked.append(Sent(segment.frame, segment.time, segment.seq, reach % SPACE))
    reach %= SPACE
    if not fwd.next or after(reach, (fwd.next + phantom) % SPACE):
        fwd.last_size = segment.size
    probe = "zero_window_probe" in flags
    if not probe and (not fwd.next or after(reach, fwd.next)):
        fwd.next, fwd.next_frame, fwd.next_time = reach, segment.frame, segment.time
    if not probe and (not fwd.ackable or segment.seq == fwd.ackable):
        fwd.ackable = fwd.next
    fwd.window = segment.window
    fwd.ack, fwd.ack_time = segment.ack, segment.time
    fwd.last_flags = tuple(flags)


def _settle(segment: Segment, rev: Half, verdict: Verdict) -> None:
    """Forget what is acknowledged; the newest segment that ends there gives the round trip."""
    if not rev.unacked:
        return
    ack = segment.ack
    left = []
    for sent in rev.unacked:
        if ack == sent.next:
            if not verdict.acks_frame:
                verdict.acks_frame, verdict.ack_rtt = sent.frame, segment.time - sent.time
        elif after(ack, sent.seq) and after(sent.next, ack):
            left.append(sent._replace(seq=ack))
        elif after(sent.next, ack):
            left.append(sent)
    rev.unacked = left


def _count(segment: Segment, fwd: Half, verdict: Verdict) -> None:
    """Bytes since the last push; that they can be counted at all is told."""
    if not segment.size or not fwd.unacked or not fwd.counts:
        return
    verdict.told = True
    fwd.pushed = segment.size if fwd.push_last else fwd.pushed + segment.size
    fwd.push_last = bool(segment.flags & PSH)
    verdict.push_bytes = fwd.pushed


def bytes_in_flight(segment: Segment, fwd: Half, rev: Half) -> int:
    """Bytes sent and not acknowledged once the judged segment has left; 0 where unknown."""
    if not segment.size or not fwd.unacked or not fwd.counts:
        return 0
    base = fwd.base or 0
    first = min((sent.seq - base) % SPACE for sent in fwd.unacked)
    last = max((sent.next - base) % SPACE for sent in fwd.unacked)
    flying = (last - first - rev.sacked) % SPACE
    return flying - bool(segment.flags & (SYN | FIN)) if 0 < flying < 2_000_000_000 else 0
