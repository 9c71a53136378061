"""A QUIC client (RFC 9000, 9001, 9002, 9369), by aioquic."""

from __future__ import annotations

from dataclasses import replace

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
    Rebind,
    Received,
    Response,
    Say,
    Started,
    Tell,
    Told,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.exchange.options import flag
from wirestep.model import Address
from wirestep.protocols.quic.names import VERSIONS

from . import inside, settings
from .connection import Connection, Inner
from .deeds import Deeds
from .engine import Clock, KeyLog
from .reasons import RESET, failure, reason
from .tickets import Tickets

SOMEBODY = Address("peer", 443)
"""The server, where nobody said who it is: a client has one peer."""
LONG_HEADER = 0x80
PINGS = 10
"""From a new address, while nothing is heard there."""


class Client:
    """One connection to one server; speaks through the inner endpoint that ALPN chooses."""

    def __init__(self, inner: Inner, wish: Wish, chance: Chance) -> None:
        """Raises ValueError, with the user's words, over options that cannot be."""
        self._inner, self._wish, self._chance = inner, wish, chance
        self._clock, self._log = Clock(), KeyLog()
        self._settings = settings.of_client(wish, list(inner), self._log)
        self._early = flag(wish.options, "early_data", False)
        tickets = wish.options.get("tickets")
        self._tickets = tickets if isinstance(tickets, Tickets) else Tickets()
        self._deeds = Deeds(wish.options)
        self._peer = SOMEBODY
        self._connection: Connection | None = None
        self._answers = 0
        self._told = self._over = self._heard = False

    def handle(self, event: Input, now: int) -> list[Output]:
        if self._over:
            return []
        match event:
            case Started(peer=peer) if self._connection is None:
                self._peer = peer or SOMEBODY
                return self._start(now)
            case Failed(reason=word):
                return self._done(failure(self._wish.host, word)) + self._end()
        connection = self._connection
        if connection is None:
            return []
        out: list[Output] = []
        match event:
            case Received(data):
                if self._is_reset(connection, data):
                    return self._done(RESET.format(host=self._settings.server_name)) + self._end()
                out += self._receive(connection, data, now)
            case Woken():
                out += connection.wake(now)
            case Told(value=value):
                out += connection.tell(value, now)
        return self._count(out) + self._settle(connection, now)

    def panels(self) -> tuple[Panel, ...]:
        return self._connection.panels() if self._connection else ()

    def timers(self) -> list[tuple[str, int]]:
        """(name, due in ns) of all that is armed, soonest first."""
        return self._connection.timers() if self._connection else []

    def _start(self, now: int) -> list[Output]:
        known = self._tickets.find(self._wish.host, list(self._inner))
        if known is not None:
            protocol, ticket = known
            if self._early:  # early data is of the protocol that the ticket was got with
                self._settings.alpn_protocols = [protocol]
            else:  # resumed, without offering early data
                ticket = replace(ticket, max_early_data_size=None)
            self._settings.session_ticket = ticket
        quic = QuicConnection(
            configuration=self._settings, session_ticket_handler=self._keep_ticket
        )
        self._connection = connection = Connection(quic, self._inner, self._clock, self._log)
        quic.connect(self._peer, self._clock.seconds(now))
        out: list[Output] = []
        if known is not None and self._early:
            out += connection.open(known[0], now)
        return out + self._settle(connection, now)

    def _keep_ticket(self, ticket: SessionTicket) -> None:
        assert self._connection is not None
        self._tickets.got(self._wish.host, self._connection.protocol, ticket)

    def _receive(self, connection: Connection, data: bytes, now: int) -> list[Output]:
        quic = connection.quic
        retries, version = inside.detours(quic)
        spaces = inside.spaces(quic)
        connection.receive(data, self._peer, now)
        self._heard = True
        retries_now, version_now = inside.detours(quic)
        if inside.spaces(quic) != spaces:
            inside.give_up(quic, spaces, self._clock.seconds(now))
        if retries_now != retries:
            return [Say("Retry: begins again, with the server's token")]
        if version_now != version:
            inside.follow_version(quic)
            return [Say(f"goes on with QUIC version {VERSIONS.get(version_now, hex(version_now))}")]
        return []

    def _is_reset(self, connection: Connection, data: bytes) -> bool:
        """Whether the server says that it knows nothing of this (RFC 9000 section 10.3)."""
        if not data or data[0] & LONG_HEADER:
            return False
        return data[-16:] in inside.reset_tokens(connection.quic)

    def _settle(self, connection: Connection, now: int) -> list[Output]:
        out = self._count(connection.hear(now))
        deeds = self._deeds.due(connection.quic, self._answers)
        if any(isinstance(deed, Rebind) for deed in deeds):
            # The server may send but little there until the path is proven, and what proves it
            # may be lost: only hearing from the client lets it go on.
            connection.pings = PINGS
        out += deeds
        out += connection.flush(now)
        why = inside.ending(connection.quic)
        if why is not None:
            out += self._done(reason(why, self._settings.server_name or "", self._heard))
        return out + (self._end() if connection.closed else [connection.wish_to_wake()])

    def _count(self, out: list[Output]) -> list[Output]:
        """Notices answers, and that everything was said."""
        for wish in out:
            match wish:
                case Tell(value=Response()):
                    self._answers += 1
                case Tell(value=Done()):
                    self._told = True
        return out

    def _done(self, error: str) -> list[Output]:
        if self._told:
            return []
        self._told = True
        return [Tell(None, Done(error))]

    def _end(self) -> list[Output]:
        self._over = True
        return [WakeAt(None), End()]
