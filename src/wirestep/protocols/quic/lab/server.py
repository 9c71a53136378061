"""A QUIC server (RFC 9000, 9001, 9002, 9369), by aioquic: one for all peers of a UDP port."""

from __future__ import annotations

from aioquic.buffer import Buffer  # type: ignore[attr-defined]  # re-exported
from aioquic.quic.configuration import SMALLEST_MAX_DATAGRAM_SIZE, QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import (
    QuicErrorCode,
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
    Say,
    Send,
    WakeAt,
    Woken,
)
from wirestep.exchange.options import Options, flag, nanoseconds, text, whole
from wirestep.model import Address
from wirestep.protocols.quic.drive import inside, settings
from wirestep.protocols.quic.drive.connection import Connection, Inner
from wirestep.protocols.quic.drive.engine import Clock, KeyLog
from wirestep.protocols.quic.drive.tickets import Tickets
from wirestep.protocols.quic.names import V1, V2

from .reset import Resets
from .retry import Retry, refuse

CID_LENGTH = 8
MOST = 256
"""Connections at once; who comes then is refused."""
SOMEBODY = Address("0.0.0.0", 0)
"""A client, where nobody said who it is."""

OPTIONS = {
    "retry": "ask each client to show that it is where it says",
    "quic_versions": "versions spoken, the best first (1, 2)",
    "tickets": "a Tickets, kept from one connection to the next",
    "idle_timeout": "seconds (30)",
    "congestion": "reno or cubic",
    "max_data": "bytes a client may send before they are read, on all streams (1 MiB)",
    "max_stream_data": "the same, on one stream (1 MiB)",
    "close_after": "seconds after which a connection is closed, whatever it is doing",
    "close_code": "the application's code for that (0)",
    "close_reason": "and why, in words",
    "forget_after": "seconds after which all connections are forgotten, as by a new start",
}


class Server:
    """Finds the connection of a datagram by its destination connection id."""

    def __init__(self, inner: Inner, identity: Identity, chance: Chance, options: Options) -> None:
        """Raises ValueError, with the user's words, over options that cannot be."""
        self._inner, self._chance, self._options = inner, chance, options
        self._clock, self._log = Clock(), KeyLog()
        tickets = options.get("tickets")
        self._tickets = tickets if isinstance(tickets, Tickets) else Tickets()
        self._settings = of_server(identity, list(inner), self._log, options)
        self._retry = Retry(chance, CID_LENGTH) if flag(options, "retry", False) else None
        self._resets = Resets(chance)
        self._connections: list[Connection] = []
        self._plans: list[tuple[int, Connection | None]] = []
        """(ns, the connection to be closed; None: all are forgotten)."""
        self._code = whole(options, "close_code", 0)
        self._reason = text(options, "close_reason", "")

    def handle(self, event: Input, now: int) -> list[Output]:
        out: list[Output] = []
        match event:
            case Received(data, sender):
                out += self._receive(data, sender or SOMEBODY, now)
            case Woken():
                out += self._wake(now)
        for connection in [one for one in self._connections if one.closed]:
            self._drop(connection)
        return [*out, self._wish_to_wake()]

    def _wish_to_wake(self) -> WakeAt:
        wishes = [connection.wish_to_wake() for connection in self._connections]
        wishes += [WakeAt(time, "plan") for time, _ in self._plans]
        waiting = [wish for wish in wishes if wish.time is not None]
        return min(waiting, key=lambda wish: wish.time or 0, default=WakeAt(None))

    def panels(self) -> tuple[Panel, ...]:
        """Those of the connection that began last."""
        return self._connections[-1].panels() if self._connections else ()

    def timers(self) -> list[tuple[str, int]]:
        """(name, due in ns) of all that is armed, soonest first."""
        found = [timer for one in self._connections for timer in one.timers()]
        return sorted(found, key=lambda timer: timer[1])

    def _receive(self, data: bytes, sender: Address, now: int) -> list[Output]:
        try:
            header = pull_quic_header(Buffer(data=data), host_cid_length=CID_LENGTH)
        except ValueError:
            return []  # not QUIC
        connection = self._find(header.destination_cid)
        if connection is not None:
            return self._continue(connection, data, sender, now)
        if header.packet_type is QuicPacketType.ONE_RTT:
            reset = self._resets.answer(header.destination_cid, len(data))
            return (
                [Say("knows no such connection: resets it"), Send(reset, sender)] if reset else []
            )
        # What is shorter may be a lie about who sent it: the answer would be larger than the
        # question (RFC 9000 section 14.1). Version Negotiation answers the same sizes (6.1).
        if len(data) < SMALLEST_MAX_DATAGRAM_SIZE:
            return []
        if header.version not in self._settings.supported_versions:
            return self._negotiate(header, sender)
        if header.packet_type is not QuicPacketType.INITIAL:
            return []
        return self._begin(header, data, sender, now)

    def _find(self, cid: bytes) -> Connection | None:
        for connection in self._connections:
            if connection.answers_to(cid):
                return connection
        return None

    def _continue(
        self, connection: Connection, data: bytes, sender: Address, now: int
    ) -> list[Output]:
        before = connection.quic.get_peer_address()
        connection.receive(data, sender, now)
        out = connection.hear(now) + connection.flush(now)
        after = connection.quic.get_peer_address()
        if before is not None and after != before:
            out.insert(0, Say(f"the client is now at {after}"))
        return out

    def _negotiate(self, header: QuicHeader, sender: Address) -> list[Output]:
        """A Version Negotiation packet (RFC 9000 section 6); never the answer to one."""
        if not header.version:
            return []
        packet = encode_quic_version_negotiation(
            source_cid=header.destination_cid,
            destination_cid=header.source_cid,
            supported_versions=self._settings.supported_versions,
        )
        return [Say("does not speak this version: names those it does"), Send(packet, sender)]

    def _begin(self, header: QuicHeader, data: bytes, sender: Address, now: int) -> list[Output]:
        """The first packet of a client."""
        if len(self._connections) >= MOST:
            return [Send(refuse(header, QuicErrorCode.CONNECTION_REFUSED), sender)]
        seconds = self._clock.seconds(now)
        original, source = header.destination_cid, None
        if self._retry is not None:
            if not header.token:
                return [
                    Say("sends a Retry"),
                    Send(self._retry.ask(header, sender, seconds), sender),
                ]
            try:
                original = self._retry.original(header, sender, seconds)
            except ValueError:
                return [Send(refuse(header, QuicErrorCode.INVALID_TOKEN), sender)]
            source = header.destination_cid
        quic = QuicConnection(
            configuration=self._settings,
            original_destination_connection_id=original,
            retry_source_connection_id=source,
            session_ticket_fetcher=self._tickets.known,
            session_ticket_handler=self._tickets.gave,
        )
        connection = Connection(quic, self._inner, self._clock, self._log)
        self._connections.append(connection)
        self._plan(connection, now)
        return self._continue(connection, data, sender, now)

    def _plan(self, connection: Connection, now: int) -> None:
        if "close_after" in self._options:
            self._plans.append((now + nanoseconds(self._options, "close_after", 0), connection))
        if "forget_after" in self._options:
            self._plans.append((now + nanoseconds(self._options, "forget_after", 0), None))

    def _wake(self, now: int) -> list[Output]:
        out: list[Output] = []
        due = [plan for plan in self._plans if plan[0] <= now]
        self._plans = [plan for plan in self._plans if plan[0] > now]
        for _, connection in due:
            if connection is None:
                out += self._forget()
            else:
                connection.quic.close(error_code=self._code, reason_phrase=self._reason)
                out += connection.hear(now) + connection.flush(now)
        for connection in self._connections:
            if connection.due is not None and connection.due <= now:
                out += connection.wake(now) + connection.hear(now) + connection.flush(now)
        return out

    def _forget(self) -> list[Output]:
        """As after a new start: all that is left are the tokens, which a server can derive."""
        for connection in list(self._connections):
            self._resets.keep(inside.own_reset_tokens(connection.quic))
            self._drop(connection)
        self._tickets.forget()
        return [Say("was started anew, and knows no connection any more")]

    def _drop(self, connection: Connection) -> None:
        self._connections.remove(connection)
        self._plans = [plan for plan in self._plans if plan[1] is not connection]


def of_server(
    identity: Identity, protocols: list[str], log: KeyLog, options: Options
) -> QuicConfiguration:
    """What aioquic is told of a server. Raises ValueError with the user's words."""
    made = QuicConfiguration(
        is_client=False,
        alpn_protocols=protocols,
        secrets_log_file=log,  # type: ignore[arg-type]  # all it needs is to be written to
        connection_id_length=CID_LENGTH,
    )
    made.supported_versions = settings.versions(options, "quic_versions", [V1, V2])
    made.certificate, made.private_key = identity.certificate, identity.key
    made.certificate_chain = list(identity.chain)
    return settings.shared(made, options)
