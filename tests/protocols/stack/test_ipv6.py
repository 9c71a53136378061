"""IPv6 and its extension headers against scapy."""

from __future__ import annotations

import pytest
from scapy.layers.inet import UDP
from scapy.layers.inet6 import (
    HAO,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    IPv6ExtHdrSegmentRouting,
    Jumbo,
    PadN,
    RouterAlert,
    fragment6,
)
from scapy.layers.ipsec import AH
from scapy.layers.l2 import Ether
from stack_reading import check, layer, layers, notes, read, texts

ETHER = Ether(dst="0a:01:02:03:04:05", src="00:11:12:13:14:15")
HEAD = {"src": "2001:db8::1", "dst": "2001:db8::2"}
INNER = UDP(sport=1111, dport=22222) / b"abc"
DATA = bytes(number * 7 % 251 for number in range(3000))


def test_every_field_of_the_header() -> None:
    (found,) = read(ETHER / IPv6(**HEAD, tc=0xB9, fl=0x12345, hlim=201, nh=253) / b"abc")
    check(
        layer(found, "ipv6"),
        {
            "ipv6.version": "6",
            "ipv6.tclass": "0x000000b9",
            "ipv6.tclass.dscp": "46",
            "ipv6.tclass.ecn": "1",
            "ipv6.flow": "0x012345",
            "ipv6.plen": "3",
            "ipv6.nxt": "253",
            "ipv6.hlim": "201",
            "ipv6.src": "2001:db8::1",
            "ipv6.dst": "2001:db8::2",
        },
    )


def test_all_extension_headers_in_a_row() -> None:
    packet = (
        IPv6(**HEAD)
        / IPv6ExtHdrHopByHop(options=[RouterAlert(value=2), PadN(optdata=b"ab")])
        / IPv6ExtHdrDestOpt(options=[HAO(hoa="2001:db8::77")])
        / IPv6ExtHdrRouting(type=0, addresses=["2001:db8::8", "2001:db8::9"], segleft=1)
        / INNER
    )
    (found,) = read(ETHER / packet)
    assert layers(found) == "eth ipv6 udp data"
    check(
        layer(found, "ipv6"),
        {
            "ipv6.hopopts.nxt": "60",
            "ipv6.hopopts.len_oct": "16",
            "ipv6.opt.router_alert": "2",
            "ipv6.dstopts.nxt": "43",
            "ipv6.opt.mipv6.home_address": "2001:db8::77",
            "ipv6.routing.nxt": "17",
            "ipv6.routing.len": "4",
            "ipv6.routing.type": "0",
            "ipv6.routing.segleft": "1",
            "ipv6.routing.src.addr": "2001:db8::8,2001:db8::9",
        },
    )
    udp = layer(found, "udp")
    assert (udp.sender, udp.target) != (None, None)
    assert udp.sender is not None
    assert udp.target is not None
    assert (udp.sender.host, udp.target.host) == ("2001:db8::77", "2001:db8::9")


def test_segment_routing() -> None:
    route = IPv6ExtHdrSegmentRouting(
        addresses=["2001:db8::8", "2001:db8::9"], segleft=1, lastentry=1, tag=0x0708
    )
    (found,) = read(ETHER / IPv6(**HEAD) / route / INNER)
    check(
        layer(found, "ipv6"),
        {
            "ipv6.routing.srh.last_entry": "1",
            "ipv6.routing.srh.tag": "0708",
            "ipv6.routing.srh.addr": "2001:db8::8,2001:db8::9",
        },
    )


def test_authentication_then_more_options() -> None:
    inside = AH(nh=60, payloadlen=4, spi=0x1234ABCD, seq=7, icv=b"0123456789ab") / (
        IPv6ExtHdrDestOpt(nh=17, options=[PadN(optdata=b"wxyz")]) / INNER
    )
    (found,) = read(ETHER / IPv6(**HEAD, nh=51) / inside)
    assert layers(found) == "eth ipv6 ah ipv6.ext.dstopts udp data"
    check(
        layer(found, "ah"),
        {"ah.spi": "0x1234abcd", "ah.sequence": "7", "ah.icv": b"0123456789ab".hex()},
    )
    check(layer(found, "ipv6.ext.dstopts"), {"ipv6.opt.padn": b"wxyz".hex()})


def test_no_next_header() -> None:
    (found,) = read(ETHER / IPv6(**HEAD, nh=59) / b"zz")
    assert layers(found) == "eth ipv6 data"
    assert layer(found, "ipv6").summary == "IPv6 no next header"


def test_a_jumbogram_is_noted() -> None:
    jumbo = IPv6ExtHdrHopByHop(options=[Jumbo(jumboplen=70_001)])
    (found,) = read(ETHER / IPv6(**HEAD, plen=0) / jumbo / INNER)
    assert "info: a jumbogram of 70001 bytes (RFC 2675)" in notes(layer(found, "ipv6"))
    (found,) = read(ETHER / IPv6(**HEAD) / jumbo / INNER)
    assert any("RFC 2675" in note for note in notes(layer(found, "ipv6")))


@pytest.mark.parametrize("backwards", [False, True])
def test_fragments_become_the_datagram(backwards: bool) -> None:
    whole = (
        IPv6(**HEAD)
        / IPv6ExtHdrFragment(id=0x11223344)
        / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"wxyz")])
        / UDP(sport=1111, dport=2222)
        / DATA
    )
    parts = fragment6(whole, 1000)
    if backwards:
        parts.reverse()
    frames = read(*(ETHER / part for part in parts))
    assert {layers(found) for found in frames[:-1]} == {"eth ipv6 data"}
    assert layers(frames[-1]) == "eth ipv6 ipv6.ext.dstopts udp data"
    assert "ident=0x11223344" in layer(frames[0], "ipv6").summary
    numbers = range(1, len(parts) + 1)
    check(
        layer(frames[-1], "ipv6"),
        {
            "ipv6.fragment": ",".join(map(str, reversed(numbers) if backwards else numbers)),
            "ipv6.fragment.count": str(len(parts)),
            "ipv6.reassembled.length": str(8 + 8 + len(DATA)),
        },
    )
    udp = layer(frames[-1], "udp")
    assert udp.source is not None
    assert udp.source.name == "Reassembled IPv6"
    assert udp.source.data[16:] == DATA


def test_an_atomic_fragment_is_whole() -> None:
    (found,) = read(ETHER / IPv6(**HEAD) / IPv6ExtHdrFragment(offset=0, m=0, id=9) / INNER)
    assert layers(found) == "eth ipv6 udp data"
    assert not texts(layer(found, "ipv6"), "ipv6.fragment.count")


def test_a_header_longer_than_the_packet_is_broken() -> None:
    packet = bytearray(bytes(IPv6(**HEAD) / IPv6ExtHdrHopByHop(options=[PadN(optdata=b"ab")])))
    packet[41] = 200
    (found,) = read(bytes(packet), link=229)
    assert "broken" in layer(found, "ipv6").marks
    assert texts(layer(found, "ipv6"), "ipv6.dst") == ["2001:db8::2"]
