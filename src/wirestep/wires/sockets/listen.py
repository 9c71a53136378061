"""Ports of this machine behind which endpoints wait."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from wirestep.exchange.contract import Endpoint
from wirestep.model import Address

from .datagrams import Datagrams
from .host import SECOND, Host, Party
from .seen import Seen
from .stream import Stream, address

MAX_CONNECTIONS = 200
"""Open at once; more are broken off as they come."""
IDLE = 120 * SECOND
"""Nanoseconds without a byte after which a connection is broken off."""


async def listen_tcp(host: Host, at: Address, make: Callable[[], Endpoint]) -> Address:
    """Accept connections, each with an endpoint of its own; port 0: one that is free.

    Gives where it listens, until the host is closed. Raises OSError.
    """

    def accept() -> asyncio.Protocol:
        if len(host.parties) >= MAX_CONNECTIONS:
            return Refusal()
        try:
            endpoint = make()
        except Exception as error:  # a fault of ours must not take the server down with it
            host.heard.fault(f"{type(error).__name__}: {error}")
            return Refusal()
        return Stream(Party(host, endpoint), "accepted", patient=True, idle=IDLE)

    sock = bound(at, socket.SOCK_STREAM)
    local = address(sock.getsockname())
    host.watch(Seen("listening", "tcp", local, Address(""), host.clock.now()))
    host.servers.append(await host.loop.create_server(accept, sock=sock, backlog=64))
    return local


def listen_udp(host: Host, at: Address, endpoint: Endpoint) -> Address:
    """One endpoint for all that comes to a port; where it listens. Raises OSError."""
    sock = bound(at, socket.SOCK_DGRAM)
    party = Party(host, endpoint)
    party.listens = True
    way = Datagrams(party, sock, None)
    way.open()
    return way.local


class Refusal(asyncio.Protocol):
    """Reads nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Break it off."""
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


def bound(at: Address, kind: socket.SocketKind) -> socket.socket:
    """A socket of its own at an address. Raises OSError."""
    family, _, _, _, name = socket.getaddrinfo(
        at.host, at.port, type=kind, flags=socket.AI_PASSIVE | socket.AI_NUMERICHOST
    )[0]
    sock = socket.socket(family, kind)
    try:
        sock.setblocking(False)
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(name)
    except OSError:
        sock.close()
        raise
    return sock
