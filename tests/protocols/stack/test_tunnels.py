"""Packets in packets, and in the air."""

from __future__ import annotations

from scapy.layers.dot11 import Dot11, Dot11Beacon, Dot11Elt, Dot11QoS, RadioTap
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, LLC, SNAP, Dot1Q, Ether
from scapy.layers.ppp import PPP
from scapy.layers.vxlan import VXLAN
from stack_reading import check, layer, layers, read, text, texts

ETHER = Ether(dst="0a:01:02:03:04:05", src="00:11:12:13:14:15")
OUTER = ETHER / IP(src="10.1.2.3", dst="10.4.5.6")
INNER = IP(src="192.0.2.1", dst="192.0.2.2") / UDP(sport=1111, dport=22222) / b"abc"


def test_tunnels_of_all_kinds() -> None:
    cases = [
        (OUTER / INNER, "ip ip udp data"),
        (OUTER / IPv6(src="::1", dst="::2", nh=59), "ip ipv6"),
        (OUTER / GRE() / INNER, "ip gre ip udp data"),
        (OUTER / GRE(proto=0x6558) / ETHER / INNER, "ip gre eth ip udp data"),
        (OUTER / GRE(proto=0x8100) / Dot1Q(vlan=5) / INNER, "ip gre vlan ip udp data"),
        (
            OUTER / UDP(sport=4444, dport=4789) / VXLAN(vni=7, flags="Instance") / ETHER / INNER,
            "ip udp vxlan eth ip udp data",
        ),
    ]
    for frame, expected in cases:
        (found,) = read(frame)
        assert layers(found) == f"eth {expected}"


def test_every_field_of_gre() -> None:
    full = GRE(
        chksum_present=1,
        key_present=1,
        seqnum_present=1,
        key=0x11223344,
        sequence_number=0x01020307,
    )
    (found,) = read(OUTER / full / INNER)
    check(
        layer(found, "gre"),
        {
            "gre.flags_and_version": "0xb000",
            "gre.flags.checksum": "True",
            "gre.flags.routing": "False",
            "gre.flags.key": "True",
            "gre.flags.sequence_number": "True",
            "gre.proto": "0x0800",
            "gre.checksum.status": "1",
            "gre.key": "0x11223344",
            "gre.sequence_number": "16909063",
        },
    )


def test_the_gre_of_pptp() -> None:
    """RFC 2637 section 4.1, by hand: key, sequence and acknowledgment."""
    inside = bytes(PPP(proto=0x21) / INNER)
    head = bytes.fromhex("3081 880b") + len(inside).to_bytes(2, "big") + bytes.fromhex("0a0b")
    data = head + bytes.fromhex("00000009 00000008") + inside
    (found,) = read(ETHER / IP(src="10.1.2.3", dst="10.4.5.6", proto=47) / data)
    assert layers(found) == "eth ip gre ppp ip udp data"
    check(
        layer(found, "gre"),
        {
            "gre.flags.version": "1",
            "gre.flags.ack": "True",
            "gre.key.payload_length": str(len(inside)),
            "gre.key.call_id": "2571",
            "gre.sequence_number": "9",
            "gre.ack_number": "8",
        },
    )


def test_vxlan() -> None:
    head = VXLAN(vni=0x123456, flags="Instance+G", gpid=0x1177, gpflags="D")
    (found,) = read(OUTER / UDP(sport=4444, dport=4789) / head / ETHER / INNER)
    check(
        layer(found, "vxlan"),
        {
            "vxlan.flags": "0x8840",
            "vxlan.flag_g": "True",
            "vxlan.flag_i": "True",
            "vxlan.flag_d": "True",
            "vxlan.flag_a": "False",
            "vxlan.gbp": "4471",
            "vxlan.vni": "1193046",
        },
    )


def test_a_packet_in_the_air() -> None:
    packet = (
        Dot11(
            type=2,
            subtype=8,
            FCfield="to_DS+retry",
            addr1="00:00:00:00:00:11",
            addr2="00:00:00:00:00:22",
            addr3="00:00:00:00:00:33",
            ID=0x1234,
            SC=(0xABC << 4),
        )
        / Dot11QoS(TID=5)
        / LLC(dsap=0xAA, ssap=0xAA, ctrl=3)
        / SNAP(OUI=0, code=0x0800)
        / INNER
    )
    (found,) = read(packet, link=105)
    assert layers(found) == "wlan llc ip udp data"
    wlan = layer(found, "wlan")
    check(
        wlan,
        {
            "wlan.fc": "0x8809",
            "wlan.fc.type": "2",
            "wlan.fc.subtype": "8",
            "wlan.fc.type_subtype": "0x0028",
            "wlan.flags": "0x09",
            "wlan.fc.tods": "True",
            "wlan.fc.fromds": "False",
            "wlan.fc.retry": "True",
            "wlan.ra": "00:00:00:00:00:11",
            "wlan.ta": "00:00:00:00:00:22",
            "wlan.da": "00:00:00:00:00:33",
            "wlan.sa": "00:00:00:00:00:22",
            "wlan.bssid": "00:00:00:00:00:11",
            "wlan.seq": "2748",
            "wlan.frag": "0",
            "wlan.qos.tid": "5",
        },
    )


def test_what_the_radio_knew() -> None:
    beacon = Dot11(type=0, subtype=8, addr1="ff:ff:ff:ff:ff:ff", addr2="00:00:00:00:00:22")
    body = beacon / Dot11Beacon(timestamp=77, beacon_interval=100) / Dot11Elt(ID=0, info=b"net")
    radio = RadioTap(
        present="TSFT+Flags+Rate+Channel+dBm_AntSignal+Antenna",
        mac_timestamp=0x0102030405060708,
        Flags="FCS",
        Rate=11,
        ChannelFrequency=2462,
        ChannelFlags="CCK+2GHz",
        dBm_AntSignal=-70,
        Antenna=3,
    )
    head = bytes(radio)
    frame = head + bytes(body) + b"\x11\x22\x33\x44"
    (found,) = read(frame, link=127)
    check(
        layer(found, "radiotap"),
        {
            "radiotap.length": str(len(head)),
            "radiotap.mactime": str(0x0102030405060708),
            "radiotap.flags.fcs": "True",
            "radiotap.flags.badfcs": "False",
            "radiotap.datarate": "11",
            "radiotap.channel.freq": "2462",
            "radiotap.channel.flags": "0x00a0",
            "radiotap.dbm_antsignal": "-70",
            "radiotap.antenna": "3",
        },
    )
    assert text(layer(found, "wlan.tail"), "wlan.fcs") == "0x44332211"
    assert texts(layer(found, "wlan"), "wlan.fc.type_subtype") == ["0x0008"]
    assert layers(found) == "radiotap wlan wlan.beacon wlan.tail"
