"""HTTP/2 against h2, hyperframe and tshark, and what senders get wrong."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Callable

import h2.config
import h2.connection
import h2.settings
import hyperframe.frame as frames
import pytest
from frames import Turn, tcp_records
from units import Unit, read_units

from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.model import Message, Side
from wirestep.protocols import REGISTRY as ALL
from wirestep.protocols import http2
from wirestep.protocols.http2 import connection
from wirestep.protocols.http2.claims import claims
from wirestep.protocols.http2.decode import Http2Decoder

C, S = Side.CLIENT, Side.SERVER
REGISTRY = Registry((http2.PROTOCOL,))
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
GET = bytes.fromhex("828684410f7777772e6578616d706c652e636f6d")
OK = b"\x88"


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return (
        len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload
    )


def begun() -> Http2Decoder:
    decoder = Http2Decoder()
    read(decoder, C, PREFACE + frame(4, 0, 0))
    read(decoder, S, frame(4, 0, 0) + frame(4, 1, 0))
    read(decoder, C, frame(4, 1, 0))
    return decoder


def read(decoder: Http2Decoder, side: Side, data: bytes) -> list[Unit]:
    return read_units(decoder, REGISTRY, side, data)


def one(decoder: Http2Decoder, side: Side, data: bytes) -> Unit:
    [unit] = read(decoder, side, data)
    return unit


# frames as hyperframe writes them


@pytest.mark.parametrize(
    ("made", "meant"),
    [
        (
            frames.PriorityFrame(0x1234, depends_on=0x5678, stream_weight=199, exclusive=True),
            {
                "http2.type": 2,
                "http2.streamid": 0x1234,
                "http2.exclusive": 1,
                "http2.stream_dependency": 0x5678,
                "http2.headers.weight": 199,
                "http2.headers.weight_real": 200,
            },
        ),
        (
            frames.SettingsFrame(0, settings={1: 0x1000, 4: 0x12345, 0x4A4A: 77}),
            {
                "http2.length": 18,
                "http2.settings.header_table_size": 0x1000,
                "http2.settings.initial_window_size": 0x12345,
                "http2.settings.unknown": 77,
            },
        ),
        (frames.PingFrame(0, b"\x01\x23\x45\x67\x89\xab\xcd\xef"), {"http2.type": 6}),
        (
            frames.GoAwayFrame(0, last_stream_id=0x1357, error_code=11, additional_data=b"calm"),
            {
                "http2.goaway.last_stream_id": 0x1357,
                "http2.goaway.error": 11,
                "http2.goaway.addata": b"calm",
            },
        ),
        (
            frames.WindowUpdateFrame(0, window_increment=0x1FEDCBA),
            {"http2.window_update.window_size_increment": 0x1FEDCBA},
        ),
        (
            frames.AltSvcFrame(0, origin=b"example.org", field=b'h3=":443"'),
            {
                "http2.altsvc.origin.len": 11,
                "http2.altsvc.origin": "example.org",
                "http2.altsvc.field_value": 'h3=":443"',
            },
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, frames.Frame) else "",
)
def test_a_frame_as_hyperframe_writes_it(made: frames.Frame, meant: dict[str, object]) -> None:
    unit = one(begun(), C, made.serialize())
    for name, value in meant.items():
        assert unit.value(name) == value, name
    assert not any(note.startswith("broken") for note in unit.notes)


def test_padding_priority_and_flags_of_headers() -> None:
    made = frames.HeadersFrame(
        1, GET, flags=["END_STREAM", "END_HEADERS", "PADDED", "PRIORITY"], pad_length=7
    )
    made.depends_on, made.stream_weight = 0x2468, 15
    unit = one(begun(), C, made.serialize())
    assert unit.value("http2.pad_length") == unit.value("http2.padding") == 7
    assert unit.value("http2.headers.padding") == bytes(7)
    assert unit.value("http2.stream_dependency") == 0x2468
    assert unit.value("http2.headers") == GET
    for name in ("end_stream", "eh", "padded", "priority"):
        assert unit.value(f"http2.flags.{name}") == 1
    assert unit.value("http2.headers.authority") == "www.example.com"
    assert unit.value("http2.request.full_uri") == "http://www.example.com/"


def test_a_type_that_nobody_knows() -> None:
    unit = one(begun(), C, frame(0xF3, 0x5A, 0x777, b"grease"))
    assert unit.value("http2.type") == 0xF3
    assert unit.value("http2.flags") == unit.value("http2.flags.unused") == 0x5A
    assert unit.value("http2.unknown") == b"grease"
    assert unit.notes == []


def test_an_origin_and_a_priority_update() -> None:
    decoder = begun()
    unit = one(decoder, S, frame(12, 0, 0, b"\x00\x09https://a\x00\x0ahttps://bc"))
    assert unit.values("http2.origin.origin") == ["https://a", "https://bc"]
    unit = one(decoder, C, frame(16, 0, 0, b"\x00\x00\x12\x35u=3"))
    assert unit.value("http2.priority_update_stream_id") == 0x1235
    assert unit.value("http2.priority_update_field_value") == "u=3"


# conversations as h2 drives them


class Pair:
    """A client and a server of h2, and our decoder on the wire between them."""

    def __init__(self) -> None:
        self.client = h2.connection.H2Connection(h2.config.H2Configuration(True))
        self.server = h2.connection.H2Connection(h2.config.H2Configuration(False))
        self.decoder = Http2Decoder()
        self.units: list[tuple[Side, Unit]] = []
        self.client.initiate_connection()
        self.server.initiate_connection()
        self.run()

    def run(self) -> list[Unit]:
        """Carry what both have to say, until they are quiet."""
        before = len(self.units)
        while True:
            up, down = self.client.data_to_send(), self.server.data_to_send()
            if not up and not down:
                return [unit for _, unit in self.units[before:]]
            for side, data, target in ((C, up, self.server), (S, down, self.client)):
                self.units += [(side, unit) for unit in read(self.decoder, side, data)]
                if data:
                    target.receive_data(data)

    def ask(self, number: int, path: str, *, end: bool = True) -> list[Unit]:
        """A request."""
        names = [":method", ":scheme", ":authority", ":path"]
        values = ["GET" if end else "POST", "https", "example.org", path]
        self.client.send_headers(number, list(zip(names, values, strict=True)), end_stream=end)
        return self.run()


def test_a_request_and_its_response() -> None:
    pair = Pair()
    [ask] = pair.ask(1, "/a?b=c")
    assert (ask.reading.summary, ask.reading.brief) == ("HEADERS[1]: GET /a?b=c", "GET /a?b=c [1]")
    assert (ask.reading.level, ask.reading.asks) == ("message", ("stream", 1))
    assert ask.value("http2.stream_state") == "half-closed (client)"
    pair.server.send_headers(1, [(":status", "404"), ("content-type", "text/plain")])
    pair.server.send_data(1, b"nothing ", pad_length=5)
    pair.server.send_data(1, b"here", end_stream=True)
    answer, first, second = pair.run()
    assert (answer.reading.summary, answer.reading.brief) == (
        "HEADERS[1]: 404 Not Found",
        "404 Not Found [1]",
    )
    assert answer.reading.answers == ("stream", 1)
    assert answer.value("http2.headers.status") == 404
    assert answer.value("http2.request_in") == 5
    assert first.value("http2.data.data") == b"nothing "
    assert first.value("http2.data.padding") == bytes(5)
    assert first.reading.brief == "DATA [1] 8 B"
    assert second.value("http2.stream_state") == "closed"
    assert second.value("http2.body.reassembled.length") == 12
    assert second.value("http2.body.reassembled.data") == b"nothing here"
    assert second.value("http2.file_data") == "nothing here"
    assert all(unit.notes == [] for _, unit in pair.units)


def test_windows_are_those_of_h2() -> None:
    pair = Pair()
    for number in (1, 3):
        pair.ask(number, "/", end=False)
    for number, size in ((1, 5000), (3, 16000), (1, 16384), (3, 77)):
        pair.client.send_data(number, bytes(size))
        unit = pair.run()[-1]
        machine = pair.client
        assert (
            unit.value("http2.window.stream")
            == machine._get_stream_by_id(number).outbound_flow_control_window
        )
        assert unit.value("http2.window.connection") == machine.outbound_flow_control_window
    pair.server.increment_flow_control_window(1234)
    pair.server.increment_flow_control_window(4321, stream_id=3)
    whole, single = pair.run()
    assert whole.value("http2.window.connection") == pair.client.outbound_flow_control_window
    stream = pair.client._get_stream_by_id(3)
    assert single.value("http2.window.stream") == stream.outbound_flow_control_window


def test_settings_move_the_windows_of_open_streams() -> None:
    pair = Pair()
    pair.ask(1, "/", end=False)
    codes = h2.settings.SettingCodes
    for size in (70_000, 20_000):
        pair.server.update_settings({codes.INITIAL_WINDOW_SIZE: size})
        said, acked = pair.run()
        assert said.reading.asks == acked.reading.answers
        pair.client.send_data(1, bytes(10))
        unit = pair.run()[-1]
        stream = pair.client._get_stream_by_id(1)
        assert unit.value("http2.window.stream") == stream.outbound_flow_control_window


def test_more_room_holds_at_once_and_less_when_it_is_acknowledged() -> None:
    decoder = begun()
    read(decoder, C, frame(1, 4, 1, GET))
    more, less = (b"\x00\x04" + size.to_bytes(4, "big") for size in (0x20000, 0x1000))
    read(decoder, S, frame(4, 0, 0, more))
    unit = one(decoder, C, frame(0, 0, 1, b"12345"))
    assert unit.value("http2.window.stream") == 0x20000 - 5
    read(decoder, C, frame(4, 1, 0))
    read(decoder, S, frame(4, 0, 0, less))
    unit = one(decoder, C, frame(0, 0, 1, b"12345"))
    assert unit.value("http2.window.stream") == 0x20000 - 10
    read(decoder, C, frame(4, 1, 0))
    unit = one(decoder, C, frame(0, 0, 1, b"12345"))
    assert unit.value("http2.window.stream") == 0x1000 - 15


def test_a_high_stream_and_a_frame_of_padding_only() -> None:
    decoder = begun()
    unit = one(decoder, C, frame(1, 4, 0x81234567, GET))
    assert unit.reading.brief == f"GET / [{0x1234567}]"
    assert unit.value("http2.r") == 1
    unit = one(decoder, C, frame(0, 8, 0x1234567, b"\x02" + bytes(2)))
    assert unit.values("http2.data.data") == unit.notes == []
    assert unit.value("http2.data.padding") == bytes(2)


def test_interim_responses_trailers_and_resets() -> None:
    pair = Pair()
    pair.ask(1, "/", end=False)
    pair.server.send_headers(1, [(":status", "103"), ("link", "</x>; rel=preload")])
    pair.server.send_headers(1, [(":status", "200")])
    pair.server.send_headers(1, [("grpc-status", "7")], end_stream=True)
    early, final, trailers = pair.run()
    pair.client.reset_stream(1, 8)
    [reset] = pair.run()
    assert (early.reading.brief, early.reading.answers) == ("103 Early Hints [1]", None)
    assert (final.reading.brief, final.reading.answers) == ("200 OK [1]", ("stream", 1))
    assert (trailers.reading.brief, trailers.reading.level) == ("trailers [1]", None)
    assert trailers.value("http2.stream_state") == "half-closed (server)"
    assert reset.reading.brief == "RST_STREAM [1] CANCEL"
    assert reset.notes == ["odd: the stream is given up: CANCEL"]


def test_a_push() -> None:
    pair = Pair()
    pair.ask(1, "/")
    names = [":method", ":scheme", ":authority", ":path"]
    values = ["GET", "https", "example.org", "/style.css"]
    pair.server.push_stream(1, 2, list(zip(names, values, strict=True)))
    pair.server.send_headers(2, [(":status", "200")], end_stream=True)
    promise, answer = pair.run()
    assert promise.value("http2.push_promise.promised_stream_id") == 2
    assert promise.value("http2.stream_state") == "reserved"
    assert promise.reading.asks == answer.reading.answers == ("stream", 2)
    assert promise.reading.brief == "push GET /style.css [2]"
    assert answer.value("http2.stream_state") == "closed"


def test_a_block_that_h2_cuts_into_continuations() -> None:
    pair = Pair()
    extra = [(f"x-{number}", "y" * 900) for number in range(40)]
    names = [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/")]
    pair.client.send_headers(1, [*names, *extra], end_stream=True)
    units = pair.run()
    assert [unit.value("http2.type") for unit in units] == [1, 9]
    assert units[0].reading.brief == "GET / [1]"
    assert units[1].reading.level is None
    found = [
        pair
        for unit in units
        for pair in zip(
            unit.values("http2.header.name"), unit.values("http2.header.value"), strict=True
        )
    ]
    assert found == [*names, *extra]


# bodies


def exchange(headers: bytes, *data: bytes) -> list[Unit]:
    decoder = begun()
    read(decoder, C, frame(1, 5, 1, GET))
    pieces = b"".join(
        frame(0, place == len(data) - 1, 1, piece) for place, piece in enumerate(data)
    )
    return read(decoder, S, frame(1, 4, 1, OK + headers) + pieces)


GZIPPED = bytes.fromhex("5a839bd9ab")
TEXT = b"\x5f\x0atext/plain"


def test_a_coded_body_in_pieces_is_decoded() -> None:
    packed = gzip.compress(b"again and again " * 20, mtime=0)
    last = exchange(GZIPPED + TEXT, packed[:7], packed[7:20], packed[20:])[-1]
    assert last.value("http2.body.reassembled.data") == packed
    assert last.value("http2.file_data") == "again and again " * 20
    last = exchange(GZIPPED + TEXT, packed[:20], b"")[-1]
    assert last.value("http2.file_data") is not None
    assert any("too early" in note for note in last.notes)


def test_a_long_body_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_BODY", 10)
    *_, over, last = exchange(TEXT, b"123456", b"789012", b"3")
    assert last.values("http2.file_data") == last.notes == []
    [note] = over.notes
    assert note.startswith("info: the body is not put together: only ")
    last = exchange(TEXT, b"123456", b"7890")[-1]
    assert last.value("http2.file_data") == "1234567890"


def test_all_bodies_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_KEPT", 10)
    decoder = begun()
    for number in (1, 3, 5, 7):
        read(decoder, C, frame(1, 4, number, GET))
        read(decoder, C, frame(0, 0, number, b"12345"))
    assert [stream.bodies[C].held for stream in decoder.connection.streams.values()] == [5, 5, 0, 0]
    read(decoder, C, frame(3, 0, 1, bytes(4)) + frame(0, 1, 3))
    assert decoder.connection.kept == 0


def test_a_dns_message_goes_up() -> None:
    kind = b"\x5f\x17application/dns-message"
    last = exchange(kind, b"\x3a\x7d\x81\x80", b"\x00" * 8)[-1]
    [above] = last.reading.payloads
    assert (above.to, above.flow) == ("dns", ("body", 1))
    assert above.source.data == b"\x3a\x7d\x81\x80" + bytes(8)
    assert above.offset is None


def test_a_websocket_in_a_stream_goes_up() -> None:
    """RFC 8441 section 5.1."""
    decoder = begun()
    ask = b"\x02\x07CONNECT" + b"\x00\x09:protocol\x09websocket" + b"\x86\x84"
    unit = one(decoder, C, frame(1, 4, 1, ask))
    assert unit.value("http2.headers.protocol") == "websocket"
    read(decoder, S, frame(1, 4, 1, OK))
    first = one(decoder, C, frame(0, 0, 1, b"\x81\x85"))
    second = one(decoder, C, frame(0, 1, 1, bytes.fromhex("37fa213d7f9f4d5158")))
    [one_, two] = [unit.reading.payloads[0] for unit in (first, second)]
    assert (one_.to, one_.offset, one_.last) == ("websocket", 0, False)
    assert (two.to, two.offset, two.last) == ("websocket", 2, True)
    assert two.source.data[two.start : two.stop] == bytes.fromhex("37fa213d7f9f4d5158")


# rules that senders break


@pytest.mark.parametrize(
    ("side", "data", "note"),
    [
        (C, frame(0, 0, 0, b"x"), "broken: DATA belongs to a stream"),
        (C, frame(6, 0, 5, bytes(8)), "broken: PING belongs to the connection"),
        (C, frame(6, 0, 0, bytes(7)), "shorter than the 8 bytes"),
        (C, frame(8, 0, 0, b"\x00\x00\x01"), "shorter than the 4 bytes"),
        (C, frame(8, 0, 0, bytes(4)), "a window that does not grow"),
        (C, frame(8, 0, 0, b"\x7f\xff\xff\xff"), "a window of over 2^31-1"),
        (C, frame(8, 0, 0, b"\x00\x00\x00\x01\xff"), "bytes behind the frame's fields"),
        (C, frame(4, 0, 0, b"\x00\x01\x00"), "no multiple of six"),
        (C, frame(4, 0, 0, b"\x00\x02\x00\x00\x00\x02"), "not within 0 and 1"),
        (C, frame(4, 1, 0, b"\x00\x02\x00\x00\x00\x01"), "acknowledgement with settings"),
        (C, frame(3, 0, 7, bytes(4)), "RST_STREAM on an idle stream"),
        (C, frame(8, 0, 7, b"\x00\x00\x00\x01"), "WINDOW_UPDATE on an idle stream"),
        (C, frame(9, 4, 1, b"\x82"), "a header block that nobody began"),
        (C, frame(1, 0, 1, b"\x82") + frame(6, 0, 0, bytes(8)), "stream 1 is not at its end"),
        (C, frame(1, 0, 1, b"\x82") + frame(9, 4, 3, b"\x84"), "that nobody began"),
        (C, frame(1, 12, 1, b"\x09\x82"), "more padding than the frame is long"),
        (C, frame(1, 12, 1, b"\x02\x82"), "more padding than the frame is long"),
        (C, frame(1, 12, 1, b"\x01\x82\x01"), "odd: padding that is not zero"),
        (C, frame(0, 0, 1, b"x"), "odd: DATA on a stream that is idle"),
        (C, frame(1, 5, 1, GET) + frame(0, 0, 1, b"x"), "that is half-closed (client)"),
        (C, frame(1, 5, 3, GET) + frame(1, 5, 1, GET), "HEADERS on a stream that is closed"),
        (C, frame(0, 0, 1, bytes(16385)), "a frame of over 16384 bytes"),
        (C, frame(10, 0, 0, b"\x00\x05abc"), "an origin longer than the frame"),
        (C, frame(12, 0, 0, b"\x00\x05abc"), "an origin longer than the frame"),
    ],
)
def test_broken_rules_are_told(side: Side, data: bytes, note: str) -> None:
    units = read(begun(), side, data)
    assert any(note in told for unit in units for told in unit.notes), units[-1].notes


@pytest.mark.parametrize(
    ("headers", "note"),
    [
        (GET + b"\x00\x01A\x01b", "upper case"),
        (GET + b"\x00\x0aconnection\x05close", "belongs to a connection of HTTP/1"),
        (GET + b"\x00\x02te\x04gzip", "te: belongs to a connection of HTTP/1"),
        (GET + b"\x00\x01a\x03b\x0dc", "NUL, CR or LF"),
        (b"\x82\x86\x00\x01a\x01b\x84", ":path: a pseudo header behind"),
        (GET + b"\x00\x02:x\x01b", ":x: no such pseudo header"),
        (b"\x82\x84", "a request without :scheme"),
        (b"\x82", "a request without :scheme and :path"),
        (b"\x02\x07CONNECT", "a request without :authority"),
    ],
)
def test_headers_that_no_request_may_have(headers: bytes, note: str) -> None:
    unit = one(begun(), C, frame(1, 5, 1, headers))
    assert [told for told in unit.notes if note in told]
    assert len(unit.notes) == 1
    fine = one(begun(), C, frame(1, 5, 1, GET + b"\x00\x02te\x08trailers"))
    assert fine.notes == []


def test_a_stream_ends_with_a_block_that_goes_on() -> None:
    decoder = begun()
    first, second = read(decoder, C, frame(1, 1, 1, GET[:3]) + frame(9, 4, 1, GET[3:]))
    assert first.values("http2.stream_state") == []
    assert second.value("http2.stream_state") == "half-closed (client)"
    assert (second.reading.brief, second.reading.level) == ("GET / [1]", "message")


def test_the_table_before_and_after() -> None:
    decoder = begun()
    first = one(decoder, C, frame(1, 5, 1, GET + b"\x40\x01a\x01b"))
    entries = ["62 a: b", "63 :authority: www.example.com"]
    assert first.values("http2.table.entry") == entries
    again = one(decoder, C, frame(1, 5, 3, b"\x82\x86\x84\xbf"))
    assert again.values("http2.table.entry") == []
    third = one(decoder, C, frame(1, 5, 5, b"\x82\x86\x84\xbf\x40\x01c\x01d"))
    assert third.values("http2.table.entry") == [
        *entries,
        "62 c: d",
        "63 a: b",
        "64 :authority: www.example.com",
    ]


def test_more_data_than_the_window_allows() -> None:
    decoder = begun()
    read(decoder, C, frame(1, 4, 1, GET))
    pieces = [one(decoder, C, frame(0, 0, 1, bytes(16384))) for _ in range(4)]
    assert [unit.notes for unit in pieces[:3]] == [[], [], []]
    assert any("FLOW_CONTROL_ERROR" in note for note in pieces[3].notes)


@pytest.mark.parametrize("ends", [False, True])
def test_a_window_that_runs_out_as_h2_counts_it(ends: bool) -> None:
    """RFC 9113 section 6.9.1: nothing more may be sent until it grows."""
    client = h2.connection.H2Connection()
    client.initiate_connection()
    client.receive_data(frame(4, 0, 0))
    client.data_to_send()
    decoder = begun()
    asked = [(":method", "PUT"), (":scheme", "http"), (":authority", "a"), (":path", "/")]
    client.send_headers(1, asked)
    read(decoder, C, client.data_to_send())
    while left := client.local_flow_control_window(1):
        size = min(left, 16384)
        client.send_data(1, bytes(size), end_stream=ends and size == left)
        [unit] = read(decoder, C, client.data_to_send())
        last = left == size
        assert [note for note in unit.notes if "is used up" in note] == unit.notes
        assert bool(unit.notes) == (last and not ends)


def test_streams_are_forgotten_beyond_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_STREAMS", 5)
    decoder = begun()
    for number in range(1, 40, 2):
        read(decoder, C, frame(1, 4, number, b"\x82"))
    assert sorted(decoder.connection.streams) == [31, 33, 35, 37, 39]


# joining late, losing bytes, finding the start


def test_joined_in_the_middle() -> None:
    decoder = Http2Decoder()
    unit = one(decoder, C, frame(1, 5, 7, bytes.fromhex("82bf84")))
    assert "info: nobody saw this connection begin: older headers are unknown" in unit.notes
    assert unit.values("http2.header.value") == ["GET", "<unknown>", "/"]
    assert not any(note.startswith("broken") for note in unit.notes)
    answer = one(decoder, S, frame(1, 4, 7, OK))
    assert answer.reading.answers == unit.reading.asks
    hidden = one(decoder, S, frame(1, 4, 9, b"\xbe"))
    assert hidden.reading.brief == "headers [9]"
    assert unit.values("http2.window.stream") == []
    other = one(decoder, S, frame(0, 0, 3, b"of an older stream"))
    assert not any(note.startswith(("broken", "odd")) for note in other.notes)


def test_after_lost_bytes_bodies_are_not_put_together() -> None:
    decoder = begun()
    read(decoder, C, frame(1, 5, 1, GET))
    read(decoder, S, frame(1, 4, 1, OK + TEXT) + frame(0, 0, 1, b"first "))
    decoder.lost(S)
    unit = one(decoder, S, frame(0, 1, 1, b"last"))
    assert unit.values("http2.file_data") == []
    assert unit.value("http2.data.data") == b"last"


def test_a_copy_goes_its_own_way() -> None:
    decoder = begun()
    read(decoder, C, frame(1, 0, 1, GET[:10]))
    copy = decoder.copy()
    first = one(decoder, C, frame(9, 4, 1, GET[10:]))
    second = one(copy, C, frame(9, 4, 1, GET[10:]))
    assert first == second
    read(decoder, C, frame(1, 5, 3, b"\x82\x86\x84\xbe"))
    assert len(copy.connection.streams) == 1


@pytest.mark.parametrize(
    ("data", "mine"),
    [
        (PREFACE, True),
        (PREFACE[:10], None),
        (b"PRI * HTTP/1.1\r\n", False),
        (frame(4, 0, 0), True),
        (frame(4, 0, 0, b"\x00\x03\x00\x00\x00\x64"), True),
        (frame(4, 0, 0, b"\x00\x03\x00\x00\x00\x64")[:12], None),
        (frame(4, 0, 0, b"\x00\x00\x00\x00\x00\x64"), False),
        (frame(4, 1, 0), True),
        (frame(4, 0, 1), False),
        (frame(6, 1, 0, bytes(8)), True),
        (frame(8, 0, 5, b"\x00\x00\x10\x00"), True),
        (frame(8, 0, 5, b"\x00\x00\x00\x00"), False),
        (frame(3, 0, 5, b"\x00\x00\x00\x08"), True),
        (frame(3, 0, 5, b"\x00\x10\x00\x08"), False),
        (frame(1, 4, 5, GET), None),
        (frame(1, 4, 5, GET) + frame(0, 1, 5, b"x"), True),
        (frame(1, 4, 5, GET) + b"something else", False),
        (bytes(64), False),
        (b"\x00\x00", None),
        (b"GET / HTTP/1.1\r\n\r\n", False),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", False),
    ],
)
def test_claims(data: bytes, mine: bool | None) -> None:
    assert claims(memoryview(data), C) is mine


def talk(
    *turns: Turn,
    drop: Callable[[int], bool] = lambda place: False,
    protocols: tuple[str, ...] = ("http2",),
) -> list[Message]:
    engine = Engine(ALL)
    records = tcp_records(turns, 47101, (42,))
    return [
        message
        for place, record in enumerate(records)
        if not drop(place)
        for message in engine.feed(record, full=True)
        if message.protocol in protocols
    ]


def test_found_on_any_port_and_found_again_after_lost_segments() -> None:
    requests = b"".join(
        frame(1, 5, number, GET) + frame(8, 0, 0, b"\x00\x00\x01\x00") for number in range(1, 41, 2)
    )
    start = PREFACE + frame(4, 0, 0)
    turns = ((C, start), (S, frame(4, 0, 0)), (C, requests), (S, frame(6, 0, 0, bytes(8))))
    whole = talk(*turns)
    assert len([m for m in whole if m.brief.startswith("GET /")]) == 20
    # a request and what follows it are 42 bytes: a segment each
    cut = talk(*turns, drop=lambda place: place in (8, 9))
    assert len([m for m in cut if m.brief.startswith("GET /")]) == 18
    assert all(m.marks == () for m in cut)
    late = talk(*turns, drop=lambda place: place < 8)
    assert len([m for m in late if m.brief.startswith("GET /")]) == 17


def test_upgraded_from_http_1() -> None:
    hello = b"GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
    yes = b"HTTP/1.1 101 Yes\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
    found = talk(
        (C, hello),
        (S, yes + frame(4, 0, 0)),
        (C, PREFACE + frame(4, 0, 0)),
        (S, frame(1, 5, 1, OK)),
    )
    assert [m.brief for m in found] == ["SETTINGS", "preface", "SETTINGS", "200 OK [1]"]
    assert found[-1].root is not None
    state = found[-1].root.find("http2.stream_state")
    assert state is not None
    assert state.value == "closed"


@pytest.mark.parametrize(("size", "fits"), [(10, True), (11, False)])
def test_settings_that_are_said_ahead_of_the_upgrade_hold(size: int, fits: bool) -> None:
    """RFC 7540 section 3.2.1: here an initial window of 10 bytes."""
    hello = b"GET /x HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nHTTP2-Settings: AAQAAAAK\r\n"
    yes = b"HTTP/1.1 101 Yes\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
    body = frame(1, 4, 1, OK) + frame(0, 1, 1, bytes(size))
    found = talk(
        (C, hello + b"Connection: upgrade, HTTP2-Settings\r\n\r\n"),
        (S, yes + frame(4, 0, 0) + body),
    )
    data = next(m for m in found if m.brief.startswith("DATA"))
    assert data.root is not None
    told = [note.text for field in data.root.walk() for note in field.notes]
    assert told == ([] if fits else ["more than the window lets it send (FLOW_CONTROL_ERROR)"])
    left = data.root.find("http2.window.stream")
    assert left is not None
    assert left.value == 10 - size


def test_dns_over_https_is_read_as_dns() -> None:
    """RFC 8484 section 4."""
    kind = b"\x5f\x17application/dns-message"
    query = bytes.fromhex("3a7d01000001000000000000 0161 0474657374 00 0001 0001")
    answer = bytes.fromhex("3a7d81800001000000000000 0161 0474657374 00 0001 0001")
    found = talk(
        (C, PREFACE + frame(4, 0, 0) + frame(1, 4, 1, b"\x83" + GET[1:] + kind)),
        (C, frame(0, 1, 1, query)),
        (S, frame(4, 0, 0) + frame(1, 4, 1, OK + kind)),
        (S, frame(0, 0, 1, answer[:9]) + frame(0, 1, 1, answer[9:])),
        protocols=("dns",),
    )
    ask, told = found
    assert (ask.side, told.side) == (C, S)
    assert told.answers == ask.number
    assert "a.test" in ask.summary


def test_a_websocket_in_a_stream_is_read_as_one() -> None:
    """RFC 8441 section 5.1."""
    ask = b"\x02\x07CONNECT" + b"\x00\x09:protocol\x09websocket" + b"\x86\x84\x01\x01h"
    masked = bytes.fromhex("818537fa213d7f9f4d5158")
    found = talk(
        (C, PREFACE + frame(4, 0, 0) + frame(1, 4, 1, ask)),
        (S, frame(4, 0, 0) + frame(1, 4, 1, OK) + frame(0, 0, 1, b"\x81\x02hi\x88")),
        (C, frame(0, 0, 1, masked[:1]) + frame(0, 8, 1, b"\x02" + masked[1:] + bytes(2))),
        (S, frame(0, 1, 1, b"\x02\x03\xe8")),
        protocols=("websocket", "data"),
    )
    assert [(m.side, m.brief) for m in found] == [
        (S, 'text "hi"'),
        (C, 'text "Hello"'),
        (S, "close 1000"),
    ]


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_fields_that_tshark_does_not_know_are_ours_on_purpose() -> None:
    listed = subprocess.run(["tshark", "-G", "fields"], capture_output=True, text=True, check=True)
    known = {line.split("\t")[2] for line in listed.stdout.splitlines() if line.startswith("F\t")}
    own = set(http2.PROTOCOL.fields) - known
    allowed = """flags.reserved stream_state body decoded file_data header.pattern header.prefix
        header.literal header.huffman header.name.coded_length header.value.coded_length
        header.evicted header.part header.joined header.more table.count table.size table.before
        table.after table.entry request_in
        time headers.protocol settings.no_rfc7540_priorities window.connection window.stream
        priority_update.r"""
    assert own == {f"http2.{name}" for name in allowed.split()}
