"""The smallest thing to say over QUIC: bytes on a stream, which come back on it."""

from __future__ import annotations

from collections.abc import Callable

from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import DatagramFrameReceived, StreamDataReceived

from wirestep.exchange.contract import (
    Chance,
    Done,
    Endpoint,
    Input,
    Output,
    Panel,
    Response,
    Say,
    Tell,
    Told,
    Wish,
)
from wirestep.exchange.options import text
from wirestep.model import safe

ALPN = "echo"
ONE_WAY = 2
"""The bit of a stream's number that says that only one side sends (RFC 9000 section 2.1)."""


class Echo:
    """One stream for each request: its body (or its target) and the end; the answer is the echo."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._datagram = text(wish.options, "datagram", "").encode()
        self._quic: QuicConnection | None = None
        self._streams: dict[int, int] = {}
        self._heard: dict[int, bytearray] = {}

    def handle(self, event: Input, now: int) -> list[Output]:
        match event:
            case Told(value=QuicConnection() as quic):
                self._quic = quic
                self._say(quic)
            case Told(value=DatagramFrameReceived(data)):
                return [Say(f"a datagram came back: {safe(data.decode(errors='replace'))}")]
            case Told(value=StreamDataReceived() as heard) if heard.stream_id in self._heard:
                self._heard[heard.stream_id] += heard.data
                if heard.end_stream:
                    return self._answered(heard.stream_id)
        return []

    def _say(self, quic: QuicConnection) -> None:
        if self._datagram:
            quic.send_datagram_frame(self._datagram)
        for place, request in enumerate(self._wish.requests):
            stream = quic.get_next_available_stream_id()
            self._streams[stream] = place
            self._heard[stream] = bytearray()
            quic.send_stream_data(stream, request.body or request.target.encode(), True)

    def _answered(self, stream: int) -> list[Output]:
        assert self._quic is not None
        body = bytes(self._heard.pop(stream))
        out: list[Output] = [Tell(None, Response(self._streams[stream], "", (), body))]
        if not self._heard:
            self._quic.close()
            out.append(Tell(None, Done()))
        return out

    def panels(self) -> tuple[Panel, ...]:
        return ()


def _echo(wish: Wish, chance: Chance) -> Endpoint:
    return Echo(wish)


CLIENTS: dict[str, Callable[[Wish, Chance], Endpoint]] = {"echo": _echo}
