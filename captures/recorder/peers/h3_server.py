"""An HTTP/3 server on aioquic: h3_server.py ADDRESS FOLDER."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.asyncio.server import serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated, QuicEvent
from aioquic.tls import SessionTicket


class Server(QuicConnectionProtocol):
    """One connection; a file for each request."""

    folder = Path()
    h3: H3Connection | None = None

    def quic_event_received(self, event: QuicEvent) -> None:
        if isinstance(event, ProtocolNegotiated):
            self.h3 = H3Connection(self._quic)
        if self.h3 is None:
            return
        for happened in self.h3.handle_event(event):
            if isinstance(happened, HeadersReceived):
                path = dict(happened.headers)[b":path"].decode()
                self._answer(self.h3, happened.stream_id, path)
        self.transmit()

    def _answer(self, h3: H3Connection, stream: int, path: str) -> None:
        file = self.folder / path.lstrip("/")
        body = file.read_bytes() if file.is_file() else b"not here.\n"
        status = b"200" if file.is_file() else b"404"
        headers = [
            (b":status", status),
            (b"content-type", b"text/plain"),
            (b"content-length", b"%d" % len(body)),
            (b"server", b"aioquic"),
        ]
        h3.send_headers(stream, headers)
        h3.send_data(stream, body, end_stream=True)


async def main(address: str, folder: Path) -> None:
    Server.folder = folder
    configuration = QuicConfiguration(is_client=False, alpn_protocols=H3_ALPN)
    configuration.load_cert_chain("server.pem", "server.key")
    tickets: dict[bytes, SessionTicket] = {}

    def keep(ticket: SessionTicket) -> None:
        tickets[ticket.ticket] = ticket

    def take(label: bytes) -> SessionTicket | None:
        return tickets.pop(label, None)

    await serve(
        address,
        443,
        configuration=configuration,
        create_protocol=Server,
        session_ticket_handler=keep,
        session_ticket_fetcher=take,
    )
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
