"""`wirestep [FILE]`: the screen. It is shown before anything that decodes is imported."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import BinaryIO

from .arguments import Wrong, path_of, screen_parser
from .files import key_log, resolved
from .output import guarded


def screen(arguments: list[str]) -> int | None:
    """Show the screen: the exit code; None where there is no terminal for it."""
    options = screen_parser().parse_args(arguments)
    try:
        path = path_of(options)
    except Wrong:
        return None  # who prints says so
    if sys.stdout is None or not sys.stdout.isatty():
        return None
    if path is None and not sys.stdin.isatty():
        return None
    return guarded(lambda: _shown(options, path))


def _shown(options: argparse.Namespace, path: str | None) -> int:
    gc.disable()  # until the first picture stands: nothing that is made till then goes away
    from wirestep.ui.app import run  # Textual is not for those who only print

    return run(
        None if path is None else resolved(path),
        rules=dict(options.rules),
        keylog=key_log(options.keylog),
        keys=options.keys,
        filter_text=options.filter,
        stream=_moved_input() if path == "-" else None,
        follow=options.follow,
    )


def _moved_input() -> BinaryIO:
    """Standard input as a stream of its own; in its place comes the terminal, for the keys.

    Raises:
        Wrong: there is no terminal to take keys from.
    """
    if sys.stdin.isatty():
        raise Wrong("standard input is the terminal: pipe a capture into it, or name a FILE")
    stream = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        raise Wrong(
            "there is no terminal to take keys from (wirestep decode -r - prints)"
        ) from None
    os.dup2(terminal, sys.stdin.fileno())
    os.close(terminal)
    return stream
