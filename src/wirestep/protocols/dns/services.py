"""Parameters of service bindings, SVCB and HTTPS (RFC 9460 section 2.2)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable

from wirestep.decode.cursor import Cursor
from wirestep.decode.fields import ipv4_text, ipv6_text

from .kinds import QUOTED, within
from .labels import Names, escaped
from .names import SVC_KEYS

PARAM = "dns.svcb.svcparam"


def key_name(key: int) -> str:
    """A key as a master file writes it (RFC 9460 section 2.1)."""
    return SVC_KEYS.get(key) or f"key{key}"


def svc_params(cursor: Cursor, names: Names, field: str) -> tuple[str, ...]:
    """All parameters, as fields; the text of each."""
    out = []
    last = -1
    while cursor.left():
        with cursor.group(field) as group:
            key = cursor.uint(f"{PARAM}.key", 2)
            if key <= last:
                cursor.note("odd", "keys must come in rising order (RFC 9460 section 2.2)")
            last = key
            size = cursor.uint(f"{PARAM}.value.length", 2)
            value = ""
            with within(cursor, names, size, f"{PARAM}.value"):
                value = READERS.get(key, _opaque)(cursor)
            name = key_name(key)
            group.shown = f'{name}="{value}"' if value else name
            out.append(group.shown)
    return tuple(out)


def _mandatory(cursor: Cursor) -> str:
    keys = []
    while cursor.left():
        keys.append(key_name(cursor.uint(f"{PARAM}.mandatory.key", 2)))
    return ",".join(keys)


def _alpn(cursor: Cursor) -> str:
    """Names of protocols; commas in them are escaped twice (RFC 9460 appendix A.1)."""
    out = []
    while cursor.left():
        size = cursor.uint(f"{PARAM}.alpn.length", 1)
        data = cursor.peek(size)
        cursor.text(f"{PARAM}.alpn", size)
        listed = data.replace(b"\\", b"\\\\").replace(b",", b"\\,")
        out.append(escaped(listed, QUOTED))
    return ",".join(out)


def _none(cursor: Cursor) -> str:
    return ""


def _port(cursor: Cursor) -> str:
    return str(cursor.uint(f"{PARAM}.port", 2))


def _ipv4(cursor: Cursor) -> str:
    out = []
    while cursor.left():
        out.append(ipv4_text(cursor.take(f"{PARAM}.ipv4hint.ip", 4)))
    return ",".join(out)


def _ipv6(cursor: Cursor) -> str:
    out = []
    while cursor.left():
        out.append(ipv6_text(cursor.take(f"{PARAM}.ipv6hint.ip", 16)))
    return ",".join(out)


def _ech(cursor: Cursor) -> str:
    return b64encode(cursor.rest(f"{PARAM}.echconfig")).decode("ascii")


def _path(cursor: Cursor) -> str:
    data = cursor.peek(cursor.left())
    cursor.text(f"{PARAM}.dohpath", len(data))
    return data.decode("utf-8", "backslashreplace")


def _groups(cursor: Cursor) -> str:
    out = []
    while cursor.left():
        out.append(str(cursor.uint(f"{PARAM}.group", 2)))
    return ",".join(out)


def _opaque(cursor: Cursor) -> str:
    return escaped(cursor.rest(f"{PARAM}.value"), QUOTED)


READERS: dict[int, Callable[[Cursor], str]] = {
    0: _mandatory,
    1: _alpn,
    2: _none,
    3: _port,
    4: _ipv4,
    5: _ech,
    6: _ipv6,
    7: _path,
    8: _none,
    9: _groups,
}
