"""Extension headers of IPv6 (RFC 8200 section 4, RFC 6275, 6554, 8754)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from wirestep.decode.cursor import Bits, Broken, Cursor, Short
from wirestep.decode.fields import ipv6_text

from .fields import OPTIONS, ROUTINGS

HOP_BY_HOP, ROUTING, FRAGMENT, NOTHING, DESTINATION = 0, 43, 44, 59, 60


@dataclass(slots=True)
class Chain:
    """What the extension headers tell of the packet."""

    next: int
    """The header that comes after those read so far."""
    source: str | None = None
    """The sender's home address, where it told one (RFC 6275 section 6.3)."""
    target: str | None = None
    """The final destination, where the header's is only the next stop."""
    jumbo: int | None = None
    """Length of the payload, where it is over 65,535 bytes (RFC 2675)."""


@dataclass(frozen=True, slots=True)
class FragmentHeader:
    """A fragment header (RFC 8200 section 4.5)."""

    next: int
    offset: int
    more: int
    identity: int


def extensions(cursor: Cursor, chain: Chain) -> None:
    """Read all extension headers but those of fragments; `chain` tells what stands next.

    Raises:
        Broken: a header is longer than the packet.
    """
    first = True
    while chain.next in READERS:
        if chain.next == HOP_BY_HOP and not first:
            cursor.note("odd", "hop-by-hop options must come first (RFC 8200 section 4.1)")
        READERS[chain.next](cursor, chain)
        first = False


def fragment_header(cursor: Cursor) -> FragmentHeader:
    """The eight bytes of a fragment header."""
    with cursor.group("ipv6.fraghdr", 8):
        following = cursor.uint("ipv6.fraghdr.nxt", 1)
        cursor.uint("ipv6.fraghdr.reserved_octet", 1)
        offset, _, more = cursor.bits(
            2,
            Bits("ipv6.fraghdr.offset", 13),
            Bits("ipv6.fraghdr.reserved_bits", 2),
            Bits("ipv6.fraghdr.more", 1),
        )
        identity = cursor.uint("ipv6.fraghdr.ident", 4)
    return FragmentHeader(following, offset * 8, more, identity)


def _size(cursor: Cursor) -> int:
    """Bytes of the header at the front, by its second byte."""
    size = 8 + 8 * cursor.peek(2)[1]
    if size > cursor.left():
        raise Broken(f"an extension header of {size} bytes, {cursor.left()} are left")
    return size


def _options(name: str) -> Callable[[Cursor, Chain], None]:
    def read(cursor: Cursor, chain: Chain) -> None:
        size = _size(cursor)
        with cursor.group(name, size):
            chain.next = cursor.uint(f"{name}.nxt", 1)
            cursor.uint(f"{name}.len", 1)
            cursor.worked(f"{name}.len_oct", size)
            while cursor.left():
                if not _option(cursor, chain):
                    return

    return read


def _option(cursor: Cursor, chain: Chain) -> bool:
    """One option; False where its length does not fit."""
    kind = cursor.peek(1)[0]
    size = 1
    if kind:
        if cursor.left() < 2 or cursor.peek(2)[1] + 2 > cursor.left():
            cursor.note("broken", "an option's length does not fit")
            cursor.rest("ipv6.opt.unknown")
            return False
        size = cursor.peek(2)[1] + 2
    with cursor.group("ipv6.opt", size, shown=OPTIONS.get(kind, f"Option 0x{kind:02x}")):
        action, change, rest = (
            Bits("ipv6.opt.type.action", 2),
            Bits("ipv6.opt.type.change", 1),
            Bits("ipv6.opt.type.rest", 5),
        )
        cursor.bits(1, Bits("ipv6.opt.type", 8, (action, change, rest)))
        if kind:
            cursor.uint("ipv6.opt.length", 1)
            with suppress(Short):
                _value(cursor, kind, chain)
            cursor.rest("ipv6.opt.padn" if kind == 1 else "ipv6.opt.unknown")
    return True


def _value(cursor: Cursor, kind: int, chain: Chain) -> None:
    if kind == 0x05:
        cursor.uint("ipv6.opt.router_alert", 2)
    elif kind == 0xC2:
        chain.jumbo = cursor.uint("ipv6.opt.jumbo", 4)
    elif kind == 0x04:
        cursor.uint("ipv6.opt.tel", 1)
    elif kind == 0xC9:
        chain.source = ipv6_text(cursor.take("ipv6.opt.mipv6.home_address", 16))
    elif kind == 0x30:
        cursor.uint("ipv6.opt.pmtu.min", 2)
        cursor.uint("ipv6.opt.pmtu.rtn", 2)


def _routing(cursor: Cursor, chain: Chain) -> None:
    size = _size(cursor)
    kind, left = cursor.peek(4)[2:]
    with cursor.group("ipv6.routing", size, shown=ROUTINGS.get(kind, f"Type {kind}")):
        chain.next = cursor.uint("ipv6.routing.nxt", 1)
        cursor.uint("ipv6.routing.len", 1)
        cursor.worked("ipv6.routing.len_oct", size)
        cursor.uint("ipv6.routing.type", 1)
        cursor.uint("ipv6.routing.segleft", 1)
        read = ROUTES.get(kind)
        if read is not None:
            with suppress(Short):
                final = read(cursor)
                if left and final:
                    chain.target = final
        cursor.rest("ipv6.routing.unknown_data")


def _source_route(cursor: Cursor) -> str | None:
    """Type 0: the last address is the final one."""
    cursor.note("odd", "source routes of type 0 are deprecated (RFC 5095)")
    cursor.take("ipv6.routing.src.reserved", 4)
    final = None
    while cursor.left() >= 16:
        final = ipv6_text(cursor.take("ipv6.routing.src.addr", 16))
    return final


def _mobility(cursor: Cursor) -> str | None:
    """Type 2: one address, the home of the mobile host."""
    cursor.take("ipv6.routing.mipv6.reserved", 4)
    return ipv6_text(cursor.take("ipv6.routing.mipv6.home_address", 16))


def _rpl(cursor: Cursor) -> str | None:
    """Type 3: addresses without the bytes that they share with the destination."""
    cursor.bits(
        4,
        Bits("ipv6.routing.rpl.cmprI", 4),
        Bits("ipv6.routing.rpl.cmprE", 4),
        Bits("ipv6.routing.rpl.pad", 4),
        Bits("ipv6.routing.rpl.reserved", 20),
    )
    cursor.rest("ipv6.routing.rpl.address")
    return None


def _segments(cursor: Cursor) -> str | None:
    """Type 4: the list runs backwards, so that the first address is the final one."""
    last = cursor.uint("ipv6.routing.srh.last_entry", 1)
    cursor.uint("ipv6.routing.srh.flags", 1)
    cursor.take("ipv6.routing.srh.tag", 2)
    final = None
    for number in range(last + 1):
        address = ipv6_text(cursor.take("ipv6.routing.srh.addr", 16))
        final = address if number == 0 else final
    return final


ROUTES: dict[int, Callable[[Cursor], str | None]] = {
    0: _source_route,
    2: _mobility,
    3: _rpl,
    4: _segments,
}
READERS: dict[int, Callable[[Cursor, Chain], None]] = {
    HOP_BY_HOP: _options("ipv6.hopopts"),
    ROUTING: _routing,
    DESTINATION: _options("ipv6.dstopts"),
}
