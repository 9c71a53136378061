"""Records in, messages out: the one loop that runs every decoder, the one place that catches."""

from __future__ import annotations

from dataclasses import replace

from wirestep.model import Address, Field, Flow, Message, Note, Piece, Record, Side, Source, Span

from .contract import Decoder, Payload, Reading, Registry, Where
from .cursor import Broken, Cursor
from .lean import LeanCursor, Wanted
from .stream import Stream

MAX_UNIT = 16 << 20
"""Bytes of one unit; what a longer one has beyond them is skipped."""
MAX_DEPTH = 40
"""Layers in one frame."""
NOTHING: Wanted = frozenset()


class Half:
    """One direction of a flow that is read as a stream."""

    def __init__(self) -> None:
        self.stream = Stream()
        self.need = 1
        """Bytes that must be there before the decoder is asked again."""
        self.skip = 0
        """Bytes of an overlong unit still to be thrown away."""
        self.synced = False
        """Whether the front is known to be the start of a unit."""
        self.ended = False

    def copy(self) -> Half:
        other = Half()
        other.stream = self.stream.copy()
        other.need, other.skip, other.synced = self.need, self.skip, self.synced
        other.ended = self.ended
        return other


class Talk:
    """A flow under decoding."""

    def __init__(self, flow: Flow, decoder: Decoder, decided: bool) -> None:
        self.flow, self.decoder = flow, decoder
        self.decided = decided
        """False while no protocol has claimed the flow."""
        self.halves = (Half(), Half())
        self.asked: dict[object, int] = {}

    def copy(self) -> Talk:
        other = Talk(self.flow, self.decoder.copy(), self.decided)
        other.halves = (self.halves[0].copy(), self.halves[1].copy())
        other.asked = dict(self.asked)
        return other


class Engine:
    """Decodes records one by one; the same records give the same messages, in either gear."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.flows: list[Flow] = []
        self.count = 0
        """Messages made so far."""
        self._talks: dict[object, Talk] = {}
        self._alone: dict[str, Talk] = {}
        """Protocols met outside any flow: one decoder each."""
        self._first: int | None = None
        self._previous = 0
        self._full = False
        self._wanted = NOTHING
        self._out: list[Message] = []
        self._record = Record(0, 0, b"", 0)

    def copy(self) -> Engine:
        """A checkpoint: what this engine reads later leaves the copy as it is."""
        other = Engine(self.registry)
        other.flows, other.count = list(self.flows), self.count
        other._talks = {key: talk.copy() for key, talk in self._talks.items()}
        other._alone = {name: talk.copy() for name, talk in self._alone.items()}
        other._first, other._previous = self._first, self._previous
        return other

    def feed(
        self,
        record: Record,
        *,
        full: bool = False,
        wanted: Wanted = NOTHING,
        times: tuple[int, int] | None = None,
    ) -> list[Message]:
        """All messages that this record completes, outermost first.

        `times` are those of the capture's first record and of the record before this one, ns;
        needed where this engine is fed only some records of the capture.
        """
        if times is not None:
            self._first, self._previous = times
        elif self._first is None:
            self._first = self._previous = record.time
        self._full, self._wanted, self._record = full, wanted, record
        out: list[Message] = []
        self._out = out
        name = f"Frame {record.number + 1}"
        source = Source(name, record.data, (Piece(0, record.number, 0, len(record.data)),))
        payload = Payload(source, 0, len(record.data), "frame", length=record.length)
        self._hand(payload, None, self._where(Side.CLIENT), 0)
        self._previous = record.time
        self._name_layers(out)
        self._out = []
        return out

    def _where(self, side: Side) -> Where:
        first = self._first or 0
        return Where(side, self._record, first=first, previous=self._previous)

    def _name_layers(self, out: list[Message]) -> None:
        """frame.protocols is known only when all layers are."""
        names = ":".join(message.protocol for message in out[1:] if "." not in message.protocol)
        first = out[0]
        if first.root is not None:
            named = Field("frame.protocols", names, Span(0, 0))
            root = first.root._replace(children=(named, *first.root.children))
            out[0] = replace(first, root=root)
        elif "frame.protocols" in self._wanted:
            out[0] = replace(first, values=(("frame.protocols", names, ""), *first.values))

    # from a payload to the decoder that should have it

    def _hand(self, payload: Payload, inside: int | None, below: Where, depth: int) -> None:
        where = replace(
            below,
            side=below.side if payload.side is None else payload.side,
            sender=payload.sender or below.sender,
            target=payload.target or below.target,
            length=payload.stop - payload.start if payload.length is None else payload.length,
            quoted=below.quoted or payload.quoted,
            stream=False,
        )
        if depth > MAX_DEPTH:
            return
        if payload.flow is None or where.quoted:
            name = self._name(payload, where) or "data"
            if payload.flow is not None or (name == "data" and payload.stop <= payload.start):
                name = "data"  # what an ICMP error quotes of a conversation is not read as one
            if payload.stop > payload.start or name != "data":
                talk = self._alone.get(name)
                if talk is None:
                    flow = Flow(-1, name, _NOBODY, _NOBODY)
                    talk = self._alone[name] = Talk(flow, self.registry[name].decoder(), True)
                self._unit(talk, payload, inside, where, depth)
            return
        talk = self._talk(payload, inside, where)
        if payload.offset is None:
            self._unit(talk, payload, inside, where, depth)
        else:
            self._segment(talk, payload, inside, where, depth)

    def _name(self, payload: Payload, where: Where) -> str | None:
        """Who reads it: the user's rule, the name that came along, claims, tables."""
        named = self.registry.ruled(payload.keys) or payload.to
        if named is None and payload.flow is not None:
            view = memoryview(payload.source.data)[payload.start : payload.stop]
            named = self._claimed(view, where.side)[0]
        named = named or self.registry.found(payload.keys)
        return named if named in self.registry else None

    def _claimed(self, view: memoryview, side: Side) -> tuple[str | None, bool]:
        """The protocol that claims the bytes; whether more bytes could make one claim them."""
        if not view:
            return None, True
        unsure = False
        for card in self.registry.claiming:
            assert card.claims is not None
            mine = card.claims(view, side)
            if mine:
                return card.name, False
            unsure = unsure or mine is None
        return None, unsure

    def _talk(self, payload: Payload, inside: int | None, where: Where) -> Talk:
        carrier = next((m for m in reversed(self._out) if m.number == inside), None)
        carried = "" if carrier is None else carrier.protocol
        parent = None if carrier is None or carrier.flow < 0 else carrier.flow
        key = (carried if parent is None else parent, payload.flow)
        talk = self._talks.get(key)
        if talk is not None:
            if not talk.decided and payload.offset is None:
                self._decide(talk, self._name(payload, where))
            return talk
        name = None if payload.offset is not None else self._name(payload, where)
        if payload.to is not None:
            name = self.registry.ruled(payload.keys) or payload.to
        sender, target = where.sender or _NOBODY, where.target or _NOBODY
        if where.side is Side.SERVER:
            sender, target = target, sender
        number = len(self.flows)
        stream = payload.stream
        if name not in self.registry:
            name = None
        flow = Flow(number, name or "data", sender, target, carried, stream, parent)
        self.flows.append(flow)
        decoder = self.registry[flow.protocol].decoder()
        talk = self._talks[key] = Talk(flow, decoder, name is not None)
        if payload.to is not None:
            for half in talk.halves:
                half.synced = True
        return talk

    def _decide(self, talk: Talk, name: str | None) -> None:
        if name is not None:
            talk.decided = True
            talk.decoder = self.registry[name].decoder()
            talk.flow = self.flows[talk.flow.number] = replace(talk.flow, protocol=name)

    # streams

    def _segment(
        self, talk: Talk, payload: Payload, inside: int | None, where: Where, depth: int
    ) -> None:
        """Bytes of a stream: put them in order, then read what is whole."""
        where = replace(where, stream=True)
        assert payload.offset is not None
        if payload.acked is not None:
            self._acked(talk, payload.acked, inside, where, depth)
        half = talk.halves[where.side]
        added = half.stream.add(payload.offset, payload.source, payload.start, payload.stop)
        if added.conflict:
            self._mark(inside, "overlap")
        self._drain(talk, half, payload.keys, inside, where, depth)
        while half.stream.crowded:
            self._give_up(talk, half, payload.keys, inside, where, depth)
        if payload.last and not half.ended:
            half.ended = half.stream.early == half.stream.end
            if half.ended:
                self._drain(talk, half, payload.keys, inside, where, depth)

    def _acked(self, talk: Talk, acked: int, inside: int | None, where: Where, depth: int) -> None:
        """The other side has bytes that were not captured: they will not come."""
        half = talk.halves[where.side.other]
        other = replace(
            where, side=where.side.other, sender=where.target, target=where.sender, whole=True
        )
        while half.stream.end < half.stream.early <= acked:
            self._give_up(talk, half, (), inside, other, depth)

    def _give_up(
        self,
        talk: Talk,
        half: Half,
        keys: tuple[tuple[str, int], ...],
        inside: int | None,
        where: Where,
        depth: int,
    ) -> None:
        """Read what stands before the gap as it is, skip the gap, start anew behind it."""
        half.ended = True
        self._drain(talk, half, keys, inside, where, depth)
        half.ended = False
        missing = half.stream.skip_gap()
        half.skip = max(0, half.skip - missing)
        half.synced, half.need = False, 1
        talk.decoder.lost(where.side)
        self._mark(inside, "gap")
        self._drain(talk, half, keys, inside, where, depth)

    def _drain(
        self,
        talk: Talk,
        half: Half,
        keys: tuple[tuple[str, int], ...],
        inside: int | None,
        where: Where,
        depth: int,
    ) -> None:
        """Read units off the front for as long as they are whole (or the flow has ended)."""
        stream = half.stream
        while stream.data:
            if half.skip:
                dropped = min(half.skip, len(stream.data))
                stream.cut(dropped, "")
                half.skip -= dropped
                continue
            if not half.synced:
                synced = self._sync(talk, half, keys, where)
                if synced is None:
                    return
                if not synced:
                    self._loose(talk, half, inside, where, depth)
                    continue
            if len(stream.data) < half.need and not half.ended:
                return
            with memoryview(stream.data) as view:
                size = talk.decoder.measure(view, where.side)
            if size is None:
                half.need = len(stream.data) + 1
            elif size > MAX_UNIT:
                half.need = MAX_UNIT
                if len(stream.data) >= MAX_UNIT:
                    half.skip, half.need = size - MAX_UNIT, 1
                    self._cut(talk, half, MAX_UNIT, inside, replace(where, whole=False), depth)
                    continue
            elif 0 < size <= len(stream.data):
                half.need = 1
                self._cut(talk, half, size, inside, where, depth)
                continue
            else:
                half.need = max(size, len(stream.data) + 1)
            if not half.ended and len(stream.data) < MAX_UNIT:
                return
            half.need = 1
            part = replace(where, whole=False)
            self._cut(talk, half, len(stream.data), inside, part, depth)

    def _sync(
        self, talk: Talk, half: Half, keys: tuple[tuple[str, int], ...], where: Where
    ) -> bool | None:
        """Whether the front is the start of a unit; None while more bytes could tell.

        A flow that nobody has claimed is decided here: the user's rule, claims, tables.
        """
        with memoryview(half.stream.data) as view:
            if not talk.decided:
                name = self.registry.ruled(keys)
                if name is None:
                    name, unsure = self._claimed(view, where.side)
                    if name is None and unsure and not half.ended:
                        return None
                name = name or self.registry.found(keys)
                self._decide(talk, name if name in self.registry else None)
                if not talk.decided:
                    return False
            claims = self.registry[talk.flow.protocol].claims
            claimed = True if claims is None else claims(view, where.side)
            if claimed is None and half.ended:
                claimed = False
            half.synced = bool(claimed)
            return claimed

    def _loose(self, talk: Talk, half: Half, inside: int | None, where: Where, depth: int) -> None:
        """Bytes that belong to no unit: shown as data."""
        source = half.stream.cut(len(half.stream.data), "Stream bytes")
        data = Talk(replace(talk.flow, protocol="data"), self.registry["data"].decoder(), True)
        self._unit(data, Payload(source, 0, len(source.data)), inside, where, depth)

    def _cut(
        self, talk: Talk, half: Half, size: int, inside: int | None, where: Where, depth: int
    ) -> None:
        source = half.stream.cut(size, f"Reassembled {self.registry[talk.flow.protocol].label}")
        where = replace(where, length=size)
        self._unit(talk, Payload(source, 0, size), inside, where, depth)

    def _mark(self, number: int | None, mark: str) -> None:
        """Add a mark to a message that this record has already made."""
        for place, message in enumerate(self._out):
            if message.number == number and mark not in message.marks:
                self._out[place] = replace(message, marks=(*message.marks, mark))

    # one unit

    def _unit(
        self, talk: Talk, payload: Payload, inside: int | None, where: Where, depth: int
    ) -> None:
        """One unit, read; then what it carries."""
        name = talk.flow.protocol
        card = self.registry[name]
        source = payload.source
        cursor: Cursor
        if self._full:
            cursor = Cursor(source, payload.start, payload.stop)
        else:
            cursor = LeanCursor(source, payload.start, payload.stop, self._wanted)
        broken = ""
        try:
            reading = talk.decoder.decode(cursor, where)
        except Broken as error:
            broken = str(error)
            cursor.note("broken", broken)
            reading = Reading(f"[{broken}]", marks=("broken",))
        except Exception as error:  # a fault of ours must not take the capture down with it
            broken = f"{type(error).__name__}: {error}"
            cursor.note("bug", broken)
            reading = Reading(f"[decoder failed: {broken}]", marks=("broken", "bug"))
        answers = None
        if reading.answers is not None:
            answers = talk.asked.pop(reading.answers, None)
        number, self.count = self.count, self.count + 1
        if reading.asks is not None:
            talk.asked[reading.asks] = number
        full = self._full
        at = cursor.at
        message = Message(
            number,
            name,
            reading.label or card.label,
            card.level if reading.level is None else reading.level,
            talk.flow.number,
            where.side,
            where.sender,
            where.target,
            self._record.number,
            self._record.time,
            reading.summary,
            payload.stop - payload.start if at < payload.start else at - payload.start,
            source.records,
            root=_closed(cursor, name, reading) if full else None,
            values=() if full or not isinstance(cursor, LeanCursor) else cursor.finish_lean(),
            source=source if full else None,
            inside=inside,
            answers=answers,
            marks=reading.marks,
            brief=reading.brief,
            names=reading.names,
        )
        self._out.append(message)
        if reading.switch is not None:
            self._switch(talk, reading.switch)
        for above in reading.payloads:
            self._hand(above, number, where, depth + 1)

    def _switch(self, talk: Talk, name: str) -> None:
        """From the next byte on, the flow speaks `name`; plain data where nobody reads that."""
        name = name if name in self.registry else "data"
        talk.decoder, talk.asked = self.registry[name].decoder(), {}
        talk.decided = True
        for half in talk.halves:
            half.synced, half.need = True, 1
        if talk.flow.number >= 0:
            talk.flow = self.flows[talk.flow.number] = replace(talk.flow, protocol=name)


_NOBODY = Address("")


def _closed(cursor: Cursor, name: str, reading: Reading) -> Field:
    """The finished tree; its first line is the summary."""
    root = cursor.finish(name)
    notes = root.notes
    if any(child.name == "unread" for child in root.children) and not notes:
        notes = (Note("odd", "bytes at the end that belong to no field"),)
    return root._replace(shown=reading.summary, notes=notes)
