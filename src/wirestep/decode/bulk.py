"""Messages of whole conversations, without Python for each packet.

The columns of a capture know where payloads stand; here they become the same messages as in
`Engine`, by the same decoders, in the lean gear. Frames and the layers below the conversation make
no messages here. Whoever calls sees to it that the packets are plain (no fragments, no tunnels).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from wirestep.model import Address, Message, Record, Side, Source

from .bulk_lane import NEVER, Arrivals, Lane
from .bulk_places import Array, Numbers, Places, Segments
from .contract import Payload, Registry, Where, new_tuple
from .engine import Engine
from .lean import Wanted
from .secrets import NO_SECRETS, Secrets
from .talk import Carried, Half, Keys, Talk
from .units import MAX_UNIT, MAX_UNITS

DEPTH = 4
"""Layers below what a conversation carries: frame, link, network, transport."""


class Ends(NamedTuple):
    """Who talks, and how it is found who reads it."""

    client: Address
    server: Address
    carrier: str
    """The protocol that carries the conversation."""
    stream: int
    """The conversation's number among those of its carrier."""
    keys: Keys
    """Where to look up who reads it, best first (see Payload.keys)."""


class BulkEngine(Engine):
    """An engine that is handed what conversations carry, not frames."""

    def __init__(
        self,
        registry: Registry,
        secrets: Secrets = NO_SECRETS,
        bases: Mapping[str, int] = MappingProxyType({}),
        wanted: Wanted = frozenset(),
        only: frozenset[str] | None = None,
    ) -> None:
        """`only`: the protocols whose messages are asked for, besides those of `wanted` fields."""
        super().__init__(registry, secrets, bases)
        self._wanted, self._only = wanted, only
        if only is not None:
            self._mute = frozenset(
                card.name
                for card in registry.cards.values()
                if not only & {card.name, card.family} and wanted.isdisjoint(card.fields)
            )

    def take(self) -> list[Message]:
        """The messages made since the last call; not while a record is being read."""
        made, self._out = self._out, []
        return made

    def passes(self, talk: Talk) -> bool:
        """Whether nothing that is asked for will come of a conversation any more.

        A decoder that has a method `shut(secrets)` can tell that what follows stays encrypted.
        """
        card, only = talk.card, self._only
        if only is None or card.name in only or (card.family or card.name) in only:
            return False
        shut = getattr(talk.decoder, "shut", None)
        if shut is None or not shut(self.secrets):
            return False
        return self._wanted.isdisjoint(card.fields)

    def enter(self, number: int, time: int) -> Record:
        """From now on units are completed by this record, whose bytes nobody needs."""
        record = self._record = Record(number, time, b"", 0)
        self._units.left = MAX_UNITS
        return record

    def open(self, ends: Ends, side: Side, record: Record, name: str | None) -> Talk:
        """A conversation that nothing carries but frames."""
        return self._namer.open(
            name, self.place(ends, side, record, 0), ends.carrier, ends.stream, None
        )

    def place(self, ends: Ends, side: Side, record: Record, size: int) -> Where:
        """Where a payload of `size` bytes was met."""
        sender, target = (ends.server, ends.client) if side else (ends.client, ends.server)
        rest = False, 0, 0, self.secrets, 0, None, False, False
        return new_tuple(Where, (side, record, sender, target, False, True, size, *rest))

    def segment(self, talk: Talk, payload: Payload, carried: Carried) -> None:
        """One segment of a stream by itself."""
        self._units.segment(talk, payload, carried)

    def confirmed(self, talk: Talk, acked: int, carried: Carried) -> None:
        """Word of what arrived on the other side."""
        self._units.confirmed(talk, acked, carried)

    def datagram(
        self, talk: Talk | None, ends: Ends, side: Side, record: Record, size: int, source: Source
    ) -> Talk:
        """One datagram of `size` bytes on the wire; its conversation, opened where it is new."""
        where = self.place(ends, side, record, size)
        if talk is None:
            talk = self._namer.moved(ends.keys, ends.server, memoryview(source.data), side)
        if talk is None or not talk.decided:
            name = self._namer.name(ends.keys, None, memoryview(source.data), side)
            if talk is None:
                talk = self._namer.open(name, where, ends.carrier, ends.stream, None)
            else:
                self._namer.decide(talk, name)
        if source.data or talk.decided:
            carried = new_tuple(Carried, (None, where, DEPTH, ends.keys, ""))
            self._unit(talk, source, 0, len(source.data), carried)
        return talk

    def read_run(self, talk: Talk, lane: Lane, other: Half, ends: Ends, limit: int) -> bool:
        """Read the units that a lane's run completes before the record `limit`.

        Stops early, and says so (False), where the other direction has to be looked at anew.
        """
        half, run, units, side = lane.half, lane.run, self._units, lane.side
        assert run is not None
        view = memoryview(run.data)
        need, keys = other.need, ends.keys
        rest = False, 0, 0, self.secrets, 0, None, False, False
        sender, target = (ends.server, ends.client) if side else (ends.client, ends.server)
        while (place := lane.ready(limit)) >= 0:
            record = self.enter(run.when[place], run.times[place])
            run.seen = place + 1
            run.pos += half.skip
            half.skip = 0
            stop = run.ends[place]
            while (there := stop - run.pos) > 0:
                if units.left <= 0:
                    lane.unlay(place + 1)
                    carried = Carried(None, self.place(ends, side, record, there), DEPTH, ends.keys)
                    units.drain(talk, half, carried)
                    return False
                if there < half.need:
                    break
                found = talk.decoder.measure(view[run.pos : stop], side)
                whole = found is not None and 1 <= found <= min(there, MAX_UNIT)
                if found is not None and whole:
                    size, beyond = found, 0
                elif there >= MAX_UNIT:
                    size = MAX_UNIT if found is not None and found > MAX_UNIT else there
                    beyond = max(0, (found or 0) - size)
                else:
                    half.need = there + 1 if found is None else max(there + 1, min(found, MAX_UNIT))
                    break
                half.need, half.skip = 1, beyond
                units.left -= 1
                source = run.cut(size, f"Reassembled {talk.card.label}")
                met = side, record, sender, target, True, whole, size, *rest
                carried = new_tuple(Carried, (None, new_tuple(Where, met), DEPTH, keys, ""))
                self._unit(talk, source, 0, size, carried)
                if half.skip:
                    over = min(half.skip, stop - run.pos)
                    run.pos += over
                    half.skip -= over
            if other.need < need:
                return False
            need = other.need
        return True


class Conversation:
    """Both streams of one conversation of segments, read piece by piece of the capture."""

    def __init__(self, engine: BulkEngine, ends: Ends) -> None:
        self.engine, self.ends = engine, ends
        self.numbers = Numbers()
        self._talk: Talk | None = None
        self._lanes: tuple[Lane, Lane] | None = None
        self._acks: list[tuple[Array, Array]] = []
        self.passed = False
        """Nothing that is asked for will come any more."""
        self._now = -1
        """The record read last."""

    def feed(self, segments: Segments, payload: Sequence[memoryview]) -> bool:
        """Read the next segments; their messages are the engine's to give (`BulkEngine.take`).

        False where they are too odd for this way: nothing of them was read.
        """
        if self.passed or not len(segments):
            return True
        places = self.numbers.places(segments)
        if places is None:
            return False
        if self._talk is None:
            side = Side(int(segments.side[0]))
            record = self.engine.enter(int(segments.record[0]), int(segments.time[0]))
            self._talk = self.engine.open(self.ends, side, record, None)
            halves = self._talk.half(Side.CLIENT), self._talk.half(Side.SERVER)
            self._lanes = Lane(Side.CLIENT, halves[0]), Lane(Side.SERVER, halves[1])
        self._load(segments, places, payload)
        self._read(self._talk)
        self.passed = self.engine.passes(self._talk)
        return True

    def _load(self, segments: Segments, places: Places, payload: Sequence[memoryview]) -> None:
        assert self._lanes is not None
        self._acks = []
        brings = (places.kept > 0) | places.last | (places.size > places.kept)
        for lane in self._lanes:
            mine = segments.side == lane.side
            acking = np.flatnonzero(mine & (places.acked >= 0))
            self._acks.append((segments.record[acking], places.acked[acking]))
            here = np.flatnonzero(mine & (brings | self._ending(lane, mine & places.last)))
            lane.load(
                Arrivals(
                    segments.record[here],
                    segments.time[here],
                    places.offset[here],
                    places.size[here],
                    places.kept[here],
                    places.last[here],
                    segments.at[here].astype(np.int64),
                    [payload[place] for place in here.tolist()],
                )
            )
        self._times = segments.record, segments.time

    @staticmethod
    def _ending(lane: Lane, last: Array) -> Array:
        """bool: segments behind the last one: one that is empty may yet end the direction."""
        if lane.half.last is not None:
            return np.ones(len(last), bool)
        ending: Array = np.logical_or.accumulate(last)
        return ending

    def _read(self, talk: Talk) -> None:
        """All that is loaded, in the order of the capture."""
        assert self._lanes is not None
        first, second = self._lanes
        while True:
            one, two = first.next, second.next
            told, acked, side = min(self._confirms(first), self._confirms(second))
            if told <= min(one, two):
                if told == NEVER:
                    break
                self._confirmed(talk, told, acked, Side(side))
            elif one < two:
                self._advance(talk, first, second, min(two, told))
            else:
                self._advance(talk, second, first, min(one, told))
        for lane in self._lanes:
            lane.unlay()

    def _advance(self, talk: Talk, lane: Lane, other: Lane, limit: int) -> None:
        """Read on in one direction; nothing happens in the other before the record `limit`."""
        if lane.run is not None and lane.spent:
            lane.unlay()
        if lane.run is None and not lane.settle():
            need = other.half.need
            record = self.engine.enter(lane.next, lane.time)
            payload = lane.arrival()
            size = payload.length or 0
            where = self.engine.place(self.ends, lane.side, record, size)
            self.engine.segment(talk, payload, Carried(None, where, DEPTH, self.ends.keys))
            self._now = record.number
            if other.half.need < need:
                other.passed(record.number)
        elif lane.run is not None:
            even = self.engine.read_run(talk, lane, other.half, self.ends, limit)
            self._now = lane.now
            if not even:
                other.passed(self._now)

    def _confirms(self, lane: Lane) -> tuple[int, int, int]:
        """The next record that tells that what is missing here did arrive, and what it says."""
        stream = lane.half.stream
        if not stream.gapped:
            return NEVER, 0, 0
        records, acked = self._acks[lane.side.other]
        start = int(np.searchsorted(records, self._now, "right"))
        found = np.flatnonzero(acked[start:] >= stream.early)[:1].tolist()
        if not found:
            return NEVER, 0, 0
        place = start + found[0]
        return int(records[place]), int(acked[place]), int(lane.side.other)

    def _confirmed(self, talk: Talk, number: int, acked: int, side: Side) -> None:
        records, times = self._times
        time = int(times[np.searchsorted(records, number)])
        record = self.engine.enter(number, time)
        where = self.engine.place(self.ends, side, record, 0)
        self.engine.confirmed(talk, acked, Carried(None, where, DEPTH, self.ends.keys))
        self._now = number
