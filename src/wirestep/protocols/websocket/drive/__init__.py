"""Who opens WebSockets: a client that says and hears messages."""

from collections.abc import Callable

from wirestep.exchange.contract import Chance, Endpoint, Wish

from .client import OPTIONS, UPGRADE, Client

CLIENTS: dict[str, Callable[[Wish, Chance], Endpoint]] = {"messages": Client}

__all__ = ["CLIENTS", "OPTIONS", "UPGRADE"]
