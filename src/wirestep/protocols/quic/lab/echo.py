"""Sends each stream back as it comes."""

from __future__ import annotations

from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import DatagramFrameReceived, StreamDataReceived

from wirestep.exchange.contract import Input, Output, Panel, Told


class Mirror:
    """Inner endpoint of a server."""

    def __init__(self) -> None:
        self._quic: QuicConnection | None = None

    def handle(self, event: Input, now: int) -> list[Output]:
        match event:
            case Told(value=QuicConnection() as quic):
                self._quic = quic
            case Told(value=StreamDataReceived() as heard) if self._quic:
                if not heard.stream_id & 2:
                    self._quic.send_stream_data(heard.stream_id, heard.data, heard.end_stream)
            case Told(value=DatagramFrameReceived(data)) if self._quic:
                self._quic.send_datagram_frame(data)
        return []

    def panels(self) -> tuple[Panel, ...]:
        return ()
