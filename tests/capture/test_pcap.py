"""pcap files and their variants."""

import struct

import pytest
from made_files import opened, pcap

FRAMES = [bytes(range(60)), bytes(range(100, 200)), b"\x55" * 61]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("magic", "unit", "size", "file_size"),
    [
        (0xA1B2C3D4, 1000, 0, 0),
        (0xA1B23C4D, 1, 0, 0),
        (0xA1B2CD34, 1000, 8, 0),
        (0xA1B2CD34, 1000, 12, 0),
        (0xA1B2C3D4, 1000, 8, 0),
        (0xA1B2C3D4, 1000, 4, 0),
        (0x1C0001AC, 1, 0, 4),
        (0x1C0001AB, 1000, 0, 4),
    ],
)
def test_every_variant(order, magic, unit, size, file_size):
    data = pcap(FRAMES, order, magic, extra=b"\x07" * size, file_extra=bytes(file_size))
    capture = opened(data)
    assert [record.data for record in capture] == FRAMES
    assert capture[1].time == 1_700_000_001 * 10**9 + 123_456 * unit
    assert capture.problem == ""
    assert capture.finished


def test_fraction_beyond_a_second_is_kept_as_it_is():
    capture = opened(pcap([b"x"], times=[(5, 1_500_000)]))
    assert capture[0].time == 6_500_000_000


def test_times_after_2038():
    assert opened(pcap([b"x"], times=[(0xF0000000, 1)]))[0].time == 0xF0000000 * 10**9 + 1000


def test_snapped_packets_and_no_snap_length():
    capture = opened(pcap(FRAMES, snaplen=0, length=9000))
    assert [record.length for record in capture] == [9000] * 3
    assert [len(record.data) for record in capture] == [60, 100, 61]


def test_link_type_below_the_check_sequence_bits():
    assert opened(pcap(FRAMES, link=0x2400_0071)).interfaces[0].link == 0x71


def test_lengths_were_swapped_before_version_2_4():
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 2, 0, 0, 68, 1)
    data += struct.pack("<IIII", 1, 2, 500, 10) + bytes(10)
    record = opened(data)[0]
    assert (record.length, record.data) == (500, bytes(10))


@pytest.mark.parametrize("left", [1, 15, 16, 17, 60])
def test_cut(left):
    data = pcap(FRAMES)
    start = len(data) - 16 - 61
    capture = opened(data[: start + left])
    assert capture.count == 2
    where = f"cut in the middle of packet 3, at byte {start + left}"
    assert capture.problem == f"{where}: everything before it is shown"


def test_a_length_that_lies():
    data = bytearray(pcap(FRAMES))
    struct.pack_into("<I", data, 24 + 16 + 60 + 8, 0x7FFFFFFF)
    capture = opened(bytes(data))
    assert capture.count == 1
    assert "packet 2, at byte 100, claims 2,147,483,647 bytes" in capture.problem


def test_no_packet_at_all():
    capture = opened(pcap([]))
    assert (capture.count, capture.problem, capture.finished) == (0, "", True)
    assert len(capture.columns) == 0
    assert list(capture) == []
