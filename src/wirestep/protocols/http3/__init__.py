"""HTTP/3: the streams of a QUIC connection, with QPACK."""

from wirestep.decode.contract import Protocol
from wirestep.decode.offers import Objects

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
    objects=Objects(
        ("http3.decoded", "http3.body"),
        part="http3.data",
        stream="http3.stream_id",
        header=("http3.headers.header.name", "http3.headers.header.value"),
    ),
    package=__name__,
)
