"""Numpy helpers: reading numbers at any byte of a buffer, and arrays that grow at the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
"""An array; what it holds (dtype and shape) is said where it is made."""

GUARD = 128
"""Bytes a buffer has behind its last frame, so that a header's end may be read without a check."""


def unaligned(buffer: Array, dtype: str) -> Array:
    """Numbers of `dtype` starting at every byte of `buffer` (uint8[n]): index i reads at byte i."""
    kind = np.dtype(dtype)
    size = max(0, len(buffer) - kind.itemsize + 1)
    return np.ndarray((size,), kind, buffer.data, 0, (1,))


def heads(buffer: Array, at: Array, size: int) -> Array:
    """uint8[len(at), size]: the `size` bytes of `buffer` from each of `at` (int64[n]) on.

    One gather of whole headers costs hardly more than one of a single number, and the numbers are
    then read out of short rows; see `number`.
    """
    runs = np.ndarray((max(0, len(buffer) - size + 1),), f"V{size}", buffer.data, 0, (1,))
    return runs[at].view(np.uint8).reshape(len(at), size)


def number(rows: Array, at: int, dtype: str) -> Array:
    """The number that stands `at` bytes into each of `rows` (as `heads` gives them), as a view."""
    return rows[:, at : at + np.dtype(dtype).itemsize].view(dtype)[:, 0]


def among(values: Array, few: Iterable[int]) -> Array:
    """bool: where a value is one of a few numbers; much faster than numpy's isin."""
    found = np.zeros(values.shape, bool)
    for one in few:
        found |= values == one
    return found


class Views:
    """The big-endian numbers of a buffer, as network headers have them, at any byte."""

    __slots__ = ("u1", "u2", "u4", "u8")

    def __init__(self, buffer: Array) -> None:
        self.u1 = buffer
        self.u2 = unaligned(buffer, ">u2")
        self.u4 = unaligned(buffer, ">u4")
        self.u8 = unaligned(buffer, ">u8")


class Growing:
    """Arrays of one length that grow together; `shape` gives each its dtype and inner width.

    One thread appends; others may read rows below a `count` they were told, at any time: what was
    handed out stays valid, because growing makes new arrays and leaves the old ones alone.
    """

    def __init__(self, shape: Mapping[str, tuple[str, int]], capacity: int = 1024) -> None:
        self._shape = dict(shape)
        self._capacity = capacity
        self.count = 0
        self._arrays = {name: _empty(capacity, *kind) for name, kind in self._shape.items()}

    def __getitem__(self, name: str) -> Array:
        """The array with room for more than `count` rows; writes past `count` are not seen yet."""
        return self._arrays[name]

    def reserve(self, count: int, expected: int = 0) -> None:
        """Make room for `count` rows in all; where there is none, for `expected` if those are more.

        Room that is not used yet takes no memory, but to move what is there takes time.
        """
        if count <= self._capacity:
            return
        capacity = expected if expected > count else max(count, self._capacity * 2)
        fresh = {}
        for name, old in self._arrays.items():
            new = _empty(capacity, *self._shape[name])
            new[: self.count] = old[: self.count]
            fresh[name] = new
        self._arrays = fresh
        self._capacity = capacity

    def snapshot(self, count: int) -> dict[str, Array]:
        """The first `count` rows of each array, read-only, without a copy."""
        taken = {}
        for name, array in self._arrays.items():
            view = array[:count]
            view.flags.writeable = False
            taken[name] = view
        return taken


def _empty(capacity: int, dtype: str, width: int) -> Array:
    return np.zeros((capacity, width) if width > 1 else capacity, dtype)
