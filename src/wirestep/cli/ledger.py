"""`wirestep ledger`: the bill of an exchange in round trips, as a table, JSON or CSV."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterator

from wirestep.session import Session
from wirestep.session.billing import Bill, BillLine

from .arguments import Wrong
from .ladder import Glyphs

NAME = 44
"""Columns for what was asked and what came."""
BAR = 30
HEAD = ("phase", "kind", "name", "start_ms", "ms", "rtt", "first_packet", "last_packet")


def billed(session: Session, options: argparse.Namespace) -> Bill:
    """The bill that the options ask for.

    Raises:
        Wrong: there is no such conversation, or no such packet.
    """
    session.settle()
    if options.flow is not None and not 0 <= options.flow < session.conversation_count:
        raise Wrong(f"there is no conversation {options.flow}")
    if options.goal is not None and options.goal > session.capture.count:
        raise Wrong(f"there is no packet {options.goal}: the last is {session.capture.count}")
    goal = None if options.goal is None else options.goal - 1
    while (bill := session.ledger(options.flow, goal)) is None:
        session.settle()
    return bill


def ledger_lines(bill: Bill, glyphs: Glyphs) -> Iterator[str]:
    """The line, then an item a line with its place in time and its packets."""
    yield glyphs.text(bill.line)
    if not bill.lines:
        return
    yield ""
    yield f"{'':8}{'':{NAME}} {'RTT':>3} {'ms':>9}  {'':{BAR}}  packets"
    for line in bill.lines:
        name = glyphs.text(line.name)
        name = name if len(name) <= NAME else name[: NAME - 1] + glyphs.cut
        phase = glyphs.text(line.phase)[:7]
        trips = str(line.trips) if line.trips else ""
        bar = _bar(line, bill.total, glyphs)
        first, last = (record + 1 for record in line.records)
        packets = f"{first}-{last}" if first != last else str(first)
        yield f"{phase:8}{name:{NAME}} {trips:>3} {line.length / 1e6:>9.3f}  {bar}  {packets}"
    yield f"{'':8}{'total':{NAME}} {bill.trips:>3} {bill.total / 1e6:>9.3f}"
    yield ""
    for peer, trip in bill.known:
        spread = f"{trip.least / 1e6:.3f} ms, median {trip.median / 1e6:.3f}"
        yield f"round trip to {glyphs.text(peer)}: {spread}, of {trip.samples} measured"


def _bar(line: BillLine, total: int, glyphs: Glyphs) -> str:
    start = BAR * line.start // total
    stop = max(start + 1, -(-BAR * (line.start + line.length) // total))
    heavy = glyphs.lines[0] if line.trips else glyphs.lines[2]
    return (" " * start + heavy * (stop - start)).ljust(BAR)[:BAR]


def ledger_json(bill: Bill) -> str:
    """The bill as one JSON object; times in milliseconds, packets counted from 1."""
    return json.dumps(
        {
            "line": bill.line,
            "party": bill.party,
            "rtt": bill.trips,
            "ms": bill.total / 1e6,
            "packet": None if bill.goal is None else bill.goal + 1,
            "phases": [{"phase": phase, "rtt": count} for phase, count in bill.phases],
            "items": [dict(zip(HEAD, _row(line), strict=True)) for line in bill.lines],
            "round_trips": [
                {
                    "peer": peer,
                    "least_ms": trip.least / 1e6,
                    "median_ms": trip.median / 1e6,
                    "most_ms": trip.most / 1e6,
                    "samples": trip.samples,
                }
                for peer, trip in bill.known
            ],
        },
        ensure_ascii=False,
        indent=1,
    )


def ledger_csv(bill: Bill) -> Iterator[str]:
    """A head and a line an item."""
    for row in (HEAD, *map(_row, bill.lines)):
        out = io.StringIO()
        csv.writer(out, lineterminator="").writerow(row)
        yield out.getvalue()


def _row(line: BillLine) -> tuple[str | float | int, ...]:
    first, last = (record + 1 for record in line.records)
    times = (line.start / 1e6, line.length / 1e6)
    return (line.phase, line.kind, line.name, *times, line.trips, first, last)
