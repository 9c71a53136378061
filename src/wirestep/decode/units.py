"""Cuts the units of a flow out of its byte stream, and gives up what was lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from wirestep.model import Source

from .contract import Payload, new_tuple
from .talk import Carried, Half, Namer, Talk

MAX_UNIT = 16 << 20
"""Bytes of one unit; what a longer one has beyond them is skipped."""
MAX_UNITS = 16_384
"""Units that one record may complete in streams: some protocols have units of two bytes."""
MAX_UNSURE = 64 << 10
"""Bytes after which nobody may be unsure any more whether they are his."""

ReadUnit = Callable[[Talk, Source, Carried], None]
Mark = Callable[[int | None, str], None]


class Front(NamedTuple):
    """What stands at the front of a stream."""

    size: int
    """Bytes to cut off."""
    whole: bool
    beyond: int = 0
    """Bytes of the unit behind them that nobody will read."""


class Units:
    """Reads flows that are streams."""

    def __init__(
        self, namer: Namer, read: ReadUnit, mark: Mark, inner: Mapping[int, list[Talk]]
    ) -> None:
        """`inner`: by number of a flow, those that it carries."""
        self._namer, self._read, self._mark = namer, read, mark
        self._inner = inner
        self._data = namer.alone("data")
        """Reads what belongs to no unit, of any flow."""
        self.left = MAX_UNITS
        """Units that this record may still complete; the engine sets it anew for each."""

    def segment(self, talk: Talk, payload: Payload, carried: Carried) -> None:
        """Bytes of a stream: put them in order, then read what is whole."""
        side, tag = carried.where.side, carried.where.tag
        if tag is not None and talk.over(tag, side):
            return
        if payload.acked is not None:
            self.confirmed(talk, payload.acked, carried)
        half = talk.half(side, tag)
        stream = half.stream
        if half.synced and payload.offset == stream.end and not stream.waits and not half.skip:
            payload = self._aligned(talk, half, payload, carried)
        assert payload.offset is not None
        kept = payload.stop - payload.start
        size = kept if payload.length is None else max(kept, payload.length)
        if payload.last and half.last is None:
            half.last = payload.offset + size
        if kept:
            if stream.add(payload.offset, payload.source, payload.start, payload.stop).conflict:
                self._mark(carried.inside, "overlap")
            self.drain(talk, half, carried)
        if size > kept and stream.end == payload.offset + kept:
            # The capture was snapped: the rest of the segment will not come.
            self._give_up(talk, half, payload.offset + size, carried)
        while stream.crowded:
            self._give_up(talk, half, stream.early, carried)
        if half.last is not None and not half.ended and stream.end >= half.last:
            self._end(talk, half, carried)

    def _aligned(self, talk: Talk, half: Half, payload: Payload, carried: Carried) -> Payload:
        """Read the whole units at the front of a segment for which nothing waits; what is left.

        They are read where they lie: most records end where their units do.
        """
        source, at, stop, where = payload.source, payload.start, payload.stop, carried.where
        if half.last is not None or payload.last or half.need > stop - at:
            return payload
        data = source.data
        with memoryview(data) as view:
            while at < stop and self.left > 0 and half.synced and not half.skip:
                size = talk.reader(where.tag).measure(view[at:stop], where.side)
                if size is None or not 1 <= size <= min(stop - at, MAX_UNIT):
                    break
                half.need, half.torn = 1, False
                self.left -= 1
                half.stream.start += size
                unit = Source(
                    f"Reassembled {talk.card.label}",
                    data[at : at + size],
                    source.locate(at, at + size),
                    source.made_from,
                )
                told = carried.inside, where.cut(size, True), carried.depth, carried.keys, ""
                there = new_tuple(Carried, told)
                self._read(talk, unit, there)
                at += size
        if at == payload.start:
            return payload
        length = None if payload.length is None else payload.length - (at - payload.start)
        return payload._replace(start=at, offset=half.stream.start, length=length)

    def _end(self, talk: Talk, half: Half, carried: Carried) -> None:
        """Nothing follows in this direction, nor in the flows that it carries."""
        side, tag = carried.where.side, carried.where.tag
        half.ended = True
        self.drain(talk, half, carried)
        if tag is not None:
            talk.end(tag, side)
            return
        for inner in self._inner.get(talk.flow.number, ()):
            if inner.streams and not inner.half(side).ended:
                self._end(inner, inner.half(side), carried._replace(keys=()))

    def confirmed(self, talk: Talk, acked: int, carried: Carried) -> None:
        """The other side has bytes that were not captured: they will not come."""
        where = carried.where
        half = talk.half(where.side.other, where.tag)
        stream = half.stream
        if not stream.gapped or not stream.end < stream.early <= acked:
            return
        there = where._replace(side=where.side.other, sender=where.target, target=where.sender)
        other = carried._replace(where=there, keys=())
        while stream.end < stream.early <= acked:
            self._give_up(talk, half, stream.early, other)

    def _give_up(self, talk: Talk, half: Half, offset: int, carried: Carried) -> None:
        """Read what stands before the gap as it is, skip to `offset`, start anew there."""
        ended, half.ended = half.ended, True
        passing = half.skip > len(half.stream.data)
        self.drain(talk, half, carried)
        half.ended = ended
        missing = half.stream.skip_to(offset)
        if missing > half.skip or not passing:
            # of a unit that the gap tore, the rest is passed over: the next starts behind it
            half.synced, half.torn = False, True
            talk.reader(carried.where.tag).lost(carried.where.side)
        half.skip, half.need = max(0, half.skip - missing), 1
        self._mark(carried.inside, "gap")
        self.drain(talk, half, carried)

    def drain(self, talk: Talk, half: Half, carried: Carried) -> None:
        """Read units off the front for as long as they are whole (or the flow has ended)."""
        stream = half.stream
        while stream.data:
            if half.skip:
                dropped = min(half.skip, len(stream.data))
                if half.torn:
                    self._loose(talk, half, dropped, carried)
                else:
                    stream.cut(dropped, "")
                half.skip -= dropped
                continue
            if not half.synced:
                synced = self._sync(talk, half, carried)
                if synced is None:
                    return
                if not synced:
                    self._loose(talk, half, self._start(talk, half, carried), carried)
                    continue
            if self.left <= 0:
                self._flood(talk, half, carried)
                return
            there = len(stream.data)
            if there < half.need and not half.ended:
                return
            front = self._measure(talk, half, carried)
            if front is None:
                return
            half.need, half.skip, half.torn = 1, front.beyond, False
            self.left -= 1
            self._cut(talk, half, front, carried)

    def _measure(self, talk: Talk, half: Half, carried: Carried) -> Front | None:
        """What to cut off now; None to wait for more."""
        there = len(half.stream.data)
        with memoryview(half.stream.data) as view:
            size = talk.reader(carried.where.tag).measure(view, carried.where.side)
        if size is not None and 1 <= size <= min(there, MAX_UNIT):
            return Front(size, True)
        if size is not None and size > MAX_UNIT and there >= MAX_UNIT:
            return Front(MAX_UNIT, False, size - MAX_UNIT)
        if half.ended or there >= MAX_UNIT:
            return Front(there, False, max(0, (size or 0) - there))
        half.need = there + 1 if size is None else max(there + 1, min(size, MAX_UNIT))
        return None

    def _sync(self, talk: Talk, half: Half, carried: Carried) -> bool | None:
        """Whether the front is the start of a unit; None while more bytes could tell.

        A flow that nobody has claimed is decided here: the user's rule, claims, tables.
        """
        registry, side = self._namer.registry, carried.where.side
        patient = not half.ended and len(half.stream.data) < MAX_UNSURE
        with memoryview(half.stream.data) as view:
            if not talk.decided:
                name = registry.ruled(carried.keys)
                if name is None:
                    name, unsure = self._namer.claimed(view, side)
                    if name is None and unsure and patient:
                        return None
                name = name or registry.found(carried.keys)
                self._namer.decide(talk, name if name in registry else None)
                if not talk.decided:
                    return False
            claims = talk.card.claims
            claimed = True if claims is None else claims(view, side)
            if claimed is None and patient:
                return None
            half.synced = bool(claimed)
            return half.synced

    def _start(self, talk: Talk, half: Half, carried: Carried) -> int:
        """Where the next unit may start: where a record's bytes do, or behind all that is there."""
        side, claims = carried.where.side, talk.card.claims
        with memoryview(half.stream.data) as view:
            for place in half.stream.starts():
                with view[place:] as behind:
                    if talk.decided:
                        mine = claims is None or claims(behind, side)
                    else:
                        mine = self._namer.claimed(behind, side)[0] is not None
                    if mine is not False:
                        return place
            return len(view)

    def _flood(self, talk: Talk, half: Half, carried: Carried) -> None:
        """More units in one record than any honest sender makes: the rest is left unread."""
        talk.reader(carried.where.tag).lost(carried.where.side)
        half.synced, half.need = False, 1
        note = f"more than {MAX_UNITS} units in one record: the rest is not read"
        self._loose(talk, half, len(half.stream.data), carried._replace(note=note))

    def _loose(self, talk: Talk, half: Half, count: int, carried: Carried) -> None:
        """Bytes that belong to no unit: shown as data of the same flow."""
        source = half.stream.cut(count, "Stream bytes")
        data = self._data
        data.flow = talk.flow
        where = carried.where.cut(len(source.data), carried.where.whole)
        self._read(data, source, carried._replace(where=where))

    def _cut(self, talk: Talk, half: Half, front: Front, carried: Carried) -> None:
        source = half.stream.cut(front.size, f"Reassembled {talk.card.label}")
        where = carried.where.cut(front.size, front.whole)
        if where.tag is not None and half.last is not None and not half.stream.data:
            where = where._replace(last=half.stream.end >= half.last)
        self._read(talk, source, Carried(carried.inside, where, carried.depth, carried.keys))
