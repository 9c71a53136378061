"""When a segment is worth sending: Nagle, silly windows, probes, PSH (RFC 9293 section 3.8)."""

from __future__ import annotations

from dataclasses import replace

from wirestep.wires.tcp import Options

from .bench import MS, PLAIN, REMOTE, SECOND, Bench, client, server

NAGLE = replace(PLAIN, nodelay=False)


def test_nagle_holds_a_small_segment_while_something_is_under_way() -> None:
    """RFC 9293 section 3.7.4."""
    bench = client(NAGLE)
    assert bench.sends(b"a" * 10) == ["PA 1+10 ack 1"]
    assert bench.sends(b"b" * 10) == []
    assert bench.sends(b"c" * 10) == []
    assert bench.hears("A", 1, 11) == ["PA 11+20 ack 1"]


def test_nagle_lets_full_segments_pass() -> None:
    bench = client(NAGLE)
    bench.sends(b"a" * 10)
    assert bench.sends(b"b" * 1500) == ["A 11+1460 ack 1"]
    assert bench.hears("A", 1, 1471) == ["PA 1471+40 ack 1"]


def test_without_nagle_all_leaves_at_once() -> None:
    bench = client(PLAIN)
    assert bench.sends(b"a" * 10) == ["PA 1+10 ack 1"]
    assert bench.sends(b"b" * 10) == ["PA 11+10 ack 1"]


def test_a_close_is_not_held_by_nagle() -> None:
    bench = client(NAGLE)
    bench.sends(b"a" * 10)
    assert bench.sends(b"b" * 10) == []
    assert bench.closes() == ["FPA 11+10 ack 1"]


def test_what_is_sent_at_one_time_shares_segments_and_the_last_is_pushed() -> None:
    bench = client(PLAIN)
    for _ in range(4):
        bench.connection.send(b"x" * 500, bench.now)
    assert bench.flush() == ["A 1+1460 ack 1", "PA 1461+540 ack 1"]


def test_the_fin_rides_on_the_last_data_or_goes_alone() -> None:
    bench = client(PLAIN)
    bench.connection.send(b"x" * 10, bench.now)
    assert bench.closes() == ["FPA 1+10 ack 1"]
    bench = client(PLAIN)
    bench.sends(b"x" * 10)
    assert bench.closes() == ["FA 11 ack 1"]
    assert bench.closes() == []
    assert bench.sends(b"too late") == []


def test_the_peers_window_is_kept() -> None:
    bench = client(PLAIN, window=3000)
    assert bench.sends(bytes(10_000)) == ["A 1+1460 ack 1", "A 1461+1460 ack 1"]
    # 80 bytes of the window are left: silly (RFC 9293 section 3.8.6.2.1)
    assert bench.hears("A", 1, 1461, window=3000) == ["A 2921+1460 ack 1"]
    assert bench.hears("A", 1, 4381, window=1460) == ["A 4381+1460 ack 1"]


def test_half_of_a_small_window_is_worth_a_segment() -> None:
    """RFC 9293 section 3.8.6.2.1, (3): where the window never was larger."""
    bench = client(PLAIN, window=1000)
    assert bench.sends(bytes(3000)) == ["A 1+1000 ack 1"]
    assert bench.hears("A", 1, 1001, window=400) == []
    assert bench.hears("A", 1, 1001, window=600) == ["A 1001+600 ack 1"]


def test_a_silly_window_is_used_after_a_while() -> None:
    """RFC 9293 section 3.8.6.2.1, (4): the override."""
    bench = client(PLAIN)
    bench.sends(bytes(1460))
    bench.later(100 * MS)
    bench.connection.send(bytes(1000), bench.now)
    bench.hears("A", 1, 1461, window=100)
    assert bench.timers() == [("persist", 250.0)]
    assert bench.later(300 * MS) == [(450.0, "A 1461+100 ack 1")]


def test_a_shut_window_is_probed_with_one_byte_ever_more_rarely() -> None:
    """RFC 9293 section 3.8.6.1."""
    bench = client(PLAIN, window=1460)
    bench.sends(b"x" * 1460 + b"abcdef")
    bench.later(100 * MS)
    assert bench.hears("A", 1, 1461, window=0) == []
    assert bench.fact("rto") == "250.0 ms"
    assert bench.timers() == [("persist", 250.0)]
    for wait in (250, 500, 1000, 2000):
        start = bench.now / MS
        assert bench.later(wait * MS) == [(start + wait, "A 1461+1 ack 1")]
        assert bench.last.data == b"a"
        assert bench.last.note == "zero-window probe"
        assert bench.hears("A", 1, 1461, window=0) == []
    assert bench.hears("A", 1, 1461, window=5000) == ["PA 1461+6 ack 1"]
    assert bench.last.data == b"abcdef"
    assert bench.timers() == [("RTO", 250.0)]


def test_a_probe_may_be_taken() -> None:
    bench = client(PLAIN, window=1460)
    bench.sends(b"x" * 1460 + b"abcdef")
    bench.hears("A", 1, 1461, window=0)
    bench.later(SECOND)
    assert bench.hears("A", 1, 1462, window=0) == []
    assert bench.hears("A", 1, 1462, window=5000) == ["PA 1462+5 ack 1"]
    assert bench.last.data == b"bcdef"


def test_a_peer_that_answers_probes_is_never_given_up_and_one_that_does_not_is() -> None:
    """RFC 9293 section 3.8.6.1, MUST-37."""
    bench = client(replace(PLAIN, retries=5), window=1460)
    bench.sends(bytes(5000))
    bench.hears("A", 1, 1461, window=0)
    for _ in range(30):
        assert len(bench.later((bench.connection.due or 0) - bench.now)) == 1
        bench.hears("A", 1, 1461, window=0)
    assert bench.state == "ESTABLISHED"
    bench.later(1200 * SECOND)
    assert bench.state == "CLOSED"
    assert [str(event) for event in bench.told[1:]] == ["Failed(reason='timed out')"]


def test_a_fin_needs_no_room_in_the_window() -> None:
    bench = client(PLAIN, window=1460)
    bench.sends(bytes(1460))
    bench.hears("A", 1, 1461, window=0)
    assert bench.closes() == ["FA 1461 ack 1"]


def test_a_window_that_shrinks_sends_nothing_new() -> None:
    bench = client(PLAIN, window=5840)
    bench.sends(bytes(10_000))
    assert bench.hears("A", 1, 1461, window=1000) == []
    assert bench.fact("rwnd") == "1 000"


def test_an_old_segment_does_not_tell_the_window() -> None:
    """SND.WL1 and SND.WL2 (RFC 9293 section 3.10.7.4)."""
    bench = client(PLAIN, window=5840)
    bench.sends(bytes(2920))
    bench.hears("A", 1, 2921, window=4000)
    bench.hears("A", 1, 1461, window=9000)
    assert bench.fact("rwnd") == "4 000"


def test_a_segment_that_was_overtaken_does_not_tell_the_window() -> None:
    bench = client(PLAIN)
    bench.hears("A", 11, 1, b"x" * 10, window=9000)
    assert bench.fact("rwnd") == "9 000"
    bench.hears("A", 1, 1, b"x" * 10, window=4000)
    assert bench.fact("rwnd") == "9 000"


def test_a_peer_that_shuts_its_window_on_data_under_way_is_not_given_up() -> None:
    """RFC 9293 section 3.8.6.1: as long as it answers."""
    bench = client(replace(PLAIN, retries=3))
    bench.sends(bytes(1460))
    for _ in range(10):
        assert len(bench.later((bench.connection.due or 0) - bench.now)) == 1
        bench.hears("A", 1, 1, window=0)
    assert bench.state == "ESTABLISHED"


def test_the_window_is_scaled_but_not_in_a_syn() -> None:
    """RFC 7323 sections 2.2 and 2.3."""
    options = replace(PLAIN, scale=True, window=1 << 20)
    bench = client(options, scale=7, window=1000)
    assert bench.fact("rwnd") == "1 000"
    bench.sends(b"x")
    assert bench.last.window == (1 << 20) >> 5
    bench.hears("A", 1, 2, window=1000)
    assert bench.fact("rwnd") == "128 000"
    assert client(options, scale=200, window=1).connection._tcb.sender.scale == 14


def test_the_window_is_not_scaled_where_the_peer_does_not_offer_it() -> None:
    bench = client(replace(PLAIN, scale=True, window=1 << 20))
    bench.hears("A", 1, 1, window=1000)
    assert bench.fact("rwnd") == "1 000"
    bench.sends(b"x")
    assert bench.last.window == 65535


def test_the_mss_is_the_smaller_one_and_536_where_none_is_named() -> None:
    """RFC 9293 section 3.7.1."""
    assert client(PLAIN, mss=1000).fact("mss") == "1 000"
    assert client(PLAIN, mss=9000).fact("mss") == "1 460"
    assert client(PLAIN, mss=None).fact("mss") == "536"
    assert client(PLAIN, mss=0).fact("mss") == "536"
    assert client(PLAIN, mss=1).fact("mss") == "88"
    assert client(Options()).fact("mss") == "1 448"
    bench = Bench(PLAIN, remote=REMOTE._replace(host="2001:db8::2"))
    bench.connection.connect(0)
    bench.hears("SA", 0, 1)
    assert bench.fact("mss") == "1 220"


def test_options_of_a_segment_are_taken_off_its_data() -> None:
    """RFC 6691: a segment with selective acknowledgments carries less."""
    bench = server(Options(nodelay=True), sack_permitted=True, timestamps=(1, 0))
    bench.hears("A", 1001, 1, b"x" * 100, timestamps=(1, 1))
    bench.sends(bytes(3000))
    sizes = [len(segment.data) for segment in bench.said[-3:]]
    assert sizes == [1448 - 12, 1448 - 12, 128]
    for segment in bench.said:
        assert len(segment.encode(bytes(4), bytes(4))) <= 1480


def test_after_a_pause_the_window_begins_anew() -> None:
    """RFC 5681 section 4.1."""
    bench = client(replace(PLAIN, initial_window=2))
    total = 1
    for _ in range(4):
        total += bench.cwnd
        bench.sends(bytes(bench.cwnd))
        bench.later(100 * MS)
        bench.hears("A", 1, total)
    assert bench.cwnd == 6 * 1460
    bench.later(60 * SECOND)
    assert len(bench.sends(bytes(14600))) == 2
    assert bench.cwnd == 2 * 1460


def test_smaller_packets_for_a_path_that_says_so() -> None:
    """RFC 1191 section 6.4: what was too large is cut and sent again, at no cost to cwnd."""
    bench = client(PLAIN)
    before = bench.cwnd
    bench.connection.send(bytes(range(256)) * 12, bench.now)
    bench.closes()
    assert [len(segment.data) for segment in bench.said] == [1460, 1460, 152]
    bench.said.clear()
    bench.connection.too_big(1040, bench.now)
    assert bench.flush() == [
        "A 1+1000 ack 1",
        "A 1001+460 ack 1",
        "A 1461+1000 ack 1",
        "A 2461+460 ack 1",
    ]
    assert b"".join(segment.data for segment in bench.said) == (bytes(range(256)) * 12)[:2920]
    assert bench.cwnd == before
    bench.hears("A", 1, 3074)
    assert bench.state == "FIN-WAIT-2"
    assert bench.timers() == []


def test_a_black_hole_is_found_out() -> None:
    """RFC 4821 section 7.7: large segments vanish, and no ICMP says so."""
    bench = client(replace(PLAIN, black_hole=True))
    bench.sends(bytes(3000))
    bench.later(300 * 31 * MS)
    sizes = [len(segment.data) for segment in bench.said if segment.note]
    assert sizes == [1460, 1460, 1024, 536, 536]
    assert bench.hears("A", 1, 537)[0] == "A 537+488 ack 1"
    assert bench.fact("mss") == "536"


def test_a_path_that_claims_to_be_narrower_than_any_is_not_believed() -> None:
    bench = client(PLAIN)
    bench.connection.too_big(100, bench.now)
    bench.connection.too_big(9000, bench.now)
    assert bench.fact("mss") == "1 460"
