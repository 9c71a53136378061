"""Explicit congestion notification (RFC 3168)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wirestep.wires.tcp import Options
from wirestep.wires.tcp.segment import ACK, CE, CWR, ECE, ECT, SYN

from .bench import MS, PLAIN, SECOND, Bench, client

ECN = replace(PLAIN, ecn=True, mss=1000)
OFFERS, AGREES = ECE | CWR, ECE


def agreed() -> Bench:
    bench = Bench(ECN)
    bench.connection.connect(0)
    bench.flush()
    bench.now = 100 * MS
    bench.hears("SAE", 0, 1, mss=1000)
    bench.said.clear()
    return bench


def test_a_syn_offers_and_a_syn_ack_agrees() -> None:
    """Section 6.1.1."""
    bench = Bench(ECN)
    bench.connection.connect(0)
    bench.flush()
    assert bench.last.flags == SYN | OFFERS
    assert bench.last.ecn == 0
    other = Bench(ECN)
    other.connection.listen(0)
    other.hears("SEC", 0, mss=1000)
    assert other.last.flags == SYN | ACK | AGREES


@pytest.mark.parametrize("answer", ["SA", "SAEC", "SAC"])
def test_any_other_answer_is_none(answer: str) -> None:
    bench = Bench(ECN)
    bench.connection.connect(0)
    bench.flush()
    bench.hears(answer, 0, 1, mss=1000)
    bench.sends(b"x")
    assert bench.last.ecn == 0


def test_a_server_does_not_agree_to_what_is_no_offer() -> None:
    for options, flags in ((ECN, "S"), (ECN, "SE"), (PLAIN, "SEC")):
        bench = Bench(options)
        bench.connection.listen(0)
        bench.hears(flags, 0, mss=1000)
        assert bench.last.flags == SYN | ACK


def test_a_syn_that_is_lost_is_sent_again_without() -> None:
    """Section 6.1.1.1."""
    bench = Bench(Options(ecn=True))
    bench.connection.connect(0)
    bench.flush()
    bench.later(SECOND)
    assert bench.last.flags == SYN


def test_only_new_data_is_capable() -> None:
    """Sections 6.1.4 and 6.1.5: neither acknowledgments nor retransmissions."""
    bench = agreed()
    bench.sends(b"x" * 10)
    assert bench.last.ecn == ECT
    bench.later(SECOND)
    assert bench.last.note == "retransmission"
    assert bench.last.ecn == 0
    bench.hears("PA", 1, 11, b"y")
    bench.later(SECOND)
    assert (bench.last.note, bench.last.ecn) == ("delayed ACK", 0)


def test_a_mark_is_echoed_until_the_peer_says_that_it_knows() -> None:
    """Section 6.1.3."""
    bench = agreed()
    bench.hears("PA", 1, 1, b"a" * 10, ecn=ECT)
    bench.hears("PA", 11, 1, b"a" * 10, ecn=CE)
    assert bench.last.flags == ACK | ECE
    bench.hears("PA", 21, 1, b"a" * 10, ecn=ECT)
    bench.hears("PA", 31, 1, b"a" * 10, ecn=ECT)
    assert bench.last.flags == ACK | ECE
    bench.hears("PAC", 41, 1, b"a" * 10, ecn=ECT)
    bench.hears("PA", 51, 1, b"a" * 10, ecn=ECT)
    assert bench.last.flags == ACK
    bench.hears("PAC", 61, 1, b"a" * 10, ecn=CE)
    bench.hears("PA", 71, 1, b"a" * 10, ecn=ECT)
    assert bench.last.flags == ACK | ECE


def test_an_echo_costs_half_of_the_window_once() -> None:
    """Section 6.1.2: once for each window, and the next new data says so."""
    bench = agreed()
    bench.sends(bytes(100_000))
    assert len(bench.said) == 10
    bench.later(100 * MS)
    bench.hears("AE", 1, 1001)
    assert (bench.cwnd, bench.ssthresh) == (4500, 4500)
    for number in range(2, 10):
        bench.hears("AE", 1, number * 1000 + 1)
    assert bench.cwnd == 4500
    new = [segment for segment in bench.said[10:] if segment.data]
    assert [bool(segment.flags & CWR) for segment in new] == [True] + [False] * (len(new) - 1)
    # A window later it counts again.
    bench.hears("A", 1, 10_001)
    bench.hears("AE", 1, 11_001)
    assert bench.cwnd < 4000


def test_a_loss_in_a_window_that_was_marked_costs_nothing_more() -> None:
    """Section 6.1.2: one reduction for each window."""
    bench = agreed()
    bench.sends(bytes(10_000))
    bench.hears("AE", 1, 1001)
    assert (bench.cwnd, bench.ssthresh) == (4500, 4500)
    for _ in range(3):
        bench.hears("A", 1, 1001)
    assert bench.last.note == "fast retransmission"
    assert bench.ssthresh == 4500


def test_a_loss_is_told_too() -> None:
    """Section 6.1.2: CWR for any reduction."""
    bench = agreed()
    bench.sends(bytes(10_000))
    for _ in range(3):
        bench.hears("A", 1, 1)
    bench.hears("A", 1, 10_001)
    bench.sends(bytes(1000))
    assert bench.last.flags & CWR


def test_without_agreement_marks_mean_nothing() -> None:
    bench = client(PLAIN)
    bench.hears("PA", 1, 1, b"a" * 10, ecn=CE)
    bench.hears("PAE", 11, 1, b"a" * 10)
    assert bench.last.flags == ACK
    assert bench.fact("ssthresh") == "∞"
