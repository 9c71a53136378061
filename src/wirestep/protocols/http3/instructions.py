"""Instructions on QPACK's own streams (RFC 9204 sections 4.3 and 4.4)."""

from __future__ import annotations

from wirestep.decode.cursor import Broken, Cursor

from .numbers import Bytes, prefixed, read_prefixed
from .section import string, text
from .table import Entry, Table, static

PREFIX = "http3.qpack"
MAX_STRING = 1 << 20
"""Bytes of a string that is waited for."""


def encoder_size(data: Bytes) -> int | None:
    """Bytes of the encoder's instruction at the front; None while that cannot be told.

    Raises:
        Broken: it is none.
    """
    first = data[0]
    if first & 0x80:
        return _with_strings(data, prefixed(data, 0, 6, len(data)))
    if first & 0x40:
        named = prefixed(data, 0, 5, len(data))
        if named is None:
            return None
        return _with_strings(data, (0, _fitting(named)))
    found = prefixed(data, 0, 5, len(data))
    return None if found is None else found[1]


def _fitting(length: tuple[int, int]) -> int:
    size, at = length
    if size > MAX_STRING:
        raise Broken(f"a string of {size} bytes")
    return at + size


def _with_strings(data: Bytes, name: tuple[int, int] | None) -> int | None:
    """With the value that follows the name."""
    if name is None or name[1] >= len(data):
        return None
    value = prefixed(data, name[1], 7, len(data))
    return None if value is None else _fitting(value)


def decoder_size(data: Bytes) -> int | None:
    """The same for the decoder's instructions: one number."""
    found = prefixed(data, 0, 7 if data[0] & 0x80 else 6, len(data))
    return None if found is None else found[1]


def read_encoder(cursor: Cursor, table: Table) -> tuple[str, bool]:
    """One instruction to the table; its summary, and whether an entry came in."""
    first = cursor.peek(1)[0]
    if first >> 5 == 1:
        capacity = read_prefixed(cursor, f"{PREFIX}.capacity", 5)
        if table.limit is not None and capacity > table.limit:
            cursor.note("broken", f"the other side allows {table.limit} (RFC 9204 section 3.2.3)")
        table.resize(capacity)
        return f"Set Dynamic Table Capacity: {capacity}", False
    if first & 0x80:
        index = read_prefixed(cursor, f"{PREFIX}.name.index", 6)
        named = static(index) if first & 0x40 else table.entry(table.inserted - index - 1)
        if named is not None:
            cursor.worked(f"{PREFIX}.name", text(named.name))
        value = string(cursor, f"{PREFIX}.value", 7)
        entry = None if named is None else Entry(named.name, value)
    elif first & 0x40:
        name = string(cursor, f"{PREFIX}.name", 5)
        entry = Entry(name, string(cursor, f"{PREFIX}.value", 7))
    else:
        index = read_prefixed(cursor, f"{PREFIX}.duplicate", 5)
        entry = table.entry(table.inserted - index - 1)
    return _insert(cursor, table, entry), True


def _insert(cursor: Cursor, table: Table, entry: Entry | None) -> str:
    if entry is None:
        table.torn = True
        cursor.note("odd", "it refers to an entry that is not in the table, or was not seen")
        return "Insert (unknown)"
    if not table.insert(entry):
        cursor.note("broken", f"{entry.size} bytes in a table of {table.capacity}")
    cursor.worked(f"{PREFIX}.inserted", table.inserted)
    return f"Insert {text(entry.name)}: {text(entry.value)}"


def read_decoder(cursor: Cursor) -> str:
    """One instruction of the decoder."""
    first = cursor.peek(1)[0]
    if first & 0x80:
        stream = read_prefixed(cursor, f"{PREFIX}.acknowledged", 7)
        return f"Section Acknowledgment: stream {stream}"
    if first & 0x40:
        stream = read_prefixed(cursor, f"{PREFIX}.cancelled", 6)
        return f"Stream Cancellation: stream {stream}"
    count = read_prefixed(cursor, f"{PREFIX}.increment", 6)
    return f"Insert Count Increment: {count}"
