"""Fields of a body: as it is, in chunks, and with its codings undone."""

from __future__ import annotations

from dataclasses import dataclass, field

from wirestep.decode.bodies import read_body, wants_body
from wirestep.decode.codings import decoded
from wirestep.decode.cursor import Cursor
from wirestep.model import Source

from .framing import MAX_LINE, MAX_TRAILERS, chunk_size
from .head import Head, line_at, text

DECODED = ("http.decoded", "http.file_data", "http.decompression_failed")
"""Fields that take the work of decoding."""
_CHARSETS = {
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "shift_jis": "shift_jis",
    "euc-jp": "euc_jp",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "euc-kr": "euc_kr",
    "windows-1251": "cp1251",
    "koi8-r": "koi8_r",
}


def charset(head: Head) -> str:
    """The encoding that Content-Type names, if it is one of the known ones; else UTF-8."""
    for parameter in head.get("content-type").lower().split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name.strip() == "charset":
            return _CHARSETS.get(value.strip(" \"'"), "utf-8")
    return "utf-8"


def plain(cursor: Cursor, count: int, codings: list[str], encoding: str, kind: str = "") -> None:
    """`count` bytes of a body that has no chunks; `kind`: its Content-Type, where it is whole."""
    if not count:
        return
    if not codings:
        read_body(cursor, "http.file_data", count, kind, encoding)
        return
    data = cursor.take("http.body", count)
    inner(cursor, data, codings, encoding, kind)


def inner(cursor: Cursor, data: bytes, codings: list[str], encoding: str, kind: str = "") -> None:
    """The body that `data` stands for, where anybody wants it."""
    if not data or not (cursor.wants_any(DECODED) or wants_body(cursor, kind)):
        return
    out, fault = decoded(data, codings)
    source = Source("Decoded body", out, made_from=cursor.source.records)
    with cursor.over("http.decoded", source) as above:
        read_body(above, "http.file_data", len(out), kind, encoding)
        if fault:
            above.note("odd" if out else "broken", fault)
            above.worked("http.decompression_failed", None)


@dataclass(slots=True)
class Chunked:
    """What was read of a chunked body."""

    spans: list[tuple[int, int]] = field(default_factory=list)
    done: bool = False
    left: int = 0
    """Bytes of the last chunk's data that are to come in the next slice."""
    bad: str = ""


def chunks(cursor: Cursor, left: int) -> Chunked:
    """Chunks up to the last one, or as far as they are there (RFC 9112 section 7.1)."""
    read = Chunked(left=left)
    if left:
        with cursor.group("http.chunk"):
            _data(cursor, read, left)
    while cursor.left() and not read.done and not read.bad and not read.left:
        text_stop, following = line_at(cursor.data, cursor.at, cursor.stop)
        line = cursor.data[cursor.at : min(text_stop, cursor.at + MAX_LINE)]
        size = chunk_size(line)
        if size is None or following == text_stop:
            read.bad = f"no chunk size: {text(line[:20])!r}"
            cursor.take("http.continuation", following - cursor.at)
            break
        with cursor.group("http.chunk"):
            _size(cursor, size, text_stop, following)
            if size[0]:
                _data(cursor, read, size[0])
            else:
                read.done = True
    if read.done:
        _trailers(cursor, read)
    return read


def _size(cursor: Cursor, size: tuple[int, int], text_stop: int, following: int) -> None:
    with cursor.group("http.chunk_size", value=size[0]):
        cursor.at += size[1]
    cursor.text("http.chunk_extension", text_stop - cursor.at)
    if following == text_stop + 1:
        cursor.note("odd", "a line that ends without CR (RFC 9112 section 7.1)")
    cursor.text("http.line_end", following - cursor.at)


def _data(cursor: Cursor, read: Chunked, size: int) -> None:
    start = cursor.at
    count = min(size, cursor.left())
    read.left = size - count
    read.spans.append((start, start + count))
    if cursor.wants("http.chunk_data"):
        cursor.take("http.chunk_data", count)
    else:
        cursor.at += count
    if read.left:
        return
    if cursor.left() >= 2 and cursor.peek(2) != b"\r\n":
        cursor.note("broken", "no line end behind a chunk's data: its size lies")
    cursor.take("http.chunk_boundary", min(2, cursor.left()))


def _trailers(cursor: Cursor, read: Chunked) -> None:
    at, bound = cursor.at, min(cursor.stop, cursor.at + MAX_TRAILERS)
    while at < bound:
        text_stop, following = line_at(cursor.data, at, bound)
        if text_stop == at and following > at:
            cursor.text("http.chunked_trailer_part", at - cursor.at)
            cursor.text("http.line_end", following - at)
            return
        at = following
    cursor.text("http.chunked_trailer_part", bound - cursor.at)
    read.bad = "trailers that do not end"


def joined(cursor: Cursor, read: Chunked) -> bytes:
    """The chunks' data in one."""
    return b"".join(cursor.data[start:stop] for start, stop in read.spans)
