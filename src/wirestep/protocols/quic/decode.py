"""QUIC's datagrams: packets, decrypted where the keys are known (RFC 9000, RFC 9001, RFC 9369)."""

from __future__ import annotations

from typing import Self

from wirestep.decode.contract import OPENED, Payload, Reading, Where
from wirestep.decode.cursor import Broken, Cursor
from wirestep.model import Side, Source

from . import swift
from .connection import SPACES, Connection
from .frames import read_frames
from .header import Head, claims_long, look, show_long, show_short
from .names import HANDSHAKE, INITIAL, KINDS, NEGOTIATION, ONE_RTT, RETRY
from .packet import Packet, unprotected
from .protection import SAMPLE, TAG, retry_tag
from .state import Connections
from .telling import brief, opened_short, summary, title
from .upward import carried, datagrams, of_stream

VERDICT = "quic.decryption"


def claims(data: memoryview, side: Side) -> bool | None:
    """A long header of a version that exists, with lengths that a packet can have."""
    return claims_long(data)


def goes_on(data: memoryview) -> bool:
    """A short header, as a connection that has moved to another address begins there."""
    return len(data) > 1 + SAMPLE and data[0] & 0xC0 == 0x40


class QuicDecoder:
    """Reads the datagrams between two ports."""

    def __init__(self) -> None:
        self.connections = Connections()

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The datagram is the unit."""
        return len(data)

    def lost(self, side: Side) -> None:
        """Datagrams stand alone."""

    def copy(self) -> Self:
        """The connections as they stand."""
        other = type(self)()
        other.connections = self.connections.copy()
        return other

    def knows(self, data: memoryview, side: Side) -> bool:
        """Whether a datagram from elsewhere belongs to a connection of these (RFC 9000, 9)."""
        return goes_on(data) and self.connections.knows(side.other, data, 1)

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One datagram: packet after packet; what they carry goes up."""
        if not cursor.full and not cursor.wants_under(swift.FIELDS):
            short = self._swift(cursor, where)
            if short is not None:
                return short
        summaries: list[str] = []
        briefs: list[str] = []
        payloads: list[Payload] = []
        marks: tuple[str, ...] = ()
        head: Head | None = None
        while cursor.left():
            data, at = cursor.data, cursor.at
            if head is not None and self._padded(data, at, cursor.stop, head, where.side):
                cursor.rest("quic.datagram_padding")
                break
            try:
                packet = self._packet(data, at, cursor.stop, where)
                head = packet.head
            except Broken as error:
                cursor.note("broken", str(error))
                cursor.rest("quic.remaining_payload")
                summaries.append(f"[{error}]")
                marks = ("broken",)
                break
            marks += self._show(cursor, packet)
            summaries.append(summary(packet))
            briefs.append(brief(packet))
            payloads += self._learn(packet, where)
        return Reading(
            " · ".join(summaries),
            payloads,
            marks=tuple(dict.fromkeys(marks)),
            brief=", ".join(briefs),
        )

    def _swift(self, cursor: Cursor, where: Where) -> Reading | None:
        """A packet of which nobody wants fields, if it is like most others."""
        data, at, stop = cursor.data, cursor.at, cursor.stop
        if not goes_on(memoryview(data)[at:stop]) or stop != len(data):
            return None
        connection, dcid = self.connections.short(where.side.other, data, at + 1, stop)
        if connection is None:
            return None
        packet = swift.read(connection, where.side, data, at, len(dcid))
        if packet is None:
            return None
        cursor.skip(stop - at)
        source = Source("Decrypted QUIC", packet.plain, made_from=cursor.source.records)
        above = [
            of_stream(connection, packet.sender, source, piece, False) for piece in packet.data
        ]
        if cursor.mute:
            return Reading("", above)
        said, short = opened_short(packet.number, packet.phase, dcid, packet.names)
        return Reading(said, above, brief=short)

    # finding out what it is

    def _padded(self, data: bytes, at: int, stop: int, head: Head, side: Side) -> bool:
        """Whether what follows a packet is no packet of the same connection (RFC 9000 12.2)."""
        first = data[at]
        if not head.long or not first & 0x40:
            return True
        if first & 0x80:
            try:
                return look(data, at, stop).dcid != head.dcid
            except Broken:
                return True
        if not head.dcid:
            return False
        return data[at + 1 : at + 1 + len(head.dcid)] != head.dcid

    def _packet(self, data: bytes, at: int, stop: int, where: Where) -> Packet:
        to = where.side.other
        if not data[at] & 0x80:
            connection, dcid = self.connections.short(to, data, at + 1, stop)
            version = connection.version if connection else 0
            head = Head(ONE_RTT, version, dcid, b"", at, at + 1 + len(dcid), stop)
        else:
            head = look(data, at, stop)
            connection = self.connections.called(to, head.dcid)
        packet = Packet(head, connection)
        if connection is not None:
            packet.sender = connection.way(where.side)
        if head.kind == INITIAL:
            self._initial(packet, data, where)
        elif head.kind in SPACES:
            self._open(packet, data, where)
        return packet

    def _initial(self, packet: Packet, data: bytes, where: Where) -> None:
        """Its keys come from a connection ID: it may begin a connection, or begin it anew."""
        head = packet.head
        if packet.connection is None:
            old = self.connections.called(where.side, head.scid) if head.scid else None
            again = old is not None and head.token and old.way(where.side) is Side.CLIENT
            packet.sender = Side.CLIENT
            if again and old is not None:
                packet.connection = old.copy()
                packet.connection.restart(head.dcid)
            else:
                packet.connection = Connection(where.side, head.version, [head.dcid])
            self._open(packet, data, where)
            if packet.opened is None:
                packet.connection = None
                packet.note = "info", "not decrypted: the client's first Initial was not seen"
            elif again and old is not None:
                old.restart(head.dcid)
                packet.connection = old
            else:
                self.connections.add(packet.connection)
        else:
            self._open(packet, data, where)

    def _open(self, packet: Packet, data: bytes, where: Where) -> None:
        """Take off the protection, where there are keys."""
        head, connection = packet.head, packet.connection
        if connection is None:
            packet.note = "info", "not decrypted: the connection's first packets were not seen"
            return
        if head.stop - head.number_at < 4 + SAMPLE:
            packet.note = "odd", "not decrypted: the packet is too short, or was cut off"
            return
        tried = connection.keys(packet.sender, head.kind, head.version, where.secrets)
        for keys in tried:
            packet.opened = unprotected(connection, packet, data, keys)
            if packet.opened is not None:
                connection.fitted(packet.sender, head.kind, head.version, keys)
                return
        if tried:
            packet.note = "odd", "not decrypted: damaged, or the secret is not the right one"
        else:
            why = connection.missing(packet.sender, head.kind, where.secrets)
            packet.note = "info", f"not decrypted: {why}"

    # what it says

    def _show(self, cursor: Cursor, packet: Packet) -> tuple[str, ...]:
        head, opened = packet.head, packet.opened
        marks: tuple[str, ...] = ()
        shown = title(packet) if cursor.wants("quic.packet") else ""
        with cursor.group("quic.packet", head.stop - head.start, shown=shown):
            cursor.worked("quic.packet_length", head.stop - head.start)
            first = None if opened is None else opened.first
            if head.long:
                show_long(cursor, head, first)
            else:
                show_short(cursor, head, first)
            if packet.note is not None:
                cursor.note(*packet.note)
            if _secret(packet) and cursor.wants(VERDICT):
                cursor.worked(VERDICT, _verdict(packet))
            if head.kind == NEGOTIATION:
                while cursor.left() >= 4:
                    cursor.uint("quic.supported_version", 4)
            elif head.kind == RETRY:
                _show_retry(cursor, packet)
            elif opened is None:
                _show_closed(cursor, packet)
            else:
                cursor.meant("quic.packet_number", opened.size, opened.number)
                name = "quic.payload" if head.long else "quic.protected_payload"
                cursor.rest(name)
                if packet.connection is not None:
                    packet.told.sizes = packet.connection.ways[packet.sender].sizes
                source = Source("Decrypted QUIC", opened.plain, made_from=cursor.source.records)
                packet.source = source
                with cursor.over("quic.decrypted", source) as inner:
                    try:
                        read_frames(inner, packet.told, head.kind)
                    except Broken as error:
                        inner.note("broken", str(error))
                        marks = ("broken",)
        return marks

    # what it teaches

    def _learn(self, packet: Packet, where: Where) -> list[Payload]:
        head, connection = packet.head, packet.connection
        if connection is None:
            return []
        side = where.side
        if packet.opened is None:
            self._start_again(packet, connection, side)
            return []
        if head.long:
            if packet.sender is Side.SERVER or head.kind == HANDSHAKE:
                connection.version = head.version  # the one they agreed on (RFC 9368)
            self.connections.call(side, head.scid, connection)
            if packet.sender is Side.CLIENT:
                self.connections.call(side.other, head.dcid, connection)
        for name in packet.told.ids:
            self.connections.call(side, name, connection)
        for token in packet.told.tokens:
            connection.remember(token)
        payloads = []
        for piece in packet.told.data:
            payloads += carried(packet, connection, piece)
        return payloads + datagrams(packet, connection)

    def _start_again(self, packet: Packet, connection: Connection, side: Side) -> None:
        """What a server says before it takes part, and after which the client begins anew."""
        head = packet.head
        if packet.sender is not Side.SERVER:
            return
        if head.kind == RETRY:
            connection.restart(head.scid)
            self.connections.call(side, head.scid, connection)
        elif head.kind == NEGOTIATION and connection.ways[Side.SERVER].unheard:
            connection.begin_again()


def _secret(packet: Packet) -> bool:
    """Its keys are no secret only where they come from a connection ID that everybody can see."""
    return packet.head.kind in SPACES and (packet.head.kind != INITIAL or packet.opened is None)


def _verdict(packet: Packet) -> str:
    if packet.opened is not None:
        name = KINDS[packet.head.kind]
        return f"{OPENED} with the keys of {name} packets, packet number {packet.opened.number}"
    return "" if packet.note is None else packet.note[1].removeprefix("not decrypted: ")


def _show_retry(cursor: Cursor, packet: Packet) -> None:
    """(RFC 9000 section 17.2.5)"""
    head, connection = packet.head, packet.connection
    cursor.take("quic.retry_token", max(0, cursor.left() - TAG))
    start = cursor.at
    given = cursor.rest("quic.retry_integrity_tag")
    if connection is None:
        cursor.note("info", "not checked: the packet that it answers was not seen")
        return
    right = retry_tag(cursor.data[head.start : start], connection.originals[-1], head.version)
    if right is not None and right != given:
        cursor.note("odd", f"the integrity tag should be {right.hex()}")


def _show_closed(cursor: Cursor, packet: Packet) -> None:
    """What stays shut: one field, or what looks like a stateless reset (RFC 9000 10.3)."""
    connection, head = packet.connection, packet.head
    if head.kind == ONE_RTT and connection is not None and cursor.left() >= TAG:
        token = cursor.data[cursor.stop - TAG : cursor.stop]
        if token in connection.tokens:
            cursor.take("quic.unpredictable_bits", cursor.left() - TAG)
            cursor.take("quic.stateless_reset_token", TAG)
            packet.told.names.append("Stateless Reset")
            return
    cursor.rest("quic.remaining_payload")
