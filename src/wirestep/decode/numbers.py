"""Numbers that several layers share, and what IANA calls them."""

from __future__ import annotations

from collections.abc import Mapping

ETHERTYPES: Mapping[int, str] = {
    0x0800: "IPv4",
    0x0806: "ARP",
    0x0842: "Wake-on-LAN",
    0x22F3: "TRILL",
    0x6002: "DEC MOP remote console",
    0x6558: "Transparent Ethernet bridging",
    0x6559: "Raw frame relay",
    0x8035: "RARP",
    0x809B: "AppleTalk",
    0x80F3: "AppleTalk ARP",
    0x8100: "802.1Q VLAN",
    0x8137: "IPX",
    0x86DD: "IPv6",
    0x8808: "Ethernet flow control",
    0x8809: "Slow protocols",
    0x880B: "PPP",
    0x8847: "MPLS",
    0x8848: "MPLS with upstream label",
    0x8863: "PPPoE discovery",
    0x8864: "PPPoE session",
    0x888E: "802.1X authentication",
    0x8892: "PROFINET",
    0x88A2: "ATA over Ethernet",
    0x88A4: "EtherCAT",
    0x88A8: "802.1ad provider bridge",
    0x88BE: "ERSPAN II",
    0x88CC: "LLDP",
    0x88E5: "MACsec",
    0x88E7: "802.1ah backbone bridge",
    0x88F7: "PTP",
    0x8902: "Connectivity fault management",
    0x8906: "Fibre Channel over Ethernet",
    0x894F: "NSH",
    0x9000: "Loopback test",
    0x9100: "VLAN, double tagged",
}
"""(IEEE 802 numbers)"""

IP_PROTOCOLS: Mapping[int, str] = {
    0: "Hop-by-hop options",
    1: "ICMP",
    2: "IGMP",
    3: "GGP",
    4: "IPv4",
    5: "ST",
    6: "TCP",
    8: "EGP",
    9: "IGP",
    12: "PUP",
    17: "UDP",
    27: "RDP",
    33: "DCCP",
    41: "IPv6",
    43: "Routing header",
    44: "Fragment header",
    46: "RSVP",
    47: "GRE",
    50: "ESP",
    51: "AH",
    55: "Minimal encapsulation",
    58: "ICMPv6",
    59: "No next header",
    60: "Destination options",
    88: "EIGRP",
    89: "OSPF",
    94: "IPIP",
    97: "Ethernet in IP",
    103: "PIM",
    108: "IPComp",
    112: "VRRP",
    115: "L2TP",
    124: "IS-IS",
    132: "SCTP",
    133: "Fibre Channel",
    135: "Mobility header",
    136: "UDP-Lite",
    137: "MPLS in IP",
    139: "HIP",
    140: "Shim6",
    143: "Ethernet",
    253: "Experiment 253",
    254: "Experiment 254",
    255: "Reserved",
}
"""(IANA protocol numbers)"""


def said_length(ethertype: int, data: bytes) -> int | None:
    """Bytes that a network packet says it has, by its first bytes; None where it does not say.

    A link layer must know, because what lies beyond is its own padding or trailer.
    """
    if ethertype == 0x0800 and len(data) >= 4:
        length = int.from_bytes(data[2:4], "big")
        return length if length >= 20 else None  # less than a header: a lie, or cut up later
    if ethertype == 0x86DD and len(data) >= 6:
        length = int.from_bytes(data[4:6], "big")
        return 40 + length if length else None
    if ethertype in (0x0806, 0x8035) and len(data) >= 6:
        return 8 + 2 * (data[4] + data[5])
    if ethertype in (0x8863, 0x8864) and len(data) >= 6:
        return 6 + int.from_bytes(data[4:6], "big")
    return None
