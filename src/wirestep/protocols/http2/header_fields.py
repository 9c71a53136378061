"""Fields of one header's representation: each bit of it, and what it stands for."""

from __future__ import annotations

from wirestep.decode.cursor import Bits, Cursor

from .names import NUMBERS, TEXTS
from .representation import INDEXED, Header, Kind, Number, Text
from .table import Entry

UNDER = "http2.header"
"""What the names of all fields here start with."""


def show(cursor: Cursor, header: Header, base: int) -> None:
    """The header at the cursor; offsets in `header` count from `base` in the source."""
    entry = header.entry
    if entry is None:
        with cursor.group("http2.header_table_size_update"):
            _number(cursor, header, base, "http2.header_table_size_update.header_table_size")
            _remarks(cursor, header)
        return
    with cursor.group("http2.header", value=f"{entry.name}: {entry.value}"):
        cursor.worked("http2.header.repr", _title(header))
        literal = header.kind is not INDEXED and not header.number.value
        _number(cursor, header, base, "http2.header.literal" if literal else "http2.header.index")
        _text(cursor, "name", header.name, entry.name, entry.name_size)
        _text(cursor, "value", header.value, entry.value, entry.value_size)
        known(cursor, entry)
        _remarks(cursor, header)


def _title(header: Header) -> str:
    """The representation as Wireshark calls it."""
    if header.kind is INDEXED:
        return header.kind.title
    how = "Indexed Name" if header.number.value else "New Name"
    return f"{header.kind.title} - {how}"


def _remarks(cursor: Cursor, header: Header) -> None:
    if header.gone:
        cursor.worked("http2.header.evicted", header.gone)
    if header.fault:
        cursor.note("odd" if header.unknown else "broken", header.fault)
    for text in (header.name, header.value):
        if text is not None and text.fault:
            cursor.note("broken", text.fault)


def _number(cursor: Cursor, header: Header, base: int, name: str) -> None:
    """The pattern that tells the kind, and the number behind it."""
    kind: Kind = header.kind
    pattern = Bits("http2.header.pattern", 8 - kind.prefix)
    _prefixed(cursor, pattern, kind.prefix, name, header.number, base)


def _prefixed(
    cursor: Cursor, front: Bits, prefix: int, name: str, number: Number, base: int
) -> None:
    """A number in the low bits of a byte, and in the bytes behind it if it is large."""
    more = base + number.stop - cursor.at - 1
    if not more:
        cursor.bits(1, front, Bits(name, prefix))
        return
    cursor.bits(1, front, Bits("http2.header.prefix", prefix))
    cursor.meant(name, more, number.value)


def _text(cursor: Cursor, what: str, text: Text | None, said: str, size: int) -> None:
    """A string, or the one that a table's entry stands for."""
    name = f"http2.header.{what}"
    if text is None:
        cursor.worked(f"{name}.length", size)
        cursor.worked(name, said)
        return
    coded = Bits("http2.header.huffman", 1)
    base = cursor.at - text.start
    _prefixed(cursor, coded, 7, f"{name}.coded_length", Number(text.length, text.at), base)
    cursor.worked(f"{name}.length", size)
    cursor.meant(name, text.length, said)


def known(cursor: Cursor, entry: Entry) -> None:
    """The header under a name of its own."""
    if entry.name in NUMBERS:
        if entry.value.isascii() and entry.value.isdigit() and len(entry.value) < 20:
            cursor.worked(NUMBERS[entry.name], int(entry.value))
    elif entry.name in TEXTS:
        cursor.worked(TEXTS[entry.name], entry.value)
