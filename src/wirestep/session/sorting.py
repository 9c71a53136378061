"""The packet list in the order of a column, worked out in the background."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wirestep.capture import Capture
from wirestep.capture.arrays import Array
from wirestep.model import Message, safe

from .cells import KNOWN, Facts, field_value
from .groups import WHOLE, Key
from .near import Near
from .ordering import Basis, CannotSort, Order, Sorted, order_of, order_of_values
from .rows import decoded_row
from .running import Running
from .views import Column
from .workbench import Workbench
from .worker import Job

GATHERED = 256
"""Rows whose texts are gathered in one slice, to sort by them."""
READ = 2
"""The same, where each row has to be decoded for it."""
PATIENCE = 10
"""While rows still come, the list is sorted anew after so many times what that took."""


@dataclass(slots=True)
class _Gathering:
    """Values of decoded rows, on the way to be sorted by."""

    basis: tuple[object, ...]
    values: list[int | str | None]


class Sorting(Workbench):
    """Where each record stands in the list."""

    def __init__(
        self, capture: Capture, rules: Mapping[tuple[str, int], str] | None = None
    ) -> None:
        super().__init__(capture, rules)
        self.order: Order | None = None
        """By what the rows are sorted, or soon will be; None for the order of the file."""
        self.order_problem = ""
        """Why an order was given up: a sentence, or ""."""
        self.order_version = 0
        """Changes whenever rows have changed their places."""
        self._sorted: Sorted | None = None
        self._down = False
        """Whether the rows as sorted last are shown from the greatest on."""
        self._behind: tuple[Sorted | None, int, Array] = (None, 0, np.zeros(0, np.int64))
        """(the sorted list, rows shown, those of them that are not in it)."""
        self._again = 0.0
        """Seconds of the clock at which rows that came meanwhile may be sorted in."""
        self._gathering: _Gathering | None = None
        self._running = Running()
        self._scattered = Near(capture, self._groups.engine)

    def _jobs(self) -> tuple[Job, ...]:
        jobs = super()._jobs()
        at = [job.name for job in jobs].index("loading")
        sort, learn = Job("sort", self._work_sort), Job("learn", self._work_learn)
        return *jobs[:at], sort, *jobs[at:], learn

    def _work_learn(self) -> bool:
        # Asked before the columns are: what is finished then is all there is.
        finished = self.capture.finished
        return self._running.learn(self.capture.columns, finished=finished)

    # what columns there are

    def column(self, name: str) -> Column:
        """What a column is: a known one, or a field by its filter name."""
        known = KNOWN.get(name)
        if known is not None:
            return Column(name, known.title, known.about, known.right, known.key is not None)
        return Column(safe(name), safe(name), "", False, False)

    def about_column(self, name: str) -> str:
        """What stands in a column, in some words; safe."""
        if name in KNOWN:
            return KNOWN[name].about
        return safe(self.registry.info(name).title) if name in self.registry.fields else ""

    def _facts(self) -> Facts:
        columns = self.capture.columns
        self._running.look(columns)
        return Facts(self.capture, columns, self._running, self.analysis)

    def record_at(self, place: int) -> int:
        """The record in shown row `place`."""
        ready = self._ready()
        if ready is None:
            return self.in_time(place)
        if place < len(ready):
            return ready.record_at(place, down=self._down)
        if ready.shown is None:
            return place
        late = self._late(ready)
        return int(late[min(place - len(ready), len(late) - 1)])

    def place_of(self, record: int) -> int:
        """The shown row of `record`, or of the next one shown after it in time."""
        ready = self._ready()
        if ready is None:
            return self.time_place(record)
        nearest = self.in_time(self.time_place(record)) if self.count else record
        place = ready.place_of(nearest, down=self._down)
        if place >= 0:
            return place
        if ready.shown is None:
            return nearest
        return len(ready) + int(np.searchsorted(self._late(ready), nearest))

    def _late(self, made: Sorted) -> Array:
        """Rows that the filter let through since the list was sorted."""
        assert self._sieve is not None
        rows = self._sieve.rows
        known, count, late = self._behind
        if known is not made or count != len(rows):
            late = made.behind(rows)
            self._behind = (made, len(rows), late)
        return late

    # the order

    @property
    def sorting(self) -> bool:
        """The order that was asked for is not there yet; the one before is still shown."""
        order, made = self.order, self._ready()
        return order is not None and (made is None or made.column != order.column)

    def sort(self, order: Order | None) -> None:
        """Sort the rows, in the background; until it is done they stay as they are.

        Raises:
            CannotSort: the column is known of decoded packets only, and there are too many.
        """
        if order is not None:
            reason = self._unsortable(order.column)
            if reason:
                raise CannotSort(reason)
        made = self._sorted
        if order is None:
            self._sorted = None
        elif made is not None and made.column == order.column:
            self._down = order.down
        self.order, self.order_problem = order, ""
        self.order_version += 1
        self.version += 1
        self._worker.wake()

    def _unsortable(self, name: str) -> str:
        known = KNOWN.get(name)
        if (known is not None and known.key is not None) or self._groups.whole or self._few():
            return ""
        title = self.column(name).title
        return (
            f"{title} is known of decoded packets only: "
            f"more than {WHOLE:,} packets are not sorted by it".replace(",", " ")
        )

    def _few(self) -> bool:
        """The filter is done and shows so few packets that all of them can be decoded."""
        sieve = self._sieve
        return sieve is not None and self._at_rest() and len(sieve.rows) <= WHOLE

    def _ready(self) -> Sorted | None:
        """The list as sorted last, where that still is of what is shown."""
        made = self._sorted
        if self.order is None or made is None or made.basis.sieve is not self._sieve:
            return None
        return made

    def _work_sort(self) -> bool:
        order, made = self.order, self._sorted
        if order is None:
            return False
        sieve = self._sieve
        rows = None if sieve is None else sieve.rows
        known = KNOWN.get(order.column)
        judged = known is not None and known.judged
        done = self.analysis.done if judged and self.analysis is not None else 0
        basis = Basis(sieve, self.capture.count if rows is None else len(rows), done)
        if made is not None and made.column == order.column:
            if made.basis == basis:
                return False
            waits = judged and done < self.capture.count
            growing = made.basis.sieve is sieve and (waits or not self._at_rest())
            if growing and time.monotonic() < self._again:
                return False
        reason = self._unsortable(order.column)
        if reason:
            self.order, self.order_problem = None, reason
            self.order_version += 1
            return True
        started = time.monotonic()
        places = self._places(order.column, basis, rows)
        if places is None:
            return self._gathering is not None
        with self._lock:
            self._sorted = Sorted.made(order.column, basis, rows, places)
            # Turned round meanwhile, it is the wish that counts.
            self._down = self.order is not None and self.order.down
            self.order_version += 1
        now = time.monotonic()
        self._again = now + PATIENCE * (now - started)
        return True

    def _at_rest(self) -> bool:
        """No row will come."""
        sieve = self._sieve
        return self.capture.finished and (sieve is None or sieve.finished)

    def _places(self, name: str, basis: Basis, rows: Array | None) -> Array | None:
        """The places of the shown rows, sorted by a column; None while that is not known."""
        known = KNOWN.get(name)
        if known is None or known.key is None:
            return self._gathered(name, basis, rows)
        keys = known.key(self._facts())
        return order_of(keys[: basis.shown] if rows is None else keys[rows])

    def _gathered(self, name: str, basis: Basis, rows: Array | None) -> Array | None:
        """The same, by what is known of decoded packets only; a part of it at a time."""
        reading = None
        if self._groups.whole:
            with self._lock:
                reading = self._groups.reading(Key("all"))
            if reading.left:
                self._gathering = None
                return None
        made, key = self._gathering, (name, *basis, reading, self.secrets.count)
        if made is None or made.basis != key:
            made = self._gathering = _Gathering(key, [])
        start = len(made.values)
        some = READ if reading is None else GATHERED
        for place in range(start, min(basis.shown, start + some)):
            record = place if rows is None else int(rows[place])
            if reading is None:
                messages = self._scattered.read(record, self._groups.always | {name})
            else:
                messages = reading.messages(record) or ()
            made.values.append(self._value(name, record, messages))
        if len(made.values) < basis.shown:
            return None
        self._gathering = None
        return order_of_values(made.values)

    def _value(self, name: str, record: int, messages: Sequence[Message]) -> int | str | None:
        known = KNOWN.get(name)
        if known is None:
            return field_value(name, messages, self.registry)
        if known.text is not None:
            text = known.text(self._facts(), record)
            return int(text) if text.isdecimal() else text
        row = decoded_row(record, messages, self.capture, self.registry, settled=True)
        return row.protocol if name == "protocol" else row.info
