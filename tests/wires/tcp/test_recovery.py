"""What is sent again, when, and what it costs (RFC 5681, 6582, 6675, 3042)."""

from __future__ import annotations

from dataclasses import replace

from wirestep.wires.tcp.congestion import Cubic
from wirestep.wires.tcp.scoreboard import Scoreboard, Sent

from .bench import ISS, MS, PLAIN, Bench, client

MSS = 1000
SACK = replace(PLAIN, sack=True)


def sending(segments: int = 10, **options: object) -> Bench:
    """A client that has just sent so many segments of 1000 bytes, and has more to send."""
    chosen = replace(PLAIN, mss=MSS, **options)  # type: ignore[arg-type]
    bench = client(replace(chosen, initial_window=segments))
    bench.sends(bytes(100 * MSS))
    assert len(bench.said) == segments
    bench.said.clear()
    bench.later(100 * MS)
    return bench


def at(segment: int) -> int:
    """The sequence number at which a segment begins, counted from 0."""
    return 1 + segment * MSS


def data(segment: int) -> str:
    return f"A {at(segment)}+{MSS} ack 1"


def resent(bench: Bench) -> list[int]:
    """The segments that were sent again, counted from 0."""
    return [
        (segment.sequence - ISS - 1) % 2**32 // MSS
        for segment in bench.said
        if segment.note == "fast retransmission"
    ]


def test_two_duplicates_let_one_new_segment_out_each() -> None:
    """Limited transmit: RFC 3042 section 2."""
    bench = sending()
    assert bench.hears("A", 1, at(0)) == [data(10)]
    assert bench.hears("A", 1, at(0)) == [data(11)]
    assert bench.cwnd == 10 * MSS


def test_the_third_duplicate_sends_again_at_once() -> None:
    """Fast retransmit: RFC 5681 section 3.2; RFC 6582 section 3.2, step 2."""
    bench = sending()
    bench.hears("A", 1, at(0))
    bench.hears("A", 1, at(0))
    assert bench.hears("A", 1, at(0)) == [data(0)]
    assert bench.last.note == "fast retransmission"
    # 12 segments were under way (two of them by limited transmit).
    assert bench.ssthresh == 6 * MSS
    assert bench.cwnd == 6 * MSS + 3 * MSS
    assert bench.fact("recovery") == "fast recovery"


def test_each_further_duplicate_opens_the_window_and_a_full_ack_shuts_it() -> None:
    """Fast recovery: RFC 6582 section 3.2, step 3."""
    bench = sending()
    for _ in range(3):
        bench.hears("A", 1, at(0))
    assert [bench.hears("A", 1, at(0)) for _ in range(3)] == [[], [], []]
    assert bench.cwnd == 12 * MSS
    assert bench.hears("A", 1, at(0)) == [data(12)]
    assert bench.hears("A", 1, at(0)) == [data(13)]
    # Everything up to what was sent when the recovery began, and one more segment or so.
    bench.hears("A", 1, at(12))
    assert bench.cwnd == min(6, 2 + 1) * MSS
    assert bench.connection._tcb.recovery.mode == ""


def test_a_partial_ack_sends_the_next_hole() -> None:
    """NewReno: RFC 6582 section 3.2, step 3; the timer starts anew at the first (section 4)."""
    bench = sending()
    for _ in range(3):
        bench.hears("A", 1, at(0))
    due = bench.connection.due
    bench.later(50 * MS)
    assert bench.hears("A", 1, at(4)) == [data(4)]
    assert bench.connection.due != due
    assert bench.cwnd == 9 * MSS - 4 * MSS + MSS
    due = bench.connection.due
    bench.later(50 * MS)
    assert bench.hears("A", 1, at(6)) == [data(6)]
    assert bench.connection.due == due


def test_what_is_no_duplicate_acknowledgment() -> None:
    """RFC 5681 section 2: data, a FIN, another window."""
    bench = sending()
    for number in range(4):
        bench.hears("A", 1 + 10 * number, at(0), b"x" * 10)
    for window in (60_000, 60_001, 60_002, 60_003):
        bench.hears("A", 41, at(0), window=window)
    assert not any(segment.note for segment in bench.said if segment.data)
    assert bench.fact("ssthresh") == "∞"


def test_after_a_time_out_duplicates_of_what_was_sent_again_begin_nothing() -> None:
    """RFC 6582 section 3.2, step 4."""
    bench = sending()
    bench.later(300 * MS)
    assert [segment.note for segment in bench.said] == ["retransmission"]
    bench.hears("A", 1, at(5))
    cwnd = bench.cwnd
    for _ in range(4):
        bench.hears("A", 1, at(5))
    assert bench.cwnd == cwnd
    assert bench.fact("recovery") == "after a time-out"


def test_a_time_out_begins_with_one_segment_and_goes_back() -> None:
    """RFC 5681 section 3.1: ssthresh is half of the flight, and kept for a second time-out."""
    bench = sending()
    assert bench.later(250 * MS) == [(400.0, data(0))]
    assert (bench.cwnd, bench.ssthresh) == (MSS, 5 * MSS)
    bench.later(600 * MS)
    assert (bench.cwnd, bench.ssthresh) == (MSS, 5 * MSS)
    assert bench.hears("A", 1, at(1)) == [data(1), data(2)]
    assert bench.hears("A", 1, at(2)) == [data(3), data(4)]
    # All of it had arrived but the first: what follows is new.
    assert bench.hears("A", 1, at(10))[0] == data(10)
    assert bench.connection._tcb.recovery.mode == ""


def test_selective_acknowledgments_say_what_is_missing() -> None:
    """RFC 6675 section 5: segments 0 and 3 of 10 are lost."""
    bench = sending(sack=True)
    blocks = [(at(1), at(2)), (at(1), at(3)), (at(4), at(5)), (at(4), at(6)), (at(4), at(7))]
    answers = []
    for block in blocks:
        earlier = ((at(1), at(3)),) if block[0] == at(4) else ()
        answers.append(bench.hears("A", 1, at(0), sack=(block, *earlier)))
    # Limited transmit, twice; then the loss of 0 is plain. cwnd = 12 / 2 = 6.
    assert answers == [[data(10)], [data(11)], [data(0)], [], []]
    assert (bench.cwnd, bench.ssthresh) == (6 * MSS, 6 * MSS)
    # 3 is lost for sure with three segments acknowledged above it: 4, 5, 6 (more than 2 MSS).
    pipe = bench.connection._tcb.sender.board.pipe
    assert pipe == (12 - 1 - 5 - 1 + 1) * MSS
    assert bench.hears("A", 1, at(0), sack=((at(4), at(8)), (at(1), at(3)))) == [data(3)]
    assert bench.hears("A", 1, at(3), sack=((at(4), at(8)),)) == [data(12)]
    bench.hears("A", 1, at(12))
    assert bench.connection._tcb.recovery.mode == ""
    assert bench.cwnd == 6 * MSS


def test_a_hole_that_is_not_surely_lost_is_sent_again_when_there_is_nothing_else() -> None:
    """RFC 6675 section 4, NextSeg, rule 3; and rule 4, the rescue of the last."""
    bench = client(replace(SACK, mss=MSS))
    bench.sends(bytes(8 * MSS))
    bench.said.clear()
    # 0 and 6 are missing, and 7 is there: of 6 nobody is sure.
    for stop in range(2, 6):
        bench.hears("A", 1, at(0), sack=((at(1), at(stop)),))
    bench.hears("A", 1, at(0), sack=((at(7), at(8)), (at(1), at(5))))
    assert resent(bench) == [0, 5]
    bench.hears("A", 1, at(0), sack=((at(7), at(8)), (at(1), at(6))))
    assert resent(bench) == [0, 5, 6]


def test_the_last_one_is_rescued() -> None:
    """RFC 6675 section 4, NextSeg, rule 4: once, and it does not count as the next."""
    bench = client(replace(SACK, mss=MSS))
    bench.sends(bytes(8 * MSS))
    bench.said.clear()
    for stop in range(2, 8):
        bench.hears("A", 1, at(0), sack=((at(1), at(stop)),))
    assert resent(bench) == [0, 7]
    bench.hears("A", 1, at(7))
    assert resent(bench) == [0, 7]
    # What is new is not rescued as soon as it has left.
    assert bench.sends(bytes(MSS)) == [f"PA {at(8)}+{MSS} ack 1"]


def test_a_peer_that_takes_back_what_it_had_is_not_believed_after_a_time_out() -> None:
    """RFC 2018 section 8."""
    bench = sending(sack=True)
    bench.hears("A", 1, at(0), sack=((at(0) + 1, at(3)),))
    bench.hears("A", 1, at(0), sack=((at(1), at(9)),))
    bench.hears("A", 1, at(1), sack=())
    assert bench.connection._tcb.sender.board.sent[0].sacked
    bench.said.clear()
    bench.later(400 * MS)
    assert not any(record.sacked for record in bench.connection._tcb.sender.board.sent)
    assert [segment.note for segment in bench.said] == ["retransmission"]


def test_impossible_blocks_are_left_alone() -> None:
    bench = sending(sack=True)
    for block in ((at(5), at(5)), (at(6), at(5)), (at(-3), at(-1)), (at(50), at(60)), (1, at(60))):
        bench.hears("A", 1, at(0), sack=(block,))
    assert not any(record.sacked for record in bench.connection._tcb.sender.board.sent)
    assert bench.fact("ssthresh") == "∞"


def test_three_gaps_above_are_enough() -> None:
    """IsLost: RFC 6675 section 4: three runs, or more than two segments' worth of bytes."""
    board = Scoreboard()
    for number in range(7):
        board.add(Sent(number * 10, number * 10 + 10, 0, 0, 0))
    board.mark_sacked([(10, 20), (30, 40)])
    board.mark_lost(mss=1000)
    assert board.next_lost() is None
    board.mark_sacked([(50, 60)])
    board.mark_lost(mss=1000)
    assert [record.start for record in board.sent if record.lost] == [0]


def test_bytes_above_are_enough() -> None:
    board = Scoreboard()
    for number in range(5):
        board.add(Sent(number * 10, number * 10 + 10, 0, 0, 0))
    board.mark_sacked([(20, 50)])
    board.mark_lost(mss=15)
    assert not any(record.lost for record in board.sent)
    board.mark_lost(mss=14)
    assert [record.start for record in board.sent if record.lost] == [0, 10]


def test_a_second_time_out_leaves_the_curve_alone() -> None:
    """RFC 5681 section 3.1: what is held for a segment that was sent again by the timer."""
    bench = sending(congestion="cubic")
    for _ in range(3):
        bench.later(2000 * MS)
    congestion = bench.connection._tcb.congestion
    assert isinstance(congestion, Cubic)
    assert (bench.ssthresh, congestion._w_max) == (7 * MSS, 10)


def test_what_counts_as_under_way() -> None:
    """SetPipe: RFC 6675 section 4."""
    board = Scoreboard()
    for number in range(5):
        board.add(Sent(number * 10, number * 10 + 10, 0, 0, 0))
    assert board.pipe == 50
    assert board.mark_sacked([(10, 50)])
    assert not board.mark_sacked([(10, 50)])
    assert board.pipe == 10
    board.mark_lost(mss=10)
    assert board.pipe == 0
    record = board.next_lost()
    assert record is board.sent[0]
    board.resend(record, 5)
    assert (board.pipe, board.next_lost()) == (10, None)
    assert board.acknowledge(15) == [record]
    assert (board.sent[0].start, board.pipe) == (15, 0)
    board.lose_all()
    assert board.next_lost() is board.sent[0], "the oldest was taken back"
    assert [record.lost for record in board.sent] == [True] * 4


def test_plots_are_kept() -> None:
    bench = sending()
    bench.hears("A", 1, at(5))
    point = bench.connection.history[-1]
    assert point == (bench.now, 11 * MSS, 1 << 30, 100 * MS, 5 * MSS)
