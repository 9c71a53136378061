"""Reno (RFC 5681) and CUBIC (RFC 9438) by their formulas."""

from __future__ import annotations

import pytest

from wirestep.wires.tcp.congestion import ALPHA, BETA, UNKNOWN, C, Cubic, Reno

MSS = 1000
SECOND = 1_000_000_000


def test_slow_start_is_a_segment_for_each_ack() -> None:
    """RFC 5681 section 3.1, (2)."""
    reno = Reno(MSS, 10)
    assert (reno.cwnd, reno.ssthresh) == (10 * MSS, UNKNOWN)
    reno.acknowledged(MSS, 0, None)
    reno.acknowledged(2 * MSS, 0, None)
    reno.acknowledged(300, 0, None)
    assert reno.cwnd == 12 * MSS + 300


def test_congestion_avoidance_is_a_segment_for_each_window() -> None:
    reno = Reno(MSS, 10)
    reno.ssthresh = 10 * MSS
    for _ in range(9):
        reno.acknowledged(MSS, 0, None)
    assert reno.cwnd == 10 * MSS
    reno.acknowledged(MSS, 0, None)
    assert reno.cwnd == 11 * MSS
    for _ in range(11):
        reno.acknowledged(MSS, 0, None)
    assert reno.cwnd == 12 * MSS


def test_what_a_loss_costs() -> None:
    """RFC 5681 section 3.1, (4): half of what was under way, two segments at least."""
    reno = Reno(MSS, 10)
    reno.lost(9 * MSS, 0)
    assert (reno.cwnd, reno.ssthresh) == (4500, 4500)
    reno.lost(MSS, 0)
    assert reno.ssthresh == 2 * MSS
    reno = Reno(MSS, 10)
    reno.timed_out(8 * MSS, first=True)
    assert (reno.cwnd, reno.ssthresh) == (MSS, 4 * MSS)
    reno.timed_out(MSS, first=False)
    assert (reno.cwnd, reno.ssthresh) == (MSS, 4 * MSS)


def grown(cubic: Cubic, seconds: float, rtt: float) -> float:
    """Acknowledge whole windows, each in a round trip; returns cwnd in segments."""
    now, stop = 0, round(seconds * SECOND)
    step = round(rtt * SECOND)
    while now < stop:
        segments = cubic.cwnd // MSS
        for number in range(segments):
            cubic.acknowledged(MSS, now + step * number // segments, step)
        now += step
    return cubic.cwnd / MSS


def after_loss(window: int) -> Cubic:
    """As it stands after a loss with so many segments under way."""
    cubic = Cubic(MSS, window)
    cubic.lost(window * MSS, 0)
    assert cubic.cwnd == pytest.approx(window * MSS * BETA, abs=1)
    return cubic


def test_cubic_is_back_at_the_old_window_after_k() -> None:
    """RFC 9438 section 4.2: W_cubic(K) = W_max, K = cbrt(W_max * (1 - beta) / C)."""
    k = (1000 * (1 - BETA) / C) ** (1 / 3)
    assert k == pytest.approx(9.086, abs=0.001)
    assert grown(after_loss(1000), k, 0.1) == pytest.approx(1000, rel=0.01)
    # Half way there the curve is already flat: C * (K / 2)**3 below.
    half = 1000 - C * (k / 2) ** 3
    assert grown(after_loss(1000), k / 2, 0.1) == pytest.approx(half, rel=0.01)
    # And then it grows ever faster.
    beyond = 1000 + C * (k / 2) ** 3
    assert grown(after_loss(1000), 1.5 * k, 0.1) == pytest.approx(beyond, rel=0.01)


def test_cubic_is_never_slower_than_reno() -> None:
    """RFC 9438 section 4.3: with a short round trip the Reno-friendly region rules."""
    assert pytest.approx(0.529, abs=0.001) == ALPHA
    # 100 round trips of 1 ms: the curve has hardly moved, Reno's share is alpha a round trip.
    assert grown(after_loss(20), 0.01, 0.001) == pytest.approx(14 + 10 * ALPHA, abs=1)


def test_fast_convergence() -> None:
    """RFC 9438 section 4.7: a loss below the last maximum leaves room for others."""
    cubic = after_loss(100)
    assert cubic._w_max == 100
    cubic.lost(70 * MSS, 0)
    assert cubic._w_max == pytest.approx(70 * (1 + BETA) / 2)


def test_after_a_time_out_the_curve_begins_where_it_is() -> None:
    """RFC 9438 section 4.8."""
    cubic = Cubic(MSS, 100)
    cubic.timed_out(100 * MSS, first=True)
    assert (cubic.cwnd, cubic.ssthresh) == (MSS, 70 * MSS)
    cubic.cwnd = 70 * MSS
    assert grown(cubic, 5, 0.1) == pytest.approx(70 + C * 5**3, rel=0.03)


def test_an_idle_time_does_not_count() -> None:
    """RFC 9438 section 5.8."""
    one, other = after_loss(1000), after_loss(1000)
    grown(one, 1, 0.1)
    grown(other, 1, 0.1)
    window = other.cwnd
    other.idle(3600 * SECOND)
    other.cwnd = window
    one.acknowledged(MSS, SECOND, SECOND // 10)
    other.acknowledged(MSS, 3601 * SECOND, SECOND // 10)
    assert one.cwnd == other.cwnd


@pytest.mark.parametrize("kind", [Reno, Cubic])
def test_idle_brings_back_the_first_window(kind: type[Reno]) -> None:
    control = kind(MSS, 10)
    control.cwnd = 50 * MSS
    control.idle(SECOND)
    assert control.cwnd == 10 * MSS
    control.cwnd = 5 * MSS
    control.idle(SECOND)
    assert control.cwnd == 5 * MSS
