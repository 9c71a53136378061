"""Representations of headers: how bytes and a table say a header (RFC 7541 section 6)."""

from __future__ import annotations

from typing import NamedTuple

from wirestep.decode.huffman import unpacked

from .table import Entry, Table

LARGEST = 1 << 32
"""No number in a header block is this large."""


class Kind(NamedTuple):
    """One way to say a header."""

    title: str
    """As Wireshark calls it, without how the name is said."""
    prefix: int
    """Bits of the first byte that belong to the number."""
    adds: bool = False


INDEXED = Kind("Indexed Header Field", 7)
INCREMENTAL = Kind("Literal Header Field with Incremental Indexing", 6, True)
RESIZE = Kind("Dynamic Table Size Update", 5)
NEVER = Kind("Literal Header Field never Indexed", 4)
PLAIN = Kind("Literal Header Field without Indexing", 4)

UNKNOWN = Entry("<unknown>", "<unknown>", 9, 9)
"""Stands for an entry that nobody here can know."""
NONE = Entry("<no entry>", "<no entry>", 10, 10)
"""Stands for one that does not exist."""


class Number(NamedTuple):
    """An integer with a prefix (RFC 7541 section 5.1)."""

    value: int
    stop: int


class Text(NamedTuple):
    """A string (RFC 7541 section 5.2)."""

    start: int
    coded: bool
    """Whether it is in Huffman code."""
    length: int
    """Bytes on the wire."""
    at: int
    """Where they start."""
    data: bytes
    """What it says."""
    fault: str

    @property
    def stop(self) -> int:
        """Behind its last byte."""
        return self.at + self.length


class Header(NamedTuple):
    """One representation, read."""

    kind: Kind
    start: int
    stop: int
    number: Number
    """An index, or the size of a table."""
    name: Text | None
    value: Text | None
    entry: Entry | None
    """The header it stands for; None for a change of size."""
    fault: str = ""
    unknown: bool = False
    """It refers to an entry that nobody here can know."""
    gone: int = 0
    """Entries that left the table for it."""


class Bad(Exception):
    """No header can be read from here on."""


def kind_of(byte: int) -> Kind:
    """Told from the first bits (RFC 7541 section 6)."""
    if byte & 0x80:
        return INDEXED
    if byte & 0x40:
        return INCREMENTAL
    if byte & 0x20:
        return RESIZE
    return NEVER if byte & 0x10 else PLAIN


def read_number(data: bytes, at: int, bits: int) -> Number | None:
    """The integer at `at` whose prefix has `bits` bits; None where it does not end.

    Raises:
        Bad: it is too large for anything.
    """
    most = (1 << bits) - 1
    value = data[at] & most
    at += 1
    if value < most:
        return Number(value, at)
    shift = 0
    while at < len(data):
        value += (data[at] & 0x7F) << shift
        at += 1
        if value >= LARGEST or shift > 28:
            raise Bad("a number too large for HPACK")
        if data[at - 1] < 0x80:
            return Number(value, at)
        shift += 7
    return None


def read_text(data: bytes, at: int) -> Text | None:
    """The string at `at`; None where it does not end."""
    if at >= len(data):
        return None
    size = read_number(data, at, 7)
    if size is None or size.stop + size.value > len(data):
        return None
    raw = data[size.stop : size.stop + size.value]
    coded = data[at] >= 0x80
    said, fault = unpacked(raw) if coded else (raw, "")
    return Text(at, coded, size.value, size.stop, said, fault)


def read_header(data: bytes, at: int, table: Table, allowed: int) -> Header | None:
    """The representation at `at`, done to `table`; None where it does not end.

    `allowed` is the size that the receiver lets the table have.

    Raises:
        Bad: what follows cannot be read.
    """
    start, kind = at, kind_of(data[at])
    number = read_number(data, at, kind.prefix)
    if number is None:
        return None
    if kind is RESIZE:
        fault = ""
        if number.value > allowed:
            fault = f"over the size that the receiver allows, {allowed} (RFC 7541 section 6.3)"
        gone = table.resize(number.value)
        return Header(kind, start, number.stop, number, None, None, None, fault, False, gone)
    if kind is INDEXED:
        entry, fault, unknown = _entry(table, number.value)
        return Header(kind, start, number.stop, number, None, None, entry, fault, unknown)
    return _literal(data, kind, start, number, table)


def _entry(table: Table, index: int) -> tuple[Entry, str, bool]:
    """The entry, or a stand-in with what is wrong with it."""
    entry = table.get(index)
    if entry is not None:
        return entry, "", False
    if table.partial and index:
        fault = f"entry {index} was made by bytes that were not seen"
        return UNKNOWN, fault, True
    fault = f"there is no entry {index} (RFC 7541 section 2.3.3)"
    return NONE, fault, False


def _literal(data: bytes, kind: Kind, start: int, number: Number, table: Table) -> Header | None:
    at, text, fault, unknown = number.stop, None, "", False
    if number.value:
        known, fault, unknown = _entry(table, number.value)
        name, name_size = known.name, known.name_size
    else:
        text = read_text(data, at)
        if text is None:
            return None
        name, name_size, at = _decoded(text.data), len(text.data), text.stop
    value = read_text(data, at)
    if value is None:
        return None
    entry = Entry(name, _decoded(value.data), name_size, len(value.data))
    gone = table.add(entry) if kind.adds else 0
    return Header(kind, start, value.stop, number, text, value, entry, fault, unknown, gone)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
