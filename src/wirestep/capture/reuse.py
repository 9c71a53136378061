"""Where a pair of TCP ports is used again for a new conversation.

Wireshark's rule, which is kept here so that stream numbers agree: the first sequence number of a
direction is remembered (that of a SYN; of another segment the number before it; and where only
the other side was seen yet, its acknowledgement less one). A SYN without ACK whose sequence number
is another one starts a new conversation; with the same number it is a retransmission. Whether the
old conversation was closed by FIN or RST plays no part.
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
        opening = flags & (SYN | ACK) == SYN
        suspects = self._suspects(keys, mine, opening, seq)
        if not len(suspects):
            self._learn(mine, flags, seq, ack)
            return suspects
        odd = np.isin(keys, suspects)
        rest = ~odd
        self._learn(mine[rest], flags[rest], seq[rest], ack[rest])
        places = np.flatnonzero(odd)
        return places[self._replay(mine[odd], flags[odd], seq[odd], ack[odd])]

    def _suspects(self, keys: Array, mine: Array, opening: Array, seq: Array) -> Array:
        """Keys of which a SYN might start something new: (sorted, before anything is learnt)."""
        places = np.flatnonzero(opening)
        if not len(places):
            return places
        known, first = self._state["known"], self._state["first"]
        target = mine[places]
        other = known[target] & (first[target] != seq[places])
        # Unknown so far: only a SYN that is its key's first segment here is above suspicion.
        _, index = np.unique(keys, return_index=True)
        leading = np.zeros(len(keys), bool)
        leading[index] = True
        lone = leading[places] & ~known[target] & ~known[target ^ 1]
        again = ~known[target] & ~lone
        return np.unique(keys[places[other | again]])

    def _learn(self, mine: Array, flags: Array, seq: Array, ack: Array) -> None:
        """Note first numbers of directions that have none yet."""
        known = self._state["known"]
        own = np.flatnonzero(~known[mine])
        told = np.flatnonzero(~known[mine ^ 1] & (flags & ACK != 0))
        if not len(own) and not len(told):
            return
        places = np.concatenate((own, told))
        target = np.concatenate((mine[own], mine[told] ^ 1))
        syn = flags[own] & SYN != 0
        value = np.concatenate((seq[own] - np.where(syn, 0, 1).astype(np.uint32), ack[told] - 1))
        order = np.argsort(places, kind="stable")
        target, value = target[order], value[order]
        first, index = np.unique(target, return_index=True)
        self._state["first"][first] = value[index]
        known[first] = True

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
            if base[way] is None:
                base[way] = number if flag & SYN else (number - 1) & 0xFFFFFFFF
            if base[way ^ 1] is None and flag & ACK:
                base[way ^ 1] = (acked - 1) & 0xFFFFFFFF
        for way, number in base.items():
            known[way] = number is not None
            first[way] = number or 0
        return new
