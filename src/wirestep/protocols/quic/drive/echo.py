"""The smallest thing to say over QUIC: bytes on a stream, which come back on it."""

from __future__ import annotations

from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import StreamDataReceived

from wirestep.exchange.contract import (
    Done,
    Input,
    Output,
    Panel,
    Response,
    Tell,
    Told,
    Wish,
)

ALPN = "echo"


class Stream:
    """One stream for each request: its body (or its target) and the end; the answer is the echo."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._quic: QuicConnection | None = None
        self._streams: dict[int, int] = {}
        self._heard: dict[int, bytearray] = {}

    def handle(self, event: Input, now: int) -> list[Output]:
        match event:
            case Told(value=QuicConnection() as quic):
                self._quic = quic
                for place, request in enumerate(self._wish.requests):
                    stream = quic.get_next_available_stream_id()
                    self._streams[stream] = place
                    self._heard[stream] = bytearray()
                    quic.send_stream_data(stream, request.body or request.target.encode(), True)
            case Told(value=StreamDataReceived() as data) if data.stream_id in self._heard:
                self._heard[data.stream_id] += data.data
                if data.end_stream:
                    return self._answered(data.stream_id)
        return []

    def _answered(self, stream: int) -> list[Output]:
        body = bytes(self._heard.pop(stream))
        out: list[Output] = [Tell(None, Response(self._streams[stream], "", (), body))]
        if not self._heard and self._quic is not None:
            self._quic.close()
            out.append(Tell(None, Done()))
        return out

    def panels(self) -> tuple[Panel, ...]:
        return ()
