"""Session tickets and address tokens that one party keeps from one connection to the next."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TypeVar

from aioquic.tls import SessionTicket

from wirestep.exchange.chance import utcnow

Key = TypeVar("Key", bound=Hashable)
MOST = 64
"""Tickets kept; the oldest go first."""


class Tickets:
    """The tickets of a client, by server and ALPN, or those a server gave, by their bytes.

    A clock that starts again (each run of a virtual wire) would make tickets of the last run
    invalid: they seem to be of the future. Such a ticket is taken as just got.
    """

    def __init__(self) -> None:
        self._got: dict[tuple[str, str], SessionTicket] = {}
        self._given: dict[bytes, SessionTicket] = {}

    def got(self, host: str, protocol: str, ticket: SessionTicket) -> None:
        """A client received a ticket from `host` while it spoke `protocol`."""
        _keep(self._got, (host, protocol), ticket)

    def find(self, host: str, protocols: list[str]) -> tuple[str, SessionTicket] | None:
        """(ALPN id, ticket) for the first of `protocols` that has one."""
        for protocol in protocols:
            ticket = self._got.get((host, protocol))
            if ticket is not None:
                return protocol, _of_now(ticket)
        return None

    def gave(self, ticket: SessionTicket) -> None:
        """A server issued a ticket."""
        _keep(self._given, ticket.ticket, ticket)

    def known(self, label: bytes) -> SessionTicket | None:
        """What a server knows of a ticket that a client shows."""
        ticket = self._given.get(label)
        return None if ticket is None else _of_now(ticket)

    def forget(self) -> None:
        """As after a restart of the server: the tickets it gave are stale."""
        self._given.clear()


def _keep(kept: dict[Key, SessionTicket], key: Key, ticket: SessionTicket) -> None:
    kept.pop(key, None)
    kept[key] = ticket
    while len(kept) > MOST:
        del kept[next(iter(kept))]


def _of_now(ticket: SessionTicket) -> SessionTicket:
    now = utcnow()
    if ticket.not_valid_before <= now:
        return ticket
    life = ticket.not_valid_after - ticket.not_valid_before
    return replace(ticket, not_valid_before=now, not_valid_after=now + life)
