"""HTTP/3 clients: what speaks inside a QUIC connection whose ALPN is "h3"."""

from __future__ import annotations

from collections.abc import Callable

from wirestep.exchange.contract import Chance, Endpoint, Wish

from .requests import OPTIONS, Requests

__all__ = ["ALPN", "CLIENTS", "OPTIONS"]

ALPN = "h3"


def _requests(wish: Wish, chance: Chance) -> Endpoint:
    return Requests(wish)


CLIENTS: dict[str, Callable[[Wish, Chance], Endpoint]] = {"requests": _requests}
