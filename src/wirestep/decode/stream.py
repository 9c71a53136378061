"""One direction of a byte stream, put back in order; every byte keeps the record it came in."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from typing import NamedTuple

from wirestep.model import Piece, Source

MAX_EARLY = 4 << 20
"""Bytes kept beyond a gap before the gap is given up as lost."""


class Segment(NamedTuple):
    """Bytes that came before those in front of them."""

    offset: int
    order: int
    data: bytes
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a segment."""

    new: int
    """Bytes that were not there before."""
    conflict: bool = False
    """It says other bytes than those that were there; the first ones stay."""


class Stream:
    """Segments in, contiguous bytes out.

    Offsets count from the stream's first byte. Where segments overlap, the first copy wins, and
    a conflict is told. `start` is the offset of the first byte not yet cut off.
    """

    def __init__(self) -> None:
        self.start = 0
        self.data = bytearray()
        self._pieces: list[Piece] = []
        """`Piece.start` counts from the stream's first byte; in order."""
        self._early: list[Segment] = []
        self._waiting = 0
        self._order = 0

    @property
    def end(self) -> int:
        """Offset after the last contiguous byte."""
        return self.start + len(self.data)

    @property
    def early(self) -> int:
        """Offset of the first byte beyond the gap; `end` where nothing waits."""
        return self._early[0].offset if self._early else self.end

    @property
    def crowded(self) -> bool:
        """Too much waits beyond a gap."""
        return self._waiting > MAX_EARLY

    def copy(self) -> Stream:
        """The stream as it is now."""
        other = Stream()
        other.start, other.data = self.start, bytearray(self.data)
        other._pieces, other._early = list(self._pieces), list(self._early)
        other._waiting, other._order = self._waiting, self._order
        return other

    def add(self, offset: int, source: Source, start: int, stop: int) -> Added:
        """Bytes [start, stop) of `source` stand at `offset` of the stream."""
        end = self.end
        size = stop - start
        if size <= 0:
            return Added(0)
        if offset + size <= end:
            return Added(0, self._conflict(offset, source.data[start:stop]))
        if offset > end:
            new = size - self._overlap_early(offset, size)
            if new <= 0:
                return Added(0)
            data = source.data[start:stop]
            self._order += 1
            pieces = source.locate(start, stop)
            insort(self._early, Segment(offset, self._order, data, pieces))
            self._waiting += size
            return Added(new)
        conflict = offset < end and self._conflict(
            offset, source.data[start : start + end - offset]
        )
        before = end
        skip = end - offset
        self._append(source.data[start + skip : stop], source.locate(start + skip, stop))
        self._join()
        return Added(min(self.end, offset + size) - before, conflict)

    def _append(self, data: bytes, pieces: tuple[Piece, ...]) -> None:
        end = self.end
        for piece in pieces:
            start = end + piece.start
            last = self._pieces[-1] if self._pieces else None
            if (
                last is not None
                and last.record == piece.record
                and last.start + last.length == start
                and last.offset + last.length == piece.offset
            ):
                self._pieces[-1] = last._replace(length=last.length + piece.length)
            else:
                self._pieces.append(piece._replace(start=start))
        self.data += data

    def _join(self) -> None:
        """Take in what waited and is contiguous now."""
        while self._early and self._early[0].offset <= self.end:
            segment = self._early.pop(0)
            self._waiting -= len(segment.data)
            skip = self.end - segment.offset
            if skip < len(segment.data):
                pieces = tuple(
                    Piece(max(p.start - skip, 0), p.record, p.offset + cut, p.length - cut)
                    for p in segment.pieces
                    if (cut := max(0, skip - p.start)) < p.length
                )
                self._append(segment.data[skip:], pieces)

    def _overlap_early(self, offset: int, size: int) -> int:
        """Bytes of [offset, offset + size) that wait already."""
        covered, at, stop = 0, offset, offset + size
        for segment in self._early:
            low, high = max(at, segment.offset), min(stop, segment.offset + len(segment.data))
            if low < high:
                covered += high - low
                at = high
        return covered

    def _conflict(self, offset: int, data: bytes) -> bool:
        """Whether `data` differs from the bytes that are still here at `offset`."""
        low = max(offset, self.start)
        high = min(offset + len(data), self.end)
        if low >= high:
            return False
        return self.data[low - self.start : high - self.start] != data[low - offset : high - offset]

    def skip_gap(self) -> int:
        """Give up the bytes up to the first waiting ones; how many were lost.

        What was contiguous must have been cut off before.
        """
        assert not self.data
        missing = self.early - self.end
        self.start += missing
        self._pieces.clear()
        self._join()
        return missing

    def cut(self, count: int, name: str) -> Source:
        """Take `count` bytes off the front, as a source that knows where they came from."""
        stop = self.start + count
        taken: list[Piece] = []
        used = 0
        for piece in self._pieces:
            if piece.start >= stop:
                break
            end = min(piece.start + piece.length, stop)
            begin = max(piece.start, self.start)
            if begin < end:
                offset = piece.offset + begin - piece.start
                taken.append(Piece(begin - self.start, piece.record, offset, end - begin))
            if piece.start + piece.length <= stop:
                used += 1
        del self._pieces[:used]
        data = bytes(self.data[:count])
        del self.data[:count]
        self.start = stop
        return Source(name, data, tuple(taken))
