"""Where the units of a chained file start: each unit says how long it is, the next one follows.

`walk` follows the chain with one Python step a unit and is the definition. `lockstep` gives the
same answer with none: it cuts the bytes into chunks, guesses one unit's start in each, lets all
chunks step along together, and believes the outcome only if each chunk ends exactly where the
next one starts; then the guesses were right, since the first start is known. Otherwise it says so
and the caller walks. A chunk in which nothing was guessed belongs to the one before it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .arrays import Array, unaligned

UNITS = 64
"""Units a lockstep chunk has, about; the fewer, the more chunks step along at once."""
LEAST, MOST = 1 << 13, 1 << 16
"""Bytes it has."""
FEW = 8
"""Below so many chunks still stepping, a plain walk is faster."""

Guess = Callable[[Array, int, int, int], Array]
"""(buffer, stop, chunk, width) -> int64: likely starts of units, at most one of them in the first
`width` bytes of each chunk but the very first, ascending."""


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
    chain: Chain, buffer: Array, stop: int, guess: Guess, mean: int
) -> tuple[Array, int] | None:
    """As `walk` from 0 on, where a unit starts; None where the chunks do not agree.

    `mean`: bytes that a unit has on average, as far as known: how large chunks should be.
    """
    chunk = min(max(1 << (mean * UNITS).bit_length(), LEAST), MOST)
    width = min(max(1 << (2 * mean).bit_length(), 512), chunk // 2)
    if stop // chunk < FEW * 2:
        return None
    starts = np.concatenate((np.zeros(1, np.int64), guess(buffer, stop, chunk, width)))
    sizes = unaligned(buffer, chain.order + "u4")[chain.at :]
    stepped = _step(chain, sizes, starts[:-1], starts[1:])
    if stepped is None:
        return None
    columns, slow, goals = stepped
    for place, goal in zip(slow.tolist(), goals.tolist(), strict=True):
        found, end = walk(chain, buffer, place, goal)
        columns.append(np.array(found, np.int64))
        if end != goal:
            return None
    # Nobody tells where the last chunk's units end: they are looked at one by one.
    found, end = walk(chain, buffer, int(starts[-1]), stop)
    columns.append(np.array(found, np.int64))
    offsets = np.concatenate(columns)
    offsets.sort(kind="stable")  # runs that are sorted already: much faster than the usual kind
    return offsets, end


def _step(
    chain: Chain, sizes: Array, places: Array, goals: Array
) -> tuple[list[Array], Array, Array] | None:
    """Step all cursors together until few are left: (visited, places left, their goals).

    `sizes`: the number of a unit that starts at each byte. None where a cursor misses its goal or
    meets a number out of bounds.
    """
    columns: list[Array] = []
    # A number that is too large leads beyond the goal, unless that is far away.
    far = len(goals) > 0 and int((goals - places).max()) > chain.high
    while len(places) >= FEW:
        columns.append(places)
        size = sizes[places]
        if (chain.low and int(size.min()) < chain.low) or (far and int(size.max()) > chain.high):
            return None
        after = places + size
        if chain.align > 1:
            after += -size.astype(np.int64) & chain.mask
        if chain.add:
            after += chain.add
        there = after >= goals
        if not there.any():
            places = after
            continue
        if (after[there] != goals[there]).any():
            return None
        going = ~there
        places, goals = after[going], goals[going]
    return columns, places, goals
