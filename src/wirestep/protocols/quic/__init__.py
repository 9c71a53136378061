"""QUIC: datagrams of packets, decrypted where the keys are known."""

from wirestep.decode.contract import Protocol
from wirestep.decode.offers import Followed

from .decode import VERDICT, QuicDecoder, claims, goes_on
from .fields import FIELDS

PROTOCOL = Protocol(
    "quic",
    "QUIC",
    "QUIC: A UDP-Based Multiplexed and Secure Transport",
    "RFC 9000",
    QuicDecoder,
    FIELDS,
    claims=claims,
    goes_on=goes_on,
    level="record",
    hue="orange",
    verdict=VERDICT,
    follow=Followed(
        "QUIC stream",
        ("quic.stream_data",),
        stream="quic.stream.stream_id",
        offset="quic.stream.offset",
    ),
    package=__name__,
)
