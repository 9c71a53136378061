"""What an upgrade to another protocol says ahead: settings of HTTP/2, the proof of WebSocket."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64decode
from binascii import Error
from hashlib import sha1

from wirestep.decode.cursor import Cursor
from wirestep.model import Source

from .head import Head
from .names import SETTINGS as NAMES

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What is put behind the client's key (RFC 6455 section 1.3)."""
KEY = "sec-websocket-key"
ACCEPT = "sec-websocket-accept"
SETTINGS = "http2-settings"
EXPECTED = "http.sec_websocket_accept.expected"
SETTING = "http2.settings"
DECODED = "http.http2_settings.decoded"
FIELDS = (DECODED, SETTING, f"{SETTING}.id", *(f"{SETTING}.{name}" for name in NAMES.values()))
"""What the settings of HTTP/2 make; they are called as in its frames."""
MAX_SETTINGS = 1 << 12
"""Characters of settings that are read."""


def accepted(key: str) -> str:
    """What a server answers to a key (RFC 6455 section 4.2.2)."""
    return b64encode(sha1(key.encode() + GUID, usedforsecurity=False).digest()).decode()


def proof(cursor: Cursor, key: str, head: Head) -> None:
    """Whether the response that changes over to WebSocket answers the client's key."""
    if head.get("upgrade").strip().lower() != "websocket" or not key:
        return
    right, given = accepted(key), head.all(ACCEPT)
    cursor.worked(EXPECTED, right)
    if not given:
        cursor.note("broken", "no Sec-WebSocket-Accept: the client must close (RFC 6455 4.1)")
    elif given != [right]:
        cursor.note("broken", f"Sec-WebSocket-Accept should be {right} (RFC 6455 section 4.2.2)")


def ahead(value: str) -> bytes | None:
    """The body of a SETTINGS frame out of URL-safe Base64; None where it is none."""
    try:
        return urlsafe_b64decode(value[:MAX_SETTINGS] + "=" * (-len(value[:MAX_SETTINGS]) % 4))
    except (Error, ValueError):
        return None


def settings(cursor: Cursor, value: str) -> None:
    """Settings of HTTP/2 that are said ahead (RFC 7540 section 3.2.1)."""
    if not cursor.wants_any(FIELDS):
        return
    data = ahead(value)
    if data is None:
        cursor.note("broken", "HTTP2-Settings that are no Base64 (RFC 7540 section 3.2.1)")
        return
    source = Source("Decoded HTTP2-Settings", data, made_from=cursor.source.records)
    with cursor.over(DECODED, source) as inner:
        while inner.left() >= 6:
            with inner.group(SETTING) as group:
                number = inner.uint(f"{SETTING}.id", 2)
                name = NAMES.get(number, "unknown")
                value_of = inner.uint(f"{SETTING}.{name}", 4)
                group.shown = f"{name.replace('_', ' ')}: {value_of}"
        if inner.left():
            inner.note("broken", "a length that is no multiple of six (RFC 9113 section 6.5)")
