"""The layers under applications: decode only, one file (or one small folder) each."""

from wirestep.decode.contract import Protocol

from . import (
    arp,
    data,
    ethernet,
    frame,
    icmp,
    icmpv6,
    igmp,
    ipsec,
    ipv4,
    ipv6,
    llc,
    loopback,
    ppp,
    sll,
    tcp,
    tunnels,
    udp,
    vlan,
    wifi,
)

PROTOCOLS: tuple[Protocol, ...] = (
    frame.PROTOCOL,
    *ethernet.PROTOCOLS,
    *vlan.PROTOCOLS,
    *llc.PROTOCOLS,
    *sll.PROTOCOLS,
    *loopback.PROTOCOLS,
    *ipv4.PROTOCOLS,
    *ipv6.PROTOCOLS,
    *ipsec.PROTOCOLS,
    *ppp.PROTOCOLS,
    *tunnels.PROTOCOLS,
    *wifi.PROTOCOLS,
    *arp.PROTOCOLS,
    *icmp.PROTOCOLS,
    *icmpv6.PROTOCOLS,
    *igmp.PROTOCOLS,
    tcp.PROTOCOL,
    udp.PROTOCOL,
    data.PROTOCOL,
)
