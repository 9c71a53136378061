"""Pieces of a stream that arrived before what belongs in front of them."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 256
"""Islands that are kept; what would make one more is thrown away, and will come again."""


@dataclass(slots=True)
class Island:
    """Bytes without a gap among them, from `start` on."""

    start: int
    data: bytearray
    touched: int
    """The larger, the later it grew."""

    @property
    def stop(self) -> int:
        return self.start + len(self.data)


class Islands:
    """Islands in order, with gaps between them; the window of the connection bounds their bytes."""

    __slots__ = ("_count", "all")

    def __init__(self) -> None:
        self.all: list[Island] = []
        self._count = 0

    def add(self, start: int, data: bytes) -> tuple[int, int] | None:
        """Put in `data`; where bytes are there already, those stay.

        Returns the first part of it that was there already, as (start, stop), or None.
        """
        if not data:
            return None
        stop = start + len(data)
        first = 0
        while first < len(self.all) and self.all[first].stop < start:
            first += 1
        last = first
        while last < len(self.all) and self.all[last].start <= stop:
            last += 1
        met = self.all[first:last]
        if not met and len(self.all) >= MOST:
            return None
        twice = [(max(start, old.start), min(stop, old.stop)) for old in met]
        self._count += 1
        self.all[first:last] = [_merged(start, data, met, self._count)]
        return next(((a, b) for a, b in twice if a < b), None)

    def join(self, start: int, data: bytes) -> bytes:
        """`data` is in order: returns it with all that it reaches, which are islands no more."""
        stop = start + len(data)
        while self.all and self.all[0].start <= stop:
            island = self.all.pop(0)
            data += island.data[stop - island.start :]
            stop = start + len(data)
        return data

    def latest(self, most: int) -> list[tuple[int, int]]:
        """Up to `most` islands as (start, stop), the one that grew last first."""
        order = sorted(self.all, key=lambda island: -island.touched)
        return [(island.start, island.stop) for island in order[:most]]


def _merged(start: int, data: bytes, met: list[Island], count: int) -> Island:
    """One island of `data` and those it meets, which are changed."""
    within = met and met[0].start <= start
    island = met.pop(0) if within else Island(start, bytearray(), count)
    for old in met:
        island.data += data[island.stop - start : old.start - start]
        island.data += old.data
    island.data += data[island.stop - start :]
    island.touched = count
    return island
