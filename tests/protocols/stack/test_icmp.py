"""ICMP, its extensions, ARP and IGMP against scapy and hand-made bytes."""

from __future__ import annotations

import struct

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from stack_reading import check, layer, layers, notes, read, text, texts

from wirestep.decode.checksum import internet_checksum

ETHER = Ether(dst="0a:01:02:03:04:05", src="00:11:12:13:14:15")
HERE, THERE = "10.1.2.3", "10.4.5.6"
QUOTED = IP(src=THERE, dst=HERE, id=0x5A5B) / UDP(sport=51, dport=62) / b"hello"


def there(packet: object) -> Ether:
    return ETHER / IP(src=HERE, dst=THERE) / packet


def back(packet: object) -> Ether:
    return ETHER / IP(src=THERE, dst=HERE) / packet


def raw(number: int, hexed: str) -> Ether:
    """A message with the right checksum in its third and fourth byte."""
    data = bytearray(bytes.fromhex(hexed))
    data[2:4] = internet_checksum(bytes(data)).to_bytes(2, "big")
    return ETHER / IP(src=HERE, dst=THERE, proto=number) / bytes(data)


def test_a_reply_knows_its_request() -> None:
    frames = read(
        there(ICMP(type=8, id=0x1234, seq=0x5678) / b"one"),
        there(ICMP(type=8, id=0x1234, seq=0x5679) / b"two"),
        back(ICMP(type=0, id=0x1234, seq=0x5678) / b"one"),
        back(ICMP(type=0, id=0x1234, seq=0x5678) / b"one"),
        there(ICMP(type=0, id=0x1234, seq=0x5679) / b"two"),
    )
    check(
        layer(frames[0], "icmp"),
        {
            "icmp.type": "8",
            "icmp.code": "0",
            "icmp.checksum.status": "1",
            "icmp.ident": "4660",
            "icmp.ident_le": "13330",
            "icmp.seq": "22136",
            "icmp.seq_le": "30806",
        },
    )
    reply = layer(frames[2], "icmp")
    check(reply, {"icmp.resp_to": "1", "icmp.resptime": "2"})
    assert reply.answers == layer(frames[0], "icmp").number
    assert reply.summary == "Echo (ping) reply  id=0x1234, seq=22136/30806 (request in 1)"
    assert not texts(layer(frames[3], "icmp"), "icmp.resp_to"), "a request is answered once"
    assert not texts(layer(frames[4], "icmp"), "icmp.resp_to"), "the wrong way round"
    assert text(layer(frames[0], "data"), "data.data") == b"one".hex()


@pytest.mark.parametrize("form", ["<II", ">II"])
def test_time_in_the_data(form: str) -> None:
    stamp = struct.pack(form, 1_700_000_000, 400_000)
    (found,) = read(there(ICMP(type=8) / (stamp + b"rest")))
    check(
        layer(found, "icmp"),
        {
            "icmp.data_time": "Nov 14, 2023 22:13:20.400000000 UTC",
            "icmp.data_time_relative": "0.100000000",
        },
    )
    assert text(layer(found, "data"), "data.data") == b"rest".hex()


def test_errors_quote_the_packet() -> None:
    cases = [
        (ICMP(type=3, code=3), {"icmp.unused": "00000000"}),
        (ICMP(type=3, code=4, nexthopmtu=1400), {"icmp.mtu": "1400", "icmp.unused": "0000"}),
        (ICMP(type=5, code=1, gw="9.8.7.6"), {"icmp.redir_gw": "9.8.7.6"}),
        (ICMP(type=11, code=1), {"icmp.code": "1"}),
        (ICMP(type=12, ptr=9), {"icmp.pointer": "9"}),
    ]
    for packet, expected in cases:
        (found,) = read(back(packet / QUOTED))
        assert layers(found) == "eth ip icmp ip udp data"
        check(layer(found, "icmp"), expected)
        check(layer(found, "ip", 1), {"ip.id": "0x5a5b", "ip.dst": HERE})
        assert text(layer(found, "udp"), "udp.dstport") == "62"


def test_what_is_quoted_changes_nothing() -> None:
    quoted = IP(src=HERE, dst=THERE) / ICMP(type=8, id=7, seq=9)
    part = IP(src=HERE, dst=THERE, id=3, proto=253, flags="MF") / b"12345678"
    frames = read(
        back(ICMP(type=3) / quoted),
        back(ICMP(type=0, id=7, seq=9)),
        back(ICMP(type=3) / part),
        ETHER / IP(src=HERE, dst=THERE, id=3, proto=253, frag=1) / b"rest",
    )
    assert not texts(layer(frames[1], "icmp"), "icmp.resp_to")
    assert not texts(layer(frames[3], "ip"), "ip.fragment.count")


def test_extensions_behind_the_quoted_packet() -> None:
    """RFC 4884 and RFC 4950: an MPLS label with its own checksum."""
    quoted = bytes(QUOTED).ljust(128, b"\0").hex()
    extension = bytearray(bytes.fromhex("20000000 0008 01 01 00011b40"))
    extension[2:4] = internet_checksum(bytes(extension)).to_bytes(2, "big")
    (found,) = read(raw(1, "0b000000 00200000" + quoted + extension.hex()))
    check(layer(found, "icmp"), {"icmp.length": "32", "icmp.length.original_datagram": "128"})
    check(
        layer(found, "icmp.extensions"),
        {
            "icmp.ext.version": "2",
            "icmp.ext.checksum.status": "1",
            "icmp.ext.class": "1",
            "icmp.mpls.label": "17",
            "icmp.mpls.exp": "5",
            "icmp.mpls.s": "True",
            "icmp.mpls.ttl": "64",
        },
    )


def test_routers_and_their_preference() -> None:
    (found,) = read(raw(1, "09000000 02020708 0a000001 0000000a 0a000002 fffffff6"))
    check(
        layer(found, "icmp"),
        {
            "icmp.num_addrs": "2",
            "icmp.lifetime": "1800",
            "icmp.router_address": "10.0.0.1,10.0.0.2",
            "icmp.pref_level": "10,-10",
        },
    )


def test_a_wrong_checksum() -> None:
    (found,) = read(there(ICMP(type=8, id=1, seq=2, chksum=0x1111)))
    icmp = layer(found, "icmp")
    assert text(icmp, "icmp.checksum.status") == "0"
    assert "odd: the checksum should be 0xf7fc" in notes(icmp)


def test_arp() -> None:
    asked = ARP(op=1, hwsrc="00:11:12:13:14:15", psrc="10.0.0.1", pdst="10.0.0.2")
    told = ARP(
        op=2, hwsrc="a0:a1:a2:a3:a4:a5", psrc="10.0.0.2", hwdst="b0:b1:b2:b3:b4:b5", pdst="10.0.0.1"
    )
    first, second = read(ETHER / asked, ETHER / told)
    assert layer(first, "arp").summary == "Who has 10.0.0.2? Tell 10.0.0.1"
    arp = layer(second, "arp")
    assert arp.summary == "10.0.0.2 is at a0:a1:a2:a3:a4:a5"
    check(
        arp,
        {
            "arp.hw.type": "1",
            "arp.proto.type": "0x0800",
            "arp.hw.size": "6",
            "arp.proto.size": "4",
            "arp.opcode": "2",
            "arp.src.hw_mac": "a0:a1:a2:a3:a4:a5",
            "arp.src.proto_ipv4": "10.0.0.2",
            "arp.dst.hw_mac": "b0:b1:b2:b3:b4:b5",
            "arp.dst.proto_ipv4": "10.0.0.1",
        },
    )


def test_arp_of_other_kinds() -> None:
    odd = bytes.fromhex("0007 0800 02 04 0001 aabb 01020304 ccdd 05060708")
    probe = ARP(op=1, psrc="0.0.0.0", pdst="10.0.0.2", hwsrc="00:11:12:13:14:15")
    tell = ARP(op=1, psrc="10.0.0.9", pdst="10.0.0.9", hwsrc="00:11:12:13:14:15")
    first, second, third = read(
        bytes(ETHER)[:12] + b"\x08\x06" + odd,
        ETHER / probe,
        ETHER / tell,
    )
    check(layer(first, "arp"), {"arp.src.hw": "aabb", "arp.dst.proto_ipv4": "5.6.7.8"})
    assert layer(second, "arp").summary == "Who has 10.0.0.2? (ARP Probe)"
    assert layer(third, "arp").summary == "ARP Announcement for 10.0.0.9"
    assert text(layer(second, "arp"), "arp.isprobe") == "True"
    assert text(layer(third, "arp"), "arp.isannouncement") == "True"


def test_igmp_of_all_versions() -> None:
    frames = read(
        raw(2, "11000000 00000000"),
        raw(2, "11640000 e1010203"),
        raw(2, "16000000 e1010203"),
        raw(2, "17000000 e1010203"),
        raw(2, "11850000 e1010203 0a 7d 0002 01020304 05060708"),
        raw(2, "22000000 0000 0002 04000001 e1010203 01020304 03000000 e1010204"),
    )
    found = [layer(frame, "igmp") for frame in frames]
    assert [one.label for one in found] == [
        "IGMPv1",
        "IGMPv2",
        "IGMPv2",
        "IGMPv2",
        "IGMPv3",
        "IGMPv3",
    ]
    assert found[3].summary == "Leave Group 225.1.2.3"
    check(
        found[4],
        {
            "igmp.checksum.status": "1",
            "igmp.max_resp": "168",
            "igmp.maddr": "225.1.2.3",
            "igmp.s": "True",
            "igmp.qrv": "2",
            "igmp.qqic": "125",
            "igmp.num_src": "2",
            "igmp.saddr": "1.2.3.4,5.6.7.8",
        },
    )
    check(
        found[5],
        {
            "igmp.num_grp_recs": "2",
            "igmp.record_type": "4,3",
            "igmp.maddr": "225.1.2.3,225.1.2.4",
            "igmp.saddr": "1.2.3.4",
        },
    )
