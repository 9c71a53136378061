"""Who answers over HTTP/2: the lab's site."""

from __future__ import annotations

from collections.abc import Callable

from wirestep.exchange.contract import Chance, Endpoint
from wirestep.exchange.options import Options
from wirestep.exchange.site import Site

from .server import OPTIONS, Server
from .upgrade import Cleartext

SERVERS: dict[str, Callable[[Site, Chance | None, Options], Endpoint]] = {
    "site": Server,
    "h2c": Cleartext,
}
"""Made for each connection."""

__all__ = ["OPTIONS", "SERVERS"]
