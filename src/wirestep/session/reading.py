"""Decoding records of a capture, in order: lean for all, full for the one looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from wirestep.capture import Capture
from wirestep.decode.engine import Engine
from wirestep.decode.lean import Wanted
from wirestep.model import Message, Record

CHECKPOINT = 256
"""Records between two checkpoints, at least."""
REPLAYED = 32
"""Records between two checkpoints that a replay leaves behind for those who step back, at least."""
MAX_NAMES = 100_000
"""Hosts whose names are learned."""

Rows = npt.NDArray[np.int64]


class Reading:
    """The messages of a set of records, as far as they have been decoded.

    The set may grow at its end while the capture does.
    """

    def __init__(
        self,
        capture: Capture,
        engine: Engine,
        names: dict[str, str],
        wanted: Wanted = frozenset(),
    ) -> None:
        """`wanted` are the fields whose values the messages keep."""
        self.capture, self.engine, self.names = capture, engine, names
        self.wanted = wanted
        self.rows: Rows = np.empty(0, np.int64)
        self.seen = 0
        """Records that the capture had when `rows` was taken from it."""
        self.done = 0
        """Rows decoded so far."""
        self.frames: list[tuple[Message, ...]] = []
        """The messages of rows[i], for i < done."""
        self._checkpoints: list[tuple[int, Engine]] = [(0, engine.copy())]
        self._ahead: tuple[int, Engine] | None = None
        """Where the last full decode ended: stepping forward goes on from there."""
        self._behind: list[tuple[int, Engine]] = []
        """What the last replay passed through: stepping back begins there."""

    @property
    def left(self) -> int:
        """Rows not decoded yet."""
        return len(self.rows) - self.done

    def place(self, record: int) -> int:
        """Place of `record` among the rows; -1 where it is none of them."""
        # Not by numpy, which lets other threads run at each search: the screen asks for many rows.
        place = bisect_left(self.rows, record)
        return place if place < len(self.rows) and self.rows[place] == record else -1

    def step(self, most: int) -> None:
        """Decode up to `most` more rows."""
        rows = self.rows[self.done : self.done + most].tolist()
        for record in self.capture.records(rows):
            if self.done - self._checkpoints[-1][0] >= max(CHECKPOINT, len(self.engine.flows)):
                self._checkpoints.append((self.done, self.engine.copy()))
            messages = tuple(self._feed(record))
            for message in messages:
                if message.names and len(self.names) < MAX_NAMES:
                    for host, name in message.names:
                        self.names.setdefault(host, name)
            self.frames.append(messages)
            self.done += 1

    def _feed(self, record: Record) -> list[Message]:
        return self.engine.feed(record, times=self._times(record.number), wanted=self.wanted)

    def messages(self, record: int) -> tuple[Message, ...] | None:
        """What `record` completed; None while it is not decoded."""
        place = self.place(record)
        return self.frames[place] if 0 <= place < self.done else None

    def whole(self, record: int) -> Sequence[Message] | None:
        """As `messages`, in the full gear, replayed from the nearest checkpoint."""
        place = self.place(record)
        if not 0 <= place < self.done:
            return None
        at, engine = self._nearest(place)
        apart = max(REPLAYED, len(engine.flows))
        if place - at > apart:
            self._behind = []
        for passed, earlier in enumerate(self.capture.records(self.rows[at:place].tolist())):
            if passed and not passed % apart:
                self._behind.append((at + passed, engine.copy()))
            engine.feed(earlier, times=self._times(earlier.number))
        messages = engine.feed(self.capture[record], full=True, times=self._times(record))
        self._ahead = (place + 1, engine)
        return messages

    def _nearest(self, place: int) -> tuple[int, Engine]:
        """The engine that stands closest before `place`, free to be fed."""
        known = self._behind + self._checkpoints
        at, checkpoint = max((c for c in known if c[0] <= place), key=itemgetter(0))
        if self._ahead is not None and at <= self._ahead[0] <= place:
            return self._ahead
        return at, checkpoint.copy()

    def _times(self, record: int) -> tuple[int, int]:
        times = self.capture.columns.time
        return int(times[0]), int(times[max(0, record - 1)])
