"""Who asks and who answers HTTP/1.1: events in, outputs out."""

from __future__ import annotations

import gzip
import http.client
import io
import random
from collections.abc import Callable
from email.message import Message as Fields
from functools import partial
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from meetings import SECOND, Meeting
from understood import records, summaries, understood

from wirestep.exchange.contract import (
    Done,
    End,
    Ended,
    Failed,
    Input,
    Output,
    Panel,
    Pause,
    Received,
    Request,
    Response,
    Resume,
    Send,
    Started,
    Tell,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.exchange.site import Site
from wirestep.exchange.site_pages import seeded
from wirestep.model import Address
from wirestep.protocols.http1 import drive, lab

PLACE = Address("203.0.113.80", 80)
JSON = (("content-type", "application/json"),)
MS = 1_000_000
DAY = (
    Request(),
    Request(target="/style.css", headers=(("if-none-match", "*"),)),
    Request(target="/users"),
    Request("POST", "/users", JSON, b'{"name": "Grace Hopper"}'),
    Request("HEAD", "/waves.png"),
    Request("DELETE", "/users/1"),
    Request("OPTIONS", "/users"),
    Request(target="/slow?ms=100"),
    Request(target="/events"),
    Request("POST", "/echo", body=b"said and said again"),
    Request(target="/bytes/70000"),
    Request(target="/nowhere"),
)
STATUSES = ["200", "304", "200", "201", "200", "204", "204", "200", "200", "200", "200", "404"]
WAYS: dict[str, dict[str, object]] = {
    "one by one": {},
    "pipelined": {"pipelined": True},
    "chunked": {"chunked": 5},
    "expecting": {"expect": True},
    "closing": {"close": True, "codings": ""},
}
ways = pytest.mark.parametrize(
    "options", WAYS.values(), ids=[way.replace(" ", "-") for way in WAYS]
)


def meet(
    options: dict[str, object],
    requests: tuple[Request, ...] = DAY,
    cut: Callable[[bytes], list[bytes]] = lambda data: [data],
    site: Site | None = None,
    delay: int = 0,
) -> Meeting:
    client = drive.CLIENTS["http/1.1"](Wish("lab.test", requests, options), random.Random(1))
    shared = site or Site()
    make = partial(lab.SERVERS["http/1.1"], shared, random.Random(2), {})
    return Meeting(client, {("tcp", PLACE): make}, at=PLACE, cut=cut, delay=delay)


def answers(told: list[object]) -> list[Response]:
    return [one for one in told if isinstance(one, Response)]


@ways
def test_everything_is_answered_in_order(options: dict[str, object]) -> None:
    meeting = meet(options)
    told = meeting.run()
    assert told[-1] == Done("")
    assert [answer.status for answer in answers(told)] == STATUSES
    assert [answer.request for answer in answers(told)] == list(range(len(DAY)))
    assert answers(told)[10].body == seeded(70_000, 0)
    assert answers(told)[9].body == b"said and said again"
    page = answers(told)[0]
    assert ("content-encoding", "br") in page.headers or not options.get("codings", True)
    assert meeting.parties[0].ended
    assert meeting.client.peer is not None
    assert meeting.client.peer.ended


def test_a_connection_asked_to_close_is_closed_by_the_server() -> None:
    meeting = meet({"close": True}, (Request(), Request(target="/about")))
    assert meeting.run()[-1] == Done("")
    heads = meeting.stream(meeting.client).split(b"\r\n\r\n")
    assert b"connection: close" not in heads[0].lower()
    assert b"connection: close" in heads[1].lower()
    assert meeting.client.peer is not None
    assert b"Connection: close" in meeting.stream(meeting.client.peer)


@ways
@pytest.mark.parametrize("step", [1, 2, 3, 7, 100])
def test_any_cut_gives_the_same_answers(options: dict[str, object], step: int) -> None:
    few = tuple(request for request in DAY if "bytes" not in request.target)
    whole = meet(options, few).run()
    cut = meet(
        options, few, lambda data: [data[at : at + step] for at in range(0, len(data), step)]
    )
    assert cut.run() == whole


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_any_pieces_give_the_same_answers(chance: random.Random) -> None:
    def pieces(data: bytes) -> list[bytes]:
        places = sorted(chance.sample(range(len(data) + 1), min(4, len(data))))
        ends = [0, *places, len(data)]
        return [data[a:b] for a, b in pairwise(ends) if a < b]

    few = DAY[:7]
    assert meet({"chunked": 5}, few, pieces).run() == meet({"chunked": 5}, few).run()


@ways
def test_our_decoder_reads_what_was_said(options: dict[str, object]) -> None:
    meeting = meet(options)
    meeting.run()
    messages = understood(records(meeting, 80))
    lines = summaries(messages, "http")
    asked = [line for line in lines if "HTTP/1.1" not in line[:9] and " /" in line]
    said = [line for line in lines if line.startswith("HTTP/1.1") and " 100 " not in line[:14]]
    assert [line.split()[:2] for line in asked] == [[one.method, one.target] for one in DAY]
    assert [line.split()[1] for line in said] == STATUSES


def test_the_standard_library_reads_what_the_server_says() -> None:
    """http.client, which is not ours and not h11, on the server's bytes."""
    meeting = meet({"codings": "gzip"})
    told = meeting.run()
    assert meeting.client.peer is not None
    stream = io.BytesIO(meeting.stream(meeting.client.peer))

    class Sock:
        def makefile(self, *_: object) -> io.BytesIO:
            return stream

    stream.close = lambda: None  # type: ignore[method-assign]
    for request, answer in zip(DAY, answers(told), strict=True):
        reply = http.client.HTTPResponse(Sock(), method=request.method)  # type: ignore[arg-type]
        reply.begin()
        assert str(reply.status) == answer.status
        assert reply.read() == answer.body
        assert isinstance(reply.headers, Fields)
        if reply.headers["content-encoding"] == "gzip" and answer.body:
            assert gzip.decompress(answer.body)
    assert stream.read() == b""


# Playbooks: two lists


def play(party: drive.Client | lab.Server, events: list[tuple[int, Input]]) -> list[Output]:
    return [output for now, event in events for output in party.handle(event, now)]


ASKED = (
    b"GET / HTTP/1.1\r\nhost: a.test\r\nuser-agent: wirestep\r\naccept: */*\r\n"
    b"accept-encoding: gzip, br\r\n\r\n"
)


def client(*requests: Request, **options: object) -> drive.Client:
    return drive.Client(Wish("a.test", requests or (Request(),), dict(options)))


def test_a_request_and_its_answer() -> None:
    one = client()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Y: z\r\n\r\nhello"
    assert [out for out in play(one, [(0, Started())]) if isinstance(out, Send)] == [Send(ASKED)]
    outputs = play(one, [(5, Received(answer[:30])), (7, Received(answer[30:]))])
    fields = (("content-length", "5"), ("x-y", "z"))
    assert outputs[1:] == [
        Tell(None, Response(0, "200", fields, b"hello")),
        Tell(None, Done()),
        End(),
    ]
    (panel,) = one.panels()
    assert (panel.title, panel.state) == ("HTTP/1.1", "closed")
    assert dict(panel.since)["closed"] == 7
    assert play(one, [(9, Received(b"more")), (9, Ended()), (9, Failed("reset"))]) == []


def error(outputs: list[Output]) -> str:
    (done,) = [
        out.value for out in outputs if isinstance(out, Tell) and isinstance(out.value, Done)
    ]
    return done.error


FAULTS = [
    (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "The server broke HTTP/1.1: its first line is no status line"),
    (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "a line of its head is no header field: b'no colon'"),
    (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000, "its head is larger than 64 KiB."),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "gives two lengths"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "its Content-Length is no number."),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "Transfer-Encoding is not chunked."),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "does not begin with its size",
    ),
    (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", "it switches to a protocol"),
    (b"HTTP/1.1 200 OK\r\nX\x1b[2J: y\r\n\r\n", "a line of its head is no header field"),
]


@pytest.mark.parametrize(("bytes_", "sentence"), FAULTS, ids=range(len(FAULTS)))
def test_a_server_that_breaks_the_rules_is_told_of(bytes_: bytes, sentence: str) -> None:
    outputs = play(client(), [(0, Started()), (1, Received(bytes_))])
    assert sentence in error(outputs)
    assert "\x1b" not in error(outputs)
    assert isinstance(outputs[-1], End)


ENDINGS = [
    (b"", "it closed the connection without a word."),
    (b"HTTP/1.1 200", "it closed the connection in the middle of a message."),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "in the middle of a body."),
]


@pytest.mark.parametrize(("bytes_", "sentence"), ENDINGS, ids=range(len(ENDINGS)))
def test_a_connection_that_ends_early_is_told_of(bytes_: bytes, sentence: str) -> None:
    outputs = play(client(), [(0, Started()), (1, Received(bytes_)), (2, Ended())])
    assert sentence in error(outputs)


def test_a_way_that_fails_is_told_of() -> None:
    assert error(play(client(), [(0, Failed("refused"))])) == "The server refused the connection."
    assert (
        error(play(client(), [(0, Started()), (1, Failed("reset"))])) == "The connection was reset."
    )
    assert (
        error(play(client(), [(0, Failed("The certificate expired."))]))
        == "The certificate expired."
    )


def test_what_cannot_be_asked_is_told_of() -> None:
    for request in (Request("A B"), Request(target="/a b"), Request(target="/ü"), Request("É")):
        assert error(play(client(request), [(0, Started())])).startswith("This cannot be asked")
    split = Request(headers=(("x", "y\r\nz: smuggled"),))
    assert error(play(client(split), [(0, Started())])).startswith("This cannot be asked")


def test_a_server_that_closes_leaves_requests_unanswered() -> None:
    two = client(Request(), Request())
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    outputs = play(two, [(0, Started()), (1, Received(answer))])
    assert error(outputs) == "The server closes the connection after 1 of 2 answers."


def test_a_body_waits_for_100_continue_one_second() -> None:
    post = Request("POST", "/", body=b"abc")
    waiting = client(post, expect=True)
    head, alarm = play(waiting, [(5, Started())])
    assert isinstance(head, Send)
    assert head.data.endswith(b"expect: 100-continue\r\n\r\n")
    assert alarm == WakeAt(5 + SECOND, "100 Continue")
    assert play(waiting, [(9, Received(b"HTTP/1.1 100 Continue\r\n\r\n"))]) == [
        WakeAt(None),
        Send(b"abc"),
    ]
    impatient = client(post, expect=True)
    outputs = play(impatient, [(0, Started()), (SECOND, Woken())])
    assert outputs[-1] == Send(b"abc")
    refused = client(post, expect=True)
    no = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
    told = play(refused, [(0, Started()), (1, Received(no))])
    assert error(told) == ""
    assert Send(b"abc") not in told
    assert WakeAt(None) in told


def test_an_answer_without_an_end_is_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive, "MOST_BODY", 1000)
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    assert error(play(client(), [(0, Started()), (1, Received(head + b"x" * 1001))])).endswith(
        "MiB."
    )
    many = [(n, Received(b"x" * 99)) for n in range(2, 13)]
    assert error(play(client(), [(0, Started()), (1, Received(head)), *many])).endswith("MiB.")


# The server under strangers


def serve(*events: tuple[int, Input], **options: object) -> list[Output]:
    return play(lab.Server(Site(), None, options), [(0, Started()), *events])


def status(outputs: list[Output]) -> int:
    data = b"".join(out.data for out in outputs if isinstance(out, Send))
    return int(data.split()[1]) if data else 0


HOST = b"Host: a.test\r\n"
HOSTILE = [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    (b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 70_000 + b"\r\n\r\n", 431),
    (b"GET /" + b"y" * 70_000, 431),
    (b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    (
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999\r\n\r\n" + b"x" * 17_000_000,
        413,
    ),
    (b"BREW / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    (b"PUT / HTTP/1.1\r\n" + HOST + b"\r\n", 405),
    (b"GET /users HTTP/1.0\r\n\r\n", 200),
]


@pytest.mark.parametrize(("bytes_", "expected"), HOSTILE, ids=range(len(HOSTILE)))
def test_strangers_are_answered(bytes_: bytes, expected: int) -> None:
    outputs = serve((1, Received(bytes_)))
    assert status(outputs) == expected
    if expected not in (405,) and b"BREW" not in bytes_:
        assert isinstance(outputs[-1], End)


def test_a_request_that_never_ends_is_refused_and_an_idle_connection_closed() -> None:
    outputs = serve((5, Received(b"GET / HT")), (5 + lab.READING, Woken()))
    assert WakeAt(5 + lab.READING, "request timeout") in outputs
    assert status(outputs) == 408
    assert serve((lab.IDLE, Woken()))[-1] == End()
    outputs = serve((5, Received(b"GET /users HTTP/1.1\r\n" + HOST + b"\r\n")))
    assert outputs[-1] == WakeAt(5 + lab.IDLE, "idle timeout")


def test_a_client_that_says_no_more_gets_its_answer_and_the_end() -> None:
    assert serve((1, Ended()))[-1] == End()
    ask = b"GET /slow?ms=10 HTTP/1.1\r\n" + HOST + b"\r\n"
    outputs = serve((1, Received(ask)), (2, Ended()), (1 + 10 * MS, Woken()))
    assert status(outputs) == 200
    assert outputs[-1] == End()


def test_a_body_that_waits_is_asked_for() -> None:
    ask = b"POST /echo HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    outputs = serve((1, Received(ask)))
    assert outputs[-1] == Send(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert status(serve((1, Received(ask)), (2, Received(b"abc")))) == 100


def test_what_waits_behind_a_thought_is_bounded() -> None:
    slow = b"GET /slow?ms=10 HTTP/1.1\r\n" + HOST + b"\r\n"
    server = lab.Server(Site())
    more = slow + slow * (lab.MOST_WAITING // len(slow) + 1)
    outputs = play(server, [(0, Started()), (1, Received(more))])
    assert outputs[-1] == Pause()
    assert Resume() in server.handle(Woken(), 1 + 10 * MS)


def test_answers_keep_their_order_behind_a_slow_one() -> None:
    requests = (Request(target="/slow?ms=300"), Request(target="/users"), Request())
    meeting = meet({"pipelined": True}, requests, delay=50 * MS)
    told = meeting.run()
    assert [answer.request for answer in answers(told)] == [0, 1, 2]
    # Connected after 100 ms, asked at 150, thought until 450, here at 500: all three at once.
    assert meeting.told_at == [500 * MS] * 4


def test_one_by_one_takes_a_round_trip_each() -> None:
    meeting = meet({}, (Request(), Request(), Request()), delay=50 * MS)
    meeting.run()
    assert meeting.told_at[:3] == [200 * MS, 300 * MS, 400 * MS]


def test_events_come_as_they_happen() -> None:
    server = lab.Server(Site())
    ask = b"GET /events HTTP/1.1\r\n" + HOST + b"\r\n"
    outputs = play(server, [(0, Started()), (0, Received(ask))])
    assert WakeAt(200 * MS, "next part") in outputs
    first = b"".join(out.data for out in outputs if isinstance(out, Send))
    assert b"Transfer-Encoding: chunked" in first
    assert first.endswith(b"\r\nid: 1\nevent: tick\ndata: 1 of 5\n\n\r\n")
    later = play(server, [(n * 200 * MS, Woken()) for n in range(1, 5)])
    assert b"".join(out.data for out in later if isinstance(out, Send)).endswith(b"\r\n0\r\n\r\n")


# Another protocol goes on


class Heir:
    """Somebody else, who keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Input] = []

    def handle(self, event: Input, now: int) -> list[Output]:
        self.events.append(event)
        return [Send(b"mine")] if isinstance(event, Received) else []

    def panels(self) -> tuple[Panel, ...]:
        return (Panel("heir"),)

    @property
    def heard(self) -> bytes:
        return b"".join(event.data for event in self.events if isinstance(event, Received))


@pytest.mark.parametrize("step", [1, 5, 1000])
@pytest.mark.parametrize(
    ("token", "asked"),
    [
        ("x", b"GET /c HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: X\r\n\r\nbytes"),
        ("h2c", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nbytes"),
    ],
    ids=["upgrade", "preface"],
)
def test_a_server_hands_the_whole_request_over(token: str, asked: bytes, step: int) -> None:
    heir = Heir()
    server = lab.Server(Site(), None, {"upgrades": {token: lambda: heir}})
    before = b"GET /slow?ms=1 HTTP/1.1\r\n" + HOST + b"\r\n" if token == "x" else b""
    stream = before + asked
    server.handle(Started(), 0)
    for at in range(0, len(stream), step):
        server.handle(Received(stream[at : at + step]), 0)
    server.handle(Woken(), MS)
    assert heir.events[0] == Started()
    assert heir.heard == asked
    assert server.panels()[-1].title == "heir"
    assert server.handle(Ended(), 1) == []
    assert heir.events[-1] == Ended()


def test_an_upgrade_nobody_knows_is_answered_as_a_request() -> None:
    ask = b"GET /users HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: y\r\n\r\n"
    assert status(serve((1, Received(ask)))) == 200


def test_a_client_hands_over_what_comes_behind_101() -> None:
    heir = Heir()
    fields = (("connection", "upgrade"), ("upgrade", "x"))
    one = client(Request(headers=fields), upgrades={"x": lambda: heir})
    switched = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    outputs = play(one, [(0, Started(Address("h", 1))), (1, Received(switched + b"first"))])
    assert outputs[-1] == Send(b"mine")
    assert heir.events == [Started(Address("h", 1)), Received(b"first")]
    nobody = client(Request(headers=fields))
    assert "which nobody asked for" in error(
        play(nobody, [(0, Started()), (1, Received(switched))])
    )


def test_a_large_body_comes_whole() -> None:
    told = meet({}, (Request(target="/bytes/3000000"),)).run()
    assert sha256(answers(told)[0].body).digest() == sha256(seeded(3_000_000, 0)).digest()


@given(st.binary(max_size=200), st.sampled_from([b"", ASKED, ASKED[:30], b"POST / HTTP/1.1\r\n"]))
@settings(max_examples=200, deadline=None)
def test_nothing_that_comes_raises(noise: bytes, start: bytes) -> None:
    serve((1, Received(start + noise)), (2, Ended()), (3, Woken()))
    play(client(), [(0, Started()), (1, Received(noise)), (2, Ended()), (3, Woken())])
