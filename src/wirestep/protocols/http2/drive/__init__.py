"""Who asks over HTTP/2: by prior knowledge on TCP, or in TLS whose ALPN is "h2"."""

from collections.abc import Callable

from wirestep.exchange.contract import Chance, Endpoint, Wish

from .client import OPTIONS, Client

ALPN = "h2"

CLIENTS: dict[str, Callable[[Wish, Chance], Endpoint]] = {"requests": Client}

__all__ = ["ALPN", "CLIENTS", "OPTIONS"]
