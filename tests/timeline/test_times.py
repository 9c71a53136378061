"""Times are written as tshark's -t writes them."""

import pytest

from wirestep.timeline.times import decimals, milliseconds, moment, seconds, written

MOMENT = 1_700_000_000_123_456_789


@pytest.mark.parametrize(
    ("ns", "digits", "text"),
    [
        (0, 6, "0.000000"),
        (1_234_567_899, 6, "1.234567"),
        (1_234_567_899, 9, "1.234567899"),
        (-1_500_000_000, 3, "-1.500"),
        (61_000_000_000, 0, "61"),
    ],
)
def test_seconds_are_cut_not_rounded(ns: int, digits: int, text: str) -> None:
    assert seconds(ns, digits) == text


def test_milliseconds_keep_thousands_apart() -> None:
    assert milliseconds(1_125_042_000) == "1 125.042"
    assert milliseconds(-7_000) == "-0.007"
    assert milliseconds(1_999_999, 0) == "1"


def test_a_moment_in_utc() -> None:
    assert moment(MOMENT, utc=True) == "22:13:20.123456"
    assert moment(MOMENT, utc=True, date=True, digits=9) == "2023-11-14 22:13:20.123456789"


def test_a_moment_that_no_calendar_has() -> None:
    assert moment(2**63 * 1000, utc=True) == "out of range"


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("r", "3.000000"),
        ("d", "1.000000"),
        ("e", "1700000003.000000"),
        ("u", "22:13:23.000000"),
        ("ud", "2023-11-14 22:13:23.000000"),
        ("ref", "-2.000000"),
    ],
)
def test_modes(mode: str, text: str) -> None:
    base = 1_700_000_000_000_000_000
    second = 1_000_000_000
    ns = base + 3 * second
    said = written(mode, ns, first=base, previous=base + 2 * second, reference=base + 5 * second)
    assert said == text


def test_an_unknown_mode_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no time format 'q'"):
        written("q", 0, first=0, previous=0)


@pytest.mark.parametrize(
    ("resolution", "digits"),
    [(1, 0), (10, 1), (1000, 3), (1 << 10, 6), (10**6, 6), (10**7, 9), (10**9, 9), (1 << 60, 9)],
)
def test_a_clock_is_written_as_finely_as_it_ticks(resolution: int, digits: int) -> None:
    assert decimals(resolution) == digits
    assert len(written("r", 1_123_456_789, first=0, previous=0, digits=digits)) == (
        2 + digits if digits else 1
    )
