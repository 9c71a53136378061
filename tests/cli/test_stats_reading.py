"""The analysis beside the index: the same as afterwards, and its errors are told."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from wirestep.capture import load, open_capture, windows
from wirestep.cli import stats_reading
from wirestep.cli.stats_reading import Waiting, read
from wirestep.timeline.analysis import TcpAnalysis

LOSS = str(Path(__file__).parents[2] / "captures" / "tcp-loss.pcapng")


@pytest.mark.parametrize("size", [1, 7, 50, 1 << 16])
def test_beside_the_index_as_afterwards(size: int) -> None:
    capture = open_capture(LOSS)
    for _ in load(capture):
        pass
    analysis = TcpAnalysis()
    analysis.extend(capture.columns, lambda row: capture[row].data)
    view = analysis.view()
    assert view is not None
    with (
        patch.object(stats_reading, "SLICE", size),
        patch.object(windows, "FIRST", 999),
        patch.object(windows, "WINDOW", 999),
    ):
        found = read(LOSS, Waiting()).view
    assert found.done == capture.count > 0
    assert np.array_equal(found.marks, view.marks)
    assert np.array_equal(found.ack_rtt, view.ack_rtt, equal_nan=True)
    assert np.array_equal(found.duplicate_acks.rows, view.duplicate_acks.rows)


def test_errors_of_the_analysis_are_raised() -> None:
    with (
        patch.object(TcpAnalysis, "extend", side_effect=RuntimeError("no")),
        pytest.raises(RuntimeError, match="no"),
    ):
        read(LOSS, Waiting())


def test_errors_of_the_index_do_not_wait_for_the_analysis() -> None:
    with (
        patch.object(stats_reading, "load", side_effect=RuntimeError("no")),
        pytest.raises(RuntimeError, match="no"),
    ):
        read(LOSS, Waiting())
