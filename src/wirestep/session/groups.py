"""Which records are decoded together.

A small capture is one group: everything is exact. In a large one, a conversation is decoded when
somebody looks at it, in parts; a window of records around what is on the screen is decoded for
the packet list, where what began before the window may be missing.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import numpy as np

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.lean import Wanted
from wirestep.decode.secrets import Secrets

from .kin import conversations, rows_before
from .reading import Reading
from .resuming import resume_fields
from .verdicts import verdict_fields

WHOLE = 30_000
"""Records of a capture that is decoded as one."""
SMALL = 16 << 20
"""Bytes of a file that counts as small before all of its records are known."""
PART = 20_000
"""Rows of one part of a long conversation."""
OVERLAP = 1_000
"""Rows before a part that are decoded with it, to find the start of a unit."""
WINDOW = 512
CARRIERS = {6: "tcp", 17: "udp"}
"""By IP protocol number: who numbers the conversations."""
MAX_READINGS = 24
"""Groups kept; the one not looked at for the longest time goes first."""


class Key(NamedTuple):
    """What tells groups apart."""

    kind: str
    """"all", "flow", "window"."""
    number: int = 0
    part: int = 0


class Groups:
    """The groups of one capture that are being decoded or have been."""

    def __init__(self, capture: Capture, registry: Registry, secrets: Secrets) -> None:
        self.capture, self.registry, self.secrets = capture, registry, secrets
        self._readings: OrderedDict[Key, Reading] = OrderedDict()
        self.names: dict[str, str] = {}
        """By address: what the records decoded so far call it."""
        self.wanted: Wanted = frozenset()
        """Fields whose values are kept: those that are columns of the packet list."""
        self.always: Wanted = verdict_fields(registry)
        """Fields whose values are kept whatever the columns are."""
        self.resuming: Wanted = resume_fields(registry)
        """Fields kept as well, for the ladder."""

    def want(self, names: Wanted) -> None:
        """Keep the values of these fields; what is decoded without one of them is forgotten."""
        if not names <= self.wanted:
            self._readings.clear()
        self.wanted = names

    def forget(self) -> None:
        """There are new secrets: what is decoded may say more now."""
        self._readings.clear()

    @property
    def whole(self) -> bool:
        """The capture is small enough to be decoded as one."""
        capture = self.capture
        if not capture.finished and (capture.bytes_total or 0) > SMALL:
            return False
        return capture.count <= WHOLE

    def key(self, record: int) -> Key:
        """The group in which `record` is decoded when it is looked at."""
        if self.whole:
            return Key("all")
        flow = int(self.capture.columns.flow[record])
        if flow < 0:
            return self.window_key(record)
        rows = self.capture.columns.rows_of(flow >> 1)
        return Key("flow", flow >> 1, int(np.searchsorted(rows, record)) // PART)

    def covering(self, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[Key]:
        """The groups in which `rows`, neighbours in one conversation, are decoded, in order."""
        first, last = self.key(int(rows[0])), self.key(int(rows[-1]))
        return [first._replace(part=part) for part in range(first.part, last.part + 1)]

    def window_key(self, record: int) -> Key:
        """The group in which `record` is decoded for the packet list."""
        return Key("all") if self.whole else Key("window", record // WINDOW)

    def reading(self, key: Key) -> Reading:
        """The group's reading, made when first asked for; its rows are brought up to date."""
        reading = self._readings.get(key)
        if reading is None:
            flow = key.number if key.kind == "flow" else -1
            kept = self.wanted | self.always | self.resuming
            reading = Reading(self.capture, self.engine(flow), self.names, kept)
            self._readings[key] = reading
            while len(self._readings) > MAX_READINGS:
                self._readings.popitem(last=False)
        count = self.capture.count
        if reading.seen < count:
            reading.rows, reading.seen = self._rows(key), count
        self._readings.move_to_end(key)
        return reading

    def known(self, key: Key) -> Reading | None:
        """The group's reading where there is one."""
        return self._readings.get(key)

    def looked_at(self, record: int) -> Reading | None:
        """The reading of the record's conversation where there is one."""
        if self.whole:
            return self.known(Key("all"))
        # Not by its key: to tell the part, all rows may have to be put in order by conversation.
        flow = int(self.capture.columns.flow[record]) >> 1
        for key, reading in self._readings.items():
            mine = key.kind == "flow" and key.number == flow
            if mine and reading.place(record) >= (OVERLAP if key.part else 0):
                return reading
        return None

    def readings(self) -> list[tuple[Key, Reading]]:
        """All that are kept, the one looked at last first."""
        return list(reversed(self._readings.items()))

    def engine(self, flow: int) -> Engine:
        """One that numbers a conversation as one that reads the whole capture would; -1: any."""
        bases: dict[str, int] = {}
        if flow >= 0:
            flows = self.capture.columns.flows
            stream = int(flows.stream[flow])
            if stream >= 0:
                earlier = conversations(self.capture, self._before(flow))
                bases = {CARRIERS[flows.transport_of(flow)]: stream - earlier}
        return Engine(self.registry, self.secrets, bases)

    def _rows(self, key: Key) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        if key.kind == "all":
            return np.arange(self.capture.count, dtype=np.int64)
        if key.kind == "window":
            start = key.number * WINDOW
            stop = min(start + WINDOW, self.capture.count)
            return np.arange(max(0, start - WINDOW // 2), stop, dtype=np.int64)
        rows = self.capture.columns.rows_of(key.number)
        start = key.part * PART
        mine: np.ndarray[tuple[int], np.dtype[np.int64]] = rows[
            max(0, start - OVERLAP) : start + PART
        ]
        return mine if key.part else np.concatenate((self._before(key.number), mine))

    def _before(self, flow: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return rows_before(self.capture, self.registry, flow)
