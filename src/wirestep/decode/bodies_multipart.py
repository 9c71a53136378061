"""Bodies of several parts, each with headers of its own (RFC 2046 section 5.1, RFC 7578)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .bodies_reader import Inner
from .cursor import Cursor

MAX_PARTS = 1_000
MAX_HEADERS = 100
"""Of one part."""
MAX_BOUNDARY = 200
"""The RFC allows 70."""
MAX_PADDING = 1_000
"""Bytes behind a boundary in which there may be nothing but white space."""
KNOWN = frozenset(
    {
        "content-description",
        "content-disposition",
        "content-encoding",
        "content-id",
        "content-language",
        "content-length",
        "content-transfer-encoding",
        "content-type",
    }
)
"""Headers with fields of their own."""
_PREFIX = "mime_multipart.header"


def read_multipart(cursor: Cursor, kind: str, parameters: Mapping[str, str], inner: Inner) -> None:
    """What stands before the first part, the parts, what stands behind the last one."""
    cursor.worked("mime_multipart.type", kind)
    boundary = parameters.get("boundary", "").encode("utf-8", "replace")
    if not 0 < len(boundary) <= MAX_BOUNDARY:
        cursor.note("broken", "no boundary that could part it (RFC 2046 section 5.1.1)")
        cursor.take("mime_multipart.preamble", cursor.left())
        return
    before = "mime_multipart.preamble"
    for count, (found, stop, last) in enumerate(_boundaries(cursor, b"--" + boundary)):
        start = _without_line_end(cursor, found) if count else found
        if count and start > cursor.at:
            _part(cursor, start - cursor.at, inner)
        elif not count:
            cursor.take(before, start - cursor.at)
        name = "last_boundary" if last else "boundary" if count else "first_boundary"
        cursor.text(f"mime_multipart.{name}", stop - cursor.at)
        before = "mime_multipart.trailer"
        if last:
            break
        if count == MAX_PARTS:
            cursor.note("odd", f"only the first {MAX_PARTS:,} parts are shown")
            break
    else:
        cursor.note("broken", "no boundary ends it (RFC 2046 section 5.1.1)")
        if before == "mime_multipart.trailer" and cursor.left():
            _part(cursor, cursor.left(), inner)
    cursor.take(before, cursor.left())


def _boundaries(cursor: Cursor, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """(start of the line, end of it with its line end, whether it is the last boundary)."""
    data, at, first = cursor.data, cursor.at, cursor.at
    while (found := data.find(mark, at, cursor.stop)) >= 0:
        at = found + len(mark)
        if found > first and data[found - 1 : found] != b"\n":
            continue
        last = data.startswith(b"--", at) and at + 2 <= cursor.stop
        line = data.find(b"\n", at, cursor.stop)
        stop = cursor.stop if line < 0 else line + 1
        if data[at + 2 * last : min(stop, at + MAX_PADDING)].strip():
            continue  # the start of a longer word
        yield found, stop, last
        at = stop


def _without_line_end(cursor: Cursor, at: int) -> int:
    """The line end before a boundary belongs to it; not to the boundary before that one."""
    size = 2 if cursor.data[at - 2 : at] == b"\r\n" else 1
    return max(at - size, cursor.at)


def _part(cursor: Cursor, size: int, inner: Inner) -> None:
    """Headers, an empty line, a body."""
    with cursor.group("mime_multipart.part", size):
        headers: dict[str, str] = {}
        for _ in range(MAX_HEADERS):
            line = cursor.data.find(b"\n", cursor.at, cursor.stop)
            stop = cursor.stop if line < 0 else line + 1
            text = cursor.data[cursor.at : stop].strip(b"\r\n")
            if not text:
                cursor.text("mime_multipart.line_end", stop - cursor.at)
                break
            _header(cursor, text.decode("utf-8", "backslashreplace"), stop, headers)
        _body(cursor, headers, inner)


def _header(cursor: Cursor, text: str, stop: int, headers: dict[str, str]) -> None:
    name, _, value = text.partition(":")
    name, value = name.strip().lower(), value.strip()
    if name in KNOWN:
        headers[name] = value
        cursor.meant(f"{_PREFIX}.{name}", stop - cursor.at, value)
    else:
        cursor.meant(_PREFIX, stop - cursor.at, text)


def _body(cursor: Cursor, headers: Mapping[str, str], inner: Inner) -> None:
    """Text where it is some, else bytes."""
    kind = headers.get("content-type", "")
    is_file = "filename" in headers.get("content-disposition", "")
    plain = headers.get("content-transfer-encoding", "8bit").lower() in ("7bit", "8bit", "binary")
    named = kind.split(";")[0].strip().lower()
    text = not is_file if not kind else not named.startswith(BINARY)
    if plain and text:
        inner(cursor, "mime_multipart.text", cursor.left(), kind)
    else:
        cursor.take("mime_multipart.data", cursor.left())


BINARY = ("image/", "audio/", "video/", "font/", "application/octet-stream", "application/zip")
"""Types whose bytes are no text."""
