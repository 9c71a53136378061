"""WHAT IS SAID: every protocol, one folder each. To add one: add it to the list here."""

from collections.abc import Mapping

from wirestep.decode.contract import Protocol, Registry

from . import bodies, dns, http1, http2, http3, longtail, quic, stack, tls, websocket

ALL: tuple[Protocol, ...] = (
    *stack.PROTOCOLS,
    *longtail.PROTOCOLS,
    *tls.PROTOCOLS,
    quic.PROTOCOL,
    *http3.PROTOCOLS,
    *dns.PROTOCOLS,
    http2.PROTOCOL,
    http1.SEARCH,
    http1.PROTOCOL,
    websocket.PROTOCOL,
    *bodies.PROTOCOLS,
)
"""In the order in which they are asked whether they claim unknown bytes."""

REGISTRY = Registry(ALL)


def registry(rules: Mapping[tuple[str, int], str]) -> Registry:
    """All protocols, with the user's decode-as rules: {("tcp.port", 8888): "http"}."""
    return Registry(ALL, rules)
