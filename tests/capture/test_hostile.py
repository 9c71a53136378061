"""Damaged files: no exception, an end, and what is told holds together."""

import io
import random
import struct

import numpy as np
import pytest
from made_files import BUNDLED, CORPUS, block, interface, opened, packet, pcap, section

from wirestep.capture import Capture, NotACapture, load, open_capture

SEEDS = [path.read_bytes()[:60_000] for path in (*BUNDLED, *CORPUS)]
LIES = (0, 1, 3, 7, 0x7F, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x40000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def damaged(draw: random.Random) -> bytes:
    """One of the captures with bits flipped, numbers replaced, an end or a middle gone."""
    data = bytearray(draw.choice(SEEDS))
    for _ in range(draw.choice((1, 2, 5))):
        place = draw.randrange(max(1, len(data) - 4))
        match draw.randrange(5):
            case 0:
                data[place] ^= 1 << draw.randrange(8)
            case 1:
                value = draw.choice(LIES)
                struct.pack_into(draw.choice("<>") + "I", data, place & ~3, value)
            case 2:
                del data[place:]
            case 3:
                other = draw.choice(SEEDS)
                data[place:place] = other[draw.randrange(len(other)) :][:500]
            case _:
                del data[place : place + draw.choice((1, 4, 16, 100))]
        if len(data) < 8:
            break
    return bytes(data)


def consistent(capture: Capture, size: int) -> None:
    """Columns, records and conversations of a capture agree."""
    columns = capture.columns
    assert capture.finished
    assert sum(len(record.data) for record in capture) == columns.caplen.sum() <= size
    assert (columns.flow < 2 * len(columns.flows)).all()
    assert (columns.flow >= 0).tolist() == (columns.network != 0).tolist()
    assert columns.flows.packets.sum() == (columns.flow >= 0).sum()
    here = columns.payload_length > 0
    wire = np.maximum(columns.length, columns.caplen).astype(np.int64)
    assert (columns.payload_at[here] + columns.payload_length[here] <= wire[here]).all()
    for number in range(len(columns.flows)):
        columns.flows.ends(number)
        assert len(columns.rows_of(number)) == columns.flows.packets[number].sum()


@pytest.mark.parametrize("seed", range(300))
def test_damage(seed):
    data = damaged(random.Random(seed))
    try:
        capture = open_capture("damaged", stream=io.BytesIO(data))
    except NotACapture:
        return
    for _ in load(capture):
        pass
    consistent(capture, 1 << 30)


def test_random_frames_of_every_link_type():
    draw = random.Random(1)
    starts = (b"", b"\x45", b"\x60", b"\x02\0\0\0\x45", b"\xff\x03\x00\x21\x45")
    starts += (b"\x88\x01", b"\0\0\x0c\0\x03\0\0\x80", b"\0\0\x19\0\xff\xff\xff\xff")
    for link in (0, 1, 9, 12, 14, 50, 101, 104, 105, 108, 113, 127, 228, 229, 276, 65535):
        frames = [draw.choice(starts) + draw.randbytes(draw.randrange(90)) for _ in range(400)]
        consistent(opened(pcap(frames, link=link)), 1 << 30)
    kinds = b"\x08\x00\x45", b"\x86\xdd\x60", b"\x81\x00", b"\x88\x64", b"\x00\x20\xaa\xaa\x03"
    frames = [
        bytes(12) + draw.choice(kinds) + draw.randbytes(draw.randrange(90)) for _ in range(9999)
    ]
    consistent(opened(pcap(frames)), 1 << 30)


def test_extension_headers_without_end():
    """A chain of 1,000 extension headers, and one that points at itself."""
    ends = bytes(15) + b"\1" + bytes(15) + b"\2"
    chain = struct.pack("!IHBB", 6 << 28, 8000, 60, 9) + ends + (b"\x3c\0" + bytes(6)) * 1000
    capture = opened(pcap([bytes(12) + b"\x86\xdd" + chain]))
    consistent(capture, 1 << 30)
    assert capture.columns.network[0] == 6


def test_many_sections_and_interfaces_stay_bounded():
    data = (section("<") + interface("<") + packet(b"x", 1, "<")) * 2000
    data += (section(">") + interface(">") + packet(b"y", 1, ">") + block(5, b"", ">")) * 2000
    capture = opened(data)
    assert capture.count == 4000
    assert len(capture.interfaces) == 4000
    assert capture[3999].data == b"y"
