"""The first packets of a file, seen before anything that decodes is imported."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from typing import Self

from wirestep.capture import Capture, NotACapture, load, open_capture
from wirestep.model import safe

from .cells import DEFAULT, KNOWN
from .opening import Unreadable
from .overview import Overview
from .plain import plain_row
from .running import Running
from .views import Column, Progress, Row


class FirstLook:
    """What a `Session` would answer of the packets in the first bytes of its file.

    It stands in for the session while that is being made, some tenths of a second. Nothing is
    decoded, filtered or sorted; who asks for that has to wait.
    """

    version = 0
    order_version = 0
    filter_text = ""
    order_problem = ""
    naming = True
    reference: int | None = None
    order = None
    sorting = False
    changed = False
    exchange = None

    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.path = capture.path
        self.title = safe(capture.name)
        self.marks: Mapping[int, str] = {}
        self._overview = Overview()
        self._cells: tuple[str, ...] = ()
        self._running = Running()

    @classmethod
    def open(cls, path: str) -> Self | None:
        """Look into a file; None where that would take something away (a pipe, "-").

        Raises:
            Unreadable: it cannot be read or is no capture.
        """
        try:
            if path == "-" or not stat.S_ISREG(os.stat(path).st_mode):
                return None
            capture = open_capture(path)
            next(load(capture), 0)
        except NotACapture as error:
            raise Unreadable(safe(str(error))) from None
        except OSError as error:
            raise Unreadable(safe(f"{path}: {error.strerror or error}")) from None
        return cls(capture)

    def start(self) -> None:
        """Nothing is done in the background."""

    def close(self) -> None:
        """Close the file."""
        self.capture.close()

    @property
    def total(self) -> int:
        """Packets seen."""
        return self.capture.count

    @property
    def count(self) -> int:
        """Packets shown: all."""
        return self.capture.count

    @property
    def first_time(self) -> int:
        """Nanoseconds since the epoch of the first packet; 0 where there is none."""
        return int(self.capture.columns.time[0]) if self.capture.count else 0

    def progress(self) -> Progress:
        """It has only begun."""
        capture = self.capture
        share = capture.bytes_done / capture.bytes_total if capture.bytes_total else None
        return Progress(capture.count, False, share, 0, None, "")

    def time_of(self, record: int) -> int:
        """Nanoseconds since the epoch."""
        return int(self.capture.columns.time[record])

    def record_at(self, place: int) -> int:
        """All packets are shown, in their order."""
        return place

    place_of = in_time = time_place = record_at

    def rows(self, start: int, stop: int) -> list[Row]:
        """Lines [start, stop)."""
        return [self.row(record) for record in range(start, min(stop, self.count))]

    def row(self, record: int) -> Row:
        """One line."""
        self._running.look(self.capture.columns)
        return plain_row(record, self.capture, self._running)._replace(cells=self._cells)

    def column(self, name: str) -> Column:
        """A column; it is empty as yet where it is not among the usual ones."""
        known = KNOWN.get(name)
        if known is None:
            return Column(safe(name), safe(name), "", False, False)
        return Column(name, known.title, known.about, known.right, known.key is not None)

    def show_columns(self, names: Sequence[str]) -> None:
        """Only what a line has anyway."""
        self._cells = () if tuple(names) == DEFAULT else ("",) * len(names)

    def overview(self, width: int, number: int | None = None) -> list[tuple[int, str]]:
        """How the strip begins."""
        self._overview.measure(self.capture.columns, finished=True)
        counts = self._overview.counts(self.capture.columns, width, number)
        return [(count, "blue" if count else "") for count in counts]

    def overview_place(self, record: int, width: int) -> int:
        """The column of the strip that a packet falls into."""
        return self._overview.place_of(self.capture.columns, record, width)

    def host_name(self, host: str) -> str:
        """No names are known yet."""
        return safe(host)

    def comments(self, record: int) -> tuple[str, ...]:
        """None are read yet."""
        return ()
