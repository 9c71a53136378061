"""The packet list of a session: its rows and their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from wirestep.capture import Capture
from wirestep.decode.lean import Wanted
from wirestep.model import Message

from .cells import DEFAULT, KNOWN, field_text
from .groups import WINDOW
from .marks import without_marks
from .near import Near
from .plain import plain_row
from .problems import SEALED, TCP, TOLD, words_of
from .rows import decoded_row
from .sorting import Sorting
from .verdicts import judged
from .views import Row
from .worker import Job

SCATTERED = 4
"""Rows of one question that are spread over so many times their number of records, and more than
a window, are decoded one by one."""


class Listing(Sorting):
    """Rows for the screen."""

    def __init__(
        self, capture: Capture, rules: Mapping[tuple[str, int], str] | None = None
    ) -> None:
        super().__init__(capture, rules)
        self._columns: tuple[str, ...] = DEFAULT
        self._near = Near(capture, self._groups.engine)
        self._near.forget(self._groups.always)

    def _jobs(self) -> tuple[Job, ...]:
        wishes, *rest = super()._jobs()
        return wishes, Job("near", self._work_near, share=16), *rest

    # the columns

    def show_columns(self, names: Sequence[str]) -> None:
        """Fill the cells of these columns from now on; fields make decoding begin anew."""
        wanted = frozenset(name for name in names if name not in KNOWN)
        with self._lock:
            self._columns = tuple(names)
            if wanted != self._groups.wanted:
                self._groups.want(wanted)
                self._near.forget(wanted | self._groups.always)
                self._wishes.clear()
            self.version += 1
        self._worker.wake()

    def _cells(self, record: int, messages: Sequence[Message] | None) -> tuple[str, ...]:
        """The texts of the columns; "" for those that are part of the row itself."""
        if self._columns == DEFAULT:
            return ()
        facts = self._facts()
        out = []
        for name in self._columns:
            known = KNOWN.get(name)
            if known is None:
                out.append(field_text(name, messages, self.registry) if messages else "")
            else:
                out.append(known.text(facts, record) if known.text is not None else "")
        return tuple(out)

    # rows

    def rows(self, start: int, stop: int) -> list[Row]:
        """Shown rows [start, stop); those not decoded yet are asked for."""
        with self._lock:
            stop = min(stop, self.count)
            records = [self.record_at(place) for place in range(start, stop)]
            near = not self._groups.whole and _scattered(records)
            return [self._row(record, near=near) for record in records]

    def row(self, record: int) -> Row:
        """The line of one record."""
        with self._lock:
            return self._row(record, near=False)

    def _row(self, record: int, *, near: bool) -> Row:
        messages = self._near_messages(record) if near else self._messages(record)
        if messages is None:
            self._running.look(self.capture.columns)
            row = plain_row(record, self.capture, self._running)
        else:
            row = decoded_row(record, messages, self.capture, self.registry, settled=True)
            if any(_closed(message, self._groups.always) for message in messages):
                row = row._replace(marks=(*row.marks, SEALED))
        row = self._judged(row)
        letter = self._marks.letters.get(record, "")
        commented = self._commented(record)
        cells = self._cells(record, messages)
        if letter or commented or cells:
            return row._replace(mark=letter, commented=commented, cells=cells)
        return row

    def _judged(self, row: Row) -> Row:
        """With what the analysis says of a segment, decoded or not."""
        columns, view = self.capture.columns, self.analysis
        if int(columns.transport[row.record]) != TCP:
            return row
        words = words_of(row.record, columns, view)
        if row.marks:
            # What is decoded from the middle on takes much for lost that is only not read.
            kept = row.marks if self._groups.whole else set(row.marks) - TOLD
            words = tuple(dict.fromkeys((*words, *(m for m in row.marks if m in kept))))
        settled = row.settled and view is not None and row.record < view.done
        if words == row.marks and settled == row.settled:
            return row
        return row._replace(marks=words, settled=settled)

    def _commented(self, record: int) -> bool:
        texts = self._marks.comments.get(record)
        if texts is None and self.capture.columns.options[record]:
            texts = without_marks(self.capture[record].comments)
        return bool(texts)

    def _messages(self, record: int) -> Sequence[Message] | None:
        """What `record` completed, if it is decoded; else it is wished for."""
        looked_at = self._groups.looked_at(record)
        if looked_at is not None:
            messages = looked_at.messages(record)
            if messages is not None:
                return messages
        return self._wish(self._groups.window_key(record)).messages(record)

    def _near_messages(self, record: int) -> Sequence[Message] | None:
        """As `_messages`, of a record whose neighbours nobody looks at."""
        messages = self._near.messages(record)
        if messages is None:
            self._near.wish(record)
            self._worker.wake()
        return messages

    def _learn_secrets(self, log: bytes) -> None:
        super()._learn_secrets(log)
        with self._lock:
            self._near.forget(self._near.wanted)

    def _work_near(self) -> bool:
        return self._near.step()


def _closed(message: Message, names: Wanted) -> bool:
    """Whether an encrypted unit in it stays closed."""
    said = judged(message, names) if message.values else None
    return said is not None and not said[0]


def _scattered(records: Sequence[int]) -> bool:
    """Whether decoding all of the capture between these records would be a waste."""
    if len(records) < 2:
        return False
    span = int(np.ptp(records)) + 1
    return span > max(WINDOW, SCATTERED * len(records))
