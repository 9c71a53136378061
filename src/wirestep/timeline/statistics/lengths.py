"""Packet lengths in Wireshark's classes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array

from .totals import SECOND, blocks, picked

EDGES = (0, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120)
"""Where Wireshark's classes begin (its preference "Packet Lengths: ranges")."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One class of lengths; the first line of the table stands for all."""

    name: str
    """"40-79", "5120 and greater"; "all"."""
    count: int
    average: float
    """Bytes; 0 where there are none."""
    least: int
    most: int
    rate: float
    """Packets a millisecond."""
    share: float
    """0 to 1."""


def lengths(columns: Columns, rows: Array | None = None) -> tuple[Bucket, ...]:
    """All packets, then each class."""
    length, time = picked(columns.length, rows), picked(columns.time, rows)
    if not len(length):
        return tuple(Bucket(name, 0, 0.0, 0, 0, 0.0, 0.0) for name in ("all", *_names()))
    top = EDGES[-1]
    counts = np.zeros(top + 1, np.int64)
    for some in blocks(len(length)):
        counts += np.bincount(np.minimum(length[some], top), minlength=top + 1)
    sums = counts * np.arange(top + 1)
    whole = int(length.sum(dtype=np.int64))
    sums[top] = whole - int(sums[:top].sum())
    each = np.add.reduceat(counts, EDGES).tolist()
    size = np.add.reduceat(sums, EDGES).tolist()
    ms = (int(time.max()) - int(time.min())) * 1000 / SECOND
    least, most = int(length.min()), int(length.max())

    def bucket(name: str, count: int, total: int, low: int, high: int) -> Bucket:
        average = total / count if count else 0.0
        rate = count / ms if ms else 0.0
        return Bucket(name, count, average, low, high, rate, count / len(length))

    out = [bucket("all", len(length), whole, least, most)]
    for place, name in enumerate(_names()):
        start = EDGES[place]
        stop = EDGES[place + 1] if place + 1 < len(EDGES) else top + 1
        found = np.flatnonzero(counts[start:stop])
        low, high = (start + int(found[0]), start + int(found[-1])) if len(found) else (0, 0)
        if start == top and len(found):
            low, high = int(length[length >= top].min()), most
        out.append(bucket(name, each[place], size[place], low, high))
    return tuple(out)


def _names() -> tuple[str, ...]:
    pairs = pairwise(EDGES)
    return (*(f"{low}-{high - 1}" for low, high in pairs), f"{EDGES[-1]} and greater")
