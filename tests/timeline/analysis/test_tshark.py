"""The marks of columns against tshark, frame by frame."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from wirestep.capture import load, open_capture
from wirestep.timeline.analysis import MARK_FIELDS, TcpAnalysis

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed"),
]
FOLDER = Path(__file__).parents[3] / "captures"
FILES = [*sorted(FOLDER.glob("tcp-*.pcap*")), FOLDER / "page-load.pcapng"]
FILES += sorted(Path(os.environ.get("WIRESTEP_CORPUS", "/nonexistent")).glob("*.pcap*"))
SHIFTED = ("pcapng-complex", "pcapng-multi")
"""tshark numbers custom blocks as frames in these."""
NAMES = sorted(MARK_FIELDS.values())
NUMBERS = ["tcp.analysis.duplicate_ack_num", "tcp.analysis.duplicate_ack_frame"]
TIMES = ["tcp.analysis.ack_rtt"]
FIELDS = ["frame.number", *NAMES, *NUMBERS, *TIMES]


def theirs(path: Path) -> list[list[str]]:
    """The fields of every frame, as tshark writes them."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "occurrence=f"]
    for name in FIELDS:
        command += ["-e", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip("tshark cannot read it")
    return [line.split("\t") for line in done.stdout.splitlines()]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_marks_are_tsharks(path: Path) -> None:
    """Every mark, every count of duplicates, every round trip."""
    if path.stem in SHIFTED:
        pytest.skip("frames are numbered differently")
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    analysis = TcpAnalysis()
    analysis.extend(capture.columns, lambda row: capture[row].data)
    view = analysis.view()
    assert view is not None
    by_field = {field: mark for mark, field in MARK_FIELDS.items()}
    for cells in theirs(path):
        row = int(cells[0]) - 1
        if capture.columns.nested[row]:
            continue
        said = dict(zip(FIELDS[1:], cells[1:], strict=False))
        names = {name for name in NAMES if said.get(name)}
        mine = {name for name in NAMES if view.marks[row] & int(by_field[name])}
        assert mine == names, f"frame {row + 1}"
        found = view.duplicate_acks.of(row)
        numbers = [said.get(name, "") for name in NUMBERS]
        assert ([str(found[0]), str(found[1] + 1)] if found else ["", ""]) == numbers
        trip = said.get(TIMES[0])
        if trip:
            assert float(view.ack_rtt[row]) == pytest.approx(float(trip), rel=1e-6, abs=1e-9)
        else:
            assert not view.ack_rtt[row] > 0, f"frame {row + 1}"
