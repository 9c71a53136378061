"""WebSocket against RFC 6455 section 5.7, RFC 7692 section 7.2.3, wsproto and tshark."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
import zlib

import pytest
from frames import tcp_records
from units import Unit, read_units
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import CloseReason, FrameProtocol, Opcode

from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.model import Side
from wirestep.protocols import REGISTRY as ALL
from wirestep.protocols import bodies, websocket
from wirestep.protocols.websocket import inflate, state
from wirestep.protocols.websocket.decode import WebSocketDecoder

C, S = Side.CLIENT, Side.SERVER
REGISTRY = Registry((websocket.PROTOCOL, *bodies.PROTOCOLS))
TEXT = "websocket.payload.text"


def read(side: Side, *frames: bytes, decoder: WebSocketDecoder | None = None) -> list[Unit]:
    return read_units(decoder or WebSocketDecoder(), REGISTRY, side, b"".join(frames))


def one(side: Side, frame: str) -> Unit:
    [unit] = read(side, bytes.fromhex(frame))
    return unit


# RFC 6455 section 5.7


def test_a_single_unmasked_text() -> None:
    unit = one(S, "81 05 48 65 6c 6c 6f")
    assert unit.value("websocket.fin") == 1
    assert unit.value("websocket.rsv") == 0
    assert unit.value("websocket.opcode") == 1
    assert unit.value("websocket.mask") == 0
    assert unit.value("websocket.payload_length") == 5
    assert unit.value(TEXT) == "Hello"
    assert unit.reading.summary == "WebSocket Text [FIN] "
    assert (unit.reading.brief, unit.reading.level) == ('text "Hello"', "message")
    assert unit.notes == []


def test_a_single_masked_text() -> None:
    unit = one(C, "81 85 37 fa 21 3d 7f 9f 4d 51 58")
    assert unit.value("websocket.masking_key") == bytes.fromhex("37fa213d")
    assert unit.value("websocket.masked_payload") == bytes.fromhex("7f9f4d5158")
    assert unit.value(TEXT) == "Hello"
    assert unit.reading.summary == "WebSocket Text [FIN] [MASKED]"
    assert unit.notes == []


def test_a_fragmented_unmasked_text() -> None:
    first, second = read(S, bytes.fromhex("01 03 48 65 6c 80 02 6c 6f"))
    assert first.value("websocket.payload.part") == b"Hel"
    assert first.values(TEXT) == []
    assert first.reading.level == "record"
    assert second.value("websocket.opcode") == 0
    assert second.value(TEXT) == "Hello"
    assert second.value("websocket.fragment.count") == 2
    assert second.value("websocket.reassembled.length") == 5
    assert (second.reading.brief, second.reading.level) == ('text "Hello"', "message")


def test_ping_and_its_masked_pong() -> None:
    decoder = WebSocketDecoder()
    [ping] = read(S, bytes.fromhex("89 05 48 65 6c 6c 6f"), decoder=decoder)
    [pong] = read(C, bytes.fromhex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"), decoder=decoder)
    assert ping.value("websocket.payload.ping") == b"Hello"
    assert pong.value("websocket.payload.pong") == b"Hello"
    assert ping.reading.asks == pong.reading.answers
    assert ping.reading.asks is not None
    assert ping.reading.brief == 'ping "Hello"'


def test_256_and_65536_bytes() -> None:
    middle, long = read(
        S,
        bytes.fromhex("82 7e 0100") + bytes(range(256)),
        bytes.fromhex("82 7f 0000000000010000") + b"\xa5" * 65536,
    )
    assert middle.value("websocket.payload_length") == 126
    assert middle.value("websocket.payload_length_ext_16") == 256
    assert middle.value("websocket.payload.binary") == bytes(range(256))
    assert middle.reading.brief == "binary 256 B"
    assert long.value("websocket.payload_length") == 127
    assert long.value("websocket.payload_length_ext_64") == 65536
    assert middle.notes == long.notes == []


# RFC 7692 section 7.2.3


def test_one_compressed_message_in_one_frame_and_in_two() -> None:
    unit = one(S, "c1 07 f2 48 cd c9 c9 07 00")
    assert unit.value("websocket.pmc") == 1
    assert unit.value("websocket.rsv") == 4
    assert unit.value("websocket.payload.compressed") == bytes.fromhex("f248cdc9c90700")
    assert unit.value(TEXT) == "Hello"
    _, last = read(S, bytes.fromhex("41 03 f2 48 cd 80 04 c9 c9 07 00"))
    assert last.value("websocket.message.compressed") == bytes.fromhex("f248cdc9c90700")
    assert last.value(TEXT) == "Hello"


def test_a_context_that_is_taken_over_and_one_that_is_not() -> None:
    first, second = read(S, bytes.fromhex("c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00"))
    assert (first.value(TEXT), second.value(TEXT)) == ("Hello", "Hello")
    _, again = read(S, bytes.fromhex("c1 07 f2 48 cd c9 c9 07 00 c1 07 f2 48 cd c9 c9 07 00"))
    assert again.value(TEXT) == "Hello"


@pytest.mark.parametrize(
    "frame",
    [
        "c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00",  # a block without compression
        "c1 08 f3 48 cd c9 c9 07 00 00",  # a final block
        "c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00",  # two blocks
    ],
)
def test_other_blocks_of_deflate(frame: str) -> None:
    unit = one(S, frame)
    assert unit.value(TEXT) == "Hello"
    assert unit.notes == []


def test_after_a_final_block_the_context_still_holds() -> None:
    _, second = read(S, bytes.fromhex("c1 08 f3 48 cd c9 c9 07 00 00 c1 05 f2 00 11 00 00"))
    assert second.value(TEXT) == "Hello"


def test_an_empty_fragment_ends_a_compressed_message() -> None:
    """(RFC 7692 section 7.2.3.6)"""
    unit = one(S, "c1 01 00")
    assert unit.values(TEXT) == []
    assert unit.notes == []
    _, last = read(S, bytes.fromhex("41 0b f2 48 cd c9 c9 07 00 00 00 ff ff 80 01 00"))
    assert last.value(TEXT) == "Hello"
    assert last.notes == []


# what the handshake does not tell, and what is lost


def test_after_lost_bytes_what_refers_to_them_is_said_to() -> None:
    decoder = WebSocketDecoder()
    read(S, bytes.fromhex("c1 07 f2 48 cd c9 c9 07 00"), decoder=decoder)
    decoder.lost(S)
    [unit] = read(S, bytes.fromhex("c1 05 f2 00 11 00 00"), decoder=decoder)
    assert any("it may refer to messages that were lost" in note for note in unit.notes)
    assert not any(note.startswith("broken") for note in unit.notes)
    decoder.lost(S)
    [unit] = read(S, bytes.fromhex("80 02 6c 6f"), decoder=decoder)
    assert unit.notes == ["odd: the start of this message was lost"]


def test_what_was_lost_can_be_missing_much_later() -> None:
    before = random.Random(3).randbytes(900)
    press = zlib.compressobj(wbits=-15, zdict=before)
    refers = (press.compress(before[:200]) + press.flush(zlib.Z_SYNC_FLUSH))[:-4]
    decoder = WebSocketDecoder()
    decoder.lost(S)
    read(S, bytes.fromhex("c1 07 f2 48 cd c9 c9 07 00"), decoder=decoder)
    [unit] = read(S, bytes((0xC2, len(refers))) + refers, decoder=decoder)
    assert any("it may refer to messages that were lost" in note for note in unit.notes)
    [unit] = read(S, bytes((0xC2, len(refers))) + refers)
    assert any(note.startswith("broken") for note in unit.notes)


def test_after_lost_bytes_no_frame_is_made_up() -> None:
    decoder = WebSocketDecoder()
    read(C, bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), decoder=decoder)
    decoder.lost(C)
    [unit] = read(C, b"\x81\x05Hello, in the middle of it", decoder=decoder)  # it masks
    assert unit.value("websocket.stray") == b"\x81\x05Hello, in the middle of it"
    decoder.lost(C)
    [unit] = read(C, bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), decoder=decoder)
    assert unit.value(TEXT) == "Hello"


def test_a_bomb_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "MAX_OUT", 1000)
    press = zlib.compressobj(wbits=-15)
    data = (press.compress(b"a" * 100_000) + press.flush(zlib.Z_SYNC_FLUSH))[:-4]
    head = struct.pack("!BBH", 0xC1, 126, len(data)) if len(data) > 125 else None
    head = head or bytes((0xC1, len(data)))
    [unit] = read(S, head + data)
    assert unit.value(TEXT) == "a" * 1000
    assert unit.notes == ["broken: cut after 1000 bytes"]


def test_fragments_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MAX_MESSAGE", 10)
    *_, last = read(S, b"\x01\x06first ", b"\x00\x06second", b"\x80\x01!")
    assert "odd: a message too long to be put together here" in " ".join(
        note for unit in read(S, b"\x01\x06first ", b"\x00\x06second") for note in unit.notes
    )
    assert last.values(TEXT) == []


def test_a_frame_that_is_cut_short() -> None:
    [unit] = read(S, b"\x81\x20only this")
    assert unit.value(TEXT) == "only this"
    assert unit.notes == ["broken: 23 bytes of the frame are missing"]


# rules that senders break


@pytest.mark.parametrize(
    ("side", "frame", "note"),
    [
        (C, "81 01 61", "not masked"),
        (S, "81 81 01 02 03 04 60", "server's frame that is masked"),
        (S, "83 01 61", "opcode 3 is reserved"),
        (S, "a1 01 61", "extension that nobody here knows"),
        (S, "91 01 61", "extension that nobody here knows"),
        (S, "c9 01 61", "compressed, but not the start"),
        (S, "09 01 61", "a fragment of a control frame"),
        (S, "89 7e 007e" + "61" * 126, "over 125 bytes"),
        (S, "81 7e 0001 61", "fits fewer bytes"),
        (S, "81 7e 007d" + "61" * 125, "fits fewer bytes"),
        (S, "81 7f 0000000000000001 61", "no 64-bit field may have"),
        (S, "80 01 61", "never began"),
        (S, "01 01 61 81 01 61", "before the last one's end"),
        (S, "81 02 c3 28", "not UTF-8"),
        (S, "88 01 03", "half a status code"),
        (S, "88 02 03 ed", "no frame may carry the code 1005"),
        (S, "88 02 00 07", "no frame may carry the code 7"),
        (S, "88 03 03 e8 ff", "not UTF-8"),
    ],
)
def test_broken_rules_are_told(side: Side, frame: str, note: str) -> None:
    units = read(side, bytes.fromhex(frame))
    assert any(note in told for unit in units for told in unit.notes)


def test_a_close_and_its_answer() -> None:
    decoder = WebSocketDecoder()
    [first] = read(S, b"\x88\x0b\x0f\xa1app close", decoder=decoder)
    [second] = read(C, bytes.fromhex("88 82 00 00 00 00 0f a1"), decoder=decoder)
    assert first.value("websocket.payload.close.status_code") == 4001
    assert first.value("websocket.payload.close.reason") == "app close"
    assert first.reading.brief == "close 4001"
    assert first.reading.asks == second.reading.answers is not None
    assert second.reading.asks is None


def test_a_copy_goes_its_own_way() -> None:
    decoder = WebSocketDecoder()
    read(S, bytes.fromhex("c1 07 f2 48 cd c9 c9 07 00 01 03 48 65 6c"), decoder=decoder)
    copy = decoder.copy()
    for each in (decoder, copy):
        [end] = read(S, bytes.fromhex("80 02 6c 6f"), decoder=each)
        assert end.value(TEXT) == "Hello"


# wsproto and tshark


def by_wsproto(data: bytes, client: bool) -> list[tuple[int, bool, bool, object]]:
    """What wsproto reads: opcode, ends of frame and message, payload."""
    extension = PerMessageDeflate()
    extension.finalize("permessage-deflate")
    machine = FrameProtocol(client=client, extensions=[extension])
    machine.receive_bytes(data)
    return [
        (int(frame.opcode), frame.frame_finished, frame.message_finished, frame.payload)
        for frame in machine.received_frames()
    ]


def said(unit: Unit) -> object:
    for name in (TEXT, "websocket.payload.binary", "websocket.payload.ping"):
        if unit.values(name):
            return unit.value(name)
    return None


@pytest.mark.parametrize("seed", range(4))
def test_a_conversation_as_wsproto_writes_and_reads_it(seed: int) -> None:
    rng = random.Random(seed)
    sides = {}
    for client in (True, False):
        extension = PerMessageDeflate()
        extension.finalize("permessage-deflate")
        sides[client] = FrameProtocol(client=client, extensions=[extension])
    words = ["hello ", "same again ", "\u20ac uro ", "x" * 70, "{}"]
    for client, machine in sides.items():
        data, meant = b"", []
        for _ in range(25):
            text = "".join(rng.choices(words, k=rng.randrange(1, 9)))
            payload: str | bytes = text if rng.random() < 0.6 else text.encode() + b"\xff\x00"
            if rng.random() < 0.2:
                data += machine.ping(b"%d" % len(meant))
                meant.append(b"%d" % len(meant))
                continue
            cuts = rng.choice((1, 1, 2, 3))
            step = len(payload) // cuts + 1
            parts = [payload[at : at + step] for at in range(0, len(payload), step)]
            for place, part in enumerate(parts):
                data += machine.send_data(part, fin=place == len(parts) - 1)
            meant.append(payload)
        data += machine.close(CloseReason.NORMAL_CLOSURE, "bye")
        units = read(C if client else S, data)
        ours = [said(unit) for unit in units[:-1]]
        assert [each for each in ours if each is not None] == meant
        theirs = by_wsproto(data, client=not client)
        assert len(units) == len(theirs)
        for unit, (opcode, _, message_finished, _) in zip(units, theirs, strict=True):
            assert unit.value("websocket.opcode") in (opcode, 0)
            if opcode < Opcode.CLOSE:
                assert bool(unit.value("websocket.fin")) == message_finished
        assert units[-1].value("websocket.payload.close.reason") == "bye"


def test_over_http_and_through_any_cut() -> None:
    hello = b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    yes = b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    turns = (
        (C, hello),
        (S, yes + bytes.fromhex("89 01 70")),
        (C, bytes.fromhex("8a 81 00 00 00 00 70 81 85 37 fa 21 3d 7f 9f 4d 51 58")),
    )
    for cuts in ((1400,), (1,), (7, 3)):
        engine = Engine(ALL)
        found = []
        for record in tcp_records(turns, 8080, cuts):
            found += [m for m in engine.feed(record, full=True) if m.flow >= 0]
        frames = [m for m in found if m.protocol == "websocket"]
        assert [m.brief for m in frames] == ['ping "p"', 'pong "p"', 'text "Hello"']
        assert frames[1].answers == frames[0].number
        assert engine.flows[-1].protocol == "websocket"


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_knows_the_names_of_the_fields() -> None:
    listed = subprocess.run(["tshark", "-G", "fields"], capture_output=True, text=True, check=True)
    known = {line.split("\t")[2] for line in listed.stdout.splitlines() if line.startswith("F\t")}
    own = {
        "websocket.rsv2",
        "websocket.rsv3",
        "websocket.payload.compressed",
        "websocket.payload.part",
        "websocket.payload.binary",
        "websocket.message",
        "websocket.message.compressed",
        "websocket.inflated",
        "websocket.stray",
    }
    assert set(websocket.PROTOCOL.fields) - known == own
