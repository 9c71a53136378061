"""Which first bytes are those of HTTP/1."""

from __future__ import annotations

from wirestep.model import Side

from .head import first_line
from .names import METHODS


def claims(data: memoryview, side: Side) -> bool | None:
    """A known method with a path, or a whole start line with a version of HTTP/1."""
    _, line, ended = first_line(data)
    if line[:5] == b"HTTP/"[: len(line)]:
        if len(line) < 8:
            return None if not ended and b"HTTP/1.".startswith(line[:7]) else False
        return line[:7] == b"HTTP/1." and line[7:8].isdigit()
    method, space, target = line.partition(b" ")
    if method in METHODS and space:
        if not target:
            return False if ended else None
        if target.startswith(b"/"):
            return True
        return line[-9:-1] == b" HTTP/1." if ended else None
    if ended or space or not any(known.startswith(line) for known in METHODS):
        return False
    return None


SEARCHES = (b"M-SEARCH * HTTP/1.", b"NOTIFY * HTTP/1.")


def claims_search(data: memoryview, side: Side) -> bool | None:
    """How devices look for each other with HTTP in datagrams (UPnP)."""
    front = bytes(data[:18])
    if front.startswith(SEARCHES):
        return True
    return None if any(known.startswith(front) for known in SEARCHES) else False
