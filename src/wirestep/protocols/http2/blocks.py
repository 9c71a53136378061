"""Header blocks: one, cut over a HEADERS or PUSH_PROMISE frame and CONTINUATION frames.

The headers that end in a frame are read in that frame; what is left waits for the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from wirestep.decode.cursor import Cursor
from wirestep.model import Source

from .header_fields import UNDER, show
from .representation import INDEXED, NEVER, PLAIN, UNKNOWN, Bad, Header, read_header
from .table import FIRST_DYNAMIC, Entry, Table

MAX_LIST = 256 << 10
"""Bytes of names and values of one block that are shown."""
MAX_HEADERS = 10_000
"""Headers of one block that are read."""
MAX_LEFT = 1 << 17
"""Bytes of one header that wait for their end."""
_LOOKED_UP = """:method :scheme :authority :path :protocol :status host content-type
    content-encoding"""
LOOKED_UP = frozenset(_LOOKED_UP.split())
"""Headers whose values somebody here asks for."""
MAX_ENTRIES = 200
"""Entries of a table that are shown."""
UNCHANGING = (INDEXED, PLAIN, NEVER)
"""Ways to say a header that leave the table as it is."""
PART, TABLE = "http2.header.part", "http2.table"


def is_regular(entry: Entry) -> bool:
    """Whether it is known to be no pseudo header."""
    return entry.name[:1] != ":" and entry.name != UNKNOWN.name


@dataclass(slots=True)
class Block:
    """A block that has begun."""

    stream: int
    promised: int = 0
    """The stream that a PUSH_PROMISE announces."""
    left: bytes = b""
    """The start of a header whose end is in the next frame."""
    values: dict[str, str] = field(default_factory=dict)
    """Of the headers in LOOKED_UP, the first of each."""
    regular: bool = False
    """A header came that is no pseudo header: all of those came before it."""
    size: int = 0
    count: int = 0
    broken: bool = False
    unknown: bool = False
    """One of them has a name that nobody here can know."""
    ends: bool = False
    """It is the last of its sender on the stream; not done yet."""
    told: bool = False
    """What it is (a request, a response) was said in a frame before."""

    def learn(self, entries: tuple[Entry, ...]) -> None:
        """Headers came."""
        for entry in entries:
            name = entry.name
            if name[:1] != ":":
                if name == UNKNOWN.name:
                    self.unknown = True
                else:
                    self.regular = True
            if name in LOOKED_UP:
                self.values.setdefault(name, entry.value)

    def copy(self) -> Self:
        """A checkpoint."""
        return replace(self, values=dict(self.values))


@dataclass(slots=True)
class Read:
    """What a fragment holds."""

    data: bytes
    """What was left over, and the fragment."""
    headers: list[Header]
    stop: int = 0
    """Up to where they go."""
    fault: str = ""


def _parse(data: bytes, table: Table, allowed: int, block: Block, ended: bool) -> Read:
    read = Read(data, [])
    try:
        while read.stop < len(data):
            header = read_header(data, read.stop, table, allowed)
            if header is None:
                break
            read.headers.append(header)
            read.stop = header.stop
            if block.count + len(read.headers) > MAX_HEADERS:
                raise Bad(f"over {MAX_HEADERS} headers in one block")
    except Bad as bad:
        read.fault = str(bad)
    rest = len(data) - read.stop
    if not read.fault and rest and ended:
        read.fault = "the block ends inside a header (RFC 9113 section 4.3)"
    elif not read.fault and rest > MAX_LEFT:
        read.fault = f"a header of over {MAX_LEFT} bytes"
    return read


def fragment(
    cursor: Cursor, name: str, count: int, block: Block, table: Table, allowed: int, ended: bool
) -> tuple[Entry, ...]:
    """`count` bytes of a block as a field `name`; the headers that end in them."""
    piece = cursor.peek(count)
    if not count and not block.left:
        return ()
    if block.broken:
        with cursor.group(name, count, value=piece):
            cursor.take(PART, count)
        return ()
    if _plain(cursor, block):
        again = table.memo.get(piece)
        if again is not None:
            return _again(cursor, name, piece, block, again)
    before = len(block.left)
    known = tuple(table.entries) if cursor.wants_under(TABLE) else ()
    read = _parse(block.left + piece, table, allowed, block, ended)
    shown = _within(block, read.headers)
    with cursor.group(name, count, value=piece):
        if cursor.wants_under(UNDER):
            _fields(cursor, read, shown, before)
        else:
            cursor.skip(count)
        if read.fault:
            cursor.note("broken", read.fault)
    if read.fault:
        block.broken, block.left = True, b""
        table.lose()
    else:
        block.left = read.data[read.stop :]
    entries = tuple(header.entry for header in shown if header.entry is not None)
    if shown:
        # as Wireshark counts: changes of size too, and eight bytes of lengths with each header
        sizes = sum(entry.name_size + entry.value_size + 8 for entry in entries)
        cursor.worked("http2.header.length", sizes)
        cursor.worked("http2.header.count", len(shown))
        cursor.worked("http2.table.count", len(table.entries))
        cursor.worked("http2.table.size", table.size)
        if cursor.wants_under(TABLE) and known != tuple(table.entries):
            _tables(cursor, known, table)
        whole = not before and read.stop == count and len(entries) == len(read.headers)
        if whole and all(header.kind in UNCHANGING for header in read.headers):
            table.recall(piece, entries)
    return entries


def _plain(cursor: Cursor, block: Block) -> bool:
    """Whether nothing came of the block before, and no field of its headers is wanted."""
    return not (block.left or block.count or cursor.wants_under(UNDER) or cursor.wants_under(TABLE))


def _again(
    cursor: Cursor, name: str, piece: bytes, block: Block, entries: tuple[Entry, ...]
) -> tuple[Entry, ...]:
    """A block that was read before, with the same table, and nobody wants to see it."""
    cursor.meant(name, len(piece), piece)
    block.count, block.size = len(entries), sum([entry.size for entry in entries])
    return entries


def _tables(cursor: Cursor, before: tuple[Entry, ...], table: Table) -> None:
    """The entries that the dynamic table had, and those that it has now."""
    for name, entries in (("before", before), ("after", tuple(table.entries))):
        with cursor.group(f"{TABLE}.{name}"):
            for place, entry in enumerate(entries[:MAX_ENTRIES]):
                line = f"{FIRST_DYNAMIC + place} {entry.name}: {entry.value}"
                cursor.worked(f"{TABLE}.entry", line)


def _within(block: Block, headers: list[Header]) -> list[Header]:
    """Those headers that the bound on a block leaves to be shown."""
    block.count += len(headers)
    for place, header in enumerate(headers):
        block.size += 0 if header.entry is None else header.entry.size
        if block.size > MAX_LIST:
            return headers[:place]
    return headers


def _fields(cursor: Cursor, read: Read, shown: list[Header], before: int) -> None:
    """The headers; one that began in a frame before is read over the bytes of both."""
    base, end = cursor.at - before, cursor.stop
    for header in shown:
        if header.start >= before:
            show(cursor, header, base)
            continue
        cursor.take(PART, base + header.stop - cursor.at)
        whole = read.data[: header.stop]
        source = Source("Header of two frames", whole, made_from=cursor.source.records)
        with cursor.over("http2.header.joined", source) as inner:
            show(inner, header, 0)
    if len(shown) < len(read.headers):
        cursor.note("odd", f"over {MAX_LIST} bytes of headers: the rest is not shown")
        cursor.take("http2.header.more", base + read.stop - cursor.at)
    cursor.take(PART, end - cursor.at)
