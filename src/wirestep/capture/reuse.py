"""Where a pair of TCP ports is used again for a new conversation.

Wireshark's rule, which is kept here so that stream numbers agree: the first sequence number of a
direction is remembered (that of a SYN; of another segment the number before it; and where only
the other side was seen yet, its acknowledgement less one). A SYN without ACK whose sequence number
is another one starts a new conversation; with the same number it is a retransmission. A SYN with
ACK and another number is believed: its number is remembered from then on. Whether the old
conversation was closed by FIN or RST plays no part.
"""

from __future__ import annotations

import numpy as np

from .arrays import Array, Growing
from .headers import TCP, Headers

SYN, ACK = 0x02, 0x10
BOTH = 3
"""Bits of both directions."""


class Reuse:
    """The first sequence numbers of the current conversation of each key, by direction."""

    def __init__(self) -> None:
        # By key: numbers of both directions; a bit for each of them that is known; room to work.
        self._state = Growing({"first": ("u4", 2), "known": ("u1", 1), "teller": ("i4", 2)})

    def splits(self, keys: Array, ways: Array, found: Headers) -> Array:
        """Rows (of packets in capture order) where a new conversation of TCP starts.

        `keys`: the number of the pair of endpoints; `ways`: 0 or 1, which of them sends. A key's
        first segment is never such a row.
        """
        if not len(keys):
            return np.zeros(0, np.int64)
        size = int(keys.max()) + 1
        self._state.reserve(size)
        self._state.count = max(self._state.count, size)
        learnt = self._learn(keys, ways, found)
        # Where each SYN has the number that is remembered, nothing changes. The others are few.
        opening = np.flatnonzero(found.flags & SYN)
        key = keys[opening]
        other = self._first()[2 * key + ways[opening]] != found.seq[opening]
        if not other.any():
            return np.zeros(0, np.int64)
        suspects = np.unique(key[other])
        self._forget(learnt[np.isin(learnt >> 1, suspects)])
        rows = np.flatnonzero(np.isin(keys, suspects) & (found.transport == TCP))
        return rows[self._replay(2 * keys[rows] + ways[rows], found, rows)]

    def _first(self) -> Array:
        """uint32, by key * 2 + direction."""
        return self._state["first"].reshape(-1)

    def _learn(self, keys: Array, ways: Array, found: Headers) -> Array:
        """Note the first numbers of directions that have none yet; gives those directions."""
        known = self._state["known"]
        rows = np.flatnonzero(known.take(keys) != BOTH)
        tcp = (found.transport[rows] == TCP) & found.has_ports[rows]
        known[keys[rows[~tcp]]] = BOTH  # there is nothing to know
        rows = rows[tcp]
        key, way = keys[rows], ways[rows].astype(np.int64)
        bits, flags = known[key], found.flags[rows]
        own = np.flatnonzero(bits >> way & 1 == 0)
        told = np.flatnonzero((bits >> (way ^ 1) & 1 == 0) & (flags & ACK != 0))
        mine = 2 * key + way
        places = np.concatenate((own, told))
        target = np.concatenate((mine[own], mine[told] ^ 1))
        # The first to tell of a direction is believed.
        teller = self._state["teller"].reshape(-1)
        teller[target] = len(rows)
        np.minimum.at(teller, target, places.astype(np.int32))
        won = teller[target] == places
        before = np.where(flags[own] & SYN, 0, 1).astype(np.uint32)
        value = np.concatenate((found.seq[rows[own]] - before, found.ack[rows[told]] - 1))
        first: Array = target[won]
        self._first()[first] = value[won]
        np.bitwise_or.at(known, first >> 1, (1 << (first & 1)).astype(np.uint8))
        return first

    def _forget(self, mine: Array) -> None:
        """What was learnt of directions."""
        bits = (BOTH ^ 1 << (mine & 1)).astype(np.uint8)
        np.bitwise_and.at(self._state["known"], mine >> 1, bits)

    def _replay(self, mine: Array, found: Headers, rows: Array) -> Array:
        """bool: the rule itself, segment by segment; few captures have any to go through."""
        both = np.unique(np.concatenate((mine, mine ^ 1)))
        known, first = self._state["known"], self._first()
        knows = known[both >> 1] >> (both & 1) & 1 != 0
        base = {
            way: number if is_known else None
            for way, number, is_known in zip(
                both.tolist(), first[both].tolist(), knows.tolist(), strict=True
            )
        }
        new = np.zeros(len(mine), bool)
        columns = (mine, *(column[rows] for column in (found.flags, found.seq, found.ack)))
        segments = zip(*(column.tolist() for column in columns), strict=True)
        for place, (way, flag, number, acked) in enumerate(segments):
            if flag & (SYN | ACK) == SYN and base[way] not in (None, number):
                new[place] = True
                base[way] = base[way ^ 1] = None
            if base[way] is None or flag & (SYN | ACK) == SYN | ACK:
                base[way] = number if flag & SYN else (number - 1) & 0xFFFFFFFF
            if base[way ^ 1] is None and flag & ACK:
                base[way ^ 1] = (acked - 1) & 0xFFFFFFFF
        for way, value in base.items():
            bit = 1 << (way & 1)
            others = int(known[way >> 1]) & (BOTH ^ bit)
            known[way >> 1] = others | (bit if value is not None else 0)
            first[way] = value or 0
        return new
