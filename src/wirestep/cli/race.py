"""`wirestep race`: one question over four stacks; on a terminal in lanes, else a table."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from wirestep.session.racing import Lane, Race, Racing
from wirestep.session.racing_wish import RaceWish
from wirestep.timeline.times import milliseconds

from .arguments import Parser, Wrong
from .output import GOOD, PARTLY, print_lines

OPTIONS = {
    "path": ("PATH", "what is asked for: /, /style.css, /bytes/20000"),
    "rtt": ("TIME", "round-trip time: 280ms"),
    "loss": ("SHARE", "lost by chance: 2%%"),
    "rate": ("RATE", "bits a second: 2mbit"),
    "seed": ("N", "another seed: other losses"),
}
"""By option: what it takes, and what it is."""


def race_parser() -> Parser:
    """`wirestep race`."""
    parser = Parser(
        prog="wirestep race",
        description="The same request over HTTP/1.1, HTTP/2, HTTP/3 and HTTP/3 with 0-RTT, each "
        "run by the lab with the same link and the same seed, on one clock.",
        epilog="Exit codes: 0 all lanes got their answer; 1 one did not; 2 a wrong option.",
    )
    for option, (takes, told) in OPTIONS.items():
        parser.add_argument(f"--{option}", metavar=takes, help=told)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--text", action="store_true", help="print, even on a terminal")
    return parser


def run_race(arguments: list[str]) -> int:
    """Show, or run and print, what the arguments ask for: the exit code."""
    options = race_parser().parse_args(arguments)
    wish = _wish(options)
    if not (options.text or options.json) and sys.stdout.isatty() and sys.stdin.isatty():
        from wirestep.ui.app import run  # Textual is not for those who only print

        return run(None, race=wish.words())
    race = Racing(wish).run(lambda race: None)
    print_lines([json.dumps(_told(race))] if options.json else _lines(race))
    return GOOD if all(lane.done is not None for lane in race.lanes) else PARTLY


def _wish(options: argparse.Namespace) -> RaceWish:
    wish = RaceWish()
    for name in OPTIONS:
        value = getattr(options, name)
        if value is not None:
            try:
                wish = wish.with_one(name, value)
            except ValueError as error:
                raise Wrong(f"--{name}: {error}") from None
    return wish


def _lines(race: Race) -> Iterator[str]:
    """A table, the fastest first."""
    yield f"GET {race.wish.path} · {race.wish.words()} seed {race.wish.seed}"
    yield ""
    yield (
        f"{'':4}{'lane':20}{'round trips':34}{'RTT':>4}{'ms':>11}"
        f"{'packets':>9}{'bytes':>9}{'behind':>11}"
    )
    placed = race.placed()
    best = next((lane.done for lane in placed if lane.done is not None), 0)
    for place, lane in enumerate(placed, 1):
        if lane.done is None:
            yield f"–   {lane.title:20}{lane.error}"
            continue
        trips = " + ".join(
            ("loss" if lost else phase) + (f" {count}" if count else "")
            for phase, _, count, lost in lane.round_trips()
        )
        behind = f"+{milliseconds(lane.done - best, 1)}" if lane.done > best else ""
        size = sum(flight.size for flight in lane.flights)
        yield (
            f"{place:<4}{lane.title:20}{trips:34}{lane.trips:>4}{milliseconds(lane.done, 1):>11}"
            f"{len(lane.flights):>9}{size:>9}{behind:>11}"
        )


def _told(race: Race) -> dict[str, object]:
    wish = race.wish
    return {
        "path": wish.path,
        "rtt_ms": wish.rtt / 1_000_000,
        "loss": wish.loss,
        "rate": wish.rate,
        "seed": wish.seed,
        "lanes": [_lane(lane) for lane in race.placed()],
    }


def _lane(lane: Lane) -> dict[str, object]:
    return {
        "lane": lane.title,
        "done_ms": None if lane.done is None else lane.done / 1_000_000,
        "error": lane.error,
        "rtt": lane.trips,
        "round_trips": [
            {"phase": phase, "count": count, "lost": lost}
            for phase, _, count, lost in lane.round_trips()
        ],
        "packets": len(lane.flights),
        "bytes": sum(flight.size for flight in lane.flights),
        "lost": sum(1 for flight in lane.flights if flight.lost),
    }
