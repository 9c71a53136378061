"""Stepping together finds what walking finds, on sound files and on damaged ones."""

import struct
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_files import block, interface, packet, pcap, section

from wirestep.capture import pcap as pcap_module
from wirestep.capture import pcapng as pcapng_module
from wirestep.capture import scan
from wirestep.capture.arrays import GUARD
from wirestep.capture.pcap import PcapReader
from wirestep.capture.pcapng import PcapngReader


def frames(seed: int, count: int, largest: int) -> list[bytes]:
    """Frames of many sizes; some hold what looks like a record."""
    random = np.random.default_rng(seed)
    out = []
    for size in random.integers(0, largest, count).tolist():
        data = random.integers(0, 256, size, np.uint8).tobytes()
        if random.random() < 0.2 and size > 80:
            lie = struct.pack("<IIII", 1_700_000_000, 5, 20, 20) + bytes(20)
            data = (lie + lie + data)[:size]
        out.append(data)
    return out


def taken(reader, data: bytes, lockstep: bool):
    """What a reader makes of `data` as one window, with the fast way allowed or not."""
    buffer = np.frombuffer(data + bytes(GUARD), np.uint8).copy()
    small = 0 if lockstep else 1 << 60
    with (
        patch.object(scan, "MOST", 4096 * 2),
        patch.object(scan, "FEW", 2),
        patch.object(pcap_module, "SMALL", small),
        patch.object(pcapng_module, "SMALL", small),
    ):
        return reader.take(buffer, len(data), 0)


def same(one, two) -> None:
    """Two readers agree on everything."""
    assert one.used == two.used
    assert one.problem == two.problem
    for name in ("at", "caplen", "length", "time", "interface", "options"):
        np.testing.assert_array_equal(getattr(one.frames, name), getattr(two.frames, name))


def damaged(data: bytes, places: list[tuple[float, int]]) -> bytes:
    """`data` with some 4-byte numbers overwritten."""
    out = bytearray(data)
    for where, value in places:
        struct.pack_into("<I", out, int(where * (len(out) - 4)), value)
    return bytes(out)


DAMAGE = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.sampled_from((0, 1, 16, 64, 0x10000, 0x40000, 0x7FFFFFFF, 0xFFFFFFFF, 0x0A0D0D0A, 6)),
    ),
    max_size=4,
)


@settings(max_examples=40)
@given(
    st.integers(0, 1 << 30),
    st.sampled_from((40, 300, 3000)),
    st.sampled_from("<>"),
    st.integers(0, 50),
    DAMAGE,
)
def test_pcap_both_ways(seed, largest, order, cut, damage):
    whole = pcap(frames(seed, 300_000 // largest, largest), order)
    data = damaged(whole[24 : len(whole) - cut], damage)
    readers = PcapReader(whole[:24]), PcapReader(whole[:24])
    same(taken(readers[0], data, True), taken(readers[1], data, False))


@settings(max_examples=40)
@given(
    st.integers(0, 1 << 30),
    st.sampled_from((40, 300, 3000)),
    st.sampled_from("<>"),
    st.sampled_from("<>"),
    st.integers(0, 50),
    DAMAGE,
)
def test_pcapng_both_ways(seed, largest, order, later, cut, damage):
    first = section(order) + interface(order)
    parts = [packet(frame, place, order) for place, frame in enumerate(frames(seed, 90, largest))]
    second = [section(later), interface(later)]
    second += [packet(frame, place, later) for place, frame in enumerate(frames(seed, 90, largest))]
    body = b"".join(parts + second)
    data = damaged(body[: len(body) - cut], damage)
    found = []
    for lockstep in (True, False):
        reader = PcapngReader(first)
        taken(reader, first, False)
        found.append(taken(reader, data, lockstep))
    same(*found)


@pytest.mark.parametrize("order", ["<", ">"])
def test_lockstep_is_taken(order):
    """The comparison above means something only if the fast way does not give up."""
    data = pcap(frames(1, 2000, 300), order)
    reader = PcapReader(data[:24])
    with patch.object(pcap_module, "walk", side_effect=AssertionError("walked")):
        result = taken(reader, data[24:], True)
    assert len(result.frames.at) == 2000
    head = section(order) + interface(order)
    ng = PcapngReader(head)
    taken(ng, head, False)
    body = b"".join(packet(frame, 1, order) for frame in frames(1, 2000, 300))
    with patch.object(pcapng_module, "blocks", side_effect=AssertionError("walked")):
        result = taken(ng, body, True)
    assert len(result.frames.at) == 2000


def test_a_false_start_is_not_believed():
    """A frame full of what looks like records, where a chunk begins, leads nobody astray."""
    lie = struct.pack("<IIII", 1_700_000_000, 5, 20, 20) + bytes(20)
    data = pcap([bytes(60), lie * 300, bytes(61)] * 10)
    readers = PcapReader(data[:24]), PcapReader(data[:24])
    one, two = taken(readers[0], data[24:], True), taken(readers[1], data[24:], False)
    same(one, two)
    assert one.frames.caplen.tolist() == [60, 36 * 300, 61] * 10


def test_blocks_that_are_no_packets_are_stepped_over():
    data = b"".join(packet(bytes(50), tick) + block(0x7777, bytes(tick)) for tick in range(900))
    head = section() + interface()
    reader = PcapngReader(head)
    taken(reader, head, False)
    assert len(taken(reader, data, True).frames.at) == 900
