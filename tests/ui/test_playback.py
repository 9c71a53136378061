"""How many packets fall due while a capture is played."""

from __future__ import annotations

import pytest

from wirestep.ui.playback import GAPS, MOST, SPEEDS, Playback

MS = 1_000_000
TIMES = [0, 10 * MS, 30 * MS, 30 * MS, 20 * MS, 5000 * MS]


def ahead(place: int, times: list[int]) -> object:
    """The time of the n-th packet after `place`."""
    return lambda n: times[place + n] if place + n < len(times) else None


@pytest.mark.parametrize(
    ("passed", "steps"),
    [(9 * MS, 0), (10 * MS, 1), (29 * MS, 1), (30 * MS, 4), (2029 * MS, 4), (2030 * MS, 5)],
)
def test_packets_fall_due_as_time_passes(passed: int, steps: int) -> None:
    play = Playback()
    play.start()
    assert play.due(passed, 0, ahead(0, TIMES)) == steps  # type: ignore[arg-type]


def test_time_that_is_left_over_is_not_lost() -> None:
    play = Playback()
    play.start()
    place = 0
    for _ in range(30):
        place += play.due(MS, TIMES[place], ahead(place, TIMES))  # type: ignore[arg-type]
    assert place == 4


def test_speed_divides_the_waits() -> None:
    play = Playback()
    play.faster(len(SPEEDS))
    assert play.text() == "100×"
    play.start()
    assert play.due(MS // 10, 0, ahead(0, TIMES)) == 1  # type: ignore[arg-type]
    play.faster(-len(SPEEDS))
    assert play.text() == "0.1×"
    play.start()
    assert play.due(99 * MS, 0, ahead(0, TIMES)) == 0  # type: ignore[arg-type]
    assert play.due(1 * MS, 0, ahead(0, TIMES)) == 1  # type: ignore[arg-type]


def test_waits_can_be_as_long_as_they_were() -> None:
    play = Playback()
    while play.gap != GAPS[0]:
        play.next_gap()
    play.start()
    assert play.due(4000 * MS, 20 * MS, ahead(4, TIMES)) == 0  # type: ignore[arg-type]
    assert play.due(980 * MS, 20 * MS, ahead(4, TIMES)) == 1  # type: ignore[arg-type]


def test_one_tick_is_bounded() -> None:
    play = Playback()
    play.start()
    assert play.due(1.0, 0, lambda n: 0) == MOST
