"""A QUIC client (RFC 9000, 9001, 9002, 9369), by aioquic."""

from __future__ import annotations

import ssl
from typing import Any

from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.tls import SessionTicket

from wirestep.exchange.contract import (
    Chance,
    Done,
    End,
    Failed,
    Input,
    Output,
    Panel,
    Received,
    Response,
    Started,
    Tell,
    Told,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.model import Address
from wirestep.protocols.quic.names import READABLE, V1

from . import inside
from .connection import Connection, Inner
from .engine import INITIAL_RTT, Clock, KeyLog
from .reasons import failure, reason
from .tickets import Tickets

SOMEBODY = Address("peer", 443)
"""The server, where nobody said who it is: a client has one peer."""


class Client:
    """One connection to one server; speaks through the inner endpoint that ALPN chooses."""

    def __init__(self, inner: Inner, wish: Wish, chance: Chance) -> None:
        self._inner, self._wish, self._chance = inner, wish, chance
        self._options = wish.options
        self._clock, self._log = Clock(), KeyLog()
        self._peer = SOMEBODY
        self._connection: Connection | None = None
        self._answers = 0
        self._told = self._over = False
        self._heard = False

    def handle(self, event: Input, now: int) -> list[Output]:
        match event:
            case Started(peer=peer):
                self._peer = peer or SOMEBODY
                return self._start(now)
            case Failed(reason=word):
                return self._done(failure(self._wish.host, word)) + self._end()
        connection = self._connection
        if connection is None or self._over:
            return []
        out: list[Output] = []
        match event:
            case Received(data):
                self._heard = True
                connection.receive(data, self._peer, now)
            case Woken():
                out += connection.wake(now)
            case Told(value=value) if connection.app is not None:
                out += connection.app.handle(Told(None, value), now)
        return out + self._settle(connection, now)

    def panels(self) -> tuple[Panel, ...]:
        return self._connection.panels() if self._connection else ()

    def timers(self) -> list[tuple[str, int]]:
        """(name, due in ns) of all that is armed, soonest first."""
        return self._connection.timers() if self._connection else []

    def _start(self, now: int) -> list[Output]:
        known = self._known_ticket()
        quic = QuicConnection(
            configuration=configuration(self._wish, list(self._inner), self._log, known),
            session_ticket_handler=self._keep_ticket,
        )
        self._connection = connection = Connection(quic, self._inner, self._clock, self._log)
        quic.connect(self._peer, self._clock.seconds(now))
        out: list[Output] = []
        if known is not None and self._options.get("early_data"):
            out += connection.open(known[0], now)
        return out + self._settle(connection, now)

    def _known_ticket(self) -> tuple[str, SessionTicket] | None:
        tickets = self._options.get("tickets")
        if not isinstance(tickets, Tickets):
            return None
        return tickets.find(self._wish.host, list(self._inner))

    def _keep_ticket(self, ticket: SessionTicket) -> None:
        tickets = self._options.get("tickets")
        if isinstance(tickets, Tickets) and self._connection:
            tickets.got(self._wish.host, self._connection.protocol, ticket)

    def _settle(self, connection: Connection, now: int) -> list[Output]:
        out: list[Output] = []
        for wish in connection.settle(now):
            match wish:
                case Tell(value=Response()):
                    self._answers += 1
                case Tell(value=Done()):
                    self._told = True
            out.append(wish)
        why = inside.ending(connection.quic)
        if why is not None and not self._told:
            out += self._done(reason(why, self._wish.host, self._heard))
        if connection.closed:
            return out + self._end()
        return [*out, WakeAt(connection.due)]

    def _done(self, error: str) -> list[Output]:
        if self._told:
            return []
        self._told = True
        return [Tell(None, Done(error))]

    def _end(self) -> list[Output]:
        self._over = True
        return [WakeAt(None), End()]


def configuration(
    wish: Wish, protocols: list[str], log: KeyLog, known: tuple[str, SessionTicket] | None
) -> QuicConfiguration:
    """What aioquic is told of a wish; its options are those of OPTIONS."""
    options: dict[str, Any] = wish.options
    made = QuicConfiguration(
        is_client=True,
        alpn_protocols=protocols,
        server_name=options.get("server_name") or host_name(wish.host),
        secrets_log_file=log,  # type: ignore[arg-type]  # it only writes
        session_ticket=known[1] if known else None,
        initial_rtt=INITIAL_RTT,
        idle_timeout=float(options.get("idle_timeout", 30.0)),
        congestion_control_algorithm=str(options.get("congestion", "reno")),
        max_datagram_frame_size=65536,
        verify_mode=ssl.CERT_REQUIRED if options.get("verify", True) else ssl.CERT_NONE,
    )
    if known:  # early data is of the protocol that the ticket was got with
        made.alpn_protocols = [known[0]]
    version = int(options.get("version", V1))
    made.original_version = version
    made.supported_versions = list(
        options.get("versions") or [version if version in READABLE else V1]
    )
    trust(made, options.get("roots"))
    return made


def host_name(authority: str) -> str:
    """The host of "host", "host:port", "[v6]:port"."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0] if authority.count(":") == 1 else authority


def trust(made: QuicConfiguration, roots: object) -> None:
    """Whose certificates count: `roots` (PEM), else the system's store.

    Where the system names no store that is there, aioquic takes Mozilla's (certifi).
    """
    if isinstance(roots, bytes):
        made.cadata = roots
        return
    paths = ssl.get_default_verify_paths()
    made.cafile = paths.cafile
    made.capath = paths.capath
