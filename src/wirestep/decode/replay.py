"""Requests in early data: who copied them can send them again (RFC 8470, RFC 8446 section 8)."""

from __future__ import annotations

from .contract import Where
from .cursor import Cursor

SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "QUERY"))
"""Methods that change nothing, however often they are said (RFC 9110 section 9.2.1)."""


def judge_early(cursor: Cursor, where: Where, method: str) -> None:
    """A remark where the method is not safe to be said twice."""
    if where.early and method not in SAFE:
        cursor.note("odd", f"{method[:40]} in early data can be replayed (RFC 8470 section 2)")
