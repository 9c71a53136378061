"""Numbers of HTTP/3 (RFC 9000 section 16) and of QPACK (RFC 9204 section 4.1.1)."""

from __future__ import annotations

from wirestep.decode.cursor import Broken, Cursor, Short

LARGEST = 1 << 62
"""QPACK's numbers stay below (RFC 9204 section 4.1.1)."""
Bytes = bytes | memoryview


def glance(data: Bytes, at: int) -> tuple[int, int] | None:
    """The number at `at` and the place behind it; None where it does not end."""
    if at >= len(data):
        return None
    size = 1 << (data[at] >> 6)
    if at + size > len(data):
        return None
    return int.from_bytes(data[at : at + size], "big") & (1 << 8 * size - 2) - 1, at + size


def varint(cursor: Cursor, name: str) -> int:
    """A number whose first two bits say how many bytes it has."""
    found = glance(cursor.data[: cursor.stop], cursor.at) if cursor.left() < 8 else None
    found = found or (glance(cursor.data, cursor.at) if cursor.left() >= 8 else None)
    if found is None:
        raise Short("a number does not end")
    cursor.meant(name, found[1] - cursor.at, found[0])
    return found[0]


def prefixed(data: Bytes, at: int, bits: int, stop: int) -> tuple[int, int] | None:
    """The number in the last `bits` bits at `at`, and on; None where it does not end.

    Raises:
        Broken: it is too large.
    """
    if at >= stop:
        return None
    most = (1 << bits) - 1
    value = data[at] & most
    at += 1
    if value < most:
        return value, at
    shift = 0
    while at < stop:
        value += (data[at] & 0x7F) << shift
        at += 1
        if value >= LARGEST or shift > 63:
            raise Broken("a number too large for QPACK")
        if data[at - 1] < 0x80:
            return value, at
        shift += 7
    return None


def read_prefixed(cursor: Cursor, name: str, bits: int, shown: str = "") -> int:
    """The number in the last `bits` bits of the next byte, and on."""
    found = prefixed(cursor.data, cursor.at, bits, cursor.stop)
    if found is None:
        raise Short("a number does not end")
    cursor.meant(name, found[1] - cursor.at, found[0], shown)
    return found[0]
