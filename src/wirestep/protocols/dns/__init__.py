"""DNS, and what is nearly DNS: multicast DNS and link-local multicast name resolution."""

from functools import partial

from wirestep.decode.contract import Protocol

from .decode import DnsDecoder
from .fields import FIELDS

PROTOCOL = Protocol(
    "dns",
    "DNS",
    "Domain Name System",
    "RFC 1035",
    DnsDecoder,
    FIELDS,
    on={"udp.port": (53,), "tcp.port": (53,)},
    hue="yellow",
    stage="lookup",
    package=__name__,
)
MULTICAST = Protocol(
    "mdns",
    "MDNS",
    "Multicast DNS",
    "RFC 6762",
    partial(DnsDecoder, "mdns"),
    FIELDS,
    on={"udp.port": (5353,)},
    hue="yellow",
    stage="lookup",
)
LINK_LOCAL = Protocol(
    "llmnr",
    "LLMNR",
    "Link-Local Multicast Name Resolution",
    "RFC 4795",
    partial(DnsDecoder, "llmnr"),
    FIELDS,
    on={"udp.port": (5355,), "tcp.port": (5355,)},
    hue="yellow",
    stage="lookup",
)
PROTOCOLS = (PROTOCOL, MULTICAST, LINK_LOCAL)
