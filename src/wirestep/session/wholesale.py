"""Fields of what conversations carry, for every packet of a capture, without decoding frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from wirestep.capture import Capture
from wirestep.capture.arrays import Array
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message

from .bulk_roads import Setting
from .bulk_rows import UDP, client_of, kept_of, payloads
from .bulk_sweep import Sweep
from .decoding import plain_values
from .sharing import processes, shares, together

CARRIED = ("message", "record")
"""Levels of what conversations carry, and nothing else does."""

Cells = list[list[str]]
"""By name that was asked for: its values."""


class Found(NamedTuple):
    """The packets [start, stop), and the values of those that have any, by row."""

    start: int
    stop: int
    cells: Mapping[int, Cells]


def carried(names: Sequence[str], registry: Registry) -> bool:
    """Whether all these fields are of protocols that only conversations carry."""
    levels = {
        card.level if name in card.fields else ""
        for name in names
        for card in registry.cards.values()
        if name in card.fields or name == card.name
    }
    return bool(names) and all(name in registry.fields for name in names) and levels <= {*CARRIED}


def bound(capture: Capture, registry: Registry) -> list[list[int]]:
    """Conversations that may be one: a server's, where one of them begins in the middle."""
    columns, moving = capture.columns, registry.moving
    flows = columns.flows
    servers: dict[tuple[int, object], list[int]] = {}
    for flow in np.flatnonzero(flows.transport == UDP).tolist() if moving else ():
        first = columns.rows_of(flow)[:1]
        [data] = payloads(capture, columns, first, kept_of(columns, first))
        server = flows.ends(flow)[1 - client_of(columns, flow, int(first[0]))]
        goes_on = any(card.goes_on is not None and card.goes_on(data) for card in moving)
        servers.setdefault((int(goes_on), server), []).append(flow)
    return [
        [*servers.get((0, server), ()), *some]
        for (goes_on, server), some in servers.items()
        if goes_on
    ]


class Wholesale:
    """One pass over a capture, in as many processes as are of use."""

    def __init__(
        self, capture: Capture, registry: Registry, secrets: Secrets, meant: Sequence[Sequence[str]]
    ) -> None:
        """`meant`: by name that is asked for, the fields that it means (see `carried`)."""
        self.capture, self.registry, self.secrets = capture, registry, secrets
        self.meant = [frozenset(names) for names in meant]
        self.wanted = frozenset(name for names in meant for name in names)

    def __iter__(self) -> Iterator[Found]:
        """Window by window.

        Raises:
            Failed: a process was ended.
        """
        columns = self.capture.columns
        beside = self._beside()
        engine = Engine(self.registry, self.secrets)
        parts = shares(columns, processes(columns), bound(self.capture, self.registry))
        for step in together(self._work, parts):
            start, stop = step[0][:2]
            cells: dict[int, Cells] = {}
            for _, _, found in step:
                cells.update(found)
            rows = beside[np.searchsorted(beside, start) : np.searchsorted(beside, stop)]
            for record in self.capture.records(rows.tolist()):
                self._take(engine.feed(record, wanted=self.wanted), cells)
            yield Found(start, stop, cells)

    def _beside(self) -> Array:
        """int64: rows of packets that belong to no conversation."""
        columns = self.capture.columns
        covered = np.append(Sweep.covers(columns), False)  # -1: no conversation
        return np.flatnonzero(~covered[columns.flow >> 1])

    def _work(self, flows: Sequence[int]) -> Iterator[tuple[int, int, dict[int, Cells]]]:
        """What some conversations come to, window by window."""
        protocols = frozenset(
            card.name for card in self.registry.cards.values() if self.wanted & card.fields.keys()
        )
        setting = Setting(self.capture, self.registry, self.secrets, self.wanted, protocols)
        sweep = Sweep(setting, flows)
        for start, stop in sweep.windows():
            cells: dict[int, Cells] = {}
            for part in sweep.read(start, stop):
                self._take(part.messages, cells)
            yield start, stop, cells

    def _take(self, messages: Sequence[Message], cells: dict[int, Cells]) -> None:
        for message in messages:
            if message.values:
                mine = cells.setdefault(message.record, [[] for _ in self.meant])
                for cell, names in zip(mine, self.meant, strict=True):
                    cell += plain_values(message, names, self.registry)
