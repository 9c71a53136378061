"""Decoding rows that lie scattered over a large capture: each with the packets just before it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np

from wirestep.capture import Capture
from wirestep.decode.engine import Engine
from wirestep.decode.lean import Wanted
from wirestep.model import Message

BEFORE = 24
"""Packets of the same conversation that are read before the one that is wanted."""
MAX_KEPT = 4096
MAX_WAITING = 256


class Near:
    """The messages of single records of a large capture, as a sorted list shows them.

    Decoding the stretch of the capture around each would decode a thousand times as much. What
    began long before the record may show as its packets.
    """

    def __init__(self, capture: Capture, engine: Callable[[int], Engine]) -> None:
        """`engine` makes one for a conversation (-1: for none)."""
        self._capture, self._engine = capture, engine
        self._kept: OrderedDict[int, Sequence[Message]] = OrderedDict()
        self._waiting: OrderedDict[int, None] = OrderedDict()
        """Records that somebody asked for, the most urgent last."""
        self.wanted: Wanted = frozenset()

    def messages(self, record: int) -> Sequence[Message] | None:
        """What the record completed; None while it is not decoded."""
        return self._kept.get(record)

    def wish(self, record: int) -> None:
        """Decode it soon."""
        self._waiting[record] = None
        self._waiting.move_to_end(record)
        while len(self._waiting) > MAX_WAITING:
            self._waiting.popitem(last=False)

    def forget(self, wanted: Wanted) -> None:
        """All must be decoded anew: other fields are wanted."""
        self.wanted = wanted
        self._kept.clear()
        self._waiting.clear()

    def step(self) -> bool:
        """Decodes one record; False where none waits."""
        try:
            record, _ = self._waiting.popitem()
        except KeyError:
            return False
        wanted = self.wanted
        messages = self.read(record, wanted)
        if wanted is self.wanted:
            self._kept[record] = messages
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return True

    def read(self, record: int, wanted: Wanted) -> Sequence[Message]:
        """The messages of one record, with the values of the fields `wanted`; not kept."""
        columns = self._capture.columns
        flow = int(columns.flow[record]) >> 1
        rows = [record]
        if flow >= 0:
            found = columns.rows_of(flow)
            place = int(np.searchsorted(found, record))
            rows = [*found[max(0, place - BEFORE) : place].tolist(), record]
        engine = self._engine(flow)
        first = int(columns.time[0])
        messages: Sequence[Message] = ()
        for one in self._capture.records(rows):
            times = first, int(columns.time[max(0, one.number - 1)])
            messages = tuple(engine.feed(one, times=times, wanted=wanted))
        return messages
