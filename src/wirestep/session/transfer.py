"""The analysis of TCP, kept up with a capture that is being indexed."""

from __future__ import annotations

import threading

from wirestep.capture import Capture
from wirestep.timeline.analysis import SLICE, TcpAnalysis, TcpView


class Transfer:
    """Judges what was indexed, a slice at a time; `view` may be used by any thread."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._analysis = TcpAnalysis()
        self._one = threading.Lock()

    @property
    def view(self) -> TcpView | None:
        """The rows judged so far; None before the first."""
        return self._analysis.view()

    def step(self) -> bool:
        """Judge one slice, some milliseconds; False where none waits.

        Small windows of a file that is still being read are put together: a slice costs about the
        same for a hundred segments as for ten thousand.
        """
        capture = self._capture
        waiting = capture.count - self._analysis.done
        if not waiting:
            return False
        if waiting < SLICE and not capture.finished and capture.feed.ready():
            return False
        return self._extend()

    def finish(self) -> TcpView | None:
        """Judge all that is indexed, here and now."""
        while self._extend():
            pass
        return self.view

    def _extend(self) -> bool:
        with self._one:
            columns = self._capture.columns
            if self._analysis.done == len(columns):
                return False
            self._analysis.extend(columns, self._frame, SLICE)
            return True

    def _frame(self, row: int) -> bytes:
        return self._capture[row].data
