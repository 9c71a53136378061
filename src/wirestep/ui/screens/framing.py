"""The selected packet is taken apart beside the screen, which shows it when it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from wirestep.session.views import FrameView
from wirestep.ui.painting import from_thread

if TYPE_CHECKING:
    from textual.app import App

    from wirestep.session import Session


class Framer:
    """Asks a session for the selected frame, and again while it is not settled."""

    def __init__(
        self, show: Callable[[FrameView], None], failed: Callable[[OSError], None]
    ) -> None:
        """`show` is called with frames of the packet asked for last."""
        self._show, self._failed = show, failed
        self._record = -1
        self._waiting = False
        self._version = -1
        """What the session knew when it was asked."""
        self._since = 0.0

    def look(self, app: App[object], session: Session, record: int, view: FrameView | None) -> None:
        """Ask for a frame where `view` is not all there is to say of it."""
        known = view is not None and view.record == record
        if known and view is not None and view.settled:
            self._record, self._waiting = record, False
            return
        asked = record == self._record
        if asked and (self._waiting or session.version == self._version):
            return
        self._record, self._waiting, self._version = record, True, session.version
        if not asked:
            self._since = time.monotonic()
        hand = from_thread(app)
        session.look(record, lambda answer: hand(lambda: self._take(record, answer)))

    def late(self, view: FrameView | None) -> float:
        """Seconds that the screen has been waiting for the selected frame."""
        shown = view is not None and view.record == self._record
        return 0.0 if shown or not self._waiting else time.monotonic() - self._since

    def _take(self, record: int, answer: FrameView | Exception) -> None:
        if record != self._record:
            return
        self._waiting = False
        if isinstance(answer, FrameView):
            self._show(answer)
        elif isinstance(answer, OSError):
            self._failed(answer)
        else:
            raise answer
