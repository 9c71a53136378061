"""Which protocols scapy reads for us, and where they are found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Binding(NamedTuple):
    """One protocol of the long tail; looking at it imports nothing."""

    name: str
    """Wireshark's filter name."""
    label: str
    title: str
    module: str
    layer: str
    """The class in scapy's module, or a function that chooses one."""
    on: Mapping[str, tuple[int, ...]]
    tell: str = ""
    """Its summary, made of fields of the first layer and of `said`, scapy's own summary."""


def _udp(*ports: int) -> dict[str, tuple[int, ...]]:
    return {"udp.port": ports}


def _ip(*numbers: int) -> dict[str, tuple[int, ...]]:
    return {"ip.proto": numbers}


def _eth(*types: int) -> dict[str, tuple[int, ...]]:
    return {"eth.type": types}


def _ppp(*numbers: int) -> Mapping[str, tuple[int, ...]]:
    return {"ppp.protocol": numbers}


def _cisco(*numbers: int) -> Mapping[str, tuple[int, ...]]:
    return {"llc.cisco_pid": numbers}


def _wifi(*subtypes: int) -> Mapping[str, tuple[int, ...]]:
    return {"wlan.mgt": subtypes}


BINDINGS = (
    Binding(
        "dhcp",
        "DHCP",
        "Dynamic host configuration",
        "layers.dhcp",
        "BOOTP",
        _udp(67, 68),
        "{said} - Transaction ID {xid}",
    ),
    Binding(
        "dhcpv6",
        "DHCPv6",
        "Dynamic host configuration, IPv6",
        "layers.dhcp6",
        "_dhcp6_dispatcher",
        _udp(546, 547),
        "{msgtype} XID: {trid}",
    ),
    Binding("ntp", "NTP", "Network time", "layers.ntp", "NTP", _udp(123)),
    Binding("snmp", "SNMP", "Network management", "layers.snmp", "SNMP", _udp(161, 162)),
    Binding("tftp", "TFTP", "Trivial file transfer", "layers.tftp", "TFTP", _udp(69)),
    Binding(
        "radius",
        "RADIUS",
        "Remote authentication",
        "layers.radius",
        "Radius",
        _udp(1645, 1646, 1812, 1813, 3799),
    ),
    Binding("nbns", "NBNS", "NetBIOS names", "layers.netbios", "NBNSHeader", _udp(137)),
    Binding("nbdgm", "NBDS", "NetBIOS datagrams", "layers.netbios", "NBTDatagram", _udp(138)),
    Binding(
        "rip", "RIP", "Routing information", "layers.rip", "RIP", _udp(520), "RIPv{version} {cmd}"
    ),
    Binding(
        "hsrp",
        "HSRP",
        "Hot standby router",
        "layers.hsrp",
        "HSRP",
        _udp(1985),
        "{opcode}, state {state}",
    ),
    Binding("mip", "MobileIP", "Mobile IP", "layers.mobileip", "MobileIP", _udp(434)),
    Binding("l2tp", "L2TP", "Layer 2 tunnelling", "layers.l2tp", "L2TP", _udp(1701)),
    Binding("isakmp", "ISAKMP", "Key exchange for IPsec", "layers.isakmp", "ISAKMP", _udp(500)),
    Binding("mgcp", "MGCP", "Media gateway control", "layers.mgcp", "MGCP", _udp(2427, 2727)),
    Binding(
        "cflow",
        "NetFlow",
        "Flow records",
        "layers.netflow",
        "NetflowHeader",
        _udp(2055, 4739, 9995, 9996),
    ),
    Binding("bfd", "BFD", "Forwarding detection", "contrib.bfd", "BFD", _udp(3784, 4784)),
    Binding("coap", "CoAP", "Constrained application", "contrib.coap", "CoAP", _udp(5683)),
    Binding("geneve", "Geneve", "Network virtualization", "contrib.geneve", "GENEVE", _udp(6081)),
    Binding("gtp", "GTP", "GPRS tunnelling", "contrib.gtp", "GTP_U_Header", _udp(2152)),
    Binding("wg", "WireGuard", "WireGuard", "contrib.wireguard", "Wireguard", _udp(51820)),
    Binding(
        "vrrp",
        "VRRP",
        "Virtual router redundancy",
        "layers.vrrp",
        "VRRP",
        _ip(112),
        "Router {vrid}, priority {priority}",
    ),
    Binding("sctp", "SCTP", "Stream control", "layers.sctp", "SCTP", _ip(132), "{sport} → {dport}"),
    Binding(
        "ospf",
        "OSPF",
        "Open shortest path first",
        "contrib.ospf",
        "OSPF_Hdr",
        _ip(89),
        "{type} of {src}",
    ),
    Binding("eigrp", "EIGRP", "Interior gateway routing", "contrib.eigrp", "EIGRP", _ip(88)),
    Binding("pim", "PIM", "Multicast routing", "contrib.pim", "PIMv2Hdr", _ip(103)),
    Binding("rsvp", "RSVP", "Resource reservation", "contrib.rsvp", "RSVP", _ip(46)),
    Binding("stp", "STP", "Spanning tree", "layers.l2", "STP", {"llc.dsap": (0x42,)}),
    Binding(
        "mpls",
        "MPLS",
        "Label switching",
        "contrib.mpls",
        "MPLS",
        _eth(0x8847, 0x8848) | _ip(137),
        "Label {label}",
    ),
    Binding("lldp", "LLDP", "Link layer discovery", "contrib.lldp", "LLDPDU", _eth(0x88CC)),
    Binding("eapol", "EAPOL", "Authentication over LAN", "layers.eap", "EAPOL", _eth(0x888E)),
    Binding("slow", "Slow", "Slow protocols", "contrib.lacp", "SlowProtocol", _eth(0x8809)),
    Binding("aoe", "AoE", "ATA over Ethernet", "contrib.aoe", "AOE", _eth(0x88A2)),
    Binding("nsh", "NSH", "Network service header", "contrib.nsh", "NSH", _eth(0x894F)),
    Binding("cdp", "CDP", "Cisco discovery", "contrib.cdp", "CDPv2_HDR", _cisco(0x2000)),
    Binding("vtp", "VTP", "VLAN trunking", "contrib.vtp", "VTP", _cisco(0x2003)),
    Binding("dtp", "DTP", "Dynamic trunking", "contrib.dtp", "DTP", _cisco(0x2004)),
    Binding("lcp", "LCP", "PPP link control", "layers.ppp", "PPP_LCP", _ppp(0xC021)),
    Binding("ipcp", "IPCP", "PPP control of IP", "layers.ppp", "PPP_IPCP", _ppp(0x8021)),
    Binding("pap", "PAP", "Password authentication", "layers.ppp", "PPP_PAP", _ppp(0xC023)),
    Binding("chap", "CHAP", "Challenge handshake", "layers.ppp", "PPP_CHAP", _ppp(0xC223)),
    Binding(
        "wlan.assoc_req",
        "802.11",
        "Association request",
        "layers.dot11",
        "Dot11AssoReq",
        _wifi(0),
    ),
    Binding(
        "wlan.assoc_resp",
        "802.11",
        "Association response",
        "layers.dot11",
        "Dot11AssoResp",
        _wifi(1),
    ),
    Binding("wlan.probe_req", "802.11", "Probe", "layers.dot11", "Dot11ProbeReq", _wifi(4)),
    Binding("wlan.probe_resp", "802.11", "Probe reply", "layers.dot11", "Dot11ProbeResp", _wifi(5)),
    Binding("wlan.beacon", "802.11", "Beacon", "layers.dot11", "Dot11Beacon", _wifi(8)),
    Binding("wlan.disassoc", "802.11", "Disassociation", "layers.dot11", "Dot11Disas", _wifi(10)),
    Binding("wlan.auth", "802.11", "Authentication", "layers.dot11", "Dot11Auth", _wifi(11)),
    Binding("wlan.deauth", "802.11", "Deauthentication", "layers.dot11", "Dot11Deauth", _wifi(12)),
)

NATIVE: Mapping[str, str] = {
    "ARP": "arp",
    "Dot1Q": "vlan",
    "Ether": "eth",
    "ICMP": "icmp",
    "IP": "ip",
    "IPv6": "ipv6",
    "LLC": "llc",
    "PPP": "ppp",
    "TCP": "tcp",
    "UDP": "udp",
}
"""Layers of scapy that have a reader of their own here: what they hold is handed to it."""
