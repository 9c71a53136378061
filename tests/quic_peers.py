"""Two QUIC endpoints of another project talk in memory; what they send can then be read here."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aioquic.buffer import Buffer
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import H3Event
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.logger import QuicLogger
from aioquic.quic.packet import encode_quic_retry, pull_quic_header
from aioquic.tls import SessionTicket
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from frames import Turn, udp_records

from wirestep.decode.engine import Engine
from wirestep.decode.lean import Wanted
from wirestep.decode.secrets import Secrets
from wirestep.model import Message, Record, Side
from wirestep.protocols import REGISTRY

C, S = Side.CLIENT, Side.SERVER
ENDS = (("192.0.2.17", 51234), ("198.51.100.201", 4433))
STEP = 0.01
Headers = list[tuple[bytes, bytes]]


def _certificate() -> tuple[Any, Any]:
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "www.example.org")])
    start = datetime(2026, 1, 1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(77)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9000))
    )
    return builder.sign(key, None), key


CERTIFICATE, KEY = _certificate()


@dataclass
class Peers:
    """A client and a server, and all that went between them."""

    protocol: str = "h3"
    options: dict[str, Any] = field(default_factory=dict)
    """Of the configuration of both."""
    retry: bool = False
    ticket: SessionTicket | None = None
    turns: list[Turn] = field(default_factory=list)
    events: list[H3Event] = field(default_factory=list)
    tickets: list[SessionTicket] = field(default_factory=list)
    now: float = 0.0

    def __post_init__(self) -> None:
        self.log = io.StringIO()
        self.loggers = (QuicLogger(), QuicLogger())
        common: dict[str, Any] = {"alpn_protocols": [self.protocol], **self.options}
        client = QuicConfiguration(
            is_client=True,
            server_name="www.example.org",
            verify_mode=0,
            secrets_log_file=self.log,
            quic_logger=self.loggers[0],
            session_ticket=self.ticket,
            **common,
        )
        self.configuration = QuicConfiguration(
            is_client=False,
            certificate=CERTIFICATE,
            private_key=KEY,
            quic_logger=self.loggers[1],
            secrets_log_file=self.log,
            **common,
        )
        self.client = QuicConnection(
            configuration=client, session_ticket_handler=self.tickets.append
        )
        self.server: QuicConnection | None = None
        self.client_h3 = H3Connection(self.client) if self.protocol == "h3" else None
        self.server_h3: H3Connection | None = None

    def start(self) -> None:
        """The client's first flight is ready; `run` lets it go."""
        self.client.connect(ENDS[1], self.now)

    def _serve(self, first: bytes) -> None:
        """The server meets the client, perhaps only once it has shown where it is."""
        header = pull_quic_header(Buffer(data=first), host_cid_length=8)
        original, source = header.destination_cid, None
        if self.retry:
            source = bytes(range(0xD0, 0xD8))
            token = bytes(range(0x30, 0x47))
            packet = encode_quic_retry(
                version=header.version or 1,
                source_cid=source,
                destination_cid=header.source_cid,
                original_destination_cid=original,
                retry_token=token,
            )
            self.turns.append((S, packet))
            self.client.receive_datagram(packet, ENDS[1], self.now)
            ((again, _),) = self.client.datagrams_to_send(self.now)
            self.turns.append((C, again))
            first = again
        self.server = QuicConnection(
            configuration=self.configuration,
            original_destination_connection_id=original,
            retry_source_connection_id=source,
            session_ticket_fetcher=lambda label: next(
                (one for one in self.known if one.ticket == label), None
            ),
            session_ticket_handler=self.issued.append,
        )
        if self.protocol == "h3":
            self.server_h3 = H3Connection(self.server)
        self.server.receive_datagram(first, ENDS[0], self.now)

    known: list[SessionTicket] = field(default_factory=list)
    """Tickets that the server has given before."""
    issued: list[SessionTicket] = field(default_factory=list)

    def run(self, answer: Callable[[Peers, H3Event], None] | None = None, rounds: int = 30) -> None:
        """Pass datagrams on until nobody has any left, or the rounds are over."""
        for _ in range(rounds):
            self.now += STEP
            moved = False
            for data, _ in self.client.datagrams_to_send(self.now):
                moved = True
                self.turns.append((C, data))
                if self.server is None:
                    self._serve(data)
                else:
                    self.server.receive_datagram(data, ENDS[0], self.now)
            self._hear(self.server, self.server_h3, answer)
            self.now += STEP
            for data, _ in self.server.datagrams_to_send(self.now) if self.server else ():
                moved = True
                self.turns.append((S, data))
                self.client.receive_datagram(data, ENDS[1], self.now)
            self._hear(self.client, self.client_h3, None)
            if not moved:
                return

    def _hear(
        self,
        connection: QuicConnection | None,
        h3: H3Connection | None,
        answer: Callable[[Peers, H3Event], None] | None,
    ) -> None:
        while connection is not None and (event := connection.next_event()) is not None:
            for heard in h3.handle_event(event) if h3 is not None else ():
                self.events.append(heard)
                if answer is not None:
                    answer(self, heard)

    def ask(self, path: bytes, *more: tuple[bytes, bytes], end: bool = True) -> int:
        """A request from the client; the number of its stream."""
        assert self.client_h3 is not None
        stream = self.client.get_next_available_stream_id()
        headers = [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"h.example")]
        self.client_h3.send_headers(stream, [*headers, (b":path", path), *more], end)
        return stream

    @property
    def secrets(self) -> Secrets:
        """The key log."""
        return Secrets(self.log.getvalue().encode())

    def records(self) -> list[Record]:
        """What a capture between them would hold."""
        return udp_records(tuple(self.turns), ENDS[1][1])

    def sent(self) -> list[tuple[int, str, int, list[dict[str, Any]]]]:
        """(side, type, number, frames) of every packet, as its sender logged it."""
        packets = []
        for side, logger in enumerate(self.loggers):
            for trace in logger.to_dict()["traces"]:
                for event in trace["events"]:
                    if event["name"] == "transport:packet_sent":
                        data = event["data"]
                        header = data["header"]
                        packets.append(
                            (
                                side,
                                header["packet_type"],
                                header.get("packet_number", -1),
                                data["frames"],
                            )
                        )
        return packets


def read(
    records: list[Record], secrets: Secrets, *, full: bool = True, wanted: Wanted = frozenset()
) -> list[Message]:
    """All messages."""
    engine = Engine(REGISTRY, secrets)
    return [
        message for record in records for message in engine.feed(record, full=full, wanted=wanted)
    ]
