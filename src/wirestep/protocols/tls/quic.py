"""The extension by which QUIC's ends state their limits (RFC 9000 section 18)."""

from __future__ import annotations

from wirestep.decode.cursor import Bits, Broken, Cursor, Short

from .facts import Facts
from .names import QUIC_PARAMETERS

PREFIX = "tls.quic.parameter"
NUMBERS = {
    *(0x01, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0E, 0x20),
    0xFF04DE1B,
}
IDS = {0x00, 0x02, 0x0F, 0x10}
PREFERRED, VERSIONS, GOOGLE_AGENT, GOOGLE_VERSION = 0x0D, 0x11, 0x3129, 0x4752


def varint(cursor: Cursor, name: str) -> int:
    """A number of 1, 2, 4 or 8 bytes whose first two bits say which (RFC 9000 section 16)."""
    if not cursor.left():
        raise Short("a number of at least one byte is missing")
    size = 1 << (cursor.peek(1)[0] >> 6)
    return cursor.bits(size, Bits("tls.quic.varint_size", 2), Bits(name, 8 * size - 2))[1]


def transport_parameters(cursor: Cursor, facts: Facts) -> None:
    """Type, length and value, over and over."""
    while cursor.left():
        with cursor.group(PREFIX) as group:
            kind = varint(cursor, f"{PREFIX}.type")
            size = varint(cursor, f"{PREFIX}.length")
            group.shown = QUIC_PARAMETERS.get(kind, f"Unknown 0x{kind:x}") + f" (len={size})"
            if size > cursor.left():
                cursor.note("broken", f"{size} bytes are announced, {cursor.left()} are left")
                cursor.rest(f"{PREFIX}.value")
                return
            if size:
                with cursor.group(f"{PREFIX}.value", size, cursor.peek(size)):
                    try:
                        _value(cursor, kind)
                    except Broken as error:
                        cursor.note("broken", str(error))


def _value(cursor: Cursor, kind: int) -> None:
    name = f"{PREFIX}.{QUIC_PARAMETERS.get(kind, '')}"
    if kind in NUMBERS:
        varint(cursor, name)
    elif kind in IDS:
        cursor.rest(name)
    elif kind == PREFERRED:
        _preferred_address(cursor)
    elif kind == VERSIONS:
        cursor.uint(f"{PREFIX}.vi.chosen_version", 4)
        while cursor.left() >= 4:
            cursor.uint(f"{PREFIX}.vi.other_version", 4)
    elif kind == GOOGLE_AGENT:
        cursor.text(f"{PREFIX}.google.user_agent", cursor.left())
    elif kind == GOOGLE_VERSION and cursor.left() == 4:
        cursor.uint(f"{PREFIX}.google.quic_version", 4)
    else:
        cursor.rest(f"{PREFIX}.data")


def _preferred_address(cursor: Cursor) -> None:
    prefix = f"{PREFIX}.preferred_address"
    cursor.take(f"{prefix}.ipv4address", 4)
    cursor.uint(f"{prefix}.ipv4port", 2)
    cursor.take(f"{prefix}.ipv6address", 16)
    cursor.uint(f"{prefix}.ipv6port", 2)
    size = cursor.uint(f"{prefix}.connectionid.length", 1)
    cursor.take(f"{prefix}.connectionid", min(size, cursor.left()))
    cursor.take(f"{prefix}.statelessresettoken", min(16, cursor.left()))
