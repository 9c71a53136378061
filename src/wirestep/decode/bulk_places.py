"""Sequence numbers of a conversation's segments turned into stream offsets, all at once.

What the segment decoder works out one by one (RFC 9293 section 3.4), for whole columns of numbers;
what is too odd for that is told, so that it can be read segment by segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
SPACE, HALF = 1 << 32, 1 << 31
MAX_WINDOW = 1 << 30
"""Bytes a window can have (RFC 7323 section 2.3): no honest segment lies farther ahead."""


class Segments(NamedTuple):
    """Segments of one conversation, both directions, in the order of the capture."""

    record: Array
    """int64: rows of the capture."""
    time: Array
    """int64: ns."""
    side: Array
    """0 where the client sends, 1 where the server does."""
    seq: Array
    ack: Array
    flags: Array
    size: Array
    """Bytes of data on the wire."""
    kept: Array
    """Bytes of it in the capture."""
    at: Array
    """Where they stand in the frame."""

    def __len__(self) -> int:
        return len(self.record)


class Places(NamedTuple):
    """Where the bytes of segments stand; arrays as long as those of the segments."""

    offset: Array
    """int64: of the first byte, in its direction's stream."""
    acked: Array
    """int64: bytes of the other direction that have arrived; -1 where that is not said."""
    size: Array
    """Bytes of data on the wire, without those that are none (a reset's reason, a probe)."""
    kept: Array
    last: Array
    """No byte follows in this direction."""


@dataclass
class Numbers:
    """What both directions of a conversation count from."""

    base: tuple[int | None, int | None] = (None, None)
    """The number in front of the first byte."""
    top: tuple[int, int] = (0, 0)
    """Highest offset seen."""
    reach: tuple[int, int] = (-1, -1)
    """The same, the number of FIN counted in; -1 before the first segment."""

    def places(self, segments: Segments) -> Places | None:
        """Where the next segments stand; None where only one by one they can be told."""
        if not len(segments):
            empty = np.zeros(0, np.int64)
            return Places(empty, empty, empty, empty, empty.astype(bool))
        side, flags = segments.side != 0, segments.flags
        syn = flags & SYN != 0
        self.base = self._bases(segments, syn)
        base = np.where(side, self.base[1] or 0, self.base[0] or 0)
        seq, size = segments.seq.astype(np.int64), segments.size.astype(np.int64)
        if (syn & (seq != base)).any():
            return None  # one end begins anew
        start = np.where(side, self.top[1], self.top[0])
        offset = start + _signed(seq + syn - base - 1 - start)
        stop = offset + size
        counted = stop < start + MAX_WINDOW
        tops = [_running(np.where(counted & (side == way), stop, self.top[way])) for way in (0, 1)]
        before = np.where(side, _shift(tops[1], self.top[1]), _shift(tops[0], self.top[0]))
        far = (offset < before - HALF) | (offset >= before + HALF)
        if far.any() or (~counted & (stop < before + MAX_WINDOW)).any():
            return None
        other = np.where(side, tops[0], tops[1])
        rival = np.where(side, self.base[0] or 0, self.base[1] or 0)
        acked = other + _signed(segments.ack.astype(np.int64) - rival - 1 - other)
        told = (flags & ACK != 0) & (acked >= 0) & (acked < other + MAX_WINDOW)
        nothing = (flags & RST != 0) | self._probes(segments, side, stop, counted)
        self.top = int(tops[0][-1]), int(tops[1][-1])
        return Places(
            offset,
            np.where(told, acked, -1),
            np.where(nothing, 0, size),
            np.where(nothing, 0, segments.kept.astype(np.int64)),
            flags & (FIN | RST) != 0,
        )

    def _bases(self, segments: Segments, syn: Array) -> tuple[int | None, int | None]:
        """Where a side's SYN was not seen, its first byte is taken to be number 1."""
        found = list(self.base)
        for way in (0, 1):
            if found[way] is not None:
                continue
            own = np.flatnonzero(segments.side == way)[:1].tolist()
            told = segments.flags & ACK != 0
            others = np.flatnonzero((segments.side != way) & told)[:1].tolist()
            if own and (not others or own < others):
                found[way] = (int(segments.seq[own[0]]) - (0 if syn[own[0]] else 1)) % SPACE
            elif others:
                found[way] = (int(segments.ack[others[0]]) - 1) % SPACE
        return found[0], found[1]

    def _probes(self, segments: Segments, side: Array, stop: Array, counted: Array) -> Array:
        """bool: keep-alives, which repeat the last number."""
        flags = segments.flags
        phantom = stop + (flags & FIN != 0)  # that of SYN is in the offset already
        reached = [
            _running(np.where(counted & (side == way), phantom, self.reach[way])) for way in (0, 1)
        ]
        before = np.where(
            side, _shift(reached[1], self.reach[1]), _shift(reached[0], self.reach[0])
        )
        self.reach = int(reached[0][-1]), int(reached[1][-1])
        plain = flags & (SYN | FIN | RST) == 0
        probes: Array = (segments.size == 1) & plain & (stop == before)
        return probes


def even(segments: Segments) -> bool:
    """Whether the two ends are told the same by all segments that open the conversation."""
    syn = np.flatnonzero(segments.flags & SYN)
    if not len(syn):
        return True
    server = (segments.side[syn] != 0) ^ (segments.flags[syn] & ACK == 0)
    used = (segments.kept > 0) | (segments.flags & (FIN | RST) != 0)
    first: list[int] = np.flatnonzero(used)[:1].tolist()
    early = bool(first) and first[0] < int(syn[0])
    return bool((server == server[0]).all()) and not early


def server_side(segments: Segments) -> int | None:
    """Who listened, as SYN or SYN+ACK says it; None where there is none."""
    syn = np.flatnonzero(segments.flags & SYN)[:1].tolist()
    if not syn:
        return None
    sender = int(segments.side[syn[0]])
    return sender if segments.flags[syn[0]] & ACK else 1 - sender


def _signed(apart: Array) -> Array:
    """Differences of sequence numbers, the short way around."""
    apart = apart & (SPACE - 1)
    short: Array = np.where(apart >= HALF, apart - SPACE, apart)
    return short


def _running(values: Array) -> Array:
    highest: Array = np.maximum.accumulate(values)
    return highest


def _shift(values: Array, first: int) -> Array:
    """What stood before each."""
    return np.concatenate((np.array([first], np.int64), values[:-1]))
