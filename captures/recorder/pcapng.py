"""Reads what tcpdump wrote and writes the pcapng that ships (draft-ietf-opsawg-pcapng)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PCAP_NANOSECONDS = 0xA1B23C4D
SECTION, INTERFACE, PACKET, SECRETS = 0x0A0D0D0A, 1, 6, 10
BYTE_ORDER = 0x1A2B3C4D
LINK_ETHERNET = 1
TLS_KEY_LOG = 0x544C534B
COMMENT, INTERFACE_NAME, RESOLUTION = 1, 2, 9
APPLICATION = 4
NANOSECONDS = 9


@dataclass(frozen=True, slots=True)
class Packet:
    """time: nanoseconds since the epoch; length: bytes on the wire."""

    time: int
    data: bytes
    length: int


def read_pcap(path: Path) -> Iterator[Packet]:
    """Packets of a little-endian nanosecond pcap. Raises ValueError for anything else."""
    content = path.read_bytes()
    if len(content) < 24 or struct.unpack_from("<I", content)[0] != PCAP_NANOSECONDS:
        raise ValueError(f"{path.name} is not a pcap with nanoseconds")
    place = 24
    while place + 16 <= len(content):
        seconds, nanoseconds, kept, length = struct.unpack_from("<IIII", content, place)
        place += 16
        yield Packet(seconds * 10**9 + nanoseconds, content[place : place + kept], length)
        place += kept


def write_pcapng(
    path: Path, packets: Iterable[Packet], *, comment: str, interface: str, secrets: bytes
) -> None:
    """Writes one section with one Ethernet interface; the secrets come ahead of the packets."""
    header = struct.pack("<IHHq", BYTE_ORDER, 1, 0, -1)
    options = _options((COMMENT, comment.encode()), (APPLICATION, b"captures/make.py, tcpdump"))
    description = struct.pack("<HHI", LINK_ETHERNET, 0, 0)
    names = _options((INTERFACE_NAME, interface.encode()), (RESOLUTION, bytes([NANOSECONDS])))
    blocks = [_block(SECTION, header + options), _block(INTERFACE, description + names)]
    if secrets:
        blocks.append(_block(SECRETS, struct.pack("<II", TLS_KEY_LOG, len(secrets)) + secrets))
    for packet in packets:
        front = struct.pack(
            "<IIIII",
            0,
            packet.time >> 32,
            packet.time & 0xFFFFFFFF,
            len(packet.data),
            packet.length,
        )
        blocks.append(_block(PACKET, front + packet.data))
    path.write_bytes(b"".join(blocks))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _block(kind: int, body: bytes) -> bytes:
    body = _padded(body)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def _options(*options: tuple[int, bytes]) -> bytes:
    written = [struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options]
    return b"".join(written) + bytes(4)
