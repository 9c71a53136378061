"""`wirestep URL`: an exchange of our own, on the screen while it happens, or as text."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence

from wirestep.exchange.contract import Response
from wirestep.model import safe
from wirestep.session.driving import Driving, told
from wirestep.session.driving_url import is_url
from wirestep.timeline.export.text import ASCII, UNICODE, ladder_lines
from wirestep.timeline.ladder import Step
from wirestep.timeline.times import written

from .arguments import Wrong
from .drive_arguments import drive_parser, wanted
from .output import GOOD, PARTLY, print_lines, unicode_wanted

MAX_SHOWN = 1 << 16
"""Bytes of a body that are printed."""


def names_url(arguments: Sequence[str]) -> bool:
    """Whether one of the arguments is a URL to be driven."""
    return any(is_url(one) for one in arguments)


def drive(arguments: list[str]) -> int:
    """Drive what the arguments ask for: the exit code."""
    options = drive_parser().parse_args(arguments)
    try:
        driving = Driving(wanted(options))
    except ValueError as error:
        raise Wrong(str(error)) from None
    if not options.text and sys.stdout.isatty() and sys.stdin.isatty():
        return _shown(driving)
    return _printed(driving, options)


def _shown(driving: Driving) -> int:
    from wirestep.ui.app import run  # Textual is not for those who only print

    driving.start()
    try:
        run(driving.wanted.url.text, exchange=driving.session)
    finally:
        left = not driving.over.is_set()
        driving.stop()
    # Who leaves in the middle knows it.
    return PARTLY if left else _told_failure(driving)


def _printed(driving: Driving, options: argparse.Namespace) -> int:
    driving.start()
    try:
        while not driving.over.wait(0.1):
            pass
    except KeyboardInterrupt:
        driving.stop()
    print_lines(_lines(driving, options))
    return _told_failure(driving)


def _told_failure(driving: Driving) -> int:
    if not driving.error:
        return GOOD
    sys.stdout.flush()
    print(f"wirestep: {driving.error}", file=sys.stderr)
    return PARTLY


def _lines(driving: Driving, options: argparse.Namespace) -> Iterator[str]:
    """The ladder, what was said besides, and what came back."""
    session = driving.session
    session.settle()
    if session.total:
        drawn = session.ladder(None)
        while drawn is None:
            session.settle()
            drawn = session.ladder(None)
        first = session.first_time

        def time_of(step: Step) -> str:
            return written("r", step.time, first=first, previous=first)

        glyphs = UNICODE if unicode_wanted() else ASCII
        width = shutil.get_terminal_size((100, 24)).columns
        # Bytes of no protocol are packets, and nothing else.
        spoken = any(step.level != "packet" for step in drawn.steps)
        fold = options.fold or ("message" if spoken else "packet")
        yield from ladder_lines(drawn, fold, width, glyphs, time_of, session.host_name)
        yield ""
        yield f"{session.total} packets, {safe(driving.source)}"
    if driving.wanted.save:
        yield f"written to {safe(driving.wanted.save)}"
    for response, now in driving.responses:
        yield told(response, now)
        if options.include:
            yield from _included(response)
        elif driving.asks == "name":
            yield from (f"  {safe(line)}" for line in _body_lines(response))


def _included(response: Response) -> Iterator[str]:
    for name, value in response.headers:
        yield safe(f"{name}: {value}")
    yield ""
    yield from map(safe, _body_lines(response))
    if len(response.body) > MAX_SHOWN:
        yield f"... and {len(response.body) - MAX_SHOWN:,} bytes more"


def _body_lines(response: Response) -> list[str]:
    return response.body[:MAX_SHOWN].decode("utf-8", "backslashreplace").splitlines()
