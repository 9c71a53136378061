"""`wirestep lab`: scenarios on a virtual wire, in the hand on a terminal, else run and printed."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator

from wirestep.model import safe
from wirestep.session.lab import Lab
from wirestep.session.lab_shelf import scenarios, shelved
from wirestep.session.lab_views import Shelved, Snapshot, Staged
from wirestep.timeline.export.text import ASCII, UNICODE, ladder_lines
from wirestep.timeline.ladder import Step
from wirestep.timeline.times import milliseconds
from wirestep.wires.scenario import load

from .arguments import Parser, Wrong, number
from .ledger import ledger_lines
from .output import GOOD, PARTLY, print_lines, unicode_wanted
from .waterfall import waterfall_lines

LINK = {
    "rtt": ("TIME", "round-trip time: 280ms"),
    "jitter": ("TIME", "up to so much more on each way"),
    "loss": ("SHARE", "lost by chance: 2%%"),
    "rate": ("RATE", "bits a second: 2mbit"),
    "mtu": ("BYTES", "the largest IP packet"),
}
"""By option: what it takes, and what it is."""


def lab_parser() -> Parser:
    """`wirestep lab`."""
    parser = Parser(
        prog="wirestep lab",
        description="Two or more real protocol ends on a virtual wire, held in the hand: step "
        "packet by packet, drop, delay, branch. Without NAME: what there is.",
        epilog="Exit codes: 0 the client got what it wanted; 1 it did not, or the run was "
        "stopped; 2 there is no such scenario.",
    )
    add = parser.add_argument
    add("name", nargs="?", metavar="NAME", help="a scenario's name, or a TOML file")
    for option, (takes, told) in LINK.items():
        add(f"--{option}", metavar=takes, help=told)
    add("--seed", metavar="N", help="another seed: other losses, other keys")
    versions = parser.add_mutually_exclusive_group()
    for version in ("1.1", "2", "3"):
        versions.add_argument(
            f"--http{version}",
            dest="version",
            action="store_const",
            const=version,
            help=f"the client speaks HTTP/{version}, where its scheme has it",
        )
    tls = parser.add_mutually_exclusive_group()
    for version in ("1.2", "1.3"):
        tls.add_argument(
            f"--tls{version}",
            dest="secure",
            action="store_const",
            const=version,
            help=f"it offers TLS {version} only",
        )
    add("-w", dest="write", metavar="FILE", help="run to the end, write pcapng with its secrets")
    add(
        "--tap",
        metavar="HOST",
        default="wire",
        help="where -w and the ladder listen: wire, or client, server ...",
    )
    add("--json", action="store_true", help="run to the end, print one JSON object")
    add("--text", action="store_true", help="run to the end and print, even on a terminal")
    add("--ledger", action="store_true", help="run to the end, print where each round trip went")
    folds = ("message", "record", "packet")
    add("--fold", choices=folds, default="message", help="how fine the printed ladder is")
    add("--width", type=number, metavar="COLUMNS")
    return parser


def run_lab(arguments: list[str]) -> int:
    """Show, or run and print, what the arguments ask for: the exit code."""
    options = lab_parser().parse_args(arguments)
    try:
        if options.name is None:
            found = scenarios()
            return print_lines(_json_list(found) if options.json else _listed(found))
        overrides = _overrides(options)
        about = shelved(load(options.name))
        printed = options.text or options.json or options.write or options.ledger
        if not printed and _on_terminal():
            return _shown(Staged(about, overrides, options.name))
        return _printed(Lab.open(options.name, overrides), options)
    except ValueError as error:
        raise Wrong(str(error)) from None
    except OSError as error:
        raise Wrong(f"{error.filename or options.name}: {error.strerror or error}") from None


def _on_terminal() -> bool:
    return sys.stdout.isatty() and sys.stdin.isatty()


def _shown(staged: Staged) -> int:
    from wirestep.ui.app import run  # Textual is not for those who only print

    return run(None, staged=staged)


def _overrides(options: argparse.Namespace) -> dict[str, object]:
    """What is wanted otherwise than the scenario says."""
    given = {name: getattr(options, name) for name in (*LINK, "seed", "version")}
    wanted: dict[str, object] = {name: value for name, value in given.items() if value is not None}
    if options.mtu is not None and not options.mtu.isdecimal():
        raise Wrong(f"--mtu: {options.mtu!r} is not a number of bytes")
    if options.seed is not None and not options.seed.isdecimal():
        raise Wrong(f"--seed: {options.seed!r} is not a number from 0 on")
    if options.secure:
        wanted["options"] = {"versions": options.secure}
    return wanted


def _listed(found: list[Shelved]) -> Iterator[str]:
    yield "Scenarios (wirestep lab NAME opens one):"
    size = max((len(one.name) for one in found), default=0)
    for one in found:
        rtt = milliseconds(one.rtt, 0)
        yield f"  {one.name:<{size}}  {rtt:>5} ms  {' '.join(one.stack):<18}  {one.title}"
    yield "wirestep lab --help says more."


def _json_list(found: list[Shelved]) -> Iterator[str]:
    for one in found:
        yield json.dumps(
            {
                "name": one.name,
                "title": one.title,
                "shows": one.about,
                "stack": one.stack,
                "hosts": one.hosts,
                "rtt_ms": one.rtt / 1_000_000,
                "link": one.link,
                "fault": one.fault,
            }
        )


def _printed(lab: Lab, options: argparse.Namespace) -> int:
    lab.finish()
    shown = lab.snapshot
    written = lab.save(options.write, options.tap) if options.write else None
    if options.json:
        print_lines([json.dumps(_told(shown))])
    elif options.ledger:
        print_lines(_billed(lab, shown, options))
    else:
        print_lines(_lines(lab, shown, options))
        if written is not None:
            print_lines([f"{written} packets written to {safe(options.write)}"])
    outcome = shown.outcome
    if outcome.reason or outcome.error:
        sys.stdout.flush()
        print(f"wirestep: {safe(outcome.reason or outcome.error)}", file=sys.stderr)
        return PARTLY
    return GOOD


def _billed(lab: Lab, shown: Snapshot, options: argparse.Namespace) -> Iterator[str]:
    """The ledger and the waterfall, from the door of a host: the client's, if none is named."""
    session = lab.session(shown.hosts[0].name if options.tap == "wire" else options.tap)
    session.settle()
    while (bill := session.ledger()) is None or (fall := session.waterfall()) is None:
        session.settle()
    glyphs = UNICODE if unicode_wanted() else ASCII
    yield from ledger_lines(bill, glyphs)
    if fall.rows:
        yield ""
        yield from waterfall_lines(fall, glyphs)


def _lines(lab: Lab, shown: Snapshot, options: argparse.Namespace) -> Iterator[str]:
    """Title, ladder with times, what the ends said, how it ended."""
    yield f"{shown.title}: {shown.about}"
    yield ""
    session = lab.session(options.tap)
    session.settle()
    while (drawn := session.ladder(None)) is None:
        session.settle()
    first = session.first_time
    names = {host.address: host.name for host in shown.hosts}

    def time_of(step: Step) -> str:
        return milliseconds(step.time - first)

    glyphs = UNICODE if unicode_wanted() else ASCII
    width = options.width or shutil.get_terminal_size((100, 24)).columns
    spoken = any(step.level != "packet" for step in drawn.steps)
    fold = options.fold if spoken else "packet"
    yield from ladder_lines(drawn, fold, width, glyphs, time_of, lambda host: names.get(host, host))
    session.close()
    yield ""
    for said in shown.said:
        yield f"{milliseconds(said.time):>12}  {shown.hosts[said.host].name}: {said.text}"
    yield from _numbers(shown)


def _numbers(shown: Snapshot) -> Iterator[str]:
    link = ", ".join(f"{s.title} {s.shown}" for s in shown.settings)
    lost = sum(1 for passage in shown.passages if passage.never)
    yield f"{len(shown.passages)} packets, {lost} lost, {milliseconds(shown.now)} ms; {link}"
    outcome = shown.outcome
    yield outcome.reason or outcome.error or "the client got what it wanted"


def _told(shown: Snapshot) -> dict[str, object]:
    return {
        "name": shown.name,
        "title": shown.title,
        "hosts": [{"name": host.name, "address": host.address} for host in shown.hosts],
        "settings": {setting.name: setting.plain for setting in shown.settings},
        "time_ns": shown.now,
        "packets": [
            {
                "number": p.number + 1,
                "from": shown.hosts[p.sender].name,
                "to": shown.hosts[p.target].name,
                "left_ns": p.left,
                "lands_ns": None if p.never else p.lands,
                "fate": p.fate,
                "bytes": p.size,
                "label": p.label,
                "marks": p.marks,
            }
            for p in shown.passages
        ],
        "said": [
            {"time_ns": s.time, "host": shown.hosts[s.host].name, "text": s.text}
            for s in shown.said
        ],
        "over": shown.outcome.over,
        "reason": shown.outcome.reason,
        "error": shown.outcome.error,
    }
