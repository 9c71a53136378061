"""What goes up from the frames: handshake messages, streams (RFC 9001 section 4.1.3)."""

from __future__ import annotations

from wirestep.decode.contract import Payload

from .connection import Connection
from .crypto_stream import CryptoStream
from .frames import Bytes
from .packet import Packet

CONNECTION = ("connection", 0)
"""The flow of an application that reads all streams of a connection together."""


def carried(packet: Packet, connection: Connection, piece: Bytes) -> list[Payload]:
    """The bytes of a frame for whoever reads them: handshake messages one by one, streams."""
    source = packet.source
    assert source is not None
    sender = packet.sender
    if piece.stream < 0:
        crypto = connection.ways[sender].crypto.setdefault(packet.head.kind, CryptoStream())
        payloads = []
        for message in crypto.add(piece.offset, source, piece.start, piece.stop):
            connection.agreed.learn(message.data)
            connection.remember(connection.agreed.reset_token)
            size = len(message.data)
            payloads.append(
                Payload(message, 0, size, "tls.handshake", flow="handshake", side=sender)
            )
        return payloads
    application = connection.agreed.application
    to, flow, tag = None, ("stream", piece.stream), None
    if application.startswith("h3"):
        to, flow, tag = "http3", CONNECTION, piece.stream
    elif application.startswith("doq"):
        to = "dns"
    above = Payload(
        source,
        piece.start,
        piece.stop,
        to,
        flow=flow,
        offset=piece.offset,
        side=sender,
        last=piece.last,
        tag=tag,
    )
    return [above]


def datagrams(packet: Packet, connection: Connection) -> list[Payload]:
    """Datagrams of the application (RFC 9221, RFC 9297)."""
    source, sender = packet.source, packet.sender
    if source is None or not connection.agreed.application.startswith("h3"):
        return []
    return [
        Payload(source, start, stop, "http3", flow=CONNECTION, side=sender)
        for start, stop in packet.told.datagrams
    ]
