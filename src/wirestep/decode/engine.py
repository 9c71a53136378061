"""Records in, messages out: the one loop that runs every decoder, the one place that catches."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from wirestep.model import Field, Flow, Message, Note, Piece, Record, Side, Source, Span

from .contract import Payload, Reading, Registry, Where, new_tuple
from .cursor import Broken, Cursor
from .lean import LeanCursor, Wanted
from .secrets import NO_SECRETS, Secrets
from .talk import Carried, Namer, Talk
from .units import MAX_UNITS, Units

MAX_DEPTH = 40
"""Layers in one frame."""
NOTHING: Wanted = frozenset()


class Engine:
    """Decodes records one by one; the same records give the same messages, in either gear."""

    def __init__(
        self,
        registry: Registry,
        secrets: Secrets = NO_SECRETS,
        bases: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """`bases`: by protocol, the number of the first conversation that this engine will meet."""
        self.registry, self.secrets, self.bases = registry, secrets, bases
        self.count = 0
        """Messages made so far."""
        self._namer = Namer(registry)
        self._talks: dict[object, Talk] = {}
        self._inner: dict[int, list[Talk]] = {}
        """By number of a flow: those that it carries."""
        self._units = Units(self._namer, self._read, self._mark, self._inner)
        self._alone: dict[str, Talk] = {}
        """Protocols met outside any flow: one decoder each."""
        self._first: int | None = None
        self._previous = 0
        self._full = False
        self._wanted = NOTHING
        self._mute: frozenset[str] = frozenset()
        """Protocols whose messages are of use only for what they carry (see Cursor.mute)."""
        self._out: list[Message] = []
        self._record = Record(0, 0, b"", 0)

    @property
    def flows(self) -> list[Flow]:
        """All flows met so far, by number."""
        return self._namer.flows

    def copy(self) -> Engine:
        """A checkpoint: what this engine reads later leaves the copy as it is."""
        other = Engine(self.registry, self.secrets, self.bases)
        other._namer.flows, other.count = list(self.flows), self.count
        # A conversation that went on between other ends is one, under several keys.
        copies = {id(talk): talk.copy() for talk in self._talks.values()}
        other._talks = {key: copies[id(talk)] for key, talk in self._talks.items()}
        for talk in copies.values():
            other._remember(talk)
        for server, talks in self._namer.moving.items():
            other._namer.moving[server] = [copies[id(talk)] for talk in talks]
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
        self._units.left = MAX_UNITS
        out = self._out = []
        size = len(record.data)
        name = f"Frame {record.number + 1}"
        source = Source(name, record.data, (Piece(0, record.number, 0, size),))
        where = Where(
            Side.CLIENT,
            record,
            length=record.length,
            first=self._first or 0,
            previous=self._previous,
            secrets=self.secrets,
        )
        self._unit(
            self._alone.get("frame") or self._lone("frame"),
            source,
            0,
            size,
            Carried(None, where, 0),
        )
        self._previous = record.time
        if full or "frame.protocols" in wanted:
            _name_layers(out)
        self._out = []
        return out

    # from a payload to the decoder that should have it

    def _hand(self, payload: Payload, inside: int, below: Where, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._note(inside, Note("odd", f"over {MAX_DEPTH} layers: the rest is not read"))
            return
        side, size = payload.side, payload.length
        where = new_tuple(
            Where,
            (
                below.side if side is None else side,
                below.record,
                payload.sender or below.sender,
                payload.target or below.target,
                False,
                True,
                payload.stop - payload.start if size is None else size,
                below.quoted or payload.quoted,
                below.first,
                below.previous,
                below.secrets,
                0,
                payload.tag,
                False,
                below.early or payload.early,
            ),
        )
        carried = new_tuple(Carried, (inside, where, depth, payload.keys, ""))
        if payload.flow is None:
            # A layer below conversations; one decoder reads all of its kind.
            name = self._namer.name(payload.keys, payload.to, None, where.side) or "data"
            if payload.stop > payload.start or name != "data":
                talk = self._alone.get(name) or self._lone(name)
                self._unit(talk, payload.source, payload.start, payload.stop, carried)
        elif where.quoted:
            self._quoted(payload, carried)
        else:
            talk = self._talk(payload, carried)
            if payload.offset is not None:
                self._units.segment(talk, payload, carried)
            elif payload.stop > payload.start or talk.decided:
                self._unit(talk, payload.source, payload.start, payload.stop, carried)

    def _quoted(self, payload: Payload, carried: Carried) -> None:
        """A message that an ICMP error quotes: read without a past."""
        size = payload.stop - payload.start
        if size:
            where = carried.where._replace(whole=size >= carried.where.length)
            name = self._namer.name(payload.keys, payload.to, None, where.side) or "data"
            carried = carried._replace(where=where)
            talk = self._namer.alone(name)
            self._unit(talk, payload.source, payload.start, payload.stop, carried)

    def _lone(self, name: str) -> Talk:
        """Who reads what belongs to no flow; made when first asked for."""
        return self._alone.setdefault(name, self._namer.alone(name))

    def _talk(self, payload: Payload, carried: Carried) -> Talk:
        assert carried.inside is not None
        carrier = self._made(carried.inside)
        parent = None if carrier.flow < 0 else carrier.flow
        key = (carrier.protocol if parent is None else parent, payload.flow)
        talk = self._talks.get(key)
        side = carried.where.side
        if talk is None:
            name = payload.to
            if payload.offset is None or name is not None:
                view = memoryview(payload.source.data)[payload.start : payload.stop]
                if name is None:
                    target = carried.where.sender if side else carried.where.target
                    talk = self._namer.moved(payload.keys, target, view, side)
                    if talk is not None:
                        self._talks[key] = talk
                        return talk
                name = self._namer.name(payload.keys, name, view, side)
            stream = payload.stream
            talk = self._namer.open(name, carried.where, carrier.protocol, stream, parent)
            if payload.to is not None:
                talk.sync()
            self._talks[key] = talk
            self._remember(talk)
        elif not talk.decided and payload.offset is None:
            view = memoryview(payload.source.data)[payload.start : payload.stop]
            self._namer.decide(talk, self._namer.name(payload.keys, payload.to, view, side))
        return talk

    def _remember(self, talk: Talk) -> None:
        if talk.flow.parent is not None:
            self._inner.setdefault(talk.flow.parent, []).append(talk)

    def _made(self, number: int) -> Message:
        """A message that this record has already made."""
        return self._out[number - self._out[0].number]

    def _mark(self, number: int | None, mark: str) -> None:
        """Add a mark to a message that this record has already made."""
        if number is not None:
            place = number - self._out[0].number
            message = self._out[place]
            if mark not in message.marks:
                self._out[place] = message._replace(marks=(*message.marks, mark))

    def _note(self, number: int, note: Note) -> None:
        """A remark on a message that this record has already made, where it has a tree."""
        place = number - self._out[0].number
        root = self._out[place].root
        if root is not None:
            root = root._replace(notes=(*root.notes, note))
            self._out[place] = self._out[place]._replace(root=root)

    # one unit

    def _read(self, talk: Talk, source: Source, carried: Carried) -> None:
        """A unit that was cut out of a stream."""
        self._unit(talk, source, 0, len(source.data), carried)

    def _unit(self, talk: Talk, source: Source, start: int, stop: int, carried: Carried) -> None:
        """One unit, read; then what it carries."""
        where, record, card = carried.where, self._record, talk.card
        if self.bases and card.name in self.bases:
            where = where._replace(base=self.bases[card.name])
        cursor: Cursor = (
            Cursor(source, start, stop)
            if self._full
            else LeanCursor(source, start, stop, self._wanted)
        )
        cursor.mute = card.name in self._mute
        try:
            reading = talk.decoder.decode(cursor, where)
        except Exception as error:  # the one place that catches: see _failed
            reading = _failed(cursor, error)
        if carried.note:
            cursor.note("odd", carried.note)
        number = self.count
        self.count = number + 1
        answers = None
        if reading.asks is not None or reading.answers is not None:
            answers = talk.link(reading.asks, reading.answers, number)
        side, sender, target = where.side, where.sender, where.target
        for above in reading.payloads:
            if above.flow is not None and above.side is not None:
                # Who opens a conversation knows its ends better than the layer below.
                side, sender, target = above.side, above.sender or sender, above.target or target
        level = "" if where.quoted else reading.level
        self._out.append(
            new_tuple(
                Message,
                (
                    number,
                    card.name,
                    reading.label or card.label,
                    card.level if level is None else level,
                    talk.flow.number,
                    side,
                    sender,
                    target,
                    record.number,
                    record.time,
                    reading.summary,
                    cursor.at - start,
                    source.records,
                    cursor.finish_lean() if isinstance(cursor, LeanCursor) else (),
                    _closed(cursor, card.name, reading) if self._full else None,
                    source if self._full else None,
                    carried.inside,
                    answers,
                    reading.marks,
                    reading.brief,
                    reading.names,
                ),
            )
        )
        if reading.switch is not None:
            self._namer.switch(talk, reading.switch, reading.ahead)
        for above in reading.payloads:
            self._hand(above, number, where, carried.depth + 1)


def _failed(cursor: Cursor, error: Exception) -> Reading:
    """What is told of a unit that could not be read; a fault of ours takes no capture down."""
    if isinstance(error, Broken):
        cursor.note("broken", str(error))
        return Reading(f"[{error}]", marks=("broken",))
    fault = f"{type(error).__name__}: {error}"
    cursor.note("bug", fault)
    return Reading(f"[decoder failed: {fault}]", marks=("broken", "bug"))


def _closed(cursor: Cursor, name: str, reading: Reading) -> Field:
    """The finished tree; its first line is the summary."""
    root = cursor.finish(name)
    notes = root.notes
    if any(child.name == "unread" for child in root.children) and not notes:
        notes = (Note("odd", "bytes at the end that belong to no field"),)
    return root._replace(shown=reading.summary, notes=notes)


def _name_layers(out: list[Message]) -> None:
    """frame.protocols is known only when all layers are."""
    names = ":".join(message.protocol for message in out[1:] if "." not in message.protocol)
    first = out[0]
    if first.root is not None:
        named = Field("frame.protocols", names, Span(0, 0))
        root = first.root._replace(children=(named, *first.root.children))
        out[0] = first._replace(root=root)
    else:
        out[0] = first._replace(values=(("frame.protocols", names, ""), *first.values))
