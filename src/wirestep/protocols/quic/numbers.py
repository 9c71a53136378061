"""Numbers of variable length (RFC 9000 section 16)."""

from __future__ import annotations

from wirestep.decode.cursor import Broken, Cursor, Short


def varint(cursor: Cursor, name: str) -> int:
    """A number of 1, 2, 4 or 8 bytes; its first two bits say how many."""
    data = cursor.data
    at = cursor.at
    if at >= cursor.stop:
        raise Short("a number of at least one byte is missing")
    size = 1 << (data[at] >> 6)
    value = int.from_bytes(data[at : at + size], "big") & (1 << 8 * size - 2) - 1
    cursor.meant(name, size, value)
    return value


def glance(data: bytes | memoryview, at: int, stop: int) -> tuple[int, int]:
    """The number at `at` and the place behind it.

    Raises:
        Short: it does not end before `stop`.
    """
    if at >= stop:
        raise Short("a number of at least one byte is missing")
    size = 1 << (data[at] >> 6)
    if at + size > stop:
        raise Short(f"a number of {size} bytes, {stop - at} are left")
    return int.from_bytes(data[at : at + size], "big") & (1 << 8 * size - 2) - 1, at + size


def fitting(cursor: Cursor, count: int) -> int:
    """`count`, where so many bytes are left.

    Raises:
        Broken: there are fewer.
    """
    if count > cursor.left():
        raise Broken(f"{count} bytes are announced, {cursor.left()} are left")
    return count
