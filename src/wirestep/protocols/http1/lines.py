"""Fields of a head: the start line and the headers."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error

from wirestep.decode.cursor import Cursor
from wirestep.model import safe

from . import upgrade
from .head import BAD_NAME, Head, Header, text
from .names import HEADERS, STATUS

WITHIN = (
    "http.request.line",
    "http.response.line",
    "http.unknown_header",
    "http.header.name",
    "http.header.value",
    "http.separator",
    "http.line_end",
    "http.bad_header_name",
    "http.cookie_pair",
    "http.content_length",
    "http.authbasic",
    *HEADERS.values(),
    *upgrade.FIELDS,
)
"""Fields that header lines make."""
NO_CR = "a line that ends without CR (RFC 9112 section 2.2)"


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
    with cursor.group("http.start_line", shown=safe(text(head.first))):
        cursor.worked("http.chat", None)
        (_status if head.response else _request)(cursor, head)
        if head.line_next == head.line_stop + 1:
            cursor.note("odd", NO_CR)
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
    """A group for each header line, with the value as a field of its own; then the empty line."""
    if not cursor.wants_any(WITHIN):
        cursor.at = head.fields_stop
    else:
        every = "http.response.line" if head.response else "http.request.line"
        for header in head.headers:
            _header(cursor, header, every)
    span(cursor, "http.line_end", head.stop)


def _header(cursor: Cursor, header: Header, every: str) -> None:
    line = cursor.data[header.start : header.stop]
    if not header.name:
        with cursor.group("http.unknown_header", value=text(line)):
            cursor.at = header.stop
            for fault in header.faults:
                cursor.note("broken", fault)
        return
    with cursor.group(every, value=text(line), shown=safe(text(line).rstrip())):
        span(cursor, "http.header.name", header.name_stop)
        span(cursor, "http.separator", header.value_start)
        _value(cursor, header)
        for fault in header.faults:
            cursor.note("odd", fault)
        if BAD_NAME in header.faults:
            cursor.worked("http.bad_header_name", None)
        if not line.endswith(b"\r\n"):
            cursor.note("odd", NO_CR)
        span(cursor, "http.line_end", header.stop)


def _value(cursor: Cursor, header: Header) -> None:
    name = HEADERS.get(header.name, "http.header.value")
    if header.name == "cookie":
        _cookie(cursor, header)
    elif header.value_start == header.value_stop:
        cursor.worked(name, "")
    else:
        with cursor.group(name, value=header.value):
            cursor.at = header.value_stop
    if header.name == "content-length":
        if header.value.isascii() and header.value.isdigit() and len(header.value) < 19:
            cursor.worked("http.content_length", int(header.value))
    elif header.name == "http2-settings":
        upgrade.settings(cursor, header.value)
    elif header.name in ("authorization", "proxy-authorization"):
        _credentials(cursor, header.value)


def _cookie(cursor: Cursor, header: Header) -> None:
    """Pairs, each with a field of its own (RFC 6265 section 4.2.1)."""
    with cursor.group("http.cookie", value=header.value):
        pairs = cursor.data[header.value_start : header.value_stop].split(b";", 1000)
        for place, pair in enumerate(pairs):
            if place:
                gap = 1 + len(pair) - len(pair.lstrip())
                span(cursor, "http.separator", cursor.at + gap)
                pair = pair.lstrip()
            span(cursor, "http.cookie_pair", cursor.at + len(pair))


def _credentials(cursor: Cursor, value: str) -> None:
    """A name and a password that anybody can read (RFC 7617 section 2)."""
    scheme, _, token = value.partition(" ")
    if scheme.lower() != "basic":
        return
    try:
        said = b64decode(token.strip(), validate=True)
    except (Error, ValueError):
        cursor.note("odd", "credentials that are no Base64 (RFC 7617)")
        return
    cursor.worked("http.authbasic", text(said))
