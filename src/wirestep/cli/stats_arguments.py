"""What may stand behind `wirestep stats`; tshark's -z spellings name the same statistics."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

from wirestep.timeline.statistics.talks import LEVELS

from .arguments import Parser, Wrong, number, rule

VIEWS = (
    "hierarchy",
    "conversations",
    "endpoints",
    "io",
    "rtt",
    "throughput",
    "lengths",
    "expert",
)
SECOND = 1_000_000_000
TALKING = ("conversations", "endpoints")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be printed of which capture."""

    view: str = ""
    """One of VIEWS; "" for the overview."""
    level: str = ""
    """Of conversations and endpoints: one of LEVELS, "" for all."""
    path: str | None = None
    form: str = "text"
    """ "text", "json" or "csv"."""
    filter: str = ""
    interval: int = 0
    """Nanoseconds; 0: chosen to fit."""
    flow: int | None = None
    """One conversation, counted from 0."""
    sort: str = ""
    down: bool = True
    limit: int | None = None
    ascii: bool = False
    width: int | None = None
    keylog: str = ""
    rules: tuple[tuple[tuple[str, int], str], ...] = ()


def interval(text: str) -> int:
    """Seconds as nanoseconds."""
    try:
        size = round(float(text) * SECOND)
    except (ValueError, OverflowError):
        size = 0
    if not 1000 <= size < 1 << 62:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0.000001 on")
    return size


def stats_parser() -> Parser:
    """`wirestep stats`."""
    parser = Parser(
        prog="wirestep stats",
        description="Statistics of a capture. Without VIEW: an overview.",
        epilog="Views: " + ", ".join(VIEWS) + ".",
    )
    add = parser.add_argument
    add("names", nargs="*", metavar="VIEW | FILE", help="a view, a capture, or both in this order")
    add("-r", dest="read", metavar="FILE", help='the capture; "-" is standard input')
    add("-z", dest="spec", metavar="SPEC", help="as in tshark: io,phs  conv,tcp  endpoints,ip  "
        "io,stat,1  plen,tree  expert")  # fmt: skip
    add("-Y", dest="filter", metavar="FILTER", default="", help="count only what it lets through")
    add("-n", dest="plain", action="store_true", help="addresses, no names (always so here)")
    add("-q", dest="quiet", action="store_true", help="as in tshark; nothing else is printed here")
    add("-d", dest="rules", metavar="RULE", type=rule, action="append", default=[],
        help="decode as: tcp.port==8888,http (repeatable)")  # fmt: skip
    add("--keylog", metavar="FILE", default="", help="TLS secrets")
    add("--level", choices=LEVELS, default="", help="of conversations and endpoints")
    add("--interval", type=interval, default=0, metavar="SECONDS", help="of io, rtt, throughput")
    add("--flow", type=int, metavar="N", help="of rtt, throughput: one conversation, from 0")
    add("--sort", default="", metavar="KEY", help="a column's name in --json")
    add("--reverse", action="store_true", help="the least first")
    add("--limit", type=number, metavar="N", help="lines of a table")
    add("--json", action="store_true")
    add("--csv", action="store_true")
    add("--ascii", action="store_true", help="no characters beyond ASCII")
    add("--width", type=number, metavar="COLUMNS")
    return parser


def wish_of(arguments: list[str]) -> Wish:
    """What the command line asks for.

    Raises:
        Wrong: it cannot be followed.
    """
    options = stats_parser().parse_intermixed_args(arguments)
    names = list(options.names)
    view = names.pop(0) if names and names[0] in VIEWS else ""
    if len(names) > 1 or (names and options.read is not None):
        unknown = f"{names[0]!r} is no view ({', '.join(VIEWS)})"
        raise Wrong(unknown if not view else "more than one capture is named")
    if options.json and options.csv:
        raise Wrong("--json or --csv, not both")
    wish = Wish(
        view,
        options.level,
        options.read if options.read is not None else names[0] if names else None,
        "json" if options.json else "csv" if options.csv else "text",
        options.filter.strip(),
        options.interval,
        options.flow,
        options.sort,
        not options.reverse,
        options.limit,
        options.ascii,
        options.width,
        options.keylog,
        tuple(options.rules),
    )
    return _checked(_spelled(wish, options.spec) if options.spec is not None else wish)


def _checked(wish: Wish) -> Wish:
    if wish.path is None:
        raise Wrong("which capture? name a FILE, or one of the bundled ones (wirestep | cat)")
    if wish.level and wish.view not in TALKING:
        raise Wrong("--level goes with conversations and endpoints")
    if wish.view == "throughput" and wish.flow is None:
        raise Wrong("throughput is of one conversation: name it with --flow N (the first is 0)")
    if wish.form == "csv" and not wish.view:
        raise Wrong("--csv is of one view: name it")
    if wish.form == "csv" and wish.view in TALKING and not wish.level:
        raise Wrong(f"--csv of {wish.view} is of one level: --level {'|'.join(LEVELS)}")
    return wish


def _spelled(wish: Wish, spec: str) -> Wish:
    """The view that tshark's -z SPEC means."""
    if wish.view:
        raise Wrong("the view is named twice: as VIEW and with -z")
    parts = spec.split(",")
    head, more = parts[0], parts[1:]
    if head == "io" and more[:1] == ["phs"]:
        return _filtered(replace(wish, view="hierarchy"), more[1:])
    if head == "io" and more[:1] == ["stat"] and len(more) > 1:
        try:
            size = interval(more[1]) if more[1] != "0" else 0
        except argparse.ArgumentTypeError as error:
            raise Wrong(f"-z: {error}") from None
        return _filtered(replace(wish, view="io", interval=size), more[2:])
    if head in ("conv", "endpoints", "host") and more:
        view = "conversations" if head == "conv" else "endpoints"
        if more[0] in LEVELS:
            return _filtered(replace(wish, view=view, level=more[0]), more[1:])
        raise Wrong(f"-z {head}: no level {more[0]!r}; there are {', '.join(LEVELS)}")
    if head == "plen" and more[:1] in ([], ["tree"]):
        return _filtered(replace(wish, view="lengths"), more[1:])
    if head == "expert":
        return replace(wish, view="expert")
    raise Wrong(
        f"-z: no statistic {spec!r}; there are io,phs  conv,LEVEL  endpoints,LEVEL  "
        "io,stat,SECONDS  plen,tree  expert"
    )


def _filtered(wish: Wish, more: list[str]) -> Wish:
    """What follows the last comma is a filter, commas and all."""
    text = ",".join(more).strip()
    if text and wish.filter:
        raise Wrong("the filter is given twice: with -Y and in -z")
    return replace(wish, filter=text or wish.filter)
