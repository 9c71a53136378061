"""The shapes that TLS messages are made of (RFC 8446 section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wirestep.decode.cursor import Bits, Cursor, Group

from .der import distinguished_name


def fitting(cursor: Cursor, count: int) -> int:
    """`count`, or what is left where that is less, with a remark."""
    left = cursor.left()
    if count > left:
        cursor.note("broken", f"{count} bytes are announced, {left} are left")
        return left
    return count


def note_rest(cursor: Cursor) -> None:
    """A remark where bytes are left that nobody asked for."""
    if cursor.left():
        cursor.note("odd", f"{cursor.left()} bytes at the end that belong to no field")


@contextmanager
def block(cursor: Cursor, length_name: str, width: int, name: str) -> Iterator[Group]:
    """A length of `width` bytes, then a group of that many bytes to read inside."""
    count = fitting(cursor, cursor.uint(length_name, width))
    with cursor.group(name, count) as group:
        yield group
        note_rest(cursor)


def counted(number: int) -> str:
    """How many entries a list has, in words."""
    return "1 entry" if number == 1 else f"{number} entries"


def opaque(cursor: Cursor, length_name: str, width: int, name: str) -> bytes:
    """A length of `width` bytes, then that many bytes as they are."""
    return cursor.take(name, fitting(cursor, cursor.uint(length_name, width)))


def string(cursor: Cursor, length_name: str, width: int, name: str) -> str:
    """A length of `width` bytes, then that many bytes of text."""
    return cursor.text(name, fitting(cursor, cursor.uint(length_name, width)))


def numbers(
    cursor: Cursor, length_name: str, width: int, name: str, item: str, size: int = 2
) -> list[int]:
    """A length of `width` bytes, then numbers of `size` bytes, inside a group `name`."""
    values = []
    with block(cursor, length_name, width, name) as group:
        while cursor.left() >= size:
            values.append(cursor.uint(item, size))
        group.shown = counted(len(values))
    return values


SCHEME = Bits(
    "tls.handshake.sig_hash_alg",
    16,
    (Bits("tls.handshake.sig_hash_hash", 8), Bits("tls.handshake.sig_hash_sig", 8)),
)
"""A signature scheme; before TLS 1.3 a hash and a signature algorithm (RFC 5246 7.4.1.4.1)."""


def schemes(cursor: Cursor) -> list[int]:
    """A list of signature schemes with its length."""
    values = []
    prefix = "tls.handshake.sig_hash_alg"
    with block(cursor, f"{prefix}_len", 2, f"{prefix}s") as group:
        while cursor.left() >= 2:
            values += cursor.bits(2, SCHEME)
        group.shown = counted(len(values))
    return values


NAME = "tls.handshake.dname.der"


def names(cursor: Cursor) -> None:
    """A list of distinguished names with its length (RFC 8446 section 4.2.4)."""
    with block(cursor, "tls.handshake.dnames_len", 2, "tls.handshake.dnames"):
        while cursor.left() >= 2:
            with block(cursor, "tls.handshake.dname_len", 2, "tls.handshake.dname"):
                data = cursor.peek(cursor.left()) if cursor.wants(NAME) else b""
                cursor.rest(NAME, distinguished_name(data))
