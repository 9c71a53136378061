"""Where segments stand in their direction: lost, kept alive, sent again, overtaken."""

from __future__ import annotations

import numpy as np

from .acks import Acks
from .arrays import NONE, Array, among, last_at
from .marks import Mark
from .scales import UNKNOWN_SCALE
from .sides import FAR, FIN, RST, SYN, Side, Slice

FAST = 20_000_000
"""ns after the duplicate acknowledgments within which a retransmission is a fast one."""
NEAR = 3_000_000
"""ns within which a late segment was overtaken, not sent again, where no round trip is known."""
AGAIN = Mark.RETRANSMISSION
PLAIN = SYN | FIN | RST
_FRACTION = np.int32(0x7FFFFF)


class Places:
    """What the sequence numbers alone tell of one side; keep-alives are noted in the side."""

    def __init__(self, side: Side) -> None:
        odd = np.flatnonzero(side.lag)
        if len(side.probe):
            odd = odd[~among(len(side.rows), side.probe)[odd]]
        lag, flags = side.lag[odd], side.flags[odd]
        self.lost = odd[(lag > 0) & (flags & RST == 0)]
        """Entries before which something is missing."""
        kept = (lag == -1) & (side.size[odd] <= 1) & (flags & PLAIN == 0)
        side.kept = odd[kept]
        self.old = odd[(lag < 0) & (lag > -FAR) & ~kept & (side.end[odd] > side.place[odd])]
        """Entries that begin below the highest byte seen, and hold something."""


class Flying:
    """What a segment's end says against the last acknowledgment and window of the other side."""

    def __init__(self, side: Side, back: Side) -> None:
        full = np.flatnonzero(side.size)
        heard = side.other[full]
        acked = back.ack[heard]
        stop = side.seq[full] + side.size[full].astype(np.uint32)
        ahead = (stop - acked).view(np.int32)
        gone = np.flatnonzero((ahead <= 0) & (acked != 0))
        gone = full[gone]
        if len(side.kept):
            gone = gone[~among(len(side.rows), side.kept)[gone]]
        self.acked = gone
        """Entries whose bytes are acknowledged already."""
        window = back.window[heard]
        # A scaled window differs from the field by a power of two: equal fractions.
        ahead, scaled = ahead.astype(np.float32), window.astype(np.float32)
        alike = (ahead.view(np.int32) ^ scaled.view(np.int32)) & _FRACTION == 0
        alike &= (window != 0) == (ahead != 0)
        places = full[alike]
        self.filling = places[side.flags[places] & PLAIN == 0]
        """Entries that would fill the window, with some factor."""


def fills(side: Side, back: Side, places: Array, shifts: Array) -> Array:
    """Those of `places` that fill the window the other side had promised.

    `shifts`: for each the shift of that window, or UNKNOWN_SCALE, or NO_SCALE.
    """
    heard = side.other[places]
    group = side.group_of(places)
    flags = back.flags[heard]
    past = back.starts[group] == heard
    flags = np.where(past, back.state["flags"][group], flags)
    known = (shifts != UNKNOWN_SCALE) & ~(past & back.unseen[group])
    # The window of a SYN itself is not scaled (RFC 7323 section 2.2).
    shift = np.where(flags & SYN != 0, 0, np.maximum(shifts, 0))
    window = back.window[heard].astype(np.int64) << shift
    stop = side.seq[places] + side.size[places].astype(np.uint32)
    full: Array = places[known & ((stop - back.ack[heard]).astype(np.int64) == window)]
    return full


def judge_old(
    part: Slice, which: int, old: Array, back: Acks, round_trips: tuple[Array, Array]
) -> tuple[Array, Array]:
    """(entries, marks) of old segments that were not acknowledged yet.

    `back`: the acknowledgments that were there; `round_trips`: of each group, ns (0 unknown), and
    the row behind which it was known.
    """
    side = part.sides[which]
    # Its first byte was a probe of the window: the others are new.
    old = old[(side.size[old] <= 1) | (side.lag[old] != -1)]
    if not len(old):
        return NONE, NONE
    time = part.columns.time
    rows, heard, group = side.rows[old], side.other[old], side.group_of(old)
    said = back.side
    asked = (back.count(heard, after=False) >= 2) & (said.ack[heard] == side.seq[old])
    if len(back.ahead):
        index = last_at(back.ahead, heard)
        asked &= ~((back.ahead[index] == heard) & (index >= 0) & (back.ahead_by[index] <= old))
    fast = asked & (time[rows] - time[said.rows[heard]] < FAST)
    value, since = round_trips
    near = np.where((value[group] != 0) & (rows > since[group]), value[group], NEAR)
    highest = highest_rows(side, old - 1)
    late = time[rows] - time[highest] < near
    reaches = side.run[old - 1] == side.end[old]
    empty = (part.columns.payload_length[highest] == 0) & (part.columns.flags[highest] & FIN == 0)
    late &= ~reaches | ((side.size[old] > 0) & empty)
    marks = np.where(late, int(Mark.OUT_OF_ORDER), int(AGAIN))
    marks[fast] = int(AGAIN | Mark.FAST_RETRANSMISSION)
    return old, marks


def highest_rows(side: Side, entries: Array) -> Array:
    """The rows of the segments that had reached highest at these entries."""
    found = side.growing[last_at(side.growing, entries)]
    rows = side.rows[found]
    past = np.flatnonzero(side.is_past(found))
    rows[past] = side.state["next_row"][side.group_of(found[past])]
    return rows
