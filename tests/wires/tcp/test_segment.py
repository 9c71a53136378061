"""Segments as bytes, against scapy; and that no bytes do harm."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6

from wirestep.wires.tcp import Segment, kinds
from wirestep.wires.tcp.segment import ACK, ECE, PSH, SYN, checksum
from wirestep.wires.tcp.sequence import unwrap

SOURCE, TARGET = bytes((192, 0, 2, 1)), bytes((198, 51, 100, 7))
SIX = (socket.inet_pton(socket.AF_INET6, "2001:db8::1"), socket.inet_pton(socket.AF_INET6, "::2"))

numbers = st.integers(0, 2**32 - 1)
segments = st.builds(
    Segment,
    st.integers(0, 65535),
    st.integers(0, 65535),
    numbers,
    numbers,
    st.integers(0, 255).map(lambda flags: flags & ~SYN),
    st.integers(0, 65535),
    st.binary(max_size=50),
    timestamps=st.none() | st.tuples(numbers, numbers),
    sack=st.lists(st.tuples(numbers, numbers), max_size=3).map(tuple),
)
syns = st.builds(
    Segment,
    st.integers(0, 65535),
    st.integers(0, 65535),
    numbers,
    numbers,
    st.just(SYN) | st.just(SYN | ACK),
    st.integers(0, 65535),
    st.binary(max_size=50),
    mss=st.none() | st.integers(0, 65535),
    scale=st.none() | st.integers(0, 255),
    sack_permitted=st.booleans(),
    timestamps=st.none() | st.tuples(numbers, numbers),
    cookie=st.sampled_from([None, b"", b"four", b"eight by"]),
)


@given(segments | syns, st.booleans())
def test_what_is_written_is_read(segment: Segment, six: bool) -> None:
    addresses = SIX if six else (SOURCE, TARGET)
    data = segment.encode(*addresses)
    assert len(data) % 4 == len(segment.data) % 4
    assert Segment.decode(data, *addresses) == segment


@given(segments | syns)
def test_scapy_reads_the_same(segment: Segment) -> None:
    data = segment.encode(SOURCE, TARGET)
    read = TCP(data)
    assert (read.sport, read.dport) == (segment.source, segment.target)
    assert (read.seq, read.ack) == (segment.sequence, segment.acknowledgment)
    assert int(read.flags) == segment.flags
    assert read.window == segment.window
    assert bytes(read.payload) == segment.data
    options = dict(read.options)
    assert options.get("MSS") == segment.mss
    assert options.get("WScale") == segment.scale
    assert ("SAckOK" in options) == segment.sack_permitted
    assert options.get("Timestamp") == segment.timestamps
    flat = [number for block in segment.sack for number in block]
    assert list(options.get("SAck", ())) == flat
    cookie = options.get("TFO") or options.get(34)
    assert (cookie is not None) == (segment.cookie is not None) or segment.cookie == b""


@given(segments | syns, st.booleans())
def test_scapy_computes_the_same_checksum(segment: Segment, six: bool) -> None:
    data = segment.encode(*(SIX if six else (SOURCE, TARGET)))
    addresses = {"src": "2001:db8::1", "dst": "::2"}
    ip = IPv6(**addresses, nh=6) if six else IP(src="192.0.2.1", dst="198.51.100.7", proto=6)
    # Scapy reads the header, forgets its checksum and computes one of its own.
    read = TCP(data)
    read.chksum = None
    built = bytes(ip / read)
    assert built[-len(data) :] == data


@given(segments | syns, st.data())
def test_a_bit_that_turns_is_noticed(segment: Segment, pick: st.DataObject) -> None:
    data = bytearray(segment.encode(SOURCE, TARGET))
    bit = pick.draw(st.integers(0, len(data) * 8 - 1))
    data[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ValueError, match=r"checksum|header"):
        Segment.decode(bytes(data), SOURCE, TARGET)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_segment_or_a_sentence(data: bytes) -> None:
    try:
        segment = Segment.decode(data)
    except ValueError:
        assert len(data) < 20 or not 20 <= data[12] >> 4 << 2 <= len(data)
    else:
        assert len(segment.data) <= len(data) - 20
        assert str(segment)


@given(st.binary(max_size=40))
def test_any_options_are_read_as_far_as_they_go(options: bytes) -> None:
    found = kinds.decode(options)
    assert found.keys() <= {"mss", "scale", "sack_permitted", "sack", "timestamps", "cookie"}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (b"\x02\x04\x05\xb4\x00\x03\x03\x07", {"mss": 1460}),
        (b"\x01\x01\x04\x02", {"sack_permitted": True}),
        (b"\x02\x00\x03\x03\x07", {}),
        (b"\x02\x04\x05", {}),
        (b"\x02", {}),
        (b"\x03\x04\x07\x07\x04\x02", {"sack_permitted": True}),
        (b"\xfd\x04\xff\xff\x03\x03\x07", {"scale": 7}),
        (b"\x22\x03\x01", {}),
        (b"\x22\x02", {"cookie": b""}),
        (b"\x05\x0a\x00\x00\x00\x01\x00\x00\x00\x02", {"sack": ((1, 2),)}),
    ],
)
def test_options_by_hand(options: bytes, found: dict[str, object]) -> None:
    assert kinds.decode(options) == found


def test_options_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="44 bytes of options"):
        kinds.encode(None, None, False, ((1, 2),) * 5, None, None)


def test_the_checksum_of_rfc_1071() -> None:
    """The words of section 3, 0001 f203 f4f5 f6f7, have the sum ddf2; here with protocol 6 and
    a length of 8 besides."""
    assert checksum(b"", b"", bytes.fromhex("0001f203f4f5f6f7")) == 0xFFFF - (0xDDF2 + 6 + 8)


def test_a_segment_in_words() -> None:
    segment = Segment(1, 2, 10, 20, SYN | ACK | PSH | ECE, 99, b"abc", sack=((1, 2),), note="why")
    assert str(segment) == "SPAE seq 10 ack 20 win 99 len 3 sack 1-2 (why)"
    assert segment.length == 4


@given(st.integers(0, 2**40), st.integers(-(2**31), 2**31 - 1))
def test_numbers_are_unwrapped_to_the_nearest(near: int, off: int) -> None:
    assert unwrap((near + off) % 2**32, near) == near + off
