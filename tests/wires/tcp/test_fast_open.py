"""Fast Open (RFC 7413)."""

from __future__ import annotations

from dataclasses import replace

from wirestep.exchange.contract import Ended, Failed, Started
from wirestep.wires.tcp import Cookies, Options
from wirestep.wires.tcp.segment import FIN, SYN

from .bench import LOCAL, MS, PLAIN, REMOTE, SECOND, Bench
from .pair import CLIENT, SERVER, Pair

FAST = replace(PLAIN, fast_open=True)
COOKIES = Cookies(bytes(range(16)))


def listener() -> Bench:
    bench = Bench(FAST, COOKIES)
    bench.connection.listen(0)
    return bench


def opened(cookie: bytes, early: bytes = b"GET /") -> Bench:
    bench = Bench(FAST)
    bench.connection.connect(0, early, cookie)
    bench.flush()
    return bench


def test_a_client_without_a_cookie_asks_for_one() -> None:
    """Section 4.1.2."""
    bench = opened(b"")
    assert bench.last.cookie == b""
    assert bench.last.data == b""
    bench.hears("SA", 0, 1, mss=1460, cookie=b"c" * 8)
    assert bench.connection.cookie == b"c" * 8
    # What was meant for the SYN goes now.
    assert bench.last.data == b"GET /"


def test_a_server_gives_a_cookie_for_an_address() -> None:
    bench = listener()
    bench.hears("S", 0, mss=1460, cookie=b"")
    assert bench.last.cookie == COOKIES.cookie(REMOTE.host)
    assert len(bench.last.cookie) == 8
    assert COOKIES.cookie(LOCAL.host) != bench.last.cookie
    assert Cookies(bytes(16)).cookie(REMOTE.host) != bench.last.cookie


def test_a_server_without_fast_open_gives_none() -> None:
    bench = Bench(PLAIN, COOKIES)
    bench.connection.listen(0)
    bench.hears("S", 0, mss=1460, cookie=b"", data=b"early")
    assert bench.last.cookie is None
    assert bench.got == b""


def test_data_with_a_good_cookie_is_taken_and_answered_at_once() -> None:
    """Section 4.2.2: the server speaks before the handshake is done."""
    bench = listener()
    assert bench.hears("S", 0, data=b"GET /", mss=1460, cookie=COOKIES.cookie(REMOTE.host)) == [
        "SA 0 ack 6"
    ]
    assert bench.got == b"GET /"
    assert [type(event) for event in bench.told] == [Started]
    assert bench.state == "SYN-RECEIVED"
    assert bench.sends(b"answer") == ["PA 1+6 ack 6"]
    bench.later(100 * MS)
    bench.hears("A", 6, 7)
    assert bench.state == "ESTABLISHED"
    assert [type(event) for event in bench.told] == [Started]


def test_data_with_a_bad_cookie_is_not_and_a_good_one_comes_back() -> None:
    bench = listener()
    assert bench.hears("S", 0, data=b"GET /", mss=1460, cookie=b"x" * 8) == ["SA 0 ack 1"]
    assert bench.got == b""
    assert bench.last.cookie == COOKIES.cookie(REMOTE.host)


def test_a_client_sends_with_its_cookie_and_sends_again_what_was_not_taken() -> None:
    bench = opened(b"c" * 8, b"GET /")
    assert (bench.last.flags, bench.last.data, bench.last.cookie) == (SYN, b"GET /", b"c" * 8)
    taken = bench.hears("SA", 0, 6, mss=1460)
    assert taken == ["A 6 ack 1"]
    bench = opened(b"c" * 8, b"GET /")
    assert bench.hears("SA", 0, 1, mss=1460) == ["PA 1+5 ack 1"]
    assert bench.last.data == b"GET /"


def test_a_server_may_answer_with_its_syn() -> None:
    bench = opened(b"c" * 8)
    assert bench.hears("SA", 0, 6, b"hello", mss=1460) == ["A 6 ack 6"]
    assert bench.got == b"hello"


def test_a_syn_that_is_lost_goes_again_alone() -> None:
    """Section 4.2.1: without data and without the option."""
    bench = opened(b"c" * 8)
    bench.later(SECOND)
    assert (bench.last.flags, bench.last.data, bench.last.cookie) == (SYN, b"", None)
    assert len(bench.said) == 2
    # And still, the first one may have arrived.
    assert bench.hears("SA", 0, 6, mss=1460) == ["A 6 ack 1"]
    assert bench.state == "ESTABLISHED"


def test_more_than_fits_follows_after_the_handshake() -> None:
    bench = opened(b"c" * 8, bytes(3000))
    assert len(bench.last.data) == 1420
    assert len(bench.last.encode(bytes(4), bytes(4))) <= 1480
    bench.hears("SA", 0, 1421, mss=1460)
    assert sum(len(segment.data) for segment in bench.said) == 3000


def test_a_server_may_close_before_the_handshake_is_done() -> None:
    bench = listener()
    bench.hears("S", 0, data=b"GET /", mss=1460, cookie=COOKIES.cookie(REMOTE.host))
    bench.connection.send(b"answer", bench.now)
    bench.closes()
    assert bench.last.flags & FIN
    assert bench.state == "FIN-WAIT-1"
    bench.hears("A", 6, 1)
    assert bench.state == "FIN-WAIT-1"
    bench.hears("FA", 6, 8)
    assert bench.state == "TIME-WAIT"
    assert bench.told[-1] == Ended()


def test_a_reset_before_the_handshake_is_done_is_told() -> None:
    bench = listener()
    bench.hears("S", 0, data=b"GET /", mss=1460, cookie=COOKIES.cookie(REMOTE.host))
    bench.hears("R", 6)
    assert bench.told[-1] == Failed("reset")
    assert bench.connection.over


def test_the_second_meeting_saves_a_round_trip() -> None:
    options = Options(fast_open=True)

    def meet(early: bytes, cookie: bytes) -> Pair:
        pair = Pair(options, options, cookies=COOKIES)

        def react(pair: Pair, side: int, event: object) -> None:
            if side == SERVER and pair.got[SERVER] and not pair.times(SERVER)[1:]:
                pair.ends[SERVER].send(b"answer", pair.now)
            if side == CLIENT and pair.got[CLIENT]:
                times.append(pair.now)

        times: list[int] = []
        pair.react = react
        pair.open(early, cookie)
        pair.run(2 * SECOND)
        assert pair.got == [b"answer", b"request"]
        answered.append(times[0] // MS)
        return pair

    answered: list[int] = []
    first = meet(b"request", b"")
    meet(b"request", first.ends[CLIENT].cookie)
    assert answered == [200, 100]
