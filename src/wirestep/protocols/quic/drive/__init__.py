"""QUIC clients: what speaks inside is another protocol's (see connection.py)."""

from __future__ import annotations

from collections.abc import Callable

from wirestep.exchange.contract import Chance, Endpoint, Wish

from .client import Client
from .connection import Connection, Inner
from .echo import ALPN, Stream
from .tickets import Tickets

__all__ = ["CLIENTS", "OPTIONS", "Connection", "Inner", "Tickets", "around"]

OPTIONS = {
    "version": "version of the first packet: 1, 0x6b3343cf (2), or one that nobody knows",
    "versions": "versions to go on with, the best first; the first packet's if not said",
    "verify": "check the certificate (true)",
    "roots": "certificates to trust (PEM), instead of the system's",
    "server_name": "name in SNI and to be found in the certificate, instead of the host's",
    "tickets": "a Tickets, kept from one connection to the next",
    "early_data": "send requests with the first flight where there is a ticket",
    "idle_timeout": "seconds (30)",
    "congestion": "reno or cubic",
}


def around(inner: Inner, wish: Wish, chance: Chance) -> Endpoint:
    """A QUIC client that offers the protocols of `inner`, by ALPN id, in their order."""
    return Client(inner, wish, chance)


def _echo(wish: Wish, chance: Chance) -> Endpoint:
    return around({ALPN: lambda: Stream(wish)}, wish, chance)


CLIENTS: dict[str, Callable[[Wish, Chance], Endpoint]] = {"echo": _echo}
