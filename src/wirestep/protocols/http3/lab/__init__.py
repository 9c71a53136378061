"""HTTP/3 servers: what speaks inside a QUIC connection whose ALPN is "h3"."""

from __future__ import annotations

from collections.abc import Callable

from wirestep.exchange.contract import Chance, Endpoint
from wirestep.exchange.options import Options
from wirestep.exchange.site import Site

from .serve import OPTIONS, Serve

__all__ = ["OPTIONS", "SERVERS"]


def _site(site: Site, chance: Chance, options: Options) -> Endpoint:
    return Serve(site, options)


SERVERS: dict[str, Callable[[Site, Chance, Options], Endpoint]] = {"site": _site}
