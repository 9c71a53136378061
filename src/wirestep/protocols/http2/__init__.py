"""HTTP/2: frames of many streams over one connection, headers compressed (RFC 9113, RFC 7541)."""

from wirestep.decode.contract import Protocol
from wirestep.decode.offers import Asked, Followed, Objects

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
    follow=Followed(
        "HTTP/2 stream",
        ("http2.header", "http2.data.data"),
        stream="http2.streamid",
        lines=("http2.header",),
    ),
    objects=Objects(
        ("http2.decoded", "http2.body"),
        part="http2.data.data",
        end="http2.flags.end_stream",
        stream="http2.streamid",
        header=("http2.header.name", "http2.header.value"),
    ),
    asked=Asked("HTTP/2", promised="http2.push_promise.promised_stream_id"),
    package="wirestep.protocols.http2",
)
