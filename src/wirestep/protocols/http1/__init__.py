"""HTTP/1: requests and responses as text, bodies by length, in chunks or to the end (RFC 9112)."""

from wirestep.decode.contract import Protocol
from wirestep.decode.offers import Asked, Objects

from .claims import claims, claims_search
from .decode import Http1Decoder
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
    hue="teal",
    objects=Objects(
        ("http.file_data",),
        start="http.start_line",
        uri=("http.response_for.uri", "http.request.full_uri"),
        kind="http.content_type",
    ),
    asked=Asked(
        versions=("http.request.version", "http.response.version"),
        method="http.request.method",
        uri="http.request.full_uri",
        path="http.request.uri",
        status="http.response.code",
        reason="http.response.phrase",
        lines=("http.request.line", "http.response.line"),
    ),
    package="wirestep.protocols.http1",
)

SEARCH = Protocol(
    "ssdp",
    "SSDP",
    "Simple Service Discovery Protocol",
    "UPnP Device Architecture 2.0",
    Http1Decoder,
    on={"udp.port": (1900,)},
    claims=claims_search,
    hue="teal",
    package="wirestep.protocols.http1",
)
"""HTTP messages in datagrams; their fields are those of HTTP."""
