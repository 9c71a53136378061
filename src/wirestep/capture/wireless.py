"""Data frames of IEEE 802.11, with or without a radio's header, down to the packet they carry.

What is encrypted, a fragment, or several packets in one (A-MSDU) carries nothing that is read here.
"""

from __future__ import annotations

import numpy as np

from .arrays import Array, Views

DATA = 2
TO_AND_FROM, MORE_FRAGMENTS, PROTECTED, ORDER = 3, 4, 0x40, 0x80
NOTHING, QUALITY = 4, 8
"""Bits of a data frame's subtype: it carries nothing; it has a quality of service field."""
AGGREGATE = 0x80
TIMESTAMP, FLAGS, MORE_WORDS = 1, 2, 1 << 31
PADDED = 0x20
MAX_WORDS = 4
SNAP = 0xAAAA0300


def wireless(views: Views, start: Array, caplen: Array) -> tuple[Array, Array]:
    """(ethertype, at) of frames without a radio's header."""
    zeros = np.zeros(len(start), np.int64)
    return _frames(views, start, caplen.astype(np.int64), zeros, zeros != 0)


def radiotap(views: Views, start: Array, caplen: Array) -> tuple[Array, Array]:
    """(ethertype, at) of frames behind a radio's header, which may pad (radiotap.org)."""
    kept = caplen.astype(np.int64)
    size = views.u1[start + 2].astype(np.int64) | views.u1[start + 3].astype(np.int64) << 8
    size = np.where((size >= 8) & (size <= kept), size, kept)
    present = views.u4[start + 4].astype(np.uint32).byteswap()
    at = np.full(len(start), 8, np.int64)
    word = present
    for _ in range(MAX_WORDS):
        more = np.flatnonzero((word & MORE_WORDS != 0) & (at + 4 <= size))
        if not len(more):
            break
        word = np.zeros(len(start), np.uint32)
        word[more] = views.u4[start[more] + at[more]].astype(np.uint32).byteswap()
        at[more] += 4
    at = np.where(present & TIMESTAMP, (at + 7 & ~7) + 8, at)
    told = (present & FLAGS != 0) & (at < size)
    flags = views.u1[start + np.where(told, at, 0)]
    return _frames(views, start, kept, size, told & (flags & PADDED != 0))


def _frames(
    views: Views, start: Array, kept: Array, at: Array, padded: Array
) -> tuple[Array, Array]:
    """The same for frames that start `at`, those `padded` to a multiple of four bytes."""
    kind, found = np.zeros(len(start), np.uint16), at.copy()
    rows = np.flatnonzero(at + 34 <= kept)
    place = start[rows] + at[rows]
    subtype, flags = views.u1[place] >> 4, views.u1[place + 1]
    right = (views.u1[place] >> 2 & 3 == DATA) & (subtype & NOTHING == 0)
    right &= (flags & (MORE_FRAGMENTS | PROTECTED) == 0) & (views.u1[place + 22] & 15 == 0)
    quality = subtype & QUALITY != 0
    size = np.where(flags & TO_AND_FROM == TO_AND_FROM, 30, 24)
    right &= ~quality | (views.u1[place + size] & AGGREGATE == 0)
    size += np.where(quality, 2, 0) + np.where(quality & (flags & ORDER != 0), 4, 0)
    size = np.where(padded[rows], size + 3 & ~3, size)
    right &= at[rows] + size + 8 <= kept[rows]
    rows, inner = rows[right], (place + size)[right]
    snap = (views.u4[inner] == SNAP) & (views.u2[inner + 4] == 0)
    rows, inner = rows[snap], inner[snap]
    kind[rows] = views.u2[inner + 6]
    found[rows] = inner + 8 - start[rows]
    return kind, found
