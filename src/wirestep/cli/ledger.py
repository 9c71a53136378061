"""`wirestep ledger`: the bill of an exchange in round trips, as a table, JSON or CSV."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict

from wirestep.session import Session
from wirestep.session.billing import Bill, BillLine, Change
from wirestep.session.falling import Waterfall
from wirestep.timeline.export.text import Glyphs
from wirestep.timeline.ledger import Moment

from .arguments import Wrong

NAME = 44
"""Columns for what was asked and what came."""
BAR = 30
HEAD = ("phase", "kind", "name", "start_ms", "ms", "rtt", "first_packet", "last_packet")


def billed(session: Session, options: argparse.Namespace) -> Bill:
    """The bill that the options ask for.

    Raises:
        Wrong: there is no such conversation, or no such packet.
    """
    _settle(session, options)
    if options.goal is not None and options.goal > session.capture.count:
        raise Wrong(f"there is no packet {options.goal}: the last is {session.capture.count}")
    goal = None if options.goal is None else options.goal - 1
    rtt = None if options.rtt is None else round(options.rtt * 1e6)
    away = None if options.away is None else round(options.away * 1e6)
    while (bill := session.ledger(options.flow, goal, away, rtt)) is None:
        session.settle()
    return bill


def fallen(session: Session, options: argparse.Namespace) -> Waterfall:
    """The waterfall that the options ask for.

    Raises:
        Wrong: there is no such conversation.
    """
    _settle(session, options)
    while (fall := session.waterfall(options.flow)) is None:
        session.settle()
    return fall


def _settle(session: Session, options: argparse.Namespace) -> None:
    session.settle()
    if options.flow is not None and not 0 <= options.flow < session.conversation_count:
        raise Wrong(f"there is no conversation {options.flow}")


def ledger_lines(bill: Bill, glyphs: Glyphs) -> Iterator[str]:
    """The line, then an item a line with its place in time and its packets."""
    yield glyphs.text(bill.line)
    if not bill.lines:
        return
    yield ""
    yield f"{'':8}{'':{NAME}} {'RTT':>3} {'ms':>9}  {'':{BAR}}  packets"
    for title, lines, end in bill.groups():
        for line in lines:
            yield _line(line, bill.total, glyphs)
        time = f"{end.time / 1e6:>9.3f}"
        yield f"{'':8}{title:{NAME}} {end.trips:>3} {time}  {'':{BAR}}  {end.record + 1}"
    yield ""
    for peer, trip in bill.known:
        spread = f"{trip.least / 1e6:.3f} ms, median {trip.median / 1e6:.3f}"
        more = f"at most {trip.most / 1e6:.3f}, of {trip.samples} measured"
        yield f"round trip to {glyphs.text(peer)}: {spread}, {more}"
    for clock in bill.clocks:
        client, server = clock.client / 1e6, clock.server / 1e6
        said = f"the client may send after {client:.3f} ms, the server knows after {server:.3f}"
        yield f"opening to {glyphs.text(clock.peer)}: {said}"
    yield from _credits(bill)
    yield from _changes(bill, glyphs)


def _line(line: BillLine, total: int, glyphs: Glyphs) -> str:
    shown = line.name if line.kind == "round trip" else f"  {line.label}: {line.name}"
    name = glyphs.text(shown)
    name = name if len(name) <= NAME else name[: NAME - 1] + glyphs.cut
    phase = glyphs.text(line.phase)[:7]
    trips = str(line.trips) if line.trips else ""
    first, last = (record + 1 for record in line.records)
    packets = f"{first}-{last}" if first != last else str(first)
    bar = _bar(line, total, glyphs)
    return f"{phase:8}{name:{NAME}} {trips:>3} {line.length / 1e6:>9.3f}  {bar}  {packets}"


def _credits(bill: Bill) -> Iterator[str]:
    for credit in bill.credits:
        times = f" x{credit.times}" if credit.times > 1 else ""
        saved = f"-{credit.trips} RTT" + (" each" if credit.times > 1 else "")
        yield f"{credit.kind}: {credit.name}{times}{', ' + saved if credit.granted else ''}"


def _changes(bill: Bill, glyphs: Glyphs) -> Iterator[str]:
    if len(bill.changes) < 2:
        return
    yield ""
    yield f"{'what if':30} {'RTT':>4} {'first ms':>10} {'page ms':>10} {'saved':>9}"
    for change in bill.changes:
        name = ("  " if change.deeper else "") + change.name
        page = f"{change.complete / 1e6:.1f}" if change.complete is not None else ""
        saved = f"{-change.saved / 1e6:.1f}" if change.saved else ""
        mark = "predicted" if change.predicted else ""
        figures = f"{change.trips:>4} {change.first / 1e6:>10.1f} {page:>10} {saved:>9}"
        yield f"{glyphs.text(name):30} {figures}  {mark}".rstrip()


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
            "first": _moment(bill.first),
            "complete": _moment(bill.complete),
            "phases": [{"phase": phase, "rtt": count} for phase, count in bill.phases],
            "items": [dict(zip(HEAD, _row(line), strict=True)) for line in bill.lines],
            "round_trips": [
                {
                    "peer": peer,
                    "least_ms": trip.least / 1e6,
                    "median_ms": trip.median / 1e6,
                    "most_ms": trip.most / 1e6,
                    "deviation_ms": trip.deviation / 1e6,
                    "handshake_ms": None if trip.handshake is None else trip.handshake / 1e6,
                    "samples": trip.samples,
                }
                for peer, trip in bill.known
            ],
            "credits": [asdict(credit) for credit in bill.credits],
            "what_if": [_change(change) for change in bill.changes],
        },
        ensure_ascii=False,
        indent=1,
    )


def _moment(moment: Moment | None) -> dict[str, float | int] | None:
    if moment is None:
        return None
    return {"ms": moment.time / 1e6, "rtt": moment.trips, "packet": moment.record + 1}


def _change(change: Change) -> dict[str, object]:
    complete = None if change.complete is None else change.complete / 1e6
    times = {"first_ms": change.first / 1e6, "complete_ms": complete}
    said = {"change": change.name, "why": change.why, "predicted": change.predicted}
    return {**said, "rtt": change.trips, **times, "saved_ms": change.saved / 1e6}


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
