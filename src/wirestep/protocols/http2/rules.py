"""What headers may not say in HTTP/2 (RFC 9113 sections 8.2 and 8.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wirestep.decode.cursor import Cursor

from .blocks import Block, is_regular
from .table import Entry

MAX_TOLD = 20
"""Faults of one frame's headers that are told."""
PSEUDO = frozenset((":method", ":scheme", ":authority", ":path", ":protocol", ":status"))
CONNECTION = frozenset(
    ("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade")
)
_UPPER = re.compile("[A-Z]")
_CONTROL = re.compile("[\0\r\n]")


def judge_headers(cursor: Cursor, entries: Iterable[Entry], regular: bool) -> None:
    """Notes on headers; `regular`: one that is no pseudo header came before them."""
    told = 0
    for entry in entries:
        fault = _fault(entry, regular)
        regular = regular or is_regular(entry)
        if fault and told < MAX_TOLD:
            cursor.note("broken", f"{entry.name[:60]}: {fault}")
            told += 1


def _fault(entry: Entry, regular: bool) -> str:
    name = entry.name
    if name[:1] == "<":
        return ""  # a stand-in for a name that nobody here knows
    if name[:1] == ":":
        if name not in PSEUDO:
            return "no such pseudo header (section 8.3)"
        return "a pseudo header behind other headers (section 8.3)" if regular else ""
    if _UPPER.search(name):
        return "upper case in a name (section 8.2.1)"
    if name in CONNECTION or (name == "te" and entry.value.lower() != "trailers"):
        return "belongs to a connection of HTTP/1 (section 8.2.2)"
    return "NUL, CR or LF in a value (section 8.2.1)" if _CONTROL.search(entry.value) else ""


def judge_request(cursor: Cursor, block: Block) -> None:
    """A request must say what it asks for, and of whom (section 8.3.1)."""
    if block.broken or block.unknown:
        return
    values = block.values
    plain = values[":method"] == "CONNECT" and ":protocol" not in values
    needed = (":authority",) if plain else (":scheme", ":path")
    missing = [name for name in needed if name not in values]
    if missing:
        cursor.note("broken", f"a request without {' and '.join(missing)} (section 8.3.1)")
