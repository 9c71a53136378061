"""Echo, bulk and questions as values in, values out."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirestep.exchange.contract import (
    FAILURES,
    Abort,
    Done,
    End,
    Ended,
    Failed,
    Pause,
    Received,
    Request,
    Response,
    Resume,
    Say,
    Send,
    Started,
    Tell,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.exchange.raw import Ask, Echo, Source, Take, Talk, sealed, whole_body
from wirestep.model import Address

SECOND = 1_000_000_000
PEER = Address("192.0.2.7", 7)
CHANCE = random.Random(1)


def wish(*words: bytes, **options: object) -> Wish:
    return Wish("server", tuple(Request(body=word) for word in words), options)


@given(st.integers(32, 500), st.integers(0, 99))
def test_a_sealed_body_is_whole_only_as_it_is(size: int, seed: int) -> None:
    body = sealed(size, random.Random(seed))
    assert len(body) == size
    assert whole_body(body)
    assert not whole_body(body[:-1])
    assert not whole_body(bytes((body[0] ^ 1,)) + body[1:])


def test_words_go_out_one_by_one_however_the_stream_is_cut() -> None:
    talk = Talk(wish(b"hello", b"world!"), CHANCE)
    assert talk.handle(Started(), 0) == [Send(b"hello")]
    assert talk.handle(Received(b"he"), 1) == []
    said = talk.handle(Received(b"llo"), 2)
    assert said == [Tell(None, Response(0, "", (), b"hello")), Send(b"world!")]
    end = talk.handle(Received(b"world!"), 3)
    assert end == [Tell(None, Response(1, "", (), b"world!")), End(), Tell(None, Done())]
    assert talk.handle(Ended(), 4) == []


def test_a_server_that_ends_too_early() -> None:
    talk = Talk(wish(b"hello"), CHANCE)
    talk.handle(Started(), 0)
    told = talk.handle(Ended(), 1)
    error = "The server ended the connection before it had answered."
    assert told == [End(), Tell(None, Done(error))]


@pytest.mark.parametrize("reason", FAILURES)
@pytest.mark.parametrize("kind", [Talk, Ask, Take])
def test_every_failure_is_a_sentence_and_the_end(kind: type, reason: str) -> None:
    one = kind(wish(b"x"), CHANCE)
    (told,) = [out for out in one.handle(Failed(reason), 0) if isinstance(out, Tell)]
    assert isinstance(told.value, Done)
    assert len(told.value.error) > 3
    assert one.handle(Received(b"x", PEER), 1) == []


def test_a_datagram_is_sent_again_until_nobody_answers() -> None:
    ask = Ask(wish(b"hello", wait=2, attempts=3), CHANCE)
    assert ask.handle(Started(), 0) == [Send(b"hello"), WakeAt(2 * SECOND)]
    again = [Say("nothing came back: once more"), Send(b"hello")]
    assert ask.handle(Woken(), 2 * SECOND) == [*again, WakeAt(4 * SECOND)]
    assert ask.handle(Woken(), 4 * SECOND) == [*again, WakeAt(6 * SECOND)]
    assert ask.handle(Woken(), 6 * SECOND) == [End(), Tell(None, Done("Nobody answered."))]


def test_an_answer_to_another_question_is_passed_over() -> None:
    ask = Ask(wish(b"one", b"two"), CHANCE)
    ask.handle(Started(), 0)
    assert ask.handle(Received(b"other", PEER), 1) == []
    said = ask.handle(Received(b"one", PEER), 2)
    assert said == [Tell(None, Response(0, "", (), b"one")), Send(b"two"), WakeAt(SECOND + 2)]
    assert ask.handle(Received(b"one", PEER), 3) == []


def test_a_reader_pauses_once() -> None:
    take = Take(wish(**{"pause-at": 100, "pause-for": 3}), CHANCE)
    body = sealed(200, CHANCE)
    assert take.handle(Received(body[:99]), 0) == []
    pause = take.handle(Received(body[99:150]), 5)
    assert pause == [Say("reads no more for 3 s"), Pause(), WakeAt(3 * SECOND + 5)]
    assert take.handle(Woken(), 3 * SECOND + 5) == [Say("reads on"), Resume()]
    assert take.handle(Received(body[150:]), 4 * SECOND) == []
    told = take.handle(Ended(), 5 * SECOND)
    assert told == [End(), Tell(None, Response(0, "", (), body)), Tell(None, Done())]


def test_what_came_otherwise_is_told() -> None:
    take = Take(wish(), CHANCE)
    take.handle(Received(sealed(200, CHANCE)[1:]), 0)
    assert take.handle(Ended(), 1)[-1] == Tell(None, Done("What came is not what was sent."))


def test_a_source_sends_and_ends_or_breaks_off() -> None:
    sent, end = Source(None, CHANCE, {"bytes": 500}).handle(Started(), 0)
    assert isinstance(sent, Send)
    assert (len(sent.data), whole_body(sent.data), end) == (500, True, End())
    source = Source(None, CHANCE, {"bytes": 500, "abort-at": 0.5})
    assert source.handle(Started(), 7)[1:] == [WakeAt(SECOND // 2 + 7)]
    assert source.handle(Woken(), SECOND)[-1] == Abort()


def test_an_echo_answers_who_spoke() -> None:
    echo = Echo(None, CHANCE, {})
    assert echo.handle(Received(b"a", PEER), 0) == [Send(b"a", PEER)]
    assert echo.handle(Received(b"b"), 0) == [Send(b"b")]
    assert echo.handle(Ended(), 0) == [End()]
    assert echo.panels()[0].facts[0].value == "2 bytes"


def test_options_that_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="bytes: 'many' is no number"):
        Source(None, CHANCE, {"bytes": "many"})
