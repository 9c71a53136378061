"""An HTTP/2 server on h2 that serves all streams in turn: h2_server.py ADDRESS FOLDER.

Each stream gets one DATA frame of at most SHARE bytes before the next has its turn.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections import deque
from pathlib import Path

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived, WindowUpdated

SHARE = 1024
CONTENT_TYPES = {".html": "text/html", ".css": "text/css", ".png": "image/png"}


class Server(asyncio.Protocol):
    """One connection: reads whatever came, then writes as much as the windows allow."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.h2 = H2Connection(H2Configuration(client_side=False))
        self.waiting: deque[tuple[int, bytes]] = deque()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.h2.initiate_connection()
        transport.write(self.h2.data_to_send())

    def data_received(self, data: bytes) -> None:
        for event in self.h2.receive_data(data):
            if isinstance(event, RequestReceived) and event.stream_id and event.headers:
                path = next(value for name, value in event.headers if name == b":path")
                self._answer(event.stream_id, path.decode())
            elif isinstance(event, WindowUpdated):
                self._serve()
        self._flush()
        # The requests of one flight may come in several pieces; let them all come first.
        asyncio.get_running_loop().call_later(0.005, self._serve)

    def _answer(self, stream: int, path: str) -> None:
        file = self.folder / path.lstrip("/")
        found = file.is_file()
        body = file.read_bytes() if found else b"not here.\n"
        headers = [
            (":status", "200" if found else "404"),
            ("content-type", CONTENT_TYPES.get(file.suffix, "text/plain")),
            ("content-length", str(len(body))),
            ("server", "h2"),
        ]
        self.h2.send_headers(stream, headers)
        self.waiting.append((stream, body))

    def _serve(self) -> None:
        """A turn for each stream that waits, until all is sent or a window is shut."""
        stuck = 0
        while self.waiting and stuck < len(self.waiting):
            stream, body = self.waiting.popleft()
            size = min(SHARE, self.h2.local_flow_control_window(stream), len(body))
            stuck = 0 if size else stuck + 1
            self.h2.send_data(stream, body[:size], end_stream=size == len(body))
            if size < len(body):
                self.waiting.append((stream, body[size:]))
        self._flush()

    def _flush(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(self.h2.data_to_send())


async def main(address: str, folder: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain("server.pem", "server.key")
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h2"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Server(folder), address, 443, ssl=context)
    await server.serve_forever()


asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
