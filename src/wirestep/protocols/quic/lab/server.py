"""A QUIC server (RFC 9000, 9001, 9002, 9369), by aioquic: one for all peers of a UDP port."""

from __future__ import annotations

from collections.abc import Mapping

from aioquic.buffer import Buffer  # type: ignore[attr-defined]  # re-exported
from aioquic.quic.configuration import SMALLEST_MAX_DATAGRAM_SIZE, QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import (
    QuicHeader,
    QuicPacketType,
    encode_quic_version_negotiation,
    pull_quic_header,
)

from wirestep.exchange.certificates import Identity
from wirestep.exchange.contract import (
    Chance,
    Input,
    Output,
    Panel,
    Received,
    Send,
    WakeAt,
    Woken,
)
from wirestep.model import Address
from wirestep.protocols.quic.drive.connection import Connection, Inner
from wirestep.protocols.quic.drive.engine import INITIAL_RTT, Clock, KeyLog
from wirestep.protocols.quic.drive.tickets import Tickets
from wirestep.protocols.quic.names import V1, V2

CID_LENGTH = 8
MOST = 256
"""Connections at once; who comes then is not answered."""


class Server:
    """Finds the connection of a datagram by its destination connection id."""

    def __init__(
        self, inner: Inner, identity: Identity, chance: Chance, options: Mapping[str, object]
    ) -> None:
        self._inner, self._chance, self._options = inner, chance, options
        self._clock, self._log = Clock(), KeyLog()
        tickets = options.get("tickets")
        self._tickets = tickets if isinstance(tickets, Tickets) else Tickets()
        self._settings = configuration(identity, list(inner), self._log, options)
        self._connections: list[Connection] = []

    def handle(self, event: Input, now: int) -> list[Output]:
        out: list[Output] = []
        match event:
            case Received(data, sender):
                out += self._receive(data, sender or Address("peer", 0), now)
            case Woken():
                for connection in list(self._connections):
                    if connection.due is not None and connection.due <= now:
                        out += connection.wake(now) + connection.settle(now)
        self._connections = [one for one in self._connections if not one.closed]
        due = min((one.due for one in self._connections if one.due is not None), default=None)
        return [*out, WakeAt(due)]

    def panels(self) -> tuple[Panel, ...]:
        """Those of the connection that came last."""
        return self._connections[-1].panels() if self._connections else ()

    def timers(self) -> list[tuple[str, int]]:
        """(name, due in ns) of all that is armed, soonest first."""
        found = [timer for one in self._connections for timer in one.timers()]
        return sorted(found, key=lambda timer: timer[1])

    def _receive(self, data: bytes, sender: Address, now: int) -> list[Output]:
        try:
            header = pull_quic_header(Buffer(data=data), host_cid_length=CID_LENGTH)
        except ValueError:
            return []
        known = self._find(header.destination_cid)
        if known is None:
            if header.version not in (None, 0, *self._settings.supported_versions):
                return self._negotiate(header, sender)
            if (
                header.packet_type is not QuicPacketType.INITIAL
                or len(data) < SMALLEST_MAX_DATAGRAM_SIZE
                or len(self._connections) >= MOST
            ):
                return []
            known = self._accept(header)
        known.receive(data, sender, now)
        return known.settle(now)

    def _find(self, cid: bytes) -> Connection | None:
        for connection in self._connections:
            if connection.answers_to(cid):
                return connection
        return None

    def _negotiate(self, header: QuicHeader, sender: Address) -> list[Output]:
        """A Version Negotiation packet (RFC 9000 section 6)."""
        packet = encode_quic_version_negotiation(
            source_cid=header.destination_cid,
            destination_cid=header.source_cid,
            supported_versions=self._settings.supported_versions,
        )
        return [Send(packet, sender)]

    def _accept(self, header: QuicHeader) -> Connection:
        quic = QuicConnection(
            configuration=self._settings,
            original_destination_connection_id=header.destination_cid,
            session_ticket_fetcher=self._tickets.known,
            session_ticket_handler=self._tickets.gave,
        )
        connection = Connection(quic, self._inner, self._clock, self._log)
        self._connections.append(connection)
        return connection


def configuration(
    identity: Identity, protocols: list[str], log: KeyLog, options: Mapping[str, object]
) -> QuicConfiguration:
    """What aioquic is told of a server."""
    made = QuicConfiguration(
        is_client=False,
        alpn_protocols=protocols,
        secrets_log_file=log,  # type: ignore[arg-type]  # it only writes
        connection_id_length=CID_LENGTH,
        initial_rtt=INITIAL_RTT,
        max_datagram_frame_size=65536,
        congestion_control_algorithm=str(options.get("congestion", "reno")),
    )
    made.supported_versions = [V1, V2]
    made.certificate, made.private_key = identity.certificate, identity.key
    made.certificate_chain = list(identity.chain)
    return made
