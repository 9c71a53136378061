"""Field sections: the headers of a message (RFC 9204 section 4.5)."""

from __future__ import annotations

from dataclasses import dataclass, field

from wirestep.decode.cursor import Broken, Cursor, Group
from wirestep.decode.huffman import unpacked

from .names import HEADER_FIELDS
from .numbers import prefixed, read_prefixed
from .table import Entry, Table, static

PREFIX = "http3.headers.header"
MAX_HEADERS = 4096
MAX_SIZE = 1 << 20
"""Bytes of names and values, unpacked, of one section."""


@dataclass
class Section:
    """What a section says."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    size: int = 0
    unknown: bool = False
    """It has headers that nobody here knows."""

    def get(self, name: str) -> str | None:
        """The first header called so."""
        return next((value for known, value in self.headers if known == name), None)


def text(data: bytes) -> str:
    """Names and values as text; bytes that are none are spelled out."""
    return data.decode("utf-8", "backslashreplace")


def needed(data: bytes, table: Table) -> int:
    """The Required Insert Count of a section."""
    found = prefixed(data, 0, 8, len(data))
    return table.required(found[0]) if found else 0


def read_section(cursor: Cursor, table: Table, section: Section) -> None:
    """A section, up to the cursor's end; what it says comes into `section`.

    Raises:
        Broken: what follows cannot be read; what was read stands.
    """
    coded = read_prefixed(cursor, "http3.headers.insert_count", 8)
    required = table.required(coded)
    negative = bool(cursor.peek(1)[0] & 0x80)
    delta = read_prefixed(cursor, "http3.headers.delta_base", 7)
    base = required - delta - 1 if negative else required + delta
    cursor.worked("http3.headers.required_insert_count", required)
    cursor.worked("http3.headers.base", base)
    while cursor.left():
        if len(section.headers) >= MAX_HEADERS or section.size > MAX_SIZE:
            cursor.note("odd", "more headers than are read")
            section.unknown = True
            cursor.rest("http3.headers.blocked")
            break
        with cursor.group(PREFIX) as group:
            _representation(cursor, table, base, section, group)
    cursor.worked("http3.headers.count", len(section.headers))


def _representation(
    cursor: Cursor, table: Table, base: int, section: Section, group: Group
) -> None:
    """One header (RFC 9204 sections 4.5.2 to 4.5.6)."""
    first = cursor.peek(1)[0]
    if first & 0x80:
        index = read_prefixed(cursor, f"{PREFIX}.index", 6)
        if first & 0x40:
            entry, how = static(index), "Indexed, static table"
        else:
            entry, how = table.entry(base - index - 1), "Indexed, dynamic table"
    elif first >> 4 == 1:
        index = read_prefixed(cursor, f"{PREFIX}.index", 4)
        entry, how = table.entry(base + index), "Indexed, dynamic table, post-base"
    else:
        entry, how = _literal(cursor, table, base, first)
    cursor.worked(f"{PREFIX}.representation", how)
    if entry is None:
        group.shown = "(unknown header)"
        section.unknown = True
        cursor.note("odd", "it refers to an entry that is not in the table, or was not seen")
        return
    name, value = text(entry.name), text(entry.value)
    if how.startswith("Indexed"):
        cursor.worked(f"{PREFIX}.name", name)
        cursor.worked(f"{PREFIX}.value", value)
    group.shown = f"{name}: {value}"
    section.headers.append((name, value))
    section.size += entry.size
    known = HEADER_FIELDS.get(name)
    if known is not None and cursor.wants(known):
        worked = int(value) if name == ":status" and value.isdecimal() else value
        if name != ":status" or (isinstance(worked, int) and len(value) < 6):
            cursor.worked(known, worked)


def _literal(cursor: Cursor, table: Table, base: int, first: int) -> tuple[Entry | None, str]:
    """A value that is said, under a name that is said or in a table."""
    if first >> 5 == 1:
        data = string(cursor, f"{PREFIX}.name", 3)
        named: Entry | None = Entry(data, b"")
        never, how = first & 0x10, "Literal, name said"
    else:
        if first & 0x40:
            index = read_prefixed(cursor, f"{PREFIX}.name.index", 4)
            named = static(index) if first & 0x10 else table.entry(base - index - 1)
            never = first & 0x20
            how = f"Literal, name in the {'static' if first & 0x10 else 'dynamic'} table"
        else:
            index = read_prefixed(cursor, f"{PREFIX}.name.index", 3)
            named = table.entry(base + index)
            never, how = first & 0x08, "Literal, name in the dynamic table, post-base"
        if named is not None:
            cursor.worked(f"{PREFIX}.name", text(named.name))
    value = string(cursor, f"{PREFIX}.value", 7)
    entry = None if named is None else Entry(named.name, value)
    return entry, f"{how}, never indexed" if never else how


def string(cursor: Cursor, name: str, bits: int) -> bytes:
    """A string with its length, in Huffman code where the bit before the length says so."""
    coded = cursor.peek(1)[0] >> bits & 1
    shown = "Huffman coded" if coded else ""
    found = prefixed(cursor.data, cursor.at, bits, cursor.stop)
    if found is not None and shown:
        shown = f"{found[0]} bytes, {shown}"
    size = read_prefixed(cursor, f"{name}.length", bits, shown)
    if size > cursor.left():
        raise Broken(f"a string of {size} bytes, {cursor.left()} are left")
    raw = cursor.peek(size)
    said, fault = unpacked(raw) if coded else (raw, "")
    if fault:
        cursor.note("broken", fault)
    if size:
        cursor.meant(name, size, text(said))
    else:
        cursor.worked(name, "")
    return said
