"""The ledger of runs in the lab: exact times, what is foreseen and what is run, the waterfall."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ledger_truth import Score, score

from wirestep.capture import open_capture
from wirestep.session import Session
from wirestep.session.billing import Bill
from wirestep.session.measuring import ledger_of, measured
from wirestep.wires.contract import MS
from wirestep.wires.scenario import load
from wirestep.wires.tap import save

RTT = 280 * MS
CAPTURES = sorted((Path(__file__).resolve().parents[2] / "captures").glob("*.pcapng"))
STORIES = [
    ("tls12-full", {"rtt": "280ms"}, 4, 1120),
    ("tls13-full", {"rtt": "280ms"}, 3, 840),
    ("http3-1rtt", {"rtt": "280ms"}, 2, 560),
    ("http3-0rtt", {"rtt": "280ms"}, 1, 280),
]


@contextmanager
def opened(path: Path | str) -> Iterator[Session]:
    session = Session(open_capture(str(path)))
    try:
        session.settle()
        yield session
    finally:
        session.close()


def bill_of(session: Session, **asked: Any) -> Bill:
    while (bill := session.ledger(**asked)) is None:
        session.settle()
    return bill


@contextmanager
def ran(name: str, folder: Path, tap: str = "client", **overrides: object) -> Iterator[Session]:
    run = load(name).start(overrides=overrides)
    run.run()
    path = folder / f"{name}.pcapng"
    save(run, str(path), tap)
    with opened(path) as session:
        yield session


@pytest.mark.parametrize(("name", "link", "trips", "ms"), STORIES, ids=[s[0] for s in STORIES])
def test_round_trips_cost_exactly_what_they_are(
    name: str, link: dict[str, object], trips: int, ms: int
) -> None:
    run = load(name).start(overrides=link)
    run.run()
    made = ledger_of(run)
    assert made.first is not None
    assert (made.first.trips, made.first.time - made.items[0].start) == (trips, ms * MS)
    assert {item.kind for item in made.items if not item.page} == {"round trip"}


@pytest.mark.parametrize("path", CAPTURES, ids=[path.stem for path in CAPTURES])
def test_the_items_of_every_bundled_capture_add_up(path: Path) -> None:
    with opened(path) as session:
        for number in (None, *range(min(session.conversation_count, 6))):
            bill = bill_of(session, number=number)
            if bill.first is None:
                assert not bill.lines
                continue
            at = 0
            for line in bill.lines:
                assert line.start == at
                assert line.length > 0
                at += line.length
            assert at == bill.total == (bill.complete or bill.first).time
            assert sum(line.trips for line in bill.lines) == bill.trips


def test_an_exchange_is_a_conversation_with_the_lookup_before_it(tmp_path: Path) -> None:
    with ran("dns-and-https", tmp_path) as session:
        bill = bill_of(session, number=1)
        assert bill.line == "DNS 1 + TCP 1 + TLS 2 + HTTP 1 = 5 RTT · 1,170 ms"
        assert [clock.client for clock in bill.clocks] == [RTT]
        assert [clock.server for clock in bill.clocks] == [RTT * 3 // 2]
        assert dict(bill.known)["www.lab.test"].least == RTT


def test_what_is_foreseen_is_what_the_lab_does(tmp_path: Path) -> None:
    with ran("dns-and-https", tmp_path) as session:
        bill = bill_of(session, number=None)
    changes = bill.changes
    assert [change.predicted for change in changes] == [False] + [True] * (len(changes) - 1)
    runs = [(change, made) for change in changes if (made := measured(change, bill)) is not None]
    assert len(runs) == 6
    for change, made in runs:
        assert (change.trips, change.first) == (made.trips, made.first), change.name


def test_another_round_trip_is_foreseen(tmp_path: Path) -> None:
    with ran("tls13-full", tmp_path, rtt="280ms") as session:
        row = bill_of(session, number=None, rtt=100 * MS).changes[0]
    with ran("tls13-full", tmp_path, rtt="100ms") as session:
        bill = bill_of(session, number=None)
    assert bill.first is not None
    assert (row.key, row.trips, row.first) == ("rtt", bill.first.trips, bill.first.time)


def test_a_tap_elsewhere_tells_the_same(tmp_path: Path) -> None:
    with ran("tls13-full", tmp_path, tap="server", rtt="280ms") as session:
        guessed = bill_of(session, number=None)
        told = bill_of(session, number=None, away=RTT)
    for bill in (guessed, told):
        assert bill.first is not None
        assert (bill.first.trips, bill.first.time) == (3, 840 * MS)


@pytest.mark.parametrize(
    ("name", "kind", "times", "trips"),
    [
        ("http1-keep-alive", "reuse", 4, 1),
        ("tls12-resumed", "resumption", 1, 1),
        ("tls-early", "0-RTT", 1, 1),
        ("http3-0rtt", "0-RTT", 1, 1),
    ],
)
def test_what_was_saved_is_credited(
    tmp_path: Path, name: str, kind: str, times: int, trips: int
) -> None:
    with ran(name, tmp_path) as session:
        granted = [c for c in bill_of(session, number=None).credits if c.granted]
    assert (kind, times, trips) in {(c.kind, c.times, c.trips) for c in granted}


def test_streams_are_held_by_a_lost_segment_and_not_by_a_lost_datagram(tmp_path: Path) -> None:
    with ran("http2-one-loss", tmp_path) as session:
        fall = session.waterfall()
        assert fall is not None
        assert [row.stream for row in fall.rows] == [1, 3, 5, 7, 9, 11]
        assert len({row.connection for row in fall.rows}) == 1
        # The lost segment is of stream 5: it waited for bytes of its own.
        assert [row.blocked > 0 for row in fall.rows] == [True, True, False, True, True, True]
        assert all(row.behind == fall.rows[0].behind != () for row in fall.rows if row.blocked)
    with ran("http3-one-loss", tmp_path) as session:
        fall = session.waterfall()
        assert fall is not None
        assert [row.blocked for row in fall.rows] == [0] * 6


def test_a_row_of_the_waterfall_is_its_parts(tmp_path: Path) -> None:
    with ran("dns-and-https", tmp_path) as session:
        fall = session.waterfall()
    assert fall is not None
    (row,) = fall.rows
    assert (row.method, row.name, row.status) == ("GET", "/", "200")
    parts = [(part.kind, part.length // MS) for part in row.parts]
    assert parts == [("DNS", 50), ("connect", 280), ("TLS", 560), ("waiting", 280)]
    assert row.total == sum(part.length for part in row.parts) == 1170 * MS


def test_waiting_is_charged_to_its_cause() -> None:
    """A sample of tests/ledger_truth.py, which takes 200 scenarios."""
    whole = Score()
    for seed in range(28):
        whole.add(score(seed))
    assert sum(whole.truth.values()) > 30_000 * MS
    assert whole.share >= 0.95
