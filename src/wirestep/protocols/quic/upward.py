"""What goes up from the frames: handshake messages, streams (RFC 9001 section 4.1.3)."""

from __future__ import annotations

from wirestep.decode.contract import Payload, new_tuple
from wirestep.model import Side, Source

from .connection import Connection
from .crypto_stream import CryptoStream
from .frames import Bytes
from .names import ZERO_RTT
from .packet import Packet


def carried(packet: Packet, connection: Connection, piece: Bytes) -> list[Payload]:
    """The bytes of a frame for whoever reads them."""
    source = packet.source
    assert source is not None
    if piece.stream < 0:
        return _messages(packet, connection, piece, source)
    return [of_stream(connection, packet.sender, source, piece, packet.head.kind == ZERO_RTT)]


def of_stream(
    connection: Connection, sender: Side, source: Source, piece: Bytes, early: bool
) -> Payload:
    """Bytes of a stream for whoever reads the application's protocol."""
    to, tag = None, None
    flow: tuple[str, int, int] = "stream", connection.number, piece.stream
    application = connection.agreed.application
    if application.startswith("h3"):
        to, flow, tag = "http3", _together(connection), piece.stream
    elif application.startswith("doq"):
        to = "dns"
    _, offset, start, stop, last = piece
    found = source, start, stop, to, (), None, None, flow, -1, offset, sender, last
    return new_tuple(Payload, (*found, None, None, False, early, tag))


def _together(connection: Connection) -> tuple[str, int, int]:
    """The flow of an application that reads all streams of a connection in one place."""
    return "connection", connection.number, 0


def _messages(
    packet: Packet, connection: Connection, piece: Bytes, source: Source
) -> list[Payload]:
    """Handshake messages, one by one, whatever they were encrypted with."""
    crypto = connection.ways[packet.sender].crypto.setdefault(packet.head.kind, CryptoStream())
    flow = "handshake", connection.number, 0
    payloads = []
    for message in crypto.add(piece.offset, source, piece.start, piece.stop):
        connection.agreed.learn(message.data)
        connection.remember(connection.agreed.reset_token)
        above = Payload(
            message, 0, len(message.data), "tls.handshake", flow=flow, side=packet.sender
        )
        payloads.append(above)
    return payloads


def datagrams(packet: Packet, connection: Connection) -> list[Payload]:
    """Datagrams of the application (RFC 9221, RFC 9297)."""
    source, sender = packet.source, packet.sender
    if source is None or not connection.agreed.application.startswith("h3"):
        return []
    flow = _together(connection)
    return [
        Payload(source, start, stop, "http3", flow=flow, side=sender)
        for start, stop in packet.told.datagrams
    ]
