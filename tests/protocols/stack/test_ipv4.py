"""IPv4 against scapy, RFC 1071 and its own rules."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import (
    ICMP,
    IP,
    UDP,
    IPOption_LSRR,
    IPOption_Router_Alert,
    IPOption_RR,
    IPOption_Timestamp,
    fragment,
)
from scapy.layers.l2 import Ether
from stack_reading import START, STEP, check, layer, layers, notes, read, records, root, text, texts

from wirestep.decode.checksum import internet_checksum
from wirestep.decode.engine import MAX_DEPTH, Engine
from wirestep.model import Record
from wirestep.protocols import REGISTRY

ETHER = Ether(dst="0a:01:02:03:04:05", src="00:11:12:13:14:15", type=0x0800)
DATA = bytes(random.Random(7).randrange(256) for _ in range(4000))


def test_the_sum_of_rfc_1071() -> None:
    """RFC 1071 section 3: 00 01 f2 03 f4 f5 f6 f7 sum up to ddf2."""
    assert internet_checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - 0xDDF2


def test_every_field_of_the_header() -> None:
    header = IP(
        src="10.1.2.3", dst="172.16.5.6", tos=0xB9, id=0xFEDC, ttl=201, proto=253, flags="DF+evil"
    )
    (found,) = read(ETHER / header / b"abc")
    check(
        layer(found, "ip"),
        {
            "ip.version": "4",
            "ip.hdr_len": "20",
            "ip.dsfield": "0xb9",
            "ip.dsfield.dscp": "46",
            "ip.dsfield.ecn": "1",
            "ip.len": "23",
            "ip.id": "0xfedc",
            "ip.flags": "0x06",
            "ip.flags.rb": "True",
            "ip.flags.df": "True",
            "ip.flags.mf": "False",
            "ip.frag_offset": "0",
            "ip.ttl": "201",
            "ip.proto": "253",
            "ip.checksum.status": "1",
            "ip.src": "10.1.2.3",
            "ip.dst": "172.16.5.6",
        },
    )


def test_a_wrong_checksum_is_told_with_the_right_one() -> None:
    right = IP(bytes(IP(src="10.1.2.3", dst="10.4.5.6") / b"")).chksum
    (found,) = read(ETHER / IP(src="10.1.2.3", dst="10.4.5.6", chksum=0x1234))
    ip = layer(found, "ip")
    assert text(ip, "ip.checksum.status") == "0"
    assert text(ip, "ip.checksum_calculated") == f"0x{right:04x}"
    assert f"odd: the header's checksum should be 0x{right:04x}" in notes(ip)


def test_options() -> None:
    options = [
        IPOption_Router_Alert(alert=5),
        IPOption_RR(routers=["1.2.3.4", "0.0.0.0"], pointer=8),
        IPOption_LSRR(routers=["5.6.7.8"], pointer=4),
        IPOption_Timestamp(
            flg=1, internet_address="9.8.7.6", timestamp=0x01020304, pointer=13, oflw=3
        ),
    ]
    (found,) = read(ETHER / IP(src="10.1.2.3", dst="10.4.5.6", options=options) / b"")
    ip = layer(found, "ip")
    check(
        ip,
        {
            "ip.opt.type": "148,7,131,68,0",
            "ip.opt.type.copy": "True,False,True,False,False",
            "ip.opt.ra": "5",
            "ip.rec_rt": "1.2.3.4",
            "ip.empty_rt": "0.0.0.0",
            "ip.src_rt": "5.6.7.8",
            "ip.opt.time_stamp_addr": "9.8.7.6",
            "ip.opt.time_stamp": "16909060",
            "ip.opt.overflow": "3",
            "ip.opt.flag": "0x01",
        },
    )


@pytest.mark.parametrize("order", ["forwards", "backwards", "shuffled"])
def test_fragments_of_scapy_become_the_datagram(order: str) -> None:
    whole = IP(src="10.1.2.3", dst="10.4.5.6", id=0x4321) / UDP(sport=1111, dport=2222) / DATA
    parts = fragment(whole, fragsize=1000)
    assert len(parts) == 5
    if order == "backwards":
        parts.reverse()
    elif order == "shuffled":
        random.Random(3).shuffle(parts)
    frames = read(*(ETHER / part for part in parts))
    assert [layers(found) for found in frames[:-1]] == ["eth ip data"] * 4
    assert layers(frames[-1]) == "eth ip udp data"
    assert "Fragmented IP protocol" in layer(frames[0], "ip").summary
    ip = layer(frames[-1], "ip")
    offsets = {part.frag * 8: number for number, part in enumerate(parts, 1)}
    check(
        ip,
        {
            "ip.fragment": ",".join(str(offsets[offset]) for offset in sorted(offsets)),
            "ip.fragment.count": "5",
            "ip.reassembled.length": "4008",
        },
    )
    udp = layer(frames[-1], "udp")
    assert udp.source is not None
    assert udp.source.name == "Reassembled IPv4"
    assert udp.source.data[8:] == DATA
    assert set(udp.records) == {0, 1, 2, 3, 4}
    for piece in udp.source.pieces:
        frame = bytes(ETHER / parts[piece.record])
        there = frame[piece.offset : piece.offset + piece.length]
        assert udp.source.data[piece.start : piece.start + piece.length] == there


def test_a_missing_fragment_leaves_the_others_alone() -> None:
    whole = IP(src="10.1.2.3", dst="10.4.5.6", id=5) / UDP(sport=1111, dport=2222) / DATA
    parts = fragment(whole, fragsize=1000)
    del parts[2]
    frames = read(*(ETHER / part for part in parts))
    assert {layers(found) for found in frames} == {"eth ip data"}
    last = layer(frames[-1], "ip")
    assert "info: fragments of the datagram so far: 3008 of 4008 bytes" in notes(last)


def test_overlapping_fragments_are_told() -> None:
    first = IP(src="10.1.2.3", dst="10.4.5.6", id=5, proto=253, flags="MF") / b"AAAAAAAABBBBBBBB"
    second = IP(src="10.1.2.3", dst="10.4.5.6", id=5, proto=253, frag=1) / b"xxxxxxxxCC"
    frames = read(ETHER / first, ETHER / second)
    ip = layer(frames[1], "ip")
    check(ip, {"ip.fragment.overlap": "True", "ip.fragment.overlap.conflict": "True"})
    assert layer(frames[1], "data").source is not None
    assert text(layer(frames[1], "data"), "data.data") == b"AAAAAAAABBBBBBBBCC".hex()


def test_fragments_of_other_packets_do_not_mix() -> None:
    def part(**more: object) -> IP:
        ends = {"src": "10.1.2.3", "dst": "10.4.5.6", "id": 5, "proto": 253}
        return ETHER / IP(**{**ends, **more}) / b"12345678"

    for other in ({"id": 6}, {"src": "10.1.2.4"}, {"dst": "10.1.2.4"}, {"proto": 254}):
        frames = read(part(flags="MF"), part(frag=1, **other))
        assert not texts(layer(frames[1], "ip"), "ip.fragment.count")


def test_lying_lengths() -> None:
    packet = bytearray(bytes(IP(src="10.1.2.3", dst="10.4.5.6", proto=253) / b"abcdef"))
    packet[2:4] = (300).to_bytes(2, "big")
    (found,) = read(bytes(packet), link=228)
    assert any("300" in note for note in notes(layer(found, "ip")))
    packet[2:4] = (3).to_bytes(2, "big")
    (found,) = read(bytes(packet), link=228)
    assert any(note.startswith("broken") for note in notes(layer(found, "ip")))
    (found,) = read(bytes(ETHER) + bytes(packet))
    assert text(layer(found, "ip"), "ip.dst") == "10.4.5.6", "the header is read all the same"
    packet[0] = 0x44
    (found,) = read(bytes(packet), link=228)
    assert "broken" in layer(found, "ip").marks


def test_a_snapped_packet_keeps_its_length() -> None:
    data = bytes(ETHER / IP(src="10.1.2.3", dst="10.4.5.6") / UDP(sport=5, dport=6) / bytes(500))
    engine = Engine(REGISTRY)
    found = engine.feed(Record(0, START, data[:60], len(data)), full=True)
    assert layers(found) == "eth ip udp data"
    assert not [note for note in notes(layer(found, "ip")) if not note.startswith("info")]


@pytest.mark.parametrize("depth", [3, 60])
def test_nested_tunnels_are_bounded(depth: int) -> None:
    packet = IP(src="10.0.0.1", dst="10.0.0.2", proto=253) / b"end"
    for number in range(depth):
        packet = IP(src=f"10.9.{number}.1", dst="10.0.0.3") / packet
    (found,) = read(ETHER / packet)
    count = sum(message.protocol == "ip" for message in found)
    assert count == min(depth + 1, MAX_DEPTH - 1)
    if depth == 3:
        assert text(layer(found, "ip", 3), "ip.proto") == "253"


@given(cut=st.integers(1, 200), place=st.integers(14, 60), value=st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_damage_is_read_to_the_end(cut: int, place: int, value: int) -> None:
    """Whatever is cut or changed: no fault of ours, every frame gets its messages."""
    packets = [ETHER / IP(id=7, flags="MF") / ICMP() / b"12345678", ETHER / IP(id=7, frag=2) / b"x"]
    engine = Engine(REGISTRY)
    for record in records(packets):
        data = bytearray(record.data)
        data[place % len(data)] = value
        found = engine.feed(Record(record.number, record.time + STEP, bytes(data[:cut]), len(data)))
        assert found[0].protocol == "frame"
        assert not [message for message in found if "bug" in message.marks]


def test_leaves_stand_where_scapy_says() -> None:
    (found,) = read(ETHER / IP(src="10.1.2.3", dst="10.4.5.6", ttl=77) / b"abc")
    ttl = root(layer(found, "ip")).find("ip.ttl")
    assert ttl is not None
    assert ttl.span[:2] == (22, 23)


def test_no_cut_of_the_capture_raises_a_false_alarm() -> None:
    """A snapped packet is not an odd packet."""
    inner = IP(src="10.9.0.1", dst="10.9.0.2") / UDP(sport=5, dport=6) / bytes(30)
    data = bytes(ETHER / IP(src="10.1.2.3", dst="10.4.5.6") / ICMP(type=3, code=1) / inner)
    for size in range(1, len(data)):
        found = Engine(REGISTRY).feed(Record(0, START, data[:size], len(data)), full=True)
        for message in found:
            assert "bug" not in message.marks
            assert not [note for note in notes(message) if note.startswith("odd: a ")]
            if message.protocol in ("ip", "icmp") and size >= 42:
                assert "broken" not in message.marks or message.length < 20
