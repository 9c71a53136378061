"""What `wirestep stats` asks of a session: a filter, the hierarchy, what decoders noted."""

from __future__ import annotations

import sys
import time

from wirestep.session import Session, Unreadable
from wirestep.session.statistics import Ask
from wirestep.timeline.analysis import TcpAnalysis
from wirestep.timeline.select import BadFilter
from wirestep.timeline.statistics.tables import Table

from .arguments import Wrong
from .files import key_log, resolved
from .stats_arguments import Wish
from .stats_reading import Read, Waiting

BEAT = 0.005
"""Seconds between two looks at what the session's thread has done."""


def found_with_session(wish: Wish, told: Waiting) -> tuple[Read, list[Table] | None]:
    """The capture, and the tables of a view that only decoding can fill, else None.

    Raises:
        Wrong: the capture or the filter cannot be read.
    """
    session = _opened(wish)
    try:
        if wish.filter:
            session.set_filter(wish.filter)
    except BadFilter as error:
        raise Wrong(f"-Y: {error}") from None
    session.start()
    _wait(session, told)
    rows = session.statistics.shown()
    made = None
    if wish.view in ("hierarchy", "expert"):
        made = [_decoded(session, Ask(wish.view, shown=bool(wish.filter)), told)]
    capture, problem = session.capture, session.progress().problem
    view = session.statistics.view()
    if view is None:  # there was no packet
        analysis = TcpAnalysis()
        analysis.extend(capture.columns, lambda row: capture[row].data)
        view = analysis.view()
        assert view is not None
    return Read(session.title, capture.format, problem, capture.columns, view, rows), made


def _opened(wish: Wish) -> Session:
    assert wish.path is not None
    keylog = key_log(wish.keylog)
    stream = sys.stdin.buffer if wish.path == "-" else None
    try:
        path = resolved(wish.path)
        return Session.open(path, rules=dict(wish.rules), keylog=keylog, stream=stream)
    except Unreadable as error:
        raise Wrong(str(error)) from None


def _wait(session: Session, told: Waiting) -> None:
    """Until all is indexed, analysed and judged by the filter."""
    while True:
        progress, view = session.progress(), session.statistics.view()
        analysed = (0 if view is None else view.done) >= session.total
        if progress.finished and progress.filtering is None and analysed:
            return
        if progress.problem and not progress.finished:
            raise Wrong(f"{session.title}: {progress.problem}")
        told.tell(*_stage(progress.fraction, progress.filtering))
        time.sleep(BEAT)


def _stage(fraction: float | None, judged: float | None) -> tuple[str, float | None]:
    return ("filtering", judged) if fraction == 1.0 else ("reading", fraction)


def _decoded(session: Session, question: Ask, told: Waiting) -> Table:
    while True:
        answer, more = session.statistics.ask(question)
        if answer is not None and not more and answer.table is not None:
            return answer.table
        told.tell("decoding", answer.share if answer is not None else None)
        time.sleep(BEAT)
