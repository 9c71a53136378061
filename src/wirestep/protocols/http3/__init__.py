"""HTTP/3: the streams of a QUIC connection, with QPACK."""

from wirestep.decode.contract import Protocol
from wirestep.decode.offers import Asked, Objects

from .capsules import FIELDS as CAPSULE_FIELDS
from .capsules import CapsuleDecoder
from .decode import Http3Decoder
from .fields import FIELDS

CAPSULE = Protocol(
    "capsule",
    "Capsule",
    "Capsules of an extended CONNECT",
    "RFC 9297",
    CapsuleDecoder,
    CAPSULE_FIELDS,
    hue="teal",
    package=__name__,
)
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
    asked=Asked("HTTP/3"),
    package=__name__,
)
PROTOCOLS = (PROTOCOL, CAPSULE)
