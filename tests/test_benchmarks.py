"""The captures that the benchmarks read are what they are said to be; nothing here is timed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wirestep.capture import load, open_capture

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
COUNT = 3000
CAPTURES = (("mixed", "pcapng"), ("small", "pcap"), ("bulk", "pcap"))
SUMS = ("ip", "tcp", "udp", "icmp", "icmpv6")
BAD = "0"
"""What tshark calls a sum that is not right."""
CHECKED = [word for name in SUMS[:3] for word in ("-o", f"{name}.check_checksum:TRUE")]
MARKS = ("retransmission", "out_of_order", "lost_segment", "duplicate_ack")

needs_tshark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]


def made(path: Path, kind: str, form: str) -> str:
    """A capture of COUNT packets."""
    words = [kind, str(path), "--packets", str(COUNT), "--form", form]
    subprocess.run([sys.executable, BENCHMARKS / "traffic.py", *words], check=True)
    return str(path)


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One of each kind."""
    folder = tmp_path_factory.mktemp("captures")
    return {kind: made(folder / f"{kind}.{form}", kind, form) for kind, form in CAPTURES}


def tshark(path: str, *names: str) -> list[list[str]]:
    """The values of these fields in every packet."""
    fields = [word for name in names for word in ("-e", name)]
    argv = ["tshark", "-n", "-r", path, *CHECKED, "-T", "fields", *fields]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    return [(line.split("\t") + [""] * len(names))[: len(names)] for line in lines]


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=needs_tshark) for kind, _ in CAPTURES])
def test_captures_are_sound(captures: dict[str, str], kind: str) -> None:
    sums = [f"{name}.checksum.status" for name in SUMS]
    lines = tshark(captures[kind], "frame.time_epoch", "frame.len", "frame.cap_len", *sums)
    assert len(lines) == COUNT
    assert not [values for values in lines if BAD in values[3:]]
    capture = open_capture(captures[kind])
    for _ in load(capture):
        pass
    columns = capture.columns
    times = [f"{time // 10**9}.{time % 10**9:09}" for time in columns.time.tolist()]
    sizes = [map(str, column.tolist()) for column in (columns.length, columns.caplen)]
    assert [tuple(line[:3]) for line in lines] == list(zip(times, *sizes, strict=True))


@pytest.mark.parametrize("kind", [pytest.param("bulk", marks=needs_tshark)])
def test_a_bulk_conversation_has_losses_and_answers_to_them(
    captures: dict[str, str], kind: str
) -> None:
    lines = tshark(captures[kind], *(f"tcp.analysis.{name}" for name in MARKS))
    seen = [sum(bool(value) for value in column) for column in zip(*lines, strict=True)]
    assert all(seen), dict(zip(MARKS, seen, strict=True))
    assert seen[3] > 5 * seen[2]  # each lost segment is told of again and again


def test_the_same_seed_gives_the_same_bytes(captures: dict[str, str], tmp_path: Path) -> None:
    again = made(tmp_path / "small.pcap", "small", "pcap")
    assert Path(again).read_bytes() == Path(captures["small"]).read_bytes()


def test_what_is_not_there_cannot_be_measured() -> None:
    done = subprocess.run(
        [sys.executable, BENCHMARKS / "run.py", "nothing"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "there is no 'nothing'" in done.stderr
