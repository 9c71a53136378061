"""Numbers for keys: equal keys get one number, counted in order of first appearance."""

from __future__ import annotations

import os
import struct

import numpy as np

from .arrays import Array, Growing

SPARSE = 4
"""Slots a key has, at least: most keys are found where they are looked for first."""


class KeyTable:
    """Open addressing over keys of `width` 64-bit words, for many rows at once.

    The words themselves are compared, so the hash only decides how fast an answer is; it is
    keyed at random, so that no file can be made to be slow.
    """

    def __init__(self, width: int, bits: int = 14) -> None:
        self._names = [f"word{place}" for place in range(width)]
        self.words = Growing(dict.fromkeys(self._names, ("u8", 1)))
        self._seeds = [
            np.uint64(seed) for seed in struct.unpack(f"<{2 * width}Q", os.urandom(16 * width))
        ]
        self._bits = bits
        self._used = [False] * width
        """By word: whether any key has it not 0."""
        self._slots = np.full(1 << bits, -1, np.int32)

    @property
    def count(self) -> int:
        """Different keys so far."""
        return self.words.count

    def word(self, place: int) -> Array:
        """uint64[count]: one word of every key, by number."""
        return self.words[self._names[place]][: self.count]

    def numbers(self, words: list[Array]) -> tuple[Array, Array]:
        """(number of each row's key, rows where a new key appeared first); new numbers follow
        the order of those rows."""
        while (self.count + len(words[0])) * SPARSE > len(self._slots):
            self._widen()
        slot = (self._hash(words) >> np.uint64(64 - self._bits)).astype(np.int64)
        base = self.count
        self.words.reserve(base + len(slot))
        # Most rows find their key at once; only the others are gone into.
        found = self._slots.take(slot).astype(np.int64)
        pending = np.flatnonzero(~self._same(found, words))
        fresh_rows: list[Array] = []
        fresh_slots: list[Array] = []
        while len(pending):
            here = slot[pending]
            at = self._slots[here]
            empty = at < 0
            if empty.any():
                claimed, rows = self._first(here[empty], pending[empty])
                self._claim(claimed, rows, words)
                fresh_rows.append(rows)
                fresh_slots.append(claimed)
                at = self._slots[here]
            found[pending] = at
            pending = pending[~self._same(at, words, pending)]
            slot[pending] = (slot[pending] + 1) & (len(self._slots) - 1)
        if not fresh_rows:
            return found, np.zeros(0, np.int64)
        return self._order(found, base, np.concatenate(fresh_rows), np.concatenate(fresh_slots))

    def _first(self, slots: Array, rows: Array) -> tuple[Array, Array]:
        """(empty slots, the first of the ascending rows that wants it): it may have it."""
        # Of many writes to one place the last one stays.
        self._slots[slots[::-1]] = -2 - rows[::-1]
        won = self._slots[slots] == -2 - rows
        return slots[won], rows[won]

    def _same(self, found: Array, words: list[Array], rows: Array | None = None) -> Array:
        """bool: where the key of the row has the number that was `found` (-1 for none)."""
        same = found >= 0
        for place, (name, word) in enumerate(zip(self._names, words, strict=True)):
            if self._used[place] or word.any():
                mine = word if rows is None else word[rows]
                same &= self.words[name].take(found) == mine
        return np.asarray(same)

    def _claim(self, slots: Array, rows: Array, words: list[Array]) -> None:
        start = self.count
        self._slots[slots] = np.arange(start, start + len(rows), dtype=np.int32)
        for place, (name, word) in enumerate(zip(self._names, words, strict=True)):
            self.words[name][start : start + len(rows)] = word[rows]
            self._used[place] |= bool(word.any())
        self._used = [
            used or bool(word.any()) for used, word in zip(self._used, words, strict=True)
        ]
        self.words.count += len(rows)

    def _order(self, found: Array, base: int, rows: Array, slots: Array) -> tuple[Array, Array]:
        """Renumber the keys from `base` on by the rows they came from."""
        order = np.argsort(rows)
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        for name in self._names:
            part = self.words[name][base : base + len(order)]
            part[:] = part[order]
        self._slots[slots] = base + rank
        new = found >= base
        found[new] = base + rank[found[new] - base]
        return found, rows[order]

    def _hash(self, words: list[Array]) -> Array:
        """uint64: keyed multiply and shift over the words."""
        out = np.zeros(1, np.uint64)  # stands for all rows as long as their words are all 0
        for place, word in enumerate(words):
            seed, factor = self._seeds[2 * place : 2 * place + 2]
            out = (word if word.any() else word[:1]) ^ seed ^ out
            out *= factor | np.uint64(1)
            out ^= out >> np.uint64(32)
        return np.broadcast_to(out * np.uint64(0x9E3779B97F4A7C15), words[0].shape)

    def _widen(self) -> None:
        """Twice the slots, and every key into its new one."""
        self._bits += 1
        self._slots = np.full(1 << self._bits, -1, np.int32)
        if not self.count:
            return
        hashed = self._hash([self.word(place) for place in range(len(self._names))])
        slot = (hashed >> np.uint64(64 - self._bits)).astype(np.int64)
        pending = np.arange(self.count)
        while len(pending):
            here = slot[pending]
            empty = self._slots[here] == -1
            claimed, rows = self._first(here[empty], pending[empty])
            self._slots[claimed] = rows
            pending = pending[self._slots[here] != pending]
            slot[pending] = (slot[pending] + 1) & (len(self._slots) - 1)
