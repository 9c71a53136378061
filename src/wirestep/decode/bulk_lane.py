"""One direction of a conversation whose segments are read many at once.

Where segments follow one another, their bytes are laid end to end and only those segments are
looked at which complete a unit; between them nothing can happen. Everything else (gaps, segments
that were cut, the end, flows that nobody has claimed yet) goes segment by segment through the same
`Units` that the engine uses; both leave the direction's `Half` as the engine would.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np

from wirestep.model import Piece, Side, Source

from .bulk_places import Array
from .contract import Payload
from .talk import Half

FEW = 6
"""Segments in order for which laying them end to end does not pay."""
MOST = 4096
"""Segments laid end to end at once."""
NEVER = 1 << 62


class Arrivals(NamedTuple):
    """The segments of one direction that bring bytes, or an end; columns as in Places."""

    record: Array
    time: Array
    offset: Array
    size: Array
    kept: Array
    last: Array
    at: Array
    payload: list[memoryview]


class Laid(Source):
    """Bytes of a run; where they lie is worked out only where somebody asks."""

    __slots__ = ("_behind", "_lies")
    _behind: tuple[int, ...]
    _lies: tuple[Run, int, int]
    """Whose bytes they are, where they begin there, and in which of its pieces."""

    def __init__(
        self, name: str, data: bytes, run: Run, start: int, place: int, behind: tuple[int, ...]
    ) -> None:
        put = object.__setattr__  # sources never change once made
        put(self, "name", name)
        put(self, "data", data)
        put(self, "made_from", ())
        put(self, "_behind", behind)
        put(self, "_lies", (run, start, place))

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Where the bytes lie in records, in order."""
        run, start, place = self._lies
        return run.lying(start, start + len(self.data), place)

    @property
    def records(self) -> tuple[int, ...]:
        """The records behind these bytes, each once."""
        return self._behind


class Run:
    """Segments whose bytes follow one another, and what was left of those before."""

    __slots__ = ("base", "data", "ends", "first", "from_", "pieces", "pos", "seen", "times", "when")

    def __init__(self, first: int, base: int, data: bytes) -> None:
        self.first = first
        """Place of its first segment among the arrivals."""
        self.base, self.data = base, data
        """Its bytes and the offset of the first one."""
        self.pos = 0
        """Where the next unit starts in `data`."""
        self.ends: list[int] = []
        """Up to where in `data` the bytes are there, segment by segment."""
        self.when: list[int] = []
        """The record of each."""
        self.times: list[int] = []
        self.seen = 0
        """Segments before this one have been looked at."""
        self.pieces: tuple[list[int], list[int], list[int]] = ([], [], [])
        """Of each piece: where it ends in `data`, its record, its place there less that here."""
        self.from_ = 0
        """The piece in which `pos` lies."""

    def cut(self, size: int, name: str) -> Laid:
        """The next `size` bytes; they count as read from now on."""
        start = self.pos
        stop = self.pos = start + size
        ends, records, _ = self.pieces
        first = self.from_
        if ends[first] <= start:
            first = bisect_right(ends, start, first)
        last = self.from_ = first if stop <= ends[first] else bisect_left(ends, stop, first)
        behind = (records[first],) if first == last else tuple(records[first : last + 1])
        return Laid(name, self.data[start:stop], self, start, first, behind)

    def lying(self, start: int, stop: int, place: int) -> tuple[Piece, ...]:
        """Where these bytes lie in records; the first of them in the piece of that place."""
        ends, records, shifts = self.pieces
        found, at = [], start
        while at < stop:
            end = min(ends[place], stop)
            found.append(Piece(at - start, records[place], at + shifts[place], end - at))
            at, place = end, place + 1
        return tuple(found)

    def left(self, stop: int) -> list[Piece]:
        """Where the bytes up to `stop` that are not read yet lie, counted in the stream."""
        ends, records, shifts = self.pieces
        found, at, place = [], self.pos, bisect_right(ends, self.pos)
        while at < stop:
            end = min(ends[place], stop)
            found.append(Piece(at + self.base, records[place], at + shifts[place], end - at))
            at, place = end, place + 1
        return found


class Lane:
    """A direction: what has come, and how it is read at the moment."""

    def __init__(self, side: Side, half: Half) -> None:
        self.side, self.half = side, half
        self.run: Run | None = None
        self.plain_until = 0
        """Arrivals before this one are read one by one."""
        nothing = np.zeros(0, np.int64)
        self._arrivals = Arrivals(nothing, nothing, nothing, nothing, nothing, nothing, nothing, [])
        self._records: list[int] = []
        self._times: list[int] = []
        self._next = 0

    def load(self, arrivals: Arrivals) -> None:
        """What comes next; all that was loaded before is read."""
        self._arrivals = arrivals
        self._records, self._times = arrivals.record.tolist(), arrivals.time.tolist()
        self._next = self.plain_until = 0

    @property
    def next(self) -> int:
        """The record with which something may happen in this direction; NEVER for none."""
        run = self.run
        if run is not None:
            half = self.half
            place = bisect_left(run.ends, run.pos + half.skip + half.need, run.seen)
            if place < len(run.when):
                return run.when[place]
        return self._records[self._next] if self._next < len(self._records) else NEVER

    def ready(self, limit: int) -> int:
        """The place in the run of the segment to look at next; -1 for none before `limit`."""
        run, half = self.run, self.half
        if run is None:
            return -1
        place = bisect_left(run.ends, run.pos + half.skip + half.need, run.seen)
        return place if place < len(run.when) and run.when[place] < limit else -1

    @property
    def now(self) -> int:
        """The record that was read last."""
        run = self.run
        return self._records[(self._next if run is None else run.first + run.seen) - 1]

    def passed(self, record: int) -> None:
        """What came before `record` is looked at no more, though less is needed now than it was."""
        run = self.run
        if run is not None:
            run.seen = bisect_left(run.when, record, run.seen)

    @property
    def time(self) -> int:
        """When the segment came that is next read by itself, ns."""
        return self._times[self._next]

    def arrival(self) -> Payload:
        """The next segment, by itself."""
        assert self.run is None
        place, arrivals = self._next, self._arrivals
        self._next += 1
        record, kept = self._records[place], int(arrivals.kept[place])
        data = bytes(arrivals.payload[place][:kept])
        source = Source("", data, (Piece(0, record, int(arrivals.at[place]), kept),))
        return Payload(
            source,
            0,
            kept,
            offset=int(arrivals.offset[place]),
            side=self.side,
            last=bool(arrivals.last[place]),
            length=int(arrivals.size[place]),
        )

    # laying segments end to end

    def settle(self) -> bool:
        """Begin a run where one can begin; whether there is one now."""
        half = self.half
        stream = half.stream
        if self._next < self.plain_until or self._next >= len(self._records):
            return False
        if not half.synced or half.ended or half.torn or half.last is not None or stream.gapped:
            return False
        count, reach = self._follow(stream.end)
        if count < FEW:
            self.plain_until = self._next + max(1, count)
            return False
        self.run = self._lay(count, reach)
        self._next += count
        return True

    def _follow(self, end: int) -> tuple[int, Array]:
        """How many segments leave no gap behind `end`; how far each of them reaches."""
        arrivals, start = self._arrivals, self._next
        part = slice(start, start + MOST)
        offset, kept = arrivals.offset[part], arrivals.kept[part]
        reach = np.maximum.accumulate(np.concatenate((np.array([end], np.int64), offset + kept)))
        odd = (offset > reach[:-1]) | (arrivals.size[part] > kept) | arrivals.last[part]
        found = np.flatnonzero(odd)[:1].tolist()
        count = found[0] if found else len(offset)
        return count, reach[: count + 1]

    def _lay(self, count: int, reach: Array) -> Run:
        arrivals, first = self._arrivals, self._next
        stream = self.half.stream
        base = stream.start
        rest, pieces = stream.give()
        part = slice(first, first + count)
        skip = reach[:-1] - arrivals.offset[part]  # bytes of a segment that came before
        fresh = np.diff(reach)
        payload = arrivals.payload[part]
        if skip.any():
            new = zip(payload, skip.tolist(), fresh.tolist(), strict=True)
            payload = [data[old : old + size] for data, old, size in new if size]
        run = Run(first, base, b"".join((rest, *payload)))
        run.ends = (reach[1:] - base).tolist()
        run.when, run.times = self._records[part], self._times[part]
        here = fresh > 0
        starts = (reach[:-1] - base)[here]
        shifts = (arrivals.at[part] + skip)[here] - starts
        ends = (reach[1:] - base)[here].tolist()
        records = arrivals.record[part][here].tolist()
        before = [piece.start + piece.length - base for piece in pieces]
        run.pieces = (
            [*before, *ends],
            [*(piece.record for piece in pieces), *records],
            [*(piece.offset - piece.start + base for piece in pieces), *shifts.tolist()],
        )
        return run

    def unlay(self, seen: int | None = None) -> None:
        """Back to one by one: what is not read of the first `seen` segments goes into the stream.

        None: of all of them.
        """
        run, half = self.run, self.half
        if run is None:
            return
        self.run = None
        seen = len(run.ends) if seen is None else seen
        self._next = run.first + seen
        stop = run.ends[seen - 1] if seen else run.pieces[0][-1]
        if half.skip:
            over = min(half.skip, stop - run.pos)
            run.pos += over
            half.skip -= over
        half.stream.take_back(run.base + run.pos, run.data[run.pos : stop], run.left(stop))

    @property
    def spent(self) -> bool:
        """The run is read as far as that goes."""
        run, half = self.run, self.half
        if run is None:
            return False
        return run.pos + half.skip + half.need > run.ends[-1] or run.seen >= len(run.ends)
