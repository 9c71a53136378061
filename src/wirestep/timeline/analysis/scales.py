"""Factors of windows, as SYNs offer them: the one thing for which bytes of frames are read."""

from __future__ import annotations

from collections.abc import Callable

from wirestep.capture import Columns

UNKNOWN_SCALE, NO_SCALE = -1, -2
MAX_SCALE = 14
"""RFC 7323 section 2.3."""
MAX_KEPT = 65_536
_NO_OFFER = -1


class Scales:
    """Reads the options of SYNs when somebody asks."""

    def __init__(self) -> None:
        self._columns: Columns | None = None
        self._bytes_of: Callable[[int], bytes] | None = None
        self._offers: dict[int, int] = {}

    def follow(self, columns: Columns, bytes_of: Callable[[int], bytes]) -> None:
        """The capture has grown."""
        self._columns, self._bytes_of = columns, bytes_of

    def shifts(self, first: int, second: int) -> tuple[int, int]:
        """Shifts of both sides' windows; their SYNs are in rows `first` and `second`, -1: none.

        UNKNOWN_SCALE where a side's SYN was not seen, NO_SCALE where one of the two offers none
        (RFC 7323 section 2.2).
        """
        one, two = self._offer(first), self._offer(second)
        if _NO_OFFER in (one, two):
            return NO_SCALE, NO_SCALE
        return (
            UNKNOWN_SCALE if one is None else min(one, MAX_SCALE),
            UNKNOWN_SCALE if two is None else min(two, MAX_SCALE),
        )

    def _offer(self, row: int) -> int | None:
        if row < 0:
            return None
        found = self._offers.get(row)
        if found is None:
            if self._columns is None or self._bytes_of is None:
                return None
            stop = int(self._columns.payload_at[row])
            found = offered_shift(self._bytes_of(row), int(self._columns.seq[row]), stop)
            if len(self._offers) >= MAX_KEPT:
                self._offers.clear()
            self._offers[row] = found
        return found


def offered_shift(frame: bytes, seq: int, stop: int) -> int:
    """The window scale option of a SYN whose header ends at `stop` in the frame; -1 for none."""
    mark = seq.to_bytes(4, "big")
    for size in range(20, 64, 4):
        start = stop - size
        if start < 0:
            break
        if frame[start + 4 : start + 8] == mark and frame[start + 12] >> 4 == size >> 2:
            return _scale_option(frame[start + 20 : stop])
    return -1


def _scale_option(options: bytes) -> int:
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        size = options[at + 1] if at + 1 < len(options) else 0
        if size < 2:
            break
        if options[at] == 3 and size >= 3 and at + 2 < len(options):
            return options[at + 2]
        at += size
    return -1
