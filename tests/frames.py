"""Builds frames by hand: Ethernet, IPv4 or IPv6, UDP or TCP, with right checksums."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import pytest

from wirestep.model import Record, Side

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT_HOST, SERVER_HOST = "192.0.2.17", "198.51.100.201"
MS = 1_000_000
START = 1_700_000_000 * 1000 * MS


def checksum(data: bytes) -> int:
    """The internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo(source: str, target: str, number: int, size: int) -> bytes:
    """What a transport checksum covers of the layer below."""
    ends = ip_address(source).packed + ip_address(target).packed
    if ip_address(source).version == 4:
        return ends + struct.pack("!BBH", 0, number, size)
    return ends + struct.pack("!IHBB", size, 0, 0, number)


def ip(source: str, target: str, number: int, body: bytes, ident: int = 0x1D2C) -> bytes:
    """An Ethernet frame with an IPv4 or IPv6 packet."""
    macs = bytes.fromhex("02a1b2c3d4e5 02f6e7d8c9ba")
    ends = ip_address(source).packed + ip_address(target).packed
    if ip_address(source).version == 6:
        return (
            macs + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(body), number, 61) + ends + body
        )
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), ident, 0x4000, 61, number, 0) + ends
    head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
    return macs + b"\x08\x00" + head + body


def udp(source: str, sport: int, target: str, dport: int, data: bytes) -> bytes:
    """A frame with a UDP datagram."""
    body = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
    check = checksum(pseudo(source, target, 17, len(body)) + body) or 0xFFFF
    return ip(source, target, 17, body[:6] + struct.pack("!H", check) + body[8:])


def tcp(
    source: str,
    sport: int,
    target: str,
    dport: int,
    *,
    seq: int,
    ack: int = 0,
    flags: int = ACK,
    data: bytes = b"",
    window: int = 64240,
    options: bytes = b"",
) -> bytes:
    """A frame with a TCP segment; options are padded with end-of-list."""
    options += bytes(-len(options) % 4)
    offset = (20 + len(options)) // 4 << 12 | flags
    ports = struct.pack("!HHIIHH", sport, dport, seq % 2**32, ack % 2**32, offset, window)
    body = ports + b"\0\0\0\0" + options + data
    check = checksum(pseudo(source, target, 6, len(body)) + body)
    return ip(source, target, 6, body[:16] + struct.pack("!H", check) + body[18:])


Turn = tuple[Side, bytes]


@dataclass
class TcpWire:
    """Two hosts with a TCP connection between them; what they say becomes records."""

    port: int = 80
    client_port: int = 51234
    bases: tuple[int, int] = (0x0A0B0C0D, 0x7FFFFFF0)
    """Initial sequence numbers by side; the server's wraps past 2**31 soon."""
    hosts: tuple[str, str] = (CLIENT_HOST, SERVER_HOST)
    records: list[Record] = field(default_factory=list)
    sent: list[int] = field(default_factory=lambda: [0, 0])
    """Sequence space used so far, by side."""

    def put(
        self,
        side: Side,
        data: bytes = b"",
        flags: int = ACK,
        at: int | None = None,
        after: int = MS,
        options: bytes = b"",
        window: int = 64240,
        acked: int | None = None,
    ) -> Record:
        """One segment; `at` is its place in the sender's sequence space (default: the next)."""
        place = self.sent[side] if at is None else at
        ends = [(self.hosts[0], self.client_port), (self.hosts[1], self.port)]
        frame = tcp(
            *ends[side],
            *ends[side.other],
            seq=self.bases[side] + place,
            ack=(self.bases[side.other] + (self.sent[side.other] if acked is None else acked))
            if flags & ACK
            else 0,
            flags=flags,
            data=data,
            options=options,
            window=window,
        )
        used = place + len(data) + bool(flags & SYN) + bool(flags & FIN)
        self.sent[side] = max(self.sent[side], used)
        time = self.records[-1].time + after if self.records else START
        record = Record(len(self.records), time, frame, len(frame))
        self.records.append(record)
        return record

    def open(self) -> None:
        """The three segments that start a connection."""
        self.put(Side.CLIENT, flags=SYN)
        self.put(Side.SERVER, flags=SYN | ACK)
        self.put(Side.CLIENT)

    def close(self) -> None:
        """Both sides end."""
        self.put(Side.CLIENT, flags=FIN | ACK)
        self.put(Side.SERVER, flags=FIN | ACK)
        self.put(Side.CLIENT)


def tcp_records(turns: Iterable[Turn], port: int, cuts: Sequence[int] = (1400,)) -> list[Record]:
    """A whole connection in which the turns are sent in pieces of the sizes in `cuts`, in turn."""
    wire = TcpWire(port)
    wire.open()
    count = 0
    for side, data in turns:
        at = 0
        while at < len(data):
            size = cuts[count % len(cuts)]
            wire.put(side, data[at : at + size], ACK | PSH)
            at, count = at + size, count + 1
    wire.close()
    return wire.records


def udp_records(turns: Iterable[Turn], port: int) -> list[Record]:
    """Each turn as a datagram."""
    records = []
    ends = [(CLIENT_HOST, 40021), (SERVER_HOST, port)]
    for number, (side, data) in enumerate(turns):
        frame = udp(*ends[side], *ends[side.other], data)
        records.append(Record(number, START + number * MS, frame, len(frame)))
    return records


def numbered(records: Iterable[Record]) -> list[Record]:
    """The records, counted anew."""
    return [
        Record(number, record.time, record.data, record.length, record.link)
        for number, record in enumerate(records)
    ]


def pcap(records: Iterable[Record], link: int = 1) -> bytes:
    """A capture file of the records: little-endian, nanoseconds."""
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link)]
    for record in records:
        seconds, rest = divmod(record.time, 1000 * MS)
        parts.append(struct.pack("<IIII", seconds, rest, len(record.data), record.length))
        parts.append(record.data)
    return b"".join(parts)


def tshark_fields(
    records: Iterable[Record], names: Sequence[str], folder: Path, *options: str
) -> list[dict[str, list[str]]]:
    """What tshark says of the fields `names`, a record a row; skips where it is not installed."""
    tool = shutil.which("tshark")
    if tool is None:
        pytest.skip("tshark is not installed")
    file = folder / "given.pcap"
    file.write_bytes(pcap(records))
    command = [tool, "-r", str(file), "-n", "-T", "fields", "-E", "occurrence=a"]
    command += ["-E", "aggregator=\x1f", *options]
    for name in names:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    rows = []
    for line in done.stdout.split("\n")[:-1]:
        cells = (line.split("\t") + [""] * len(names))[: len(names)]
        rows.append(
            {
                name: cell.split("\x1f") if cell else []
                for name, cell in zip(names, cells, strict=True)
            }
        )
    return rows
