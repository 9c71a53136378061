"""Which conversation the parts of an IP datagram belong to (RFC 791 section 3.2, RFC 8200 4.5).

Only the first part has the ports; the others follow it by (source, target, protocol, identifier).
Parts that came before their first one wait for it.
"""

from __future__ import annotations

import numpy as np

from .arrays import Array, Growing
from .keys import KeyTable


class Fragments:
    """Remembers the conversation of each datagram whose first part was seen."""

    def __init__(self) -> None:
        self._table = KeyTable(5)
        self._state = Growing({"flow": ("i4", 1)})
        self._waiting: dict[int, list[int]] = {}

    def follow(
        self, words: list[Array], leads: Array, flow: Array, rows: Array
    ) -> tuple[Array, Array, Array]:
        """Give parts their first part's flow: changes `flow` (int64[n]) in place.

        `words`: the key of each part; `leads`: True for a first part, whose `flow` is right
        already; `rows`: which rows of the capture they are, ascending. Returns (places that now
        have a flow, earlier rows that get one now, those rows' flows).
        """
        number, fresh = self._table.numbers(words)
        self._state.reserve(self._table.count)
        self._state["flow"][self._table.count - len(fresh) : self._table.count] = -1
        self._state.count = self._table.count
        order = np.argsort(number, kind="stable")
        key, lead = number[order], leads[order]
        # For each part: the place of the last first part of its key at or before it, else of
        # the next one behind it.
        index = np.arange(len(order))
        begin = np.searchsorted(key, key, "left")
        last = np.maximum.accumulate(np.where(lead, index, -1))
        before = np.where(last >= begin, last, -1)
        stored = self._state["flow"][key]
        mine = flow[order]
        back = np.where(lead, index, len(order))[::-1]
        ahead = np.minimum.accumulate(back)[::-1]
        stop = np.searchsorted(key, key, "right")
        ahead = np.where(ahead < stop, ahead, -1)
        given = np.where(before >= 0, mine[before], stored)
        given = np.where((given < 0) & (ahead >= 0), mine[ahead], given)
        flow[order] = given
        self._state["flow"][key[given >= 0]] = given[given >= 0]
        late_rows, late_flows = self._wake(np.unique(key[lead]))
        for place in order[given < 0].tolist():
            self._waiting.setdefault(int(number[place]), []).append(int(rows[place]))
        placed = ~leads & (flow >= 0)
        return np.flatnonzero(placed), late_rows, late_flows

    def _wake(self, keys: Array) -> tuple[Array, Array]:
        """Rows of earlier blocks that waited for these keys, and their flows."""
        rows: list[int] = []
        flows: list[int] = []
        if self._waiting:
            for key in keys.tolist():
                waited = self._waiting.pop(key, [])
                rows += waited
                flows += [int(self._state["flow"][key])] * len(waited)
        return np.array(rows, np.int64), np.array(flows, np.int64)

    def left(self) -> tuple[Array, list[Array]]:
        """(rows whose first part never came, their key words); they wait no longer."""
        pairs = sorted((row, key) for key, rows in self._waiting.items() for row in rows)
        self._waiting.clear()
        keys = np.array([key for _, key in pairs], np.int64)
        rows = np.array([row for row, _ in pairs], np.int64)
        return rows, [self._table.word(place)[keys] for place in range(5)]
