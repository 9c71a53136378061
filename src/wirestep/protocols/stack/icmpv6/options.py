"""Options of neighbour discovery (RFC 4861 section 4.6, RFC 4191, 6275, 8106, 8781, 8910)."""

from collections.abc import Callable
from contextlib import suppress

from wirestep.decode.contract import Payload
from wirestep.decode.cursor import Bits, Cursor, Short

from .fields import OPTIONS

REDIRECTED = 4


def options(cursor: Cursor) -> tuple[list[Payload], list[bytes]]:
    """All options up to the end; a redirected packet that ends them, and link addresses found."""
    payloads: list[Payload] = []
    found: list[bytes] = []
    while cursor.left() >= 2:
        kind, units = cursor.peek(2)
        size = units * 8
        if not size or size > cursor.left():
            cursor.note("broken", f"an option of {size} bytes, {cursor.left()} are left")
            cursor.rest("icmpv6.unknown_data")
            break
        if kind == REDIRECTED and size == cursor.left():
            payloads.append(_redirected(cursor, size))
            break
        with cursor.group("icmpv6.opt", size, shown=OPTIONS.get(kind, f"Option {kind}")):
            cursor.uint("icmpv6.opt.type", 1)
            cursor.uint("icmpv6.opt.length", 1)
            read = READERS.get(kind)
            if kind in (1, 2):
                found.append(_link_address(cursor, kind))
            elif read is not None:
                with suppress(Short):
                    read(cursor)
            cursor.rest("icmpv6.unknown_data")
    return payloads, found


def _redirected(cursor: Cursor, size: int) -> Payload:
    """The header of the option; the packet in it is handed up."""
    with cursor.group("icmpv6.opt", 8, shown=OPTIONS[REDIRECTED]):
        cursor.uint("icmpv6.opt.type", 1)
        cursor.uint("icmpv6.opt.length", 1)
        cursor.take("icmpv6.opt.reserved", 6)
    start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
    return Payload(cursor.source, start, stop, "ipv6", quoted=True)


def _link_address(cursor: Cursor, kind: int) -> bytes:
    """An Ethernet address fills the option; others (EUI-64) are padded."""
    address = cursor.take("icmpv6.opt.linkaddr", cursor.left())
    side = "src" if kind == 1 else "target"
    cursor.worked(f"icmpv6.opt.{side}_linkaddr", address)
    return address


def _prefix(cursor: Cursor) -> None:
    cursor.uint("icmpv6.opt.prefix.length", 1)
    flags = (
        Bits("icmpv6.opt.prefix.flag.l", 1),
        Bits("icmpv6.opt.prefix.flag.a", 1),
        Bits("icmpv6.opt.prefix.flag.r", 1),
        Bits("icmpv6.opt.prefix.flag.reserved", 5),
    )
    cursor.bits(1, Bits("icmpv6.opt.prefix.flag", 8, flags))
    cursor.uint("icmpv6.opt.prefix.valid_lifetime", 4)
    cursor.uint("icmpv6.opt.prefix.preferred_lifetime", 4)
    cursor.take("icmpv6.opt.reserved", 4)
    cursor.take("icmpv6.opt.prefix", 16)


def _redirected_inside(cursor: Cursor) -> None:
    """Where other options follow, the packet is shown as bytes only."""
    cursor.take("icmpv6.opt.reserved", 6)
    cursor.rest("icmpv6.opt.redirected_packet")


def _mtu(cursor: Cursor) -> None:
    cursor.take("icmpv6.opt.reserved", 2)
    cursor.uint("icmpv6.opt.mtu", 4)


def _interval(cursor: Cursor) -> None:
    cursor.take("icmpv6.opt.reserved", 2)
    cursor.uint("icmpv6.opt.advertisement_interval", 4)


def _home_agent(cursor: Cursor) -> None:
    cursor.take("icmpv6.opt.reserved", 2)
    cursor.uint("icmpv6.opt.home_agent_preference", 2)
    cursor.uint("icmpv6.opt.home_agent_lifetime", 2)


def _nonce(cursor: Cursor) -> None:
    cursor.rest("icmpv6.opt.nonce")


def _route(cursor: Cursor) -> None:
    """The prefix has only as many bytes as it needs (RFC 4191 section 2.3)."""
    cursor.uint("icmpv6.opt.prefix.length", 1)
    name = "icmpv6.opt.route_info.flag"
    parts = (
        Bits(f"{name}.reserved", 3),
        Bits(f"{name}.route_preference", 2),
        Bits(f"{name}.reserved", 3),
    )
    cursor.bits(1, Bits(name, 8, parts))
    cursor.uint("icmpv6.opt.route_lifetime", 4)
    size = min(cursor.left(), 16)
    if size:
        with cursor.group("icmpv6.opt.prefix", size, cursor.peek(size).ljust(16, b"\0")):
            cursor.rest("icmpv6.opt.prefix.bytes")


def _servers(cursor: Cursor) -> None:
    cursor.take("icmpv6.opt.reserved", 2)
    cursor.uint("icmpv6.opt.rdnss.lifetime", 4)
    while cursor.left() >= 16:
        cursor.take("icmpv6.opt.rdnss", 16)


def _domains(cursor: Cursor) -> None:
    """Names as in DNS, without pointers; zeros fill up the option (RFC 8106 section 5.2)."""
    cursor.take("icmpv6.opt.reserved", 2)
    cursor.uint("icmpv6.opt.dnssl.lifetime", 4)
    data = cursor.peek(cursor.left())
    at = 0
    while at < len(data) and data[at]:
        begin, labels = at, []
        while at < len(data) and data[at] and at + data[at] < len(data):
            labels.append(data[at + 1 : at + 1 + data[at]].decode("ascii", "backslashreplace"))
            at += 1 + data[at]
        at = min(at + 1, len(data))
        with cursor.group("icmpv6.opt.dnssl", at - begin, ".".join(labels)):
            cursor.rest("icmpv6.opt.dnssl.bytes")
    cursor.rest("icmpv6.opt.padding")


def _portal(cursor: Cursor) -> None:
    data = cursor.peek(cursor.left())
    cursor.text("icmpv6.opt.captive_portal", len(data.rstrip(b"\0")))
    cursor.rest("icmpv6.opt.padding")


def _pref64(cursor: Cursor) -> None:
    cursor.bits(
        2,
        Bits("icmpv6.opt.pref64.scaled_lifetime", 13),
        Bits("icmpv6.opt.pref64.plc", 3),
    )
    with cursor.group("icmpv6.opt.pref64.prefix", 12, cursor.peek(12).ljust(16, b"\0")):
        cursor.rest("icmpv6.opt.pref64.prefix.bytes")


READERS: dict[int, Callable[[Cursor], None]] = {
    3: _prefix,
    4: _redirected_inside,
    5: _mtu,
    7: _interval,
    8: _home_agent,
    14: _nonce,
    24: _route,
    25: _servers,
    31: _domains,
    37: _portal,
    38: _pref64,
}
