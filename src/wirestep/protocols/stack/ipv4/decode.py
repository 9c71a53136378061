"""IPv4 packets (RFC 791), with fragments put back together."""

import struct
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Self

from wirestep.decode.checksum import BAD, GOOD, UNVERIFIED, internet_checksum
from wirestep.decode.contract import Payload, Reading, Where
from wirestep.decode.cursor import Bits, Broken, Cursor
from wirestep.decode.fields import ipv4_text
from wirestep.decode.fragments import Fragment, Fragments, describe
from wirestep.decode.numbers import IP_PROTOCOLS
from wirestep.model import Address, Side

from .options import options

MIN_HEADER = 20
_FIXED = struct.Struct("!2xHHHxB2x4s4s")
_FIRST = (Bits("ip.version", 4), Bits("ip.hdr_len", 4, scale=4))
_SERVICE = Bits("ip.dsfield", 8, (Bits("ip.dsfield.dscp", 6), Bits("ip.dsfield.ecn", 2)))
_FLAGS = Bits(
    "ip.flags", 3, (Bits("ip.flags.rb", 1), Bits("ip.flags.df", 1), Bits("ip.flags.mf", 1))
)


class Header(NamedTuple):
    """What the header says and the rest of the packet needs."""

    size: int
    total: int
    identity: int
    more: int
    offset: int
    protocol: int
    source: Address
    target: Address


@dataclass
class Ipv4Decoder:
    """A header, then what the protocol number says, once all fragments of it are there."""

    fragments: Fragments = field(default_factory=Fragments)

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The packet is the unit."""
        return len(data)

    def lost(self, side: Side) -> None:
        """Fragments that are missing are missed by their offsets."""

    def copy(self) -> Self:
        """The fragments that wait now."""
        return type(self)(self.fragments.copy())

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The header; the rest is handed up, or kept until the other fragments come."""
        begin = cursor.at
        header = _header(cursor)
        summary = f"{header.source.host} → {header.target.host}"
        total = header.total or where.length  # 0: the network card cuts it into packets
        if not header.total:
            cursor.note("info", "total length 0: to be cut up by the network card")
        if total < header.size:
            cursor.note("broken", f"a total length of {total}, less than the header's")
            total = header.size
        elif total > where.length and not where.quoted:
            cursor.note("odd", f"a total length of {total}, but there are {where.length} bytes")
        start = cursor.at
        stop = max(start, min(begin + total, cursor.stop))
        if header.more or header.offset:
            return self._fragment(cursor, where, header, stop, start + total - header.size)
        cursor.stop = start
        above = Payload(
            cursor.source,
            start,
            stop,
            keys=(("ip.proto", header.protocol),),
            sender=header.source,
            target=header.target,
            length=total - header.size,
        )
        return Reading(summary, (above,))

    def _fragment(
        self, cursor: Cursor, where: Where, header: Header, stop: int, wanted: int
    ) -> Reading:
        """A part of a datagram: the whole where it is the last to come, else plain data."""
        name = IP_PROTOCOLS.get(header.protocol, "")
        summary = (
            f"Fragmented IP protocol (proto={name} {header.protocol}, "
            f"off={header.offset}, ID={header.identity:04x})"
        )
        start, source = cursor.at, cursor.source
        piece = Payload(
            source,
            start,
            stop,
            "data" if header.offset or not where.quoted else None,
            keys=(("ip.proto", header.protocol),),
            sender=header.source,
            target=header.target,
            length=wanted - start,
        )
        if where.quoted or stop < wanted or not _fits(cursor, header, wanted - start):
            cursor.stop = start
            return Reading(summary, (piece,))
        record = where.record
        key = (header.source, header.target, header.protocol, header.identity)
        datagram = self.fragments.add(
            key,
            Fragment(
                source, start, stop, header.offset, bool(header.more), record.number, record.time
            ),
        )
        describe(cursor, datagram, "ip")
        cursor.stop = start
        if not datagram.whole:
            return Reading(summary, (piece,))
        whole = datagram.source("Reassembled IPv4")
        above = Payload(
            whole,
            0,
            len(whole.data),
            keys=(("ip.proto", header.protocol),),
            sender=header.source,
            target=header.target,
        )
        return Reading(f"{header.source.host} → {header.target.host}", (above,))


def _header(cursor: Cursor) -> Header:
    """What the header says; its fields are made where somebody wants one of them.

    Raises:
        Broken: it is no header of IPv4, or not all there.
    """
    begin, left = cursor.at, cursor.left()
    first = cursor.data[begin] if left else 0
    size = (first & 0xF) * 4
    whole = first >> 4 == 4 and MIN_HEADER <= size <= left
    if not whole or cursor.wants_under("ip."):
        _show(cursor)
    else:
        cursor.skip(size)
    total, identity, place, protocol, source, target = _FIXED.unpack_from(cursor.data, begin)
    more, offset = place >> 13 & 1, (place & 0x1FFF) * 8
    return Header(size, total, identity, more, offset, protocol, _end(source), _end(target))


@lru_cache(maxsize=4096)
def _end(address: bytes) -> Address:
    """The same few hosts over and over, so each is written out once."""
    return Address(ipv4_text(address))


@lru_cache(maxsize=256)
def _place(units: int) -> Bits:
    return Bits("ip.frag_offset", 13, shown=f"{units * 8} bytes")


def _show(cursor: Cursor) -> None:
    """The fixed fields, the options, and whether the checksum holds."""
    begin = cursor.at
    first = cursor.peek(1)[0]
    if first >> 4 != 4:
        raise Broken(f"version {first >> 4}, not 4")
    _, size = cursor.bits(1, *_FIRST)
    if size < MIN_HEADER:
        raise Broken(f"a header of {size} bytes, at least {MIN_HEADER} are needed")
    cursor.bits(1, _SERVICE)
    cursor.uint("ip.len", 2)
    cursor.uint("ip.id", 2)
    units = int.from_bytes(cursor.peek(2), "big") & 0x1FFF
    cursor.bits(2, _FLAGS, _place(units))
    cursor.uint("ip.ttl", 1)
    cursor.uint("ip.proto", 1)
    said = cursor.uint("ip.checksum", 2)
    if cursor.wants_under("ip.checksum"):
        _check(cursor, begin, size, said)
    cursor.take("ip.src", 4)
    cursor.take("ip.dst", 4)
    options(cursor, size - MIN_HEADER)


def _check(cursor: Cursor, begin: int, size: int, said: int) -> None:
    """The status of the header's checksum, worked out (RFC 791 section 3.1)."""
    if begin + size > cursor.stop:
        cursor.worked("ip.checksum.status", UNVERIFIED)
        return
    data = cursor.data
    right = internet_checksum(data[begin : begin + 10] + data[begin + 12 : begin + size])
    if said == right or {said, right} == {0, 0xFFFF}:
        cursor.worked("ip.checksum.status", GOOD)
    elif said == 0:
        cursor.worked("ip.checksum.status", UNVERIFIED)
        cursor.note("info", "checksum 0: left to the network card")
    else:
        cursor.worked("ip.checksum.status", BAD)
        cursor.note("odd", f"the header's checksum should be 0x{right:04x}")
    cursor.worked("ip.checksum_calculated", right)


def _fits(cursor: Cursor, header: Header, size: int) -> bool:
    """Whether the fragment may be one of a datagram (RFC 791 section 3.2)."""
    if header.offset + size > 65_535:
        cursor.note("broken", "the fragment ends beyond the longest datagram (65,535 bytes)")
        return False
    if header.more and size % 8:
        cursor.note("odd", "others follow, but the length is no multiple of 8")
    return True
