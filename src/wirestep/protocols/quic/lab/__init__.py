"""QUIC servers: what speaks inside is another protocol's."""

from __future__ import annotations

from wirestep.exchange.certificates import Identity
from wirestep.exchange.contract import Chance, Endpoint
from wirestep.exchange.options import Options
from wirestep.protocols.quic.drive.connection import Inner

from .echo import SERVERS
from .server import OPTIONS, Server

__all__ = ["OPTIONS", "SERVERS", "around"]


def around(
    inner: Inner, identity: Identity, chance: Chance, options: Options | None = None
) -> Endpoint:
    """A QUIC server for one UDP port; `inner` is called once for each connection.

    Raises ValueError, with the user's words, over options that cannot be.
    """
    return Server(inner, identity, chance, options or {})
