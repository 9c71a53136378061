"""RFC 6298: how long a retransmission waits; and when a connection is given up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wirestep.exchange.contract import Failed
from wirestep.wires.tcp import Options
from wirestep.wires.tcp.timers import Alarms, RoundTrip

from .bench import MS, PLAIN, SECOND, Bench, client, server
from .pair import CLIENT, SERVER, Pair, transfer


def test_a_lost_syn_costs_a_second_then_two_then_four() -> None:
    bench = Bench(Options())
    bench.connection.connect(0)
    assert bench.flush() == ["S 0"]
    assert bench.later(200 * SECOND) == [
        (time * 1000, "S 0") for time in (1, 1 + 2, 1 + 2 + 4, 15, 31, 63)
    ]
    assert bench.told == [Failed("timed out")]
    assert bench.connection.over
    assert bench.connection.panel().since[-1] == ("CLOSED", 127 * SECOND)


@pytest.mark.parametrize(("lost", "connected"), [(0, 100), (1, 1100), (2, 3100), (3, 7100)])
def test_the_client_is_connected_that_much_later(lost: int, connected: int) -> None:
    pair = Pair(judge=lambda number, sender, segment: [] if number < lost else [0])
    pair.open()
    pair.run(20 * SECOND)
    assert pair.when[CLIENT] == [connected * MS]


def test_a_lost_syn_ack_is_sent_again_by_the_server() -> None:
    pair = Pair(judge=lambda number, sender, segment: [] if number in (1, 2) else [0])
    pair.open()
    pair.run(20 * SECOND)
    assert pair.times(SERVER)[:2] == [50 * MS, 1050 * MS]
    # The client's SYN of 1000 ms is answered at once; what is lost of that is the copy.
    assert pair.when[CLIENT] == [1100 * MS]


def test_data_is_sent_again_after_1_2_4_rto() -> None:
    bench = client()  # a round trip of 100 ms: RTO = 100 + 4 * 50
    assert bench.fact("rto") == "300.0 ms"
    assert bench.sends(b"x" * 100) == ["PA 1+100 ack 1"]
    assert bench.timers() == [("RTO", 300.0)]
    start = bench.now / MS
    rto = 300
    assert bench.later(7 * 300 * MS) == [
        (start + rto, "PA 1+100 ack 1"),
        (start + 3 * rto, "PA 1+100 ack 1"),
        (start + 7 * rto, "PA 1+100 ack 1"),
    ]
    assert bench.timers() == [("RTO", 8 * 300.0)]
    assert {segment.note for segment in bench.said[1:]} == {"retransmission"}


def test_waiting_is_never_longer_than_the_greatest_rto_and_ends() -> None:
    bench = client(replace(PLAIN, retries=10, rto_max=60 * SECOND))
    bench.sends(b"x")
    times = [time for time, _ in bench.later(3600 * SECOND)]
    gaps = [b - a for a, b in zip([100.0, *times], times, strict=False)]
    assert gaps == [300.0 * 2**n for n in range(8)] + [60_000.0, 60_000.0]
    assert bench.told[-1] == Failed("timed out")
    assert bench.connection.due is None


def test_the_estimator() -> None:
    """RFC 6298 section 2 by hand, in ms: alpha 1/8, beta 1/4, K 4, G 1."""
    trip = RoundTrip(Options())
    assert trip.rto == SECOND
    trip.sample(280 * MS)
    assert (trip.srtt, trip.rttvar, trip.rto) == (280 * MS, 140 * MS, 840 * MS)
    trip.sample(200 * MS)
    # rttvar = 3/4 * 140 + 1/4 * 80 = 125; srtt = 7/8 * 280 + 1/8 * 200 = 270
    assert (trip.srtt, trip.rttvar, trip.rto) == (270 * MS, 125 * MS, 770 * MS)


def test_the_least_rto() -> None:
    trip = RoundTrip(Options())
    trip.sample(1 * MS)
    assert trip.rto == 200 * MS
    trip = RoundTrip(Options(rto_min=SECOND))
    trip.sample(1 * MS)
    assert trip.rto == SECOND


def test_a_backed_off_rto_stays_until_something_is_measured() -> None:
    """Karn: an ACK of what was sent twice measures nothing (section 3)."""
    bench = client()
    bench.sends(b"x" * 100)
    bench.later(300 * MS)
    assert bench.hears("A", 1, 101) == []
    assert bench.fact("rto") == "600.0 ms"
    assert bench.fact("srtt") == "100.0 ms"
    bench.sends(b"y" * 100)
    bench.later(100 * MS)
    bench.hears("A", 1, 201)
    # rttvar = 3/4 * 50 = 37.5
    assert bench.fact("rto") == "250.0 ms"


def test_with_timestamps_every_ack_measures() -> None:
    """RFC 7323 section 4.1."""
    bench = client(replace(PLAIN, timestamps=True))
    bench.sends(b"x" * 100)
    bench.later(300 * MS)
    assert bench.last.timestamps == (400, 1000)
    bench.later(80 * MS)
    bench.hears("A", 1, 101, timestamps=(1001, 400))
    # srtt = 7/8 * 100 + 1/8 * 80; rttvar = 3/4 * 50 + 1/4 * 20
    assert bench.fact("srtt") == "97.5 ms"
    assert bench.fact("rto") == "267.5 ms"


def test_after_a_lost_syn_the_rto_is_3_s_and_the_window_one_segment() -> None:
    """RFC 6298 section 5, rule 5.7; RFC 5681 section 3.1."""
    bench = Bench(PLAIN)
    bench.connection.connect(0)
    bench.flush()
    bench.later(SECOND)
    bench.hears("SA", 0, 1, mss=1460)
    assert bench.fact("rto") == "3000.0 ms"
    assert bench.sends(bytes(5000)) == ["A 1+1460 ack 1"]


def test_an_ack_of_new_data_starts_the_timer_anew_and_the_last_stops_it() -> None:
    """RFC 6298 section 5, rules 5.2 and 5.3."""
    bench = client()
    bench.sends(bytes(2920))
    bench.later(100 * MS)
    bench.hears("A", 1, 1461)
    assert bench.timers() == [("RTO", 250.0)]
    bench.hears("A", 1, 2921)
    assert bench.timers() == []


def test_what_a_timer_is_for() -> None:
    bench = client()
    bench.sends(bytes(2920))
    (alarm,) = bench.connection.timers()
    assert (alarm.armed, alarm.due) == (100 * MS, 400 * MS)
    assert (alarm.stop - alarm.start) % 2**32 == 2920
    assert alarm.start == bench.said[0].sequence


def test_the_user_is_less_patient() -> None:
    """RFC 5482."""
    bench = client(replace(PLAIN, user_timeout=2 * SECOND))
    bench.sends(b"x")
    assert [time for time, _ in bench.later(60 * SECOND)] == [400.0, 1000.0]
    assert bench.told[-1] == Failed("timed out")
    assert bench.connection.panel().since[-1] == ("CLOSED", 2100 * MS)


def test_a_silent_peer_is_asked_and_given_up() -> None:
    """RFC 9293 section 3.8.4."""
    options = replace(
        PLAIN, keep_alive=10 * SECOND, keep_alive_interval=SECOND, keep_alive_probes=3
    )
    bench = client(options)
    assert bench.later(10 * SECOND) == [(10_100.0, "A 0 ack 1")]
    assert bench.last.note == "keep-alive"
    bench.hears("A", 1, 1)
    assert bench.timers() == [("keep-alive", 10_000.0)]
    assert [time for time, _ in bench.later(60 * SECOND)] == [20_100.0, 21_100.0, 22_100.0]
    assert bench.told[-1] == Failed("timed out")


def test_a_peer_is_not_asked_while_it_owes_an_answer() -> None:
    bench = client(replace(PLAIN, keep_alive=SECOND))
    bench.sends(b"x")
    bench.later(3 * SECOND)
    assert {segment.note for segment in bench.said} == {"", "retransmission"}


def test_a_peer_that_is_asked_answers() -> None:
    bench = server()
    assert bench.hears("A", 0, 1) == ["A 1 ack 1"]


def test_alarms_ring_in_order() -> None:
    alarms = Alarms()
    assert alarms.due is None
    alarms.arm("b", 0, 20)
    alarms.arm("a", 0, 10, 5, 7)
    assert alarms.due == 10
    assert [alarm.name for alarm in alarms.running()] == ["a", "b"]
    assert alarms.take(9) is None
    assert [alarms.take(30), alarms.take(30), alarms.take(30)] == ["a", "b", None]


def test_over_a_wire_too_the_gaps_are_1_2_4_rto() -> None:
    """The first request is lost three times; RTT 100 ms, so that RTO is 300 ms."""
    pair = Pair(judge=lambda number, sender, segment: [] if 2 <= number <= 4 else [0])
    transfer(pair, b"request", b"")
    times = [sent.time for sent in pair.sent if sent.segment.data == b"request"]
    assert [time // MS for time in times] == [100, 400, 1000, 2200]
