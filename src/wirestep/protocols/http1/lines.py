"""Fields of a head: the start line and the headers."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error

from wirestep.decode.cursor import Cursor

from .head import Head, Header, text
from .names import HEADERS, STATUS


def span(cursor: Cursor, name: str, stop: int) -> str:
    """Text of the bytes up to `stop`, as a field; "" where there are none."""
    return cursor.text(name, stop - cursor.at)


def valued(cursor: Cursor, name: str, value: str, stop: int) -> None:
    """One field over the bytes up to `stop` that stands for less than all of them."""
    with cursor.group(name, value=value):
        cursor.at = stop


def start_line(cursor: Cursor, head: Head) -> None:
    """Empty lines, then the start line (RFC 9112 sections 3 and 4)."""
    if head.start > cursor.at:
        with cursor.group("http.leading_crlf"):
            span(cursor, "http.line_end", head.start)
            cursor.note("odd", "empty lines ahead of the message (RFC 9112 section 2.2)")
    with cursor.group("http.start_line", shown=text(head.first)):
        cursor.worked("http.chat", None, text(head.first) + "\\r\\n")
        (_status if head.response else _request)(cursor, head)
        if head.line_next == head.line_stop + 1:
            cursor.note("odd", "a line that ends without CR (RFC 9112 section 2.2)")
        span(cursor, "http.line_end", head.line_next)


def _request(cursor: Cursor, head: Head) -> None:
    method, _, rest = head.first.partition(b" ")
    at = head.start + len(method)
    span(cursor, "http.request.method", at)
    span(cursor, "http.separator", min(at + 1, head.line_stop))
    target, gap, version = rest.rpartition(b" ")
    if not version.startswith(b"HTTP/"):
        target, gap, version = rest, b"", b""
        cursor.note("broken", "a request line without a version")
    if b" " in target:
        cursor.note("broken", "a request line of more than three words (RFC 9112 section 3)")
    _target(cursor, target)
    span(cursor, "http.separator", cursor.at + len(gap))
    span(cursor, "http.request.version", head.line_stop)


def _target(cursor: Cursor, target: bytes) -> None:
    path, mark, query = target.partition(b"?")
    stop = cursor.at + len(target)
    if not mark:
        span(cursor, "http.request.uri", stop)
        return
    with cursor.group("http.request.uri", value=text(target)):
        span(cursor, "http.request.uri.path", cursor.at + len(path))
        span(cursor, "http.separator", cursor.at + 1)
        if not query:
            return
        with cursor.group("http.request.uri.query", value=text(query)):
            parts = query.split(b"&")
            if len(parts) > 1000:
                parts = [query]
            for place, part in enumerate(parts):
                if place:
                    span(cursor, "http.separator", cursor.at + 1)
                span(cursor, "http.request.uri.query.parameter", cursor.at + len(part))


def _status(cursor: Cursor, head: Head) -> None:
    version, gap, rest = head.first.partition(b" ")
    span(cursor, "http.response.version", head.start + len(version))
    span(cursor, "http.separator", cursor.at + len(gap))
    code, gap, _ = rest.partition(b" ")
    status = head.status
    if status:
        with cursor.group("http.response.code", value=status):
            cursor.at += len(code)
        if status in STATUS:
            cursor.worked("http.response.code.desc", STATUS[status])
    else:
        cursor.note("broken", "no status code (RFC 9112 section 4)")
        span(cursor, "http.separator", cursor.at + len(code))
    span(cursor, "http.separator", cursor.at + len(gap))
    span(cursor, "http.response.phrase", head.line_stop)


def headers(cursor: Cursor, head: Head) -> None:
    """A field for each header, whatever its name, and the empty line."""
    every = "http.response.line" if head.response else "http.request.line"
    if head.headers and cursor.data[head.headers[-1].stop - 2 : head.headers[-1].stop] != b"\r\n":
        cursor.note("odd", "header lines that end without CR (RFC 9112 section 2.2)")
    for header in head.headers:
        _header(cursor, header, every)
    span(cursor, "http.line_end", head.stop)


def _header(cursor: Cursor, header: Header, every: str) -> None:
    line = text(cursor.data[header.start : header.stop])
    if not header.name:
        name, value = "http.unknown_header", line
    elif header.name in HEADERS:
        name, value = HEADERS[header.name], header.value
    else:
        name, value = every, line
    with cursor.group(name, value=value):
        cursor.at = header.stop
        for fault in header.faults:
            cursor.note("odd" if header.name else "broken", fault)
    if any("may not be there" in fault for fault in header.faults):
        cursor.worked("http.bad_header_name", None)
    if name not in (every, "http.unknown_header"):
        _inner(cursor, header)
        cursor.worked(every, line)


def _inner(cursor: Cursor, header: Header) -> None:
    """What the value of a header says in turn."""
    value = header.value
    if header.name == "content-length" and value.isascii() and value.isdigit() and len(value) < 19:
        cursor.worked("http.content_length", int(value))
    elif header.name == "cookie":
        for pair in value.split(";")[:1000]:
            if pair.strip():
                cursor.worked("http.cookie_pair", pair.strip())
    elif header.name in ("authorization", "proxy-authorization"):
        scheme, _, token = value.partition(" ")
        if scheme.lower() == "basic":
            try:
                said = b64decode(token.strip(), validate=True)
            except (Error, ValueError):
                cursor.note("odd", "credentials that are no Base64 (RFC 7617)")
                return
            cursor.worked("http.authbasic", text(said))
