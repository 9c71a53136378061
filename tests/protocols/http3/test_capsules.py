"""Extended CONNECT over HTTP/3: capsules, datagrams of proxies, WebTransport."""

from __future__ import annotations

from typing import Any

import pytest
from aioquic.buffer import encode_uint_var
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import H3Event, HeadersReceived
from quic_peers import Peers, read
from trees import check_names, check_tree

from wirestep.decode.contract import Where
from wirestep.decode.cursor import Broken, Cursor
from wirestep.model import Field, Message, Record, Side, Source
from wirestep.protocols import REGISTRY
from wirestep.protocols.http3.capsules import CapsuleDecoder

CAPSULES = {
    "datagram": ("00 03 00aabb", "DATAGRAM: 3 bytes", {"capsule.datagram": b"\0\xaa\xbb"}),
    "assign": (
        "01 07 01 04 c000020a 20",
        "ADDRESS_ASSIGN: 192.0.2.10/32",
        {"capsule.address.request": 1, "capsule.address.prefix": 32},
    ),
    "request": (
        "02 14 4142 06 20010db8000000000000000000000000 40",
        "ADDRESS_REQUEST: 2001:db8::/64",
        {"capsule.address.request": 0x142, "capsule.address.version": 6},
    ),
    "route": (
        "03 0a 04 c6336400 c63364ff 11",
        "ROUTE_ADVERTISEMENT: 198.51.100.0 to 198.51.100.255",
        {"capsule.route.protocol": 17, "capsule.route.stop": b"\xc6\x33\x64\xff"},
    ),
    "close": (
        "6843 07 0000002a 627965",
        "CLOSE_WEBTRANSPORT_SESSION: 42 bye",
        {"capsule.close.code": 42, "capsule.close.reason": "bye"},
    ),
    "drain": ("800078ae 00", "DRAIN_WEBTRANSPORT_SESSION: 0 bytes", {}),
    "reserved": ("17 02 0102", "reserved: 2 bytes", {"capsule.value": b"\1\2"}),
    "unknown": ("0a 01 09", "capsule 0xa: 1 bytes", {"capsule.value": b"\t"}),
}


def one(data: bytes) -> tuple[Field, str]:
    decoder = CapsuleDecoder()
    assert decoder.measure(memoryview(data), Side.CLIENT) == len(data)
    cursor = Cursor(Source("stream", data, made_from=(4,)))
    reading = decoder.decode(cursor, Where(Side.CLIENT, Record(4, 0, b"", 0), stream=True))
    root = cursor.finish("capsule")
    check_tree(root, data)
    check_names(root, REGISTRY)
    return root, reading.summary


@pytest.mark.parametrize("name", CAPSULES)
def test_capsules(name: str) -> None:
    data, line, fields = CAPSULES[name]
    root, summary = one(bytes.fromhex(data))
    assert summary == line
    for field, value in fields.items():
        found = root.find(field)
        assert found is not None
        assert found.value == value
    assert not any(note for field in root.walk() for note in field.notes)


def test_a_capsule_that_contradicts_itself() -> None:
    with pytest.raises(Broken, match="no IP version 5"):
        one(bytes.fromhex("01 07 01 05 c000020a 20"))
    with pytest.raises(Broken):
        one(bytes.fromhex("01 05 01 04 c00002"))


def opened(protocol: bytes, *more: tuple[bytes, bytes], said: bytes = b"") -> list[Message]:
    """What our decoder reads of a CONNECT that is accepted, on which both say something."""

    def answer(peers: Peers, event: H3Event) -> None:
        h3 = peers.server_h3
        if isinstance(event, HeadersReceived) and h3 is not None:
            h3.send_headers(event.stream_id, [(b":status", b"200")])
            h3.send_data(event.stream_id, said, False)
            peers.server.send_datagram_frame(encode_uint_var(event.stream_id // 4) + b"\0hello")  # type: ignore[union-attr]

    peers = Peers(options={"max_datagram_frame_size": 65536})
    peers.start()
    peers.run()
    http: H3Connection | None = peers.client_h3
    assert http is not None
    stream = peers.client.get_next_available_stream_id()
    fields = [
        (b":method", b"CONNECT"),
        (b":protocol", protocol),
        (b":scheme", b"https"),
        (b":authority", b"proxy.example"),
        (b":path", b"/there"),
    ]
    http.send_headers(stream, [*fields, *more])
    peers.run(answer)
    for part in (said[:2], said[2:]):
        http.send_data(stream, part, False)
        peers.run(answer)
    return read(peers.records(), peers.secrets)


def briefs(messages: list[Message], protocol: str) -> list[str]:
    return [message.brief for message in messages if message.protocol == protocol]


def values(messages: list[Message], name: str) -> list[Any]:
    roots = [message.root for message in messages if message.root is not None]
    return [field.value for root in roots for field in root.walk() if field.name == name]


SAID = bytes.fromhex("00 03 00aabb 17 00 01 07 01 04 c000020a 20")


@pytest.mark.parametrize("protocol", [b"connect-udp", b"connect-ip", b"webtransport"])
def test_capsules_are_read_on_the_stream_of_a_connect(protocol: bytes) -> None:
    """However its DATA frames cut them; each side's by itself."""
    messages = opened(protocol, said=SAID)
    assert briefs(messages, "capsule") == ["DATAGRAM", "reserved", "ADDRESS_ASSIGN"] * 2
    lines = briefs(messages, "http3")
    assert f"CONNECT /there ({protocol.decode()}) [0]" in lines
    assert "DATAGRAM [0]" in lines
    context = values(messages, "http3.datagram.context_id")
    assert context == ([] if protocol == b"webtransport" else [0])
    told = [message.summary for message in messages if "DATAGRAM of stream" in message.summary]
    assert told[0].startswith(f"DATAGRAM of stream 0 ({protocol.decode()})")


def test_a_header_announces_capsules_of_whatever_it_is() -> None:
    messages = opened(b"x-new", (b"capsule-protocol", b"?1"), said=SAID)
    assert briefs(messages, "capsule") == ["DATAGRAM", "reserved", "ADDRESS_ASSIGN"] * 2
    assert not briefs(opened(b"x-new", said=SAID), "capsule")


def test_streams_of_a_webtransport_session() -> None:
    """A stream each way, and one that goes one way, name the session they belong to."""
    peers = Peers(options={"max_datagram_frame_size": 65536})
    peers.start()
    peers.run()
    quic = peers.client
    both = quic.get_next_available_stream_id()
    quic.send_stream_data(both, bytes.fromhex("4041 08") + b"both ways", True)
    one_way = quic.get_next_available_stream_id(is_unidirectional=True)
    quic.send_stream_data(one_way, bytes.fromhex("4054 08") + b"one way", True)
    peers.run()
    messages = read(peers.records(), peers.secrets)
    assert values(messages, "http3.session_id") == [8, 8]
    assert set(values(messages, "http3.stream_data")) == {b"both ways", b"one way"}
