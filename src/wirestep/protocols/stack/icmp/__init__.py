"""Control messages of IPv4 (RFC 792)."""

from wirestep.decode.contract import Protocol

from .decode import IcmpDecoder
from .extensions import ExtensionDecoder
from .fields import EXTENSION_FIELDS, FIELDS

PROTOCOL = Protocol(
    "icmp",
    "ICMP",
    "Internet Control Message Protocol",
    "RFC 792",
    IcmpDecoder,
    FIELDS,
    on={"ip.proto": (1,)},
    level="packet",
    hue="pink",
)
EXTENSION = Protocol(
    "icmp.extensions",
    "ICMP",
    "ICMP extensions",
    "RFC 4884",
    ExtensionDecoder,
    EXTENSION_FIELDS,
    level="",
    family="icmp",
)
PROTOCOLS = (PROTOCOL, EXTENSION)
