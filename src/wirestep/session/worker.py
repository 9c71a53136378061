"""The work in the background: a table of jobs, the most urgent first, and their thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

PAUSE = 0.0003
"""Seconds between two slices: a thread that never rests leaves the screen no chance."""
NAP = 0.2
"""Seconds until somebody who has nothing to do looks again."""


class Job(NamedTuple):
    """A kind of work that is done in slices."""

    name: str
    step: Callable[[], bool]
    """Does one slice, some milliseconds, not under the session's lock; False where none waits."""
    share: int = 1
    """Slices in a row before the jobs below it have theirs."""


class Worker:
    """Does the jobs of a table, in this thread or in one of its own, never in two at once."""

    def __init__(self, jobs: Sequence[Job], done: Callable[[], None]) -> None:
        """`done` is told after every slice."""
        self._jobs, self._done = tuple(jobs), done
        self._used = [0] * len(self._jobs)
        self._one = threading.Lock()
        self._awake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def step(self) -> bool:
        """One slice of the most urgent job; False where nothing waits.

        A job that has used up its share waits until those below it had theirs.
        """
        with self._one:
            for _ in range(2):
                for place, job in enumerate(self._jobs):
                    if self._used[place] < job.share and job.step():
                        self._used[place] += 1
                        self._done()
                        return True
                if not any(self._used):
                    return False
                self._used = [0] * len(self._jobs)
            return False

    def start(self, failed: Callable[[OSError], None]) -> None:
        """Begin a thread; it ends where a file cannot be read any more, and says so."""
        self._thread = threading.Thread(
            target=self._run, args=(failed,), name="session", daemon=True
        )
        self._thread.start()

    def wake(self) -> None:
        """There is work."""
        self._awake.set()

    def close(self) -> None:
        """End the thread, after its present slice."""
        self._closed = True
        self._awake.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, failed: Callable[[OSError], None]) -> None:
        while not self._closed:
            try:
                working = self.step()
            except OSError as error:
                failed(error)
                return
            if working:
                time.sleep(PAUSE)
            else:
                self._awake.wait(NAP)
                self._awake.clear()
