"""ICMP messages (RFC 792, 950, 1256, 4884, 8335)."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

from wirestep.decode.checksum import BAD, GOOD, UNVERIFIED, internet_checksum
from wirestep.decode.contract import Payload, Reading, Where
from wirestep.decode.cursor import Bits, Cursor
from wirestep.decode.times import time_text
from wirestep.model import Side

from .fields import BRIEFS, CODES, TYPES

MAX_ASKED = 4096
"""Requests that wait for a reply."""
REPLIES = {0: 8, 14: 13, 16: 15, 18: 17, 43: 42}
"""Type of a reply: type of its request."""
REQUESTS = frozenset(REPLIES.values())
QUOTING = (3, 4, 5, 11, 12)
WITH_LENGTH = (3, 11, 12)
"""Errors whose sixth byte may tell how much is quoted (RFC 4884 section 4)."""
TOLD_BY_CODE = (3, 5)
"""What matters of these is said by the code ("port unreachable")."""
DAY = 86_400_000_000_000

Key = tuple[object, ...]


@dataclass
class IcmpDecoder:
    """Reads messages and remembers requests until they are answered."""

    asked: dict[Key, tuple[int, int]] = field(default_factory=dict)
    """Record and time of each request."""

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The packet is the unit."""
        return len(data)

    def lost(self, side: Side) -> None:
        """Nothing is half read."""

    def copy(self) -> Self:
        """The requests that wait now."""
        return type(self)(dict(self.asked))

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """Type, code and checksum, then what the type says."""
        data = cursor.peek(cursor.left())
        kind = cursor.uint("icmp.type", 1)
        code = cursor.peek(1)[0]
        meaning = CODES.get(kind, {}).get(code, "")
        cursor.uint("icmp.code", 1, f"{meaning} ({code})" if meaning else "")
        cursor.uint("icmp.checksum", 2)
        _check(cursor, data, where)
        name = TYPES.get(kind, f"Type {kind}")
        if kind in REPLIES or kind in REQUESTS:
            return self._talk(cursor, where, kind, name)
        brief = BRIEFS.get(kind, name.lower())
        if kind in TOLD_BY_CODE:
            brief = meaning.lower() or brief
        summary = f"{name} ({meaning})" if meaning else name
        if kind in QUOTING:
            return Reading(summary, _error(cursor, where, kind, code, len(data)), brief=brief)
        if kind == 9:
            _routers(cursor)
        elif kind == 10:
            cursor.take("icmp.reserved", 4)
        cursor.rest("icmp.data")
        return Reading(summary, brief=brief)

    def _talk(self, cursor: Cursor, where: Where, kind: int, name: str) -> Reading:
        """A request or a reply to one: which belong together is told by identifier and number."""
        begin = cursor.at
        identity = _twice(cursor, "icmp.ident")
        extended = kind in (42, 43)
        number = cursor.uint("icmp.ext.echo.seq", 1) if extended else _twice(cursor, "icmp.seq")
        request = REPLIES.get(kind, kind)
        ends = (where.sender, where.target)
        key = (request, *(ends if kind in REQUESTS else ends[::-1]), identity, number)
        said = f"{name}  id=0x{identity:04x}, seq={number}"
        if not extended:
            said += f"/{(number & 0xFF) << 8 | number >> 8}"
        if kind in REPLIES:
            said += self._answer(cursor, where, key)
        elif not where.quoted:
            self.asked.pop(key, None)
            self.asked[key] = (where.record.number, where.record.time)
            if len(self.asked) > MAX_ASKED:
                del self.asked[next(iter(self.asked))]
        payloads = BODIES[request](cursor, where, kind, begin)
        own = None if where.quoted else key
        asks, answers = (None, own) if kind in REPLIES else (own, None)
        brief = BRIEFS.get(kind, name.lower())
        return Reading(said, payloads, asks=asks, answers=answers, brief=brief)

    def _answer(self, cursor: Cursor, where: Where, key: Key) -> str:
        asked = None if where.quoted else self.asked.pop(key, None)
        if asked is None:
            return ""
        record, time = asked
        cursor.worked("icmp.resp_to", record + 1)
        cursor.worked("icmp.resptime", where.record.time - time)
        return f" (request in {record + 1})"


def _check(cursor: Cursor, data: bytes, where: Where) -> None:
    """Over the whole message, so only where all of it is there."""
    if len(data) < where.length or where.quoted:
        cursor.worked("icmp.checksum.status", UNVERIFIED)
        return
    wrong = internet_checksum(data)
    cursor.worked("icmp.checksum.status", BAD if wrong else GOOD)
    if wrong:
        right = internet_checksum(data[:2] + b"\0\0" + data[4:])
        cursor.note("odd", f"the checksum should be 0x{right:04x}")


def _twice(cursor: Cursor, name: str) -> int:
    """Two bytes, and what they are to hosts that write them little end first."""
    value = cursor.uint(name, 2)
    cursor.worked(f"{name}_le", (value & 0xFF) << 8 | value >> 8)
    return value


def _echo(cursor: Cursor, where: Where, kind: int, begin: int) -> Sequence[Payload]:
    """The data come back as they were sent; many programs put the time first."""
    time = _time(cursor.peek(min(8, cursor.left())), where.record.time)
    if time is not None:
        with cursor.group("icmp.data_time", 8, time_text(time)):
            cursor.rest("icmp.data_time.bytes")
        cursor.worked("icmp.data_time_relative", where.record.time - time)
    start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
    size = max(0, where.length - 4 - (start - begin))
    return (Payload(cursor.source, start, stop, "data", length=size),) if stop > start else ()


def _time(data: bytes, now: int) -> int | None:
    """Seconds and microseconds in 8 bytes of either order, ns; None unless within a day."""
    if len(data) < 8:
        return None
    for high, low in (struct.unpack(">II", data), struct.unpack("<II", data)):
        time = int(high) * 1_000_000_000 + int(low) * 1000
        if low < 1_000_000 and abs(now - time) < DAY:
            return time
    return None


def _stamps(cursor: Cursor, where: Where, kind: int, begin: int) -> Sequence[Payload]:
    for name in ("originate", "receive", "transmit"):
        cursor.uint(f"icmp.{name}_timestamp", 4)
    return ()


def _nothing(cursor: Cursor, where: Where, kind: int, begin: int) -> Sequence[Payload]:
    return ()


def _mask(cursor: Cursor, where: Where, kind: int, begin: int) -> Sequence[Payload]:
    cursor.take("icmp.address_mask", 4)
    return ()


def _extended(cursor: Cursor, where: Where, kind: int, begin: int) -> Sequence[Payload]:
    if kind == 43:
        cursor.bits(
            1,
            Bits("icmp.ext.echo.rsp.state", 3),
            Bits("icmp.ext.echo.rsp.res", 2),
            Bits("icmp.ext.echo.rsp.active", 1),
            Bits("icmp.ext.echo.rsp.ipv4", 1),
            Bits("icmp.ext.echo.rsp.ipv6", 1),
        )
        return ()
    cursor.bits(1, Bits("icmp.ext.echo.req.res", 7), Bits("icmp.ext.echo.req.local", 1))
    start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
    size = max(0, where.length - 8)
    return (
        (Payload(cursor.source, start, stop, "icmp.extensions", length=size),)
        if stop > start
        else ()
    )


BODIES: dict[int, Callable[[Cursor, Where, int, int], Sequence[Payload]]] = {
    8: _echo,
    13: _stamps,
    15: _nothing,
    17: _mask,
    42: _extended,
}


def _error(cursor: Cursor, where: Where, kind: int, code: int, size: int) -> Sequence[Payload]:
    """Four bytes that hang on the type, then the packet that is complained about."""
    words = 0
    if kind == 5:
        cursor.take("icmp.redir_gw", 4)
    elif kind == 4:
        cursor.take("icmp.unused", 4)
    else:
        words = _with_length(cursor, kind, code)
    start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
    quoted = min(max(0, where.length - 8), words * 4 or max(0, where.length - 8))
    end = min(stop, start + quoted)
    packet = Payload(cursor.source, start, end, "ip", quoted=True, length=quoted)
    if not words or end >= stop:
        return (packet,) if end > start else ()
    behind = Payload(cursor.source, end, stop, "icmp.extensions", length=where.length - 8 - quoted)
    return (packet, behind)


def _with_length(cursor: Cursor, kind: int, code: int) -> int:
    """The second word of errors that may tell how many 4-byte words they quote."""
    if kind == 12:
        cursor.uint("icmp.pointer", 1)
    words = cursor.peek(2 if kind != 12 else 1)[-1]
    if kind != 12:
        if words or code == 4:
            cursor.take("icmp.unused", 1 if words else 2)
        else:
            cursor.take("icmp.unused", 4)
            return 0
    elif not words:
        cursor.take("icmp.unused", 3)
        return 0
    if words:
        cursor.uint("icmp.length", 1)
        cursor.worked("icmp.length.original_datagram", words * 4)
    if kind == 3 and code == 4:
        cursor.uint("icmp.mtu", 2)
    else:
        cursor.take("icmp.unused", 2)
    return words


def _routers(cursor: Cursor) -> None:
    """Routers and how much they want to be chosen (RFC 1256)."""
    count = cursor.uint("icmp.num_addrs", 1)
    words = cursor.uint("icmp.addr_entry_size", 1)
    cursor.uint("icmp.lifetime", 2)
    for _ in range(count):
        if words < 2 or cursor.left() < words * 4:
            return
        cursor.take("icmp.router_address", 4)
        level = int.from_bytes(cursor.peek(4), "big", signed=True)
        with cursor.group("icmp.pref_level", 4, level):
            cursor.rest("icmp.pref_level.bytes")
        cursor.take("icmp.data", words * 4 - 8)
