"""`wirestep plot`: one conversation over time, as a picture of text, JSON or CSV."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterable, Iterator

from wirestep.model import safe
from wirestep.session import Session
from wirestep.session.plotting import Ask, plotted
from wirestep.timeline.plots import KINDS, Plot, Trace
from wirestep.timeline.plots_grid import picture
from wirestep.timeline.plots_words import mark_text, time_text

from .arguments import Wrong
from .stats_text import Pen

LEFT = 12
"""Cells of the upright axis and its marks."""
HEAD = ("trace", "seconds", "value", "low", "bytes", "packet")


def asked(session: Session, options: argparse.Namespace) -> Plot:
    """The plot that the options ask for.

    Raises:
        Wrong: there is no such conversation.
    """
    session.settle()
    if not 0 <= options.flow < session.conversation_count:
        raise Wrong(f"there is no conversation {options.flow}")
    side = {"first": 0, "other": 1}.get(options.side, -1)
    while (found := plotted(session, Ask(options.kind, options.flow, side))) is None:
        session.settle()
    return found


def plot_text(plot: Plot, ends: tuple[str, str], pen: Pen, height: int) -> Iterator[str]:
    """Title, picture, axis, legend, notes."""
    sender, target = ends
    whose = "" if plot.lanes else f": {sender} → {target}"
    yield pen.ink(pen.letters(f"{KINDS[plot.kind]}{whose}"), "title")
    if plot.empty:
        yield plot.empty
        return
    width, height = max(20, pen.width - LEFT), max(4, min(200, height))
    drawn = picture(plot, (width, height), (plot.start, plot.stop), ascii_only=pen.ascii)
    tick, stem, corner, line = ("|", "|", "+", "-") if pen.ascii else ("┤", "│", "└", "─")
    marks = {
        place: mark_text(plot, value, drawn.up.step) for place, value in drawn.places(plot, height)
    }
    for at, text in enumerate(drawn.lines):
        label = pen.letters(marks.get(at, ""))[-LEFT + 2 :]
        left = f"{label:>{LEFT - 2}} {tick if label else stem}"[-LEFT:]
        yield pen.ink(left, "dim") + pen.ink(text.rstrip(), "plot")
    yield pen.ink(" " * (LEFT - 1) + corner + line * width, "dim")
    yield pen.ink(" " * LEFT + _times(drawn.times(width), width, pen), "dim")
    for one in plot.traces:
        yield f"  {one.letter}  {one.name}"
    for note in plot.notes:
        yield pen.letters(note)


def _times(marks: Iterable[tuple[int, float, float]], width: int, pen: Pen) -> str:
    """Times under the axis, each under its place where there is room."""
    out = ""
    for column, value, step in marks:
        text = pen.letters(time_text(value, step).replace("µ", "u" if pen.ascii else "µ"))
        start = max(0, min(width - len(text), column - len(text) // 2))
        if not out or start > len(out) + 1:
            out = out.ljust(start) + text
    return out


def plot_json(plot: Plot, ends: tuple[str, str]) -> str:
    """All samples, as written in README: times in s since the conversation began."""
    return json.dumps(
        {
            "kind": plot.kind,
            "title": KINDS[plot.kind],
            "unit": plot.unit,
            "from": safe(ends[0]),
            "to": safe(ends[1]),
            "began": plot.start / 1e9,
            "notes": list(plot.notes),
            "empty": plot.empty,
            "lanes": list(plot.lanes),
            "traces": [
                {
                    "letter": one.letter,
                    "name": one.name,
                    "samples": [dict(zip(HEAD[1:], row, strict=True)) for row in _rows(plot, one)],
                }
                for one in plot.traces
            ],
        },
        ensure_ascii=False,
    )


def plot_csv(plot: Plot) -> Iterator[str]:
    """A head and a line a sample."""
    rows = ((one.name, *row) for one in plot.traces for row in _rows(plot, one))
    for row in (HEAD, *rows):
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(row)
        yield out.getvalue()


def _rows(plot: Plot, one: Trace) -> Iterator[tuple[float | int | str | None, ...]]:
    """(seconds, value, low, bytes, packet from 1) of each sample; None where there is none."""
    for at in range(len(one)):
        value: float | str = float(one.value[at])
        low = None if one.low is None else float(one.low[at])
        if plot.lanes:
            value, low = plot.lanes[len(plot.lanes) - 1 - int(one.value[at])], None
        size = None if one.sizes is None else int(one.sizes[at])
        packet = int(one.rows[at]) + 1 or None
        yield (int(one.time[at]) - plot.start) / 1e9, value, low, size, packet
