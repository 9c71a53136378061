"""Who asks over HTTP/2: by prior knowledge on TCP, or in TLS whose ALPN is "h2"; by upgrade."""

from collections.abc import Callable

from wirestep.exchange.contract import Chance, Endpoint, Wish

from .client import OPTIONS, Client
from .upgrade import UPGRADE, Upgrade

ALPN = "h2"

CLIENTS: dict[str, Callable[[Wish, Chance], Endpoint]] = {
    "requests": Client,
    "upgrade": Upgrade,
}

__all__ = ["ALPN", "CLIENTS", "OPTIONS", "UPGRADE"]
