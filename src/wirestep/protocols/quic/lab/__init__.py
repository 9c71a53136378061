"""QUIC servers: what speaks inside is another protocol's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wirestep.exchange.certificates import Identity
from wirestep.exchange.contract import Chance, Endpoint
from wirestep.protocols.quic.drive.connection import Inner
from wirestep.protocols.quic.drive.echo import ALPN

from .echo import Mirror
from .server import Server

__all__ = ["SERVERS", "around"]


def around(
    inner: Inner, identity: Identity, chance: Chance, options: Mapping[str, object] | None = None
) -> Endpoint:
    """A QUIC server for one UDP port; `inner` is called once for each connection."""
    return Server(inner, identity, chance, options or {})


def _echo(identity: Identity, chance: Chance, options: Mapping[str, object]) -> Endpoint:
    return around({ALPN: Mirror}, identity, chance, options)


SERVERS: dict[str, Callable[[Identity, Chance, Mapping[str, object]], Endpoint]] = {"echo": _echo}
