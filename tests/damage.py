"""Damages captures, as networks, disks and attackers do; the same seed gives the same damage.

    python tests/damage.py OUT [-n COUNT] [--seed SEED] FILE ...

Two kinds of it: to packets (which are then written anew, as pcap or pcapng of either byte order)
and to the bytes of the file. Nothing of the program under test is used.
"""

from __future__ import annotations

import argparse
import gzip
import random
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

SECTION, INTERFACE, PACKET, SECRETS = 0x0A0D0D0A, 1, 6, 10
LIES: tuple[int, ...] = (
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    19,
    20,
    21,
    63,
    64,
    127,
    128,
    255,
    256,
    1500,
    16_384,
    32_767,
)
LIES += (32_768, 65_534, 65_535, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF)
LINKS = (0, 1, 9, 12, 101, 105, 108, 113, 127, 147, 228, 229, 276, 65_535)
SNAPS = (0, 1, 13, 14, 15, 20, 33, 34, 42, 53, 54, 60, 68, 96, 128)
LONGEST = 262_144
MOST = 80
"""Packets of one damaged file that come from one sound file."""


@dataclass(frozen=True)
class Packet:
    """One captured packet."""

    link: int
    time: int
    """Nanoseconds."""
    data: bytes
    length: int


@dataclass(frozen=True)
class Damaged:
    """A damaged capture."""

    name: str
    data: bytes
    ways: tuple[str, ...]
    """What was done to it."""


Packets = list[Packet]
Draw = random.Random


# sound captures, read and written here


def read(content: bytes) -> tuple[Packets, bytes]:
    """The packets of a sound capture, and its blocks of secrets as they are."""
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    if content[:4] == b"\x0a\x0d\x0d\x0a":
        return _read_blocks(content)
    order = "<" if content[:1] in (b"\xd4", b"\x4d") else ">"
    unit = 1 if content[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1000
    link = struct.unpack_from(order + "I", content, 20)[0] & 0xFFFF
    found, at = [], 24
    while at + 16 <= len(content):
        seconds, part, kept, length = struct.unpack_from(order + "IIII", content, at)
        data = content[at + 16 : at + 16 + kept]
        found.append(Packet(link, seconds * 10**9 + part * unit, data, length))
        at += 16 + kept
    return found, b""


def _read_blocks(content: bytes) -> tuple[Packets, bytes]:
    found: Packets = []
    secrets, at, order = b"", 0, "<"
    links: list[tuple[int, int]] = []
    while at + 12 <= len(content):
        kind = struct.unpack_from(order + "I", content, at)[0]
        if kind == SECTION:
            order = "<" if content[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            links = []
        size = struct.unpack_from(order + "I", content, at + 4)[0]
        if kind == INTERFACE:
            # Of the options only the resolution is looked for: nanoseconds, or micro.
            nano = struct.pack(order + "HHB", 9, 1, 9) in content[at + 16 : at + size]
            link = struct.unpack_from(order + "H", content, at + 8)[0]
            links.append((link, 1 if nano else 1000))
        elif kind == SECRETS and order == "<":
            secrets += content[at : at + size]
        elif kind == PACKET:
            place, high, low, kept, length = struct.unpack_from(order + "IIIII", content, at + 8)
            data = content[at + 28 : at + 28 + kept]
            link, unit = links[place]
            found.append(Packet(link, (high << 32 | low) * unit, data, length))
        at += max(12, size)
    return found, secrets


def as_pcap(packets: Packets, draw: Draw) -> bytes:
    """A pcap file of the first packet's link type."""
    order, nano = draw.choice("<<>"), draw.random() < 0.3
    magic, unit = (0xA1B23C4D, 1) if nano else (0xA1B2C3D4, 1000)
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, LONGEST, packets[0].link)]
    for packet in packets:
        seconds, rest = divmod(packet.time, 10**9)
        sizes = (len(packet.data), packet.length & 0xFFFFFFFF)
        out.append(struct.pack(order + "IIII", seconds & 0xFFFFFFFF, rest // unit, *sizes))
        out.append(packet.data)
    return b"".join(out)


def as_pcapng(packets: Packets, draw: Draw, secrets: bytes = b"") -> bytes:
    """A pcapng file with an interface for each link type; secrets only where they fit."""
    order = draw.choice("<<>")
    out = [_block(order, SECTION, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))]
    out.append(secrets if order == "<" else b"")
    links = list(dict.fromkeys(packet.link for packet in packets))
    out += [_block(order, INTERFACE, struct.pack(order + "HHI", link, 0, 0)) for link in links]
    for packet in packets:
        ticks = packet.time // 1000 & 0xFFFF_FFFF_FFFF_FFFF
        head = (links.index(packet.link), ticks >> 32, ticks & 0xFFFFFFFF, len(packet.data))
        body = struct.pack(order + "IIIII", *head, packet.length & 0xFFFFFFFF) + packet.data
        comment = b"\x1b]0;owned\x07 \xe2\x80\xae comment"
        if draw.random() < 0.05:
            body += bytes(-len(packet.data) % 4) + struct.pack(order + "HH", 1, len(comment))
            body += comment + bytes(-len(comment) % 4) + bytes(4)
        out.append(_block(order, PACKET, body))
    return b"".join(out)


def _block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = len(body) + 12
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


# damage to packets


def flipped(packets: Packets, pool: Packets, draw: Draw) -> Packets:
    """Bits turned over in some packets."""

    def flip(data: bytes) -> bytes:
        out = bytearray(data)
        for _ in range(draw.choice((1, 3, 20))):
            out[draw.randrange(len(out))] ^= 1 << draw.randrange(8)
        return bytes(out)

    return _some(packets, draw, flip)


def lying(packets: Packets, pool: Packets, draw: Draw) -> Packets:
    """Two or four bytes replaced by a length that is no length, anywhere in the first 200."""

    def lie(data: bytes) -> bytes:
        form = draw.choice((">B", ">H", ">H", ">I"))
        size = struct.calcsize(form)
        at = draw.randrange(max(1, min(len(data), 200) - size))
        value = draw.choice(LIES) & (1 << 8 * size) - 1
        return data[:at] + struct.pack(form, value) + data[at + size :]

    return _some(packets, draw, lie)


def pointing(packets: Packets, pool: Packets, draw: Draw) -> Packets:
    """Bytes that DNS takes for pointers, HPACK and QUIC for long numbers."""

    def point(data: bytes) -> bytes:
        at = draw.randrange(len(data))
        target = draw.choice((12, 0x3FFF, max(0, at - 42), draw.randrange(600))) & 0x3FFF
        return data[:at] + struct.pack(">H", 0xC000 | target) + data[at + 2 :]

    return _some(packets, draw, point)


def worded(packets: Packets, pool: Packets, draw: Draw) -> Packets:
    """Text protocols: digits grow, line ends vanish, letters become controls."""
    swaps: tuple[tuple[bytes, bytes], ...] = (
        (b"\r\n", b"\n"),
        (b"\r\n", b""),
        (b": ", b""),
        (b"0", b"9" * 30),
        (b"1", b"-1"),
    )
    swaps += ((b"e", b"\x1b[2J"), (b"a", b"\xff"), (b"H", b"\0"), (b"chunked", b"gzip, chunked"))

    def reword(data: bytes) -> bytes:
        return data.replace(*draw.choice(swaps), draw.choice((1, 2, 500)))

    return _some(packets, draw, reword)


def spliced(packets: Packets, pool: Packets, draw: Draw) -> Packets:
    """The front of one packet, the rest of another."""

    def splice(data: bytes) -> bytes:
        other = draw.choice(pool).data
        return data[: draw.randrange(len(data) + 1)] + other[draw.randrange(len(other) + 1) :]

    return _some(packets, draw, splice)


def shifted(packets: Packets, pool: Packets, draw: Draw) -> Packets:
    """Order, number and origin of packets."""
    out = list(packets)
    way = draw.randrange(5)
    if way == 0:
        draw.shuffle(out)
    elif way == 1:
        out = [packet for packet in out if draw.random() < 0.7] or out[:1]
    elif way == 2:
        out = [again for packet in out for again in [packet] * draw.choice((1, 1, 2))]
    elif way == 3:
        out.reverse()
    else:
        out[len(out) // 2 : len(out) // 2] = draw.choices(pool, k=5)
    return out


def snapped(packets: Packets, pool: Packets, draw: Draw) -> Packets:
    """Packets of which only the front was kept."""
    size = draw.choice(SNAPS)
    return [replace(packet, data=packet.data[:size]) for packet in packets]


def relinked(packets: Packets, pool: Packets, draw: Draw) -> Packets:
    """Frames that are said to be of another link type."""
    link = draw.choice(LINKS)
    return [replace(packet, link=link) for packet in packets]


def retimed(packets: Packets, pool: Packets, draw: Draw) -> Packets:
    """Clocks that stand, jump or come from the end of time."""
    way = draw.choice((lambda t: 0, lambda t: draw.randrange(1 << 62), lambda t: (1 << 63) - 1 - t))
    return [replace(packet, time=way(packet.time)) for packet in packets]


def _some(packets: Packets, draw: Draw, change: Callable[[bytes], bytes]) -> Packets:
    out = list(packets)
    for _ in range(draw.choice((1, 2, 6))):
        place = draw.randrange(len(out))
        packet = out[place]
        if packet.data:
            data = change(packet.data)[:LONGEST]
            length = packet.length if draw.random() < 0.5 else max(packet.length, len(data))
            out[place] = replace(packet, data=data, length=length)
    return out


# damage to files


def cut(data: bytes, others: Sequence[bytes], draw: Draw) -> bytes:
    """The end is missing."""
    return data[: draw.randrange(len(data) + 1)]


def bit(data: bytes, others: Sequence[bytes], draw: Draw) -> bytes:
    """Bits turned over, half of the time in the first 100 bytes."""
    out = bytearray(data)
    for _ in range(draw.choice((1, 4, 32))):
        top = min(len(out), 100) if draw.random() < 0.5 else len(out)
        out[draw.randrange(top)] ^= 1 << draw.randrange(8)
    return bytes(out)


def number(data: bytes, others: Sequence[bytes], draw: Draw) -> bytes:
    """A number on a four-byte border, where formats keep their lengths, is a lie."""
    at = draw.randrange(max(1, len(data) // 4 - 1)) * 4
    return data[:at] + struct.pack(draw.choice("<>") + "I", draw.choice(LIES)) + data[at + 4 :]


def joined(data: bytes, others: Sequence[bytes], draw: Draw) -> bytes:
    """The front of one file and the rest of another."""
    other = draw.choice(others)
    return data[: draw.randrange(len(data) + 1)] + other[draw.randrange(len(other) + 1) :]


def packed(data: bytes, others: Sequence[bytes], draw: Draw) -> bytes:
    """Compressed, and then damaged."""
    inside = gzip.compress(data, 1, mtime=0)
    return draw.choice((cut, bit, bit))(inside, others, draw) if draw.random() < 0.7 else inside


InPackets = Callable[[Packets, Packets, Draw], Packets]
InFile = Callable[[bytes, Sequence[bytes], Draw], bytes]
IN_PACKETS: tuple[InPackets, ...] = (flipped, lying, lying, lying, pointing, worded, spliced)
IN_PACKETS += (spliced, shifted, snapped, relinked, retimed)
IN_FILES: tuple[InFile, ...] = (cut, bit, number, number, joined, packed)


def damaged(sound: Sequence[bytes], count: int, seed: str) -> Iterator[Damaged]:
    """`count` damaged captures made of sound ones."""
    parsed = [read(content) for content in sound]
    pool = [packet for packets, _ in parsed for packet in packets[:40]]
    for place in range(count):
        draw = Draw(f"{seed}/{place}")
        choice = draw.randrange(len(sound))
        packets, secrets = parsed[choice]
        data, ways = sound[choice], []
        if packets and draw.random() < 0.7:
            start = draw.choice((0, 0, draw.randrange(len(packets))))
            packets = packets[start : start + MOST]
            for change in draw.choices(IN_PACKETS, k=draw.choice((1, 2))):
                packets = change(packets, pool, draw)
                ways.append(change.__name__)
            pcap = draw.random() < 0.5
            data = as_pcap(packets, draw) if pcap else as_pcapng(packets, draw, secrets)
        if not ways or draw.random() < 0.2:
            for harm in draw.choices(IN_FILES, k=draw.choice((1, 2))):
                data = harm(data, sound, draw) if data else data
                ways.append(harm.__name__)
        yield Damaged(f"{place:05}.cap", data, tuple(ways))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("-n", type=int, default=500)
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for made in damaged([path.read_bytes() for path in options.files], options.n, options.seed):
        (options.out / made.name).write_bytes(made.data)


if __name__ == "__main__":
    main()
