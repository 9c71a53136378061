"""HTTP/1: requests and responses as text, bodies by length, in chunks or to the end (RFC 9112)."""

from wirestep.decode.contract import Protocol

from .decode import Http1Decoder, claims
from .fields import FIELDS

PROTOCOL = Protocol(
    "http",
    "HTTP",
    "Hypertext Transfer Protocol",
    "RFC 9112",
    Http1Decoder,
    FIELDS,
    on={"tcp.port": (80, 3128, 3132, 5985, 8080, 8088, 11371, 1900, 2869, 2710)},
    claims=claims,
    hue="green",
    package="wirestep.protocols.http1",
)
