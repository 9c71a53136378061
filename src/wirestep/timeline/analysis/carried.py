"""What is remembered of TCP conversations between two slices of a capture.

All numbers are those on the wire (32 bits, wrapping); rows are rows of the capture.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .arrays import Array, ranges

SEEN, TOPPED, KEPT, PROBED, BASED = (1 << bit for bit in range(5))
"""Bits of "bits": it sent something; it acknowledged something; the last it sent was a keep-alive;
was a probe of the window; its first sequence number is known."""

DIRECTION = np.dtype(
    [
        ("next", "<u4"),  # beyond the highest byte seen
        ("ackable", "<u4"),  # beyond the highest byte seen without a gap
        ("ack", "<u4"),  # as its last segment had it
        ("top", "<u4"),  # the highest acknowledgment
        ("base", "<u4"),  # first sequence number
        ("last_row", "<i4"),
        ("next_row", "<i4"),  # the segment that reached `next`
        ("dups", "<i4"),  # how often the last acknowledgment was repeated (-1: see acks.py)
        ("dup_row", "<i4"),  # the segment that said it first
        ("syn_row", "<i4"),  # row + 1 of its first SYN, 0 for none
        ("wait_at", "<i4"),  # where its unacknowledged segments stand in the pool ...
        ("waits", "<i4"),  # ... and how many they are
        ("window", "<u2"),
        ("flags", "u1"),
        ("bits", "u1"),
    ]
)

MAX_WAITING = 4096
"""Unacknowledged segments of a direction that are remembered from slice to slice; the newest."""
MAX_BEHIND = 1 << 21
"""Rows after which an unacknowledged segment is forgotten."""


class Known(NamedTuple):
    """What readers may see of the conversations."""

    directions: Array
    round_trip: Array
    completeness: Array


class Carried:
    """The state of all conversations: by direction (conversation * 2 + side), by conversation."""

    def __init__(self) -> None:
        self.directions = np.zeros(0, DIRECTION)
        self.round_trip = np.zeros(0, np.int64)
        """ns from the SYN to the acknowledgment that ends the handshake; 0 unknown."""
        self.asked = np.zeros(0, np.int32)
        """Row + 1 of the last SYN without ACK, 0 for none."""
        self.completeness = np.zeros(0, np.uint8)
        self._pool = np.zeros(0, np.int32)
        self._used = 0

    def reserve(self, count: int) -> None:
        """Make room for conversations below `count`."""
        if count <= len(self.round_trip):
            return
        count = max(count, 2 * len(self.round_trip), 64)
        self.directions = _grown(self.directions, 2 * count)
        self.round_trip = _grown(self.round_trip, count)
        self.asked = _grown(self.asked, count)
        self.completeness = _grown(self.completeness, count)

    def snapshot(self) -> Known:
        """For readers: what is known now; later slices may add to it."""
        return Known(self.directions, self.round_trip, self.completeness)

    def waiting(self, state: Array) -> tuple[Array, Array]:
        """(place among `state`, row) of the unacknowledged segments of these directions."""
        counts = state["waits"].astype(np.int64)
        if not counts.any():
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        owner, places = ranges(state["wait_at"].astype(np.int64), counts)
        return owner, self._pool[places].astype(np.int64)

    def wait(self, state: Array, owner: Array, rows: Array) -> None:
        """Put the unacknowledged segments of directions; notes in `state` where they are.

        `owner` (ascending) and `rows` have one row a segment; those of one direction stand in
        the order in which they were sent. Store `state` before the next call.
        """
        counts = np.bincount(owner, minlength=len(state)) if len(owner) else np.zeros(len(state))
        ends = np.cumsum(counts)
        state["waits"] = counts
        if not len(rows):
            return
        if self._used + len(rows) > len(self._pool):
            self._sweep(len(rows))
        self._pool[self._used : self._used + len(rows)] = rows
        state["wait_at"] = self._used + ends - counts
        self._used += len(rows)

    def _sweep(self, more: int) -> None:
        """Make room for `more`: leave behind what waits no longer."""
        table = self.directions
        holders = np.flatnonzero(table["waits"])
        _, places = ranges(
            table["wait_at"][holders].astype(np.int64), table["waits"][holders].astype(np.int64)
        )
        pool = np.zeros(max(1024, 2 * (len(places) + more)), np.int32)
        pool[: len(places)] = self._pool[places]
        counts = table["waits"][holders].astype(np.int64)
        table["wait_at"][holders] = np.cumsum(counts) - counts
        self._pool, self._used = pool, len(places)


def _grown(old: Array, count: int) -> Array:
    new = np.zeros(count, old.dtype)
    new[: len(old)] = old
    return new
