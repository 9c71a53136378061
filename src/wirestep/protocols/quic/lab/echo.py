"""Sends each stream and each datagram back as it comes."""

from __future__ import annotations

from collections.abc import Callable

from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import DatagramFrameReceived, StreamDataReceived

from wirestep.exchange.contract import Chance, Endpoint, Input, Output, Panel, Told
from wirestep.exchange.options import Options
from wirestep.protocols.quic.drive.echo import ONE_WAY


class Mirror:
    """Speaks inside one connection."""

    def __init__(self) -> None:
        self._quic: QuicConnection | None = None

    def handle(self, event: Input, now: int) -> list[Output]:
        match event:
            case Told(value=QuicConnection() as quic):
                self._quic = quic
            case Told(value=StreamDataReceived() as heard) if self._quic is not None:
                if not heard.stream_id & ONE_WAY:
                    self._quic.send_stream_data(heard.stream_id, heard.data, heard.end_stream)
            case Told(value=DatagramFrameReceived(data)) if self._quic is not None:
                self._quic.send_datagram_frame(data)
        return []

    def panels(self) -> tuple[Panel, ...]:
        return ()


def _echo(material: object, chance: Chance, options: Options) -> Endpoint:
    return Mirror()


SERVERS: dict[str, Callable[[object, Chance, Options], Endpoint]] = {"echo": _echo}
