"""The frame that somebody looks at is taken apart in a thread of its own: the screen goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .views import FrameView

Ready = Callable[[FrameView | Exception], None]
"""Told what the frame is, or why it cannot be read; called in the thread."""


class Looker:
    """Takes frames apart in a thread, one at a time; of what waits, only the newest wish counts."""

    def __init__(self, frame: Callable[[int], FrameView]) -> None:
        self._frame = frame
        self._wish: tuple[int, Ready] | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def wish(self, record: int, ready: Ready) -> None:
        """Take this frame apart next, and nothing that was wished for before and not begun."""
        with self._changed:
            self._wish = (record, ready)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="frame", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """End the thread, after its present frame."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._wish is None and not self._closed:
                    self._changed.wait()
                if self._closed or self._wish is None:
                    return
                (record, ready), self._wish = self._wish, None
            try:
                answer: FrameView | Exception = self._frame(record)
            except Exception as error:  # whoever asked decides what it means
                answer = error
            ready(answer)
