"""Bars that stand where something began and are as long as it lasted."""

from __future__ import annotations

from wirestep.ui.canvas import Line
from wirestep.ui.theme import Palette, style

ENDS = " ▏▎▍▌▋▊▉"
"""By eighths of a cell, filled from the left."""


def block(out: Line, place: tuple[float, float], ink: str, back: str) -> None:
    """A solid block from cell `place[0]` to `place[1]`, both with fractions of a cell."""
    start, stop = place
    low, high = int(start), int(stop)
    pen = style(ink, back)
    if low == high:
        eighths = max(1, round((stop - start) * 8))
        # Thin ones are drawn at the side of the cell where they are.
        out.put(low, "▐" if start - low >= 0.5 and eighths >= 3 else ENDS[min(7, eighths)], pen)
        return
    if start - low < 0.25:
        out.put(low, "█", pen)
    elif start - low < 0.75:
        out.put(low, "▐", pen)
    out.fill(low + 1, high, "█", pen)
    eighths = round((stop - high) * 8)
    if eighths == 8:
        out.put(high, "█", pen)
    elif eighths:
        out.put(high, ENDS[eighths], pen)


def rail(
    out: Line, start: int, stop: int, share: float, ink: str, look: Palette, back: str
) -> None:
    """A thin line over cells [start, stop), bright for its first `share`, faint for the rest."""
    turn = start + round((stop - start) * max(0.0, min(1.0, share)))
    out.fill(start, turn, "━", style(ink, back, bold=True))
    out.fill(turn, stop, "─", style(look.faint, back))


def cells_of(start: int, length: int, total: int, room: int) -> tuple[float, float]:
    """Where a span of time stands in `room` cells that stand for `total`."""
    scale = room / max(1, total)
    return start * scale, min(float(room), (start + length) * scale)
