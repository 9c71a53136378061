"""Link layers, value by value against frames that scapy builds."""

from __future__ import annotations

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import LLC, SNAP, Dot1AD, Dot1Q, Ether
from scapy.layers.ppp import PPP, PPPoE, PPPoED, PPPoED_Tags, PPPoETag
from stack_reading import check, layer, layers, notes, read, text, texts

from wirestep.protocols import REGISTRY, stack

MACS = {"dst": "0a:01:02:03:04:05", "src": "01:11:12:13:14:15"}
INNER = IP(src="10.1.2.3", dst="10.4.5.6") / UDP(sport=1111, dport=22222) / b"abc"


def test_ethernet_with_a_type() -> None:
    (found,) = read(Ether(**MACS) / INNER)
    assert layers(found) == "eth ip udp data"
    eth = layer(found, "eth")
    check(
        eth,
        {
            "eth.dst": "0a:01:02:03:04:05",
            "eth.dst.lg": "True",
            "eth.dst.ig": "False",
            "eth.src": "01:11:12:13:14:15",
            "eth.src.lg": "False",
            "eth.src.ig": "True",
            "eth.type": "0x0800",
        },
    )
    assert eth.length == 14
    assert any("group address" in note for note in notes(eth))


def test_padding_trailer_and_check_sequence() -> None:
    """What tshark makes of the same frames."""
    short = bytes(Ether(**MACS) / INNER)
    assert len(short) == 45
    long = bytes(Ether(**MACS) / IP() / UDP(sport=1, dport=2) / bytes(100))
    tails = {
        short + bytes(15): [("eth.padding", "00" * 15)],
        short + b"trailer!": [("eth.trailer", b"trailer!".hex())],
        short + bytes(15) + b"abcdefg": [
            ("eth.padding", "00" * 15),
            ("eth.trailer", "616263"),
            ("eth.fcs", "0x64656667"),
        ],
        long + b"\0\0": [("eth.trailer", "0000")],
        long + b"\x01\x02\x03\x04": [("eth.fcs", "0x01020304")],
    }
    for frame, expected in tails.items():
        (found,) = read(frame)
        behind = [m for m in found if m.protocol.startswith("eth.tail.")]
        fields = [m.protocol.replace("eth.tail", "eth") for m in behind]
        found_there = [(f, text(m, f)) for f, m in zip(fields, behind, strict=True)]
        assert found_there == expected
        assert sum(m.length for m in behind) == len(frame) - (45 if frame[:45] == short else 142)


def test_ethernet_with_a_length() -> None:
    inside = bytes(LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0, code=0x0800) / INNER)
    macs = bytes.fromhex("0180c2000001 001112131415")
    (found,) = read(macs + len(inside).to_bytes(2, "big") + inside + bytes(7))
    assert layers(found) == "eth llc ip udp data eth.tail.padding"
    check(layer(found, "eth"), {"eth.len": "39", "eth.type": ""})
    check(
        layer(found, "llc"),
        {
            "llc.dsap": "0xaa",
            "llc.ssap": "0xaa",
            "llc.control": "0x0003",
            "llc.oui": "0",
            "llc.type": "0x0800",
        },
    )
    (found,) = read(macs + b"\x05\xf0" + bytes(50))
    check(layer(found, "eth"), {"eth.invalid_lentype": "0x05f0"})


def test_virtual_lans_in_each_other() -> None:
    frame = Ether(**MACS) / Dot1AD(vlan=100, prio=5, dei=1) / Dot1Q(vlan=0xFED, prio=2) / INNER
    (found,) = read(frame)
    assert layers(found) == "eth ieee8021ad vlan ip udp data"
    check(
        layer(found, "ieee8021ad"),
        {"ieee8021ad.priority": "5", "ieee8021ad.dei": "1", "ieee8021ad.id": "100"},
    )
    check(
        layer(found, "vlan"),
        {
            "vlan.priority": "2",
            "vlan.dei": "False",
            "vlan.id": "4077",
            "vlan.etype": "0x0800",
        },
    )


def test_links_without_ethernet() -> None:
    four, six = bytes(INNER), bytes(IPv6(src="2001:db8::1", dst="2001:db8::2") / b"x")
    cases = {
        (12, four): "raw ip udp data",
        (14, six): "raw ipv6",
        (101, six): "raw ipv6",
        (228, four): "ip udp data",
        (229, six): "ipv6",
        (0, b"\x02\0\0\0" + four): "null ip udp data",
        (0, b"\0\0\0\x02" + four): "null ip udp data",
        (0, b"\x1e\0\0\0" + six): "null ipv6",
        (108, b"\0\0\0\x18" + six): "null ipv6",
        (9, b"\xff\x03\x00\x21" + four): "ppp ip udp data",
        (9, b"\x21" + four): "ppp ip udp data",
        (50, b"\x00\x57" + six): "ppp ipv6",
    }
    for (link, frame), expected in cases.items():
        (found,) = read(frame, link=link)
        assert layers(found).startswith(expected), (link, layers(found))


def test_cooked_captures() -> None:
    one = bytes.fromhex("0004 0001 0006 aabbccddeeff 1234 0800") + bytes(INNER)
    (found,) = read(one, link=113)
    check(
        layer(found, "sll"),
        {
            "sll.pkttype": "4",
            "sll.hatype": "1",
            "sll.halen": "6",
            "sll.src.eth": "aa:bb:cc:dd:ee:ff",
            "sll.unused": "1234",
            "sll.etype": "0x0800",
        },
    )
    two = bytes.fromhex("0800 5678 0000000b 0304 02 04 0102030499887766") + bytes(INNER)
    (found,) = read(two, link=276)
    assert layers(found) == "sll2 ip udp data"
    check(
        layer(found, "sll2"),
        {
            "sll.etype": "0x0800",
            "sll.ifindex": "11",
            "sll.hatype": "772",
            "sll.pkttype": "2",
            "sll.halen": "4",
            "sll.src.ipv4": "1.2.3.4",
            "sll.unused": "5678,99887766",
        },
    )


def test_ppp_over_ethernet() -> None:
    session = Ether(**MACS) / PPPoE(sessionid=0x11A2) / PPP(proto=0x21) / INNER
    tags = [
        PPPoETag(tag_type=0x0102, tag_value=b"ac1"),
        PPPoETag(tag_type=0x0101, tag_value=b"isp"),
        PPPoETag(tag_type=0x0104, tag_value=b"\x09" * 8),
        PPPoETag(tag_type=0x0999, tag_value=b"zz"),
    ]
    discovery = Ether(**MACS) / PPPoED(code=7) / PPPoED_Tags(tag_list=tags)
    first, second = read(session, discovery)
    assert layers(first) == "eth pppoes ppp ip udp data"
    check(
        layer(first, "pppoes"),
        {
            "pppoe.version": "1",
            "pppoe.type": "1",
            "pppoe.code": "0x00",
            "pppoe.session_id": "0x11a2",
            "pppoe.payload_length": "33",
        },
    )
    found = layer(second, "pppoed")
    check(
        found,
        {
            "pppoed.tags.ac_name": "ac1",
            "pppoed.tags.service_name": "isp",
            "pppoed.tags.ac_cookie": "09" * 8,
            "pppoed.tag.unknown_data": "7a7a",
        },
    )
    assert found.summary.startswith("Active Discovery Offer (PADO)")


def test_the_frame_itself() -> None:
    first, second = read(Ether(**MACS) / INNER, Ether(**MACS) / INNER)
    check(
        first[0],
        {
            "frame.number": "1",
            "frame.time": "Nov 14, 2023 22:13:20.500000000 UTC",
            "frame.time_epoch": "1700000000.500000000",
            "frame.time_delta": "0.000000000",
            "frame.encap_type": "1",
            "frame.len": "45",
            "frame.protocols": "eth:ip:udp:data",
        },
    )
    check(second[0], {"frame.time_delta": "0.001000000", "frame.number": "2"})
    assert texts(second[0], "frame.time_relative") == ["0.001000000"]


def test_no_card_is_called_like_a_field() -> None:
    """`-e NAME` would print both."""
    both = {card.name for card in stack.PROTOCOLS} & set(REGISTRY.fields)
    assert not both
