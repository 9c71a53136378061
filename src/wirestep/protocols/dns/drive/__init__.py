"""Who asks: a stub resolver, over UDP or over TCP."""

from collections.abc import Callable
from functools import partial

from wirestep.exchange.contract import Chance, Endpoint, Wish

from .stub import OPTIONS, Stub

CLIENTS: dict[str, Callable[[Wish, Chance], Endpoint]] = {
    "udp": Stub,
    "tcp": partial(Stub, stream=True),
}
"""By the transport they are made for."""

__all__ = ["CLIENTS", "OPTIONS"]
