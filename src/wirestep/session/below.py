"""What lies below conversations, told by the headers of frames for many at once."""

from __future__ import annotations

import numpy as np

from wirestep.capture import Capture, Columns
from wirestep.capture.arrays import Array
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message
from wirestep.timeline.select_headers import TAGS, TYPE_AT, Headers
from wirestep.timeline.select_plan import Scope, tunnels

from .bulk_roads import above, lawful
from .bulk_rows import CARRIERS
from .scanning import Window

PLAIN = (0x0800, 0x86DD)
"""EtherTypes of frames (behind one VLAN tag, or none) whose headers the columns tell."""


class Below:
    """Kinds of headers, and for each what a frame holds that has them."""

    def __init__(self, capture: Capture, registry: Registry, secrets: Secrets) -> None:
        self.capture, self.registry, self.secrets = capture, registry, secrets
        self.lawful = lawful(registry)
        """Whether the user's rules leave these layers as they are; else no kind is known."""
        self._messages: dict[int, list[Message]] = {}
        """By kind: those of the first frame that was met."""

    def kinds(self, columns: Columns, window: Window) -> Array:
        """int64: which headers each frame has below what its conversation carries; -1: unknown."""
        rows = window.rows
        if not self.lawful:
            return np.full(len(rows), -1, np.int64)
        network, transport = columns.network[rows], columns.transport[rows]
        found = Headers(window, columns.link[rows], network, columns.caplen[rows].astype(np.int64))
        kind = found.link(TYPE_AT, 2).astype(np.int64)
        told = kind << 16 | network.astype(np.int64) << 8 | transport
        sure = (columns.nested[rows] == 0) & (columns.flow[rows] >= 0)
        tagged = (kind == TAGS[0]) & np.isin(found.link(TYPE_AT + 4, 2), PLAIN)
        sure &= np.isin(transport, list(CARRIERS)) & (tagged | np.isin(kind, PLAIN))
        sure[found.unsure] = False
        scope = Scope(columns, np.zeros(0, np.uint16), tunnels(self.registry))
        if scope.odd.any():
            sure &= ~scope.odd[columns.flow[rows]]
        told = np.where(sure, told, -1)
        for number, place in zip(*np.unique(told, return_index=True), strict=True):
            if number >= 0 and int(number) not in self._messages:
                self._messages[int(number)] = self._lower(int(rows[place]))
        return told

    def messages(self, kind: int) -> list[Message]:
        """What frames of that kind hold below conversations."""
        return self._messages[kind]

    def _lower(self, row: int) -> list[Message]:
        engine = Engine(self.registry, self.secrets)
        messages = [m for record in self.capture.records([row]) for m in engine.feed(record)]
        carried = {message.number for message in above(messages)}
        return [message for message in messages if message.number not in carried]
