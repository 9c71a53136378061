"""What an upgrade says ahead, against h2 and wsproto; hosts that a request must name."""

from __future__ import annotations

import h2.connection
import h2.settings
import pytest
import wsproto
from frames import Turn, tcp_records
from wsproto.events import AcceptConnection, Request

from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.model import Field, Message, Side
from wirestep.protocols import http1, stack
from wirestep.protocols.http1.upgrade import EXPECTED

C, S = Side.CLIENT, Side.SERVER
REGISTRY = Registry((*stack.PROTOCOLS, http1.PROTOCOL))


def talk(*turns: Turn) -> list[Message]:
    engine = Engine(REGISTRY)
    found = [m for r in tcp_records(turns, 80, (1400,)) for m in engine.feed(r, full=True)]
    return [message for message in found if message.protocol == "http"]


def fields(message: Message) -> list[Field]:
    assert message.root is not None
    return list(message.root.walk())


def notes(message: Message) -> list[str]:
    return [note.text for field in fields(message) for note in field.notes]


def handshake() -> tuple[bytes, bytes]:
    """A request and its response as wsproto writes them; its client has believed the response."""
    client = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
    server = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
    asked = client.send(Request(host="a.test", target="/chat"))
    server.receive_data(asked)
    assert isinstance(next(server.events()), Request)
    said = server.send(AcceptConnection())
    client.receive_data(said)
    assert isinstance(next(client.events()), AcceptConnection)
    return asked, said


def test_the_answer_to_a_key_as_wsproto_gives_it() -> None:
    asked, said = handshake()
    response = talk((C, asked), (S, said))[1]
    [expected] = [field.value for field in fields(response) if field.name == EXPECTED]
    assert isinstance(expected, str)
    assert f"Sec-WebSocket-Accept: {expected}\r\n".lower().encode() in said.lower()
    assert notes(response) == []


def test_the_example_of_rfc_6455() -> None:
    """Section 1.3."""
    key, right = "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    asked = f"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Key: {key}\r\n"
    said = "HTTP/1.1 101 Changed\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    for given, noted in ((right, 0), (right.swapcase(), 1), ("", 1)):
        accept = f"Sec-WebSocket-Accept: {given}\r\n" if given else ""
        turns = (C, f"{asked}\r\n".encode()), (S, f"{said}{accept}\r\n".encode())
        response = talk(*turns)[1]
        assert [field.value for field in fields(response) if field.name == EXPECTED] == [right]
        assert len(notes(response)) == noted


def test_settings_as_h2_says_them() -> None:
    client = h2.connection.H2Connection()
    client.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 77_777})
    header = client.initiate_upgrade_connection()
    assert header is not None
    data = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nHTTP2-Settings: " + header + b"\r\n\r\n"
    [request] = talk((C, data))
    said = {
        number.value: value.value
        for number, value in zip(
            [field for field in fields(request) if field.name == "http2.settings.id"],
            [
                field
                for field in fields(request)
                if field.name.startswith("http2.settings.") and field.name != "http2.settings.id"
            ],
            strict=True,
        )
    }
    assert said == {int(code): value for code, value in client.local_settings.items()}
    assert notes(request) == []


@pytest.mark.parametrize("value", ["AAMAAABk", "AAMAAAB", "\u00e9\u00e9\u00e9\u00e9", "A"])
def test_settings_that_are_none(value: str) -> None:
    data = f"GET / HTTP/1.1\r\nHost: a\r\nHTTP2-Settings: {value}\r\n\r\n".encode()
    [request] = talk((C, data))
    assert bool(notes(request)) == (value != "AAMAAABk")


@pytest.mark.parametrize(
    ("head", "noted"),
    [
        ("GET / HTTP/1.1\r\nHost: a\r\n", 0),
        ("GET / HTTP/1.1\r\nHost:\r\n", 0),
        ("GET / HTTP/1.0\r\nAccept: a\r\n", 0),
        ("GET / HTTP/1.1\r\nAccept: a\r\n", 1),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", 1),
    ],
)
def test_hosts(head: str, noted: int) -> None:
    """RFC 9112 section 3.2."""
    [request] = talk((C, f"{head}\r\n".encode()))
    assert len([text for text in notes(request) if "Host" in text]) == noted
