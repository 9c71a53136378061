"""Bodies of HTTP/3 put together and decoded, as aioquic sends them; notes on broken rules."""

from __future__ import annotations

import gzip
from typing import Any

import pylsqpack
import pytest
from aioquic.h3.events import H3Event, HeadersReceived
from quic_peers import Peers, read
from trees import check_tree

from wirestep.decode.contract import Where
from wirestep.decode.cursor import Cursor
from wirestep.model import Field, Message, Record, Side, Source
from wirestep.protocols.http3 import bodies
from wirestep.protocols.http3.decode import Http3Decoder

C, S = Side.CLIENT, Side.SERVER
TEXT = b"said again and again, " * 200
QUERY = bytes.fromhex("000001000001000000000000076578616d706c6503636f6d0000010001")
HEAD = [(b":method", b"GET"), (b":scheme", b"https"), (b":path", b"/"), (b":authority", b"a")]


def answered(parts: list[bytes], *headers: tuple[bytes, bytes], late: bool = False) -> list[Field]:
    """Trees of a conversation in which the server answers with `parts` of a body.

    `late`: the stream ends with a frame of its own.
    """

    def answer(peers: Peers, event: H3Event) -> None:
        h3 = peers.server_h3
        if not isinstance(event, HeadersReceived) or h3 is None:
            return
        if dict(event.headers).get(b":path") is None:
            return
        h3.send_headers(event.stream_id, [(b":status", b"200"), *headers])
        for place, part in enumerate(parts):
            h3.send_data(event.stream_id, part, place == len(parts) - 1 and not late)
        if late:
            h3.send_headers(event.stream_id, [(b"x-sum", b"1")], True)

    peers = Peers()
    peers.start()
    peers.run(answer)
    peers.ask(b"/body")
    peers.run(answer)
    found: list[Message] = read(peers.records(), peers.secrets)
    return [message.root for message in found if message.root is not None]


def units(tag: int, side: Side, data: bytes) -> list[Field]:
    """Trees of the units that the bytes of a stream make."""
    decoder, found = Http3Decoder(), []
    while data:
        size = decoder.branch(tag).measure(memoryview(data), side)
        assert size is not None
        cursor = Cursor(Source("stream", data[:size]))
        decoder.decode(cursor, Where(side, Record(4, 0, b"", 0), stream=True, tag=tag))
        found.append(cursor.finish("http3"))
        check_tree(found[-1], data[:size])
        data = data[size:]
    return found


def section(headers: list[tuple[bytes, bytes]]) -> bytes:
    """A HEADERS frame as another encoder writes it."""
    _, data = pylsqpack.Encoder().encode(0, headers)
    return bytes((1, len(data))) + data


def said(roots: list[Field], name: str) -> list[Any]:
    return [field.value for root in roots for field in root.walk() if field.name == name]


@pytest.mark.parametrize("late", [False, True], ids=["at once", "trailers"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("coded", [False, True], ids=["plain", "gzip"])
def test_a_body_is_put_together(coded: bool, count: int, late: bool) -> None:
    data = gzip.compress(TEXT) if coded else TEXT
    size = len(data) // count + 1
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    headers = [(b"content-type", b"text/plain")]
    headers += [(b"content-encoding", b"gzip")] if coded else []
    roots = answered(parts, *headers, late=late)
    assert said(roots, "http3.file_data") == [TEXT.decode()]
    assert said(roots, "http3.body.reassembled.data") == ([data] if count > 1 or late else [])
    assert not said(roots, "http3.body_decompression_failed")


def test_a_length_ends_a_body_whose_stream_goes_on() -> None:
    head = [(b":status", b"200"), (b"content-type", b"text/plain"), (b"content-length", b"5")]
    roots = units(0, S, section(head) + b"\0\2he\0\3llo")
    assert said(roots, "http3.file_data") == ["hello"]


def test_a_coding_that_cannot_be_undone() -> None:
    roots = answered([b"no gzip at all"], (b"content-encoding", b"gzip"))
    assert said(roots, "http3.body_decompression_failed") == [None]


def test_a_dns_message_goes_up() -> None:
    """(RFC 8484, over HTTP/3)"""
    roots = answered([QUERY], (b"content-type", b"application/dns-message"))
    assert said(roots, "dns.qry.name") == ["example.com"]


def test_a_long_body_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BODY", 100)
    roots = answered([TEXT, TEXT], (b"content-type", b"text/plain"))
    assert not said(roots, "http3.file_data")
    told = [text for root in roots for text in noted(root)]
    assert sum(text.startswith("the body is not put together") for text in told) == 1


def noted(root: Field) -> list[str]:
    return [note.text for field in root.walk() for note in field.notes]


@pytest.mark.parametrize(
    ("headers", "note"),
    [
        (HEAD, ""),
        ([*HEAD, (b"te", b"trailers")], ""),
        ([*HEAD, (b"te", b"gzip")], "belongs to a connection of HTTP/1"),
        ([*HEAD, (b"connection", b"close")], "belongs to a connection of HTTP/1"),
        ([*HEAD, (b"X-Up", b"1")], "upper case"),
        ([*HEAD, (b":status", b"200")], ""),
        ([*HEAD, (b"a", b"b"), (b":protocol", b"x")], "behind other headers"),
        ([*HEAD, (b":no", b"x")], "no such pseudo header"),
        ([*HEAD, (b"a", b"b\r\nc: d")], "NUL, CR or LF"),
        (HEAD[:2], "a request without :path"),
        ([(b":method", b"CONNECT")], "a request without :authority"),
    ],
)
def test_headers_that_break_rules(headers: list[tuple[bytes, bytes]], note: str) -> None:
    """(RFC 9114 sections 4.2 and 4.3)"""
    [root] = units(0, C, section(headers))
    assert said([root], "http3.headers.count") == [len(headers)]
    assert len(noted(root)) == bool(note)
    assert note in "".join(noted(root))


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        ("00 0400", []),
        ("00 0400 0400", ["SETTINGS a second time (H3_FRAME_UNEXPECTED, section 7.2.4)"]),
        ("00 070100", ["no SETTINGS ahead of it (H3_MISSING_SETTINGS, section 6.2.1)"]),
        ("00 04020300", ["a setting of HTTP/2 (H3_SETTINGS_ERROR, section 7.2.4.1)"]),
    ],
)
def test_settings_come_first_and_once(data: str, notes: list[str]) -> None:
    found = units(2, C, bytes.fromhex(data))
    assert [text for root in found for text in noted(root)] == notes


def waited(early: bool, trailers: bool) -> list[Field]:
    """An answer whose headers wait for the table; `early`: while all of its body comes."""
    encoder = pylsqpack.Encoder()
    inserts = encoder.apply_settings(4096, 16)
    fields = [(b":status", b"200"), (b"content-type", b"application/json; v=7")]
    for stream in (0, 4):  # said twice, they come to stand in the table
        more, head = encoder.encode(stream, [*fields, (b"content-encoding", b"gzip")])
        inserts += more
    more, tail = encoder.encode(4, [(b"x-sum", b"7")])
    inserts += more
    body = gzip.compress(b'{"a": [1, 2]}', mtime=0)
    frames = [bytes((1, len(head))) + head, bytes((0, len(body))) + body]
    if trailers:
        frames.append(bytes((1, len(tail))) + tail)
    decoder, found = Http3Decoder(), []

    def feed(tag: int, *parts: bytes, last: bool = False) -> None:
        left = b"".join(parts)
        while left:
            size = decoder.branch(tag).measure(memoryview(left), S)
            assert size is not None
            part, left = left[:size], left[size:]
            cursor = Cursor(Source("stream", part, made_from=(4,)))
            place = Where(S, Record(4, 0, b"", 0), stream=True, tag=tag, last=last and not left)
            decoder.decode(cursor, place)
            found.append(cursor.finish("http3"))
            check_tree(found[-1], part)

    decoder.tables[S].limit = 4096
    feed(3, b"\x02")
    if early:
        feed(4, *frames, last=True)
        feed(3, inserts)
    else:
        feed(4, frames[0])
        feed(3, inserts)
        feed(4, *frames[1:], last=True)
    return found


@pytest.mark.parametrize("trailers", [False, True], ids=["without", "trailers"])
@pytest.mark.parametrize("early", [True, False], ids=["body-first", "headers-first"])
def test_a_body_is_what_headers_that_waited_say(early: bool, trailers: bool) -> None:
    found = waited(early, trailers)
    assert said(found, "http3.headers.blocked")
    assert said(found, "json.key") == ["a"]
