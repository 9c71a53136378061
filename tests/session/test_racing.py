"""Races: what each stack costs over the same link, exactly, because the wire's time is virtual."""

from __future__ import annotations

import pytest

from wirestep.session.racing import MS, Race, RaceWish, Racing, parts

RTT = 280 * MS


def run(wish: RaceWish) -> Race:
    return Racing(wish).run(lambda race: None)


def test_each_lane_takes_the_round_trips_that_its_protocols_need() -> None:
    race = run(RaceWish())
    assert [lane.done for lane in race.lanes] == [4 * RTT, 3 * RTT, 2 * RTT, RTT]
    assert [lane.trips for lane in race.lanes] == [4, 3, 2, 1]
    assert [lane.number for lane in race.placed()] == [4, 3, 2, 1]
    assert race.over
    assert race.ends == 4 * RTT


def test_the_legs_of_a_lane_lead_from_the_start_to_the_answer_without_gaps() -> None:
    for lane in run(RaceWish()).lanes:
        ends = [leg.stop for leg in lane.legs]
        assert [leg.start for leg in lane.legs] == [0, *ends[:-1]]
        assert ends[-1] == lane.done
        assert sum(count for _, _, count, _ in lane.round_trips()) == lane.trips


def test_packets_cross_in_half_a_round_trip_and_those_after_the_answer_do_not_count() -> None:
    for lane in run(RaceWish()).lanes:
        assert all(flight.lands - flight.left == RTT // 2 for flight in lane.flights)
        assert all(flight.left < (lane.done or 0) for flight in lane.flights)
        assert lane.flights[0].out


def test_the_same_wish_is_the_same_race_and_another_seed_another() -> None:
    wish = RaceWish().changed("loss 10% path /bytes/20000 seed 3")
    first, again = run(wish), run(wish)
    assert [lane.flights for lane in first.lanes] == [lane.flights for lane in again.lanes]
    other = run(wish.changed("seed 4"))
    assert [lane.flights for lane in first.lanes] != [lane.flights for lane in other.lanes]


def test_what_is_lost_is_marked_and_costs_time() -> None:
    race = run(RaceWish().changed("loss 10% path /bytes/20000 seed 3"))
    hurt = [lane for lane in race.lanes if any(flight.lost for flight in lane.flights)]
    assert hurt
    clean = run(RaceWish().changed("path /bytes/20000"))
    assert race.ends > clean.ends


def test_a_race_that_is_called_off_stops_between_the_lanes() -> None:
    told: list[Race] = []
    racing = Racing(RaceWish())
    race = racing.run(told.append, lambda: not told)
    assert len(told) == 1
    assert len(race.lanes) == 1
    assert not race.over


def test_a_lane_can_be_looked_into_as_its_client_saw_it() -> None:
    racing = Racing(RaceWish())
    racing.run(lambda race: None)
    session = racing.session(4)
    try:
        session.settle()
        assert session.total >= 4
        assert session.row(0).time < session.row(1).time or session.total == 1
    finally:
        session.close()


def test_each_lane_is_of_the_shelf() -> None:
    assert parts()[0].title == "HTTP/1.1 + TLS 1.2"
    assert len({part.title for part in parts()}) == 4


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("rtt 40ms", "rtt", 40 * MS),
        ("rtt=1s", "rtt", 1000 * MS),
        ("loss 2", "loss", 0.02),
        ("loss 2.5%", "loss", 0.025),
        ("rate 2mbit", "rate", 2_000_000),
        ("rate none", "rate", 0),
        ("path /bytes/9", "path", "/bytes/9"),
        ("seed 12", "seed", 12),
    ],
)
def test_words_of_a_wish(words: str, name: str, value: object) -> None:
    assert getattr(RaceWish(rate=5).changed(words), name) == value


@pytest.mark.parametrize(
    "words", ["rtt", "speed 3", "loss 200%", "path x", "path /\x1b", "seed -1", "rtt 2min"]
)
def test_words_that_are_no_wish(words: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        RaceWish().changed(words)


def test_the_words_of_a_wish_make_the_same_wish() -> None:
    wish = RaceWish().changed("rtt 33.5ms loss 0.5% rate 64kbit path /style.css")
    assert RaceWish().changed(wish.words()) == wish
