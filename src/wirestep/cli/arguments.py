"""What may stand on the command line; tshark's letters keep tshark's meanings."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import NoReturn

from wirestep.timeline.times import MODES

FORMS = {
    "mermaid": "as a Mermaid sequence diagram",
    "markdown": "as Markdown with such a diagram and a table",
    "svg": "as a drawing for browsers",
}
"""What a ladder can become besides text."""


class Wrong(Exception):
    """The command line cannot be followed: one sentence."""


class Parser(argparse.ArgumentParser):
    """Raises `Wrong` where argparse would print and exit."""

    def error(self, message: str) -> NoReturn:
        raise Wrong(message)


def number(text: str) -> int:
    """A count above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def rule(text: str) -> tuple[tuple[str, int], str]:
    """A decode-as rule: "tcp.port==8888,http" is (("tcp.port", 8888), "http")."""
    selector, comma, protocol = text.rpartition(",")
    table, equals, key = selector.partition("==")
    if not comma or not equals:
        form = "LAYER==SELECTOR,PROTOCOL, as in tcp.port==8888,http"
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form {form}")
    try:
        return (table.strip(), int(key, 0)), protocol.strip()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{key!r} in {text!r} is not a number") from None


def _common() -> Parser:
    """What every command that reads a capture takes."""
    common = Parser(add_help=False)
    common.add_argument(
        "file", nargs="?", metavar="FILE", help="a capture, or a bundled one's name"
    )
    common.add_argument("-r", dest="read", metavar="FILE", help='the same; "-" is standard input')
    common.add_argument(
        "-d",
        dest="rules",
        metavar="RULE",
        type=rule,
        action="append",
        default=[],
        help="decode as: tcp.port==8888,http (repeatable)",
    )
    common.add_argument(
        "--keylog",
        metavar="FILE",
        help="TLS secrets; else those of the file that SSLKEYLOGFILE names",
    )
    common.add_argument(
        "--private-key",
        dest="keys",
        metavar="FILE",
        action="append",
        default=[],
        help="a server's RSA key in PEM, for TLS up to 1.2 with RSA key exchange (repeatable)",
    )
    common.add_argument("-n", dest="plain", action="store_true", help="addresses, no names")
    return common


def _timed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-t",
        dest="time",
        choices=[mode for mode in MODES if mode != "ref"],
        default="r",
        help="times: r from the first, d from the one before, dd from the one shown before, "
        "a clock, ad with date, u and ud the same in UTC, e since the epoch",
    )


def screen_parser() -> Parser:
    """`wirestep [FILE]`."""
    from wirestep import __version__

    parser = Parser(
        prog="wirestep",
        parents=[_common()],
        description="Open a capture and step through it. Without FILE: the home screen.",
        epilog="Commands: wirestep decode, ladder, ledger, plot, export, follow, objects, info, "
        "stats, explain, lab, race, serve-lab (each with --help). wirestep URL drives an exchange "
        "of its own "
        "(wirestep https:// --help).",
    )
    parser.add_argument("-Y", dest="filter", metavar="FILTER", default="", help="display filter")
    parser.add_argument(
        "--follow", action="store_true", help="FILE is still being written: wait for more"
    )
    parser.add_argument("--version", action="version", version=f"wirestep {__version__}")
    _timed(parser)
    return parser


def decode_parser() -> Parser:
    """`wirestep decode`."""
    parser = Parser(
        prog="wirestep decode", parents=[_common()], description="Print packets, as tshark does."
    )
    parser.add_argument("-Y", dest="filter", metavar="FILTER", default="", help="display filter")
    parser.add_argument("-c", dest="count", metavar="N", type=number, help="read N packets only")
    parser.add_argument("-T", dest="form", choices=("text", "fields", "json"), default="text")
    parser.add_argument("-V", dest="tree", action="store_true", help="print the whole tree")
    parser.add_argument("-x", dest="bytes", action="store_true", help="print the bytes")
    parser.add_argument(
        "-e", dest="fields", metavar="FIELD", action="append", default=[], help="field to print"
    )
    parser.add_argument(
        "-E",
        dest="options",
        metavar="OPTION",
        action="append",
        default=[],
        help="header=y|n, separator=/t|/s|C, occurrence=f|l|a, aggregator=,|/s|C, quote=d|s|n",
    )
    parser.add_argument(
        "-w",
        dest="write",
        metavar="FILE",
        help='write what passes as pcapng ("-": standard output)',
    )
    _timed(parser)
    return parser


def ladder_parser() -> Parser:
    """`wirestep ladder`."""
    parser = Parser(
        prog="wirestep ladder", parents=[_common()], description="Print the ladder as text."
    )
    parser.add_argument(
        "--fold", choices=("message", "record", "packet"), default="message", help="how fine"
    )
    parser.add_argument("--flow", type=int, metavar="N", help="one conversation, counted from 0")
    parser.add_argument("--width", type=number, metavar="COLUMNS")
    parser.add_argument("--ascii", action="store_true", help="no line-drawing characters")
    forms = parser.add_mutually_exclusive_group()
    for form, what in FORMS.items():
        forms.add_argument(f"--{form}", dest="form", action="store_const", const=form, help=what)
    _timed(parser)
    return parser


def duration(text: str) -> float:
    """Milliseconds; raises ArgumentTypeError where it is none."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e7:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of milliseconds")
    return value


def ledger_parser() -> Parser:
    """`wirestep ledger`."""
    parser = Parser(
        prog="wirestep ledger",
        parents=[_common()],
        description="Say where each round trip of an exchange went.",
    )
    parser.add_argument("--flow", type=int, metavar="N", help="one conversation, counted from 0")
    parser.add_argument(
        "--goal",
        type=number,
        metavar="PACKET",
        help="bill up to this packet, counted from 1; else to the first answer, and to the last",
    )
    parser.add_argument("--rtt", type=duration, metavar="MS", help="what if a round trip took MS")
    parser.add_argument(
        "--away",
        type=duration,
        metavar="MS",
        help="from the tap to the client and back (0: at its door); else it is estimated",
    )
    parser.add_argument("--waterfall", action="store_true", help="the requests, one a line")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--csv", action="store_true")
    parser.add_argument("--ascii", action="store_true", help="no line-drawing characters")
    return parser


def plot_parser(kinds: Mapping[str, str]) -> Parser:
    """`wirestep plot`; `kinds` says what each is."""
    parser = Parser(
        prog="wirestep plot",
        parents=[_common()],
        description="Plot one conversation over time.",
    )
    told = ", ".join(f"{name} ({title})" for name, title in kinds.items())
    parser.add_argument("--flow", type=int, default=0, metavar="N", help="counted from 0 (0)")
    parser.add_argument("--kind", choices=tuple(kinds), default="sequence", help=told)
    parser.add_argument(
        "--side",
        choices=("first", "other"),
        help="whose data: the first sender's or the other's; else of whoever sent more",
    )
    parser.add_argument("--height", type=number, default=20, metavar="LINES")
    parser.add_argument("--width", type=number, metavar="COLUMNS")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--csv", action="store_true")
    parser.add_argument("--ascii", action="store_true", help="letters in place of dots")
    return parser


def info_parser() -> Parser:
    """`wirestep info`."""
    parser = Parser(
        prog="wirestep info", parents=[_common()], description="Say what a capture holds."
    )
    parser.add_argument("--json", action="store_true")
    return parser


def tap(text: str) -> tuple[str, str, list[int]]:
    """tshark's "follow,tcp,ascii,0" as (level, form, numbers)."""
    word, *rest = text.split(",")
    numbers = rest[2:]
    if word != "follow" or len(rest) < 3 or not all(one.isdecimal() for one in numbers):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form follow,tcp,ascii,0")
    if rest[1] not in ("ascii", "utf-8", "hex", "raw"):
        raise argparse.ArgumentTypeError(f"{rest[1]!r} in {text!r} is none of ascii, hex, raw")
    return rest[0], rest[1], [int(one) for one in numbers]


def follow_parser() -> Parser:
    """`wirestep follow`."""
    parser = Parser(
        prog="wirestep follow",
        parents=[_common()],
        description="Print what both sides of a conversation said, in turns.",
    )
    parser.add_argument("--flow", type=int, metavar="N", help="the conversation, counted from 0")
    parser.add_argument(
        "--level",
        metavar="LEVEL",
        default="",
        help="tcp, tls, http2:1, quic:0, websocket ...; the levels are listed without --flow",
    )
    parser.add_argument("--side", choices=("client", "server"), help="only what this side said")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--hex", action="store_true", help="as hex, with letters beside it")
    form.add_argument("--raw", action="store_true", help="the bytes themselves, nothing else")
    parser.add_argument(
        "-z", dest="tap", metavar="TAP", type=tap, help="as tshark: follow,tcp,ascii,0"
    )
    parser.add_argument("-q", dest="quiet", action="store_true", help="as tshark; always so here")
    return parser


def export_parser(forms: Mapping[str, str]) -> Parser:
    """`wirestep export`; `forms` says what each is."""
    parser = Parser(
        prog="wirestep export",
        parents=[_common()],
        description="Write a capture as other programs want it.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="forms:\n" + "\n".join(f"  {name:<9} {what}" for name, what in forms.items()),
    )
    parser.add_argument(
        "--as", dest="form", choices=tuple(forms), required=True, metavar="FORM", help="see below"
    )
    parser.add_argument(
        "-o",
        dest="out",
        metavar="OUT",
        help='the file; "-" is standard output; else called as the capture, in this folder',
    )
    parser.add_argument("-f", "--force", action="store_true", help="write over a file")
    parser.add_argument("--flow", type=int, metavar="N", help="one conversation, counted from 0")
    parser.add_argument("-Y", dest="filter", metavar="FILTER", default="", help="display filter")
    parser.add_argument(
        "--with-secrets",
        dest="secrets",
        action="store_true",
        help="keep cookies, credentials and tokens, which are redacted otherwise; in pcapng: the "
        "keys that decrypt it. The file is for its owner alone",
    )
    parser.add_argument(
        "-V", dest="fields", action="store_true", help="ndjson, parquet: with all fields"
    )
    parser.add_argument(
        "--fold",
        choices=("message", "record", "packet"),
        default="message",
        help="how fine the ladder is",
    )
    return parser


def objects_parser() -> Parser:
    """`wirestep objects`."""
    parser = Parser(
        prog="wirestep objects",
        parents=[_common()],
        description="List what was sent as files over HTTP, and save it.",
    )
    parser.add_argument("--save", metavar="DIR", help="write each as a file of its own into DIR")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser


def explain_parser() -> Parser:
    """`wirestep explain`."""
    parser = Parser(
        prog="wirestep explain",
        description="Say what a field or a protocol is, and where it is laid down.",
        epilog="As in: wirestep explain tls.handshake.random",
    )
    parser.add_argument("names", nargs="+", metavar="NAME", help="a filter name, or a protocol")
    parser.add_argument("--json", action="store_true")
    return parser


def path_of(options: argparse.Namespace) -> str | None:
    """The capture that is named, once.

    Raises:
        Wrong: it is named twice.
    """
    if options.file is not None and options.read is not None:
        raise Wrong("the capture is named twice: as FILE and with -r")
    named: str | None = options.file if options.read is None else options.read
    return named
