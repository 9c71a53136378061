"""Who answers WebSockets: an echo, a ticker, and a program that does it wrong."""

from __future__ import annotations

from collections.abc import Callable

from wirestep.exchange.contract import Chance, Endpoint
from wirestep.exchange.options import Options

from .sample import GoSample
from .server import OPTIONS, Echo, Ticker


def _echo(material: object, chance: Chance, options: Options) -> Endpoint:
    return Echo(chance, options)


def _ticker(material: object, chance: Chance, options: Options) -> Endpoint:
    return Ticker(chance, options)


def _subprotocol(material: object, chance: Chance, options: Options) -> Endpoint:
    return Echo(chance, {"subprotocols": "v2.echo.lab, v1.echo.lab", **options})


def _go_sample(material: object, chance: Chance, options: Options) -> Endpoint:
    return GoSample()


SERVERS: dict[str, Callable[[object, Chance, Options], Endpoint]] = {
    "echo": _echo,
    "ticker": _ticker,
    "subprotocol": _subprotocol,
    "go-sample": _go_sample,
}
"""Made for each connection; they share nothing."""

__all__ = ["OPTIONS", "SERVERS"]
