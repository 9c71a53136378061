"""`wirestep export`: a capture as other programs want it."""

from __future__ import annotations

import argparse
import os
import sys
import time

from wirestep.capture.arrays import Array
from wirestep.session import Session
from wirestep.session.exporting import (
    BINARY,
    NoExport,
    Wish,
    ending,
    export,
    export_file,
    told,
)

from .arguments import Wrong
from .decode import filter_of

PATIENCE = 0.7
"""Seconds after which progress is shown."""
BEAT = 0.1
STANDARD = "-"
DRAWN = ("mermaid", "markdown", "svg", "text")


def run_export(session: Session, options: argparse.Namespace) -> None:
    """Write what the options ask for, to a file or to standard output.

    Raises:
        Wrong: it cannot be done, or not be written.
    """
    if options.flow is not None and not 0 <= options.flow < session.conversation_count:
        count = session.conversation_count
        raise Wrong(f"there is no conversation {options.flow}; there are {count}, from 0")
    out = options.out or f"{_stem(session)}.{ending(options.form)}"
    if options.form in BINARY and out == STANDARD and sys.stdout.isatty():
        raise Wrong(f"{options.form} is no text: name a file with -o, or pipe it on")
    progress = Progress(options.form)
    try:
        rows = _filtered(session, options, progress)
        wish = Wish(options.form, options.flow, rows, options.secrets, options.fields, options.fold)
        if options.form in DRAWN:
            session.settle()
        if out == STANDARD:
            steps = export(session, wish, sys.stdout.buffer, session.settle)
        else:
            steps = export_file(session, wish, out, session.settle, force=options.force)
        for done in steps:
            progress.show(done)
        if out == STANDARD:
            sys.stdout.buffer.flush()
    except NoExport as error:
        raise Wrong(str(error)) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        where = "standard output" if out == STANDARD else out
        raise Wrong(f"{where} cannot be written: {error.strerror or error}") from None
    finally:
        progress.end()
    if options.secrets or out != STANDARD:
        where = "" if out == STANDARD else f"{out}: "
        print(f"wirestep: {where}{told(wish)}", file=sys.stderr)


def _stem(session: Session) -> str:
    """A file in this folder, called as the capture is."""
    name = os.path.basename(session.path or "") or "capture"
    for tail in (".gz", ".zst", ".lz4", ".pcapng", ".pcap", ".cap"):
        name = name.removesuffix(tail)
    return name


def _filtered(session: Session, options: argparse.Namespace, progress: Progress) -> Array | None:
    """The records that pass the filter, or None for all."""
    if filter_of(options.filter, session) is None:
        return None
    session.set_filter(options.filter)
    while (done := session.progress().filtering) is not None:
        if not session.work():
            break
        progress.show(done)
    return session.shown()


class Progress:
    """A line on a terminal that says how far it is, where that takes long."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._last = 0.0
        self._shown = False
        self._wanted = sys.stderr is not None and sys.stderr.isatty()

    def show(self, done: float) -> None:
        """So much is done (0 to 1), or something."""
        now = time.monotonic()
        if not self._wanted or now - self._began < PATIENCE or now - self._last < BEAT:
            return
        self._last, self._shown = now, True
        share = f"{100 * done:3.0f} %" if done >= 0 else "writing"
        print(f"\r{self._what}: {share} ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
