"""HTTP/2: frames of many streams over one connection, headers compressed (RFC 9113, RFC 7541)."""

from wirestep.decode.contract import Protocol

from .claims import claims
from .decode import Http2Decoder
from .fields import FIELDS

PROTOCOL = Protocol(
    "http2",
    "HTTP2",
    "Hypertext Transfer Protocol version 2",
    "RFC 9113",
    Http2Decoder,
    FIELDS,
    claims=claims,
    level="record",
    hue="teal",
    package="wirestep.protocols.http2",
)
