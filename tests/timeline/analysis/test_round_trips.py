"""Initial RTT and ACK RTT are tshark's, on the bundled captures and on WIRESTEP_CORPUS.

tshark writes a packet's initial RTT on every packet of its conversation once it is known, ours is
kept by conversation. Where one of both has no number there is nothing to compare: tshark keeps no
state of packets that it saw out of order, ours goes by rows; those are counted and must be few.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from wirestep.capture import load, open_capture

from .test_analysis import analysed
from .test_tshark import FILES

TSHARK = shutil.which("tshark")
pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(TSHARK is None, reason="tshark is not installed"),
]
FIELDS = ("tcp.analysis.initial_rtt", "tcp.analysis.ack_rtt")
NEARLY = 2e-6
"""Seconds: tshark rounds to the capture's unit, the columns hold float32."""


def theirs(path: Path) -> dict[int, tuple[str, str]]:
    """By row: what tshark says, as it writes it."""
    assert TSHARK
    wanted = [part for name in FIELDS for part in ("-e", name)]
    command = [TSHARK, "-r", str(path), "-T", "fields", "-e", "frame.number", *wanted]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows = [line.split("\t") for line in said.splitlines()]
    return {int(row[0]) - 1: (row[1], row[2]) for row in rows if len(row) == 3}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_round_trips_are_tsharks(path: Path) -> None:
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    columns = capture.columns
    if not (columns.transport[: len(columns)] == 6).any():
        capture.close()
        pytest.skip("no TCP")
    view, rows = analysed(capture), theirs(path)
    if len(rows) != len(columns):
        capture.close()
        pytest.skip("tshark does not read it packet by packet")
    alone = both = 0
    for row, (initial, ack) in rows.items():
        flow = int(columns.flow[row]) >> 1
        ours = float(view.ack_rtt[row])
        if ack and not np.isnan(ours):
            both += 1
            assert ours == pytest.approx(float(ack), abs=NEARLY, rel=1e-6), row
        elif ack or not np.isnan(ours):
            alone += 1
        if initial and flow >= 0 and view.initial_rtt[flow] >= 0:
            assert view.initial_rtt[flow] / 1e9 == pytest.approx(float(initial), abs=NEARLY), row
    capture.close()
    assert alone <= both // 50
