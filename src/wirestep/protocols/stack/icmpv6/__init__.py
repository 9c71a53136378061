"""Control messages of IPv6, with neighbour discovery (RFC 4443, RFC 4861)."""

from wirestep.decode.contract import Protocol

from .decode import Icmpv6Decoder
from .fields import FIELDS

PROTOCOL = Protocol(
    "icmpv6",
    "ICMPv6",
    "Internet Control Message Protocol 6",
    "RFC 4443",
    Icmpv6Decoder,
    FIELDS,
    on={"ip.proto": (58,)},
    level="packet",
    hue="pink",
)
PROTOCOLS = (PROTOCOL,)
