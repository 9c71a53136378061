"""HTTP/3: the streams of a QUIC connection, with QPACK."""

from wirestep.decode.contract import Protocol

from .decode import Http3Decoder
from .fields import FIELDS

PROTOCOL = Protocol(
    "http3",
    "HTTP3",
    "Hypertext Transfer Protocol Version 3",
    "RFC 9114",
    Http3Decoder,
    FIELDS,
    level="record",
    hue="teal",
    package=__name__,
)
