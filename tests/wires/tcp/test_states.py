"""The state table against figure 5 of RFC 9293, and that nothing but the table moves a state."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

import wirestep.wires.tcp
from wirestep.wires.tcp import State
from wirestep.wires.tcp.states import FIGURE_5, TRANSITIONS, USUAL, Event

from .bench import PLAIN, SECOND, Bench, client, server

FOLDER = Path(wirestep.wires.tcp.__file__).parent

# RFC 9293, figure 5, arrow by arrow: from, what happens, to.
ARROWS = """
CLOSED        passive open  LISTEN
CLOSED        active open   SYN-SENT
LISTEN        SYN           SYN-RECEIVED
LISTEN        send          SYN-SENT
LISTEN        close         CLOSED
SYN-SENT      close         CLOSED
SYN-SENT      SYN           SYN-RECEIVED
SYN-SENT      SYN, ACK      ESTABLISHED
SYN-RECEIVED  ACK of SYN    ESTABLISHED
SYN-RECEIVED  close         FIN-WAIT-1
ESTABLISHED   close         FIN-WAIT-1
ESTABLISHED   FIN           CLOSE-WAIT
FIN-WAIT-1    ACK of FIN    FIN-WAIT-2
FIN-WAIT-1    FIN           CLOSING
FIN-WAIT-2    FIN           TIME-WAIT
CLOSING       ACK of FIN    TIME-WAIT
CLOSE-WAIT    close         LAST-ACK
LAST-ACK      ACK of FIN    CLOSED
TIME-WAIT     time-out      CLOSED
"""


def arrows() -> dict[tuple[str, str], str]:
    """ARROWS as a table."""
    found = {}
    for text in ARROWS.strip().splitlines():
        start, event, stop = text[:14].strip(), text[14:28].strip(), text[28:].strip()
        found[start, event] = stop
    return found


def test_figure_5_is_the_table() -> None:
    assert {(str(a), str(b)): str(c) for (a, b), c in FIGURE_5.items()} == arrows()


def test_all_else_ends_the_connection_or_belongs_to_fast_open() -> None:
    others = {key: TRANSITIONS[key] for key in TRANSITIONS.keys() - FIGURE_5.keys()}
    assert others.pop((State.SYN_RECEIVED, Event.FIN)) is State.CLOSE_WAIT
    assert {event for _, event in others} == {Event.RESET, Event.ABORT, Event.TIME_OUT}
    assert set(others.values()) == {State.CLOSED}
    synchronized = set(State) - {State.CLOSED, State.LISTEN, State.SYN_SENT}
    assert all((state, Event.RESET) in TRANSITIONS for state in synchronized)


def test_every_state_is_reached_and_left() -> None:
    assert set(TRANSITIONS.values()) == set(State)
    assert {state for state, _ in TRANSITIONS} == set(State)
    assert set(USUAL) == set(State) - {State.CLOSED}
    for state, following in USUAL.items():
        assert following in {TRANSITIONS[key] for key in TRANSITIONS if key[0] is state}


def test_only_the_machine_sets_a_state() -> None:
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            targets = getattr(node, "targets", [getattr(node, "target", None)])
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr in ("state", "since"):
                    assert path.name == "states.py", (path.name, node.lineno)


def test_only_segments_and_calls_of_the_user_feed_the_machine() -> None:
    """Each event is fed at least once somewhere; so no row of the table is dead."""
    text = "".join(p.read_text() for p in FOLDER.glob("*.py") if p.name != "states.py")
    assert {event.name for event in Event if f"Event.{event.name}" not in text} == set()


def passive() -> Bench:
    bench = Bench()
    bench.connection.listen(0)
    return bench


def active() -> Bench:
    bench = Bench()
    bench.connection.connect(0)
    bench.flush()
    return bench


def sends_from_listen() -> Bench:
    bench = passive()
    assert bench.sends(b"hello") == ["S 0"]
    return bench


def closes_in_listen() -> Bench:
    bench = passive()
    bench.closes()
    return bench


def closes_in_syn_sent() -> Bench:
    bench = active()
    bench.closes()
    return bench


def opens_at_once() -> Bench:
    """RFC 9293 figure 8."""
    bench = active()
    assert bench.hears("S", 0, mss=1460) == ["SA 0 ack 1"]
    assert bench.hears("SA", 0, 1, mss=1460) == []
    return bench


def opens_at_once_and_hears_an_ack() -> Bench:
    bench = active()
    bench.hears("S", 0, mss=1460)
    assert bench.hears("A", 1, 1) == []
    return bench


def closes_in_syn_received() -> Bench:
    bench = passive()
    bench.hears("S", 0, mss=1460)
    assert bench.closes() == ["FA 1 ack 1"]
    bench.hears("A", 1, 2)
    assert bench.state == "FIN-WAIT-2"
    return bench


def closes_first() -> Bench:
    bench = client()
    assert bench.closes() == ["FA 1 ack 1"]
    bench.hears("A", 1, 2)
    assert bench.hears("FA", 1, 2) == ["A 2 ack 2"]
    bench.later(60 * SECOND)
    return bench


def closes_last() -> Bench:
    bench = client()
    assert bench.hears("FA", 1, 1) == ["A 1 ack 2"]
    assert bench.closes() == ["FA 1 ack 2"]
    bench.hears("A", 2, 2)
    return bench


def closes_at_once() -> Bench:
    """RFC 9293 figure 13."""
    bench = client()
    bench.closes()
    assert bench.hears("FA", 1, 1) == ["A 2 ack 2"]
    bench.hears("A", 2, 2)
    bench.later(60 * SECOND)
    return bench


def closes_first_and_hears_both() -> Bench:
    """Figure 5, note 2: ACK of our FIN and the peer's FIN in one segment."""
    bench = client()
    bench.closes()
    assert bench.hears("FA", 1, 2) == ["A 2 ack 2"]
    return bench


def is_reset_in_syn_received() -> Bench:
    """Figure 5, note 1."""
    bench = passive()
    bench.hears("S", 0, mss=1460)
    assert bench.hears("R", 1) == []
    return bench


WAYS: dict[Callable[[], Bench], str] = {
    sends_from_listen: "LISTEN SYN-SENT",
    closes_in_listen: "LISTEN CLOSED",
    closes_in_syn_sent: "SYN-SENT CLOSED",
    opens_at_once: "SYN-SENT SYN-RECEIVED ESTABLISHED",
    opens_at_once_and_hears_an_ack: "SYN-SENT SYN-RECEIVED ESTABLISHED",
    closes_in_syn_received: "LISTEN SYN-RECEIVED FIN-WAIT-1 FIN-WAIT-2",
    closes_first: "SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED",
    closes_last: "SYN-SENT ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED",
    closes_at_once: "SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED",
    closes_first_and_hears_both: "SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT",
    is_reset_in_syn_received: "LISTEN SYN-RECEIVED LISTEN",
    lambda: server(PLAIN): "LISTEN SYN-RECEIVED ESTABLISHED",
}


@pytest.mark.parametrize(
    ("make", "states"), WAYS.items(), ids=[make.__name__.strip("<>") for make in WAYS]
)
def test_a_connection_goes_this_way(make: Callable[[], Bench], states: str) -> None:
    bench = make()
    assert [state for state, _ in bench.connection.panel().since] == states.split()


def test_these_ways_go_along_every_arrow_of_figure_5() -> None:
    steps = {("CLOSED", way.split()[0]) for way in WAYS.values()}
    for way in WAYS.values():
        states = way.split()
        steps |= set(itertools.pairwise(states))
    assert {(start, stop) for (start, _), stop in arrows().items()} <= steps


def test_the_panel_tells_the_usual_way() -> None:
    panel = client().connection.panel()
    assert panel.title == "TCP"
    assert panel.state == "ESTABLISHED"
    assert " ".join(panel.states) == ("SYN-SENT ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED")
    assert panel.since == (("SYN-SENT", 0), ("ESTABLISHED", 100_000_000))
    assert " ".join(server().connection.panel().states) == (
        "LISTEN SYN-RECEIVED ESTABLISHED CLOSE-WAIT LAST-ACK CLOSED"
    )
    assert " ".join(closes_at_once().connection.panel().states) == (
        "SYN-SENT ESTABLISHED FIN-WAIT-1 CLOSING TIME-WAIT CLOSED"
    )
    assert {fact.name: fact.value for fact in panel.facts} == {
        "cwnd": "14 600",
        "in flight": "0",
        "rwnd": "65 535",
        "ssthresh": "∞",
        "srtt": "100.0 ms",
        "rto": "300.0 ms",
        "mss": "1 460",
        "window": "65 535",
        "congestion": "reno",
    }
    assert all(fact.share is None or 0 <= fact.share <= 1 for fact in panel.facts)
