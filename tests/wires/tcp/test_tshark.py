"""What tshark says of our segments: checksums, options, and its analysis of what we did and why."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from wirestep.exchange.contract import Started
from wirestep.wires.tcp import Cookies, Options, Segment

from .pair import CLIENT, IPS, MS, SECOND, SERVER, Pair, Sent, chance_of, transfer

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]
RAW_IP = 101
UP = random.Random(1).randbytes(40_000)


def write(path: Path, sent: list[Sent]) -> None:
    """The packets as a pcap file, as they left."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, RAW_IP))
        for packet in sent:
            side = packet.sender
            size = 20 + len(packet.data)
            header = struct.pack("!BBHHHBBH", 0x45, packet.segment.ecn, size, 0, 0x4000, 64, 6, 0)
            header += IPS[side] + IPS[1 - side]
            total = sum(struct.unpack("!10H", header))
            check = ~(total + (total >> 16)) & 0xFFFF
            header = header[:10] + check.to_bytes(2) + header[12:]
            stamp = divmod(packet.time, SECOND)
            file.write(struct.pack("<IIII", *stamp, size, size) + header + packet.data)


def tshark(path: Path, sent: list[Sent], *fields: str) -> list[list[str]]:
    """The values of these fields, a row for each packet."""
    write(path, sent)
    command = ["tshark", "-r", str(path), "-T", "fields", "-E", "separator=|"]
    command += ["-o", "tcp.check_checksum:TRUE", "-o", "tcp.relative_sequence_numbers:FALSE"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    rows = [line.split("|") for line in done.stdout.splitlines()]
    assert len(rows) == len(sent)
    return rows


def captured(pair: Pair) -> list[Sent]:
    return sorted(pair.sent, key=lambda packet: packet.time)


@pytest.mark.parametrize("name", ["all", "bare"])
def test_every_header_is_read_as_it_was_meant(tmp_path: Path, name: str) -> None:
    options = {
        "all": Options(ecn=True, fast_open=True),
        "bare": Options(sack=False, timestamps=False, scale=False),
    }[name]
    judge = chance_of(random.Random(3), 0.05, 0.05)
    pair = Pair(options, options, judge=judge, cookies=Cookies(bytes(16)))
    transfer(pair, UP, UP)
    sent = captured(pair)
    rows = tshark(
        tmp_path / "all.pcap",
        sent,
        "tcp.checksum.status",
        "tcp.seq",
        "tcp.ack",
        "tcp.window_size_value",
        "tcp.options.mss_val",
        "tcp.options.wscale.shift",
        "tcp.options.timestamp.tsval",
        "tcp.options.timestamp.tsecr",
        "tcp.options.sack_le",
        "tcp.options.sack_re",
        "tcp.len",
        "tcp.flags",
        "ip.dsfield.ecn",
        "_ws.malformed",
    )
    for packet, row in zip(sent, rows, strict=True):
        segment = packet.segment
        wanted = [
            1,
            segment.sequence,
            segment.acknowledgment,
            segment.window,
            segment.mss,
            segment.scale,
            *(segment.timestamps or (None, None)),
            ",".join(str(start) for start, _ in segment.sack),
            ",".join(str(stop) for _, stop in segment.sack),
            len(segment.data),
            f"0x{segment.flags:04x}",
            segment.ecn,
            None,
        ]
        assert row == ["" if value is None else str(value) for value in wanted]
    assert any(packet.segment.sack for packet in sent) == options.sack


def marks(path: Path, pair: Pair) -> list[tuple[Segment, set[str]]]:
    """Each packet with tshark's marks on it."""
    names = (
        "retransmission",
        "fast_retransmission",
        "out_of_order",
        "duplicate_ack",
        "zero_window",
        "zero_window_probe",
        "zero_window_probe_ack",
        "window_update",
        "window_full",
        "keep_alive",
        "keep_alive_ack",
        "lost_segment",
        "ack_lost_segment",
    )
    sent = captured(pair)
    rows = tshark(path, sent, *(f"tcp.analysis.{name}" for name in names))
    return [
        (packet.segment, {name for name, value in zip(names, row, strict=True) if value})
        for packet, row in zip(sent, rows, strict=True)
    ]


@pytest.mark.parametrize("sack", [True, False])
def test_losses(tmp_path: Path, sack: bool) -> None:
    """What we send again, tshark knows for a retransmission, and nothing else."""
    options = Options(sack=sack)
    pair = Pair(options, options, judge=chance_of(random.Random(11), 0.06))
    transfer(pair, UP, b"")
    counted: Counter[str] = Counter()
    for segment, found in marks(tmp_path / "losses.pcap", pair):
        again = "retransmission" in segment.note
        assert bool(found & {"retransmission", "out_of_order"}) == again, segment
        if segment.note == "duplicate ACK":
            assert "duplicate_ack" in found, segment
        counted += Counter(found)
        counted[segment.note] += 1
    assert counted["fast retransmission"] >= 1
    assert counted["duplicate_ack"] >= 3
    assert not counted["lost_segment"]
    assert not counted["ack_lost_segment"]


def test_a_shut_window(tmp_path: Path) -> None:
    small = Options(window=4000)
    pair = Pair(Options(), small)
    pair.ends[SERVER].pause(0)

    def react(pair: Pair, side: int, event: object) -> None:
        if side == CLIENT and isinstance(event, Started):
            pair.ends[CLIENT].send(UP[:9000], pair.now)

    pair.react = react
    pair.open()
    pair.run(5 * SECOND)
    pair.now = 5 * SECOND
    pair.ends[SERVER].resume(pair.now)
    pair.flush()
    pair.run(10 * SECOND)
    assert len(pair.got[SERVER]) == 9000
    found = marks(tmp_path / "window.pcap", pair)
    by_note = {segment.note: names for segment, names in found if segment.note}
    assert by_note["zero-window probe"] == {"zero_window_probe"}
    assert by_note["window update"] == {"window_update"}
    assert {"zero_window", "zero_window_probe_ack"} <= by_note["the window is shut"]
    assert sum("zero_window_probe" in names for _, names in found) == 4


def test_a_silent_peer_is_asked(tmp_path: Path) -> None:
    pair = Pair(Options(keep_alive=10 * SECOND))
    pair.open()
    pair.run(25 * SECOND)
    found = marks(tmp_path / "alive.pcap", pair)
    assert [names for segment, names in found if segment.note == "keep-alive"] == [
        {"keep_alive"},
        {"keep_alive"},
    ]
    # The first answer is the first segment of the server with a scaled window.
    assert found[-1][1] == {"keep_alive_ack"}


def test_copies_are_known_by_d_sack(tmp_path: Path) -> None:
    """RFC 2883: tshark tells the first block of such an ACK apart."""
    pair = Pair(judge=lambda number, sender, segment: [0, 5 * MS] if number == 4 else [0])
    transfer(pair, UP, b"")
    rows = tshark(tmp_path / "copies.pcap", captured(pair), "tcp.options.sack.dsack")
    assert sum(bool(row[0]) for row in rows) == 1
