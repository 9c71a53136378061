"""The door: which command, which capture, and what to say where it cannot be opened."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence

from wirestep.protocols import registry
from wirestep.session import Session, Unreadable, bundled
from wirestep.session.exporting import FORMS
from wirestep.timeline.export import words
from wirestep.timeline.export.mermaid import markdown, mermaid
from wirestep.timeline.export.svg import svg
from wirestep.timeline.export.text import ASCII, UNICODE, ladder_lines
from wirestep.timeline.ladder import Step
from wirestep.timeline.plots import KINDS
from wirestep.timeline.times import written

from .arguments import (
    Wrong,
    decode_parser,
    explain_parser,
    export_parser,
    follow_parser,
    info_parser,
    ladder_parser,
    ledger_parser,
    objects_parser,
    path_of,
    plot_parser,
    screen_parser,
)
from .decode import decode
from .explain import explain_json, explain_lines, explained
from .export import run_export
from .files import key_log, resolved
from .follow import follow
from .info import info, info_json, info_lines
from .ledger import billed, fallen, ledger_csv, ledger_json, ledger_lines
from .objects import object_lines
from .output import finished, guarded, print_lines, unicode_wanted
from .plot import asked, plot_csv, plot_json, plot_text
from .stats_text import pen_of
from .waterfall import waterfall_lines

MAX_PORT = 65535


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command: Callable[[list[str]], int] = run_screen
    if arguments and arguments[0] in COMMANDS:
        command = COMMANDS[arguments.pop(0)]
    return guarded(lambda: _readable(command, arguments))


def _readable(command: Callable[[list[str]], int], arguments: list[str]) -> int:
    try:
        return command(arguments)
    except Unreadable as error:
        raise Wrong(str(error)) from None


def run_screen(arguments: list[str]) -> int:
    """`wirestep [FILE]` where there is no terminal: plain text."""
    if path_of(screen_parser().parse_args(arguments)) is None:
        return print_lines(_shelf())
    return run_decode(arguments)


def _shelf() -> Iterable[str]:
    yield "Captures that come along (wirestep NAME opens one):"
    for entry in bundled():
        yield f"  {entry.name:<22} {entry.packets:>5} packets  {entry.title}"
    yield "wirestep --help says more."


def run_decode(arguments: list[str]) -> int:
    """`wirestep decode`."""
    options = decode_parser().parse_args(arguments)
    with_session = _opened(options)
    return _finish(with_session, decode(with_session, options))


EXPORTS: dict[str, Callable[[words.Drawn, str, str], Iterable[str]]] = {
    "mermaid": lambda whole, title, line: mermaid(whole, title),
    "markdown": markdown,
    "svg": svg,
}
"""By form: what makes the lines of a ladder, its title and its bill."""


def run_ladder(arguments: list[str]) -> int:
    """`wirestep ladder`."""
    options = ladder_parser().parse_args(arguments)
    session = _opened(options)
    session.settle()
    if options.flow is not None and not 0 <= options.flow < len(session.capture.columns.flows):
        raise Wrong(f"there is no conversation {options.flow}")
    while (drawn := session.ladder(options.flow)) is None:
        session.settle()
    if options.form:
        whole = words.drawn(drawn, options.fold, session.host_name)
        bill = session.ledger(options.flow)
        line = bill.line if bill is not None and bill.goal is not None else ""
        return _finish(session, EXPORTS[options.form](whole, session.title, line))
    width = options.width or shutil.get_terminal_size((100, 24)).columns
    first = session.first_time
    before = first

    def time_of(step: Step) -> str:
        nonlocal before
        text = written(options.time, step.time, first=first, previous=before)
        before = step.time
        return text

    glyphs = ASCII if options.ascii or not unicode_wanted() else UNICODE
    lines = ladder_lines(drawn, options.fold, width, glyphs, time_of, session.host_name)
    return _finish(session, lines)


def run_ledger(arguments: list[str]) -> int:
    """`wirestep ledger`."""
    options = ledger_parser().parse_args(arguments)
    session = _opened(options)
    if options.waterfall:
        glyphs = ASCII if options.ascii or not unicode_wanted() else UNICODE
        return _finish(session, waterfall_lines(fallen(session, options), glyphs))
    bill = billed(session, options)
    if options.json:
        return _finish(session, [ledger_json(bill)])
    if options.csv:
        return _finish(session, ledger_csv(bill))
    glyphs = ASCII if options.ascii or not unicode_wanted() else UNICODE
    return _finish(session, ledger_lines(bill, glyphs))


def run_exporting(arguments: list[str]) -> int:
    """`wirestep export`."""
    options = export_parser(FORMS).parse_args(arguments)
    session = _opened(options)
    run_export(session, options)
    return _finish(session, ())


def run_plot(arguments: list[str]) -> int:
    """`wirestep plot`."""
    options = plot_parser(KINDS).parse_args(arguments)
    session = _opened(options)
    plot = asked(session, options)
    ends = session.capture.columns.flows.ends(options.flow)
    sender, target = (str(ends[side]) for side in (plot.side, 1 - plot.side))
    if options.json:
        return _finish(session, [plot_json(plot, (sender, target))])
    if options.csv:
        return _finish(session, plot_csv(plot))
    pen = pen_of(options.width, ascii_only=options.ascii, unicode=unicode_wanted())
    return _finish(session, plot_text(plot, (sender, target), pen, options.height))


def run_follow(arguments: list[str]) -> int:
    """`wirestep follow`."""
    options = follow_parser().parse_args(arguments)
    session = _opened(options)
    return _finish(session, follow(session, options))


def run_objects(arguments: list[str]) -> int:
    """`wirestep objects`."""
    options = objects_parser().parse_args(arguments)
    session = _opened(options)
    return _finish(session, object_lines(session, options))


def run_info(arguments: list[str]) -> int:
    """`wirestep info`."""
    options = info_parser().parse_args(arguments)
    session = _opened(options)
    found = info(session, session.keylog)
    return _finish(session, [info_json(found)] if options.json else info_lines(found))


def run_explain(arguments: list[str]) -> int:
    """`wirestep explain`."""
    options = explain_parser().parse_args(arguments)
    known = registry({})
    found = explained(options.names, known)
    return print_lines([explain_json(found)] if options.json else explain_lines(found, known))


COMMANDS = {
    "decode": run_decode,
    "ladder": run_ladder,
    "ledger": run_ledger,
    "export": run_exporting,
    "follow": run_follow,
    "objects": run_objects,
    "plot": run_plot,
    "info": run_info,
    "explain": run_explain,
}


def _opened(options: argparse.Namespace) -> Session:
    """The capture that the options name, wholly indexed.

    Raises:
        Wrong: none is named, or a rule names a protocol that there is not. Unreadable.
    """
    path = path_of(options)
    if path is None:
        raise Wrong("which capture? name a FILE, or one of the bundled ones (wirestep | cat)")
    stream = sys.stdin.buffer if path == "-" else None
    session = Session.open(
        resolved(path),
        rules=dict(options.rules),
        keylog=key_log(options.keylog),
        keys=options.keys,
        stream=stream,
    )
    for (table, key), protocol in options.rules:
        _check_rule(table, key, protocol, session)
    session.naming = not options.plain
    session.load()
    return session


def _check_rule(table: str, key: int, protocol: str, session: Session) -> None:
    tables = {known for known, _ in session.registry.keys}
    if table not in tables:
        raise Wrong(f"-d: no layer {table!r}; there are {', '.join(sorted(tables))}")
    if key < 0 or (table.endswith(".port") and key > MAX_PORT):
        raise Wrong(f"-d: {table} has no value {key}")
    if protocol not in session.registry:
        names = ", ".join(sorted(session.registry.cards))
        raise Wrong(f"-d: no protocol {protocol!r}; there are {names}")


def _finish(session: Session, lines: Iterable[str]) -> int:
    print_lines(lines)  # before the problem is asked for: what is printed may still be read
    return finished((), session.title, session.progress().problem)
