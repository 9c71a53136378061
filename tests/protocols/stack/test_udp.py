"""UDP against tshark, and where lengths and checksums lie."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from frames import MS, START, checksum, ip, numbered, pseudo, tshark_fields, udp

from wirestep.decode.engine import Engine
from wirestep.model import Message, Record
from wirestep.protocols import REGISTRY

NAMES = (
    "udp.srcport",
    "udp.dstport",
    "udp.length",
    "udp.checksum",
    "udp.checksum.status",
    "udp.stream",
    "udp.time_relative",
    "udp.time_delta",
    "udp.payload",
)
ENDS = ("192.0.2.17", 40021, "198.51.100.201", 47001)
SIX = ("2001:db8:1:2::9abc", 40021, "2001:db8:ffff::1", 47001)


def recorded(frames: list[bytes]) -> list[Record]:
    return [Record(n, START + n * n * MS, frame, len(frame)) for n, frame in enumerate(frames)]


def datagrams(records: list[Record]) -> list[Message]:
    engine = Engine(REGISTRY)
    wanted = frozenset(NAMES)
    found = [message for record in records for message in engine.feed(record, wanted=wanted)]
    return [message for message in found if message.protocol == "udp"]


def told(message: Message) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in NAMES}
    for name, value, _ in message.values:
        found[name].append(REGISTRY.info(name).plain(value))
    return found


def raw(length: int, check: int, data: bytes) -> bytes:
    """A datagram that says what it is told to say."""
    return ip(
        "192.0.2.17", "198.51.100.201", 17, struct.pack("!4H", 999, 47001, length, check) + data
    )


@pytest.mark.tshark
def test_agrees_with_tshark(tmp_path: Path) -> None:
    back = (*ENDS[2:], *ENDS[:2])
    frames = [
        udp(*ENDS, b"one"),
        udp(*SIX, b"six\x81"),
        udp(*back, b"two"),
        udp(ENDS[0], 53001, *ENDS[2:], b"other"),
        raw(11, 0, b"abc"),
        raw(11, 0x1234, b"abc"),
        udp(*back, b"three"),
    ]
    records = recorded(frames)
    theirs = tshark_fields(records, NAMES, tmp_path, "-o", "udp.check_checksum:TRUE")
    for row, message in zip(theirs, datagrams(records), strict=True):
        mine = told(message)
        assert {n: [v.replace(":", "") for v in row[n]] for n in NAMES} == mine


def test_an_empty_datagram_has_its_time() -> None:
    """tshark tells none, and leaves it out of the time between its neighbours."""
    found = datagrams(recorded([udp(*ENDS, b"a"), udp(*ENDS, b""), udp(*ENDS, b"c")]))
    assert [told(message)["udp.time_delta"] for message in found] == [
        ["0.000000000"],
        ["0.001000000"],
        ["0.003000000"],
    ]


def test_a_length_below_the_header_belongs_to_nobody() -> None:
    found = datagrams(recorded([raw(7, 0, b"abc"), udp(*ENDS, b"x")]))
    assert found[0].marks == ("broken",)
    assert told(found[0])["udp.stream"] == []
    assert told(found[1])["udp.stream"] == ["0"]


def test_a_length_of_zero_takes_all_there_is() -> None:
    """(RFC 2675 section 4)"""
    assert told(datagrams(recorded([raw(0, 0, b"jumbo")]))[0])["udp.payload"] == [b"jumbo".hex()]


def test_the_padding_of_the_packet_is_not_payload() -> None:
    assert told(datagrams(recorded([raw(10, 0, b"abPADDING")]))[0])["udp.payload"] == [b"ab".hex()]


def test_checksum_left_to_the_card() -> None:
    half = 0xFFFF - checksum(pseudo(ENDS[0], ENDS[2], 17, 11))
    found = datagrams(recorded([raw(11, half, b"abc")]))[0]
    shown = [text for name, _, text in found.values if name == "udp.checksum.status"]
    assert shown == ["Offloaded: left to the network card"]


def test_snapped_datagrams_are_not_verified() -> None:
    frame = udp(*ENDS, bytes(100))
    found = datagrams([Record(0, 1, frame[:70], len(frame))])[0]
    assert told(found)["udp.checksum.status"] == ["2"]
    assert told(found)["udp.length"] == ["108"]


def test_numbers_survive_a_copy() -> None:
    records = numbered(
        recorded([udp(*ENDS, b"a"), udp(ENDS[0], 5, *ENDS[2:], b"b"), udp(*ENDS, b"c")])
    )
    engine = Engine(REGISTRY)
    engine.feed(records[0])
    copy = engine.copy()
    engine.feed(records[1])
    wanted = frozenset({"udp.stream"})
    streams = [
        [value for m in copy.feed(record, wanted=wanted) for _, value, _ in m.values]
        for record in (records[2], records[1])
    ]
    assert streams == [[0], [1]]
