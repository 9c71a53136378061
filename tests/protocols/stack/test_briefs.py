"""What stands on the arrows of the ladder: a word or three."""

from __future__ import annotations

import pytest
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.igmp import IGMP
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoRequest,
    ICMPv6MLReport2,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6TimeExceeded,
    IPv6,
)
from scapy.layers.l2 import ARP, Ether
from scapy.layers.ntp import NTPHeader
from stack_reading import layer, read

ETHER = Ether(dst="0a:01:02:03:04:05", src="00:11:12:13:14:15")
V4 = ETHER / IP(src="192.0.2.1", dst="192.0.2.2")
V6 = ETHER / IPv6(src="2001:db8::1", dst="2001:db8::2")
QUOTED = IP(src="192.0.2.2", dst="192.0.2.1") / UDP(sport=51, dport=62) / b"hello"
QUOTED6 = IPv6(src="2001:db8::2", dst="2001:db8::1") / UDP(sport=51, dport=62) / b"hello"
MAC = "00:11:12:13:14:15"
DISCOVER = UDP(sport=68, dport=67) / BOOTP() / DHCP(options=[("message-type", 1), "end"])

CASES = (
    ("arp", ETHER / ARP(op=1, psrc="192.0.2.1", pdst="192.0.2.2"), "who has 192.0.2.2?"),
    ("arp", ETHER / ARP(op=1, psrc="0.0.0.0", pdst="192.0.2.2"), "who has 192.0.2.2?"),
    (
        "arp",
        ETHER / ARP(op=2, hwsrc=MAC, psrc="192.0.2.1", pdst="192.0.2.2"),
        f"192.0.2.1 is at {MAC}",
    ),
    ("arp", ETHER / ARP(op=1, psrc="192.0.2.1", pdst="192.0.2.1"), "192.0.2.1 is here"),
    ("icmp", V4 / ICMP(type=8), "echo request"),
    ("icmp", V4 / ICMP(type=0), "echo reply"),
    ("icmp", V4 / ICMP(type=3, code=3) / QUOTED, "port unreachable"),
    ("icmp", V4 / ICMP(type=3, code=99) / QUOTED, "unreachable"),
    ("icmp", V4 / ICMP(type=11, code=0) / QUOTED, "time exceeded"),
    ("icmp", V4 / ICMP(type=5, code=1) / QUOTED, "redirect for host"),
    ("icmpv6", V6 / ICMPv6EchoRequest(), "echo request"),
    ("icmpv6", V6 / ICMPv6DestUnreach(code=4) / QUOTED6, "port unreachable"),
    ("icmpv6", V6 / ICMPv6TimeExceeded() / QUOTED6, "time exceeded"),
    ("icmpv6", V6 / ICMPv6ND_NS(tgt="2001:db8::9"), "neighbour solicitation"),
    ("icmpv6", V6 / ICMPv6ND_RA(), "router advertisement"),
    ("icmpv6", V6 / ICMPv6MLReport2(), "listener report"),
    ("igmp", V4 / IGMP(type=0x16, gaddr="239.1.2.3"), "report"),
    ("igmp", V4 / IGMP(type=0x17, gaddr="239.1.2.3"), "leave group"),
    ("udp", V4 / UDP(sport=51, dport=62) / b"hello", "5 B"),
    ("tcp", V4 / TCP(flags="S"), "SYN"),
    ("tcp", V4 / TCP(flags="SA"), "SYN, ACK"),
    ("tcp", V4 / TCP(flags="FA"), "FIN, ACK"),
    ("tcp", V4 / TCP(flags="PA") / b"hello", "5 B"),
    ("dhcp", V4 / DISCOVER, "DHCP Discover"),
    ("ntp", V4 / UDP(sport=123, dport=123) / NTPHeader(), "NTP v4, client"),
)


@pytest.mark.parametrize(("name", "packet", "brief"), CASES, ids=[case[2] for case in CASES])
def test_an_arrow_says_it_short(name: str, packet: object, brief: str) -> None:
    (messages,) = read(packet)
    assert layer(messages, name).brief == brief
