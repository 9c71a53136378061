"""TCP against tshark on made-up trouble, against scapy on options, and against the RFCs."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from frames import ACK, FIN, MS, PSH, RST, SYN, TcpWire, numbered, tcp, tshark_fields

from wirestep.decode.engine import Engine
from wirestep.model import Message, Record, Side
from wirestep.protocols import REGISTRY

C, S = Side.CLIENT, Side.SERVER
URG, ECE, CWR, AE = 32, 64, 128, 256

_NAMES = """
srcport dstport stream completeness len seq seq_raw nxtseq ack ack_raw hdr_len flags
flags.res flags.ae flags.cwr flags.ece flags.urg flags.ack flags.push flags.reset
flags.syn flags.fin flags.str window_size_value window_size window_size_scalefactor
checksum urgent_pointer option_kind option_len options options.mss_val
options.wscale.shift options.wscale.multiplier options.sack_le options.sack_re
options.sack.dsack_le options.timestamp.tsval options.timestamp.tsecr options.md5.digest
options.user_to_val options.tfo.cookie time_relative time_delta
analysis.acks_frame analysis.ack_rtt analysis.initial_rtt analysis.bytes_in_flight
analysis.push_bytes_sent analysis.flags analysis.reused_ports analysis.retransmission
analysis.fast_retransmission analysis.spurious_retransmission analysis.out_of_order
analysis.lost_segment analysis.ack_lost_segment analysis.window_update
analysis.window_full analysis.keep_alive analysis.keep_alive_ack analysis.duplicate_ack
analysis.duplicate_ack_num analysis.duplicate_ack_frame analysis.zero_window_probe
analysis.zero_window analysis.zero_window_probe_ack connection.syn connection.synack
connection.fin connection.rst connection.fin_active connection.fin_passive
checksum.status payload
"""
NAMES = tuple(f"tcp.{name}" for name in _NAMES.split())
SCALE = b"\x02\x04\x05\xb4\x01\x03\x03"


def segments(records: list[Record], wanted: frozenset[str] = frozenset(NAMES)) -> list[Message]:
    engine = Engine(REGISTRY)
    messages = [message for record in records for message in engine.feed(record, wanted=wanted)]
    return [message for message in messages if message.protocol == "tcp"]


def normal(name: str, values: list[str]) -> list[str]:
    kind = REGISTRY.info(name).kind
    if kind == "bool":
        return [{"True": "1", "False": "0"}.get(value, value) for value in values]
    return [value.replace(":", "") for value in values] if kind == "bytes" else values


def told(message: Message) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in NAMES}
    for name, value, _ in message.values:
        found[name].append(REGISTRY.info(name).plain(value))
    return {name: normal(name, values) for name, values in found.items()}


def agrees(records: list[Record], folder: Path, *options: str) -> None:
    """Every field of every segment is what tshark says."""
    theirs = tshark_fields(records, NAMES, folder, *options)
    ours = segments(records)
    assert len(ours) == len(theirs)
    for number, (mine, row) in enumerate(zip(ours, theirs, strict=True), 1):
        expected = {name: normal(name, values) for name, values in row.items()}
        mine_told = told(mine)
        differ = {n: (mine_told[n], expected[n]) for n in NAMES if mine_told[n] != expected[n]}
        assert not differ, f"frame {number}: ours, theirs"


CHECKED = ("-o", "tcp.check_checksum:TRUE")


def handshake(wire: TcpWire, shifts: tuple[int | None, int | None] = (7, 9)) -> None:
    offers = [SCALE + bytes((shift,)) if shift is not None else b"" for shift in shifts]
    wire.put(C, flags=SYN, options=offers[0])
    wire.put(S, flags=SYN | ACK, options=offers[1], after=20 * MS)
    wire.put(C, after=2 * MS)


def edges(left: int, size: int) -> bytes:
    """A SACK block."""
    return struct.pack("!II", left % 2**32, (left + size) % 2**32)


def loss(wire: TcpWire) -> None:
    """A segment is lost, asked for three times, sent again at once."""
    handshake(wire)
    for size in (100, 200, 300, 400, 500):
        wire.put(S, bytes(size), ACK | PSH)
    wire.put(C, acked=101)
    for size in (300, 600, 1000):
        blocks = b"\x05\x0a" + edges(wire.bases[S] + 301, size)
        wire.put(C, acked=101, options=b"\x01\x01" + blocks)
    wire.put(S, bytes(200), ACK, at=101)
    wire.put(C)
    wire.put(S, bytes(500), ACK, at=1001, after=300 * MS)
    wire.put(S, bytes(700), ACK)
    wire.put(S, bytes(700), ACK, at=1501, after=400 * MS)


def order(wire: TcpWire) -> None:
    """Segments overtake each other, and one was never captured."""
    handshake(wire)
    wire.put(C, bytes(50), at=51)
    wire.put(C, bytes(50), at=1)
    wire.put(S)
    wire.put(C, bytes(80), at=400)
    wire.put(S, acked=480)
    wire.put(S, acked=900)
    wire.put(S, acked=900)


def windows(wire: TcpWire) -> None:
    """A window fills, closes, is probed, opens."""
    handshake(wire, (0, 0))
    wire.put(C, window=300)
    wire.put(S, bytes(300))
    wire.put(C, window=0)
    wire.put(S, b"x", after=200 * MS)
    wire.put(C, window=0, acked=301)
    wire.put(S, b"x", at=301, after=200 * MS)
    wire.put(C, window=800, acked=301)
    wire.put(C, window=900, acked=301)
    wire.put(S, bytes(10), at=301)


def idle(wire: TcpWire) -> None:
    """Keep-alives and their answers; a close from both sides."""
    handshake(wire, (5, None))
    wire.put(C, b"some")
    wire.put(S)
    wire.put(C, b"\0", at=4, after=45_000 * MS)
    wire.put(S)
    wire.put(C, at=4, after=45_000 * MS)
    wire.put(S)
    wire.close()
    wire.put(C, flags=FIN | ACK, at=5)


def reuse(wire: TcpWire) -> None:
    """The same ports again: after a reset, and once with the SYN repeated."""
    handshake(wire)
    wire.put(C, flags=RST | ACK)
    wire.bases = (0x90000000, 77)
    wire.sent = [0, 0]
    handshake(wire)
    wire.put(C, b"hello", ACK | PSH)
    wire.close()
    wire.sent = [0, 0]
    wire.put(C, flags=SYN)
    wire.put(C, flags=SYN, at=0, after=1000 * MS)
    wire.put(S, flags=SYN | ACK)


def middle(wire: TcpWire) -> None:
    """Nothing of the start was captured."""
    wire.put(S, b"from the middle", ACK | PSH)
    wire.put(C, b"and back", ACK)
    wire.put(S)
    wire.put(S, flags=RST)


def offers(wire: TcpWire) -> None:
    """Every option of the common ones."""
    cookie = b"\x22\x0a" + bytes(range(0x81, 0x89))
    wire.put(C, b"early", SYN, options=b"\x02\x04\x05\x78\x04\x02\x03\x03\x0d" + cookie)
    wire.put(
        S, flags=SYN | ACK, options=b"\x02\x04\x04\xd2\x08\x0a\x81\x02\x03\x04\x95\x06\x07\x08"
    )
    wire.put(C, options=b"\x1c\x04\x93\x21\x01\x00")
    wire.put(C, b"\x01", options=b"\x13\x12" + bytes(range(0xC0, 0xD0)) + b"\x01\x01")
    wire.put(C, b"\x02", ACK | URG | PSH | ECE | CWR | AE, options=b"\x54\x05\xaa\xbb\xcc")


@pytest.mark.tshark
@pytest.mark.parametrize("happens", [loss, order, windows, idle, reuse, middle, offers])
@pytest.mark.parametrize("bases", [(1000, 9000), (2**32 - 120, 2**32 - 330)])
def test_agrees_with_tshark(
    happens: Callable[[TcpWire], None], bases: tuple[int, int], tmp_path: Path
) -> None:
    wire = TcpWire(8443, bases=bases)
    happens(wire)
    agrees(wire.records, tmp_path, *CHECKED)


@pytest.mark.tshark
def test_agrees_with_tshark_on_random_trouble(tmp_path: Path) -> None:
    """Sixty conversations of segments at random places, each field of each compared.

    None acknowledges what nobody sent: tshark 4.0 then takes its count of repeated
    acknowledgments, -1, for a large one (see docs/tshark.md).
    """
    rng = random.Random(9293)
    records: list[Record] = []
    for number in range(60):
        wire = TcpWire(443, 30000 + number, (rng.randrange(2**32), rng.randrange(2**32)))
        if records:
            wire.records.append(records[-1])
        if rng.random() < 0.8:
            handshake(wire, (rng.choice((None, 0, 3, 14)), rng.choice((None, 1, 8))))
        for _ in range(rng.randrange(5, 25)):
            side = rng.choice((C, S))
            back = rng.choice((0, 0, 0, 0, 1, 40, 41, 90, -60))
            ack_back = rng.choice((0, 0, 0, 30))
            wire.put(
                side,
                bytes(rng.choice((0, 0, 1, 40, 50))),
                rng.choice((ACK, ACK, ACK, ACK | PSH, ACK | PSH, FIN | ACK)),
                at=wire.sent[side] - back,
                acked=wire.sent[side.other] - ack_back,
                window=rng.choice((0, 500, 500, 501, 40)),
                after=rng.choice((1000, MS, 15 * MS, 100 * MS)),
            )
        records = [*records, *wire.records[1 if records else 0 :]]
    agrees(numbered(records), tmp_path, *CHECKED)


def test_summary_is_the_info_column(tmp_path: Path) -> None:
    wire = TcpWire(8443)
    loss(wire)
    theirs = tshark_fields(wire.records, ["_ws.col.Info"], tmp_path)
    for row, message in zip(theirs, segments(wire.records), strict=True):
        assert row["_ws.col.Info"][0].partition(" [TCP segment")[0] == message.summary


def test_offsets_run_on_where_numbers_wrap() -> None:
    """Five gigabytes of sequence space: each message still reads whole and in order."""
    base = 2**32 - 5
    engine = Engine(REGISTRY)
    talk = []
    for place in range(0, 5 * 2**30, 2**28):
        frame = tcp("192.0.2.1", 40000, "192.0.2.2", 47001, seq=base + place, data=b"abcd")
        talk += engine.feed(Record(len(talk), 5, frame, len(frame)), wanted=frozenset({"tcp.seq"}))
    values = [value for message in talk for name, value, _ in message.values]
    assert values == [(1 + place) % 2**32 for place in range(0, 5 * 2**30, 2**28)]


def test_checksum_left_to_the_card() -> None:
    """A sender that captures its own segments sees only the sum of the pseudo header."""
    frame = bytearray(tcp("192.0.2.1", 40000, "192.0.2.2", 80, seq=7, data=b"odd"))
    whole = sum(struct.unpack("!4H", bytes(frame[26:34]))) + 6 + len(frame) - 34
    frame[50:52] = struct.pack("!H", (whole & 0xFFFF) + (whole >> 16))
    names = frozenset({"tcp.checksum.status"})
    found = segments([Record(0, 1, bytes(frame), len(frame))], names)[0].values
    assert found == (("tcp.checksum.status", 2, "Offloaded: left to the network card"),)
    frame[51] ^= 0x40
    found = segments([Record(0, 1, bytes(frame), len(frame))], names)[0].values
    assert found == (("tcp.checksum.status", 0, ""),)


def test_snapped_segments_keep_their_length() -> None:
    wire = TcpWire(47001)
    wire.open()
    cut = wire.put(C, bytes(1000))
    wire.records[-1] = Record(cut.number, cut.time, cut.data[:100], cut.length)
    wire.put(S)
    last = segments(wire.records)
    assert told(last[-2])["tcp.len"] == ["1000"]
    assert told(last[-2])["tcp.checksum.status"] == ["2"]
    assert told(last[-1])["tcp.analysis.acks_frame"] == ["4"]


def test_who_is_the_server() -> None:
    """Told by the SYN, by the SYN+ACK, or by the port."""
    ends = ("192.0.2.1", 443, "192.0.2.2", 50000)
    for flags, side in ((SYN, C), (SYN | ACK, S), (ACK, S)):
        frame = tcp(*ends, seq=5, flags=flags)
        assert segments([Record(0, 1, frame, len(frame))])[0].side is side


def test_options_as_scapy_reads_them() -> None:
    inet = pytest.importorskip("scapy.layers.inet")
    wire = TcpWire(80)
    offers(wire)
    for record, message in zip(wire.records, segments(wire.records), strict=True):
        kinds = {"MSS": 2, "NOP": 1, "WScale": 3, "SAckOK": 4, "Timestamp": 8, "TFO": 34}
        theirs = inet.TCP(record.data[34:]).options
        known = [kinds[name] for name, _ in theirs if name in kinds and name != "NOP"]
        ours = [value for name, value, _ in message.values if name == "tcp.option_kind"]
        assert [kind for kind in ours if kind in known] == known
        values = dict(theirs)
        mine = {name: value for name, value, _ in message.values}
        if "Timestamp" in values:
            times = (mine["tcp.options.timestamp.tsval"], mine["tcp.options.timestamp.tsecr"])
            assert times == values["Timestamp"]
        if "MSS" in values:
            assert mine["tcp.options.mss_val"] == values["MSS"]
