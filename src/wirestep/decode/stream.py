"""One direction of a byte stream, put back in order; every byte keeps the record it came in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from wirestep.model import Piece, Source

MAX_WAITING = 4 << 20
"""Bytes kept beyond a gap before the gap is given up as lost."""
MAX_SEGMENTS = 4096
"""Segments kept beyond a gap before it is given up."""
MAX_AHEAD = 1 << 30
"""Bytes beyond the end that a segment may stand: the largest window there is (RFC 7323 2.3)."""


class Segment(NamedTuple):
    """Bytes that came before those in front of them."""

    offset: int
    data: bytes
    pieces: tuple[Piece, ...]
    """Counted from the segment's first byte."""
    made: tuple[int, ...] = ()
    """Records that the bytes were computed from, where they lie in none."""

    @property
    def stop(self) -> int:
        """Offset after the last byte."""
        return self.offset + len(self.data)

    def part(self, start: int, stop: int) -> Segment:
        """The bytes between two offsets of the stream."""
        low, high = start - self.offset, stop - self.offset
        return Segment(start, self.data[low:high], cut_pieces(self.pieces, low, high), self.made)


class Added(NamedTuple):
    """What became of a segment."""

    new: int
    """Bytes that were not there before."""
    conflict: bool = False
    """It says other bytes than those that were there; the first ones stay."""


def cut_pieces(pieces: tuple[Piece, ...], start: int, stop: int) -> tuple[Piece, ...]:
    """Where bytes [start, stop) lie; each piece's `start` counts from `start`."""
    found = []
    for piece in pieces:
        low, high = max(start, piece.start), min(stop, piece.start + piece.length)
        if low < high:
            found.append(
                Piece(low - start, piece.record, piece.offset + low - piece.start, high - low)
            )
    return tuple(found)


class Stream:
    """Segments in, contiguous bytes out.

    Offsets count from the stream's first byte; what a segment has in front of it is dropped.
    Where segments overlap, the first copy wins, and a conflict is told. `start` is the offset of
    the first byte not yet cut off.
    """

    def __init__(self) -> None:
        self.start = 0
        self.data = bytearray()
        self._pieces: list[Piece] = []
        """`Piece.start` counts from the stream's first byte; in order."""
        self._made: list[tuple[int, tuple[int, ...]]] = []
        """For computed bytes: up to which offset they were made from which records; in order."""
        self._early: list[Segment] = []
        """In order, none overlapping another."""
        self._waiting = 0

    @property
    def end(self) -> int:
        """Offset after the last contiguous byte."""
        return self.start + len(self.data)

    @property
    def waits(self) -> bool:
        """Whether bytes are here that were not cut off yet, or wait beyond a gap."""
        return bool(self.data or self._early)

    @property
    def gapped(self) -> bool:
        """Whether bytes wait beyond a gap."""
        return bool(self._early)

    def starts(self) -> Iterator[int]:
        """Where a record's bytes begin among those that are here, but for the first of all."""
        return (p.start - self.start for p in self._pieces if p.start > self.start)

    @property
    def early(self) -> int:
        """Offset of the first byte beyond the gap; `end` where nothing waits."""
        return self._early[0].offset if self._early else self.end

    @property
    def crowded(self) -> bool:
        """Too much waits beyond a gap."""
        return self._waiting > MAX_WAITING or len(self._early) > MAX_SEGMENTS

    def copy(self) -> Stream:
        """The stream as it is now."""
        other = Stream()
        other.start, other.data = self.start, bytearray(self.data)
        other._pieces, other._early = list(self._pieces), list(self._early)
        other._made = list(self._made)
        other._waiting = self._waiting
        return other

    def add(self, offset: int, source: Source, start: int, stop: int) -> Added:
        """Bytes [start, stop) of `source` stand at `offset` of the stream."""
        end, size = self.end, stop - start
        if size <= 0 or offset > end + MAX_AHEAD:
            return Added(0)
        if offset == end and not self._early:  # as nearly every segment comes
            self._append(source.data[start:stop], source.locate(start, stop), source.made_from)
            return Added(size)
        conflict = offset < end and self._conflicts(offset, source.data[start:stop])
        if offset + size <= end:
            return Added(0, conflict)
        skip = max(0, end - offset)
        segment = Segment(
            offset + skip,
            source.data[start + skip : stop],
            source.locate(start + skip, stop),
            source.made_from,
        )
        added = self._wait(segment)
        self._join()
        return Added(added.new, conflict or added.conflict)

    def _append(self, data: bytes, pieces: tuple[Piece, ...], made: tuple[int, ...]) -> None:
        end = self.end
        if made:
            self._made.append((end + len(data), made))
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

    def _wait(self, segment: Segment) -> Added:
        """Keep those bytes of the segment that do not wait already, between those that do."""
        new, conflict = 0, False
        at = segment.offset
        place = bisect_right(self._early, at, key=lambda early: early.offset)
        if place and self._early[place - 1].stop > at:
            place -= 1
        while at < segment.stop:
            there = self._early[place] if place < len(self._early) else None
            stop = segment.stop if there is None else min(segment.stop, there.offset)
            if at < stop:
                self._early.insert(place, segment.part(at, stop))
                new += stop - at
                at, place = stop, place + 1
            elif there is not None:
                stop = min(segment.stop, there.stop)
                mine, other = segment.part(at, stop), there.part(at, stop)
                conflict = conflict or mine.data != other.data
                at, place = stop, place + 1
        self._waiting += new
        return Added(new, conflict)

    def _join(self) -> None:
        """Take in what waited and is contiguous now."""
        joined = 0
        while joined < len(self._early) and self._early[joined].offset == self.end:
            segment = self._early[joined]
            self._append(segment.data, segment.pieces, segment.made)
            self._waiting -= len(segment.data)
            joined += 1
        del self._early[:joined]

    def _conflicts(self, offset: int, data: bytes) -> bool:
        """Whether `data` differs from the bytes that are still here at `offset`."""
        low = max(offset, self.start)
        high = min(offset + len(data), self.end)
        if low >= high:
            return False
        return self.data[low - self.start : high - self.start] != data[low - offset : high - offset]

    def give(self) -> tuple[bytes, list[Piece]]:
        """All contiguous bytes, taken out, and where they lie; `Piece.start` as in the stream.

        Only for streams whose bytes lie in records; `start` stays: see `take_back`.
        """
        found = bytes(self.data), self._pieces
        self.data, self._pieces = bytearray(), []
        return found

    def take_back(self, start: int, data: bytes, pieces: list[Piece]) -> None:
        """What `give` gave, and what was put behind it, from `start` on."""
        self.start, self._pieces = start, pieces
        self.data = bytearray(data)

    def skip_gap(self) -> int:
        """Give up the bytes up to the first waiting ones; how many were lost.

        What was contiguous must have been cut off before.
        """
        return self.skip_to(self.early)

    def skip_to(self, offset: int) -> int:
        """Give up the bytes up to `offset`, or to the first waiting ones; how many were lost.

        What was contiguous must have been cut off before.
        """
        assert not self.data
        missing = max(0, min(offset, self.early if self._early else offset) - self.start)
        self.start += missing
        self._pieces.clear()
        self._made.clear()
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
        with memoryview(self.data) as view:
            data = bytes(view[:count])
        del self.data[:count]
        self.start = stop
        return Source(name, data, tuple(taken), self._cut_made(stop) if self._made else ())

    def _cut_made(self, stop: int) -> tuple[int, ...]:
        """The records behind the computed bytes up to `stop`, each once."""
        found: dict[int, None] = {}
        used = 0
        for end, records in self._made:
            found.update(dict.fromkeys(records))
            used += end <= stop
            if end >= stop:
                break
        del self._made[:used]
        return tuple(found)
