"""Reading a capture for its statistics: columns and TCP analysis, nothing decoded."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wirestep.capture import Capture, Columns, NotACapture, load, open_capture
from wirestep.capture.arrays import Array
from wirestep.timeline.analysis import SLICE, TcpAnalysis, TcpView

from .arguments import Wrong
from .files import resolved

PATIENCE = 0.7
"""Seconds before something is said about how far it has come."""
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
    with Analysing(capture) as analysing:
        for _ in load(capture):
            analysing.wake()
            told.tell(f"reading {capture.name}", share_of(capture))
    return Read(capture.name, capture.format, capture.problem, capture.columns, analysing.view())


class Analysing:
    """The analysis of TCP, in a thread of its own while the capture is indexed."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._analysis = TcpAnalysis()
        self._asked = 0
        self._jobs: queue.SimpleQueue[tuple[Columns, int] | None] = queue.SimpleQueue()
        """(the packets so far, how many of those that were not analysed yet to analyse)."""
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="analyse", daemon=True)

    def __enter__(self) -> Analysing:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._ask(self._capture.count - self._asked)
        self._jobs.put(None)
        if kind is None:
            self._thread.join()

    def wake(self) -> None:
        """There are more packets; whole slices of them are analysed."""
        slices = (self._capture.count - self._asked) // SLICE
        if slices:
            self._ask(slices * SLICE)

    def view(self) -> TcpView:
        """What was found, once the end was reached."""
        if self._error is not None:
            raise self._error
        view = self._analysis.view()
        assert view is not None
        return view

    def _ask(self, more: int) -> None:
        self._asked += more
        self._jobs.put((self._capture.columns, more))

    def _work(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                columns, more = job
                self._analysis.extend(columns, self._frame, more)
        except BaseException as error:  # it is raised where the view is asked for
            self._error = error

    def _frame(self, row: int) -> bytes:
        return self._capture[row].data


def share_of(capture: Capture) -> float | None:
    """How much of the file is read, 0 to 1; None where its size is not known."""
    total = capture.bytes_total
    return capture.bytes_done / total if total else None
