"""TCP segments (RFC 9293 section 3.1): conversations, marks, and bytes for the streams above."""

from __future__ import annotations

import struct
from typing import Self

from wirestep.decode.contract import Payload, Reading, Where
from wirestep.decode.cursor import Bits, Broken, Cursor
from wirestep.model import Address, Side

from .analysis import ACK, FIN, RST, SYN, Segment, Verdict
from .fields import FATES
from .options import Option, find_options
from .show import HEADER, flag_names, show, summary
from .talks import SYN_SENT, Conversation, Conversations, Facts

_HEADER = struct.Struct("!HHIIHHHH")
_MARKS = {fate.name: fate.mark for fate in FATES if fate.mark}


class TcpDecoder:
    """Tells conversations apart and turns sequence numbers into stream offsets."""

    def __init__(self) -> None:
        self._talks = Conversations()

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The segment is the unit."""
        return len(data)

    def lost(self, side: Side) -> None:
        """Nothing is half read."""

    def copy(self) -> Self:
        """The conversations as they stand."""
        other = type(self)()
        other._talks = self._talks.copy()
        return other

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """A header; the rest is bytes of a stream."""
        if cursor.left() < HEADER:
            return _stub(cursor, where)
        begin = cursor.at
        source, target, seq, ack, word, window, _, urgent = _HEADER.unpack_from(cursor.data, begin)
        size = (word >> 12) * 4
        if size < HEADER:
            _stub(cursor, where)
            raise Broken(f"a header of {size} bytes")
        sender = Address(where.sender.host if where.sender else "", source)
        receiver = Address(where.target.host if where.target else "", target)
        length = where.length - size
        measured = length >= 0 and not where.quoted
        frame, time = where.record.number + 1, where.record.time
        segment = Segment(frame, time, seq, ack, max(0, length), word & 0xFFF, window)
        stop = min(begin + size, cursor.stop)
        options = find_options(cursor.data[begin + HEADER : stop]) if size > HEADER else []
        talk, side, facts = self._take(sender, receiver, segment, options, where, measured)
        if cursor.wants_under("tcp."):
            show(cursor, where, talk, side, segment, facts, options)
        else:
            cursor.skip(stop - begin)
        line = summary((source, target), talk, side, segment, facts, options, urgent)
        marks = _marks(facts.verdict, segment.flags)
        above = _above(cursor, where, (sender, receiver), talk, side, segment, facts)
        brief = _brief(segment)
        return Reading(line, () if above is None else (above,), marks=marks, brief=brief)

    def _take(
        self,
        sender: Address,
        target: Address,
        segment: Segment,
        options: list[Option],
        where: Where,
        measured: bool,
    ) -> tuple[Conversation, Side, Facts]:
        """Find or begin the conversation; a packet of the past changes nothing in it."""
        found = self._talks.find(sender, target)
        reused = False
        if found is not None and not where.quoted and found[0].begins_anew(found[1], segment):
            found, reused = None, True
        fresh = found is None
        if found is None:
            found = self._talks.begin(sender, target, segment.flags, segment.time)
        talk, side = found
        if reused:
            talk.completeness = SYN_SENT
        if where.quoted:
            facts = Facts(
                segment.seq,
                segment.ack,
                None,
                segment.window,
                -1,
                talk.completeness,
                0,
                0,
                Verdict(),
            )
            return talk, side, facts
        facts = talk.take(side, segment, options, measured=measured, fresh=fresh)
        if reused:
            facts.verdict.flags.append("reused_ports")
            facts.verdict.told = True
        if segment.flags & SYN:
            talk.server_port = sender.port if segment.flags & ACK else target.port
        return talk, side, facts


def _stub(cursor: Cursor, where: Where) -> Reading:
    """What is there of a header that ends too early: an ICMP error may quote only 8 bytes."""
    source = cursor.uint("tcp.srcport", 2)
    target = cursor.uint("tcp.dstport", 2)
    with cursor.group("tcp.seq", 4, value=int.from_bytes(cursor.peek(4), "big")) as group:
        cursor.uint("tcp.seq_raw", 4)
    line = f"{source} → {target} Seq={group.value!r}"
    if not cursor.left():
        if not where.quoted:
            cursor.note("broken", "the header ends too early")
        return Reading(line)
    with cursor.group("tcp.ack", 4, value=int.from_bytes(cursor.peek(4), "big")):
        cursor.uint("tcp.ack_raw", 4)
    if cursor.left() >= 2:
        cursor.bits(2, Bits("tcp.hdr_len", 4, scale=4), Bits("tcp.flags", 12))
    if cursor.left() >= 2:
        cursor.uint("tcp.window_size_value", 2)
    if cursor.left() >= 2:
        cursor.uint("tcp.checksum", 2)
    if not where.quoted:
        cursor.note("broken", "the header ends too early")
    return Reading(line)


def _brief(segment: Segment) -> str:
    """What stands on its arrow."""
    if segment.flags & (SYN | FIN | RST) or not segment.size:
        return flag_names(segment.flags)
    return f"{segment.size} B"


def _marks(verdict: Verdict, flags: int) -> tuple[str, ...]:
    marks = [_MARKS[name] for name in verdict.flags if name in _MARKS]
    if flags & RST:
        marks.append("reset")
    return tuple(dict.fromkeys(marks)) if marks else ()


def _above(
    cursor: Cursor,
    where: Where,
    ends: tuple[Address, Address],
    talk: Conversation,
    side: Side,
    segment: Segment,
    facts: Facts,
) -> Payload | None:
    """The segment's bytes for the stream; a reset's are its reason, a keep-alive's are nothing."""
    start, stop = cursor.at, cursor.stop
    if segment.flags & RST and stop > start:
        cursor.text("tcp.reset_cause", stop - start, "latin-1")
        start = stop
    elif stop > start and cursor.wants("tcp.payload"):
        cursor.worked("tcp.payload", cursor.data[start:stop])
    cursor.stop = cursor.at
    if facts.size is None:
        return None
    place = talk.place(side, segment)
    size = segment.size
    if segment.flags & RST or "keep_alive" in facts.verdict.flags:
        start, size = stop, 0
    sender, target = ends
    return Payload(
        cursor.source,
        start,
        stop,
        keys=_keys(sender.port, target.port, talk.server_port),
        sender=sender,
        target=target,
        flow=(talk.stream, talk.epoch),
        stream=where.base + talk.stream,
        offset=place.offset,
        side=side,
        last=bool(segment.flags & (FIN | RST)),
        acked=place.acked,
        length=size,
    )


def _keys(source: int, target: int, server: int) -> tuple[tuple[str, int], ...]:
    """The ports to look under, best first: the server's, or else the lower one."""
    if server:
        return ("tcp.port", server), ("tcp.port", source if server == target else target)
    return ("tcp.port", min(source, target)), ("tcp.port", max(source, target))
