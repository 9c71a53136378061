"""Small steps on arrays that several rules need."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
"""An array; what it holds (dtype and shape) is said where it is made."""

NONE = np.zeros(0, np.int64)
"""No places."""


def ranges(starts: Array, counts: Array) -> tuple[Array, Array]:
    """(which range, place in it) for every place of the ranges [start, start + count)."""
    owner = np.repeat(np.arange(len(starts)), counts)
    before = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) + (starts - before)[owner]


def last_at(places: Array, at: Array) -> Array:
    """For each `at` the index of the last of `places` (ascending) that is not behind it, or -1."""
    return np.searchsorted(places, at, "right") - 1


def signed(numbers: Array) -> Array:
    """Differences of 32-bit numbers (uint32) as int64: how far ahead, by RFC 9293 section 3.4."""
    return numbers.view(np.int32).astype(np.int64)


def among(count: int, places: Array) -> Array:
    """bool[count]: true at `places`."""
    mask = np.zeros(count, bool)
    mask[places] = True
    return mask
