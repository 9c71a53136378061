"""The innermost conversation of packets in tunnels, against tshark."""

import random
import subprocess

import numpy as np
import pytest
from frames import ACK, SYN, ip, tcp, udp
from made_files import needs_tshark, opened, pcap
from test_hostile import consistent

from wirestep.capture import network as network_module

OUTER4, OUTER6 = ("203.0.113.1", "203.0.113.2"), ("2001:db8::1", "2001:db8::2")
MACS = bytes.fromhex("02a1b2c3d4e5 02f6e7d8c9ba")
FIELDS = "ip.src ipv6.src tcp.stream tcp.srcport tcp.seq_raw tcp.len udp.srcport frame.protocols"


def around(ends: tuple[str, str], number: int, body: bytes) -> bytes:
    """An IP packet without its Ethernet header."""
    return ip(*ends, number, body)[14:]


def version(packet: bytes) -> int:
    return packet[0] >> 4


def ethertype(packet: bytes) -> bytes:
    return b"\x08\x00" if version(packet) == 4 else b"\x86\xdd"


def gre(packet: bytes, ends, flags: int = 0, protocol: bytes = b"") -> bytes:
    """GRE with the fields that the flags ask for."""
    size = 4 * (bool(flags & 0xC000) + bool(flags & 0x2000) + bool(flags & 0x1000))
    size += 4 * (flags & 0x87 == 0x81)
    head = flags.to_bytes(2, "big") + (protocol or ethertype(packet)) + bytes(size)
    return around(ends, 47, head + packet)


def vxlan(packet: bytes, ends, port: int = 4789) -> bytes:
    """An Ethernet frame in a datagram."""
    frame = bytes(12) + ethertype(packet) + packet
    return udp(ends[0], 50000, ends[1], port, b"\x08" + bytes(7) + frame)[14:]


TUNNELS = {
    "4 in 4 or 6": lambda packet, ends: around(ends, 4 if version(packet) == 4 else 41, packet),
    "GRE": gre,
    "GRE with a key": lambda packet, ends: gre(packet, ends, 0x2000),
    "GRE with all": lambda packet, ends: gre(packet, ends, 0xB000),
    "GRE with Ethernet": lambda packet, ends: gre(
        bytes(12) + b"\x81\x00\x00\x07" + ethertype(packet) + packet, ends, 0, b"\x65\x58"
    ),
    "PPTP": lambda packet, ends: gre(
        b"\xff\x03" + (b"\x00\x21" if version(packet) == 4 else b"\x00\x57") + packet,
        ends,
        0x3081,
        b"\x88\x0b",
    ),
    "VXLAN": vxlan,
}


def segments(draw: random.Random) -> list[bytes]:
    """IP packets of some conversations, IPv4 and IPv6."""
    out = []
    for number in range(60):
        hosts = draw.choice((("10.0.0.1", "10.0.0.2"), ("2001:db8:1::1", "2001:db8:1::2")))
        one, two = (hosts[0], draw.choice((1001, 1002))), (hosts[1], 80)
        if draw.random() < 0.4:
            one, two = two, one
        flags = draw.choice((SYN, ACK, ACK, ACK))
        out.append(tcp(*one, *two, seq=number, flags=flags, data=bytes(draw.randrange(9)))[14:])
    return out


def framed(packet: bytes) -> bytes:
    return MACS + ethertype(packet) + packet


def tshark(data: bytes, folder) -> list[list[str]]:
    """The fields of the innermost layer, by packet."""
    path = folder / "tunnels.pcap"
    path.write_bytes(data)
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "occurrence=l"]
    for name in FIELDS.split():
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return [line.split("\t") for line in done.stdout.splitlines()]


def compare(frames: list[bytes], folder) -> None:
    """Columns say of each frame what tshark says of its innermost layer."""
    data = pcap(frames)
    columns = opened(data).columns
    rows = tshark(data, folder)
    assert len(rows) == len(columns) == len(frames)
    for place, (four, six, stream, port, seq, size, _, layers) in enumerate(rows):
        assert columns.transport[place] == 6
        flow = int(columns.flow[place])
        sender = columns.flows.ends(flow >> 1)[flow & 1]
        networks = [layer for layer in layers.split(":") if layer in ("ip", "ipv6")]
        inner = four if networks[-1] == "ip" else six
        assert (sender.host, str(sender.port)) == (inner, port)
        assert str(columns.flows.stream[flow >> 1]) == stream
        assert str(columns.seq[place]) == seq
        assert str(columns.payload_length[place]) == size
        at, kept = int(columns.payload_at[place]), int(columns.payload_length[place])
        assert at + kept == len(frames[place])
        assert columns.nested[place] == (len(networks) > 1)


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("name", TUNNELS)
def test_one_tunnel(name, tmp_path):
    draw = random.Random(name)
    frames = []
    for packet in segments(draw):
        ends = draw.choice((OUTER4, OUTER6))
        frames.append(framed(TUNNELS[name](packet, ends) if draw.random() < 0.8 else packet))
    compare(frames, tmp_path)


@needs_tshark
@pytest.mark.tshark
def test_tunnels_in_tunnels(tmp_path):
    draw = random.Random(4)
    frames = []
    for packet in segments(draw):
        for _ in range(draw.randrange(4)):
            name = draw.choice(list(TUNNELS))
            packet = TUNNELS[name](packet, draw.choice((OUTER4, OUTER6)))
        frames.append(framed(packet))
    compare(frames, tmp_path)


def test_what_is_no_packet_leaves_the_tunnel_s_own_conversation():
    packet = tcp("10.0.0.1", 1001, "10.0.0.2", 80, seq=5)[14:]
    arp = bytes(12) + b"\x08\x06" + bytes(28)
    frames = [
        udp(OUTER4[0], 50000, OUTER4[1], 4789, b"\x08" + bytes(7) + arp),
        framed(gre(packet, OUTER4, 0x4000)),
        framed(around(OUTER4, 4, b"\x65" + packet[1:])),
        framed(around(OUTER4, 47, b"\0\0")),
        framed(gre(packet[:19], OUTER4)),
    ]
    columns = opened(pcap(frames)).columns
    assert columns.transport.tolist() == [17, 47, 4, 47, 47]
    assert (columns.nested != 0).all()
    hosts = [{end.host for end in columns.flows.ends(flow >> 1)} for flow in columns.flow.tolist()]
    assert hosts == [set(OUTER4)] * 5


def test_the_packet_around_says_where_the_one_inside_ends():
    """What lies behind the outer packet (padding, a trailer) is not of the inner one."""
    packet = bytearray(tcp("10.0.0.1", 1001, "10.0.0.2", 80, seq=5, data=b"hello")[14:])
    packet[2:4] = (500).to_bytes(2, "big")
    frame = framed(gre(bytes(packet), OUTER4)) + bytes(100)
    columns = opened(pcap([frame])).columns
    assert columns.payload_length.tolist() == [5]
    assert columns.payload_at.tolist() == [len(frame) - 105]


def test_tunnels_without_end():
    packet = b""
    for _ in range(40):
        packet = around(OUTER4, 4, packet or around(OUTER4, 17, bytes(8)))
    consistent(opened(pcap([framed(packet)])), 1 << 30)
    draw = random.Random(2)
    heads = (b"\x45\x00", b"\x00\x00\x08\x00", b"\x30\x81\x88\x0b", b"\x60")
    frames = [
        framed(
            around(
                draw.choice((OUTER4, OUTER6)),
                draw.choice((4, 41, 47, 94, 143)),
                draw.choice(heads) + draw.randbytes(draw.randrange(60)),
            )
        )[: draw.randrange(30, 130)]
        for _ in range(4000)
    ]
    consistent(opened(pcap(frames)), 1 << 30)


def test_plain_frames_are_read_as_all_others_would_be(monkeypatch):
    """The quick way and the general one agree on every kind of frame, sound or not."""
    draw = random.Random(3)
    frames = []
    for packet in segments(draw) * 20:
        if draw.random() < 0.5:
            packet = udp("10.0.0.1", draw.choice((53, 4789)), "10.0.0.3", 8472, bytes(20))[14:]
        damaged = bytearray(framed(packet))
        for _ in range(draw.choice((0, 1, 1, 3))):
            damaged[draw.randrange(12, len(damaged))] = draw.randrange(256)
        frames.append(bytes(damaged[: draw.choice((999, draw.randrange(14, 80)))]))
    quick = opened(pcap(frames, length=200)).columns
    monkeypatch.setattr(network_module, "plain", lambda *args: np.zeros(len(args[2]), bool))
    slow = opened(pcap(frames, length=200)).columns
    assert (quick.nested == 0).mean() > 0.2
    for name in ("network", "transport", "flags", "payload_at", "payload_length", "nested"):
        np.testing.assert_array_equal(getattr(quick, name), getattr(slow, name))
    for name in ("seq", "ack", "window", "flow"):
        np.testing.assert_array_equal(getattr(quick, name), getattr(slow, name))
    for number in range(len(quick.flows)):
        assert quick.flows.ends(number) == slow.flows.ends(number)
