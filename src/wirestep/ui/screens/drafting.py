"""The ladder is worked out beside the screen: that of a long capture takes a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wirestep.timeline.ladder import Ladder

if TYPE_CHECKING:
    from wirestep.session import Session

SELDOM = 0.1
"""Seconds between two ladders of one conversation, at least."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a conversation's ladder is at a moment."""

    flow: int | None
    ladder: Ladder | None
    """None while too little is decoded."""
    lanes: Mapping[int, int]
    """By record: the step that shows it."""
    problem: str = ""
    """Why there is none, where the file could not be read."""


class Drafter:
    """Asks a session for ladders in a thread, one at a time, and only when something is new."""

    def __init__(self, session: Session, run: Callable[[Callable[[], None]], object]) -> None:
        self._session = session
        self._run = run
        self._next = 0.0
        self._asked: tuple[object, ...] = ()
        self._flow: int | None = -2
        self._busy = False
        self._ready: Draft | None = None
        self._last: Draft | None = None
        self._since = 0.0

    def look(self, flow: int | None, record: int) -> Draft | None:
        """A ladder that is newly there, or None; asks for the next one."""
        ready, self._ready = self._ready, None
        if ready is not None:
            self._last = ready
        if not self._busy:
            self._ask(flow, record)
        return ready if ready is not None and ready.flow == flow else None

    @property
    def late(self) -> float:
        """Seconds that the screen has been waiting for the ladder of another conversation."""
        known = self._last is not None and self._last.flow == self._flow
        return 0.0 if known else time.monotonic() - self._since

    def _ask(self, flow: int | None, record: int) -> None:
        now, session = time.monotonic(), self._session
        if flow != self._flow:
            self._flow, self._since = flow, now
        elif now < self._next:
            return
        key = (flow, record, session.version, session.naming, session.total)
        missing = self._last is None or self._last.ladder is None
        if not session.total or (key == self._asked and not missing):
            return
        self._asked, self._busy = key, True
        self._run(lambda: self._work(flow, record))

    def _work(self, flow: int | None, record: int) -> None:
        """In the thread: the one thing that it shares is set last."""
        started = time.monotonic()
        try:
            drawn, problem = self._session.ladder(flow, record), ""
        except OSError as error:
            drawn, problem = None, f"{self._session.title}: {error.strerror or error}"
        lanes = _lanes(drawn) if drawn is not None else {}
        took = time.monotonic() - started
        self._next = time.monotonic() + max(SELDOM, 10 * took)
        self._ready = Draft(flow, drawn, lanes, problem)
        self._busy = False


def _lanes(drawn: Ladder) -> dict[int, int]:
    lanes: dict[int, int] = {}
    for step in drawn.steps:
        for record in (step.record, *step.records):
            lanes.setdefault(record, step.parent)
    return lanes
