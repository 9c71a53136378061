"""HTTP/1 against h11, against RFC 9110 and 9112, and against what senders get wrong."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence

import brotli
import h11
import pytest
import zstandard
from frames import Turn, tcp_records, udp_records
from trees import check_tree

from wirestep.decode import codings
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.model import Field, Message, Side, Value
from wirestep.protocols import http1, stack
from wirestep.protocols.http1 import framing

C, S = Side.CLIENT, Side.SERVER
REGISTRY = Registry((*stack.PROTOCOLS, http1.PROTOCOL))


def talk(*turns: Turn, cuts: Sequence[int] = (1400,)) -> list[Message]:
    """The messages that the bytes of `turns` make, without the layers below."""
    engine = Engine(REGISTRY)
    found = []
    for record in tcp_records(turns, 80, tuple(cuts)):
        found += [m for m in engine.feed(record, full=True) if m.flow >= 0]
    for message in found:
        assert message.root is not None
        assert message.source is not None
        check_tree(message.root, message.source.data)
    return [message for message in found if message.protocol in ("http", "data")]


def values(message: Message, name: str) -> list[Value]:
    assert message.root is not None
    return [field.value for field in message.root.walk() if field.name == name]


def value(message: Message, name: str) -> Value:
    found = values(message, name)
    assert len(found) == 1, (name, found)
    return found[0]


def named(message: Message, name: str) -> Field:
    assert message.root is not None
    found = message.root.find(name)
    assert found is not None, name
    return found


def notes(message: Message) -> str:
    assert message.root is not None
    return " / ".join(f"{n.level}: {n.text}" for f in message.root.walk() for n in f.notes)


REQUEST = (
    b"POST /a/b?first=1&second=%20two HTTP/1.1\r\nHost: www.example.com\r\n"
    b"User-Agent: probe/2.5 (x)\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: 13\r\nX-Empty:\r\nX-Twice: a\r\nX-Twice: b\r\n\r\nhello, w\xc3\xb6rld"[:-1]
    + b"d"
)
RESPONSE = (
    b"HTTP/1.1 200 All Fine\r\nServer: small/1\r\nTransfer-Encoding: chunked\r\n"
    b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n"
    b"5;name=value\r\nfirst\r\n001A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nX-Sum: 42\r\n\r\n"
)


def by_h11(role: type[h11.Sentinel], data: bytes, first: bytes = b"") -> list[h11.Event]:
    """What h11 reads in `data`; as a client it has sent `first`'s method before."""
    machine = h11.Connection(role)
    if first:
        request = h11.Request(method=first, target="/", headers=[("Host", "x")])
        machine.send(request)
        machine.send(h11.EndOfMessage())
    machine.receive_data(data)
    events: list[h11.Event] = []
    while True:
        event = machine.next_event()
        if event in (h11.NEED_DATA, h11.PAUSED):
            return events
        events.append(event)
        if isinstance(event, h11.EndOfMessage):
            return events


def compare(message: Message, events: list[h11.Event]) -> None:
    """Headers, body and trailers are those that h11 found."""
    head = events[0]
    assert isinstance(head, h11.Request | h11.Response | h11.InformationalResponse)
    ours = [
        (str(name).lower().encode(), str(line).partition(":")[2].strip().encode())
        for name, line in zip(
            values(message, "http.header.name"),
            values(message, "http.request.line") + values(message, "http.response.line"),
            strict=True,
        )
    ]
    assert ours == [(name, text) for name, text in head.headers]
    body = b"".join(bytes(event.data) for event in events if isinstance(event, h11.Data))
    said = "".join(str(text) for text in values(message, "http.file_data"))
    assert said == body.decode()


def test_a_request_as_h11_reads_it() -> None:
    [message] = talk((C, REQUEST))
    events = by_h11(h11.SERVER, REQUEST)
    compare(message, events)
    assert isinstance(events[0], h11.Request)
    assert value(message, "http.request.method") == events[0].method.decode()
    assert value(message, "http.request.uri") == events[0].target.decode()
    assert value(message, "http.request.version") == "HTTP/" + events[0].http_version.decode()


def test_a_chunked_response_as_h11_reads_it() -> None:
    message = talk((C, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"), (S, RESPONSE))[1]
    events = by_h11(h11.CLIENT, RESPONSE, b"GET")
    compare(message, events)
    assert isinstance(events[0], h11.Response)
    assert value(message, "http.response.code") == events[0].status_code
    assert value(message, "http.response.phrase") == events[0].reason.decode()
    last = events[-1]
    assert isinstance(last, h11.EndOfMessage)
    trailers = b"".join(name + b": " + text + b"\r\n" for name, text in last.headers)
    assert str(value(message, "http.chunked_trailer_part")).lower() == trailers.decode()


def test_the_fields_of_a_request() -> None:
    [message] = talk((C, REQUEST))
    assert message.summary == "POST /a/b?first=1&second=%20two HTTP/1.1  (text/plain)"
    assert value(message, "http.request.uri.path") == "/a/b"
    assert value(message, "http.request.uri.query") == "first=1&second=%20two"
    assert values(message, "http.request.uri.query.parameter") == ["first=1", "second=%20two"]
    uri = "http://www.example.com/a/b?first=1&second=%20two"
    assert value(message, "http.request.full_uri") == uri
    assert value(message, "http.host") == "www.example.com"
    assert value(message, "http.content_length_header") == "13"
    assert value(message, "http.content_length") == 13
    assert values(message, "http.request.line")[-3:] == [
        "X-Empty:\r\n",
        "X-Twice: a\r\n",
        "X-Twice: b\r\n",
    ]
    assert message.source is not None
    agent = named(message, "http.user_agent").span
    assert message.source.data[agent.start : agent.stop] == b"probe/2.5 (x)"


def test_the_fields_of_chunks() -> None:
    message = talk((S, RESPONSE))[0]
    assert values(message, "http.chunk_size") == [5, 26, 0]
    assert values(message, "http.chunk_extension") == [";name=value"]
    assert values(message, "http.chunk_data") == [b"first", b"abcdefghijklmnopqrstuvwxyz"]
    assert values(message, "http.set_cookie") == ["a=1", "b=2"]
    assert value(message, "http.response.code.desc") == "OK"


def test_answers_come_in_the_order_of_the_questions() -> None:
    asked = b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(3))
    answered = b"".join(
        b"HTTP/1.1 %d X\r\nContent-Length: 1\r\n\r\n%d" % (n + 250, n) for n in range(3)
    )
    messages = talk((C, asked), (S, answered))
    assert [m.answers for m in messages[3:]] == [m.number for m in messages[:3]]
    assert [value(m, "http.response_for.uri") for m in messages[3:]] == [
        "http://x/0",
        "http://x/1",
        "http://x/2",
    ]
    first = messages[0].record + 1
    assert {value(m, "http.request_in") for m in messages[3:]} == {first}
    assert value(messages[3], "http.time") == messages[3].time - messages[0].time


@pytest.mark.parametrize(
    ("asked", "status", "extra"),
    [
        (b"HEAD", b"200 OK", b"Content-Length: 500\r\n"),
        (b"HEAD", b"200 OK", b"Transfer-Encoding: chunked\r\n"),
        (b"GET", b"204 No Content", b""),
        (b"GET", b"304 Not Modified", b"Content-Length: 500\r\n"),
        (b"GET", b"103 Early Hints", b"Link: </a>\r\n"),
    ],
)
def test_responses_without_a_body(asked: bytes, status: bytes, extra: bytes) -> None:
    """RFC 9112 section 6.3, rules 1 and 2."""
    head = b"HTTP/1.1 " + status + b"\r\n" + extra + b"\r\n"
    after = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    request = asked + b" / HTTP/1.1\r\nHost: x\r\n\r\n"
    messages = talk((C, request + b"GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"), (S, head + after))
    assert [m.length for m in messages[2:]] == [len(head), len(after)]


def test_continue_comes_before_the_final_response() -> None:
    asked = b"PUT /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    messages = talk(
        (C, asked),
        (S, b"HTTP/1.1 100 Continue\r\n\r\n"),
        (C, b"body"),
        (S, b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
    )
    assert [m.summary for m in messages] == [
        "HTTP/1.1 100 Continue",
        "PUT /x HTTP/1.1",
        "HTTP/1.1 201 Created",
    ]
    assert messages[2].answers == messages[1].number


def test_a_refusal_before_the_whole_request_came() -> None:
    messages = talk(
        (C, b"PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo"),
        (S, b"HTTP/1.1 413 Too Long\r\nContent-Length: 0\r\n\r\n"),
        (C, b"dyGET /y HTTP/1.1\r\nHost: x\r\n\r\n"),
        (S, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    )
    assert [m.summary.split()[1] for m in messages] == ["413", "/x", "/y", "200"]
    assert messages[3].answers == messages[2].number


def test_a_body_that_ends_with_the_flow() -> None:
    data = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + b"until the end " * 300
    for cuts in ((1400,), (7, 300), (1,)):
        messages = talk((C, b"GET / HTTP/1.0\r\n\r\n"), (S, data), cuts=cuts)
        assert len(messages) == 2
        assert messages[1].summary == "HTTP/1.0 200 OK  (text/html)"
        assert value(messages[1], "http.file_data") == "until the end " * 300
        assert "broken" not in notes(messages[1])


def test_an_upgrade_ends_http() -> None:
    messages = talk(
        (C, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: quux\r\n\r\n"),
        (S, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: quux\r\n\r\n\x81\x02hi"),
        (C, b"\x81\x03abc"),
    )
    assert [m.protocol for m in messages] == ["http", "http", "data", "data"]
    assert [m.length for m in messages[2:]] == [4, 5]


def test_a_tunnel_ends_http() -> None:
    messages = talk(
        (C, b"CONNECT example.com:22 HTTP/1.1\r\nHost: example.com:22\r\n\r\n"),
        (S, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nSSH-2.0-x\r\n"),
    )
    assert [m.protocol for m in messages] == ["http", "http", "data"]
    assert value(messages[0], "http.request.full_uri") == "example.com:22"


# codings

TEXT = b"a text that is long enough to be worth it, " * 40


def raw_deflate(data: bytes) -> bytes:
    machine = zlib.compressobj(wbits=-15)
    return machine.compress(data) + machine.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT[:50], mtime=0) + gzip.compress(TEXT[50:], mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("br", brotli.compress(TEXT)),
        ("zstd", zstandard.compress(TEXT)),
        ("gzip, br", brotli.compress(gzip.compress(TEXT, mtime=0))),
        ("identity", TEXT),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_codings_are_undone(coding: str, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    message = talk((S, head.encode() + body))[0]
    assert value(message, "http.file_data") == TEXT.decode()
    if coding != "identity":
        assert value(message, "http.body") == body
        source = named(message, "http.decoded").source
        assert source is not None
        assert source.data == TEXT
        assert set(source.made_from) <= set(message.records)


def test_a_coded_body_in_chunks() -> None:
    body = gzip.compress(TEXT)
    data = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    for at in range(0, len(body), 30):
        part = body[at : at + 30]
        data += b"%x\r\n%s\r\n" % (len(part), part)
    message = talk((S, data + b"0\r\n\r\n"))[0]
    assert value(message, "http.file_data") == TEXT.decode()
    assert b"".join(bytes(d) for d in values(message, "http.chunk_data") if d) == body  # type: ignore[arg-type]


def test_decoding_is_bounded() -> None:
    bomb = brotli.compress(bytes(50_000_000), quality=5)
    data, fault = codings.decoded(bomb, ["br"])
    assert len(data) <= codings.MAX_OUT
    assert "cut after" in fault
    layers = gzip.compress(gzip.compress(bytes(100_000_000)))
    data, fault = codings.decoded(layers, ["gzip", "gzip"])
    assert len(data) <= codings.MAX_OUT
    assert fault
    assert codings.decoded(b"", ["gzip"] * 5)[1]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "quux"])
def test_coded_bodies_that_are_not(coding: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: 9\r\n\r\n"
    message = talk((S, head.encode() + b"\xff\xfe nothing"[:9]))[0]
    assert values(message, "http.decompression_failed") == [None]
    assert "broken" in notes(message)


def test_a_cut_coded_body_shows_what_is_there() -> None:
    for coding, whole in (("gzip", gzip.compress(TEXT, 0)), ("br", brotli.compress(TEXT * 30))):
        data, fault = codings.decoded(whole[:-9], [coding])
        assert fault
        assert (TEXT * 30).startswith(data)
    assert codings.decoded(gzip.compress(TEXT, 0)[:-9], ["gzip"])[0]


# long bodies


def test_a_long_body_goes_on_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wirestep.protocols.http1.framing.SLICE", 1000)
    monkeypatch.setattr("wirestep.protocols.http1.decode.SLICE", 1000)
    body = bytes(range(256)) * 10
    after = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    counted = b"HTTP/1.1 200 OK\r\nContent-Length: 2560\r\n\r\n" + body
    for cuts in ((1400,), (37,), (900, 200)):
        messages = talk((S, counted + after), cuts=cuts)
        assert [m.length for m in messages] == [len(counted) - 1560, 1000, 560, len(after)]
        assert [m.level for m in messages] == ["message", "record", "record", "message"]
        closed = talk((S, b"HTTP/1.1 200 OK\r\n\r\n" + body), cuts=cuts)
        assert [m.length for m in closed] == [1019, 1000, 560]


@pytest.mark.parametrize("sizes", [(2560,), (10, 2000, 550), (998, 2, 1560), (1,) * 400, (995, 9)])
def test_long_chunked_bodies_go_on_in_slices(
    sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wirestep.protocols.http1.framing.SLICE", 1000)
    monkeypatch.setattr("wirestep.protocols.http1.decode.SLICE", 1000)
    body = bytes(range(256)) * 10
    data, at = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 0
    for size in sizes:
        data += b"%x\r\n%s\r\n" % (size, body[at : at + size])
        at += size
    data += b"0\r\nX-Last: 1\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    whole = [m.length for m in talk((S, data))]
    assert sum(whole) == len(data)
    for cuts in ((1400,), (37,), (900, 200), (1,)):
        messages = talk((S, data), cuts=cuts)
        assert [m.length for m in messages] == whole
        got = b"".join(bytes(d) for m in messages for d in values(m, "http.chunk_data") if d)  # type: ignore[arg-type]
        assert got == body[:at]
        assert messages[-1].summary == "HTTP/1.1 404 Not Found"
        assert not any("broken" in notes(m) for m in messages)


def test_many_chunks_go_on_in_slices() -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    data += b"1\r\nx\r\n" * (framing.MAX_CHUNKS + 5) + b"0\r\n\r\n"
    messages = talk((S, data))
    assert [len(values(m, "http.chunk_data")) for m in messages] == [framing.MAX_CHUNKS, 5]


# what senders get wrong

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("data", "note", "count"),
    [
        (GET + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "smuggled", 1),
        (GET + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabc" + GET + b"\r\n", "differ", 2),
        (GET + b"Content-Length: 3, 3\r\n\r\nabc" + GET + b"\r\n", "more than once", 2),
        (GET + b"Content-Length: +3\r\n\r\n" + GET + b"\r\n", "no number", 2),
        (GET + b"Transfer-Encoding: gzip\r\n\r\nabc", "no known length", 1),
        (GET + b"Transfer-Encoding: xchunked, chunked\r\n\r\n0\r\n\r\n", "unknown transfer", 1),
        (GET + b"X-A: 1\r\n folded\r\n\r\n" + GET + b"\r\n", "folded", 2),
        (GET + b"no colon here\r\nA: b\r\n\r\n" + GET + b"\r\n", "without a colon", 2),
        (GET + b"A : b\r\n\r\n", "between a header's name", 1),
        (GET + b"A\x01: b\r\n\r\n", "may not be there", 1),
        (b"GET / HTTP/1.1\nHost: x\n\n" + GET + b"\r\n", "without CR", 2),
        (b"\r\n\r\n" + GET + b"\r\n", "empty lines", 1),
        (b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", "three words", 1),
        (b"GET /\r\nHost: x\r\n\r\n", "without a version", 1),
        (GET + b"Content-Length: 30\r\n\r\nabc", "27 bytes of the body are missing", 1),
        (GET + b"Transfer-Encoding: chunked\r\n\r\n3\r\nab", "before its last chunk", 1),
        (GET + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n", "no chunk size", 2),
        (GET + b"Transfer-Encoding: chunked\r\n\r\n-3\r\nab\r\n", "no chunk size", 2),
        (GET + b"Transfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n", "its size lies", 2),
        (GET + b"Host: y", "ends too early", 1),
        (b"HTTP/1.1 abc\r\n\r\n", "no status code", 1),
        (GET + b"Authorization: Basic !!\r\n\r\n", "no Base64", 1),
        (b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.0", 1),
    ],
)
def test_what_is_wrong_is_said(data: bytes, note: str, count: int) -> None:
    for cuts in ((1400,), (1,), (5, 11)):
        messages = talk((C, data), cuts=cuts)
        assert len(messages) == count
        assert any(note in notes(message) for message in messages)
        assert sum(m.length for m in messages) == len(data)
        assert not any("bug" in m.marks for m in messages)


def test_a_head_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wirestep.protocols.http1.head.MAX_HEAD", 5000)
    monkeypatch.setattr("wirestep.protocols.http1.decode.MAX_HEAD", 5000)
    for cuts in ((1400,), (333,)):
        messages = talk((C, GET + b"X-Long: " + b"y" * 9000), cuts=cuts)
        assert "a head of over 5000 bytes" in notes(messages[0])
        assert [m.length for m in messages] == [5000, len(GET) + 8 + 4000]


def test_thousands_of_headers() -> None:
    data = GET + b"A: b\r\n" * 3000 + b"\r\n" + GET + b"\r\n"
    messages = talk((C, data))
    assert len(messages) == 2
    assert len(values(messages[0], "http.request.line")) == 2000


def test_credentials_and_cookies() -> None:
    """The example of RFC 7617 section 2."""
    lines = b'Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\nCookie: a=1; b="2";c\r\n\r\n'
    [message] = talk((C, GET + lines))
    assert value(message, "http.authbasic") == "Aladdin:open sesame"
    assert value(message, "http.cookie") == 'a=1; b="2";c'
    assert values(message, "http.cookie_pair") == ["a=1", 'b="2"', "c"]


def test_a_charset() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=ISO-8859-1\r\nContent-Length: 4"
    message = talk((S, head + b"\r\n\r\nm\xfcde"))[0]
    assert value(message, "http.file_data") == "müde"


def test_escapes_stay_text() -> None:
    [message] = talk((C, b"GET /\x1b[2J HTTP/1.1\r\nHost: \x1b]0;x\x07\r\n\r\n"))
    shown = named(message, "http.request.line").shown + named(message, "http.start_line").shown
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("data", "mine"),
    [
        (b"GET / HTTP/1.1\r\n", True),
        (b"GET /", True),
        (b"GE", None),
        (b"GET", None),
        (b"GET ", None),
        (b"GET x", None),
        (b"GET key\r\n", False),
        (b"OPTIONS sip:a@b SIP/2.0\r\n", False),
        (b"OPTIONS * HTTP/1.1\r\n", True),
        (b"GETX / HTTP/1.1\r\n", False),
        (b"get / HTTP/1.1\r\n", False),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", False),
        (b"HTTP/1.", None),
        (b"HTTP/1.1 200 OK", True),
        (b"HTTP/2 200", False),
        (b"HTTX", False),
        (b"\r\nGET / HTTP/1.1\r\n", True),
        (b"\r\n", None),
        (b"\r\n\r\n\x16", False),
        (b"\x16\x03\x01\x02\x00\x01", False),
    ],
)
def test_claims(data: bytes, mine: bool | None) -> None:
    assert http1.PROTOCOL.claims is not None
    assert http1.PROTOCOL.claims(memoryview(data), C) is mine


def test_devices_that_look_for_each_other() -> None:
    """HTTP in datagrams (UPnP Device Architecture 2.0 section 1.3.2)."""
    registry = Registry((*stack.PROTOCOLS, http1.SEARCH, http1.PROTOCOL))
    engine = Engine(registry)
    search = b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n\r\n'
    found = b"HTTP/1.1 200 OK\r\nLOCATION: http://192.0.2.9/d.xml\r\nST: upnp:rootdevice\r\n\r\n"
    messages = [
        message
        for record in udp_records(((C, search), (S, found)), 1900)
        for message in engine.feed(record, full=True)
        if message.flow >= 0
    ]
    assert [(m.protocol, m.label, m.summary) for m in messages] == [
        ("ssdp", "SSDP", "M-SEARCH * HTTP/1.1"),
        ("ssdp", "SSDP", "HTTP/1.1 200 OK"),
    ]
    assert value(messages[1], "http.location") == "http://192.0.2.9/d.xml"
    assert values(messages[0], "http.request_number") == []


def test_after_lost_bytes_the_next_message_is_read() -> None:
    """The end of the first body is missing."""
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + bytes(3000)
    second = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
    size = len(first) // 2
    cuts = (100, size, len(first) - size, len(second))
    records = tcp_records(((C, GET + b"\r\n"), (S, first), (S, second)), 80, cuts)
    answers = [r for r in records if bytes(3) in r.data[54:] or b"404 Not" in r.data]
    assert len(answers) >= 3
    engine = Engine(REGISTRY)
    messages = [
        message
        for record in records
        if record is not answers[1]
        for message in engine.feed(record, full=True)
        if message.protocol == "http"
    ]
    assert [m.summary for m in messages[:2]] == ["GET / HTTP/1.1", "HTTP/1.1 200 OK"]
    assert "bytes of the body are missing" in notes(messages[1])
    assert messages[-1].summary == "HTTP/1.1 404 Not Found"
