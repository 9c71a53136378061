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

SYN, ACK = 0x02, 0x10


class Reuse:
    """The first sequence numbers of the current conversation of each key, by direction."""

    def __init__(self) -> None:
        # Rows are key * 2 + direction.
        self._state = Growing({"first": ("u4", 1), "known": ("?", 1)})

    def splits(self, keys: Array, way: Array, flags: Array, seq: Array, ack: Array) -> Array:
        """Places among these TCP segments (in capture order) where a new conversation starts.

        `keys`: the number of the pair of endpoints; `way`: 0 or 1, which of them sends. A key's
        first segment is never such a place.
        """
        if not len(keys):
            return np.zeros(0, np.int64)
        size = 2 * (int(keys.max()) + 1)
        self._state.reserve(size)
        self._state.count = max(self._state.count, size)
        mine = 2 * keys + way
        learnt = self._learn(mine, flags, seq, ack)
        # Where each SYN has the number that is remembered, nothing changes. The others are few.
        opening = np.flatnonzero(flags & SYN)
        other = self._state["first"][mine[opening]] != seq[opening]
        if not other.any():
            return np.zeros(0, np.int64)
        suspects = np.unique(keys[opening[other]])
        self._state["known"][learnt[np.isin(learnt >> 1, suspects)]] = False
        odd = np.isin(keys, suspects)
        places = np.flatnonzero(odd)
        return places[self._replay(mine[odd], flags[odd], seq[odd], ack[odd])]

    def _learn(self, mine: Array, flags: Array, seq: Array, ack: Array) -> Array:
        """Note the first numbers of directions that have none yet; gives those directions."""
        known = self._state["known"]
        own = np.flatnonzero(~known[mine])
        told = np.flatnonzero(~known[mine ^ 1] & (flags & ACK != 0))
        if not len(own) and not len(told):
            return own
        places = np.concatenate((own, told))
        target = np.concatenate((mine[own], mine[told] ^ 1))
        syn = flags[own] & SYN != 0
        value = np.concatenate((seq[own] - np.where(syn, 0, 1).astype(np.uint32), ack[told] - 1))
        order = np.argsort(places, kind="stable")
        target, value = target[order], value[order]
        first, index = np.unique(target, return_index=True)
        self._state["first"][first] = value[index]
        known[first] = True
        return first

    def _replay(self, mine: Array, flags: Array, seq: Array, ack: Array) -> Array:
        """bool: the rule itself, segment by segment; few captures have any to go through."""
        both = np.unique(np.concatenate((mine, mine ^ 1)))
        known, first = self._state["known"], self._state["first"]
        base = {way: int(first[way]) if known[way] else None for way in both.tolist()}
        new = np.zeros(len(mine), bool)
        rows = zip(mine.tolist(), flags.tolist(), seq.tolist(), ack.tolist(), strict=True)
        for place, (way, flag, number, acked) in enumerate(rows):
            if flag & (SYN | ACK) == SYN and base[way] not in (None, number):
                new[place] = True
                base[way] = base[way ^ 1] = None
            if base[way] is None or flag & (SYN | ACK) == SYN | ACK:
                base[way] = number if flag & SYN else (number - 1) & 0xFFFFFFFF
            if base[way ^ 1] is None and flag & ACK:
                base[way ^ 1] = (acked - 1) & 0xFFFFFFFF
        for way, number in base.items():
            known[way] = number is not None
            first[way] = number or 0
        return new
