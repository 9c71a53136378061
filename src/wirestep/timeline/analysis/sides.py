"""A slice of a capture, taken apart: conversations, and in each its two directions.

A slice is some ten thousand TCP segments in capture order. Of each direction of each conversation
in it there is a group of entries, and each group begins with one that stands for all that was seen
before (the carried state), so that every segment has one before it. Sequence numbers are unwrapped
into 64 bits: those of the n-th conversation lie about n << GROUP, their low 32 bits are the numbers
on the wire, and so one running maximum serves all groups.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from wirestep.capture import Columns

from .arrays import NONE, Array
from .carried import SEEN, Carried

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
GROUP = 47
SLICE = 1 << 16
"""Segments at once: fewer than 1 << (63 - GROUP), and no group spans more than 1 << GROUP."""
FAR = 1 << 31
SPACE = 1 << 32


class Side:
    """One direction of the conversations of a slice; arrays have one row an entry."""

    def __init__(
        self, columns: Columns, rows: Array, other: Array, starts: Array, state: Array
    ) -> None:
        self.state = state
        """What was carried of each group (carried.DIRECTION), to be changed in place."""
        self.starts = starts
        """int64[groups]: the entries that stand for the past."""
        self.stops = np.append(starts[1:], len(rows))
        self.rows = rows
        """int64: rows of the capture; of the entries for the past the last row before."""
        self.other = other
        """int64: the last entry of the other side before this one."""
        self.flags = columns.flags[rows]
        self.flags[starts] = 0
        self.window = columns.window[rows]
        self.ack = columns.ack[rows]
        self.size = columns.payload_length[rows].astype(np.int64)
        self.size[starts] = 0
        seen = state["bits"] & SEEN != 0
        self.window[starts] = np.where(seen, state["window"], 0xFFFF)
        self.ack[starts] = np.where(seen, state["ack"], 0)
        self.fresh = np.flatnonzero(~seen & (self.stops > starts + 1))
        """Groups whose first segment is in this slice."""
        self.unseen = ~seen
        self.seq = columns.seq[rows]
        self.seq[starts] = np.where(seen, state["next"], 0)
        self.seq[starts[self.fresh]] = self.seq[starts[self.fresh] + 1]
        self.phantom = self.flags & (FIN | SYN) != 0
        """A SYN and a FIN take one number each; together they count as one, as in Wireshark."""
        self.probe = NONE
        """Entries that probe a closed window."""
        self.kept = NONE
        """Entries that keep alive."""
        self._unwrap()

    def _unwrap(self) -> None:
        starts, seq = self.starts, self.seq
        place = np.zeros(len(seq), np.int64)
        place[1:] = (seq[1:] - seq[:-1]).view(np.int32)
        np.cumsum(place, out=place)
        base = (np.arange(len(starts)) << GROUP) + seq[starts] - place[starts]
        if len(starts) == 1:
            place += base[0]
        else:
            place += np.repeat(base, self.stops - starts)
        self.place = place
        """int64: the sequence number, unwrapped."""
        self.end = place + self.size
        self.end += self.phantom
        self.run = np.maximum.accumulate(self.end)
        """int64: beyond the highest byte seen so far, this entry included."""
        self.lag = np.zeros(len(seq), np.int64)
        """int64: how far ahead of that an entry begins; 0 where it follows, below it is old."""
        np.subtract(place[1:], self.run[:-1], out=self.lag[1:])
        self.lag[starts] = 0

    def wild(self) -> Array:
        """Groups with jumps of half the sequence space: unwrapped one by one in `walk`."""
        if self.lag.max() < FAR and self.lag.min() > -FAR:
            return NONE
        odd = np.flatnonzero((self.lag >= FAR) | (self.lag <= -FAR))
        return np.unique(self.group_of(odd))

    @cached_property
    def group(self) -> Array:
        """int64: the group of each entry; for a few entries use `group_of`."""
        return np.repeat(np.arange(len(self.starts)), self.stops - self.starts)

    @cached_property
    def growing(self) -> Array:
        """int64: the entries that reach higher than all before, and those for the past."""
        grows = np.empty(len(self.run), bool)
        grows[0] = True
        np.not_equal(self.run[1:], self.run[:-1], out=grows[1:])
        grows[self.starts] = True
        grows[self.starts[self.fresh] + 1] = True
        return np.flatnonzero(grows)

    def group_of(self, entries: Array) -> Array:
        """The groups that entries belong to."""
        return np.searchsorted(self.starts, entries, "right") - 1

    def is_past(self, entries: Array) -> Array:
        """bool: the entries that stand for the past."""
        past: Array = self.starts[self.group_of(entries)] == entries
        return past

    def walk(self, group: int, closed: Array) -> list[int]:
        """Unwrap one group step by step; gives the entries that probe a closed window.

        `closed` says for each entry of one byte whether the other side's window was 0: where
        such a segment follows on, it does not count as sent.
        """
        start, stop = int(self.starts[group]), int(self.stops[group])
        run = int(self.run[start])
        ceiling = run + (1 << GROUP - 1)
        following = run % SPACE
        first = bool(self.unseen[group])
        probes: list[int] = []
        places, runs, lags = [run], [run], [0]
        seqs = self.seq[start + 1 : stop].tolist()
        spans = (self.end[start + 1 : stop] - self.place[start + 1 : stop]).tolist()
        shut = closed[start + 1 : stop].tolist()
        for index, (seq, span) in enumerate(zip(seqs, spans, strict=True)):
            lag = (seq - following + FAR) % SPACE - FAR
            places.append(run + lag)
            lags.append(lag)
            if shut[index] and lag == 0 and not first:
                probes.append(start + 1 + index)
            elif 0 < lag + span < FAR:
                following = (following + lag + span) % SPACE
                run = min(run + lag + span, ceiling)
            first = False
            runs.append(run)
        self.place[start:stop] = places
        self.end[start + 1 : stop] = self.place[start + 1 : stop] + spans
        self.run[start:stop] = runs
        self.lag[start:stop] = lags
        return probes


class Slice:
    """The conversations of some rows, ascending, and their two sides."""

    def __init__(self, columns: Columns, rows: Array, numbers: Array, carried: Carried) -> None:
        """`numbers`: conversation * 2 + direction of each row."""
        self.columns = columns
        numbers, rows, first = _by_conversation(numbers, rows)
        self.conversations = (numbers[first] >> 1).astype(np.int64)
        """int64[groups], ascending."""
        carried.reserve(int(self.conversations[-1]) + 1)
        group = np.zeros(len(rows), np.int64)
        if len(first) > 1:
            group = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(rows))))
        second = numbers & 1 != 0
        halves = [np.flatnonzero(~second), np.flatnonzero(second)]
        starts = [np.searchsorted(half, first) + np.arange(len(first)) for half in halves]
        self.sides = tuple(
            self._side(rows, group, halves[side], (starts[side], starts[1 - side]), side, carried)
            for side in (0, 1)
        )
        self._settle()

    def _side(
        self,
        rows: Array,
        group: Array,
        places: Array,
        starts: tuple[Array, Array],
        side: int,
        carried: Carried,
    ) -> Side:
        mine, theirs = starts
        state = carried.directions[2 * self.conversations + side]
        shift = group[places]
        entries = np.arange(len(places))
        other = np.empty(len(places) + len(mine), np.int64)
        other[entries + shift + 1] = places - entries + shift
        other[mine] = theirs
        row = np.empty(len(other), np.int64)
        row[entries + shift + 1] = rows[places]
        row[mine] = state["last_row"]
        return Side(self.columns, row, other, mine, state)

    def _settle(self) -> None:
        """Walk the groups that cannot be unwrapped at once: probes, and jumps out of all bounds."""
        for side, other in (self.sides, self.sides[::-1]):
            closed = np.flatnonzero(side.size == 1)
            closed = closed[other.window[side.other[closed]] == 0]
            groups = side.wild()
            if not len(closed) and not len(groups):
                continue
            shut = np.zeros(len(side.rows), bool)
            shut[closed] = True
            probes: list[int] = []
            for group in np.union1d(groups, side.group_of(closed)).tolist():
                probes += side.walk(group, shut)
            side.probe = np.array(probes, np.int64)


def _by_conversation(numbers: Array, rows: Array) -> tuple[Array, Array, Array]:
    """Both sorted by conversation, rows ascending in each; where each conversation begins."""
    talk = numbers >> 1
    talk -= talk.min()
    top = int(talk.max())
    if top == 0:
        return numbers, rows, np.zeros(1, np.int64)
    # Numbers of 16 bits are sorted by counting: four times as fast, even in two rounds.
    order = np.argsort(talk.astype(np.uint16), kind="stable")
    if top >> 16:
        high = (talk >> 16).astype(np.uint16)[order]
        order = order[np.argsort(high, kind="stable")]
    talk = talk[order]
    first = np.flatnonzero(talk[1:] != talk[:-1]) + 1
    return numbers[order], rows[order], np.concatenate((np.zeros(1, np.int64), first))
