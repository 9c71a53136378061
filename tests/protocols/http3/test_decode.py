"""HTTP/3 over QUIC, against another project's endpoints, RFC 9204's samples and its encoder."""

from __future__ import annotations

import random
from typing import Any

import pylsqpack
import pytest
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from frames import numbered
from hypothesis import given, settings
from hypothesis import strategies as st
from quic_peers import Headers, Peers, read
from trees import check_names, check_tree, flat

from wirestep.decode.contract import Reading, Where
from wirestep.decode.cursor import Broken, Cursor
from wirestep.decode.lean import LeanCursor
from wirestep.decode.secrets import Secrets
from wirestep.model import Field, Message, Record, Side, Source
from wirestep.protocols import REGISTRY
from wirestep.protocols.http3.decode import Http3Decoder

C, S = Side.CLIENT, Side.SERVER
EVERY_NAME = frozenset(REGISTRY.fields) | {"unread"}
RECORD = Record(4, 1_700_000_000_123_456_789, b"", 0)


def where(tag: int | None, side: Side, whole: bool = True) -> Where:
    return Where(side, RECORD, stream=True, whole=whole, tag=tag)


def value(root: Field | None, name: str) -> Any:
    assert root is not None
    found = root.find(name)
    assert found is not None, name
    return found.value


def headers(root: Field | None, inside: str = "http3.headers") -> list[tuple[str, str]]:
    assert root is not None
    section = root.find(inside)
    assert section is not None
    return [
        (
            value(header, "http3.headers.header.name"),
            value(header, "http3.headers.header.value"),
        )
        for header in section.children
        if header.name == "http3.headers.header"
    ]


def units(
    decoder: Http3Decoder, tag: int, side: Side, data: bytes
) -> list[tuple[Field, Reading | str]]:
    """The bytes of a stream, cut and read as the engine does it."""
    found: list[tuple[Field, Reading | str]] = []
    while data:
        size = decoder.branch(tag).measure(memoryview(data), side)
        whole = size is not None and size <= len(data)
        part = data[:size] if whole else data
        cursor = Cursor(Source("stream", part, made_from=(4,)))
        try:
            reading: Reading | str = decoder.decode(cursor, where(tag, side, whole))
        except Broken as error:
            reading = str(error)
        found.append((cursor.finish("http3"), reading))
        check_tree(found[-1][0], part)
        check_names(found[-1][0], REGISTRY)
        data = data[len(part) :]
    return found


def request(section: str) -> bytes:
    data = bytes.fromhex(section)
    return bytes((1, len(data))) + data


def one(decoder: Http3Decoder, tag: int, side: Side, data: bytes) -> tuple[Field, Reading]:
    ((root, reading),) = units(decoder, tag, side, data)
    assert isinstance(reading, Reading), reading
    return root, reading


# the samples of RFC 9204, appendix B


def ready() -> Http3Decoder:
    """The server allows a table of 220 bytes; the client has opened its encoder stream."""
    decoder = Http3Decoder()
    units(decoder, 3, S, bytes.fromhex("00 04 03 01 40dc"))
    units(decoder, 2, C, b"\x02")
    units(decoder, 7, S, b"\x03")
    return decoder


def test_a_literal_with_a_static_name() -> None:
    root, reading = one(Http3Decoder(), 0, C, request("0000 510b 2f69 6e64 6578 2e68 746d 6c"))
    assert headers(root) == [(":path", "/index.html")]
    assert value(root, "http3.headers.path") == "/index.html"
    assert reading.summary == "HEADERS: trailers"


def test_the_table_grows_and_is_used() -> None:
    decoder = ready()
    table = decoder.tables[C]
    said = units(
        decoder,
        2,
        C,
        bytes.fromhex("3fbd01 c00f7777772e6578616d706c652e636f6d c10c2f73616d706c652f70617468"),
    )
    assert [reading.brief for _, reading in said if isinstance(reading, Reading)] == [
        "Set Dynamic Table Capacity: 220",
        "Insert :authority: www.example.com",
        "Insert :path: /sample/path",
    ]
    root, _ = one(decoder, 4, C, request("0381 10 11"))
    assert headers(root) == [(":authority", "www.example.com"), (":path", "/sample/path")]
    assert value(root, "http3.headers.base") == 0
    assert value(root, "http3.headers.required_insert_count") == 2
    _, reading = one(decoder, 7, S, b"\x84")
    assert reading.brief == "Section Acknowledgment: stream 4"
    one(decoder, 2, C, bytes.fromhex("4a637573746f6d2d6b65790c637573746f6d2d76616c7565"))
    _, reading = one(decoder, 7, S, b"\x01")
    assert reading.brief == "Insert Count Increment: 1"
    root, reading = one(decoder, 2, C, b"\x02")
    assert reading.brief == "Insert :authority: www.example.com"
    assert table.inserted == 4
    root, _ = one(decoder, 8, C, request("0500 80 c1 81"))
    assert headers(root) == [
        (":authority", "www.example.com"),
        (":path", "/"),
        ("custom-key", "custom-value"),
    ]
    _, reading = one(decoder, 7, S, b"\x48")
    assert reading.brief == "Stream Cancellation: stream 8"
    _, reading = one(decoder, 2, C, bytes.fromhex("810d637573746f6d2d76616c756532"))
    assert reading.brief == "Insert custom-key: custom-value2"
    assert [table.entry(number) is None for number in range(5)] == [True] + [False] * 4


def test_a_section_that_comes_too_early_is_read_later() -> None:
    decoder = ready()
    units(decoder, 2, C, bytes.fromhex("3fbd01"))
    root, reading = one(decoder, 4, C, request("0381 10 11"))
    assert reading.brief == "HEADERS blocked"
    assert value(root, "http3.headers.blocked") == bytes.fromhex("03811011")
    _, reading = one(decoder, 2, C, bytes.fromhex("c00f7777772e6578616d706c652e636f6d"))
    assert reading.level is None
    root, reading = one(decoder, 2, C, bytes.fromhex("c10c2f73616d706c652f70617468"))
    assert reading.level == "message"
    assert headers(root, "http3.unblocked") == [
        (":authority", "www.example.com"),
        (":path", "/sample/path"),
    ]


def test_a_broken_section_that_was_blocked() -> None:
    decoder = ready()
    units(decoder, 2, C, bytes.fromhex("3fbd01"))
    one(decoder, 4, C, request("0281 51ff"))
    root, reading = one(decoder, 2, C, bytes.fromhex("c00161"))
    assert reading.brief == "trailers [4]"
    notes = [note.level for field in root.walk() for note in field.notes]
    assert notes == ["broken"]


def test_lost_instructions_make_the_table_unknown() -> None:
    decoder = ready()
    units(decoder, 2, C, bytes.fromhex("3fbd01"))
    decoder.branch(2).lost(C)
    root, _ = one(decoder, 4, C, request("0381 d1 10"))
    assert root.find("http3.headers.blocked") is None
    assert [note.text for field in root.walk() for note in field.notes] == [
        "it refers to an entry that is not in the table, or was not seen"
    ]
    assert value(root, "http3.headers.method") == "GET"


# frames and streams


@pytest.mark.parametrize(
    ("tag", "data", "summaries"),
    [
        (2, "00 04 02 0610", ["Control stream [2]", "SETTINGS: 1"]),
        (2, "00 07 01 08", ["Control stream [2]", "GOAWAY: 8"]),
        (2, "00 0d 01 07", ["Control stream [2]", "MAX_PUSH_ID: 7"]),
        (2, "00 03 01 05", ["Control stream [2]", "CANCEL_PUSH: 5"]),
        (
            2,
            "00 800f0700 05 04 753d312c",
            ["Control stream [2]", "PRIORITY_UPDATE: 4 u=1,"],
        ),
        (6, "21 616263", ["Reserved (GREASE) stream [6]", "Stream 6: 3 bytes"]),
        (6, "4054 04 616263", ["WebTransport stream, session 4 [6]", "Stream 6: 3 bytes"]),
        (0, "00 02 6869", ["DATA: 2 bytes"]),
        (0, "409d 02 6869", ["Reserved (GREASE)"]),
        (4, "4041 00 6869", ["WEBTRANSPORT_STREAM, session 0", "Stream 4: 2 bytes"]),
        (15, "01 09 00 01 61", ["Push stream, push 9 [15]", "DATA: 1 byte"]),
        (3, "00 0c 05 0003 613a62", ["Control stream [3]", "ORIGIN: a:b"]),
    ],
)
def test_frames_and_streams(tag: int, data: str, summaries: list[str]) -> None:
    found = units(Http3Decoder(), tag, Side(tag & 1), bytes.fromhex(data))
    assert [one.summary if isinstance(one, Reading) else one for _, one in found] == summaries


@pytest.mark.parametrize(
    ("tag", "data"), [(0, "04 00"), (0, "07 01 04"), (2, "00 00 01 61"), (0, "02 00"), (0, "06 00")]
)
def test_frames_on_the_wrong_stream(tag: int, data: str) -> None:
    """(RFC 9114 section 7)"""
    root, _ = units(Http3Decoder(), tag, C, bytes.fromhex(data))[-1]
    assert [note.level for field in root.walk() for note in field.notes] == ["broken"]


def test_a_connect_for_another_protocol_is_recognised() -> None:
    """(RFC 9220)"""
    encoder = pylsqpack.Encoder()
    said = [(b":method", b"CONNECT"), (b":protocol", b"websocket"), (b":path", b"/chat")]
    _, section = encoder.encode(0, said)
    _, reading = one(Http3Decoder(), 0, C, request(section.hex()))
    assert reading.brief == "CONNECT /chat (websocket) [0]"


def test_a_websocket_through_a_stream() -> None:
    """(RFC 9220): what follows the accepted CONNECT is read as WebSocket frames."""
    peers = Peers()
    peers.start()
    peers.run()
    assert peers.client_h3 is not None
    stream = peers.client.get_next_available_stream_id()
    asked = [(b":method", b"CONNECT"), (b":protocol", b"websocket"), (b":scheme", b"https")]
    asked += [(b":authority", b"h.example"), (b":path", b"/chat")]
    peers.client_h3.send_headers(stream, asked)
    peers.run()
    assert peers.server_h3 is not None
    peers.server_h3.send_headers(stream, [(b":status", b"200")])
    peers.run()
    frame = bytes.fromhex("818537fa213d7f9f4d5158")  # "Hello", masked (RFC 6455 section 5.7)
    peers.client_h3.send_data(stream, frame[:4], False)
    peers.client_h3.send_data(stream, frame[4:], False)
    peers.server_h3.send_data(stream, bytes.fromhex("810548656c6c6f"), False)
    peers.run()
    messages = read(peers.records(), peers.secrets)
    frames = [message for message in messages if message.protocol == "websocket"]
    assert len(frames) == 2
    assert {value(message.root, "websocket.payload_length") for message in frames} == {5}
    assert {message.side for message in frames} == {C, S}
    assert all(message.records for message in frames)


def test_datagrams_of_a_request() -> None:
    """(RFC 9297)"""
    peers = Peers(options={"max_datagram_frame_size": 1200})
    peers.start()
    peers.run()
    assert peers.client_h3 is not None
    stream = peers.ask(b"/udp", end=False)
    peers.run()
    peers.client_h3.send_datagram(stream, b"ping")
    peers.run()
    (found,) = [one for one in read(peers.records(), peers.secrets) if "DATAGRAM [" in one.brief]
    assert value(found.root, "http3.datagram.quarter_stream_id") == stream // 4
    assert value(found.root, "http3.datagram.payload") == b"ping"


# against another project's encoder

NAMES = st.sampled_from([b":path", b"x-a", b"cookie", b"user-agent", b"x-long-name", b"accept"])
VALUES = st.one_of(
    st.sampled_from([b"/", b"", b"*/*", b"value"]),
    st.text("abcXYZ09/%~", max_size=40).map(str.encode),
)
SECTIONS = st.lists(st.lists(st.tuples(NAMES, VALUES), max_size=6), max_size=12)


@given(sections=SECTIONS, capacity=st.sampled_from([0, 64, 150, 400, 4096]), late=st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_another_encoder_says(sections: list[Headers], capacity: int, late: bool) -> None:
    """With and without a table; instructions may come after the section that needs them."""
    encoder, decoder = pylsqpack.Encoder(), Http3Decoder()
    setting = bytes((1,)) + (0x4000 | capacity).to_bytes(2, "big")
    units(decoder, 3, S, bytes((0, 4, 3)) + setting)
    units(decoder, 2, C, b"\x02" + encoder.apply_settings(capacity, 100))
    for number, said in enumerate(sections):
        instructions, section = encoder.encode(4 * number, said)
        expected = [(name.decode(), text.decode()) for name, text in said]
        frame = b"\x01" + (0x4000 | len(section)).to_bytes(2, "big") + section
        if not late:
            units(decoder, 2, C, instructions)
        root, _ = one(decoder, 4 * number, C, frame)
        blocked = root.find("http3.headers.blocked") is not None
        assert not blocked or late
        if late:
            for later, _ in units(decoder, 2, C, instructions):
                if later.find("http3.unblocked") is not None:
                    root = later
                    assert headers(root, "http3.unblocked") == expected
                    blocked = False
        assert not blocked
        if root.find("http3.unblocked") is None:
            assert headers(root) == expected
        encoder.feed_decoder(b"\x80" if section[0] and number == 0 else b"")


# any bytes


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_bytes_on_any_stream(data: st.DataObject) -> None:
    """Only Broken is raised, trees are whole, both gears agree, `measure` keeps its word."""
    first, second = ready(), ready()
    for _ in range(3):
        tag = data.draw(st.sampled_from((0, 2, 4, 6, 7, 11)))
        side = data.draw(st.sampled_from(Side))
        start = data.draw(st.sampled_from((b"", b"\0", b"\1", b"\2", b"\3", b"\1\x20", b"\2\x3f")))
        rest = start + data.draw(st.binary(max_size=60))
        check_measure(first, tag, side, rest)
        while rest:
            size = first.branch(tag).measure(memoryview(rest), side)
            whole = size is not None and size <= len(rest)
            part = rest[:size] if whole else rest
            source = Source("stream", part)
            full = Cursor(source)
            lean = LeanCursor(source, 0, len(part), EVERY_NAME)
            told = attempt(first, full, where(tag, side, whole))
            assert attempt(second, lean, where(tag, side, whole)) == told
            root = full.finish("http3")
            check_tree(root, part)
            check_names(root, REGISTRY)
            assert list(lean.finish_lean()) == flat(root)
            rest = rest[len(part) :]


def attempt(decoder: Http3Decoder, cursor: Cursor, place: Where) -> Reading | str:
    try:
        return decoder.decode(cursor, place)
    except Broken as error:
        return str(error)


def check_measure(decoder: Http3Decoder, tag: int, side: Side, data: bytes) -> None:
    """Once exact, an answer stays; before that no answer is above it."""
    answers = [
        decoder.branch(tag).measure(memoryview(data)[:size], side)
        for size in range(1, len(data) + 1)
    ]
    exact = [(n, told) for n, told in enumerate(answers, 1) if told is not None and told <= n]
    if exact:
        place, told = exact[0]
        assert told >= 1
        assert answers[place - 1 :] == [told] * (len(answers) - place + 1)
        assert all(answer is None or answer <= told for answer in answers[:place])


# conversations


def answer(peers: Peers, event: H3Event) -> None:
    """The server says back what it was asked for, with a body."""
    if not isinstance(event, HeadersReceived) or peers.server_h3 is None:
        return
    path = dict(event.headers).get(b":path")
    if path is not None:
        said = [(b":status", b"200"), (b"x-path", path), (b"content-type", b"text/plain")]
        peers.server_h3.send_headers(event.stream_id, said)
        peers.server_h3.send_data(event.stream_id, path * 400, True)


def conversation() -> Peers:
    peers = Peers()
    peers.start()
    peers.run(answer)
    for turn in range(3):
        for number in range(4):
            peers.ask(b"/%d-%d" % (turn, number), (b"x-turn", b"%d" % number * 30))
        peers.run(answer)
    return peers


def http3(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.protocol == "http3"]


def story(messages: list[Message]) -> tuple[dict[Any, list[tuple[str, str]]], dict[Any, int]]:
    """Headers and sizes of bodies by side and stream."""
    said: dict[Any, list[tuple[str, str]]] = {}
    sizes: dict[Any, int] = {}
    for message in http3(messages):
        root = message.root
        assert root is not None
        for stream in [field.value for field in root.walk() if field.name == "http3.stream_id"]:
            key = message.side, stream
            if root.find("http3.headers") is not None:
                said[key] = headers(root)
            for field in root.walk():
                if field.name == "http3.data":
                    assert isinstance(field.value, bytes)
                    sizes[key] = sizes.get(key, 0) + len(field.value)
    return said, sizes


def test_requests_and_responses() -> None:
    peers = conversation()
    messages = read(peers.records(), peers.secrets)
    said, sizes = story(messages)
    expected: dict[Any, list[tuple[str, str]]] = {}
    bodies: dict[Any, int] = {}
    for event in peers.events:
        if isinstance(event, HeadersReceived):
            pairs = [(name.decode(), text.decode()) for name, text in event.headers]
            key = (C if pairs[0][0] == ":method" else S), event.stream_id
            expected[key] = pairs
        elif isinstance(event, DataReceived) and event.data:
            bodies[S, event.stream_id] = bodies.get((S, event.stream_id), 0) + len(event.data)
    assert said == expected
    assert len(said) == 24
    assert sizes == bodies
    asked = {message.number: message for message in messages if message.brief.startswith("GET")}
    replies = [message for message in messages if message.brief.startswith("200 OK")]
    assert len(replies) == len(asked) == 12
    for reply in replies:
        assert reply.answers is not None
        question = asked[reply.answers]
        assert question.brief.rpartition(" ")[2] == reply.brief.rpartition(" ")[2]
        assert reply.records
    assert len({message.flow for message in http3(messages)}) == 1


def test_one_connection_after_another_between_the_same_ports() -> None:
    """Each has streams and tables of its own."""
    first, second = conversation(), conversation()
    log = Secrets((first.log.getvalue() + second.log.getvalue()).encode())
    messages = read(numbered([*first.records(), *second.records()]), log)
    replies = [message for message in messages if message.brief.startswith("200 OK")]
    assert len(replies) == 24
    assert len({message.flow for message in http3(messages)}) == 2
    assert all(message.answers is not None for message in replies)


def test_datagrams_in_another_order_say_the_same() -> None:
    """Sections may be blocked then; what they say is found with the instruction they wait for."""
    peers = conversation()
    records = peers.records()
    whole = story(read(records, peers.secrets))
    start = next(place for place, (side, data) in enumerate(peers.turns) if data[0] < 128) + 2
    rng = random.Random(3)
    blocked = 0
    for _ in range(6):
        later = records[start:]
        for place in range(0, len(later), 4):
            group = later[place : place + 4]
            rng.shuffle(group)
            later[place : place + 4] = group
        messages = read(records[:start] + later + later[2:5], peers.secrets)
        said, sizes = story(messages)
        assert sizes == whole[1]
        late = [
            headers(message.root, "http3.unblocked")
            for message in http3(messages)
            if message.root is not None and message.root.find("http3.unblocked") is not None
        ]
        missing = [pairs for key, pairs in whole[0].items() if key not in said]
        assert all(pairs in missing for pairs in late)
        assert (
            len(late)
            <= len(missing)
            <= sum(
                len([field for field in message.root.walk() if field.name == "http3.unblocked"])
                for message in http3(messages)
                if message.root is not None
            )
        )
        blocked += len(missing)
        for key, pairs in said.items():
            assert pairs == whole[0][key]
    assert blocked


def test_checkpoints_and_gears() -> None:
    peers = conversation()
    full = read(peers.records(), peers.secrets)
    lean = read(peers.records(), peers.secrets, full=False, wanted=EVERY_NAME)
    for one_, other in zip(full, lean, strict=True):
        assert one_.root is not None
        assert flat(one_.root) == list(other.values)
        assert (one_.summary, one_.brief, one_.answers) == (
            other.summary,
            other.brief,
            other.answers,
        )
