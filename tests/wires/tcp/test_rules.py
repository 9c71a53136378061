"""What is refused, challenged, reset: RFC 9293 section 3.10.7 and RFC 5961; how it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wirestep.exchange.contract import Ended, Failed
from wirestep.wires.tcp import Options, Segment, refusal
from wirestep.wires.tcp.segment import ACK, FIN, RST, SYN

from .bench import PLAIN, SECOND, Bench, client, server


def test_an_rst_counts_only_at_the_very_next_number() -> None:
    """RFC 5961 section 3.2."""
    bench = client()
    assert bench.hears("R", 100_000) == []
    assert bench.hears("R", 0) == []
    assert bench.state == "ESTABLISHED"
    assert bench.hears("R", 2) == ["A 1 ack 1"]
    assert bench.last.note == "challenge ACK"
    assert bench.hears("R", 1) == []
    assert bench.state == "CLOSED"
    assert bench.told[-1] == Failed("reset")
    assert bench.connection.due is None


def test_a_syn_in_a_connection_is_challenged() -> None:
    """RFC 5961 section 4.2."""
    bench = client()
    assert bench.hears("S", 1) == ["A 1 ack 1"]
    assert bench.hears("S", 50_000_000) == ["A 1 ack 1"]
    assert bench.state == "ESTABLISHED"


def test_an_ack_of_nothing_that_was_sent_is_challenged() -> None:
    """RFC 9293 section 3.10.7.4, fifth; RFC 5961 section 5.2."""
    bench = client()
    bench.sends(b"x" * 10)
    assert bench.hears("A", 1, 12, b"data") == ["A 11 ack 1"]
    assert bench.hears("A", 1, -70_000, b"data") == ["A 11 ack 1"]
    assert bench.got == b""
    # An old one is no harm.
    assert bench.hears("A", 1, -1000, b"data") == []
    assert bench.got == b"data"


def test_after_the_peers_fin_its_data_counts_no_more() -> None:
    bench = client()
    bench.hears("FA", 1, 1)
    bench.hears("PA", 2, 1, b"more")
    assert bench.got == b""
    assert bench.state == "CLOSE-WAIT"


def test_challenges_are_few() -> None:
    """RFC 5961 section 7."""
    bench = client()
    answers = [bench.hears("R", 2) for _ in range(20)]
    assert answers.count(["A 1 ack 1"]) == 10
    bench.later(5 * SECOND)
    assert bench.hears("R", 2) == ["A 1 ack 1"]


def test_without_ack_nothing_is_read() -> None:
    bench = client()
    assert bench.hears("P", 1, data=b"hello") == []
    assert bench.got == b""


@pytest.mark.parametrize(
    "wrong",
    [
        {"mss": 20},
        {"mss": 70_000},
        {"window": 0},
        {"window": 1 << 31},
        {"delayed_ack": SECOND},
        {"congestion": "vegas"},
        {"initial_window": 0},
    ],
)
def test_options_that_can_not_be_are_refused_with_a_sentence(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Options(**wrong)  # type: ignore[arg-type]


def test_a_refused_connection() -> None:
    bench = Bench(Options())
    bench.connection.connect(0)
    bench.flush()
    # An RST that acknowledges nothing of ours is not believed (RFC 9293 section 3.10.7.3).
    assert bench.hears("R", 0) == []
    assert bench.hears("RA", 0, 5) == []
    assert bench.state == "SYN-SENT"
    assert bench.hears("RA", 0, 1) == []
    assert bench.told == [Failed("refused")]


def test_in_syn_sent_a_wrong_ack_is_reset_and_an_empty_segment_ignored() -> None:
    bench = Bench(Options())
    bench.connection.connect(0)
    bench.flush()
    assert bench.hears("SA", 0, 7) == ["R 7"]
    assert bench.hears("A", 0, 1) == []
    assert bench.hears("F", 0) == []
    assert bench.state == "SYN-SENT"


def test_in_listen_an_ack_is_reset_and_all_but_a_syn_ignored() -> None:
    bench = Bench(Options())
    bench.connection.listen(0)
    assert bench.hears("A", 1, 7) == ["R 7"]
    assert bench.hears("R", 1) == []
    assert bench.hears("F", 1) == []
    assert bench.hears("P", 1, data=b"x") == []
    assert bench.state == "LISTEN"


def test_in_syn_received_a_wrong_ack_is_reset_and_the_syn_answered_again() -> None:
    bench = Bench(PLAIN)
    bench.connection.listen(0)
    assert bench.hears("S", 0, mss=1460) == ["SA 0 ack 1"]
    assert bench.hears("A", 1, 9) == ["R 9"]
    assert bench.hears("S", 0, mss=1460) == ["SA 0 ack 1"]
    assert bench.state == "SYN-RECEIVED"
    assert bench.hears("PA", 1, 1, b"data") == []
    assert bench.got == b"data"


def test_a_repeated_syn_is_the_one_that_is_echoed() -> None:
    """RFC 7323 section 4.3, (2): else the peer measures a round trip of seconds."""
    bench = Bench(replace(PLAIN, timestamps=True))
    bench.connection.listen(0)
    bench.hears("S", 0, mss=1460, timestamps=(100, 0))
    assert bench.last.timestamps == (0, 100)
    bench.hears("S", 0, mss=1460, timestamps=(1100, 0))
    assert bench.last.timestamps == (0, 1100)


def test_a_closed_connection_refuses() -> None:
    """RFC 9293 section 3.10.7.1."""
    bench = Bench(PLAIN)
    assert bench.hears("A", 5, 7) == ["R 7"]
    assert bench.hears("S", 5) == ["RA " + str((1000) % 2**32) + " ack 6"]
    assert bench.hears("R", 5) == []


@pytest.mark.parametrize(
    ("flags", "answer"),
    [
        (SYN, Segment(80, 50000, 0, 1001 + 3, RST | ACK)),
        (FIN, Segment(80, 50000, 0, 1001 + 3, RST | ACK)),
        (0, Segment(80, 50000, 0, 1000 + 3, RST | ACK)),
        (ACK, Segment(80, 50000, 77, 0, RST)),
        (SYN | ACK, Segment(80, 50000, 77, 0, RST)),
        (RST, None),
        (RST | ACK, None),
    ],
)
def test_a_segment_for_nobody(flags: int, answer: Segment | None) -> None:
    found = refusal(Segment(50000, 80, 1000, 77, flags, data=b"abc"))
    if found is not None:
        found.note = ""
    assert found == answer


def test_an_abort_is_an_rst() -> None:
    """RFC 9293 section 3.10.5."""
    bench = client()
    bench.sends(b"x" * 10)
    bench.connection.abort(bench.now)
    assert bench.flush() == ["RA 11 ack 1"]
    assert bench.state == "CLOSED"
    assert bench.connection.due is None
    bench.connection.abort(bench.now)
    assert bench.flush() == []


def test_an_abort_is_silent_where_the_peer_knows_of_nothing_or_has_finished() -> None:
    bench = Bench(PLAIN)
    bench.connection.connect(0)
    bench.flush()
    bench.connection.abort(0)
    assert bench.flush() == []
    bench = client()
    bench.closes()
    bench.hears("FA", 1, 2)
    assert bench.state == "TIME-WAIT"
    bench.connection.abort(bench.now)
    assert bench.flush() == []
    assert bench.connection.over


def test_an_unreachable_peer_ends_an_attempt_but_no_connection() -> None:
    """RFC 5461; RFC 9293 section 3.9.2.2."""
    bench = Bench(PLAIN)
    bench.connection.connect(0)
    bench.flush()
    bench.connection.unreachable(0)
    assert bench.flush() == []
    assert bench.told == [Failed("unreachable")]
    bench = client()
    bench.connection.unreachable(bench.now)
    assert bench.state == "ESTABLISHED"


def test_time_wait_lasts_2_msl_and_a_repeated_fin_begins_it_anew() -> None:
    """RFC 9293 section 3.10.7.4, eighth."""
    bench = client(replace(PLAIN, time_wait=10 * SECOND))
    bench.closes()
    bench.hears("FA", 1, 2)
    assert bench.timers() == [("TIME-WAIT", 10_000.0)]
    bench.later(4 * SECOND)
    assert bench.hears("FA", 1, 2) == ["A 2 ack 2"]
    assert bench.timers() == [("TIME-WAIT", 10_000.0)]
    assert bench.later(10 * SECOND) == []
    assert bench.state == "CLOSED"
    assert bench.told[-1] == Ended()


def test_a_reset_after_both_have_closed_is_no_failure() -> None:
    bench = client()
    bench.hears("FA", 1, 1)
    bench.closes()
    bench.hears("R", 2)
    assert bench.state == "CLOSED"
    assert bench.told[-1] == Ended()


def test_a_lost_fin_is_sent_again() -> None:
    bench = client()
    bench.closes()
    assert bench.later(300 * SECOND // 1000) == [(400.0, "FA 1 ack 1")]
    bench.hears("A", 1, 2)
    assert bench.state == "FIN-WAIT-2"
    assert bench.connection.due is None


def test_a_retransmission_takes_the_latest_acknowledgment_along() -> None:
    bench = server()
    bench.sends(b"x" * 10)
    bench.hears("PA", 1, 1, b"y" * 10)
    assert [text for _, text in bench.later(SECOND)][:2] == ["A 11 ack 11", "PA 1+10 ack 11"]
