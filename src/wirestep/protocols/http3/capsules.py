"""Capsules: messages of what an extended CONNECT opened, on its stream (RFC 9297 section 3).

They are the same over every version of HTTP; whoever carries them hands their bytes up by name.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from wirestep.decode.contract import Reading, Stateless, Where
from wirestep.decode.cursor import Broken, Cursor
from wirestep.decode.fields import table
from wirestep.model import Side

from .numbers import glance, varint

DATAGRAM, ADDRESS_ASSIGN, ADDRESS_REQUEST, ROUTE_ADVERTISEMENT = 0, 1, 2, 3
CLOSE, DRAIN = 0x2843, 0x78AE
TYPES = {
    DATAGRAM: "DATAGRAM",
    ADDRESS_ASSIGN: "ADDRESS_ASSIGN",
    ADDRESS_REQUEST: "ADDRESS_REQUEST",
    ROUTE_ADVERTISEMENT: "ROUTE_ADVERTISEMENT",
    CLOSE: "CLOSE_WEBTRANSPORT_SESSION",
    DRAIN: "DRAIN_WEBTRANSPORT_SESSION",
}
ADDRESS_SIZES = {4: 4, 6: 16}
"""Bytes of an address, by version of IP."""

FIELDS = table(
    """
capsule.type              hex8  Type
capsule.length            uint  Length
capsule.datagram          bytes Datagram
capsule.value             bytes Value
capsule.address           group Address
capsule.address.request   uint  Request ID
capsule.address.version   uint  IP version
capsule.address.ip        bytes IP address
capsule.address.prefix    uint  Prefix length
capsule.route             group Range of addresses
capsule.route.start       bytes First address
capsule.route.stop        bytes Last address
capsule.route.protocol    uint  IP protocol
capsule.close.code        uint  Application's code
capsule.close.reason      str   Reason
""",
    {"capsule.type": TYPES},
)


class CapsuleDecoder(Stateless):
    """Capsule after capsule, both ways; none needs to know of another."""

    def measure(self, data: memoryview, side: Side) -> int | None:
        """Its type, its length, and so many bytes."""
        kind = glance(data, 0)
        length = None if kind is None else glance(data, kind[1])
        return None if length is None else length[0] + length[1]

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One capsule."""
        kind = varint(cursor, "capsule.type")
        length = varint(cursor, "capsule.length")
        if length > cursor.left() and where.whole:
            cursor.note("broken", f"{length} bytes are announced, {cursor.left()} are here")
        name = TYPES.get(kind) or ("reserved" if kind % 0x29 == 0x17 else f"capsule 0x{kind:x}")
        told = READERS.get(kind, _value)(cursor)
        if cursor.left():
            cursor.note("broken", f"{cursor.left()} bytes too many")
            cursor.rest("capsule.value")
        return Reading(f"{name}{told}", brief=name)


def _value(cursor: Cursor) -> str:
    size = cursor.left()
    if size:
        cursor.rest("capsule.value")
    return f": {size} bytes"


def _datagram(cursor: Cursor) -> str:
    """(RFC 9297 section 3.5)"""
    size = cursor.left()
    cursor.rest("capsule.datagram")
    return f": {size} bytes"


def _addresses(cursor: Cursor) -> str:
    """(RFC 9484 sections 4.7.1 and 4.7.2)"""
    told = []
    while cursor.left():
        with cursor.group("capsule.address") as group:
            varint(cursor, "capsule.address.request")
            address = _ip(cursor, "capsule.address.ip", _version(cursor))
            group.shown = f"{address}/{cursor.uint('capsule.address.prefix', 1)}"
            told.append(group.shown)
    return f": {', '.join(told)}" if told else ""


def _routes(cursor: Cursor) -> str:
    """(RFC 9484 section 4.7.3)"""
    told = []
    while cursor.left():
        with cursor.group("capsule.route") as group:
            version = _version(cursor)
            start = _ip(cursor, "capsule.route.start", version)
            group.shown = f"{start} to {_ip(cursor, 'capsule.route.stop', version)}"
            cursor.uint("capsule.route.protocol", 1)
            told.append(group.shown)
    return f": {', '.join(told)}" if told else ""


def _version(cursor: Cursor) -> int:
    version = cursor.uint("capsule.address.version", 1)
    if version not in ADDRESS_SIZES:
        raise Broken(f"there is no IP version {version} here (RFC 9484 section 4.7)")
    return version


def _ip(cursor: Cursor, name: str, version: int) -> str:
    size = ADDRESS_SIZES[version]
    address = str(ip_address(cursor.peek(size)))
    cursor.take(name, size, shown=address)
    return address


def _close(cursor: Cursor) -> str:
    """(draft-ietf-webtrans-http3 section 6)"""
    code = cursor.uint("capsule.close.code", 4)
    reason = cursor.text("capsule.close.reason", cursor.left()) if cursor.left() else ""
    return f": {code}{' ' if reason else ''}{reason}"


READERS: dict[int, Callable[[Cursor], str]] = {
    DATAGRAM: _datagram,
    ADDRESS_ASSIGN: _addresses,
    ADDRESS_REQUEST: _addresses,
    ROUTE_ADVERTISEMENT: _routes,
    CLOSE: _close,
}
