"""The ladder to scale: departures and arrivals, the axis, phases."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from wirestep.session import Session
from wirestep.session.lab_record import session_of
from wirestep.timeline.ladder import FOLDS
from wirestep.timeline.scale import SILENCE, Axis, pace
from wirestep.ui.widgets.ladder_bands import bands
from wirestep.wires.scenario import load

CAPTURES = Path(__file__).parents[2] / "captures"
MS = 1_000_000


@dataclass(frozen=True)
class Flight:
    """What an axis wants to know."""

    left: int
    lands: int


def test_rows_are_even_while_something_is_under_way() -> None:
    axis = Axis([Flight(0, 40 * MS), Flight(30 * MS, 70 * MS)], 0, 10 * MS)
    assert [axis.row(at * MS) for at in (0, 10, 35, 70)] == [0, 1, 3.5, 7]
    assert [axis.time(row) for row in (0, 1, 3.5, 7)] == [0, 10 * MS, 35 * MS, 70 * MS]
    assert not axis.silences


def test_only_what_is_silent_for_long_is_cut() -> None:
    flights = [Flight(0, 10 * MS), Flight(40 * MS, 50 * MS), Flight(5000 * MS, 5010 * MS)]
    axis = Axis(flights, 0, 10 * MS)
    [silence] = axis.silences
    assert (silence.start, silence.stop) == (50 * MS, 5000 * MS)
    assert axis.row(5000 * MS) - axis.row(50 * MS) == SILENCE
    assert axis.row(5010 * MS) - axis.row(5000 * MS) == 1


def test_a_usual_round_trip_takes_ten_rows() -> None:
    assert pace([Flight(0, 50 * MS)] * 3) == 10 * MS
    assert pace([]) == MS


@pytest.mark.parametrize("name", ["tcp-echo", "tls13-full", "http2-page", "http3-1rtt"])
def test_estimates_are_near_the_truth_of_the_lab(name: str) -> None:
    """Seen from the client's door, where the ways of all packets are known."""
    run = load(name).start()
    run.run()
    session = session_of(run, name, run.hosts[0].name)
    session.settle()
    known = session.ways
    exact = session.ladder()
    assert exact is not None
    assert exact.scale.known
    session._ladder, session.ways = None, {}
    guessed = session.ladder()
    assert guessed is not None
    assert not guessed.scale.known
    assert guessed.scale.trips
    session.close()
    client = {record for record, way in guessed.scale.ways.items() if record in known}
    assert client
    for record in client:
        way, truth = guessed.scale.ways[record], known[record]
        trip = max(rtt for _, _, rtt in guessed.scale.trips)
        assert abs(way.left - truth.left) <= trip / 4, record
        assert abs(way.lands - truth.lands) <= trip / 4, record
        assert way.left <= way.lands


def test_phases_fold_a_conversation_side_by_side() -> None:
    session = Session.open(str(CAPTURES / "tls13-full.pcapng"))
    session.load()
    session.settle()
    drawn = session.ladder()
    session.close()
    assert drawn is not None
    folded = drawn.folded(FOLDS[0])
    shape = [(step.protocol, step.sender, step.target) for step in folded]
    assert shape[:2] == [("TCP", 0, 1), ("TCP", 1, 0)]
    assert ("HTTP", 0, 1) in shape
    assert shape.index(("HTTP", 0, 1)) < shape.index(("HTTP", 1, 0))
    # The connection's end is another phase than its beginning.
    assert shape[-2:] == [("TCP", 0, 1), ("TCP", 1, 0)]
    assert {step.level for step in folded} == {"phase"}
    assert len(folded) < len(drawn.folded("message"))
    # Every step of its own is in one phase, and its phase says how many there are.
    tops = [step.number for step in drawn.steps if step.depth == 0 and step.level != "note"]
    assert sorted(drawn.phases.inside) == tops


def test_bands_last_as_long_as_their_connections() -> None:
    session = Session.open(str(CAPTURES / "tls13-full.pcapng"))
    session.load()
    session.settle()
    drawn = session.ladder()
    session.close()
    assert drawn is not None
    steps = drawn.folded("message")
    found = [slot[0] for slot in bands(steps, lambda row: (row, row))]
    hello = next(row for row, step in enumerate(steps) if step.label == "Client Hello")
    assert (found[0].first, found[0].last) == (0, len(steps) - 1)
    assert (found[1].first, found[1].last) == (hello, len(steps) - 1)


def test_a_phase_unfolds_into_its_messages_and_they_into_what_carried_them() -> None:
    session = Session.open(str(CAPTURES / "tls13-full.pcapng"))
    session.load()
    session.settle()
    drawn = session.ladder()
    session.close()
    assert drawn is not None
    hello = next(step for step in drawn.folded(FOLDS[0]) if "Client Hello" in step.label)
    opened = drawn.folded(FOLDS[0], frozenset({hello.number}))
    inside = [step for step in opened if step.level != "phase"]
    assert inside
    assert {drawn.phases.inside[step.parent] for step in inside} == {hello.number}
    assert {step.depth for step in inside} == {1}
    deeper = drawn.folded(FOLDS[0], frozenset({hello.number, inside[0].number}))
    assert {step.depth for step in deeper} == {0, 1, 2, 3}
