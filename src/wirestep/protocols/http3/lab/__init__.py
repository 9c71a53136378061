"""HTTP/3 servers: what speaks inside a QUIC connection whose ALPN is "h3"."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wirestep.exchange.contract import Chance, Endpoint
from wirestep.exchange.site import Site

from .serve import Serve

__all__ = ["SERVERS"]


def _site(site: Site, chance: Chance, options: Mapping[str, object]) -> Endpoint:
    return Serve(site)


SERVERS: dict[str, Callable[[Site, Chance, Mapping[str, object]], Endpoint]] = {"site": _site}
