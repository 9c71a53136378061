"""`wirestep ledger --waterfall`: a request a line, with where its time went."""

from __future__ import annotations

from collections.abc import Iterator

from wirestep.session.falling import RowView, Waterfall
from wirestep.timeline.export.text import Glyphs
from wirestep.timeline.waterfall import PARTS

NAME = 24
"""Columns for the method and what is asked for."""
BAR = 30
MARKS = {
    "blocked": 2,
    "DNS": 0,
    "connect": 0,
    "TLS": 0,
    "sent": 0,
    "waiting": 0,
    "receiving": 0,
    "held": 2,
}
"""By kind of part: which of the glyphs' lines draws it."""


def waterfall_lines(fall: Waterfall, glyphs: Glyphs) -> Iterator[str]:
    """A request a line: where its time went, in ms, and when."""
    yield fall.title
    if not fall.rows:
        return
    kinds = [k for k in PARTS if any(part.kind == k for row in fall.rows for part in row.parts)]
    yield ""
    heads = " ".join(f"{kind:>9}" for kind in kinds)
    yield f"{'':6}{'':{NAME}} {heads} {'total ms':>9}  {'':{BAR}}  packets"
    for row in fall.rows:
        name = glyphs.text(f"{row.method} {row.name}".strip())
        name = name if len(name) <= NAME else name[: NAME - 1] + glyphs.cut
        stream = "" if row.stream is None else str(row.stream)
        spent = [sum(p.length for p in row.parts if p.kind == kind) for kind in kinds]
        cells = " ".join(f"{time / 1e6:>9.1f}" if time else " " * 9 for time in spent)
        bar = _fall_bar(row, fall.total, glyphs)
        first, last = (record + 1 for record in row.records)
        yield f"{stream:>5} {name:{NAME}} {cells} {row.total / 1e6:>9.1f}  {bar}  {first}-{last}"
    yield from ("", *fall.notes) if fall.notes else ()


def _fall_bar(row: RowView, total: int, glyphs: Glyphs) -> str:
    bar = [" "] * BAR
    for part in row.parts:
        start = BAR * part.start // max(total, 1)
        stop = max(start + 1, BAR * (part.start + part.length) // max(total, 1))
        for place in range(start, min(stop, BAR)):
            bar[place] = glyphs.lines[MARKS[part.kind]]
    return "".join(bar)
