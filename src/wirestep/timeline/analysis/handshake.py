"""What the begin of a conversation tells: first numbers, its round trip, how complete it is."""

from __future__ import annotations

import numpy as np

from .arrays import Array
from .carried import BASED, Carried
from .sides import ACK, FIN, RST, SYN, Side, Slice

SYN_SENT, SYN_ACK_SENT, ACK_SENT, DATA_SENT, FIN_SENT, RST_SENT = (1 << bit for bit in range(6))
"""Bits of tcp.completeness."""
NEVER = np.iinfo(np.int64).max
TRIES = 8
"""Acknowledgments that may come in the very nanosecond of their SYN."""


def _progress(flags: int, *, data: bool) -> int:
    done = 0
    if flags & (SYN | ACK) == SYN | ACK:
        done |= SYN_ACK_SENT
    elif flags & ACK and not flags & SYN:
        done |= DATA_SENT if data else ACK_SENT
    if flags & (FIN | ACK) == FIN | ACK:
        done |= FIN_SENT
    if flags & RST:
        done |= RST_SENT
    return done


_PROGRESS = np.array(
    [_progress(flags, data=data) for data in (False, True) for flags in range(256)], np.uint8
)
"""By flags, and 256 more where there is data."""


def first_rows(part: Slice) -> Array:
    """int64: by group the row of the first segment in this slice."""
    rows = np.full(len(part.conversations), NEVER)
    for side in part.sides:
        some = np.flatnonzero(side.stops > side.starts + 1)
        rows[some] = np.minimum(rows[some], side.rows[side.starts[some] + 1])
    return rows


def complete(part: Slice, carried: Carried) -> None:
    """How far the conversations have come."""
    done = carried.completeness[part.conversations]
    new = part.sides[0].unseen & part.sides[1].unseen
    first = first_rows(part)
    for side in part.sides:
        kind = side.flags.astype(np.int64)
        kind += (side.size > 0).astype(np.int64) << 8
        bits = _PROGRESS[kind]
        bits[side.starts] = 0
        # A conversation's first segment says something only if it asks for one.
        some = np.flatnonzero(new & (side.stops > side.starts + 1))
        mine = some[side.rows[side.starts[some] + 1] == first[some]]
        entry = side.starts[mine] + 1
        asks = side.flags[entry] & (SYN | ACK) == SYN
        data = np.where(side.size[entry] > 0, DATA_SENT, 0)
        bits[entry] = np.where(asks, SYN_SENT | data, 0)
        done |= np.bitwise_or.reduceat(bits, side.starts)
    carried.completeness[part.conversations] = done


def round_trips(part: Slice, carried: Carried) -> tuple[Array, Array]:
    """By group: ns of the handshake (0 unknown), and the row behind which it is known."""
    numbers = part.conversations
    since = np.full(len(numbers), -1, np.int64)
    asks = _keys(part, SYN)
    lacking = carried.round_trip[numbers] == 0
    asked = carried.asked[numbers].astype(np.int64) - 1
    start = np.where(asked >= 0, 0, NEVER)
    owner, index = np.unique(_high(asks), return_index=True)
    start[owner] = np.minimum(start[owner], _low(asks[index]))
    wanted = np.flatnonzero(lacking & (start != NEVER))
    if len(wanted):
        some = np.zeros(len(numbers), bool)
        some[wanted] = True
        _measure(part, carried, (wanted, start[wanted], asked), asks, since)
    if len(asks):
        last = np.append(np.flatnonzero(np.diff(_high(asks))), len(asks) - 1)
        carried.asked[numbers[_high(asks[last])]] = _low(asks[last]) + 1
    return carried.round_trip[numbers], since


def _measure(
    part: Slice, carried: Carried, wanted: tuple[Array, Array, Array], asks: Array, since: Array
) -> None:
    """From the last SYN to the first ACK behind the first SYN, in place."""
    groups, start, asked = wanted
    time, numbers = part.columns.time, part.conversations
    some = np.zeros(len(numbers), bool)
    some[groups] = True
    acks = _keys(part, ACK, some)
    at = np.searchsorted(acks, _join(groups, start))
    for _ in range(TRIES):
        there = at < len(acks)
        there[there] = _high(acks[at[there]]) == groups[there]
        groups, at = groups[there], at[there]
        if not len(groups):
            return
        row = _low(acks[at])
        ask = np.searchsorted(asks, acks[at]) - 1
        known = ask >= 0
        known[known] = _high(asks[ask[known]]) == groups[known]
        began = asked[groups]
        began[known] = _low(asks[ask[known]])
        span = time[row] - time[began]
        carried.round_trip[numbers[groups]] = span
        since[groups] = row
        # Not a nanosecond apart: as if it had not been measured.
        groups, at = groups[span == 0], at[span == 0] + 1


def _keys(part: Slice, flag: int, some: Array | None = None) -> Array:
    """uint64, ascending: (group, row) of segments with this one of SYN and ACK, in some groups."""
    keys = []
    for side in part.sides:
        found = np.flatnonzero(side.flags & (SYN | ACK) == flag)
        group = side.group[found]
        if some is not None:
            found, group = found[some[group]], group[some[group]]
        keys.append(_join(group, side.rows[found]))
    return np.sort(np.concatenate(keys), kind="stable")  # two sorted halves


def _join(group: Array, row: Array) -> Array:
    return group.astype(np.uint64) << np.uint64(32) | row.astype(np.uint64)


def _high(keys: Array) -> Array:
    return (keys >> np.uint64(32)).astype(np.int64)


def _low(keys: Array) -> Array:
    return (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)


def bases(side: Side, back: Side) -> Array:
    """Learn where a direction's numbers begin; gives SYN+ACKs that contradict what was known.

    Where its SYN was not seen, its first byte is taken to be number 1.
    """
    state = side.state
    need = np.flatnonzero(state["bits"] & BASED == 0)
    if len(need):
        _learn(side, back, need)
    syn = np.flatnonzero(side.flags & (SYN | ACK) == SYN | ACK)
    contrary: list[int] = []
    groups = side.group_of(syn)
    other = side.seq[syn] != state["base"][groups]
    for entry, group in zip(syn[other].tolist(), groups[other].tolist(), strict=True):
        if state["base"][group] != side.seq[entry]:
            state["base"][group] = side.seq[entry]
            contrary.append(entry)
    syns = np.flatnonzero(side.flags & SYN)[::-1]
    groups = side.group_of(syns)
    known = state["syn_row"].copy()
    state["syn_row"][groups] = side.rows[syns] + 1  # the first is written last
    state["syn_row"][known > 0] = known[known > 0]
    return np.array(contrary, np.int64)


def _learn(side: Side, back: Side, need: Array) -> None:
    state = side.state
    own = side.starts[need] + 1
    has_own = side.stops[need] > own
    own = np.minimum(own, len(side.rows) - 1)
    told = np.flatnonzero(back.flags & ACK)
    told = np.append(told, len(back.rows))
    first = told[np.searchsorted(told, back.starts[need])]
    has_told = first < back.stops[need]
    first = np.minimum(first, len(back.rows) - 1)
    by_own = has_own & (~has_told | (side.rows[own] < back.rows[first]))
    by_told = has_told & ~by_own
    seq = side.seq[own] - (side.flags[own] & SYN == 0).astype(np.uint32)
    ack = back.ack[first] - np.uint32(1)
    state["base"][need[by_own]] = seq[by_own]
    state["base"][need[by_told]] = ack[by_told]
    state["bits"][need[by_own | by_told]] |= BASED
