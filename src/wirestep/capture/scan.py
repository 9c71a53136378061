"""Where the units of a chained file start: each unit says how long it is, the next one follows.

`walk` follows the chain with one Python step a unit and is the definition. `lockstep` gives the
same answer with none: it cuts the bytes into chunks, guesses one unit's start in each, lets all
chunks step along together, and believes the outcome only if each chunk ends exactly where the
next one starts; then the guesses were right, since the first start is known. Otherwise it says so
and the caller walks.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import Array, unaligned

CHUNK = 1 << 16
"""Bytes a lockstep chunk has."""
FEW = 16
"""Below so many chunks still stepping, a plain walk is faster."""

Guess = Callable[[Array, int, Array], Array]
"""(buffer, stop, starts) -> int64: a likely unit start at or behind each start, -1 for none."""


@dataclass(frozen=True, slots=True)
class Chain:
    """How to get from a unit to the next: offset + `add` + the number at offset + `at`."""

    order: str
    """"<" or ">"."""
    at: int
    """Where the number stands in the unit (4 bytes)."""
    add: int
    """What the number does not count."""
    head: int
    """Bytes a unit has at least."""
    low: int
    high: int
    """The number lies in [low, high]; anything else is no unit."""
    align: int = 1
    """The number is rounded up to a multiple of this, a power of two."""

    @property
    def mask(self) -> int:
        """Low bits that rounding clears."""
        return self.align - 1


def walk(chain: Chain, buffer: Array, start: int, stop: int) -> tuple[list[int], int]:
    """Starts of the whole units in [start, stop), and where the first one that is not whole is."""
    data = buffer.data
    number = struct.Struct(chain.order + "I").unpack_from
    at, add, head, low, high = chain.at, chain.add, chain.head, chain.low, chain.high
    mask = chain.mask
    found: list[int] = []
    keep = found.append
    while start + head <= stop:
        size = number(data, start + at)[0]
        after = start + add + (size + mask & ~mask)
        if size < low or size > high or after > stop:
            break
        keep(start)
        start = after
    return found, start


def lockstep(
    chain: Chain, buffer: Array, start: int, stop: int, guess: Guess
) -> tuple[Array, int] | None:
    """As `walk`, for a `start` that is a unit's; None where the chunks do not agree."""
    chunks = (stop - start) // CHUNK
    if chunks < FEW * 2:
        return None
    edges = start + CHUNK * np.arange(1, chunks, dtype=np.int64)
    guesses = guess(buffer, stop, edges)
    starts = np.concatenate(([start], np.unique(guesses[guesses > start])))
    goals = np.append(starts[1:], stop)
    stepped = _step(chain, unaligned(buffer, chain.order + "u4"), starts, goals)
    if stepped is None:
        return None
    columns, slow, slow_goals = stepped
    for place, goal in zip(slow.tolist(), slow_goals.tolist(), strict=True):
        found, end = walk(chain, buffer, place, goal)
        columns.append(np.array(found, np.int64))
        if goal != stop and end != goal:
            return None
    offsets = np.concatenate(columns)
    offsets.sort()
    if not len(offsets):
        return offsets, start
    last = int(offsets[-1])
    size = int(unaligned(buffer, chain.order + "u4")[last + chain.at])
    return offsets, last + chain.add + (size + chain.mask & ~chain.mask)


def _step(
    chain: Chain, sizes: Array, places: Array, goals: Array
) -> tuple[list[Array], Array, Array] | None:
    """Step all cursors together until few are left: (visited, places left, their goals)."""
    final = goals[-1]
    columns: list[Array] = []
    while len(places) >= FEW:
        within = places + chain.head <= final
        if not within.all():
            if (goals[~within] != final).any():
                return None
            places, goals = places[within], goals[within]
            continue
        size = sizes[places + chain.at].astype(np.int64)
        after = places + (size + chain.mask & ~chain.mask) + chain.add
        over = (size < chain.low) | (size > chain.high) | (after > goals)
        if over.any():
            if (goals[over] != final).any():
                return None
            places, goals, after = places[~over], goals[~over], after[~over]
        columns.append(places)
        going = after < goals
        places, goals = after[going], goals[going]
    return columns, places, goals
