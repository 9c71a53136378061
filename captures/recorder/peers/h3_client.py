"""Fetches files over HTTP/3, all at once: h3_client.py HOST [--ticket FILE] PATH ...

With --ticket, the session ticket is kept in FILE; where FILE is there already, the connection is
resumed and the requests go out as early data.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from pathlib import Path

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import stream_is_client_initiated, stream_is_unidirectional
from aioquic.quic.events import ConnectionTerminated, QuicEvent, StreamDataReceived
from aioquic.tls import SessionTicket


def stream_is_request(stream: int) -> bool:
    return stream_is_client_initiated(stream) and not stream_is_unidirectional(stream)


class Client(QuicConnectionProtocol):
    """Counts the answers that are whole."""

    h3: H3Connection | None = None
    left = 0

    def ask(self, host: str, paths: list[str]) -> asyncio.Event:
        """Sends all requests; the event says that all were answered."""
        self.h3 = H3Connection(self._quic)
        self.done = asyncio.Event()
        self.left = len(paths)
        for path in paths:
            headers = [
                (b":method", b"GET"),
                (b":scheme", b"https"),
                (b":authority", host.encode()),
                (b":path", path.encode()),
                (b"user-agent", b"aioquic"),
            ]
            stream = self._quic.get_next_available_stream_id()
            self.h3.send_headers(stream, headers, end_stream=True)
        self.transmit()
        return self.done

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, ConnectionTerminated):
            self.done.set()
        if self.h3 is None:
            return
        self.h3.handle_event(event)
        if isinstance(event, StreamDataReceived) and event.end_stream:
            self.left -= stream_is_request(event.stream_id)
        if self.left == 0:
            self.done.set()


async def main(host: str, paths: list[str], ticket: Path | None) -> int:
    configuration = QuicConfiguration(is_client=True, alpn_protocols=H3_ALPN, server_name=host)
    configuration.load_verify_locations("ca.pem")
    known = ticket is not None and ticket.exists()
    if ticket is not None and known:
        configuration.session_ticket = pickle.loads(ticket.read_bytes())

    def keep(given: SessionTicket) -> None:
        if ticket is not None:
            ticket.write_bytes(pickle.dumps(given))

    with Path(os.environ.get("SSLKEYLOGFILE", os.devnull)).open("a") as log:
        configuration.secrets_log_file = log
        async with connect(
            host,
            443,
            configuration=configuration,
            create_protocol=Client,
            session_ticket_handler=keep,
            wait_connected=not known,
        ) as client:
            assert isinstance(client, Client)
            await asyncio.wait_for(client.ask(host, paths).wait(), 10)
            left = client.left
    return 1 if left else 0


words = sys.argv[2:]
file = Path(words[1]) if words[0] == "--ticket" else None
sys.exit(asyncio.run(main(sys.argv[1], words[2:] if file else words, file)))
