"""Statistics of what is open: worked out in the background, answered with frozen tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from wirestep.capture import Capture, Columns
from wirestep.capture.arrays import Array
from wirestep.decode.contract import Registry
from wirestep.decode.secrets import Secrets
from wirestep.timeline.analysis import MARK_FIELDS, MARK_SEVERITY, TcpView
from wirestep.timeline.statistics.expert import (
    Finding,
    expert_table,
    findings,
    ranked,
)
from wirestep.timeline.statistics.lengths import lengths
from wirestep.timeline.statistics.other_tables import length_table
from wirestep.timeline.statistics.round_trips import Track, samples, throughput, track
from wirestep.timeline.statistics.series import Series, interval_of, series, span_of
from wirestep.timeline.statistics.tables import Table
from wirestep.timeline.statistics.talk_tables import conversation_table, endpoint_table
from wirestep.timeline.statistics.totals import Totals, totals

from . import surveying
from .surveying import Survey, Swept

SLICE = 128
"""Frames decoded in one go; some milliseconds."""
STALE = 20
"""While a capture grows, an answer is made anew when a twentieth has been added."""
FIELDS = {int(mark): name for mark, name in MARK_FIELDS.items()}
SEVERITIES = {int(mark): name for mark, name in MARK_SEVERITY.items()}


class Ask(NamedTuple):
    """A question."""

    view: str
    """ "hierarchy", "conversations", "endpoints", "io", "rtt", "throughput", "lengths",
    "expert"."""
    level: str = ""
    """Of conversations and endpoints."""
    shown: bool = False
    """Count only the packets that the display filter shows."""
    intervals: int = 0
    """Over time: about how many intervals."""
    interval: int = 0
    """Over time: nanoseconds of one; 0 for whatever makes `intervals`."""
    flow: int = -1
    """Over time: one conversation, -1 for all."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What is known; all text is safe."""

    ask: Ask
    totals: Totals
    """Of the packets counted."""
    table: Table | None = None
    lines: tuple[tuple[str, Series], ...] = ()
    """Over time: (name, counts)."""
    track: Track | None = None
    """Round trips over time."""
    findings: tuple[Finding, ...] = ()
    share: float = 1.0
    """How much of the capture is in it, 0 to 1."""


class Statistics:
    """Answers questions about a capture that may still be growing.

    `ask` is for the foreground; `step` is a job of the background thread.
    """

    def __init__(
        self,
        capture: Capture,
        tools: Callable[[], tuple[Registry, Secrets]],
        view: Callable[[], TcpView | None],
        shown: Callable[[], Array | None],
        wake: Callable[[], None],
    ) -> None:
        self._capture = capture
        self.shown = shown
        """int64[n]: the packets that the display filter shows; None for all."""
        self.view = view
        """The TCP analysis as far as it has come; None before it has begun."""
        self._tools, self._wake = tools, wake
        self._answers: dict[Ask, tuple[tuple[object, ...], Answer]] = {}
        self._wishes: dict[Ask, None] = {}
        self._survey: Survey | Swept | None = None

    def ask(self, question: Ask) -> tuple[Answer | None, bool]:
        """(the latest answer, whether a newer one is being worked out)."""
        state = self._state(question)
        made = self._answers.get(question)
        whole = made is not None and made[1].share >= 1.0
        if made is not None and whole and not self._old(made[0], state):
            return made[1], False
        if question not in self._wishes:
            self._wishes[question] = None
            self._wake()
        return (made[1] if made else None), True

    def forget(self) -> None:
        """Nobody looks any more: nothing needs to be worked out."""
        self._wishes.clear()

    def ends(self, flow: int) -> str:
        """Who talks in a conversation: "first sender ↔ B other end"."""
        first, other = self._capture.columns.flows.ends(flow)
        return f"{first} ↔ B {other}"

    def first_at(self, start: int, stop: int) -> int:
        """The first packet in [start, stop), ns since the epoch; -1 where there is none."""
        time = self._capture.columns.time
        found = np.flatnonzero((time >= start) & (time < stop))
        return int(found[0]) if len(found) else -1

    def step(self) -> bool:
        """Work out one answer, or a slice of what it needs; False where nobody waits for any."""
        wishes = list(self._wishes)
        if not wishes:
            return False
        question = wishes[-1]
        decoded = question.view in ("hierarchy", "expert") and self._decode(question)
        state = self._state(question)
        made = self._answers.get(question)
        if made is not None and not self._old(made[0], state):
            return decoded
        answer = self._answer(question)
        self._answers[question] = (state, answer)
        while len(self._answers) > 16:
            del self._answers[next(iter(self._answers))]
        if answer.share >= 1.0 or question.view not in ("hierarchy", "expert"):
            self._wishes.pop(question, None)
        return True

    def _decode(self, question: Ask) -> bool:
        """Decode a slice more, where the question wants it; False where there is none."""
        if question.view == "expert" and self._capture.count > surveying.NOTED:
            return False
        return self._surveyed().step(SLICE)

    def _surveyed(self) -> Survey | Swept:
        capture, known = self._capture, self._survey
        large = capture.finished and capture.count > surveying.NOTED
        if known is None or (large and isinstance(known, Survey)):
            registry, secrets = self._tools()
            known = Swept(capture, registry, secrets) if large else None
            known = self._survey = known or Survey(capture, registry, secrets)
        return known

    def _state(self, question: Ask) -> tuple[object, ...]:
        view, rows = self.view(), self.shown() if question.shown else None
        decoded = self._survey.done if self._survey is not None else 0
        return (
            self._capture.finished,
            None if rows is None else len(rows),
            -1 if rows is None or not len(rows) else int(rows[-1]),
            self._capture.count,
            view.done if view is not None else 0,
            decoded if question.view in ("hierarchy", "expert") else 0,
        )

    def _old(self, made: tuple[object, ...], now: tuple[object, ...]) -> bool:
        """Whether an answer made in one state is too old for another."""
        if made == now:
            return False
        if made[:3] != now[:3]:
            return True
        for before, after in zip(made[3:], now[3:], strict=True):
            assert isinstance(before, int)
            assert isinstance(after, int)
            if after - before > before // STALE or (
                after == self._capture.count and after > before
            ):
                return True
        return False

    def _answer(self, question: Ask) -> Answer:
        columns = self._capture.columns
        rows = self.shown() if question.shown else None
        if rows is not None:
            rows = rows[: np.searchsorted(rows, len(columns))]
        whole = totals(columns, rows)
        if question.view == "hierarchy":
            survey = self._surveyed()
            table = survey.table(columns, rows)
            return Answer(question, whole, table, share=_share(survey.done, columns))
        if question.view == "expert":
            return self._expert(question, columns, rows, whole)
        if question.view in ("conversations", "endpoints"):
            make = conversation_table if question.view == "conversations" else endpoint_table
            return Answer(question, whole, make(columns, question.level, rows))
        if question.view == "lengths":
            return Answer(question, whole, length_table(lengths(columns, rows)))
        return self._over_time(question, columns, rows, whole)

    def _expert(self, ask: Ask, columns: Columns, rows: Array | None, whole: Totals) -> Answer:
        view = self.view()
        found = self._findings(columns, rows)
        share = _share(view.done if view is not None else 0, columns)
        if len(columns) <= surveying.NOTED:
            survey = self._surveyed()
            keep = None
            if rows is not None:
                keep = np.zeros(len(columns), bool)
                keep[rows] = True
            found = ranked((*found, *survey.notes.findings(keep)))
            share = min(share, _share(survey.done, columns))
        return Answer(ask, whole, expert_table(found), findings=found, share=share)

    def _findings(self, columns: Columns, rows: Array | None) -> tuple[Finding, ...]:
        view = self.view()
        marks = np.zeros(0, np.uint16) if view is None else view.marks[: len(columns)]
        return findings(columns, marks, FIELDS, SEVERITIES, rows)

    def _over_time(self, ask: Ask, columns: Columns, rows: Array | None, whole: Totals) -> Answer:
        span = span_of(columns)
        # A million intervals are plenty: finer ones could not be seen anyway.
        finest = interval_of(span[1] - span[0], 1_000_000)
        size = max(ask.interval or interval_of(span[1] - span[0], max(1, ask.intervals)), finest)
        if ask.view == "throughput":
            ways = throughput(columns, ask.flow, size, span) if ask.flow >= 0 else ()
            lines = tuple(zip(("A→B", "B→A"), ways, strict=False))
            return Answer(ask, whole, lines=lines)
        if ask.view == "rtt":
            return self._rtt(ask, columns, rows, whole, size, span)
        lines = tuple(
            (name, series(columns, some, size, span)) for name, some in self._curves(columns, rows)
        )
        return Answer(ask, whole, lines=lines)

    def _curves(self, columns: Columns, rows: Array | None) -> Iterator[tuple[str, Array | None]]:
        """What is drawn over time: all packets, what the filter shows, TCP's troubles."""
        yield "all packets", None
        shown = self.shown()
        if shown is not None:
            yield "shown", shown[: np.searchsorted(shown, len(columns))]
        view = self.view()
        if view is not None:
            bad = sum(bit for bit, level in SEVERITIES.items() if level in ("warn", "note"))
            yield "TCP problems", np.flatnonzero(view.marks[: len(columns)] & bad)

    def _rtt(
        self,
        ask: Ask,
        columns: Columns,
        rows: Array | None,
        whole: Totals,
        size: int,
        span: tuple[int, int],
    ) -> Answer:
        view = self.view()
        if view is None:
            return Answer(ask, whole, share=0.0)
        if ask.flow >= 0:
            mine = columns.rows_of(ask.flow)
            rows = mine if rows is None else np.intersect1d(mine, rows, assume_unique=True)
        found = samples(columns, view.ack_rtt[: len(columns)], rows)
        return Answer(ask, whole, track=track(found, size, span))


def _share(done: int, columns: Columns) -> float:
    """How much of the packets is done, 0 to 1."""
    return min(1.0, done / len(columns)) if len(columns) else 1.0
