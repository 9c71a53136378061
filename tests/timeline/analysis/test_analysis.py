"""The analysis over columns against the decoder of single packets."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wirestep.capture import Capture, Columns, load, open_capture
from wirestep.timeline.analysis import MARK_FIELDS, MARK_SEVERITY, Mark, TcpAnalysis, TcpView

from .reference import told
from .scrambled import ACK, SYN, capture_of, scrambled, segment

FOLDER = Path(__file__).parents[3] / "captures"
FILES = sorted(FOLDER.glob("*.pcap*"))
FILES += sorted(Path(os.environ.get("WIRESTEP_CORPUS", "/nonexistent")).glob("*.pcap*"))


def analysed(capture: Capture, most: int | None = None) -> TcpView:
    """The view of all rows, judged `most` at a time."""
    analysis, columns = TcpAnalysis(), capture.columns
    while True:
        analysis.extend(columns, lambda row: capture[row].data, most)
        if analysis.done == len(columns):
            view = analysis.view()
            assert view is not None
            return view


def assert_agrees(capture: Capture, view: TcpView) -> None:
    columns = capture.columns
    rows, talks = told(columns, lambda row: capture[row].data)
    silent = np.ones(len(columns), bool)
    for row, one in rows.items():
        silent[row] = False
        assert Mark(int(view.marks[row])) == one.marks, row
        rtt = float(view.ack_rtt[row])
        assert (0 if np.isnan(rtt) else rtt) == pytest.approx(one.ack_rtt * 1e-9, rel=1e-6), row
        said = (one.dup_num, one.dup_row) if one.dup_num else None
        assert view.duplicate_acks.of(row) == said, row
    assert not view.marks[silent].any()
    assert np.isnan(view.ack_rtt[silent]).all()
    for number, talk in talks.items():
        assert view.initial_rtt[number] == (talk.round_trip or -1)
        assert view.completeness[number] == talk.completeness
        bases = [half.base for half in talk.halves]
        known = view.base_known[number]
        assert [
            int(b) if k else None for b, k in zip(view.base[number], known, strict=True)
        ] == bases


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_captures(path: Path) -> None:
    """Every mark, time and number is the decoder's, in one go and in small cuts."""
    capture = loaded(path)
    if not (capture.columns.transport == 6).any():
        pytest.skip("no TCP")
    assert_agrees(capture, analysed(capture))
    assert_agrees(capture, analysed(capture, 13))
    talks = told(capture.columns, lambda row: capture[row].data)[1]
    view = analysed(capture)
    for number, talk in talks.items():
        assert view.window_scale(number) == (talk.halves[0].scale, talk.halves[1].scale)


def loaded(path: Path) -> Capture:
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    return capture


@given(st.integers(0, 1 << 30), st.sampled_from((1, 3, 30)))
@settings(max_examples=12)
def test_scrambled_conversations(seed: int, talks: int) -> None:
    """Keep-alives, probes, gaps, repeats, late and unseen segments, wrapping numbers."""
    capture = scrambled(seed, talks, 300)
    assert_agrees(capture, analysed(capture))


@given(st.integers(0, 1 << 30), st.sampled_from((1, 4, 20)), st.integers(1, 60))
@settings(max_examples=12)
def test_cuts_change_nothing(seed: int, talks: int, most: int) -> None:
    """What is found does not depend on how the rows came."""
    capture = scrambled(seed, talks, 300)
    whole, cut = analysed(capture), analysed(capture, most)
    assert (whole.marks == cut.marks).all()
    assert np.array_equal(whole.ack_rtt, cut.ack_rtt, equal_nan=True)
    for name in ("rows", "number", "first"):
        one, other = getattr(whole.duplicate_acks, name), getattr(cut.duplicate_acks, name)
        assert np.array_equal(one, other), name
    assert np.array_equal(whole.initial_rtt, cut.initial_rtt)
    assert np.array_equal(whole.completeness, cut.completeness)


@given(st.integers(0, 1 << 30), st.integers(1, 100))
@settings(max_examples=10)
def test_jumps_out_of_all_bounds(seed: int, most: int) -> None:
    """Jumps of half the sequence space stay in their conversation and end in time."""
    capture = scrambled(seed, 3, 300, wild=1.0)
    assert analysed(capture, most).done == len(capture)


def test_an_acknowledgment_names_the_segment() -> None:
    """Of two segments that end at the same byte the older one is answered."""
    capture = capture_of(
        [
            (0, segment((9, 80), 100, 0, SYN, 500, 0, False)),
            (10_000_000, segment((80, 9), 900, 101, SYN | ACK, 500, 0, False)),
            (20_000_000, segment((9, 80), 101, 901, ACK, 500, 50, False)),
            (30_000_000, segment((9, 80), 151, 901, ACK, 500, 50, False)),
            (90_000_000, segment((9, 80), 101, 901, ACK, 500, 50, False)),
            (95_000_000, segment((80, 9), 901, 201, ACK, 500, 0, False)),
        ]
    )
    view = analysed(capture)
    rows, acked = view.acked(0)
    assert rows.tolist() == [1, 2, 5]
    assert acked.tolist() == [0, 1, 3]
    assert view.samples(0).rtt.tolist() == pytest.approx([0.01, 0.01, 0.065], rel=1e-6)
    flight = view.bytes_in_flight(0)
    assert flight.rows.tolist() == [2, 3, 4]
    assert flight.size.tolist() == [50, 100, 100]
    assert view.rows_with(Mark.RETRANSMISSION).tolist() == [4]
    assert view.initial_rtt.tolist()[0] == 20_000_000


def test_windows_are_scaled() -> None:
    """By the shift of the SYN, but not that of the SYN itself (RFC 7323 section 2.2)."""
    capture = capture_of(
        [
            (0, segment((9, 80), 100, 0, SYN, 500, 0, True)),
            (1, segment((80, 9), 900, 101, SYN | ACK, 600, 0, True)),
            (2, segment((9, 80), 101, 901, ACK, 700, 0, False)),
        ]
    )
    view = analysed(capture)
    assert view.window_scale(0) == (2, 2)
    assert view.windows(0).size.tolist() == [500, 600, 2800]
    assert view.windows(0).side.tolist() == [0, 1, 0]


def test_what_is_not_there() -> None:
    """No rows, and conversations nobody knows, are no errors."""
    capture = capture_of([])
    view = analysed(capture)
    assert view.done == 0
    assert view.window_scale(7) == (-1, -1)
    assert len(view.samples(7).rows) == len(view.acked(7)[0]) == len(view.windows(7).rows) == 0


def test_every_mark_has_a_name_and_a_severity() -> None:
    """The tables know every bit, and no two share one."""
    assert set(MARK_FIELDS) == set(MARK_SEVERITY) == set(Mark)
    assert len(set(MARK_FIELDS.values())) == len(Mark)


def test_views_stay_as_they_are() -> None:
    """A view that was given out does not change when more is judged."""
    capture = scrambled(3, 2, 200)
    columns: Columns = capture.columns
    analysis = TcpAnalysis()
    analysis.extend(columns, lambda row: capture[row].data, 100)
    early = analysis.view()
    assert early is not None
    marks = early.marks.copy()
    analysis.extend(columns, lambda row: capture[row].data)
    assert early.done == 100
    assert (early.marks == marks).all()
    with pytest.raises(ValueError, match="read-only"):
        early.marks[0] = 1
