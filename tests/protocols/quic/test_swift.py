"""Packets of which nobody wants fields carry the same as those that are read with all of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from byte_coverage import FOLDER

from wirestep.capture import load, open_capture
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message
from wirestep.protocols import REGISTRY
from wirestep.protocols.quic import swift
from wirestep.protocols.quic.frames import Bytes

CORPUS = Path(os.environ.get("WIRESTEP_CORPUS", "/nonexistent"))
FILES = [
    *(FOLDER / f"{name}.pcapng" for name in ("quic-http3", "quic-0rtt")),
    *(path for path in sorted(CORPUS.glob("quic*.pcap*"))),
]
CARRIED = frozenset({"http3.frame_type", "http3.headers.path", "http3.data"})


def read(path: Path, *more: str) -> list[Message]:
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    secrets = Secrets(capture.secrets)
    keys = path.with_suffix(".keys")
    if keys.is_file():
        secrets.add(keys.read_bytes())
    engine = Engine(REGISTRY, secrets)
    return [
        message._replace(values=tuple(v for v in message.values if v[0] in CARRIED))
        for record in capture.records(range(capture.count))
        for message in engine.feed(record, wanted=CARRIED | {*more})
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_both_ways_tell_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    real = swift.read

    def counted(*arguments: object) -> swift.Packet | None:
        found = real(*arguments)  # type: ignore[arg-type]
        taken.append(found is not None)
        return found

    monkeypatch.setattr(swift, "read", counted)
    swiftly = read(path)
    asked = len(taken)
    assert swiftly == read(path, "quic.packet_number")
    assert len(taken) == asked
    if path.name == "quic-http3.pcapng":
        assert sum(taken) > 0.8 * len(taken)


def frames(plain: str) -> tuple[bool, list[str], list[Bytes]]:
    names: list[str] = []
    pieces: list[Bytes] = []
    try:
        known = swift._frames(bytes.fromhex(plain), names, pieces)
    except IndexError:
        known = False
    return known, names, pieces


def test_frames_in_short() -> None:
    """(RFC 9000 sections 19.1 to 19.8, and 16)"""
    assert frames("01 0000 01") == (True, ["PING", "PING"], [])
    assert frames("0a 04 03 616263") == (True, ["STREAM(4)"], [Bytes(4, 0, 3, 6)])
    assert frames("0f 4004 4100 02 6162 01")[2] == [Bytes(4, 256, 6, 8, True)]
    assert frames("08 04 616263")[2] == [Bytes(4, 0, 2, 5)]
    assert frames("02 4400 00 01 02 03 04") == (True, ["ACK"], [])
    assert frames("03 05 00 00 05 01 02 03") == (True, ["ACK_ECN"], [])
    assert frames("11 04 8000ffff 10 0a")[1] == ["MAX_STREAM_DATA(4)", "MAX_DATA"]


@pytest.mark.parametrize(
    "plain",
    ["", "06 00 01 aa", "0a 04 04 616263", "02 05 00 02 01 00", "10", "10 80ff", "4001", "1c 00"],
)
def test_other_frames_are_left_alone(plain: str) -> None:
    assert not frames(plain)[0]


def test_streams_that_have_ended_are_left_alone() -> None:
    """(RFC 9000 section 4.5)"""
    sizes = {4: (10, 10), 8: (10, -1)}
    before = dict(sizes)
    for piece in (Bytes(4, 8, 0, 3), Bytes(4, 5, 0, 3, True), Bytes(8, 5, 0, 3, True)):
        assert not swift._grow(sizes, [Bytes(12, 0, 0, 9), piece])
        assert sizes == before
    assert swift._grow(sizes, [Bytes(4, 5, 0, 5), Bytes(8, 8, 0, 4, True), Bytes(12, 0, 0, 9)])
    assert sizes == {4: (10, 10), 8: (12, 12), 12: (9, -1)}
