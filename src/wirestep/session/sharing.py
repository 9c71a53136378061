"""Work on conversations, shared out among processes where that is safe and pays.

A process is a copy of this one (fork): it has the index and the secrets already, and shares the
memory they are in. Only a program that has no other thread is copied, and only where copying is
known to be sound; everywhere else the work is done here.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any

import numpy as np

from wirestep.capture.columns import Columns

WORTH = 20_000
"""Packets from which on more than one process is used."""
MOST = 8
"""Processes, at most."""

AHEAD = 1 << 20
"""Bytes by which a process may be ahead of the others."""
SELDOM = 50_000, 20, 20
"""How seldom a process looks for cyclic garbage: messages are none, and come by the thousand."""

Steps = Iterator[Any]
"""What work comes to, step by step; whatever can be pickled."""


class Failed(Exception):
    """A process ended before its work was done."""


def processes(columns: Columns) -> int:
    """How many processes to use."""
    alone = threading.active_count() == 1 and sys.platform == "linux"
    if not alone or len(columns) < WORTH:
        return 1
    return min(MOST, len(os.sched_getaffinity(0)))


def shares(columns: Columns, count: int, bound: Sequence[Sequence[int]] = ()) -> list[list[int]]:
    """All conversations in `count` parts of about as many bytes, the large ones first.

    Those that are `bound` to each other stay together.
    """
    flow, size = columns.flow >> 1, np.maximum(columns.payload_length, 0)
    known = flow >= 0
    weight = np.bincount(flow[known], size[known] + 64, minlength=len(columns.flows))
    parts: list[list[int]] = [[] for _ in range(count)]
    held = [0.0] * count
    free = np.ones(len(weight), bool)
    for some in bound:
        free[list(some)] = False
    order = np.argsort(-weight, kind="stable")
    for one in [*map(list, bound), *([flow] for flow in order[free[order]].tolist())]:
        least = held.index(min(held))
        parts[least] += one
        held[least] += float(weight[one].sum())
    return parts


def together(work: Callable[[Sequence[int]], Steps], parts: Sequence[Sequence[int]]) -> Steps:
    """What all parts come to: lists, one for each step; all parts have as many steps.

    Raises:
        Failed: a process was ended from outside, or by a fault of ours.
    """
    if len(parts) == 1:
        for found in work(parts[0]):
            yield [found]
        return
    copies = [_Copy(work, part) for part in parts]
    try:
        while True:
            step = [copy.next() for copy in copies]
            if any(not more for more, _ in step):
                return
            yield [found for _, found in step]
    finally:
        for copy in copies:
            copy.end()


class _Copy:
    """A process that works on its part; it waits where nobody has taken what it found."""

    def __init__(self, work: Callable[[Sequence[int]], Steps], part: Sequence[int]) -> None:
        readable, writable = os.pipe()
        _widen(readable)
        self._process = os.fork()
        if not self._process:
            os.close(readable)
            with os.fdopen(writable, "wb") as out:
                _work(work(part), out)
        os.close(writable)
        self._read = os.fdopen(readable, "rb")

    def next(self) -> tuple[bool, Any]:
        """(whether there is one more step, what it came to)."""
        try:
            more, found = pickle.load(self._read)  # written by our own copy
        except EOFError:
            raise Failed("a process that decoded conversations was ended") from None
        return more, found

    def end(self) -> None:
        """Nobody wants more of it."""
        self._read.close()
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def _widen(pipe: int) -> None:
    """Let a pipe hold more, where the system allows that."""
    import fcntl  # not there on every system

    with suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, AHEAD)


def _work(steps: Steps, out: IO[bytes]) -> None:
    """Write all steps, and never come back."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever reads is told, and ends us
        gc.freeze()  # what was there before is shared: looking through it would copy it
        gc.set_threshold(*SELDOM)
        for found in steps:
            pickle.dump((True, found), out, pickle.HIGHEST_PROTOCOL)
            out.flush()
        pickle.dump((False, None), out)
        out.flush()
        status = 0
    except BaseException as error:
        print(f"wirestep: {type(error).__name__}: {error}", file=sys.stderr)
    finally:
        os._exit(status)
