"""TCP segments (RFC 9293)."""

from wirestep.decode.contract import Protocol

from .decode import TcpDecoder
from .fields import FIELDS

PROTOCOL = Protocol(
    "tcp",
    "TCP",
    "Transmission Control Protocol",
    "RFC 9293",
    TcpDecoder,
    FIELDS,
    on={"ip.proto": (6,)},
    level="packet",
    hue="blue",
    aliases={"tcp.port": ("tcp.srcport", "tcp.dstport")},
)
