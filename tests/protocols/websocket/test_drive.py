"""Who opens and who answers WebSockets: pairs in memory, and events in, outputs out."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Callable

from meetings import Meeting

from wirestep.exchange.contract import Done, Endpoint, Request, Response, Wish
from wirestep.model import Address
from wirestep.protocols.websocket import drive, lab

SERVER = Address("203.0.113.80", 80)
OPEN = Request(target="/chat")


def text(said: str) -> Request:
    return Request("TEXT", said)


def client(*requests: Request, **options: object) -> Endpoint:
    return drive.CLIENTS["messages"](Wish("lab.test", requests, dict(options)), random.Random(1))


def meet(
    asking: Endpoint,
    kind: str = "echo",
    *,
    cut: Callable[[bytes], list[bytes]] = lambda data: [data],
    **options: object,
) -> Meeting:
    def server() -> Endpoint:
        return lab.SERVERS[kind](None, random.Random(2), options)

    return Meeting(asking, {("tcp", SERVER): server}, at=SERVER, cut=cut)


def bodies(told: list[object]) -> list[bytes]:
    return [each.body for each in told if isinstance(each, Response) and each.status != "101"]


def test_texts_and_bytes_are_said_back() -> None:
    wish = (OPEN, text("héllo"), Request("BINARY", body=bytes(range(256))), Request("PING"))
    told = meet(client(*wish)).run()
    assert bodies(told) == ["héllo".encode(), bytes(range(256)), b""]
    assert [each.status for each in told if isinstance(each, Response)] == [
        "101",
        "text",
        "binary",
        "pong",
    ]
    assert told[-1] == Done("")


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


def test_ticks_come_unasked() -> None:
    meeting = meet(client(OPEN, hear=3), "ticker")
    told = meeting.run()
    assert len(bodies(told)) == 3
    assert told[-1] == Done("")
