"""Comparisons of exchanges: what is aligned, what is only in one, totals, fields."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wirestep.session import Session
from wirestep.session.comparing import Comparison, Seat, compared, named, phase_of, side
from wirestep.session.comparing_fields import field_pairs
from wirestep.session.lab_compare import MOVED, ONLY_FIRST, ONLY_SECOND, SAME

CAPTURES = Path(__file__).parents[2] / "captures"


@contextmanager
def seats(*names: str) -> Iterator[list[Seat]]:
    found = []
    for name in names:
        session = Session.open(str(CAPTURES / f"{name}.pcapng"))
        session.start()
        found.append(Seat(session, None, session.title))
    try:
        yield found
    finally:
        for seat in found:
            seat.session.close()


def both(found: list[Seat]) -> Comparison:
    first, second = (side(seat) for seat in found)
    assert first is not None
    assert second is not None
    return compared(first, second)


def test_tls_1_2_beside_1_3() -> None:
    with seats("tls12-full", "tls13-full") as found:
        made = both(found)
    rows = {(p.sign, p.either.out, p.either.name) for p in made.pairs}
    assert (ONLY_FIRST, True, "key exchange") in rows
    assert (ONLY_SECOND, False, "extensions") in rows
    assert (MOVED, False, "signature") in rows
    assert (SAME, True, "request") in rows
    assert (SAME, False, "response") in rows
    assert {total.name: (total.first, total.second) for total in made.totals}["RTT"] == ("4", "3")
    assert made.sides[0].title == "tls12-full"


def test_an_exchange_is_equal_to_itself() -> None:
    with seats("http1-keepalive", "http1-keepalive") as found:
        made = both(found)
    assert made.differences == 0
    assert {total.change for total in made.totals} == {"="}


def test_all_steps_of_both_are_in_the_pairs_in_order() -> None:
    with seats("tls13-full", "tls13-resumed-0rtt") as found:
        made = both(found)
    for place, one in enumerate(made.sides):
        shown = [(p.first, p.second)[place] for p in made.pairs]
        assert [stride for stride in shown if stride is not None] == list(one.strides)
        timed = [(p.first, p.second)[place] for p in made.by_time()]
        assert sorted(s for s in timed if s is not None) == sorted(one.strides)


def test_by_time_the_lines_go_forward() -> None:
    with seats("tls12-full", "quic-http3") as found:
        times = [pair.either.time // 1_000_000 for pair in both(found).by_time()]
    assert times == sorted(times)


def test_swapped_is_the_other_way_round() -> None:
    with seats("tls12-full", "tls13-full") as found:
        made = both(found)
    back = made.swapped()
    assert back.sides == made.sides[::-1]
    signs = {ONLY_FIRST: ONLY_SECOND, ONLY_SECOND: ONLY_FIRST}
    assert back.swapped().pairs == made.pairs
    ours = sorted(signs.get(p.sign, p.sign) for p in made.pairs)
    assert ours == sorted(p.sign for p in back.pairs)


def test_the_fields_of_two_hellos() -> None:
    with seats("tls12-full", "tls13-full") as found:
        made = both(found)
        hello = next(p for p in made.pairs if p.either.name == "hello")
        rows = {(f.title, f.sign, f.first, f.second) for f in field_pairs(hello, *found)}
    assert ("Version", SAME, "TLS 1.2 (0x0303)", "TLS 1.2 (0x0303)") in rows
    assert ("Session ID length", MOVED, "0", "32") in rows
    assert any(sign == ONLY_FIRST and "DHE_RSA" in first for _, sign, first, _ in rows)


def test_nobody_waits_for_a_comparison_that_is_called_off() -> None:
    with seats("tls12-full") as found:
        assert side(found[0], lambda: False) is None


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Server Hello Done", "server done"),
        ("Server Hello", "answer"),
        ("GET /x [3]", "request"),
        ("404 Not Found", "response"),
        ("WINDOW_UPDATE [0] +9", "WINDOW UPDATE"),
        ("1448 B", "B"),
        ("\u2026", "bytes"),
    ],
)
def test_what_part_a_step_plays(label: str, name: str) -> None:
    assert named(label) == name


@pytest.mark.parametrize(
    ("protocol", "phase"), [("TLSv1.3", "TLS"), ("HTTP2", "HTTP"), ("TCP", "TCP"), ("dns", "DNS")]
)
def test_the_phase_is_the_protocol_without_its_version(protocol: str, phase: str) -> None:
    assert phase_of(protocol) == phase
