"""The streams of one HTTP/3 connection, read by one decoder because they share tables.

A unit is a frame, a stream's type, or an instruction to a table (RFC 9114, RFC 9204).
"""

from __future__ import annotations

from typing import NamedTuple, Self

from wirestep.decode.contract import Payload, Reading, Where
from wirestep.decode.cursor import Broken, Cursor
from wirestep.decode.replay import judge_early
from wirestep.model import Side, Source

from . import names
from .bodies import MAX_BODY, MAX_KEPT, Bodies
from .frames import READERS, other, settings
from .instructions import read_decoder, read_encoder
from .numbers import varint
from .rules import judge_control, judge_section
from .section import Section, needed, read_section
from .streams import ROLES, Role, first_role, measure
from .table import Table
from .tunnels import PROXIES, Tunnels

MAX_BLOCKED = 100
MAX_BLOCKED_BYTES = 1 << 20
"""Of sections that wait for entries of the table; the oldest go first."""
Stream = tuple[int | None, Side]


class Blocked(NamedTuple):
    """A section that came before the entries that it refers to."""

    tag: int | None
    side: Side
    required: int
    source: Source


class Branch:
    """What measures the bytes of one stream."""

    __slots__ = ("_connection", "_tag")

    def __init__(self, connection: Http3Decoder, tag: int | None) -> None:
        self._connection, self._tag = connection, tag

    def measure(self, data: memoryview, side: Side) -> int | None:
        """Bytes of the unit at the front of the stream."""
        return measure(self._connection.role((self._tag, side)), data)

    def lost(self, side: Side) -> None:
        """Where the next unit starts is not known any more."""
        self._connection.lose((self._tag, side))


class Http3Decoder:
    """Reads all streams of a connection, both sides."""

    def __init__(self) -> None:
        self.tables = (Table(), Table())
        """What each side's encoder has inserted."""
        self._roles: dict[Stream, Role] = {}
        self._blocked: list[Blocked] = []
        self._tunnels = Tunnels()
        self._bodies = Bodies()
        self._settled: frozenset[Stream] = frozenset()
        """Control streams whose first frame was read."""

    def branch(self, tag: int) -> Branch:
        """What measures the bytes of stream `tag`."""
        return Branch(self, tag)

    def measure(self, data: memoryview, side: Side) -> int | None:
        """As for a stream that carries requests."""
        return Branch(self, None).measure(data, side)

    def lost(self, side: Side) -> None:
        """As for a stream that carries requests."""
        self.lose((None, side))

    def copy(self) -> Self:
        """Tables, streams and what waits."""
        copied = type(self)()
        copied.tables = (self.tables[0].copy(), self.tables[1].copy())
        copied._roles, copied._blocked = dict(self._roles), list(self._blocked)
        copied._tunnels, copied._bodies = self._tunnels.copy(), self._bodies.copy()
        copied._settled = self._settled
        return copied

    def role(self, stream: Stream) -> Role:
        """What comes next in a direction of a stream."""
        return self._roles.get(stream) or first_role(stream[0])

    def lose(self, stream: Stream) -> None:
        """Bytes are missing: what follows is not read, nor what depends on it."""
        if self.role(stream) is Role.ENCODER:
            self.tables[stream[1]].torn = True
        self._roles[stream] = Role.RAW
        self._bodies.drop(stream)

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One unit of the stream that `where.tag` names."""
        if not where.stream and where.tag is None:
            return self._datagram(cursor)
        stream = where.tag, where.side
        role = self.role(stream)
        if where.tag is not None:
            cursor.worked("http3.stream_id", where.tag)
        try:
            if role is Role.TYPE:
                return self._type(cursor, stream)
            if role is Role.RAW:
                size = cursor.left()
                cursor.rest("http3.stream_data")
                return Reading(f"Stream {where.tag}: {size} bytes", level="record")
            if role is Role.ENCODER:
                return self._instruction(cursor, stream)
            if role is Role.DECODER:
                with cursor.group("http3.qpack.instruction") as group:
                    group.shown = read_decoder(cursor)
                return Reading(f"QPACK decoder: {group.shown}", brief=group.shown)
            return self._frame(cursor, where, role)
        except Broken:
            if role in (Role.ENCODER, Role.DECODER, Role.TYPE):
                self.lose(stream)
            raise

    def _type(self, cursor: Cursor, stream: Stream) -> Reading:
        kind = varint(cursor, "http3.stream_type")
        self._roles[stream] = ROLES.get(kind, Role.RAW)
        told = names.stream_name(kind)
        if kind == names.PUSH:
            told += f", push {varint(cursor, 'http3.push_id')}"
        elif kind == names.WEBTRANSPORT_STREAM:
            told += f", session {varint(cursor, 'http3.session_id')}"
        return Reading(f"{told} [{stream[0]}]")

    def _instruction(self, cursor: Cursor, stream: Stream) -> Reading:
        """To the table; sections that waited for it are read here."""
        table = self.tables[stream[1]]
        with cursor.group("http3.qpack.instruction") as group:
            group.shown, grown = read_encoder(cursor, table)
        told = f"QPACK encoder: {group.shown}"
        if not grown:
            return Reading(told, brief=group.shown)
        ready = [
            one for one in self._blocked if one.side == stream[1] and one.required <= table.inserted
        ]
        if not ready:
            return Reading(told, brief=group.shown)
        self._blocked = [one for one in self._blocked if one not in ready]
        briefs: list[str] = []
        payloads: list[Payload] = []
        for one in ready:
            section = self._unblock(cursor, one, table)
            briefs.append(_briefly(section, one.tag))
            payloads += self._bodies.unblock(cursor, (one.tag, one.side), section)
        line = ", ".join(briefs)
        # Of several that are answered here only the first can be linked to its request.
        answers = ready[0].tag if ready[0].side is Side.SERVER else None
        told = f"{told}; unblocks {line}"
        return Reading(told, payloads, None, answers, level="message", brief=line)

    def _unblock(self, cursor: Cursor, one: Blocked, table: Table) -> Section:
        """Read a section that waited."""
        section = Section()
        with cursor.over("http3.unblocked", one.source) as inner:
            inner.worked("http3.stream_id", one.tag)
            try:
                read_section(inner, table, section)
            except Broken as error:
                inner.note("broken", str(error))
                section.unknown = True
            if cursor.full:
                judge_section(inner, section)
        self._tunnels.learn(one.tag, section)
        return section

    # frames

    def _frame(self, cursor: Cursor, where: Where, role: Role) -> Reading:
        stream = where.tag, where.side
        kind = varint(cursor, "http3.frame_type")
        if kind == names.WEBTRANSPORT and role is Role.FRAMES:
            self._roles[stream] = Role.RAW
            session = varint(cursor, "http3.session_id")
            return Reading(f"WEBTRANSPORT_STREAM, session {session}")
        length = varint(cursor, "http3.frame_length")
        there = min(length, cursor.left())
        if there < length and where.whole:
            cursor.note("broken", f"the frame has {length} bytes, {there} are here")
        told = names.frame_name(kind)
        self._check(cursor, kind, role)
        if role is Role.CONTROL:
            judge_control(cursor, kind, stream not in self._settled)
            self._settled |= {stream}
        outer, cursor.stop = cursor.stop, cursor.at + there
        try:
            if kind == names.HEADERS:
                return self._headers(cursor, where, told)
            if kind == names.PUSH_PROMISE:
                told += f", push {varint(cursor, 'http3.push_id')}"
                return self._headers(cursor, where, told)
            if kind == names.SETTINGS:
                said = settings(cursor)
                self.tables[where.side.other].limit = said.get(names.TABLE_CAPACITY, 0)
                return Reading(f"SETTINGS: {len(said)}", brief="SETTINGS")
            start = cursor.at
            told += READERS.get(kind, other)(cursor)
            if cursor.left():
                cursor.note("broken", f"{cursor.left()} bytes too many")
                cursor.rest("http3.frame_payload")
            tag = "" if where.tag is None else f" [{where.tag}]"
            payloads: tuple[Payload, ...] = ()
            if kind == names.DATA:
                payloads = self._body(cursor, where, start)
            return Reading(told, payloads, brief=told.partition(":")[0] + tag)
        finally:
            cursor.stop = outer

    def _body(self, cursor: Cursor, where: Where, start: int) -> tuple[Payload, ...]:
        """A piece of a body, or of what is tunnelled; the body where this is its end."""
        source, stop, stream = cursor.source, cursor.at, (where.tag, where.side)
        above = self._tunnels.through(where.tag, where.side, source, start, stop)
        if above:
            self._bodies.drop(stream)
            return above
        ended = self._bodies.grow(stream, source.data[start:stop])
        if self._bodies.too_long:
            most = f"{MAX_BODY >> 20} MiB, or {MAX_KEPT >> 20} of a connection"
            cursor.note("info", f"the body is not put together: only {most} are kept")
        return self._bodies.finish(cursor, stream, False) if ended or where.last else ()

    def _check(self, cursor: Cursor, kind: int, role: Role) -> None:
        """Whether such a frame may be on such a stream."""
        if kind in names.OLD_FRAMES:
            cursor.note("broken", "frames of HTTP/2 have no place here (RFC 9114 section 7.2.8)")
        elif kind in (names.ON_REQUESTS if role is Role.CONTROL else names.ON_CONTROL):
            cursor.note("broken", "not on this stream (H3_FRAME_UNEXPECTED, section 7)")

    def _headers(self, cursor: Cursor, where: Where, told: str) -> Reading:
        """A section, or word that it waits for entries of the table."""
        side, table = where.side, self.tables[where.side]
        data = cursor.peek(cursor.left())
        required = needed(data, table)
        if required > table.inserted and not table.torn:
            source = Source("Blocked header section", data, made_from=cursor.source.records)
            self._block(Blocked(where.tag, side, required, source))
            self._bodies.wait((where.tag, side))
            cursor.rest("http3.headers.blocked")
            why = f"needs {required} entries of the table, {table.inserted} are there"
            cursor.note("info", why)
            asked = where.tag if side is Side.CLIENT else None
            line = f"{told} (blocked: {why})"
            return Reading(line, (), asked, level="message", brief=f"{told} blocked")
        with cursor.group("http3.headers", cursor.left()):
            section = Section()
            read_section(cursor, table, section)
        if cursor.full:
            judge_section(cursor, section)
        self._tunnels.learn(where.tag, section)
        payloads = self._announced(cursor, where, section)
        line = _briefly(section, where.tag)
        asks = answers = None
        if (method := section.get(":method")) is not None:
            asks = where.tag
            judge_early(cursor, where, method)
        elif (status := section.get(":status")) is not None and not status.startswith("1"):
            answers = where.tag
        summary = f"{told}: {_line(section)}"
        return Reading(summary, payloads, asks, answers, level="message", brief=line)

    def _announced(self, cursor: Cursor, where: Where, section: Section) -> tuple[Payload, ...]:
        """Headers announce a body; those behind it end it."""
        stream = where.tag, where.side
        if section.get(":method") is None and section.get(":status") is None:
            return self._bodies.finish(cursor, stream, True)
        self._bodies.begin(stream, section)
        return ()

    def _block(self, one: Blocked) -> None:
        blocked = self._blocked
        blocked.append(one)
        while len(blocked) > MAX_BLOCKED or (
            sum(len(other.source.data) for other in blocked) > MAX_BLOCKED_BYTES
        ):
            del blocked[0]

    def _datagram(self, cursor: Cursor) -> Reading:
        """A datagram that belongs to a request (RFC 9297 section 2.1)."""
        stream = 4 * varint(cursor, "http3.datagram.quarter_stream_id")
        what = self._tunnels.protocol(stream)
        if what in PROXIES:
            varint(cursor, "http3.datagram.context_id")
        size = cursor.left()
        cursor.rest("http3.datagram.payload")
        told = f"{stream} ({what})" if what else f"{stream}"
        return Reading(f"DATAGRAM of stream {told}: {size} bytes", brief=f"DATAGRAM [{stream}]")


def _line(section: Section) -> str:
    """A request's or a response's first line, as HTTP/1 would have it."""
    method, status = section.get(":method"), section.get(":status")
    if method is not None:
        protocol = section.get(":protocol")
        target = section.get(":path") or section.get(":authority") or ""
        return " ".join(word for word in (method, target, protocol and f"({protocol})") if word)
    if status is not None:
        phrase = names.STATUSES.get(int(status)) if status.isdecimal() and len(status) < 6 else ""
        return f"{status} {phrase or ''}".rstrip()
    return "trailers"


def _briefly(section: Section, tag: int | None) -> str:
    return _line(section) if tag is None else f"{_line(section)} [{tag}]"
