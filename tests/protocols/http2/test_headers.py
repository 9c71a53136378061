"""HPACK against RFC 7541 appendix C and hpack."""

from __future__ import annotations

import random

import hpack
import pytest
from units import Unit, read_units

from wirestep.decode.contract import Registry
from wirestep.model import Side
from wirestep.protocols import http2
from wirestep.protocols.http2 import blocks
from wirestep.protocols.http2.decode import Http2Decoder
from wirestep.protocols.http2.table import STATIC

C, S = Side.CLIENT, Side.SERVER
REGISTRY = Registry((http2.PROTOCOL,))
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return (
        len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload
    )


def begun(size: int | None = None) -> Http2Decoder:
    """A connection both of whose sides have begun; `size`: the client's table for the server."""
    decoder = Http2Decoder()
    settings = b"" if size is None else b"\x00\x01" + size.to_bytes(4, "big")
    read_units(decoder, REGISTRY, C, PREFACE + frame(4, 0, 0, settings))
    read_units(decoder, REGISTRY, S, frame(4, 0, 0) + frame(4, 1, 0))
    return decoder


def block(decoder: Http2Decoder, side: Side, data: bytes, stream: int = 1) -> Unit:
    [unit] = read_units(decoder, REGISTRY, side, frame(1, 4, stream, data))
    return unit


def pairs(unit: Unit) -> list[tuple[object, object]]:
    return list(
        zip(unit.values("http2.header.name"), unit.values("http2.header.value"), strict=True)
    )


def table(decoder: Http2Decoder, side: Side) -> tuple[list[tuple[str, str]], int]:
    found = decoder.connection.halves[side].table
    return [(entry.name, entry.value) for entry in found.entries], found.size


def test_integers_of_c_1() -> None:
    """10 in five bits, 1337 in five bits, 42 in eight: here as sizes and indexes that use them."""
    decoder = begun()
    unit = block(decoder, C, bytes.fromhex("2a"))
    assert unit.value("http2.header_table_size_update.header_table_size") == 10
    unit = block(decoder, C, bytes.fromhex("3f9a0a"))
    assert unit.value("http2.header_table_size_update.header_table_size") == 1337
    assert unit.value("http2.header.prefix") == 31


@pytest.mark.parametrize(
    ("data", "header", "representation", "index", "kept"),
    [
        (
            "400a637573746f6d2d6b65790d637573746f6d2d686561646572",
            ("custom-key", "custom-header"),
            "Literal Header Field with Incremental Indexing - New Name",
            [],
            55,
        ),
        (
            "040c2f73616d706c652f70617468",
            (":path", "/sample/path"),
            "Literal Header Field without Indexing - Indexed Name",
            [4],
            0,
        ),
        (
            "100870617373776f726406736563726574",
            ("password", "secret"),
            "Literal Header Field never Indexed - New Name",
            [],
            0,
        ),
        ("82", (":method", "GET"), "Indexed Header Field", [2], 0),
    ],
)
def test_representations_of_c_2(
    data: str, header: tuple[str, str], representation: str, index: list[int], kept: int
) -> None:
    decoder = begun()
    unit = block(decoder, C, bytes.fromhex(data))
    assert pairs(unit) == [header]
    assert unit.value("http2.header.repr") == representation
    assert unit.values("http2.header.index") == index
    assert unit.value("http2.header.name.length") == len(header[0])
    assert unit.value("http2.header.value.length") == len(header[1])
    assert table(decoder, C)[1] == unit.value("http2.table.size") == kept


REQUESTS = (
    [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")],
    [
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "www.example.com"),
        ("cache-control", "no-cache"),
    ],
    [
        (":method", "GET"),
        (":scheme", "https"),
        (":path", "/index.html"),
        (":authority", "www.example.com"),
        ("custom-key", "custom-value"),
    ],
)


@pytest.mark.parametrize(
    "data",
    [
        (
            "828684410f7777772e6578616d706c652e636f6d",
            "828684be58086e6f2d6361636865",
            "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565",
        ),
        (
            "828684418cf1e3c2e5f23a6ba0ab90f4ff",
            "828684be5886a8eb10649cbf",
            "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
        ),
    ],
    ids=["C.3", "C.4"],
)
def test_requests_of_c_3_and_c_4(data: tuple[str, ...]) -> None:
    decoder = begun()
    sizes = []
    for place, (coded, meant) in enumerate(zip(data, REQUESTS, strict=True)):
        unit = block(decoder, C, bytes.fromhex(coded), 2 * place + 1)
        assert pairs(unit) == meant
        assert unit.notes == []
        sizes.append(unit.value("http2.table.size"))
    assert sizes == [57, 110, 164]
    assert table(decoder, C)[0] == [
        ("custom-key", "custom-value"),
        ("cache-control", "no-cache"),
        (":authority", "www.example.com"),
    ]


DATE, LATER = "Mon, 21 Oct 2013 20:13:21 GMT", "Mon, 21 Oct 2013 20:13:22 GMT"
COOKIE = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"
URL = "https://www.example.com"
RESPONSES = (
    [(":status", "302"), ("cache-control", "private"), ("date", DATE), ("location", URL)],
    [(":status", "307"), ("cache-control", "private"), ("date", DATE), ("location", URL)],
    [
        (":status", "200"),
        ("cache-control", "private"),
        ("date", LATER),
        ("location", URL),
        ("content-encoding", "gzip"),
        ("set-cookie", COOKIE),
    ],
)


@pytest.mark.parametrize(
    "data",
    [
        (
            "4803333032580770726976617465611d4d6f6e2c203231204f63742032303133"
            "2032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
            "4803333037c1c0bf",
            "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d"
            "54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f5049554158515745"
            "4f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
        ),
        (
            "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff"
            "6e919d29ad171863c78f0b97c8e9ae82ae43d3",
            "4883640effc1c0bf",
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab"
            "77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
        ),
    ],
    ids=["C.5", "C.6"],
)
def test_responses_of_c_5_and_c_6_with_evictions(data: tuple[str, ...]) -> None:
    decoder = begun(256)
    block(decoder, S, bytes.fromhex("3fe101"))  # to the 256 bytes that the examples have
    found = []
    for coded, meant in zip(data, RESPONSES, strict=True):
        unit = block(decoder, S, bytes.fromhex(coded))
        assert pairs(unit) == meant
        assert not any("HPACK" in note or "7541" in note for note in unit.notes)
        found.append(
            (
                unit.value("http2.table.size"),
                sum(map(int, map(str, unit.values("http2.header.evicted")))),
            )
        )
    assert found == [(222, 0), (222, 1), (215, 4)]
    assert table(decoder, S)[0] == [
        ("set-cookie", COOKIE),
        ("content-encoding", "gzip"),
        ("date", LATER),
    ]


def test_the_static_table_is_that_of_hpack() -> None:
    theirs = hpack.table.HeaderTable.STATIC_TABLE
    assert [(entry.name.encode(), entry.value.encode()) for entry in STATIC] == list(theirs)


@pytest.mark.parametrize("seed", range(6))
def test_blocks_as_hpack_packs_them(seed: int) -> None:
    """Sizes change, entries come and go, blocks are cut over frames: the headers are the same."""
    rng = random.Random(seed)
    encoder = hpack.Encoder()
    decoder = begun()
    names = [":path", "date", "x-" + "n" * 40, "accept", "cookie", "age", "x-b", "via"]
    for number in range(1, 120, 2):
        if rng.random() < 0.15:
            encoder.header_table_size = rng.choice((0, 60, 300, 1000, 4096))
        headers = [
            (rng.choice(names), rng.choice(("", "7", "v" * 300, "gzip", f"value {number % 9}")))
            for _ in range(rng.randrange(1, 12))
        ]
        data = encoder.encode(headers, huffman=rng.random() < 0.7)
        cuts = sorted(rng.sample(range(len(data) + 1), k=min(len(data), rng.randrange(3))))
        pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        frames = b"".join(
            frame(9 if place else 1, 4 if place == len(pieces) - 1 else 0, number, piece)
            for place, piece in enumerate(pieces)
        )
        units = read_units(decoder, REGISTRY, C, frames)
        assert [pair for unit in units for pair in pairs(unit)] == headers
        ours, size = table(decoder, C)
        theirs = [(n.decode(), v.decode()) for n, v in encoder.header_table.dynamic_entries]
        assert (ours, size) == (theirs, encoder.header_table._current_size)


# faults


@pytest.mark.parametrize(
    ("data", "note"),
    [
        ("80", "there is no entry 0"),
        ("be", "there is no entry 62"),
        ("ffffffffffffff", "too large"),
        ("0081", "ends inside a header"),
        ("00", "ends inside a header"),
        ("3fffff03", "over the size that the receiver allows"),
        ("0001618118", "bad padding"),
        ("00016185ffffffffff", "EOS"),
    ],
)
def test_faults_are_told(data: str, note: str) -> None:
    unit = block(begun(), C, bytes.fromhex(data))
    assert any(note in told for told in unit.notes), unit.notes


def test_after_a_fault_the_table_is_not_known() -> None:
    decoder = begun()
    block(decoder, C, b"\x40\x01a\x01b\x40\x05a")
    unit = block(decoder, C, b"\x82\xbe", 3)
    assert "odd: entry 62 was made by bytes that were not seen" in unit.notes


def test_a_block_of_too_many_bytes_is_read_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MAX_LIST", 4000)
    decoder = begun()
    data = b"\x40\x01a" + b"\x7f\x81\x06" + b"v" * 896
    unit = block(decoder, C, data + b"\xbe" * 50 + b"\x40\x01b\x01c")
    assert 1 < len(pairs(unit)) < 6
    assert unit.values("http2.header.more")
    assert any("the rest is not shown" in note for note in unit.notes)
    assert table(decoder, C)[0][0] == ("b", "c")


def test_more_headers_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MAX_HEADERS", 20)
    unit = block(begun(), C, b"\x82" * 30)
    assert any("over 20 headers" in note for note in unit.notes)
    assert unit.value("http2.header.part") == b"\x82" * 9


def test_after_a_gap_known_entries_are_named_and_others_are_said_to_be_unknown() -> None:
    decoder = begun()
    block(decoder, C, bytes.fromhex("828684410f7777772e6578616d706c652e636f6d"))
    decoder.lost(C)
    unit = block(decoder, C, bytes.fromhex("82be40037877610163"), 3)
    assert pairs(unit) == [(":method", "GET"), ("<unknown>", "<unknown>"), ("xwa", "c")]
    assert unit.notes == ["odd: entry 62 was made by bytes that were not seen"]
    unit = block(decoder, C, bytes.fromhex("82be"), 5)
    assert pairs(unit) == [(":method", "GET"), ("xwa", "c")]
