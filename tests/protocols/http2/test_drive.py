"""Who asks and who answers HTTP/2: pairs in memory, events in and outputs out."""

from __future__ import annotations

import base64
import hashlib
import random
import struct
from collections.abc import Callable
from itertools import pairwise

import pytest
from meetings import SECOND, Meeting

from wirestep.exchange.contract import (
    Done,
    End,
    Ended,
    Endpoint,
    Failed,
    Input,
    Output,
    Received,
    Request,
    Response,
    Say,
    Send,
    Started,
    Tell,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.exchange.site import Site
from wirestep.model import Address
from wirestep.protocols.http2 import drive, lab

SERVER = Address("203.0.113.80", 80)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
MS = 1_000_000


def client(*requests: Request | str, kind: str = "requests", **options: object) -> Endpoint:
    asked = tuple(Request(target=each) if isinstance(each, str) else each for each in requests)
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return drive.CLIENTS[kind](Wish("lab.test", asked, named), random.Random(1))


def server(kind: str = "site", **options: object) -> Endpoint:
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return lab.SERVERS[kind](Site(3), random.Random(2), named)


def meet(
    asking: Endpoint,
    *,
    delay: int = 0,
    cut: Callable[[bytes], list[bytes]] = lambda data: [data],
    kind: str = "site",
    **options: object,
) -> Meeting:
    servers = {("tcp", SERVER): lambda: server(kind, **options)}
    return Meeting(asking, servers, at=SERVER, delay=delay, cut=cut)


def answers(told: list[object]) -> dict[int, Response]:
    return {each.request: each for each in told if isinstance(each, Response)}


def said(meeting: Meeting) -> list[str]:
    """Frames and messages in order, as our decoder reads them, without what follows the streams."""
    return [each.summary for each in meeting.read(8080) if each.protocol == "http2"]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + struct.pack("!BBL", kind, flags, stream) + payload


def sent(outputs: list[Output]) -> bytes:
    return b"".join(each.data for each in outputs if isinstance(each, Send))


# Answers


def test_many_streams_at_once_and_side_by_side() -> None:
    meeting = meet(client("/", "/bytes/300000", "/users", "/bytes/200001"))
    told = meeting.run()
    assert told[-1] == Done("")
    got = answers(told)
    assert [got[n].status for n in range(4)] == ["200"] * 4
    assert [len(got[n].body) for n in (1, 3)] == [300_000, 200_001]
    for response in got.values():
        digest = base64.b64encode(hashlib.sha256(response.body).digest()).decode()
        assert dict(response.headers)["repr-digest"] == f"sha-256=:{digest}:"
    summaries = said(meeting)
    asked = [text for text in summaries if ": GET" in text]
    assert asked == [
        "HEADERS[1]: GET /",
        "HEADERS[3]: GET /bytes/300000",
        "HEADERS[5]: GET /users",
        "HEADERS[7]: GET /bytes/200001",
    ]
    data = [text[5] for text in summaries if text.startswith("DATA[")]
    turns = [one + other for one, other in pairwise(data)]
    assert {"37", "73"} <= set(turns), "two bodies take turns"


@pytest.mark.parametrize("cut", [1, 5, 9, 100, 16_393])
def test_a_stream_may_be_cut_anywhere(cut: int) -> None:
    """The same answers; and up to what the windows allow at a time, the same bytes."""

    def pieces(data: bytes) -> list[bytes]:
        return [data[at : at + cut] for at in range(0, len(data), cut)]

    def run(how: Callable[[bytes], list[bytes]]) -> Meeting:
        body = bytes(range(256)) * 40
        asking = client("/users", Request("POST", "/echo", (), body), "/bytes/9000")
        meeting = meet(asking, cut=how)
        meeting.run()
        return meeting

    whole, in_pieces = run(lambda data: [data]), run(pieces)
    assert answers(in_pieces.told) == answers(whole.told)
    assert in_pieces.told[-1] == Done("")
    said(in_pieces)


def test_the_time_it_takes() -> None:
    """A round trip for TCP, one for the answer; what the site thinks; parts when they are there."""
    meeting = meet(client("/users", "/slow?ms=250", "/events"), delay=70 * MS)
    told = meeting.run()
    when = {
        each.request: time
        for each, time in zip(told, meeting.told_at, strict=True)
        if isinstance(each, Response)
    }
    assert when == {0: 280 * MS, 1: 530 * MS, 2: 1080 * MS}
    assert told[-1] == Done("")


def test_methods_and_their_bodies() -> None:
    change = Request("PATCH", "/users/1", (("Content-Type", "application/json"),), b'{"name": "x"}')
    told = meet(client(Request("HEAD", "/"), change, Request("OPTIONS", "*"), "/none")).run()
    got = answers(told)
    assert [got[n].status for n in range(4)] == ["200", "200", "204", "404"]
    assert got[0].body == b""
    assert int(dict(got[0].headers)["content-length"]) > 0
    assert b'"name": "x"' in got[1].body


def test_fields_of_connections_are_not_passed_on() -> None:
    odd = Request("GET", "/users", (("Connection", "close"), ("Host", "other.test"), ("X-A", "b")))
    meeting = meet(client(odd))
    assert meeting.run()[-1] == Done("")
    (head,) = [each for each in meeting.read(8080) if each.summary == "HEADERS[1]: GET /users"]
    assert head.root is not None
    names = [f.value for f in head.root.walk() if f.name == "http2.header.name"]
    assert names == [
        *(":method", ":scheme", ":authority", ":path"),
        *("user-agent", "accept", "accept-encoding", "x-a"),
    ]
    values = [f.value for f in head.root.walk() if f.name == "http2.header.value"]
    assert values[1:3] == ["https", "other.test"]


# Windows


@pytest.mark.parametrize("window", [1, 1000, 20_000, 65_535, 100_000])
def test_an_upload_larger_than_the_windows(window: int) -> None:
    size = 5000 if window == 1 else 300_000
    body = random.Random(4).randbytes(size)
    meeting = meet(client(Request("POST", "/echo", (), body), codings=""), window=window)
    told = meeting.run()
    assert told[-1] == Done("")
    assert answers(told)[0].body == body


def test_a_window_runs_dry_and_is_filled_again() -> None:
    """Nothing is acknowledged for two seconds: 65,535 bytes come, and the rest thereafter."""
    asking = client("/bytes/200000", stall=2)
    meeting = meet(asking, delay=10 * MS)
    meeting.run(until=SECOND)
    assert meeting.told == []
    connection, stream = asking.panels()
    facts = {fact.name: fact for fact in connection.facts}
    assert facts["may receive"].value == "0 bytes"
    assert facts["may receive"].share == 0.0
    assert {f.name: f.value for f in stream.facts}["received"] == "65,535 bytes"
    assert meeting.run()[-1] == Done("")
    assert min(meeting.told_at) > 2 * SECOND


def test_larger_windows_are_told() -> None:
    meeting = meet(client("/bytes/400000", window=500_000, connection_window=500_000))
    assert meeting.run()[-1] == Done("")
    update = [text for text in said(meeting) if text.startswith("WINDOW_UPDATE")]
    assert update[0] == "WINDOW_UPDATE[0]"
    assert len(update) == 1, "nothing has to be acknowledged before the end"


def test_no_more_streams_than_the_server_takes() -> None:
    """A hundred before it said how many; then one at a time, as it says."""
    asking = client(*[f"/bytes/{n}" for n in range(103)])
    assert heads(start(asking)) == list(range(1, 200, 2))
    most_one = frame(4, 0, 0, struct.pack("!HL", 3, 1))
    assert heads(sent(asking.handle(Received(most_one), 1))) == []
    for number in range(1, 199, 2):
        answer = frame(1, 5, number, b"\x88")
        assert heads(sent(asking.handle(Received(answer), 2))) == []
    for number in (199, 201, 203):
        outputs = asking.handle(Received(frame(1, 5, number, b"\x88")), 3)
        assert heads(sent(outputs)) == [number + 2]
    outputs = asking.handle(Received(frame(1, 5, 205, b"\x88")), 4)
    assert Tell(None, Done("")) in outputs


def heads(data: bytes) -> list[int]:
    """The streams of the HEADERS frames."""
    found, at = [], len(PREFACE) if data.startswith(PREFACE) else 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 3], "big")
        if data[at + 3] == 1:
            found.append(int.from_bytes(data[at + 5 : at + 9], "big"))
        at += 9 + size
    return found


@pytest.mark.parametrize("streams", [1, 2, 5])
def test_many_requests_and_few_streams(streams: int) -> None:
    asking = client(*[f"/bytes/{n}" for n in range(3000, 3012)])
    told = meet(asking, streams=streams, delay=5 * MS).run()
    assert told[-1] == Done("")
    assert {n: len(each.body) for n, each in answers(told).items()} == {
        n: 3000 + n for n in range(12)
    }


# Push


def test_pushed_where_it_is_allowed() -> None:
    meeting = meet(client("/", push=True))
    assert meeting.run()[-1] == Done("")
    assert "promised: GET /style.css" in meeting.said
    pushed = [text for text in meeting.said if text.startswith("pushed: GET ")]
    assert len(pushed) == len([text for text in said(meeting) if "PUSH_PROMISE" in text]) >= 3


@pytest.mark.parametrize(("ask", "give"), [(False, True), (True, False)])
def test_not_pushed_where_one_side_does_not_want_it(ask: bool, give: bool) -> None:
    meeting = meet(client("/", push=ask), push=give)
    assert meeting.run()[-1] == Done("")
    assert not [text for text in said(meeting) if "PUSH" in text]


def test_pushes_that_are_not_whole_yet_are_waited_for() -> None:
    meeting = meet(client("/", push=True, codings=""), delay=5 * MS)
    meeting.run()
    sizes = [text.rpartition(", ")[2] for text in meeting.said if text.startswith("pushed")]
    assert all(size != "0 bytes" for size in sizes)
    assert len(sizes) >= 3


# Ends of streams and of connections


def test_goaway_finishes_what_was_looked_at() -> None:
    meeting = meet(client("/users", "/bytes/200000", "/logo.svg"), goaway=2)
    told = meeting.run()
    assert {n: len(each.body) for n, each in answers(told).items() if n} == {1: 200_000}
    error = "The server goes away (NO_ERROR); not looked at, and safe to ask again: GET /logo.svg."
    assert told[-1] == Done(error)
    assert "GOAWAY[0]" in said(meeting)


def test_a_goaway_that_hurts_nobody() -> None:
    told = meet(client("/users", "/about"), goaway=2).run()
    assert set(answers(told)) == {0, 1}
    assert told[-1] == Done("")


@pytest.mark.parametrize(("refuse", "error"), [(2, ""), (9, "REFUSED_STREAM")])
def test_what_is_refused_unread_is_asked_again_but_not_for_ever(refuse: int, error: str) -> None:
    meeting = meet(client("/users"), refuse=refuse)
    told = meeting.run()
    full = f"The server broke GET /users off: {error}." if error else ""
    assert told[-1] == Done(full)
    assert meeting.said.count("GET /users: refused unread") == min(refuse, 3)


def test_an_answer_that_is_broken_off() -> None:
    meeting = meet(client("/bytes/500000", "/users", cancel=40_000), delay=5 * MS)
    told = meeting.run()
    got = answers(told)
    assert 40_000 <= len(got[0].body) < 100_000
    assert got[1].status == "200"
    assert told[-1] == Done("")
    assert "RST_STREAM[1]" in said(meeting)
    assert "GET /bytes/500000: broken off by the client, CANCEL" in meeting.said


def test_a_ping_takes_a_round_trip() -> None:
    meeting = meet(client("/users", ping=True), delay=35 * MS)
    assert meeting.run()[-1] == Done("")
    assert "PING: answered after 70 ms" in meeting.said


def start(asking: Endpoint) -> bytes:
    return sent(asking.handle(Started(), 0))


SETTINGS = frame(4, 0, 0)


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (Ended(), "The server closed the connection before 1 of 1 requests were answered."),
        (Failed("reset"), "The connection was reset before 1 of 1 requests were answered."),
        (Failed("The wire is cut."), "The wire is cut."),
        (
            Received(SETTINGS + frame(9, 4, 1, b"\x88")),
            "The server broke HTTP/2: ",
        ),
        (
            Received(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            "The server broke HTTP/2: it speaks HTTP/1.1 (HTTP/1.1 400 Bad Request).",
        ),
        (
            Received(SETTINGS + b"\xff\xff\xff" + bytes(6)),
            "The server broke HTTP/2: a frame of 16,777,215 bytes, where 16,384 are taken.",
        ),
        (
            Received(SETTINGS + frame(3, 0, 1, bytes((0, 0, 0, 11)))),
            "The server broke GET / off: ENHANCE_YOUR_CALM.",
        ),
        (
            Received(SETTINGS + frame(7, 0, 0, struct.pack("!LL", 0, 13) + b"go\x1b[2J away")),
            "The server goes away (HTTP_1_1_REQUIRED); not looked at, and safe to ask again: "
            "GET /.",
        ),
    ],
)
def test_why_it_failed(event: Input, error: str) -> None:
    asking = client("/")
    start(asking)
    outputs = asking.handle(event, 5)
    (done,) = [each.value for each in outputs if isinstance(each, Tell)][-1:]
    assert isinstance(done, Done)
    assert done.error.startswith(error)
    assert "\x1b" not in done.error
    assert asking.handle(Ended(), 6) == []


def test_after_an_error_the_other_side_is_told_which() -> None:
    asking = client("/")
    start(asking)
    outputs = asking.handle(Received(SETTINGS + frame(0, 0, 1, b"x")), 5)
    last = sent(outputs)[-17:]
    assert last == frame(7, 0, 0, struct.pack("!LL", 0, 1)), "GOAWAY, PROTOCOL_ERROR"
    assert outputs[-1] == End()
    serving = server()
    start(serving)
    outputs = serving.handle(Received(PREFACE + frame(0, 0, 1, b"x")), 5)
    assert sent(outputs)[-17:-8] == frame(7, 0, 0, bytes(8))[:9]
    assert outputs[-1] == End()


def test_a_server_that_is_not_given_a_preface() -> None:
    serving = server()
    start(serving)
    outputs = serving.handle(Received(b"GET / HTTP/1.1\r\nHost: lab.test\r\n\r\n"), 5)
    said = next(each.text for each in outputs if isinstance(each, Say))
    assert said.startswith("The client broke HTTP/2")
    assert outputs[-1] == End()


def test_bodies_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that are under way together: of the three here, two are kept."""
    monkeypatch.setattr("wirestep.protocols.http2.lab.server.MOST_BODY", 200_000)
    large = [Request("PUT", "/echo", (), bytes(90_000)) for _ in range(3)]
    told = meet(client(*large), window=2**17, connection_window=2**19).run()
    assert told[-1] == Done("")
    assert sorted(each.status for each in answers(told).values()) == ["200", "200", "413"]


def test_streams_that_are_opened_and_broken_off_without_end() -> None:
    """CVE-2023-44487."""
    serving = server()
    start(serving)
    serving.handle(Received(PREFACE + SETTINGS), 1)
    for number in range(1, 4001, 2):
        block = b"\x82\x84\x87\x41\x01a"
        data = frame(1, 5, number, block) + frame(3, 0, number, bytes((0, 0, 0, 8)))
        outputs = serving.handle(Received(data), 2)
        if End() in outputs:
            break
    assert number // 2 == 1000
    assert sent(outputs)[-17:] == frame(7, 0, 0, struct.pack("!LL", number, 11))


@pytest.mark.parametrize("side", ["client", "server"])
def test_no_bytes_break_an_endpoint(side: str) -> None:
    """Real conversations, damaged: no exception, and an end after every error."""
    rng = random.Random(12)
    body = Request("POST", "/echo", (), bytes(3000))
    meeting = meet(client("/", body, "/bytes/40000", push=True))
    meeting.run()
    theirs = [data for _, who, data in meeting.log if (who == 0) == (side == "server")]
    stream = b"".join(theirs)[:9000]
    for _ in range(150):
        data = bytearray(stream)
        first = 24 if side == "server" and rng.random() < 0.95 else 0
        for _ in range(rng.choice((1, 1, 3, 20))):
            at = rng.randrange(first, min(len(data), rng.choice((60, 400, len(data)))))
            data[at] = rng.choice((0, 1, 4, 255, rng.randrange(256)))
        asked = ["/", "/about", "/bytes/40000"]
        endpoint = client(*asked, push=True) if side == "client" else server()
        outputs = endpoint.handle(Started(), 0)
        step = rng.choice((100, 500, 50_000))
        for at in range(0, len(data), step):
            outputs += endpoint.handle(Received(bytes(data[at : at + step])), at)
            outputs += endpoint.handle(Woken(), at)
            endpoint.panels()
        outputs += endpoint.handle(Ended(), len(data))
        assert outputs.count(End()) == 1
        if side == "client":
            assert sum(isinstance(o, Tell) and isinstance(o.value, Done) for o in outputs) == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"window": "wide"}, "window: 'wide' is no number"), ({"push": 2.5}, "push: 2.5 is neither")],
)
def test_options_that_cannot_be_read(options: dict[str, object], sentence: str) -> None:
    for make in (lambda: client("/", **options), lambda: server(**options)):
        with pytest.raises(ValueError, match=sentence):
            make()


# What is seen of it


def test_panels_tell_streams_windows_and_settings() -> None:
    asking = client(Request("POST", "/echo", (), bytes(100_000)), "/users")
    start(asking)
    connection, first, second = asking.panels()
    facts = {fact.name: fact for fact in connection.facts}
    assert connection.title == "HTTP/2"
    assert facts["streams"].value == "2 open of 2"
    assert facts["may send"].value == "0 bytes"
    assert facts["may send"].share == 0.0
    assert "Enable PUSH 0" in facts["our settings"].value
    assert (first.title, first.state) == ("HTTP/2 stream 1", "open")
    assert first.since == (("idle", 0), ("open", 0))
    assert {f.name: f.value for f in first.facts}["sent"] == "65,535 of 100,000 bytes"
    assert (second.title, second.state) == ("HTTP/2 stream 3", "half-closed (local)")


# Beginning in HTTP/1.1


@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_an_upgrade_from_http1(cut: int) -> None:
    asking = client("/users", "/bytes/70000", kind="upgrade", codings="")
    meeting = meet(
        asking,
        kind="h2c",
        cut=lambda data: [data[at : at + cut] for at in range(0, len(data), cut)],
    )
    told = meeting.run()
    assert told[-1] == Done("")
    assert len(answers(told)[1].body) == 70_000
    assert b'"id": 1' in answers(told)[0].body
    messages = meeting.read(8080)
    first = [each.summary for each in messages if each.protocol == "http"]
    assert first == ["GET /users HTTP/1.1", "HTTP/1.1 101 Switching Protocols"]
    assert "HEADERS[1]: 200 OK" in [each.summary for each in messages]


def test_the_same_server_takes_a_preface() -> None:
    assert meet(client("/users"), kind="h2c").run()[-1] == Done("")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
            "The server does not switch to HTTP/2, it says: HTTP/1.1 200 OK.",
        ),
        (b"\x16\x03\x03" + b"x" * 70_000, "The server does not switch to HTTP/2, it says: "),
    ],
)
def test_a_server_that_does_not_switch(answer: bytes, error: str) -> None:
    asking = client("/users", kind="upgrade")
    start(asking)
    outputs = asking.handle(Received(answer), 1)
    (done,) = [each.value for each in outputs if isinstance(each, Tell)]
    assert isinstance(done, Done)
    assert done.error.startswith(error)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"Only HTTP/2 is spoken here"),
        (
            b"POST / HTTP/1.1\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\nContent-Length: 3\r\n\r\nabc",
            b"A request with a body",
        ),
        (b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n\r\n", b"HTTP2-Settings: "),
    ],
)
def test_upgrades_that_cannot_be(request_: bytes, why: bytes) -> None:
    serving = server("h2c")
    assert serving.handle(Started(), 0) == []
    outputs = serving.handle(Received(request_), 1)
    assert sent(outputs).startswith(b"HTTP/1.1 400 ")
    assert why in sent(outputs)
    assert outputs[-1] == End()
    assert serving.handle(Received(b"x"), 2) == []


def test_alarms_are_for_answers_to_come() -> None:
    serving = server()
    start(serving)
    asked = frame(1, 5, 1, b"\x82\x87\x41\x01a\x44\x0c/slow?ms=500")
    outputs = serving.handle(Received(PREFACE + SETTINGS + asked), 7 * MS)
    assert outputs[-1] == WakeAt(507 * MS, "answer")
    assert serving.handle(Woken(), 506 * MS) == [WakeAt(507 * MS, "answer")]
    (last,) = serving.handle(Woken(), 507 * MS)
    assert isinstance(last, Send)
    assert last.data.endswith(b"This took 500 ms.\n")
