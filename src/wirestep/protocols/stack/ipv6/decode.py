"""IPv6 packets (RFC 8200), with extension headers, and fragments put back together."""

import struct
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from wirestep.decode.contract import Payload, Reading, Where
from wirestep.decode.cursor import Bits, Broken, Cursor
from wirestep.decode.fields import ipv6_text
from wirestep.decode.fragments import MAX_SIZE, Fragment, Fragments, describe
from wirestep.model import Address, Side

from .headers import FRAGMENT, NOTHING, READERS, Chain, extensions, fragment_header

HEADER = 40
_FIXED = struct.Struct("!4xHBx16s16s")
_CLASS = Bits("ipv6.tclass", 8, (Bits("ipv6.tclass.dscp", 6), Bits("ipv6.tclass.ecn", 2)))
_FIRST = (Bits("ipv6.version", 4), _CLASS, Bits("ipv6.flow", 20))


@dataclass
class Extended:
    """Reads extension headers, and hands up what comes behind them."""

    fragments: Fragments = field(default_factory=Fragments)

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The packet is the unit."""
        return len(data)

    def lost(self, side: Side) -> None:
        """Fragments that are missing are missed by their offsets."""

    def copy(self) -> Self:
        """The fragments that wait now."""
        return type(self)(self.fragments.copy())

    def _above(
        self,
        cursor: Cursor,
        where: Where,
        chain: Chain,
        ends: tuple[str, str],
        stop: int,
        wanted: int,
    ) -> Reading:
        """What stands in [cursor.at, stop); `wanted` is where it ends on the wire."""
        summary = f"{ends[0]} → {ends[1]}"
        if chain.next == FRAGMENT:
            return self._fragment(cursor, where, ends, stop, wanted)
        start, cursor.stop = cursor.at, cursor.at
        if chain.next == NOTHING:
            left = (Payload(cursor.source, start, stop, "data", length=wanted - start),)
            return Reading("IPv6 no next header", left if stop > start else ())
        above = Payload(
            cursor.source,
            start,
            stop,
            keys=(("ip.proto", chain.next),),
            sender=Address(ends[0]),
            target=Address(ends[1]),
            length=wanted - start,
        )
        return Reading(summary, (above,))

    def _fragment(
        self, cursor: Cursor, where: Where, ends: tuple[str, str], stop: int, wanted: int
    ) -> Reading:
        """A part of a datagram: the whole where it is the last to come, else plain data."""
        head = fragment_header(cursor)
        start, source, size = cursor.at, cursor.source, wanted - cursor.at
        sender, target = Address(ends[0]), Address(ends[1])
        keys = (("ip.proto", head.next),)
        cursor.stop = start
        atomic = not head.offset and not head.more
        summary = (
            f"IPv6 fragment (off={head.offset} more={'y' if head.more else 'n'} "
            f"ident=0x{head.identity:08x} nxt={head.next})"
        )
        if atomic or (where.quoted and not head.offset):
            piece = Payload(
                source, start, stop, keys=keys, sender=sender, target=target, length=size
            )
            return Reading(f"{ends[0]} → {ends[1]}" if atomic else summary, (piece,))
        piece = Payload(source, start, stop, "data", sender=sender, target=target, length=size)
        if head.offset + size > MAX_SIZE:
            cursor.note("broken", "the fragment ends beyond the longest datagram (65,535 bytes)")
            return Reading(summary, (piece,))
        if head.more and size % 8:
            cursor.note("odd", "others follow, but the length is no multiple of 8")
        if where.quoted or stop < wanted:
            return Reading(summary, (piece,))
        record = where.record
        place = (head.offset, bool(head.more), record.number, record.time, head.next)
        key = (*ends, head.identity)
        datagram = self.fragments.add(key, Fragment(source, start, stop, *place))
        describe(cursor, datagram, "ipv6")
        if not datagram.whole:
            return Reading(summary, (piece,))
        whole = datagram.source("Reassembled IPv6")
        above = Payload(
            whole,
            0,
            len(whole.data),
            keys=(("ip.proto", datagram.next),),
            sender=sender,
            target=target,
        )
        return Reading(f"{ends[0]} → {ends[1]}", (above,))


class Ipv6Decoder(Extended):
    """The fixed header and all extension headers."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The headers; the rest is handed up, or kept until the other fragments come."""
        begin, left = cursor.at, cursor.left()
        version = cursor.data[begin] >> 4 if left else 0
        if version != 6 or left < HEADER or cursor.wants_under("ipv6."):
            _show(cursor)
        else:
            cursor.skip(HEADER)
        size, following, first, second = _FIXED.unpack_from(cursor.data, begin)
        chain, source, target = Chain(following), _host(first), _host(second)
        if size > where.length - HEADER and not where.quoted:
            there = where.length - HEADER
            cursor.note("odd", f"a payload length of {size}, but there are {there} bytes")
        if size or chain.next == NOTHING:
            cursor.stop = min(cursor.stop, begin + HEADER + size)
        if chain.next in READERS:
            extensions(cursor, chain)
        if not size and chain.next != NOTHING:
            size = self._without_length(cursor, chain, where)
        elif chain.jumbo is not None:
            cursor.note("odd", "a jumbo payload option, but also a payload length (RFC 2675)")
        wanted = begin + HEADER + size
        stop = min(cursor.stop, wanted)
        ends = (chain.source or source, chain.target or target)
        return self._above(cursor, where, chain, ends, max(cursor.at, stop), wanted)

    def _without_length(self, cursor: Cursor, chain: Chain, where: Where) -> int:
        """The payload's length where the header says 0."""
        if chain.jumbo is not None:
            cursor.note("info", f"a jumbogram of {chain.jumbo} bytes (RFC 2675)")
            return chain.jumbo
        cursor.note("info", "payload length 0: the network card is to cut the packet up")
        return max(0, where.length - HEADER)


@lru_cache(maxsize=4096)
def _host(address: bytes) -> str:
    """The same few hosts over and over, so each is written out once."""
    return ipv6_text(address)


def _show(cursor: Cursor) -> None:
    """The fixed header, as far as it is there."""
    first = cursor.peek(1)[0]
    if first >> 4 != 6:
        raise Broken(f"version {first >> 4}, not 6")
    cursor.bits(4, *_FIRST)
    cursor.uint("ipv6.plen", 2)
    cursor.uint("ipv6.nxt", 1)
    cursor.uint("ipv6.hlim", 1)
    cursor.take("ipv6.src", 16)
    cursor.take("ipv6.dst", 16)


class ExtensionDecoder(Extended):
    """Extension headers that do not follow the fixed one at once: first in a reassembled datagram.

    The field that says which header stands first was read below, so one decoder reads one kind.
    """

    first = FRAGMENT

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The headers; the rest is handed up."""
        begin = cursor.at
        chain = Chain(self.first)
        extensions(cursor, chain)
        ends = (
            chain.source or (where.sender.host if where.sender else ""),
            chain.target or (where.target.host if where.target else ""),
        )
        stop = max(cursor.at, cursor.stop)
        return self._above(cursor, where, chain, ends, stop, max(stop, begin + where.length))


class HopByHopDecoder(ExtensionDecoder):
    """Starts with hop-by-hop options."""

    first = 0


class RoutingDecoder(ExtensionDecoder):
    """Starts with a routing header."""

    first = 43


class DestinationDecoder(ExtensionDecoder):
    """Starts with destination options."""

    first = 60
