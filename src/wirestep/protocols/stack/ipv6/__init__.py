"""IPv6 packets (RFC 8200)."""

from collections.abc import Callable

from wirestep.decode.contract import Decoder, Protocol

from .decode import (
    DestinationDecoder,
    ExtensionDecoder,
    HopByHopDecoder,
    Ipv6Decoder,
    RoutingDecoder,
)
from .fields import FIELDS

PROTOCOL = Protocol(
    "ipv6",
    "IPv6",
    "Internet Protocol 6",
    "RFC 8200",
    Ipv6Decoder,
    FIELDS,
    on={"eth.type": (0x86DD,), "link": (229,), "ip.proto": (41,), "ppp.protocol": (0x57,)},
    level="",
    aliases={
        "ipv6.addr": ("ipv6.src", "ipv6.dst"),
        "ip.version": ("ip.version", "ipv6.version"),
    },
)


def _extension(name: str, title: str, number: int, decoder: Callable[[], Decoder]) -> Protocol:
    return Protocol(
        name,
        "IPv6",
        title,
        "RFC 8200 section 4",
        decoder,
        FIELDS,
        on={"ip.proto": (number,)},
        level="",
        family="ipv6",
    )


PROTOCOLS = (
    PROTOCOL,
    _extension("ipv6.ext.hopopts", "IPv6 hop-by-hop options", 0, HopByHopDecoder),
    _extension("ipv6.ext.routing", "IPv6 routing header", 43, RoutingDecoder),
    _extension("ipv6.ext.fraghdr", "IPv6 fragment header", 44, ExtensionDecoder),
    _extension("ipv6.ext.dstopts", "IPv6 destination options", 60, DestinationDecoder),
)
