"""Statistics of a session: worked out in slices, complete in the end, anew when more has come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from wirestep.capture import load, open_capture
from wirestep.decode.secrets import Secrets
from wirestep.protocols import REGISTRY
from wirestep.session import Session, statistics, surveying
from wirestep.session.shelf import bundled_folder
from wirestep.session.statistics import Answer, Ask
from wirestep.session.surveying import Survey, Swept

CORPUS = Path(os.environ.get("WIRESTEP_CORPUS", bundled_folder() / "none"))
CAPTURES = sorted(bundled_folder().glob("*.pcapng")) + sorted(
    path for path in CORPUS.glob("*") if ".pcap" in path.name
)
VIEWS = ("hierarchy", "conversations", "endpoints", "io", "rtt", "throughput", "lengths", "expert")


@pytest.fixture
def session() -> Iterator[Session]:
    opened = Session.open(str(bundled_folder() / "page-load.pcapng"))
    opened.settle()
    yield opened
    opened.close()


def answered(session: Session, question: Ask) -> Answer:
    """The answer when no more of it is to come."""
    for _ in range(10_000):
        answer, busy = session.statistics.ask(question)
        if answer is not None and not busy:
            return answer
        session.statistics.step()
    raise AssertionError("no answer")


@pytest.mark.parametrize("view", VIEWS)
def test_every_question_is_answered(session: Session, view: str) -> None:
    question = Ask(view, level="tcp", intervals=50, flow=3)
    answer = answered(session, question)
    assert answer.share == 1.0
    assert answer.totals.packets == 63
    assert answer.table or answer.lines or answer.track is not None
    assert not session.statistics.step()  # nothing is left to do


def test_an_answer_that_is_not_whole_says_so(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "SLICE", 20)
    question, shares = Ask("hierarchy"), []
    for _ in range(40):
        answer, busy = session.statistics.ask(question)
        if answer is not None:
            shares.append(answer.share)
            assert busy == (answer.share < 1)
        session.statistics.step()
    assert shares == sorted(shares)
    assert shares[0] < 1.0
    assert shares[-1] == 1.0


def test_what_the_filter_shows_is_counted(session: Session) -> None:
    session.set_filter("dns")
    session.settle()
    for view in ("hierarchy", "lengths", "expert"):
        assert answered(session, Ask(view, shown=True)).totals.packets == 12
        assert answered(session, Ask(view)).totals.packets == 63
    table = answered(session, Ask("hierarchy", shown=True)).table
    assert table is not None
    assert [table.cells(row)[1] for row in range(table.count)] == ["eth", "ip", "udp", "dns"]
    session.set_filter("tcp")
    session.settle()
    assert answered(session, Ask("lengths", shown=True)).totals.packets == 51


def test_curves_are_of_what_they_say(session: Session) -> None:
    session.set_filter("dns")
    session.settle()
    lines = dict(answered(session, Ask("io", intervals=20)).lines)
    assert int(lines["all packets"].packets.sum()) == 63
    assert int(lines["shown"].packets.sum()) == 12
    assert session.analysis is not None
    assert int(lines["TCP problems"].packets.sum()) == np.count_nonzero(session.analysis.marks)


def test_who_stops_looking_stops_the_work(session: Session) -> None:
    session.statistics.ask(Ask("hierarchy"))
    session.statistics.forget()
    assert not session.statistics.step()


def test_a_live_capture_is_answered_anew(session: Session) -> None:
    path = str(bundled_folder() / "page-load.pcapng")
    fresh = Session.open(path)
    try:
        answer = answered(fresh, Ask("lengths"))
        assert answer.totals.packets == 0
        fresh.settle()
        assert answered(fresh, Ask("lengths")).totals.packets == 63
    finally:
        fresh.close()


def layers(found: Survey | Swept) -> list[tuple[object, ...]]:
    """The hierarchy when all is decoded."""
    while found.step(64):
        pass
    assert found.done == found.capture.count
    table = found.table(found.capture.columns, None)
    return sorted(tuple(table.cells(row)) for row in range(table.count))


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_the_hierarchy_of_a_large_capture_is_that_of_a_small_one(path: Path) -> None:
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    secrets = Secrets(capture.secrets)
    in_order = layers(Survey(capture, REGISTRY, secrets))
    assert layers(Swept(capture, REGISTRY, secrets)) == in_order


def test_a_large_capture_is_swept(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    small = answered(session, Ask("hierarchy")).table
    monkeypatch.setattr(surveying, "NOTED", 20)
    fresh = Session.open(str(bundled_folder() / "page-load.pcapng"))
    fresh.settle()
    large = answered(fresh, Ask("hierarchy")).table
    fresh.close()
    assert small is not None
    assert large is not None
    assert isinstance(fresh.statistics._survey, Swept)
    assert [large.cells(row) for row in range(large.count)] == [
        small.cells(row) for row in range(small.count)
    ]
