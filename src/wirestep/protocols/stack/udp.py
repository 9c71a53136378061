"""UDP datagrams (RFC 768)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

from wirestep.decode.checksum import (
    ABSENT,
    BAD,
    GOOD,
    STATUS,
    UNVERIFIED,
    internet_checksum,
    ones_sum,
    pseudo_header,
)
from wirestep.decode.contract import Payload, Protocol, Reading, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.fields import table
from wirestep.model import Address, Side

FIELDS = table(
    """
udp.srcport              uint   Source port
udp.dstport              uint   Destination port
udp.length               uint   Length
udp.checksum             hex2   Checksum
udp.checksum.status      uint   Checksum status
udp.checksum_calculated  hex2   Checksum as it should be
udp.stream               uint   Conversation
udp.time_relative        span   Time since the conversation began
udp.time_delta           span   Time since its datagram before
udp.payload              bytes  Payload
""",
    {"udp.checksum.status": STATUS},
)
NUMBER = 17
"""Of UDP among the protocols that IP carries."""
HEADER = 8
CHECKSUM_AT = 6


class Seen(NamedTuple):
    """What is remembered of a conversation."""

    stream: int
    side: Side
    """Of whom the key names as the sender: who spoke first is the client."""


@dataclass
class Times:
    """When a conversation's first and last datagram came, ns."""

    first: int
    last: int


class UdpDecoder:
    """Numbers the conversations in the order in which they appear."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int, str, int], Seen] = {}
        self._times: list[Times] = []

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The datagram is the unit."""
        return len(data)

    def lost(self, side: Side) -> None:
        """Nothing is half read."""

    def copy(self) -> Self:
        """The numbers given so far."""
        other = type(self)()
        other._seen = dict(self._seen)
        other._times = [Times(times.first, times.last) for times in self._times]
        return other

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """A header; the rest goes to whom the ports name."""
        begin = cursor.at
        head = cursor.peek(HEADER)
        source, target = int.from_bytes(head[:2], "big"), int.from_bytes(head[2:4], "big")
        length = int.from_bytes(head[4:6], "big")
        if 0 < length < HEADER:
            return _bogus(cursor, source, target, length)
        sender = Address(where.sender.host if where.sender else "", source)
        receiver = Address(where.target.host if where.target else "", target)
        seen = self._conversation(sender, receiver, where)
        # A length of 0 stands for what IPv6 jumbograms have beyond 65535 (RFC 2675 section 4).
        size = length or max(HEADER, where.length)
        if cursor.wants_under("udp."):
            self._show(cursor, where, seen, length, size)
        else:
            cursor.skip(HEADER)
        if not where.quoted:
            self._times[seen.stream].last = where.record.time
        start = cursor.at
        stop = max(start, min(begin + size, cursor.stop))
        if stop > start and cursor.wants("udp.payload"):
            cursor.worked("udp.payload", cursor.data[start:stop])
        cursor.stop = start
        line = f"{source} → {target} Len={size - HEADER}"
        above = Payload(
            cursor.source,
            start,
            stop,
            keys=(("udp.port", min(source, target)), ("udp.port", max(source, target))),
            sender=sender,
            target=receiver,
            flow=seen.stream,
            stream=where.base + seen.stream,
            side=seen.side,
            length=size - HEADER,
        )
        return Reading(line, (above,), brief=f"{size - HEADER} B")

    def _show(self, cursor: Cursor, where: Where, seen: Seen, length: int, size: int) -> None:
        begin = cursor.at
        cursor.uint("udp.srcport", 2)
        cursor.uint("udp.dstport", 2)
        cursor.uint("udp.length", 2)
        if length > where.length:
            cursor.note("broken", f"a length of {length} in {where.length} bytes")
        cursor.uint("udp.checksum", 2)
        _show_checksum(cursor, where, begin, size)
        cursor.worked("udp.stream", where.base + seen.stream)
        if not where.quoted:
            times = self._times[seen.stream]
            cursor.worked("udp.time_relative", where.record.time - times.first)
            cursor.worked("udp.time_delta", where.record.time - times.last)

    def _conversation(self, sender: Address, target: Address, where: Where) -> Seen:
        """The conversation's number, and who is sending; a packet of the past leaves the times."""
        time = where.record.time
        key = (*sender, *target)
        seen = self._seen.get(key)
        if seen is None:
            stream = len(self._times)
            self._times.append(Times(time, time))
            self._seen[*target, *sender] = Seen(stream, Side.SERVER)
            seen = self._seen[key] = Seen(stream, Side.CLIENT)
        return seen


def _bogus(cursor: Cursor, source: int, target: int, length: int) -> Reading:
    """A datagram shorter than its own header belongs to nobody."""
    cursor.uint("udp.srcport", 2)
    cursor.uint("udp.dstport", 2)
    cursor.uint("udp.length", 2)
    cursor.note("broken", f"a length of {length}, less than a header has")
    return Reading(f"{source} → {target} [bad length {length}]", marks=("broken",))


def _show_checksum(cursor: Cursor, where: Where, begin: int, size: int) -> None:
    """Right, wrong, left out, or left to the network card of the machine that captured."""
    if not (cursor.wants("udp.checksum.status") or cursor.wants("udp.checksum_calculated")):
        return
    data = cursor.data[begin : begin + size]
    given = int.from_bytes(data[CHECKSUM_AT : CHECKSUM_AT + 2], "big")
    if given == 0:
        cursor.worked("udp.checksum.status", ABSENT)
        return
    sender, target = where.sender, where.target
    pseudo = None
    if len(data) == size and sender and target and not where.quoted:
        pseudo = pseudo_header(sender.host, target.host, NUMBER, size)
    if pseudo is None:
        cursor.worked("udp.checksum.status", UNVERIFIED)
        return
    bare = data[:CHECKSUM_AT] + b"\0\0" + data[CHECKSUM_AT + 2 :]
    right = internet_checksum(pseudo + bare) or 0xFFFF
    if given == right:
        cursor.worked("udp.checksum.status", GOOD)
    elif given == ones_sum(pseudo):
        cursor.worked("udp.checksum.status", UNVERIFIED, "Offloaded: left to the network card")
    else:
        cursor.worked("udp.checksum.status", BAD)
        cursor.note("odd", f"the checksum should be 0x{right:04x}")
    cursor.worked("udp.checksum_calculated", right)


PROTOCOL = Protocol(
    "udp",
    "UDP",
    "User Datagram Protocol",
    "RFC 768",
    UdpDecoder,
    FIELDS,
    on={"ip.proto": (17,)},
    level="packet",
    hue="blue",
    aliases={"udp.port": ("udp.srcport", "udp.dstport")},
)
