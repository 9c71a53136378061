"""A display filter at work: all packets judged by their columns at once, what is left decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from wirestep.capture import Capture
from wirestep.capture.arrays import Array, Growing
from wirestep.decode.contract import Registry
from wirestep.decode.secrets import Secrets
from wirestep.timeline.analysis import MARK_FIELDS, TcpView
from wirestep.timeline.select import Filter
from wirestep.timeline.select_plan import MAYBE, YES, Rows, Scope, plan, tunnels

from .deciding import ByConversation, Decided, InOrder, Task
from .scanning import windows

BLOCK = 1 << 16
"""Rows judged at once."""
MARKS = {name: int(mark) for mark, name in MARK_FIELDS.items()}


class Sieve:
    """The records that a filter lets through, as far as they have been judged.

    Made, and asked to `judge`, by one thread; from then on `step` belongs to the worker.
    """

    def __init__(
        self,
        capture: Capture,
        registry: Registry,
        secrets: Secrets,
        wish: Filter,
        *,
        near: int = 0,
        whole: Callable[[], bool] = lambda: True,
        analysis: Callable[[], TcpView | None] | None = None,
        before: Sieve | None = None,
    ) -> None:
        """`near`: the record people look at; `whole`: whether the capture is decoded as one.

        Without an `analysis` of TCP, what it would tell is decoded. `before` is the sieve that
        this one takes the place of.
        """
        self.capture, self.secrets, self._near = capture, secrets, near
        self._whole, self._analysis = whole, analysis
        self.plan = plan(wish, registry, {} if analysis is None else MARKS)
        self._task = Task(capture, registry, secrets, wish, self.plan)
        self._tunnels = tunnels(registry)
        self._truth = Growing({"truth": ("u1", 1)})
        self._left = 0
        """Rows that are MAYBE."""
        self._read = 0
        """Rows below this one have been judged by their bytes, where that helps."""
        self._steps: Iterator[Decided] | None = None
        """The decoding that is under way."""
        self._in_order: InOrder | None = None
        self._by_conversation: ByConversation | None = None
        self._secrets = secrets.count
        self._seen: Scope | None = None if before is None else before._seen
        """What was judged last."""
        self._changes = 0
        self._known: tuple[int, Array] = (-1, np.zeros(0, np.int64))
        """(changes when it was taken, rows)."""

    @property
    def rows(self) -> Array:
        """int64: the records that match so far, in order; later ones may come in between."""
        changes, rows = self._known
        if changes != self._changes:
            changes, count = self._changes, self._truth.count
            rows = np.flatnonzero(self._truth["truth"][:count] == YES)
            self._known = changes, rows
        return rows

    @property
    def done(self) -> int:
        """Records that have been judged."""
        return self._truth.count - self._left

    @property
    def finished(self) -> bool:
        """All records that are indexed have been judged."""
        return self.done >= self.capture.count

    def judge(self) -> bool:
        """Judge all new records by their columns; False where there are none."""
        count = start = self._truth.count
        stop = self.capture.count
        if self.plan.marks:
            view = self._view()
            stop = 0 if view is None else min(stop, view.done)
        if start >= stop:
            return False
        self._truth.reserve(stop)
        scope = self._scope()
        for start in range(count, stop, BLOCK):
            rows = slice(start, min(start + BLOCK, stop))
            found = self.plan.judge(Rows(scope, rows))
            self._truth["truth"][rows] = found
            self._left += int(np.count_nonzero(found == MAYBE))
            self._truth.count = rows.stop
        self._changes += 1
        return True

    def step(self) -> bool:
        """A slice of the work that is left; False where there is none for now."""
        if self._secrets != self.secrets.count:
            self._begin_anew()
        if self.judge():
            return True
        if not self._left:
            return False
        if self._steps is None:
            if not self._worth_it():
                return False
            self._steps = self._decide()
        found = next(self._steps, None)
        if found is None:
            self._steps = None
        else:
            self._take(found)
        return True

    def _begin_anew(self) -> None:
        """New secrets: what could not be read may be readable now."""
        self._secrets = self.secrets.count
        if self._steps is None and self._in_order is None and self._by_conversation is None:
            return
        self._steps = self._in_order = self._by_conversation = None
        self._truth.count = self._left = self._read = 0

    def _worth_it(self) -> bool:
        """While a file is read, conversations are begun only where much is new."""
        capture = self.capture
        waits = capture.finished or not capture.feed.ready()
        return waits or self._whole() or 2 * self._left >= capture.count

    def _take(self, found: Decided) -> None:
        truth = self._truth["truth"]
        new = truth[found.rows] == MAYBE
        truth[found.rows[new]] = found.truth[new]
        decided = int(np.count_nonzero(found.truth[new] != MAYBE))
        if decided:
            self._left -= decided
            self._changes += 1

    def _decide(self) -> Iterator[Decided]:
        """Everything that is MAYBE now, in slices."""
        if self.plan.reads:
            yield from self._by_bytes()
        asked = self._truth["truth"][: self._truth.count] == MAYBE
        if self._whole() and asked.any():
            if self._in_order is None:
                self._in_order = InOrder(self._task)
            yield from self._in_order.decide(np.flatnonzero(asked))
        elif asked.any():
            if self._by_conversation is None:
                self._by_conversation = ByConversation(self._task)
            yield from self._by_conversation.decide(asked, self._scope(), self._near)

    def _by_bytes(self) -> Iterator[Decided]:
        truth = self._truth["truth"][self._read : self._truth.count]
        rows, scope = np.flatnonzero(truth == MAYBE) + self._read, self._scope()
        self._read = self._truth.count
        for window in windows(self.capture, rows):
            yield Decided(window.rows, self.plan.judge(Rows(scope, window.rows, window)))

    def _view(self) -> TcpView | None:
        return None if self._analysis is None else self._analysis()

    def _scope(self) -> Scope:
        view = self._view() if self.plan.marks else None
        marks = np.zeros(0, np.uint16) if view is None else view.marks
        scope = Scope(self.capture.columns, marks, self._tunnels)
        if self._seen is not None:
            scope.learn(self._seen)
        self._seen = scope
        return scope
