"""All rules on one slice of a capture."""

from __future__ import annotations

import numpy as np

from . import order
from .acks import Acks, Repeated, unseen
from .arrays import Array
from .carried import KEPT, PROBED, SEEN, TOPPED, Carried
from .handshake import bases, complete, round_trips
from .marks import Mark
from .scales import Scales
from .sides import GROUP, Side, Slice
from .trips import Answers, answers, strays

SPURIOUS = Mark.RETRANSMISSION | Mark.SPURIOUS_RETRANSMISSION


class Verdict:
    """What was found in a slice."""

    def __init__(self) -> None:
        self.acks: tuple[Acks, ...] = ()
        """Of side 0, of side 1."""
        self.answers: list[Answers] = []
        """To the segments of side 0, of side 1."""
        self.repeats: list[tuple[Array, Array, Array]] = []
        """(rows, how often, row that said it first) of duplicate acknowledgments."""


def judge(part: Slice, carried: Carried, marks: Array, scales: Scales) -> Verdict:
    """Mark the rows of a slice (in `marks`, by row of the capture) and carry the state on."""
    verdict = Verdict()
    sides = part.sides
    contrary = [bases(side, back) for side, back in (sides, sides[::-1])]
    complete(part, carried)
    trips = round_trips(part, carried)
    places = [order.Places(side) for side in sides]
    acks = verdict.acks = (Acks(sides[0], sides[1]), Acks(sides[1], sides[0]))
    for which, side in enumerate(sides):
        _mark(marks, side, contrary[which], Mark.REUSED_PORTS)
        _mark(marks, side, places[which].lost, Mark.LOST_SEGMENT)
        _mark(marks, side, side.kept, Mark.KEEP_ALIVE)
        _mark(marks, side, side.probe, Mark.ZERO_WINDOW_PROBE)
        _repeated(marks, acks[which])
        _closed(marks, side)
    gaps = []
    for which, side in enumerate(sides):
        ahead, edges = unseen(acks[which], acks[1 - which])
        _mark(marks, side, ahead, Mark.ACK_LOST_SEGMENT)
        gaps.append(edges)
    for which, side in enumerate(sides):
        _told(verdict, acks[which])
        flying = order.Flying(side, sides[1 - which])
        _mark(marks, side, flying.acked, SPURIOUS)
        _filled(marks, part, which, flying.filling, scales)
        old = np.setdiff1d(places[which].old, flying.acked)
        again, kinds = order.judge_old(part, which, old, acks[1 - which], trips)
        marks[side.rows[again]] |= kinds.astype(np.uint16)
    waiting = [strays(side, carried, part.columns) for side in sides]
    for which, side in enumerate(sides):
        verdict.answers.append(answers(side, acks[1 - which], waiting[which], carried))
        _carry(side, acks[which], gaps[1 - which])
        carried.directions[2 * part.conversations + which] = side.state
    return verdict


def _mark(marks: Array, side: Side, entries: Array, mark: Mark) -> None:
    if len(entries):
        marks[side.rows[entries]] |= np.uint16(mark)


def _repeated(marks: Array, acks: Acks) -> None:
    found = Repeated(acks)
    _mark(marks, acks.side, found.updates, Mark.WINDOW_UPDATE)
    _mark(marks, acks.side, found.kept, Mark.KEEP_ALIVE_ACK)
    _mark(marks, acks.side, found.probed, Mark.ZERO_WINDOW_PROBE_ACK)
    _mark(marks, acks.side, acks.repeats, Mark.DUPLICATE_ACK)


def _closed(marks: Array, side: Side) -> None:
    shut = np.flatnonzero(side.window == 0)
    if len(shut):
        shut = shut[(side.flags[shut] & order.PLAIN == 0) & ~side.is_past(shut)]
        _mark(marks, side, np.setdiff1d(shut, side.probe), Mark.ZERO_WINDOW)


def _told(verdict: Verdict, acks: Acks) -> None:
    at = acks.repeats
    if len(at):
        rows = acks.side.rows[at], acks.count(at, after=False), acks.first_said(at)
        verdict.repeats.append(rows)


def _filled(marks: Array, part: Slice, which: int, places: Array, scales: Scales) -> None:
    side, back = part.sides[which], part.sides[1 - which]
    if len(side.probe):
        places = np.setdiff1d(places, side.probe)
    if not len(places):
        return
    # A SYN that comes later says nothing yet.
    group, rows = side.group_of(places), side.rows[places]
    syns = [one.state["syn_row"][group].astype(np.int64) - 1 for one in part.sides]
    pairs = np.stack([np.where(syn < rows, syn, -1) for syn in syns], axis=1)
    pairs, index = np.unique(pairs, axis=0, return_inverse=True)
    shifts = np.array([scales.shifts(one, two)[1 - which] for one, two in pairs.tolist()])
    places = order.fills(side, back, places, shifts[index.reshape(-1)])
    _mark(marks, side, places, Mark.WINDOW_FULL)


def _carry(side: Side, acks: Acks, gaps: dict[int, int]) -> None:
    """Write down how a side stands at the end of the slice."""
    state = side.state
    last = side.stops - 1
    some = last > side.starts
    bits = state["bits"]
    state["dups"] = np.minimum(acks.count(last, after=True), np.iinfo(np.int32).max)
    state["dup_row"] = acks.first_said(last)
    state["next_row"] = order.highest_rows(side, last)
    state["last_row"] = side.rows[last]
    state["next"] = side.run[last].astype(np.uint32)
    state["ackable"] = state["next"]
    for group, edge in gaps.items():
        state["ackable"][group] = edge % (1 << 32)
    state["ack"], state["window"] = side.ack[last], side.window[last]
    state["flags"][some] = side.flags[last[some]]
    top = acks.top[np.searchsorted(acks.entries, side.stops) - 1]
    topped = top >= (np.arange(len(top)) << GROUP) - (1 << 32)
    state["top"] = top.astype(np.uint32)
    kept = np.zeros(len(side.rows), np.uint8)
    kept[side.kept] = KEPT
    kept[side.probe] = PROBED
    bits[some] &= np.uint8(0xFF ^ (KEPT | PROBED))
    bits[some] |= SEEN
    bits |= kept[last]
    bits[topped] |= TOPPED
