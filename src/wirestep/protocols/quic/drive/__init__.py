"""QUIC clients. What speaks inside a connection is another protocol's (see connection.py).

CLIENTS are such inner endpoints too, for QUIC alone: under the ALPN id "echo".
"""

from __future__ import annotations

from wirestep.exchange.contract import Chance, Endpoint, Wish

from .client import Client
from .connection import Connection, Inner
from .deeds import DEEDS
from .echo import ALPN, CLIENTS
from .tickets import Tickets

__all__ = ["ALPN", "CLIENTS", "OPTIONS", "Connection", "Inner", "Tickets", "around"]

OPTIONS = {
    "quic_version": "version of the first packet: 1, 2, or a number that nobody knows",
    "quic_versions": "versions to go on with, the best first; the first packet's if not said",
    "verify": "check the certificate (yes)",
    "roots": "certificates to trust (PEM, or the name of a file), instead of the system's",
    "server_name": "name in SNI and to be found in the certificate, instead of the host's",
    "tickets": "a Tickets, kept from one connection to the next",
    "early_data": "send requests with the first flight where there is a ticket",
    "idle_timeout": "seconds (30)",
    "congestion": "reno or cubic",
    "max_data": "bytes the server may send before they are read, on all streams (1 MiB)",
    "max_stream_data": "the same, on one stream (1 MiB)",
    "datagram": "text to send in a DATAGRAM frame (echo only)",
    **DEEDS,
}


def around(inner: Inner, wish: Wish, chance: Chance) -> Endpoint:
    """A QUIC client that offers the protocols of `inner`, by ALPN id, in their order.

    Raises ValueError, with the user's words, over options that cannot be.
    """
    return Client(inner, wish, chance)
