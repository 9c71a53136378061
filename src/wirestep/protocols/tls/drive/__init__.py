"""A client of TLS around another endpoint (RFC 8446, RFC 5246), on pyOpenSSL."""

from __future__ import annotations

from wirestep.exchange.contract import Chance, Endpoint, Wish

from .client import Client
from .layer import Inner

OPTIONS: dict[str, str] = {
    "verify": "whether the server's certificate must be in order; usually yes",
    "roots": "certificates that are trusted (PEM), in place of the system's",
    "certificate": "the client's own certificate with its chain (PEM)",
    "key": "the private key of that certificate (PEM)",
    "versions": "versions that are offered: 1.3, 1.2, 1.2-1.3",
    "ciphers": "cipher suites that are offered, by OpenSSL's names, with colons between",
    "groups": "key exchange groups that are offered, the first with a key; X25519:P-256",
    "server_name": "the name in the ClientHello (SNI) where it is not the host's; empty: none",
    "resume": "whether an earlier session of this host is gone on with; usually yes",
    "early": "send the first request with the ClientHello (0-RTT), where a ticket allows it",
    "timeout": "seconds that the handshake may take; usually 10",
    "memory": "what this host keeps between its connections (a dict)",
}


def around(inner: Inner, wish: Wish, chance: Chance | None = None) -> Endpoint:
    """TLS towards the host of `wish`, around the endpoint for the protocol that is agreed.

    `inner` is what is offered in ALPN, the first before others; "" is who talks where nothing is
    agreed (else the last). An endpoint inside gets Started when the handshake is over, or at once
    where its first bytes go as early data; if TLS fails it gets Failed with a sentence. `chance`
    is not used: OpenSSL draws its own numbers. Raises ValueError for options that cannot be read.
    """
    return Client(inner, wish)
