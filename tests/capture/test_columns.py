"""Columns and conversations, value by value against tshark."""

import functools
import io
import random
import subprocess
from collections import Counter

import numpy as np
import pytest
from frames import ACK, FIN, RST, SYN, ip, tcp, udp
from made_files import (
    FILES,
    interface,
    loaded,
    needs_capinfos,
    needs_tshark,
    opened,
    packet,
    pcap,
    section,
)

from wirestep.capture import columns as columns_module
from wirestep.capture import load, open_capture

FIELDS = [
    "frame.time_epoch",
    "frame.len",
    "frame.cap_len",
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "tcp.srcport",
    "tcp.dstport",
    "udp.srcport",
    "udp.dstport",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.flags",
    "tcp.window_size_value",
    "tcp.len",
    "udp.length",
    "tcp.stream",
    "udp.stream",
    "frame.protocols",
    "_ws.col.Protocol",
]
TUNNELLED = {"link-vxlan.pcap"}
"""tshark is asked for the outermost headers; test_tunnels.py asks for the innermost."""
PLAIN = {"http1-h1-clear.pcap", "link-qinq.pcap", "pcapng-complex.pcapng"}
"""Captures in which a TCP segment is never more than that."""
QUOTED = {"ip6ext-frag-icmp.pcap"}
"""An ICMP error in it quotes a UDP header seen nowhere else; tshark counts that conversation."""


@functools.cache
def tshark(path, *options: str) -> list[dict[str, str]]:
    """One row a packet of tshark's answers; custom blocks, which it counts, are left out."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "occurrence=f", *options]
    for name in FIELDS:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    rows = [dict(zip(FIELDS, line.split("\t"), strict=True)) for line in done.stdout.splitlines()]
    return [row for row in rows if row["_ws.col.Protocol"] != "PCAPNG"]


@needs_capinfos
@pytest.mark.tshark
@pytest.mark.parametrize("path", FILES)
def test_count_is_that_of_capinfos(path):
    command = ["capinfos", "-c", "-M", "-T", "-r", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert loaded(path).count == int(done.stdout.split("\t")[-1])


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("path", FILES)
def test_values_are_those_of_tshark(path):
    columns = loaded(path).columns
    rows = tshark(path)
    assert len(rows) == len(columns)
    for place, row in enumerate(rows):
        if row["frame.time_epoch"]:
            seconds, fraction = row["frame.time_epoch"].split(".")
            assert columns.time[place] == int(seconds) * 10**9 + int(fraction.ljust(9, "0"))
        assert columns.length[place] == int(row["frame.len"])
        assert columns.caplen[place] == int(row["frame.cap_len"])
        if path.name not in TUNNELLED:
            compare_addresses(columns, place, row, path.name in QUOTED)


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("path", FILES)
def test_what_is_not_nested_has_one_network_header_at_most(path):
    columns = loaded(path).columns
    for place, row in enumerate(tshark(path)):
        layers = row["frame.protocols"].split(":")
        count = layers.count("ip") + layers.count("ipv6")
        if columns.nested[place] == 0:
            assert count == (columns.network[place] != 0)
            assert bool(row["tcp.srcport"]) == (columns.transport[place] == 6)
            assert bool(row["udp.srcport"]) == (columns.transport[place] == 17)
        elif path.name in PLAIN:
            assert count != 1 or "tcp" not in layers


def compare_addresses(columns, place: int, row: dict[str, str], quoted: bool) -> None:
    source, target = row["ip.src"] or row["ipv6.src"], row["ip.dst"] or row["ipv6.dst"]
    flow = int(columns.flow[place])
    assert (flow >= 0) == bool(source)
    if not source:
        return
    ends = columns.flows.ends(flow >> 1)
    sender, receiver = ends[::-1] if flow & 1 else ends
    assert (sender.host, receiver.host) == (source, target)
    if "icmp" in row["frame.protocols"]:  # tshark shows the header that it quotes
        return
    kind = "tcp" if row["tcp.stream"] else "udp" if row["udp.stream"] else ""
    if not kind:
        return
    assert (str(sender.port), str(receiver.port)) == (
        row[f"{kind}.srcport"],
        row[f"{kind}.dstport"],
    )
    if not quoted or kind == "tcp":
        assert str(columns.flows.stream[flow >> 1]) == row[f"{kind}.stream"]
    if kind == "tcp":
        assert str(columns.seq[place]) == row["tcp.seq_raw"]
        assert str(columns.ack[place]) == row["tcp.ack_raw"]
        assert columns.flags[place] == int(row["tcp.flags"], 16) & 0xFF
        assert str(columns.window[place]) == row["tcp.window_size_value"]
        assert str(columns.payload_length[place]) == row["tcp.len"]
    elif "fragment" not in row["frame.protocols"] and columns.payload_at[place]:
        assert columns.payload_length[place] <= int(row["udp.length"]) - 8


@pytest.mark.parametrize("path", FILES)
def test_conversations_count_what_their_rows_hold(path):
    columns = loaded(path).columns
    flows = columns.flows
    seen = []
    for number in range(len(flows)):
        rows = columns.rows_of(number)
        assert (np.diff(rows) > 0).all()
        seen += rows.tolist()
        way = columns.flow[rows] & 1
        assert rows[0] == flows.first[number]
        assert rows[-1] == flows.last[number]
        assert np.bincount(way, minlength=2).tolist() == flows.packets[number].tolist()
        sizes = np.bincount(way, weights=columns.length[rows], minlength=2)
        assert sizes.tolist() == flows.bytes[number].tolist()
        one, two = flows.ends(number)
        assert (one.port, two.port) == (flows.a_port[number], flows.b_port[number])
    assert sorted(seen) == np.flatnonzero(columns.flow >= 0).tolist()


def segments(steps: list[tuple[str, int, int, int]]) -> list[bytes]:
    """Frames of one pair of endpoints: (c or s, flags, seq, ack)."""
    ends = ("192.0.2.1", 40001, "198.51.100.9", 443), ("198.51.100.9", 443, "192.0.2.1", 40001)
    return [
        tcp(*ends[side == "s"], seq=seq, ack=ack, flags=flags) for side, flags, seq, ack in steps
    ]


REUSE = {
    "again after FIN": [
        ("c", SYN, 100, 0),
        ("s", SYN | ACK, 900, 101),
        ("c", FIN | ACK, 101, 901),
        ("c", SYN, 5000, 0),
        ("s", SYN | ACK, 7000, 5001),
        ("c", ACK, 5001, 7001),
    ],
    "sent again": [("c", SYN, 100, 0), ("c", SYN, 100, 0), ("s", RST | ACK, 0, 101)],
    "again at once": [("c", SYN, 100, 0), ("c", SYN, 200, 0), ("c", SYN, 200, 0)],
    "seen from the middle": [("c", ACK, 500, 800), ("c", SYN, 499, 0), ("c", SYN, 77, 0)],
    "by an acknowledgement": [("s", ACK, 800, 500), ("c", SYN, 499, 0), ("c", SYN, 498, 0)],
    "both open": [("c", SYN, 1, 0), ("s", SYN, 2, 0), ("s", SYN, 3, 0), ("c", SYN, 1, 0)],
    "wrap": [("c", ACK, 0, 0), ("c", SYN, 0xFFFFFFFF, 0), ("s", SYN, 0xFFFFFFFF, 0)],
}


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("block", [1, 2, 16384])
@pytest.mark.parametrize("name", REUSE)
def test_ports_used_again(name, block, tmp_path, monkeypatch):
    monkeypatch.setattr(columns_module, "BLOCK", block)
    compare_streams(pcap(segments(REUSE[name])), tmp_path)


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("seed", range(12))
def test_ports_used_again_at_random(seed, tmp_path, monkeypatch):
    """Few numbers, many clashes; blocks so small that the state is carried on."""
    draw = random.Random(seed)
    monkeypatch.setattr(columns_module, "BLOCK", draw.choice((3, 7, 50)))
    steps = []
    for _ in range(120):
        flags = draw.choice((SYN, SYN, SYN | ACK, ACK, RST, FIN | ACK))
        number, acked = draw.choice((1, 2, 0x80000000)), draw.choice((1, 2, 3))
        steps.append((draw.choice("cs"), flags, number, acked if flags & ACK else 0))
    compare_streams(pcap(segments(steps)), tmp_path)


def compare_streams(data: bytes, folder) -> None:
    path = folder / "streams.pcap"
    path.write_bytes(data)
    columns = loaded(path).columns
    ours = [str(columns.flows.stream[flow >> 1]) for flow in columns.flow.tolist()]
    assert ours == [row["tcp.stream"] for row in tshark(path)]


def test_many_conversations_are_numbered_as_a_dictionary_would():
    """Verified keys: more conversations than slots at first, IPv4 and IPv6 that look alike."""
    draw = random.Random(5)
    hosts = ["192.0.2.1", "198.51.100.7", "::c000:201", "::c633:6407", "2001:db8::1"]
    frames = []
    expected = []
    seen: dict[tuple, tuple[int, tuple]] = {}
    for _ in range(9000):
        pick = draw.choice((hosts[:2], hosts[2:]))
        one = draw.choice(pick), draw.randrange(1000, 1060)
        two = draw.choice(pick), draw.randrange(1000, 1060)
        frames.append(udp(*one, *two, b"abc"))
        number, first = seen.setdefault((min(one, two), max(one, two)), (len(seen), one))
        expected.append(number << 1 | (one != first))
    columns = opened(pcap(frames)).columns
    assert columns.flow.tolist() == expected
    assert columns.flows.stream.tolist() == list(range(len(seen)))


def test_a_weak_hash_changes_nothing(monkeypatch):
    """Keys are compared, not only their hashes."""
    from wirestep.capture.keys import KeyTable

    frames = [udp(f"192.0.2.{n % 7}", 1000 + n % 11, "192.0.2.200", 53, b"x") for n in range(300)]
    expected = opened(pcap(frames)).columns.flow.tolist()
    monkeypatch.setattr(KeyTable, "_hash", lambda self, words: words[0] * 0)
    assert opened(pcap(frames)).columns.flow.tolist() == expected
    assert len(set(expected)) == 77


def fragments(data: bytes, ident: int, size: int = 48, six: bool = False) -> list[bytes]:
    """The IP fragments of a UDP datagram, first one first."""
    if six:
        whole = udp("2001:db8::1", 4000 + ident, "2001:db8::2", 53, data)[14 + 40 :]
        cuts = range(0, len(whole), size)
        return [
            ip(
                "2001:db8::1",
                "2001:db8::2",
                44,
                bytes((17, 0))
                + (at | (at + size < len(whole))).to_bytes(2, "big")
                + ident.to_bytes(4, "big")
                + whole[at : at + size],
            )
            for at in cuts
        ]
    whole = udp("192.0.2.1", 4000 + ident, "198.51.100.9", 53, data)[34:]
    out = []
    for at in range(0, len(whole), size):
        frame = bytearray(ip("192.0.2.1", "198.51.100.9", 17, whole[at : at + size], ident))
        word = at >> 3 | (0x2000 if at + size < len(whole) else 0)
        frame[20:22] = word.to_bytes(2, "big")
        out.append(bytes(frame))
    return out


@pytest.mark.parametrize("six", [False, True])
@pytest.mark.parametrize("block", [1, 3, 16384])
def test_fragments_follow_their_first(six, block, monkeypatch):
    monkeypatch.setattr(columns_module, "BLOCK", block)
    parts = [fragments(bytes(200), ident, six=six) for ident in (1, 2, 3)]
    mixed = [frame for group in zip(*parts, strict=True) for frame in group]
    columns = opened(pcap(mixed)).columns
    assert (columns.flow >> 1).tolist() == [0, 1, 2] * (len(mixed) // 3)
    assert set(columns.transport.tolist()) == {17}
    assert columns.flows.packets[:, 0].tolist() == [len(mixed) // 3] * 3
    backwards = opened(pcap(mixed[::-1])).columns
    assert (backwards.flow >> 1).tolist() == [0, 1, 2] * (len(mixed) // 3)
    assert backwards.flows.packets.sum() == len(mixed)
    assert backwards.rows_of(1).tolist() == list(range(1, len(mixed), 3))
    assert backwards.flows.first.tolist() == [0, 1, 2]


def test_fragments_without_a_first_have_a_conversation_of_their_own():
    parts = fragments(bytes(200), 9)[1:]
    columns = opened(pcap(parts)).columns
    assert set(columns.flow.tolist()) == {0}
    assert columns.flows.stream.tolist() == [-1]
    assert columns.payload_length.tolist() == [0] * len(parts)


def test_an_identifier_used_again():
    one, two = fragments(bytes(100), 5), fragments(bytes(100), 5)
    changed = bytearray(two[0])
    changed[34:36] = (999).to_bytes(2, "big")
    columns = opened(pcap([*one, bytes(changed), *two[1:]])).columns
    assert (columns.flow >> 1).tolist() == [0] * len(one) + [1] * len(two)


def test_readers_see_a_growing_capture():
    frames = [udp("192.0.2.1", 1000 + n % 50, "192.0.2.2", 53, bytes(300)) for n in range(4000)]
    capture = open_capture("x", stream=io.BytesIO(pcap(frames)))
    looks = []
    for count in load(capture):
        columns = capture.columns
        looks.append((count, columns, columns.rows_of(7).tolist(), columns.flow.copy()))
    assert len(looks) > 2
    for count, columns, rows, flow in looks:
        assert len(columns) == count
        assert columns.flow.tolist() == flow.tolist()
        assert rows == list(range(7, count, 50))
    with pytest.raises(ValueError, match="read-only"):
        columns.flow[0] = 1


def test_headers_that_are_cut_are_not_there():
    frame = tcp("192.0.2.1", 40001, "198.51.100.9", 443, seq=77, ack=88, data=b"payload")
    for size in range(len(frame)):
        columns = opened(pcap([frame[:size]], length=len(frame))).columns
        assert columns.network[0] == (4 if size >= 34 else 0)
        assert columns.seq[0] == (77 if size >= 50 else 0)
        assert columns.payload_length[0] == (7 if size >= 50 else 0)
        assert (columns.flow[0] >= 0) == (size >= 34)


def test_each_interface_has_its_link_type():
    frame = udp("192.0.2.1", 1000, "192.0.2.2", 53, b"x")
    inner = frame[14:]
    cooked = bytes(14) + b"\x08\x00" + inner
    cooked2 = b"\x08\x00" + bytes(18) + inner
    wlan = b"\x88\x01" + bytes(24) + b"\xaa\xaa\x03\0\0\0\x08\0" + inner
    padded = wlan[:26] + bytes(2) + wlan[26:]
    made = {
        105: wlan,
        127: b"\0\0\x19\0\x03\0\0\x80\0\0\0\0" + bytes(12) + b"\x20" + padded,
        1: frame,
        101: inner,
        12: inner,
        228: inner,
        113: cooked,
        276: cooked2,
        0: b"\x02\0\0\0" + inner,
        108: b"\0\0\0\x02" + inner,
        9: b"\xff\x03\x00\x21" + inner,
        104: b"\x0f\x00\x08\x00" + inner,
        50: b"\x21" + inner,
        147: frame,
    }
    data = section() + b"".join(interface(link=link) for link in made)
    data += b"".join(packet(one, n, number=n) for n, one in enumerate(made.values()))
    columns = opened(data).columns
    assert columns.flow.tolist() == [0] * 13 + [-1]
    assert columns.link.tolist() == list(made)
    assert Counter(columns.transport.tolist()) == {17: 13, 0: 1}


def test_tags_and_sessions_are_peeled():
    frame = udp("2001:db8::1", 1000, "2001:db8::2", 53, b"x")
    inner, macs = frame[14:], frame[:12]
    tagged = [
        macs + b"\x81\x00\x00\x05\x86\xdd" + inner,
        macs + b"\x88\xa8\x00\x05\x81\x00\x00\x06\x86\xdd" + inner,
        macs + b"\x91\x00\x00\x05\x81\x00\x00\x06\x86\xdd" + inner,
        macs + b"\x88\x64\x11\x00\x00\x01\x00\x40\x00\x57" + inner,
        macs + b"\x81\x00\x00\x05\x88\x64\x11\x00\x00\x01\x00\x40\x00\x57" + inner,
        macs + (len(inner) + 8).to_bytes(2, "big") + b"\xaa\xaa\x03\0\0\0\x86\xdd" + inner,
    ]
    assert opened(pcap(tagged)).columns.flow.tolist() == [0] * len(tagged)


def test_rows_of_very_many_conversations():
    """More than 16 bits count, and packets without one."""
    draw = np.random.default_rng(1)
    column = draw.integers(-1, 2 * 70_000, 100_000).astype(np.int32)
    index = columns_module.FlowIndex()
    for flow in (0, 1, 65_535, 65_536, int(column.max()) >> 1, 70_001):
        expected = np.flatnonzero(column >> 1 == flow)
        np.testing.assert_array_equal(index.rows(column, flow), expected)
