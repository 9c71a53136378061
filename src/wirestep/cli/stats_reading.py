"""Reading a capture for its statistics: columns and TCP analysis, nothing decoded."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wirestep.capture import Capture, Columns, NotACapture, load, open_capture
from wirestep.capture.arrays import Array
from wirestep.timeline.analysis import TcpAnalysis, TcpView

from .arguments import Wrong

PATIENCE = 0.7
"""Seconds before something is said about how far it has come."""
AT_ONCE = 100_000
"""Packets analysed in one go, at least: many small goes cost more."""
BEAT = 0.2
"""Seconds between two such lines."""


@dataclass(frozen=True, slots=True)
class Read:
    """A capture, indexed and analysed."""

    title: str
    format: str
    problem: str
    """Why it ended early, "" if it did not."""
    columns: Columns
    view: TcpView
    rows: Array | None = None
    """What the filter lets through; None for all."""


class Waiting:
    """Says on standard error how far long work has come, where somebody sits before it."""

    def __init__(self) -> None:
        self._begun = self._told = time.monotonic()
        self._shown = False
        self._wanted = sys.stderr is not None and sys.stderr.isatty()

    def tell(self, what: str, share: float | None) -> None:
        """What is going on, and how much of it is done (0 to 1)."""
        now = time.monotonic()
        if not self._wanted or now - self._begun < PATIENCE or now - self._told < BEAT:
            return
        self._told, self._shown = now, True
        done = "" if share is None else f" {share:.0%}"
        print(f"\r{what}{done}\x1b[K", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Takes the line away again."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def waiting() -> Iterator[Waiting]:
    """A `Waiting` that leaves nothing behind, however it ends."""
    told = Waiting()
    try:
        yield told
    finally:
        told.clear()


def resolved(path: str) -> str:
    """A file's path; a bundled capture may be called by its name alone."""
    if path == "-" or os.path.exists(path):
        return path
    from wirestep.session import find_bundled

    return find_bundled(path) or path


def read(path: str, told: Waiting) -> Read:
    """Index and analyse the capture.

    Raises:
        Wrong: it is no capture, or cannot be read.
    """
    stream = sys.stdin.buffer if path == "-" else None
    try:
        capture = open_capture(resolved(path), stream=stream)
    except NotACapture as error:
        raise Wrong(str(error)) from None
    except OSError as error:
        raise Wrong(f"{path}: {error.strerror or error}") from None
    analysis = TcpAnalysis()

    def bytes_of(row: int) -> bytes:
        return capture[row].data

    analysed = 0
    for count in load(capture):
        if count - analysed >= AT_ONCE:
            analysis.extend(capture.columns, bytes_of)
            analysed = count
        told.tell(f"reading {capture.name}", share_of(capture))
    analysis.extend(capture.columns, bytes_of)
    view = analysis.view()
    assert view is not None
    return Read(capture.name, capture.format, capture.problem, capture.columns, view)


def share_of(capture: Capture) -> float | None:
    """How much of the file is read, 0 to 1; None where its size is not known."""
    total = capture.bytes_total
    return capture.bytes_done / total if total else None
