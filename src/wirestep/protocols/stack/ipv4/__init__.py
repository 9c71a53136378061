"""IPv4 packets (RFC 791)."""

from wirestep.decode.contract import Protocol

from .decode import Ipv4Decoder
from .fields import FIELDS

PROTOCOL = Protocol(
    "ip",
    "IPv4",
    "Internet Protocol 4",
    "RFC 791",
    Ipv4Decoder,
    FIELDS,
    on={"eth.type": (0x0800,), "link": (228,), "ip.proto": (4, 94), "ppp.protocol": (0x21,)},
    level="",
    aliases={"ip.addr": ("ip.src", "ip.dst")},
)
PROTOCOLS = (PROTOCOL,)
