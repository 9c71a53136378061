"""What headers and streams may not say in HTTP/3 (RFC 9114 sections 4.2, 4.3, 6.2 and 7)."""

from __future__ import annotations

import re

from wirestep.decode.cursor import Cursor

from . import names
from .section import Section

MAX_TOLD = 20
"""Faults of one section that are told."""
PSEUDO = frozenset((":method", ":scheme", ":authority", ":path", ":protocol", ":status"))
CONNECTION = frozenset(
    ("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade")
)
_UPPER = re.compile("[A-Z]")
_CONTROL = re.compile("[\0\r\n]")


def judge_section(cursor: Cursor, section: Section) -> None:
    """Notes on the headers of a message."""
    regular, told = False, 0
    for name, value in section.headers:
        fault = _fault(name, value, regular)
        regular = regular or name[:1] != ":"
        if fault and told < MAX_TOLD:
            cursor.note("broken", f"{name[:60]}: {fault}")
            told += 1
    method = section.get(":method")
    if method is not None and not section.unknown:
        plain = method == "CONNECT" and section.get(":protocol") is None
        needed = (":authority",) if plain else (":scheme", ":path")
        missing = [name for name in needed if section.get(name) is None]
        if missing:
            cursor.note("broken", f"a request without {' and '.join(missing)} (section 4.3.1)")


def _fault(name: str, value: str, regular: bool) -> str:
    if name[:1] == ":":
        if name not in PSEUDO:
            return "no such pseudo header (section 4.3)"
        return "a pseudo header behind other headers (section 4.3)" if regular else ""
    if _UPPER.search(name):
        return "upper case in a name (section 4.2)"
    if name in CONNECTION or (name == "te" and value.lower() != "trailers"):
        return "belongs to a connection of HTTP/1 (section 4.2)"
    return "NUL, CR or LF in a value (section 10.3)" if _CONTROL.search(value) else ""


def judge_control(cursor: Cursor, kind: int, first: bool) -> None:
    """A control stream begins with SETTINGS, which come once (section 6.2.1, 7.2.4)."""
    if kind in names.ON_REQUESTS or kind in names.OLD_FRAMES:
        return  # that they are here at all is noted already
    if first and kind != names.SETTINGS:
        cursor.note("broken", "no SETTINGS ahead of it (H3_MISSING_SETTINGS, section 6.2.1)")
    elif not first and kind == names.SETTINGS:
        cursor.note("broken", "SETTINGS a second time (H3_FRAME_UNEXPECTED, section 7.2.4)")


def judge_setting(cursor: Cursor, kind: int) -> None:
    """Numbers of HTTP/2's settings that mean nothing here (section 7.2.4.1)."""
    if kind in names.OLD_SETTINGS:
        cursor.note("broken", "a setting of HTTP/2 (H3_SETTINGS_ERROR, section 7.2.4.1)")
