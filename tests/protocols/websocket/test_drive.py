"""Who opens and who answers WebSockets: pairs in memory, events in and outputs out."""

from __future__ import annotations

import base64
import hashlib
import random
import struct
import zlib
from collections.abc import Callable

import pytest
from meetings import SECOND, Meeting

from wirestep.exchange.chance import drawing
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
    Send,
    Started,
    Tell,
    Wish,
    Woken,
)
from wirestep.model import Address
from wirestep.protocols.websocket import drive, lab

SERVER = Address("203.0.113.80", 80)
OPEN = Request(target="/chat")
MS = 1_000_000


def text(said: str) -> Request:
    return Request("TEXT", said)


def client(*requests: Request, **options: object) -> Endpoint:
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return drive.CLIENTS["messages"](Wish("lab.test", requests, named), random.Random(1))


def server(kind: str = "echo", **options: object) -> Endpoint:
    named = {name.replace("_", "-"): value for name, value in options.items()}
    return lab.SERVERS[kind](None, random.Random(2), named)


def meet(
    asking: Endpoint,
    kind: str = "echo",
    *,
    delay: int = 0,
    cut: Callable[[bytes], list[bytes]] = lambda data: [data],
    **options: object,
) -> Meeting:
    servers = {("tcp", SERVER): lambda: server(kind, **options)}
    return Meeting(asking, servers, at=SERVER, delay=delay, cut=cut)


def heard(told: list[object]) -> list[tuple[int, str, bytes]]:
    responses = [each for each in told if isinstance(each, Response)]
    return [(each.request, each.status, each.body) for each in responses if each.status != "101"]


def frames(meeting: Meeting) -> list[str]:
    """The frames, as our decoder reads them."""
    found = [each.summary for each in meeting.read(80) if each.protocol == "websocket"]
    return [text.removeprefix("WebSocket ").strip() for text in found]


def sent(outputs: list[Output]) -> bytes:
    return b"".join(each.data for each in outputs if isinstance(each, Send))


def done(outputs: list[Output]) -> Done:
    (last,) = [
        each.value for each in outputs if isinstance(each, Tell) and isinstance(each.value, Done)
    ]
    return last


# What is said


def test_texts_bytes_and_pings_in_turn() -> None:
    wish = (OPEN, text("héllo"), Request("BINARY", body=bytes(range(256))), Request("PING"))
    meeting = meet(client(*wish, Request("TEXT", body=b"last"), deflate=False))
    told = meeting.run()
    assert isinstance(told[0], Response)
    assert told[0].status == "101"
    assert heard(told) == [
        (1, "text", "héllo".encode()),
        (2, "binary", bytes(range(256))),
        (3, "pong", b""),
        (4, "text", b"last"),
    ]
    assert told[-1] == Done("")
    assert frames(meeting) == [
        *("Text [FIN] [MASKED]", "Text [FIN]"),
        *("Binary [FIN] [MASKED]", "Binary [FIN]"),
        *("Ping [FIN] [MASKED]", "Pong [FIN]"),
        *("Text [FIN] [MASKED]", "Text [FIN]"),
        *("Connection Close [FIN] [MASKED]", "Connection Close [FIN]"),
    ]


def test_each_turn_is_a_round_trip_and_together_is_one() -> None:
    words = [text(f"number {n}") for n in range(4)]
    in_turn = meet(client(OPEN, *words), delay=25 * MS)
    in_turn.run()
    assert in_turn.told_at == [100 * MS, 150 * MS, 200 * MS, 250 * MS, 300 * MS, 350 * MS]
    together = meet(client(OPEN, *words, together=True), delay=25 * MS)
    together.run()
    assert together.told_at == [100 * MS, *[150 * MS] * 4, 200 * MS]


@pytest.mark.parametrize("deflate", [True, False])
@pytest.mark.parametrize("fragment", [0, 1, 7])
@pytest.mark.parametrize("cut", [1, 2, 3, 11, 4096])
def test_a_stream_may_be_cut_anywhere(cut: int, fragment: int, deflate: bool) -> None:
    said = "mañana, mañana, und übermorgen"
    wish = (OPEN, text(said), Request("BINARY", body=b"\0\1" * 40), text(""), text(said))
    meeting = meet(
        client(*wish, fragment=fragment, deflate=deflate),
        cut=lambda data: [data[at : at + cut] for at in range(0, len(data), cut)],
        fragment=fragment,
    )
    told = meeting.run()
    assert [body for _, _, body in heard(told)] == [
        *(said.encode(), b"\0\1" * 40, b"", said.encode())
    ]
    assert told[-1] == Done("")
    frames(meeting)


def test_fragments_are_frames() -> None:
    meeting = meet(client(OPEN, text("abcdefgh"), fragment=3, deflate=False))
    meeting.run()
    assert frames(meeting)[:4] == [
        "Text [FRAGMENT] [MASKED]",
        "Continuation [FRAGMENT] [MASKED]",
        "Continuation [FIN] [MASKED]",
        "Text [FIN]",
    ]


def test_a_context_makes_the_second_message_small() -> None:
    """Takeover (RFC 7692 section 7.1.1): the same text again is a reference to the first."""
    said = hashlib.sha256(b"x").hexdigest()
    sizes = {}
    for takeover in (True, False):
        wish = (OPEN, text(said), text(said))
        meeting = meet(client(*wish, takeover=takeover))
        assert [body for _, _, body in heard(meeting.run())] == [said.encode()] * 2
        sizes[takeover] = [len(data) for data in meeting.client.sent[1:3]]
        frames(meeting)
    assert sizes[False][0] == sizes[False][1] == sizes[True][0]
    assert sizes[True][1] < 15 < sizes[False][1]


@pytest.mark.parametrize(
    ("ask", "give"), [(True, False), (False, True), (False, False)], ids=["no", "unasked", "none"]
)
def test_nothing_is_compressed_unless_both_want_it(ask: bool, give: bool) -> None:
    meeting = meet(client(OPEN, text("hello"), deflate=ask), deflate=give)
    assert heard(meeting.run()) == [(1, "text", b"hello")]
    assert meeting.client.sent[1][0] == 0x81
    assert b"permessage-deflate" not in meeting.log[1][2]


def test_a_subprotocol_is_agreed() -> None:
    meeting = meet(
        client(OPEN, text("x"), subprotocols="v9, v1.echo.lab, v2.echo.lab"), "subprotocol"
    )
    assert heard(meeting.run()) == [(1, "text", b"v2.echo.lab: x")]
    assert heard(meet(client(OPEN, text("x")), "subprotocol").run()) == [(1, "text", b"x")]


def test_ticks_come_unasked_and_in_time() -> None:
    meeting = meet(client(OPEN, hear=8), "ticker", delay=10 * MS)
    told = meeting.run()
    assert [time - 40 * MS for time in meeting.told_at[:9]] == [n * 250 * MS for n in range(9)]
    assert all(b'"price": 9' in body or b'"price": 10' in body for _, _, body in heard(told))
    assert told[-1] == Done("")


def test_a_server_that_closes_says_why() -> None:
    meeting = meet(client(OPEN, text("a"), text("b"), text("c")), close_after=2)
    told = meeting.run()
    assert [body for _, _, body in heard(told)] == [b"a", b"b"]
    why = "The server closed before everything was said: 1001 Going Away (that was enough)."
    assert told[-1] == Done(why)


def test_code_and_reason_of_the_client() -> None:
    meeting = meet(client(OPEN, text("x"), close=4321, reason="enough\x1b[2J"))
    assert meeting.run()[-1] == Done("")
    assert "closed: 4321 (enough\\x1b[2J)" in meeting.said
    assert frames(meeting)[-1] == "Connection Close [FIN]"


def test_the_server_closes_tcp() -> None:
    """RFC 6455 section 7.1.1: it is the server that keeps TIME-WAIT."""
    meeting = meet(client(OPEN, text("x")), delay=5 * MS)
    meeting.run()
    (party,) = meeting.parties
    assert party.ended
    assert party.peer is not None
    assert party.peer.ended
    panel = party.endpoint.panels()[0]
    assert panel.state == "CLOSED"
    assert [name for name, _ in panel.since] == ["CONNECTING", "OPEN", "CLOSING", "CLOSED"]


def test_messages_that_do_not_come_are_not_waited_for_for_ever() -> None:
    meeting = meet(client(OPEN, hear=3, wait=4), delay=5 * MS)
    told = meeting.run()
    assert told[-1] == Done("")
    assert "3 messages did not come; closing" in meeting.said
    assert meeting.told_at[-1] == 4 * SECOND + 30 * MS


def test_pings_of_the_server_are_answered() -> None:
    meeting = meet(client(OPEN, hear=1, wait=2.5, deflate=False), ping=1)
    meeting.run()
    found = frames(meeting)
    assert found.count("Ping [FIN]") == found.count("Pong [FIN] [MASKED]") == 2


# Randomness


def test_keys_and_masks_come_from_the_chance_of_the_wire() -> None:
    def run(seed: int) -> bytes:
        with drawing(random.Random(seed)):
            meeting = meet(client(OPEN, text("hello"), text("hello")))
            meeting.run()
        return meeting.stream(meeting.client)

    assert run(5) == run(5)
    assert run(5) != run(6)


# Refused


def opening(asking: Endpoint) -> tuple[str, str]:
    """The key the client drew, and what it must be answered (RFC 6455 section 4.2.2)."""
    head = sent(asking.handle(Started(), 0)).decode()
    key = head.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
    magic = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return key, base64.b64encode(hashlib.sha1(magic.encode()).digest()).decode()


def opened(**options: object) -> Endpoint:
    """A client whose socket is open."""
    asking = client(OPEN, text("hello"), **options)
    _, token = opening(asking)
    asking.handle(Received(SWITCH + f"Sec-WebSocket-Accept: {token}\r\n\r\n".encode()), 1)
    assert asking.panels()[0].state == "OPEN"
    return asking


SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"


def test_the_sample_in_go_is_refused() -> None:
    meeting = meet(client(OPEN, text("hello")), "go-sample")
    told = meeting.run()
    head = meeting.stream(meeting.client).decode()
    key = head.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
    assert len(base64.b64decode(key)) == 16
    magic = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    token = base64.b64encode(hashlib.sha1(magic.encode()).digest()).decode()
    error = (
        "The server switched protocols without Sec-WebSocket-Accept, so nothing shows that it "
        f"knows WebSocket: the key {key} asks for {token} (RFC 6455 section 4.2.2)."
    )
    assert told == [Done(error)]
    assert head.endswith("\r\n\r\n"), "no frame is sent to who is refused"


def test_what_the_sample_in_go_does() -> None:
    """Its code: 101, then each line with "echo: "; 400 for anything but an upgrade."""
    sample = server("go-sample")
    asked = b"GET /ws HTTP/1.1\r\nHost: a\r\nupgrade: websocket\r\n\r\n"
    assert sent(sample.handle(Received(asked[:30]), 0)) == b""
    assert sent(sample.handle(Received(asked[30:] + b"half"), 0)) == lab.sample.SWITCH
    assert sent(sample.handle(Received(b" a line\nand\n"), 0)) == b"echo: half a line\necho: and\n"
    assert sample.handle(Ended(), 0) == [End()]
    plain = server("go-sample").handle(Received(b"GET /ws HTTP/1.1\r\n\r\n"), 0)
    assert sent(plain).startswith(b"HTTP/1.1 400 Bad Request")
    assert sent(plain).endswith(b"\r\n\r\nwebsocket upgrade required\n")
    assert plain[-1] == End()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            SWITCH + b"Sec-WebSocket-Accept: bm8gbm8gbm8=\r\n\r\n",
            "The server's Sec-WebSocket-Accept is bm8gbm8gbm8=, but the key {key} asks for "
            "{token} (RFC 6455 section 4.2.2).",
        ),
        (
            SWITCH + b"Sec-WebSocket-Accept: {token}\r\nSec-WebSocket-Protocol: odd\r\n\r\n",
            "The server's answer to the upgrade cannot be taken: unrecognized subprotocol odd.",
        ),
        (
            SWITCH + b"Sec-WebSocket-Accept: {token}\r\nSec-WebSocket-Extensions: zip\r\n\r\n",
            "The server's answer to the upgrade cannot be taken: unrecognized extension zip.",
        ),
        (
            SWITCH.replace(b"websocket", b"h2c") + b"Sec-WebSocket-Accept: {token}\r\n\r\n",
            "The server switched protocols, but not to WebSocket: Upgrade: h2c.",
        ),
        (
            SWITCH.replace(b"Connection: Upgrade", b"X: y") + b"\r\n",
            "The server switched protocols without Connection: Upgrade (no Connection field).",
        ),
        (
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "The server does not open a WebSocket: 404.",
        ),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "The server does not answer in HTTP."),
        (b"\x16\x03\x01\x02\x00" * 20, "The server does not answer in HTTP."),
    ],
)
def test_answers_that_are_refused(answer: bytes, error: str) -> None:
    asking = client(OPEN, text("hello"))
    key, token = opening(asking)
    data = answer.replace(b"{token}", token.encode())
    outputs: list[Output] = []
    for at in range(0, len(data), 17):
        outputs += asking.handle(Received(data[at : at + 17]), 1)
    outputs += asking.handle(Ended(), 2)
    assert done(outputs).error == error.format(key=key, token=token)
    assert sent(outputs) == b""
    assert End() in outputs


@pytest.mark.parametrize(
    ("event", "error"),
    [
        (Ended(), "The server closed the connection before the socket was open."),
        (Failed("reset"), "The connection was reset before the socket was open."),
        (Failed("The certificate is not valid."), "The certificate is not valid."),
        (Woken(), "The server did not answer within 10 s."),
    ],
)
def test_openings_that_fail(event: Input, error: str) -> None:
    asking = client(OPEN, text("hello"))
    opening(asking)
    assert done(asking.handle(event, 10 * SECOND)).error == error
    assert done(client(OPEN).handle(Failed("refused"), 0)).error == (
        "The server refused the connection."
    )


def raw(first: int, payload: bytes, key: bytes = b"") -> bytes:
    """A frame (RFC 6455 section 5.2)."""
    size = len(payload)
    mask = 0x80 if key else 0
    short = struct.pack("!BB", first, mask | size) if size < 126 else b""
    head = short or struct.pack("!BBH", first, mask | 126, size)
    return (
        head + key + bytes(byte ^ key[at % 4] if key else byte for at, byte in enumerate(payload))
    )


@pytest.mark.parametrize(
    ("data", "code", "part"),
    [
        (raw(0x81, b"x", b"keys"), 1002, "masked"),
        (raw(0x83, b"x"), 1002, "opcode"),
        (raw(0xC1, b"x"), 1002, "Reserved bit"),
        (raw(0x80, b"x"), 1002, "CONTINUATION"),
        (raw(0x09, b"x"), 1002, "fragment control"),
        (raw(0x88, b"x"), 1002, "1 byte payload"),
        (raw(0x88, struct.pack("!H", 1006)), 1002, "local-only"),
        (raw(0x81, b"\xff"), 1007, "utf-8"),
        (raw(0x88, b"\x03\xe8\xff"), 1007, "decoding CLOSE"),
        (b"\x81\x7e\x00\x05hello", 1002, "1 would have sufficed"),
    ],
)
def test_a_server_that_breaks_the_rules(data: bytes, code: int, part: str) -> None:
    asking = opened(deflate=False)
    outputs = asking.handle(Received(data), 2)
    error = done(outputs).error
    assert error.startswith("The server broke WebSocket: ")
    assert part in error
    close = sent(outputs)
    assert close[0] == 0x88
    key, payload = close[2:6], close[6:]
    plain = bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))
    assert struct.unpack("!H", plain[:2])[0] == code
    assert outputs[-1] == End()


def test_an_end_without_a_close_frame() -> None:
    error = "The server closed the connection without a Close frame (1006)."
    assert done(opened().handle(Ended(), 3)).error == error


@pytest.mark.parametrize(
    ("head", "status", "part"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"400", b"Connection: Upgrade"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", b"400", b"must be GET"),
        (b"\x00\x01\x02\r\n\r\n", b"400", b"Bad HTTP message"),
        (
            b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 7\r\n\r\n",
            b"426",
            b"Sec-WebSocket-Version: 13",
        ),
    ],
)
def test_upgrades_that_a_server_refuses(head: bytes, status: bytes, part: bytes) -> None:
    echo = server()
    echo.handle(Started(), 0)
    outputs = echo.handle(Received(head), 1)
    assert sent(outputs).startswith(b"HTTP/1.1 " + status)
    assert part in sent(outputs)
    assert outputs[-1] == End()


def test_a_server_may_not_want_a_socket() -> None:
    told = meet(client(OPEN), refuse=403).run()
    assert told == [Done("The server does not open a WebSocket: 403.")]


def test_clients_that_say_nothing_are_not_waited_for() -> None:
    echo = server()
    echo.handle(Started(), 0)
    assert End() in echo.handle(Woken(), 30 * SECOND)


# Compression, where wsproto is mended


def deflated(data: bytes) -> bytes:
    made = zlib.compressobj(wbits=-15)
    return (made.compress(data) + made.flush(zlib.Z_SYNC_FLUSH))[:-4]


def upgraded(**options: object) -> Endpoint:
    """An echo whose socket is open, with compression."""
    echo = server(**options)
    echo.handle(Started(), 0)
    head = (
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    )
    answer = sent(echo.handle(Received(head), 1))
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer, "RFC 6455 section 1.3"
    return echo


def test_a_ping_before_and_within_a_compressed_message() -> None:
    echo, squeezed = upgraded(), deflated(b"hello, hello, hello")
    ping = raw(0x89, b"now", b"keys")
    data = ping + raw(0x41, squeezed[:4], b"keys") + ping + raw(0x80, squeezed[4:], b"keys")
    outputs = echo.handle(Received(data + raw(0xC1, deflated(b"again"), b"keys")), 2)
    answers = [each.data for each in outputs if isinstance(each, Send)]
    assert answers[0] == answers[1] == raw(0x8A, b"now")
    inflate = zlib.decompressobj(-15)
    said = [inflate.decompress(each[2:] + b"\0\0\xff\xff") for each in answers[2:]]
    assert said == [b"hello, hello, hello", b"again"]


def test_a_small_message_does_not_grow_without_bound() -> None:
    bomb = deflated(bytes(40 * 1024 * 1024))
    assert len(bomb) < 65_536
    outputs = upgraded().handle(Received(raw(0xC2, bomb, b"keys")), 2)
    close = sent(outputs)
    assert (close[0], close[2:4]) == (0x88, struct.pack("!H", 1009))
    assert outputs[-1] == End()


def test_a_message_in_many_frames_is_bounded() -> None:
    echo = upgraded()
    piece = raw(0x02, bytes(65_000), b"keys")
    more = raw(0x00, bytes(65_000), b"keys")
    outputs = echo.handle(Received(piece), 2)
    for _ in range(300):
        outputs = echo.handle(Received(more), 3)
        if outputs:
            break
    assert sent(outputs)[2:4] == struct.pack("!H", 1009)
    assert outputs[-1] == End()


# Anything


@pytest.mark.parametrize("side", ["client", "server"])
def test_no_bytes_break_an_endpoint(side: str) -> None:
    rng = random.Random(13)
    wish = (OPEN, text("hello, hello"), Request("BINARY", body=bytes(400)), text("x" * 200))
    for number in range(300):
        with drawing(random.Random(7)):
            meeting = meet(client(*wish, fragment=50))
            meeting.run()
            theirs = [data for _, who, data in meeting.log if (who == 0) == (side == "server")]
            data = bytearray(b"".join(theirs))
            head = data.index(b"\r\n\r\n") + 4
            first = head if number % 4 else 0
            for _ in range(rng.choice((1, 2, 8))):
                data[rng.randrange(first, len(data))] = rng.choice((0, 255, rng.randrange(256)))
        with drawing(random.Random(7)):
            endpoint = client(*wish, fragment=50) if side == "client" else server()
            outputs = endpoint.handle(Started(), 0)
            step = rng.choice((9, 100, 5000))
            for at in range(0, len(data), step):
                outputs += endpoint.handle(Received(bytes(data[at : at + step])), at)
                endpoint.panels()
            outputs += endpoint.handle(Woken(), 60 * SECOND)
            outputs += endpoint.handle(Ended(), 61 * SECOND)
        assert End() in outputs
        if side == "client":
            done(outputs)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"fragment": "small"}, "fragment: 'small' is no number"),
        ({"deflate": 3.5}, "deflate: 3.5 is neither yes nor no"),
        ({"subprotocols": 5}, "subprotocols: 5 is no text"),
    ],
)
def test_options_that_cannot_be_read(options: dict[str, object], sentence: str) -> None:
    for make in (lambda: client(OPEN, **options), lambda: server(**options)):
        with pytest.raises(ValueError, match=sentence):
            make()


def test_what_is_no_message() -> None:
    with pytest.raises(ValueError, match="'SHOUT' is no message: TEXT, BINARY, PING are"):
        client(OPEN, Request("SHOUT", "x"))


def test_panels_tell_what_was_agreed() -> None:
    meeting = meet(client(OPEN, text("x"), subprotocols="v1.echo.lab"), "subprotocol")
    meeting.run()
    (panel,) = meeting.client.endpoint.panels()
    assert [(fact.name, fact.value) for fact in panel.facts] == [
        ("messages", "1 said, 1 heard"),
        ("subprotocol", "v1.echo.lab"),
        ("permessage-deflate", "keeps its context"),
        ("close", "1000 Normal Closure"),
    ]
