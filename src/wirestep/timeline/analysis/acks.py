"""What acknowledgments tell: what they reach, whether they repeat, whether they run ahead.

The rules are Wireshark's (packet-tcp.c), among them a count of repeated acknowledgments that is -1
once the other side has acknowledged bytes of this direction that were not captured.
"""

from __future__ import annotations

import numpy as np

from .arrays import NONE, Array, among, last_at, signed
from .carried import KEPT, PROBED, TOPPED
from .sides import ACK, FIN, GROUP, RST, SYN, Side

_BELOW = 1 << 33
"""Far below every sequence number of a group."""
LOOK = 1024
"""Segments among which the end of such a gap is looked for one by one; honest ones need few."""


class Acks:
    """The acknowledgments that one side sends; arrays named `entries` hold its entries."""

    def __init__(self, side: Side, about: Side) -> None:
        self.side, self.about = side, about
        changed = np.empty(len(side.ack), bool)
        changed[0] = True
        np.not_equal(side.ack[1:], side.ack[:-1], out=changed[1:])
        changed[side.starts] = True
        self.same = ~changed
        """bool: the acknowledgment is that of the entry before."""
        self.changes = np.flatnonzero(changed)
        """Entries with another acknowledgment than the one before, and those for the past."""
        self.repeats = NONE
        """Entries that are duplicate acknowledgments."""
        self.ahead = NONE
        """Entries after which the other side acknowledged what was not captured of this one."""
        self.ahead_by = NONE
        """The other side's entry that did so, for each of `ahead`."""
        # What is ahead stays ahead, though it is only said again: then all entries are looked at.
        if self._reach(self.changes) or self._odd():
            self._reach(np.arange(len(side.ack)))

    def _reach(self, entries: Array) -> bool:
        """How far these entries acknowledge; whether any is ahead of what was captured.

        Entries left out say what was said before.
        """
        side, about = self.side, self.about
        self.entries = entries
        """Those of which the next three tell."""
        seen = about.run[side.other[entries]]
        ahead = signed(side.ack[entries] - seen.astype(np.uint32))
        reach = np.minimum(ahead, 0)
        reach += seen
        doubt = False
        if about.unseen.any():
            # Before the first segment of the other side nothing tells what is ahead of it.
            blind = among(len(about.rows), about.starts[about.unseen])[side.other[entries]]
            blind = np.flatnonzero(blind)
            said = side.flags[entries[blind]] & ACK != 0
            low = (seen[blind] >> GROUP << GROUP) - _BELOW
            reach[blind] = np.where(said, seen[blind] + ahead[blind], low)
            doubt = bool((ahead[blind] * (side.ack[entries[blind]] != 0) > 0).any())
            ahead[blind] = 0
        pasts = np.searchsorted(entries, side.starts)
        self._past(reach, pasts, seen[pasts])
        ahead[pasts[side.unseen]] = 0
        self.reach = reach
        self.top = np.maximum.accumulate(reach)
        """int64: the highest acknowledgment so far, as a place of the other side's numbers."""
        self.beyond = ahead
        """int64: above 0 it acknowledges so many bytes that were not captured."""
        return doubt or bool((ahead > 0).any())

    def _odd(self) -> bool:
        """Whether the past was ahead, or numbers stand in segments that are no acknowledgments."""
        side, state = self.side, self.side.state
        ahead = (signed(state["ack"] - state["top"]) > 0) & (state["bits"] & TOPPED != 0)
        mute = (state["flags"] & ACK == 0) & (state["ack"] != 0)
        if (ahead | mute).any():
            return True
        entries = self.changes
        odd = (side.flags[entries] & ACK == 0) & (side.ack[entries] != 0)
        odd[np.searchsorted(entries, side.starts)] = False
        return bool(odd.any())

    def _past(self, reach: Array, at: Array, seen: Array) -> None:
        """What was acknowledged before this slice, in place."""
        state, about = self.side.state, self.about
        topped = state["bits"] & TOPPED != 0
        past = signed(state["top"] - seen.astype(np.uint32))
        past = seen + np.where(about.unseen, past, np.minimum(past, 0))
        reach[at] = np.where(topped, past, (np.arange(len(at)) << GROUP) - _BELOW)

    def top_at(self, entries: Array) -> Array:
        """int64: the highest acknowledgment that was there at these entries."""
        return self.top[last_at(self.entries, entries)]

    def count(self, at: Array, *, after: bool) -> Array:
        """How often the last acknowledgment was repeated, at entries `at`; -1 see above.

        With `after`: once the other side has said what it says behind them.
        """
        side = self.side
        change = self.changes[last_at(self.changes, at)]
        since = change
        ahead = np.zeros(len(at), bool)
        if len(self.ahead):
            index = np.searchsorted(self.ahead, at, "right" if after else "left") - 1
            latest = np.where(index >= 0, self.ahead[index], -1)
            ahead = latest >= change
            since = np.where(ahead, latest, change)
        count = last_at(self.repeats, at) - last_at(self.repeats, since)
        past = np.flatnonzero(~ahead & side.is_past(change))
        before = side.state["dups"][side.group_of(change[past])].astype(np.int64)
        ahead[past[before < 0]] = True
        count[past] += np.maximum(before, 0)
        count[ahead & (count == 0)] = -1
        return count

    def first_said(self, at: Array) -> Array:
        """Rows of the segments whose acknowledgment stands at entries `at`."""
        side = self.side
        change = self.changes[last_at(self.changes, at)]
        rows = side.rows[change]
        past = np.flatnonzero(side.is_past(change))
        rows[past] = side.state["dup_row"][side.group_of(change[past])]
        return rows


class Repeated:
    """Bare acknowledgments that say again what was said last, by what they are."""

    def __init__(self, acks: Acks) -> None:
        side, about = acks.side, acks.about
        bare = side.size == 0
        bare &= side.lag == 0
        bare &= acks.same
        places = np.flatnonzero(bare)
        places = places[side.flags[places] & (SYN | FIN | RST) == 0]
        if len(side.fresh):
            places = places[~among(len(bare), side.starts[side.fresh] + 1)[places]]
        window = side.window[places]
        equal = window == side.window[places - 1]
        self.updates = places[~equal & (window != 0)]
        """Only the window is another one."""
        places, window = places[equal], window[equal]
        kept = _said(about, side.other[places], about.kept, KEPT) & (window != 0)
        probed = _said(about, side.other[places], about.probe, PROBED) & (window == 0)
        self.kept, self.probed = places[kept], places[probed]
        """Answers to keep-alives; answers to probes of a closed window."""
        acks.repeats = places[~kept & (window != 0)]


def _said(about: Side, entries: Array, these: Array, bit: int) -> Array:
    """bool: whether `entries` are among `these`; of those for the past the carried bit tells."""
    found = among(len(about.rows), these)[entries] if len(these) else np.zeros(len(entries), bool)
    if (about.state["bits"] & bit).any():
        group = about.group_of(entries)
        past = entries == about.starts[group]
        found |= past & (about.state["bits"][group] & bit != 0)
    return found


class Unseen:
    """Where `acks` acknowledge what was not captured; the gaps of the side that they are about.

    A gap opens where a segment does not begin where the one before ended. It closes with a segment
    that begins at its edge, or with an acknowledgment of what lies beyond: that one is marked.
    """

    def __init__(self, acks: Acks) -> None:
        self._acks, self._side = acks, acks.about
        self.marked: list[int] = []
        """Entries of the acknowledging side that are marked for closing a gap."""
        self.edges: dict[int, int] = {}
        """By group: the place where a gap is still open at the end."""
        self._chain()

    def _chain(self) -> None:
        side, acks = self._side, self._acks
        odd = np.flatnonzero(side.lag)
        opens = odd[side.end[odd] > side.run[odd - 1]]
        if len(side.probe):
            opens = opens[~among(len(side.rows), side.probe)[opens]]
        edges = side.run[opens - 1]
        carried = np.flatnonzero(side.state["ackable"] != side.state["next"])
        carried = carried[~side.unseen[carried]]
        if len(carried):
            past = side.starts[carried]
            gap = signed(side.state["next"][carried] - side.state["ackable"][carried])
            opens, edges = (
                np.concatenate((opens, past)),
                np.concatenate((edges, side.run[past] - gap)),
            )
            order = np.argsort(opens, kind="stable")
            opens, edges = opens[order], edges[order]
        if not len(opens):
            return
        groups = side.group_of(opens)
        closing, doubtful = self._closed_by_ack(opens, edges)
        filling = self._filled(odd[side.lag[odd] < 0], edges)
        done_own = done_other = -1
        rows = zip(
            *(array.tolist() for array in (opens, edges, side.other[opens], groups)),
            *(array.tolist() for array in (filling, self._before(filling), closing, doubtful)),
            strict=True,
        )
        for entry, edge, other, group, fill, fill_other, close, doubt in rows:
            if entry <= done_own or other < done_other:
                continue  # the gap before is still open: its edge counts
            self.edges.pop(group, None)
            stop, last = int(side.stops[group]), int(acks.side.stops[group])
            close = self._search(other, last, edge) if doubt else close
            fill = fill if fill < stop else -1
            close = close if close < last else -1
            if fill >= 0 and (close < 0 or fill_other < close):
                done_own, done_other = fill, -1
            elif close >= 0:
                self.marked.append(close)
                done_own, done_other = -1, close
            else:
                self.edges[group] = edge
                done_own, done_other = stop - 1, -1

    def _before(self, entries: Array) -> Array:
        last = len(self._side.other) - 1
        return self._side.other[np.minimum(entries, last)]

    def _closed_by_ack(self, opens: Array, edges: Array) -> tuple[Array, Array]:
        """The first entry behind each gap's begin that acknowledges more than its edge.

        And whether that is doubtful: what was acknowledged before the first segment was seen may
        hide a later one, and so may a segment that is no acknowledgment, but for the number in it.
        """
        acks, side = self._acks, self._side
        never = len(acks.side.rows)
        found = np.searchsorted(acks.top, edges, "right")
        entries = np.append(acks.entries, never)[found]
        flags = np.append(acks.side.flags, np.uint8(ACK))[entries]
        return entries, (entries <= side.other[opens]) | (flags & ACK == 0)

    def _search(self, behind: int, stop: int, edge: int) -> int:
        """The first acknowledgment of more than `edge` behind an entry, one by one."""
        acks = self._acks
        begin = int(np.searchsorted(acks.entries, behind, "right"))
        span = acks.entries[begin : begin + LOOK]
        later = (acks.reach[begin : begin + LOOK] > edge) & (span < stop)
        found = np.flatnonzero(later & (acks.side.flags[span] & ACK != 0))
        return int(span[found[0]]) if len(found) else stop

    def _filled(self, old: Array, edges: Array) -> Array:
        """The first old segment that begins at each edge."""
        side = self._side
        never = len(side.rows)
        order = np.argsort(side.place[old], kind="stable")
        places = side.place[old][order]
        at = np.searchsorted(places, edges)
        hit = at < len(places)
        hit[hit] = places[at[hit]] == edges[hit]
        found = np.full(len(edges), never, np.int64)
        found[hit] = old[order][at[hit]]
        return found


def unseen(acks: Acks, back: Acks) -> tuple[Array, dict[int, int]]:
    """Entries that acknowledge what was not captured, and the gaps that stay open (by group).

    `back` are the other side's acknowledgments, whose count of repeats is told.
    """
    gaps = Unseen(acks)
    beyond = (acks.beyond > 0) & (acks.side.flags[acks.entries] & ACK != 0)
    beyond[np.searchsorted(acks.entries, acks.side.starts)] = False
    entries = acks.entries[beyond]
    marked = np.array(gaps.marked, np.int64)
    if not len(entries):
        return marked, gaps.edges
    entries = entries[~among(len(acks.side.rows), marked)[entries]]
    heard = acks.side.other[entries]
    first = np.ones(len(entries), bool)
    first[1:] = heard[1:] != heard[:-1]
    entries, heard = entries[first], heard[first]
    back.ahead, back.ahead_by = heard, entries
    fresh = back.count(heard, after=False) == 0
    return np.union1d(marked, entries[fresh]), gaps.edges
