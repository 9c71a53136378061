"""When and how the peer is answered: delayed ACKs, windows, gaps, duplicates (RFC 9293, 2018)."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from wirestep.exchange.contract import Ended, Started
from wirestep.wires.tcp import Options
from wirestep.wires.tcp.reassembly import MOST, Islands

from .bench import MS, PLAIN, Bench, client, server

SACK = replace(PLAIN, sack=True)


def test_an_ack_waits_40_ms_for_company() -> None:
    """RFC 9293 section 3.8.6.3."""
    bench = server()
    assert bench.hears("PA", 1, 1, b"x" * 100) == []
    assert bench.timers() == [("delayed ACK", 40.0)]
    assert bench.later(40 * MS) == [(140.0, "A 1 ack 101")]
    assert bench.last.note == "delayed ACK"


def test_a_delayed_ack_that_finds_company_leaves_no_trace() -> None:
    bench = server(replace(PLAIN, nodelay=False))
    bench.sends(b"a")
    bench.hears("PA", 1, 1, b"x")
    bench.connection.send(b"b", bench.now)
    bench.now += 40 * MS
    bench.connection.expire(bench.now)
    bench.connection.close(bench.now)
    assert bench.flush() == ["FPA 2+1 ack 2"]
    bench.hears("A", 2, 1, b"x" * 10)
    bench.hears("A", 12, 1, b"x" * 10)
    assert (bench.last.note, bench.last.data) == ("", b"")


def test_data_takes_the_ack_along() -> None:
    bench = server()
    bench.hears("PA", 1, 1, b"x" * 100)
    assert bench.sends(b"answer") == ["PA 1+6 ack 101"]
    assert bench.timers()[0][0] == "RTO"


def test_every_second_segment_is_acknowledged_at_once() -> None:
    """RFC 5681 section 4.2."""
    bench = server()
    assert bench.hears("A", 1, 1, b"x" * 1460) == []
    assert bench.hears("A", 1461, 1, b"x" * 1460) == ["A 1 ack 2921"]
    assert bench.hears("A", 2921, 1, b"x" * 1460) == []


def test_no_delay_where_none_is_wished() -> None:
    bench = server(replace(PLAIN, delayed_ack=0))
    assert bench.hears("PA", 1, 1, b"x") == ["A 1 ack 2"]


def test_a_gap_is_answered_at_once_and_each_time() -> None:
    bench = server()
    assert bench.hears("A", 101, 1, b"b" * 100) == ["A 1 ack 1"]
    assert bench.hears("A", 201, 1, b"c" * 100) == ["A 1 ack 1"]
    assert bench.got == b""
    assert bench.hears("A", 1, 1, b"a" * 100) == ["A 1 ack 301"]
    assert bench.got == b"a" * 100 + b"b" * 100 + b"c" * 100


def test_what_is_there_twice_is_delivered_once() -> None:
    bench = server()
    bench.hears("A", 1, 1, b"abcd")
    assert bench.hears("A", 1, 1, b"abcd") == ["A 1 ack 5"]
    assert bench.hears("A", 3, 1, b"cdef") == []
    assert bench.got == b"abcdef"


def test_a_fin_counts_only_when_all_before_it_is_there() -> None:
    bench = server()
    assert bench.hears("FA", 5, 1, b"efgh") == ["A 1 ack 1"]
    assert bench.state == "ESTABLISHED"
    assert bench.hears("A", 1, 1, b"abcd") == ["A 1 ack 10"]
    assert bench.got == b"abcdefgh"
    assert bench.told[-1] == Ended()
    assert bench.state == "CLOSE-WAIT"
    assert bench.hears("FA", 5, 1, b"efgh") == ["A 1 ack 10"]
    assert bench.told.count(Ended()) == 1


def test_a_fin_alone_before_its_data() -> None:
    bench = server()
    bench.hears("FA", 5, 1)
    bench.hears("A", 1, 1, b"abcd")
    assert bench.state == "CLOSE-WAIT"


def test_after_our_fin_data_still_comes() -> None:
    bench = client()
    bench.closes()
    bench.hears("A", 1, 2)
    assert bench.hears("A", 1, 2, b"still here") == []
    assert bench.got == b"still here"
    assert bench.hears("FA", 11, 2) == ["A 2 ack 12"]
    assert bench.state == "TIME-WAIT"


def test_selective_acknowledgments_tell_the_latest_first() -> None:
    """RFC 2018 section 4, rules (1) to (3)."""
    bench = server(SACK, sack_permitted=True)
    assert bench.hears("A", 101, 1, b"x" * 100) == ["A 1 ack 1 [101, 201)"]
    assert bench.hears("A", 301, 1, b"x" * 100) == ["A 1 ack 1 [301, 401) [101, 201)"]
    assert bench.hears("A", 201, 1, b"x" * 100) == ["A 1 ack 1 [101, 401)"]
    assert bench.hears("A", 501, 1, b"x" * 100) == ["A 1 ack 1 [501, 601) [101, 401)"]
    assert bench.hears("A", 1, 1, b"x" * 100) == ["A 1 ack 401 [501, 601)"]
    assert bench.hears("A", 401, 1, b"x" * 100) == ["A 1 ack 601"]


def test_no_more_blocks_than_fit() -> None:
    """Four; three beside timestamps (RFC 2018 section 3)."""
    for options, most in ((SACK, 4), (replace(SACK, timestamps=True), 3)):
        bench = server(options, sack_permitted=True, timestamps=(1, 0))
        for number in range(1, 8):
            bench.hears("A", number * 200, 1, b"x" * 100, timestamps=(1, 1))
        assert len(bench.last.sack) == most
        assert len(bench.last.encode(bytes(4), bytes(4))) <= 60


def test_duplicates_are_told_once() -> None:
    """RFC 2883 section 4: examples with one block, and with the island that it lies in."""
    bench = server(SACK, sack_permitted=True)
    bench.hears("A", 1, 1, b"x" * 500)
    assert bench.hears("A", 1, 1, b"x" * 500) == ["A 1 ack 501 [1, 501)"]
    assert bench.hears("A", 1001, 1, b"x" * 500) == ["A 1 ack 501 [1001, 1501)"]
    assert bench.hears("A", 1001, 1, b"x" * 500) == ["A 1 ack 501 [1001, 1501) [1001, 1501)"]
    assert bench.hears("A", 1501, 1, b"x" * 500) == ["A 1 ack 501 [1001, 2001)"]


def test_no_selective_acknowledgment_where_it_was_not_agreed() -> None:
    bench = server(SACK)
    assert bench.hears("A", 101, 1, b"x" * 100) == ["A 1 ack 1"]


def test_a_paused_reader_shuts_the_window_and_resuming_opens_it() -> None:
    bench = server(replace(PLAIN, window=3000))
    bench.connection.pause(bench.now)
    bench.hears("A", 1, 1, b"a" * 1460)
    bench.hears("A", 1461, 1, b"b" * 1460)
    assert bench.last.window == 80
    bench.hears("A", 2921, 1, b"c" * 1460)
    bench.later(40 * MS)
    assert (bench.last.window, bench.last.note) == (0, "delayed ACK")
    assert bench.got == b""
    assert bench.fact("unread") == "3 000"
    # A probe: its byte does not fit.
    assert bench.hears("A", 3001, 1, b"c") == ["A 1 ack 3001"]
    assert bench.last.window == 0
    bench.connection.resume(bench.now)
    assert bench.flush() == ["A 1 ack 3001"]
    assert (bench.last.window, bench.last.note) == (3000, "window update")
    assert bench.got == b"a" * 1460 + b"b" * 1460 + b"c" * 80


def test_the_window_opens_by_a_segment_at_least() -> None:
    """RFC 9293 section 3.8.6.2.2: no silly windows."""
    bench = server(replace(PLAIN, window=10_000, delayed_ack=0))
    windows = []
    for number in range(16):
        bench.hears("A", 1 + 100 * number, 1, b"x" * 100)
        windows.append(bench.last.window)
    # The right edge stands still until it can move by 1460.
    assert windows == [10_000 - 100 * n for n in range(1, 15)] + [10_000, 9_900]


def test_the_end_comes_after_what_a_paused_reader_did_not_take() -> None:
    bench = server()
    bench.connection.pause(bench.now)
    bench.hears("FPA", 1, 1, b"last words")
    assert [type(event) for event in bench.told] == [Started]
    bench.connection.resume(bench.now)
    bench.flush()
    assert bench.got == b"last words"
    assert bench.told[-1] == Ended()
    bench.connection.pause(bench.now)
    bench.connection.resume(bench.now)
    bench.flush()
    assert bench.told.count(Ended()) == 1


def test_data_outside_of_the_window_is_not_taken() -> None:
    bench = server(replace(PLAIN, window=1000))
    assert bench.hears("A", 1001, 1, b"x") == ["A 1 ack 1"]
    bench.hears("A", 501, 1, b"y" * 1000)
    bench.hears("A", 1, 1, b"x" * 500)
    assert bench.got == b"x" * 500 + b"y" * 500


def test_a_fin_behind_the_window_does_not_count() -> None:
    bench = server(replace(PLAIN, window=1000))
    bench.hears("FA", 501, 1, b"y" * 1000)
    bench.hears("A", 1, 1, b"x" * 500)
    assert len(bench.got) == 1000
    assert bench.state == "ESTABLISHED"


def test_a_window_that_hardly_opens_is_not_told() -> None:
    bench = server()
    bench.connection.pause(bench.now)
    bench.hears("A", 1, 1, b"x" * 10)
    bench.connection.resume(bench.now)
    assert bench.flush() == []
    assert bench.got == b"x" * 10


def test_old_data_is_known_by_its_timestamp() -> None:
    """PAWS: RFC 7323 section 5.3."""
    bench = server(replace(PLAIN, timestamps=True), timestamps=(100, 0))
    bench.hears("A", 1, 1, b"x" * 100, timestamps=(200, 0))
    bench.later(40 * MS)
    assert bench.last.timestamps == (140, 200)
    bench.hears("A", 101, 1, b"x" * 100, timestamps=(300, 0))
    assert bench.hears("A", 201, 1, b"old", timestamps=(150, 0)) == ["A 1 ack 201"]
    assert len(bench.got) == 200
    # An RST is not held to it, nor what comes without: that is dropped (section 3.2).
    assert bench.hears("A", 201, 1, b"without") == []
    bench.hears("R", 201, timestamps=(1, 0))
    assert bench.state == "CLOSED"


def test_the_timestamp_echoed_is_that_of_the_segment_that_moved_the_ack() -> None:
    """RFC 7323 section 4.3: delayed ACKs, and a gap that is filled."""
    bench = server(replace(PLAIN, timestamps=True), timestamps=(100, 0))
    bench.hears("A", 1, 1, b"x" * 10, timestamps=(200, 0))
    bench.hears("A", 11, 1, b"x" * 10, timestamps=(201, 0))
    assert bench.last.timestamps == (100, 200)
    bench.hears("A", 31, 1, b"x" * 10, timestamps=(202, 0))
    assert bench.last.timestamps == (100, 200)
    bench.hears("A", 21, 1, b"x" * 10, timestamps=(203, 0))
    assert bench.last.timestamps == (100, 203)


def test_islands_are_bounded() -> None:
    islands = Islands()
    for number in range(MOST + 10):
        islands.add(10 * number, b"x")
    assert len(islands.all) == MOST


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=40))
def test_islands_hold_what_was_put_in(pieces: list[tuple[int, int]]) -> None:
    """Against a byte for byte account."""
    stream = random.Random(7).randbytes(100)
    islands, known = Islands(), set[int]()
    for start, size in pieces:
        twice = islands.add(start, stream[start : start + size])
        before = [at for at in range(start, start + size) if at in known]
        assert (twice is None) == (not before)
        if twice is not None:
            assert set(range(*twice)) <= set(before)
            assert twice[0] == before[0]
        known |= set(range(start, start + size))
    assert {at for island in islands.all for at in range(island.start, island.stop)} == known
    for island in islands.all:
        assert bytes(island.data) == stream[island.start : island.stop]
    for one, other in zip(islands.all, islands.all[1:], strict=False):
        assert one.stop < other.start


def test_a_bench_of_defaults() -> None:
    bench = Bench(Options())
    bench.connection.connect(0)
    bench.flush()
    syn = bench.last
    assert (syn.mss, syn.scale, syn.sack_permitted, syn.window) == (1460, 3, True, 65535)
    assert syn.timestamps == (0, 0)
