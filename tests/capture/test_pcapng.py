"""pcapng files: every block type, sections, clocks, lies."""

import struct

import pytest
from made_files import block, interface, opened, option, packet, section

from wirestep.capture.options import Statistics

ORDERS = pytest.mark.parametrize("order", ["<", ">"])


@ORDERS
def test_all_packet_blocks(order):
    old = struct.pack(order + "HHIIII", 1, 9, 0, 7_000_000, 5, 900) + b"older" + bytes(3)
    data = section(order) + interface(order, snaplen=4) + interface(order, 101)
    data += block(2, old, order) + packet(b"newer!", 8_000_000, order, 1)
    data += block(3, struct.pack(order + "I", 700) + b"simp", order)
    data += block(3, struct.pack(order + "I", 3) + b"sim", order)
    records = list(opened(data))
    assert [record.data for record in records] == [b"older", b"newer!", b"simp", b"sim"]
    assert [record.length for record in records] == [900, 6, 700, 3]
    assert [record.interface for record in records] == [1, 1, 0, 0]
    assert [record.link for record in records] == [101, 101, 1, 1]
    # A simple packet block has no time: it stands where the one before it stands.
    assert [record.time // 10**9 for record in records] == [7, 8, 8, 8]


def test_sections_of_both_byte_orders_have_interfaces_of_their_own():
    data = b""
    for place, order in enumerate("<><>"):
        data += section(order, option(1, f"note {place}".encode(), order))
        data += interface(order, 1, option(2, f"eth{place}".encode(), order))
        data += interface(order, 276 + place) + packet(bytes(order, "ascii"), place, order, 1)
    capture = opened(data)
    assert [record.interface for record in capture] == [1, 3, 5, 7]
    assert [record.link for record in capture] == [276, 277, 278, 279]
    assert [one.name for one in capture.interfaces][::2] == ["eth0", "eth1", "eth2", "eth3"]
    assert capture.comments == ("note 0", "note 1", "note 2", "note 3")


@pytest.mark.parametrize(
    ("unit", "ticks", "time"),
    [
        (0, 3, 3 * 10**9),
        (3, 1_700_000_000_123, 1_700_000_000_123_000_000),
        (6, 1_700_000_000_123_456, 1_700_000_000_123_456_000),
        (9, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
        (12, 1_000_123_456_789_999, 1_000_123_456_789),
        (127, 2**64 - 1, 0),
        (0x80, 7, 7 * 10**9),
        (0x80 | 10, 3 << 10 | 512, 3_500_000_000),
        (0x80 | 20, 1_700_000_000 << 20 | 1, 1_700_000_000 * 10**9 + 953),
        (0x80 | 32, 1_700_000_000 << 32 | 1 << 31, 1_700_000_000_500_000_000),
        (0x80 | 40, 1_000_000 << 40 | 1 << 38, 1_000_000_250_000_000),
        (0x80 | 64, 1 << 63, 500_000_000),
        (0x80 | 127, 1 << 63, 0),
    ],
)
def test_clocks(unit, ticks, time):
    """By hand: ticks / 10^n or ticks / 2^n seconds, in whole nanoseconds."""
    for offset in (0, 3600, -7200):
        told = option(9, bytes([unit])) + option(14, struct.pack("<q", offset))
        capture = opened(section() + interface(options=told) + packet(b"x", ticks))
        assert capture[0].time == time + offset * 10**9
        power = unit & 0x7F
        assert capture.interfaces[0].resolution == (2**power if unit & 0x80 else 10**power)


@ORDERS
def test_what_else_a_file_tells(order):
    about = option(2, b"board", order) + option(3, b"some OS", order) + option(4, b"me\0", order)
    told = option(2, b"lo", order) + option(3, b"loop back", order) + option(12, b"os 9", order)
    told += option(11, b"\0tcp port 80", order) + option(1, "größer".encode(), order)
    names = option(1, b"\xc0\x00\x02\x01one\0two\0", order)
    names += option(2, bytes.fromhex("20010db8" + 22 * "0" + "99") + b"six\0", order)
    key = b"CLIENT_RANDOM 00 11"
    counts = struct.pack(order + "III", 0, 0, 0)
    counts += option(4, struct.pack(order + "Q", 70), order)
    counts += option(5, struct.pack(order + "Q", 3), order)
    data = section(order, about) + interface(order, 1, told, 96) + block(4, names, order)
    data += block(10, struct.pack(order + "II", 0x544C534B, len(key)) + key, order)
    data += block(10, struct.pack(order + "II", 0x57474B4C, 4) + b"wgkl", order)
    data += packet(b"x", 1, order, options=option(1, b"first", order) + option(1, b"2nd", order))
    data += packet(b"y", 2, order, options=option(2, bytes(4), order))
    data += block(0xBAD, b"\0\0\x7e\xd9custom", order) + block(5, counts, order)
    capture = opened(data)
    assert (capture.hardware, capture.os, capture.application) == ("board", "some OS", "me")
    described = capture.interfaces[0]
    assert (described.name, described.description, described.os) == ("lo", "loop back", "os 9")
    assert (described.filter, described.snaplen, described.link) == ("tcp port 80", 96, 1)
    assert described.comments == ("größer",)
    assert dict(capture.names) == {"192.0.2.1": "one", "2001:db8::99": "six"}
    assert capture.secrets == key + b"\n"
    assert capture.statistics == (Statistics(0, received=70, dropped=3),)
    assert [record.comments for record in capture] == [("first", "2nd"), ()]
    assert capture.count == 2
    assert capture.problem == ""


def lying(place: int, value: int) -> bytes:
    head = section() + interface()
    bad = bytearray(packet(bytes(40), 9))
    struct.pack_into("<I", bad, place, value)
    return head + packet(bytes(20), 1) + bytes(bad) + packet(bytes(30), 2)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (4, 8, "claims a length of 8 bytes"),
        (4, 0xFFFFFFF0, "claims a length of 4,294,967,280 bytes"),
        (4, 64, "has two lengths that differ"),
        (68, 80, "has two lengths that differ"),
        (8, 1, "is a packet that contradicts itself"),
        (20, 41, "is a packet that contradicts itself"),
        (20, 0xFFFFFFFF, "is a packet that contradicts itself"),
    ],
)
def test_lengths_that_lie_end_it_with_a_sentence(place, value, said):
    data = lying(place, value)
    where = len(section() + interface() + packet(bytes(20), 1))
    capture = opened(data)
    assert capture.count == 1
    shown = "everything before it is shown (1 packet)"
    assert capture.problem == f"the block at byte {where} {said}: {shown}"


def test_packets_before_any_interface():
    assert "contradicts itself" in opened(section() + packet(b"x")).problem


def test_a_length_that_is_no_multiple_of_four_is_rounded_up():
    odd = bytearray(packet(b"abc", 5))
    for place in (4, len(odd) - 4):
        struct.pack_into("<I", odd, place, len(odd) - 1)
    capture = opened(section() + interface() + bytes(odd) + packet(b"after", 6))
    assert [record.data for record in capture] == [b"abc", b"after"]


@pytest.mark.parametrize("left", [1, 4, 8, 12, 40])
def test_cut(left):
    data = section() + interface() + packet(bytes(20), 1)
    capture = opened(data + packet(bytes(20), 1)[:left])
    assert capture.count == 1
    assert capture.problem.startswith(f"cut in the middle of packet 2, at byte {len(data) + left}:")
