"""Damaged captures do the program no harm; and the judge of that sees harm where there is some."""

from __future__ import annotations

import os
from pathlib import Path

import damage
import endurance
import pytest

from wirestep.decode.cursor import Cursor
from wirestep.protocols.stack import udp

FOLDER = Path(__file__).resolve().parent.parent / "captures"
PARTS, EACH = 6, 25
GUARD = 120.0
"""Seconds for one file of some dozen packets, before it counts as a hang: no measure of speed."""


def sound() -> list[bytes]:
    return [path.read_bytes() for path in sorted(FOLDER.glob("*.pcapng"))]


@pytest.mark.parametrize("part", range(PARTS))
def test_damaged_captures_do_no_harm(part: int, tmp_path: Path) -> None:
    files = []
    ways = {}
    for made in damage.damaged(sound(), EACH, f"part {part}"):
        path = tmp_path / made.name
        path.write_bytes(made.data)
        files.append(str(path))
        ways[str(path)] = made.ways
    found = list(endurance.outcomes(files, seconds=GUARD))
    assert [outcome.file for outcome in found] == files
    bad = {outcome.file: (ways[outcome.file], outcome.faults) for outcome in found}
    assert {file: fault for file, fault in bad.items() if fault[1]} == {}
    assert sum(outcome.packets for outcome in found) > EACH


def test_the_same_seed_damages_the_same_way() -> None:
    one = list(damage.damaged(sound(), 40, "seed"))
    assert one == list(damage.damaged(sound(), 40, "seed"))
    assert one != list(damage.damaged(sound(), 40, "another seed"))
    used = {way for made in damage.damaged(sound(), 400, "all ways") for way in made.ways}
    assert used == {way.__name__ for way in (*damage.IN_PACKETS, *damage.IN_FILES)}


def test_what_is_written_anew_is_read_the_same() -> None:
    packets, secrets = damage.read((FOLDER / "tls13-full.pcapng").read_bytes())
    assert packets
    assert secrets
    whole = [damage.replace(p, time=p.time // 1000 * 1000) for p in packets]
    for seed in range(8):
        draw = damage.Draw(seed)
        assert damage.read(damage.as_pcapng(packets, draw, secrets))[0] == whole
        assert damage.read(damage.as_pcap(whole, draw))[0] == whole


@pytest.mark.parametrize("name", ["dns-records.pcapng"])
def test_a_failing_decoder_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(FOLDER / name)
    assert endurance.endure(path, deep=False)[1] == []

    def fail(self: object, cursor: Cursor, where: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(udp.UdpDecoder, "decode", fail)
    packets, faults = endurance.endure(path, deep=False)
    assert packets > 0
    assert any(fault.startswith("row ") and "on purpose" in fault for fault in faults)
    assert any(fault.startswith("frame ") and "on purpose" in fault for fault in faults)


def test_raw_text_is_seen() -> None:
    faults: list[str] = []
    endurance._clean("here", "sound text → ●\n", faults)
    assert faults == []
    endurance._clean("here", "a\x1b[2Jb", faults)
    assert faults == ["here: raw ['\\x1b']"]


def test_a_hang_and_a_crash_are_seen(tmp_path: Path) -> None:
    stuck, sane = tmp_path / "nobody writes to it", FOLDER / "ntp-clock.pcapng"
    os.mkfifo(stuck)
    hung, good = endurance.outcomes([str(stuck), str(sane)], seconds=3)
    assert "Timeout" in hung.faults[0]
    assert "open" in hung.faults[0]
    assert good.faults == ()
    assert good.packets > 0
