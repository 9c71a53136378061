"""Which acknowledgment answers which segment.

A segment waits until an acknowledgment reaches its end; where that is its very end, the time
between is a round trip. Of segments that end at the same byte the oldest counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wirestep.capture import Columns

from .acks import Acks
from .arrays import NONE, Array, ranges, signed
from .carried import MAX_BEHIND, MAX_WAITING, Carried
from .sides import FIN, SYN, Side

PATIENCE = 64
"""Segments of the other side among which one sent for nothing finds its acknowledgment."""


class Stray(NamedTuple):
    """Segments that are not in the order of their ends, sorted by end, then by row."""

    end: Array
    """Place behind the last byte."""
    row: Array
    entry: Array
    """That of the segment, or the one for the past where it was carried."""


class Answers(NamedTuple):
    """Rows that acknowledge, and the row that each acknowledges."""

    rows: Array
    acked: Array


def answers(side: Side, acks: Acks, stray: Stray, carried: Carried) -> Answers:
    """What `acks` answer of the segments of `side`; what still waits is put into `carried`."""
    late = is_late(side, acks, stray)
    stray, behind = (Stray(*(column[some] for column in stray)) for some in (~late, late))
    at, acked = _in_order(side, acks, stray)
    found, keep = _late(side, acks, behind)
    _wait(side, acks, stray, keep, carried)
    rows = np.concatenate((acks.side.rows[at], found.rows))
    return Answers(rows, np.concatenate((acked, found.acked)))


def strays(side: Side, carried: Carried, columns: Columns) -> Stray:
    """Old segments, probes, and what was carried; of both sides before either has its answers."""
    odd = np.flatnonzero(side.lag < 0)
    odd = odd[(side.end[odd] > side.place[odd]) & (side.run[odd] == side.run[odd - 1])]
    odd = np.union1d(odd, side.probe) if len(side.probe) else odd
    owner, rows = carried.waiting(side.state)
    if not len(odd) and not len(rows):
        return Stray(NONE, NONE, NONE)
    past = side.starts[owner]
    flags = columns.flags[rows] & (SYN | FIN) != 0
    stop = columns.seq[rows] + columns.payload_length[rows] + flags.astype(np.uint32)
    end = side.run[past] + signed(stop - side.run[past].astype(np.uint32))
    ends = np.concatenate((end, side.end[odd]))
    all_rows = np.concatenate((rows, side.rows[odd]))
    order = np.lexsort((all_rows, ends))
    return Stray(ends[order], all_rows[order], np.concatenate((past, odd))[order])


def _in_order(side: Side, acks: Acks, stray: Stray) -> tuple[Array, Array]:
    """(entries, acknowledged rows) where an acknowledgment reaches farther than all before."""
    rises = np.zeros(len(acks.top), bool)
    np.greater(acks.top[1:], acks.top[:-1], out=rises[1:])
    rises[np.searchsorted(acks.entries, acks.side.starts)] = False
    rises &= acks.beyond <= 0
    places = np.flatnonzero(rises)
    goal, at = acks.reach[places], acks.entries[places]
    found = np.minimum(np.searchsorted(side.run, goal), len(side.run) - 1)
    hit = (side.run[found] == goal) & (side.end[found] > side.place[found])
    hit &= found <= acks.side.other[at]
    acked = side.rows[found]
    if len(stray.end):
        miss = np.flatnonzero(~hit)
        index = np.minimum(np.searchsorted(stray.end, goal[miss]), len(stray.end) - 1)
        good = stray.end[index] == goal[miss]
        good &= stray.entry[index] <= acks.side.other[at[miss]]
        acked[miss[good]] = stray.row[index[good]]
        hit[miss[good]] = True
    return at[hit], acked[hit]


def is_late(side: Side, acks: Acks, stray: Stray) -> Array:
    """bool: acknowledged before they came, or (probes) beyond what counts as sent."""
    late: Array = stray.end <= acks.top_at(side.other[stray.entry])
    return late | (stray.end > side.run[stray.entry])


def _late(side: Side, acks: Acks, behind: Stray) -> tuple[Answers, Stray]:
    """Answers to segments whose bytes were acknowledged before; those that still wait for theirs.

    The first acknowledgment behind them is for them, though it says nothing new.
    """
    early = _early(side, acks)
    pending = Stray(
        np.concatenate((behind.end, side.end[early])),
        np.concatenate((behind.row, side.rows[early])),
        np.concatenate((behind.entry, early)),
    )
    if not len(pending.end):
        return Answers(NONE, NONE), pending
    back = acks.side
    at = side.other[pending.entry] + 1
    stop = back.stops[side.group_of(pending.entry)]
    end = pending.end.astype(np.uint32)
    waits = np.ones(len(at), bool)
    hits, acked = [NONE], [NONE]
    for _ in range(PATIENCE):
        look = np.flatnonzero(waits & (at < stop))
        if not len(look):
            break
        place = at[look]
        ahead = signed(back.ack[place] - end[look])
        reached = ahead >= 0
        equal = look[reached & (ahead == 0)]
        hits.append(back.rows[at[equal]])
        acked.append(pending.row[equal])
        waits[look[reached]] = False
        at[look] += 1
    waits &= at >= stop
    rows, answered = np.concatenate(hits), np.concatenate(acked)
    order = np.lexsort((answered, rows))
    rows, first = np.unique(rows[order], return_index=True)
    keep = Stray(pending.end[waits], pending.row[waits], pending.entry[waits])
    return Answers(rows, answered[order][first]), keep


def _early(side: Side, acks: Acks) -> Array:
    """First segments of a direction whose bytes had been acknowledged before they came."""
    if not len(side.fresh):
        return NONE
    first = side.starts[side.fresh] + 1
    top = acks.top_at(side.other[first])
    odd = np.flatnonzero(top > side.place[first])
    if not len(odd):
        return NONE
    groups = side.fresh[odd]
    owner, entries = ranges(first[odd], side.stops[groups] - first[odd])
    entries = entries[(side.end[entries] <= top[odd][owner])]
    grows = (side.run[entries] > side.run[entries - 1]) | (side.lag[entries] == 0)
    found: Array = entries[(side.end[entries] > side.place[entries]) & grows]
    return found


def _wait(side: Side, acks: Acks, stray: Stray, keep: Stray, carried: Carried) -> None:
    """Remember what is not acknowledged yet."""
    last = np.searchsorted(acks.entries, acks.side.stops) - 1
    top = acks.top[last]
    begin = np.maximum(np.searchsorted(side.run, top, "right"), side.starts + 1)
    owner, entries = ranges(begin, np.maximum(side.stops - begin, 0))
    open_ = (side.end[entries] > side.place[entries]) & (side.end[entries] > top[owner])
    owner, rows = owner[open_], side.rows[entries[open_]]
    if len(stray.end):
        group = side.group_of(stray.entry)
        past = (stray.entry == side.starts[group]) & (stray.end > top[group])
        late = side.group_of(keep.entry)
        owner = np.concatenate((owner, group[past], late))
        rows = np.concatenate((rows, stray.row[past], keep.row))
    elif len(keep.end):
        owner = np.concatenate((owner, side.group_of(keep.entry)))
        rows = np.concatenate((rows, keep.row))
    if len(rows):
        keys = np.unique(owner.astype(np.uint64) << np.uint64(32) | rows.astype(np.uint64))
        owner = (keys >> np.uint64(32)).astype(np.int64)
        rows = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
        behind = np.searchsorted(owner, owner, "right") - np.arange(len(owner))
        newest = int(max(side.rows.max(), acks.side.rows.max()))
        near = (behind <= MAX_WAITING) & (rows > newest - MAX_BEHIND)
        owner, rows = owner[near], rows[near]
    carried.wait(side.state, owner, rows)
