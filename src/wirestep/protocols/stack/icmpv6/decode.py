"""ICMPv6 messages (RFC 4443), neighbour discovery (RFC 4861), multicast listeners (RFC 3810)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

from wirestep.decode.checksum import BAD, GOOD, UNVERIFIED, internet_checksum, pseudo_header
from wirestep.decode.contract import Payload, Reading, Where
from wirestep.decode.cursor import Bits, Cursor
from wirestep.decode.fields import ipv6_text
from wirestep.model import Side

from .fields import BRIEFS, CODES, TYPES
from .options import options

MAX_ASKED = 4096
"""Requests that wait for a reply."""
ECHO, REPLY = 128, 129
UNREACHABLE = 1
ERRORS = (UNREACHABLE, 2, 3, 4)

Key = tuple[object, ...]
Said = tuple[str, Sequence[Payload]]


@dataclass
class Icmpv6Decoder:
    """Reads messages and remembers echo requests until they are answered."""

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
        kind = cursor.uint("icmpv6.type", 1)
        code = cursor.peek(1)[0]
        meaning = CODES.get(kind, {}).get(code, "")
        cursor.uint("icmpv6.code", 1, f"{meaning} ({code})" if meaning else "")
        cursor.uint("icmpv6.checksum", 2)
        _check(cursor, data, where)
        name = TYPES.get(kind, f"Type {kind}")
        if kind in (ECHO, REPLY):
            return self._echo(cursor, where, kind, name)
        brief = BRIEFS.get(kind, name.lower())
        if kind in ERRORS:
            summary = f"{name} ({meaning})" if meaning else name
            if kind == UNREACHABLE:
                brief = meaning.lower() or brief
            return Reading(summary, _error(cursor, where, kind), brief=brief)
        read = READERS.get(kind)
        said, payloads = ("", ()) if read is None else read(cursor, where)
        cursor.rest("icmpv6.data")
        return Reading(f"{name}{said}", payloads, brief=brief)

    def _echo(self, cursor: Cursor, where: Where, kind: int, name: str) -> Reading:
        """A request or a reply to one: which belong together is told by identifier and number."""
        identity = cursor.uint("icmpv6.echo.identifier", 2)
        number = cursor.uint("icmpv6.echo.sequence_number", 2)
        ends = (where.sender, where.target)
        key = (*(ends if kind == ECHO else ends[::-1]), identity, number)
        said = f"{name} id=0x{identity:04x}, seq={number}"
        asks = answers = None
        if where.quoted:
            pass
        elif kind == ECHO:
            asks = key
            self.asked.pop(key, None)
            self.asked[key] = (where.record.number, where.record.time)
            if len(self.asked) > MAX_ASKED:
                del self.asked[next(iter(self.asked))]
        else:
            answers = key
            asked = self.asked.pop(key, None)
            if asked is not None:
                cursor.worked("icmpv6.resp_to", asked[0] + 1)
                cursor.worked("icmpv6.resptime", where.record.time - asked[1])
                said += f" (request in {asked[0] + 1})"
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        above = Payload(cursor.source, start, stop, "data", length=max(0, where.length - 8))
        payloads = (above,) if stop > start else ()
        return Reading(said, payloads, asks=asks, answers=answers, brief=BRIEFS[kind])


def _check(cursor: Cursor, data: bytes, where: Where) -> None:
    """Over the message and the addresses, so only where all of it is there."""
    pseudo = None
    if where.sender is not None and where.target is not None and not where.quoted:
        pseudo = pseudo_header(where.sender.host, where.target.host, 58, len(data))
    if pseudo is None or len(data) < where.length:
        cursor.worked("icmpv6.checksum.status", UNVERIFIED)
        return
    wrong = internet_checksum(pseudo + data)
    cursor.worked("icmpv6.checksum.status", BAD if wrong else GOOD)
    if wrong:
        right = internet_checksum(pseudo + data[:2] + b"\0\0" + data[4:])
        cursor.note("odd", f"the checksum should be 0x{right:04x}")


def _error(cursor: Cursor, where: Where, kind: int) -> Sequence[Payload]:
    """Four bytes that hang on the type, then the packet that is complained about."""
    words = 0
    if kind == 2:
        cursor.uint("icmpv6.mtu", 4)
    elif kind == 4:
        cursor.uint("icmpv6.pointer", 4)
    else:
        words = cursor.peek(1)[0]
        if words:
            cursor.uint("icmpv6.length", 1)
        cursor.take("icmpv6.reserved", 3 if words else 4)
    start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
    size = max(0, where.length - 8)
    quoted = min(size, words * 8 or size)
    end = min(stop, start + quoted)
    packet = Payload(cursor.source, start, end, "ipv6", quoted=True, length=quoted)
    if not words or end >= stop:
        return (packet,) if end > start else ()
    return (packet, Payload(cursor.source, end, stop, "icmp.extensions", length=size - quoted))


def _solicit_router(cursor: Cursor, where: Where) -> Said:
    cursor.take("icmpv6.reserved", 4)
    payloads, links = options(cursor)
    return _from(links), payloads


def _advertise_router(cursor: Cursor, where: Where) -> Said:
    cursor.uint("icmpv6.nd.ra.cur_hop_limit", 1)
    name = "icmpv6.nd.ra.flag"
    flags = (
        Bits(f"{name}.m", 1),
        Bits(f"{name}.o", 1),
        Bits(f"{name}.h", 1),
        Bits(f"{name}.prf", 2),
        Bits(f"{name}.p", 1),
        Bits(f"{name}.rsv", 2),
    )
    cursor.bits(1, Bits(name, 8, flags))
    cursor.uint("icmpv6.nd.ra.router_lifetime", 2)
    cursor.uint("icmpv6.nd.ra.reachable_time", 4)
    cursor.uint("icmpv6.nd.ra.retrans_timer", 4)
    payloads, links = options(cursor)
    return _from(links), payloads


def _solicit_neighbour(cursor: Cursor, where: Where) -> Said:
    cursor.take("icmpv6.reserved", 4)
    target = ipv6_text(cursor.take("icmpv6.nd.ns.target_address", 16))
    payloads, links = options(cursor)
    return f" for {target}{_from(links)}", payloads


def _advertise_neighbour(cursor: Cursor, where: Where) -> Said:
    name = "icmpv6.nd.na.flag"
    letters = (("r", "rtr"), ("s", "sol"), ("o", "ovr"))
    first = cursor.peek(1)[0]
    parts = tuple(Bits(f"{name}.{letter}", 1) for letter, _ in letters)
    cursor.bits(4, Bits(name, 32, (*parts, Bits(f"{name}.rsv", 29))))
    target = ipv6_text(cursor.take("icmpv6.nd.na.target_address", 16))
    payloads, links = options(cursor)
    flags = ", ".join(word for bit, (_, word) in enumerate(letters) if first << bit & 0x80)
    said = f" {target} ({flags})" if flags else f" {target}"
    return said + (f" is at {links[0].hex(':')}" if links else ""), payloads


def _redirect(cursor: Cursor, where: Where) -> Said:
    cursor.take("icmpv6.reserved", 4)
    cursor.take("icmpv6.nd.rd.target_address", 16)
    cursor.take("icmpv6.rd.na.destination_address", 16)
    payloads, links = options(cursor)
    return (f" is at {links[0].hex(':')}" if links else ""), payloads


def _from(links: list[bytes]) -> str:
    return f" from {links[0].hex(':')}" if links else ""


def _listeners(cursor: Cursor, where: Where) -> Said:
    """Version 1; a query of version 2 is longer (RFC 3810 section 8.1)."""
    second = where.length >= 28 and cursor.left() > 20
    name = "maximum_response_code" if second else "maximum_response_delay"
    cursor.uint(f"icmpv6.mld.{name}", 2)
    cursor.take("icmpv6.reserved", 2)
    cursor.take("icmpv6.mld.multicast_address", 16)
    if second:
        flags = (
            Bits("icmpv6.mld.flag.reserved", 4),
            Bits("icmpv6.mld.flag.s", 1),
            Bits("icmpv6.mld.flag.qrv", 3),
        )
        cursor.bits(1, Bits("icmpv6.mld.flag", 8, flags))
        cursor.uint("icmpv6.mld.qqi", 1)
        for _ in range(cursor.uint("icmpv6.mld.nb_sources", 2)):
            cursor.take("icmpv6.mld.source_address", 16)
    return "", ()


def _report(cursor: Cursor, where: Where) -> Said:
    """Version 2 (RFC 3810 section 5.2)."""
    cursor.take("icmpv6.reserved", 2)
    for _ in range(cursor.uint("icmpv6.mldr.nb_mcast_records", 2)):
        with cursor.group("icmpv6.mldr.mar"):
            cursor.uint("icmpv6.mldr.mar.record_type", 1)
            words = cursor.uint("icmpv6.mldr.mar.aux_data_len", 1)
            count = cursor.uint("icmpv6.mldr.mar.nb_sources", 2)
            cursor.take("icmpv6.mldr.mar.multicast_address", 16)
            for _ in range(count):
                cursor.take("icmpv6.mldr.mar.source_address", 16)
            cursor.take("icmpv6.mldr.mar.auxiliary_data", words * 4)
    return "", ()


READERS: dict[int, Callable[[Cursor, Where], Said]] = {
    130: _listeners,
    131: _listeners,
    132: _listeners,
    133: _solicit_router,
    134: _advertise_router,
    135: _solicit_neighbour,
    136: _advertise_neighbour,
    137: _redirect,
    143: _report,
}
