"""QUIC against the specification's own packets, and against what another project says it sent."""

from __future__ import annotations

import random
from typing import Any

import pytest
import quic_vectors as rfc
from aioquic.quic.crypto import CryptoPair
from aioquic.tls import CipherSuite
from frames import udp_records
from quic_peers import Peers, read
from trees import check_names, check_tree, flat

from wirestep.decode.engine import Engine
from wirestep.decode.secrets import NO_SECRETS, Secrets
from wirestep.model import Field, Message, Record, Side
from wirestep.protocols import REGISTRY
from wirestep.protocols.quic.hello import Agreed
from wirestep.protocols.quic.names import V1, V2

C, S = Side.CLIENT, Side.SERVER
EVERY_NAME = frozenset(REGISTRY.fields) | {"unread"}


def quic(messages: list[Message]) -> list[Message]:
    return [message for message in messages if message.protocol == "quic"]


def value(root: Field | None, name: str) -> Any:
    assert root is not None
    found = root.find(name)
    assert found is not None, name
    return found.value


def values(root: Field | None, name: str) -> list[Any]:
    assert root is not None
    return [field.value for field in root.walk() if field.name == name]


def notes(message: Message) -> list[str]:
    assert message.root is not None
    return [note.text for field in message.root.walk() for note in field.notes]


# the samples of RFC 9001


def samples(*turns: tuple[Side, bytes]) -> list[Message]:
    return read(udp_records(turns, 443), NO_SECRETS)


def test_the_clients_first_packet() -> None:
    """(RFC 9001 appendix A.2)"""
    messages = samples((C, rfc.CLIENT_INITIAL))
    (packet,) = quic(messages)
    root = packet.root
    assert value(root, "quic.dcid") == rfc.CLIENT_ID
    assert value(root, "quic.long.packet_type") == 0
    assert value(root, "quic.packet_number") == 2
    assert value(root, "quic.packet_number_length") == 3
    assert value(root, "quic.length") == 1182
    assert value(root, "quic.crypto.offset") == 0
    assert value(root, "quic.crypto.length") == 241
    assert value(root, "quic.padding_length") == 1162 - 245
    assert packet.brief == "Initial[2] CRYPTO"
    (hello,) = [message for message in messages if message.protocol == "tls.handshake"]
    assert value(hello.root, "tls.handshake.random") == rfc.CLIENT_RANDOM
    assert value(hello.root, "tls.handshake.extensions_server_name") == "example.com"
    assert hello.records == (0,)


def test_the_servers_first_packet() -> None:
    """(RFC 9001 appendix A.3)"""
    messages = samples((C, rfc.CLIENT_INITIAL), (S, rfc.SERVER_INITIAL))
    packet = quic(messages)[1]
    assert value(packet.root, "quic.packet_number") == 1
    assert value(packet.root, "quic.scid") == bytes.fromhex("f067a5502a4262b5")
    assert values(packet.root, "quic.dcid") == []
    assert value(packet.root, "quic.ack.largest_acknowledged") == 0
    assert value(packet.root, "quic.crypto.length") == 90
    hello = messages[-1]
    assert value(hello.root, "tls.handshake.random") == rfc.SERVER_RANDOM
    asked = next(message for message in messages if message.brief == "Client Hello")
    assert hello.answers == asked.number


@pytest.mark.parametrize("place", [None, 15, -1])
def test_a_retry_is_checked(place: int | None) -> None:
    """(RFC 9001 appendix A.4)"""
    packet = bytearray(rfc.RETRY)
    if place is not None:
        packet[place] ^= 1
    retry = quic(samples((C, rfc.CLIENT_INITIAL), (S, bytes(packet))))[1]
    assert value(retry.root, "quic.retry_integrity_tag") == bytes(packet[-16:])
    assert len(value(retry.root, "quic.retry_token")) == 5
    wrong = [text for text in notes(retry) if "integrity tag should be" in text]
    assert bool(wrong) == (place is not None)


def test_a_server_alone_is_not_decrypted() -> None:
    (packet,) = quic(samples((C, rfc.SERVER_INITIAL)))
    assert any("first Initial was not seen" in text for text in notes(packet))
    assert len(value(packet.root, "quic.remaining_payload")) == 117


# against what another project's endpoints say they sent


def names(frames: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Frames as that project logs them."""
    told: list[tuple[Any, ...]] = []
    for frame in frames:
        kind = frame["frame_type"]
        if kind == "stream":
            told.append((kind, frame["stream_id"], frame["offset"], frame["length"], frame["fin"]))
        elif kind == "crypto":
            told.append((kind, frame["offset"], frame["length"]))
        elif kind == "ack":
            told.append((kind, *(tuple(pair) for pair in frame["acked_ranges"])))
        elif kind not in ("padding",):
            told.append((kind,))
    return told


KINDS = {
    0x01: "ping",
    0x04: "reset_stream",
    0x05: "stop_sending",
    0x10: "max_data",
    0x11: "max_stream_data",
    0x12: "max_streams",
    0x13: "max_streams",
    0x18: "new_connection_id",
    0x19: "retire_connection_id",
    0x1A: "path_challenge",
    0x1B: "path_response",
    0x1C: "connection_close",
    0x1D: "connection_close",
    0x1E: "handshake_done",
    0x30: "datagram",
    0x31: "datagram",
}


def ours(packet: Field) -> list[tuple[Any, ...]]:
    """The same, as read here."""
    told: list[tuple[Any, ...]] = []
    for frame in packet.walk():
        if frame.name != "quic.frame":
            continue
        kind = value(frame, "quic.frame_type")
        if 8 <= kind < 16:
            offset = values(frame, "quic.stream.offset")
            size = sum(len(data) for data in values(frame, "quic.stream_data"))
            stream = value(frame, "quic.stream.stream_id")
            told.append(("stream", stream, offset[0] if offset else 0, size, bool(kind & 1)))
        elif kind == 6:
            told.append(
                ("crypto", value(frame, "quic.crypto.offset"), value(frame, "quic.crypto.length"))
            )
        elif kind in (2, 3):
            words = value(frame, "quic.ack.range").split(", ")
            pairs = [[int(end) for end in word.split("-")] for word in words]
            told.append(("ack", *((pair[0], pair[-1]) for pair in reversed(pairs))))
        elif kind:
            told.append((KINDS[kind],))
    return told


TYPES = {0: "initial", 1: "0RTT", 2: "handshake"}
TYPES_V2 = {1: "initial", 2: "0RTT", 3: "handshake"}


def compare(peers: Peers) -> list[Message]:
    """Every packet is read, as its sender logged it."""
    messages = read(peers.records(), peers.secrets)
    found: list[list[Any]] = [[], []]
    for message in quic(messages):
        assert message.root is not None
        for packet in (child for child in message.root.children if child.name == "quic.packet"):
            kinds = values(packet, "quic.long.packet_type")
            second = values(packet, "quic.long.packet_type_v2")
            kind = TYPES.get(kinds[0], "") if kinds else "1RTT"
            if second:
                kind = TYPES_V2.get(second[0], "")
            if kind:
                number = value(packet, "quic.packet_number")
                found[message.side].append((kind, number, ours(packet)))
    sent: list[list[Any]] = [[], []]
    for side, kind, number, frames in peers.sent():
        if kind != "retry":
            sent[side].append((kind, number, names(frames)))
    assert found == sent
    for message in messages:
        assert "broken" not in message.marks
        assert message.root is not None
        assert message.source is not None
        check_tree(message.root, message.source.data)
        check_names(message.root, REGISTRY)
    return messages


def exchange(peers: Peers, size: int = 5000) -> None:
    """A handshake, data both ways on two streams, an end."""
    peers.start()
    peers.run()
    assert peers.server is not None
    for stream in (0, 4):
        peers.client.send_stream_data(stream, bytes(range(200)) * 3, stream == 4)
    peers.run()
    peers.server.send_stream_data(0, bytes(size), True)
    peers.run()


@pytest.mark.parametrize("version", [V1, V2])
@pytest.mark.parametrize(
    "suite",
    [
        CipherSuite.AES_128_GCM_SHA256,
        CipherSuite.AES_256_GCM_SHA384,
        CipherSuite.CHACHA20_POLY1305_SHA256,
    ],
)
def test_versions_and_suites(version: int, suite: CipherSuite) -> None:
    options = {
        "supported_versions": [version],
        "original_version": version,
        "cipher_suites": [suite],
    }
    peers = Peers("sample/1", options)
    exchange(peers)
    peers.client.close(error_code=7, reason_phrase="enough")
    peers.run(rounds=2)
    messages = compare(peers)
    streams: dict[tuple[int, Side], bytes] = {}
    for message in messages:
        if message.protocol == "data":
            key = message.flow, message.side
            data = values(message.root, "data.data")
            streams[key] = streams.get(key, b"") + b"".join(data)
    assert sorted(len(data) for data in streams.values()) == [600, 600, 5000]


@pytest.mark.parametrize("length", [1, 20])
def test_connection_ids_of_any_length(length: int) -> None:
    peers = Peers("sample/1", {"connection_id_length": length})
    exchange(peers)
    messages = quic(compare(peers))
    assert {len(value(message.root, "quic.dcid")) for message in messages[3:]} == {length}


def initial(client: bool, dcid: bytes, scid: bytes, frames: str) -> bytes:
    """An Initial packet under keys from `KEY_ID`, protected by another project."""
    pair = CryptoPair()
    pair.setup_initial(KEY_ID, client, V1)
    payload = bytes.fromhex(frames).ljust(40, b"\0")
    ids = bytes((len(dcid),)) + dcid + bytes((len(scid),)) + scid
    size = (4 + len(payload) + 16).to_bytes(2, "big")
    header = b"\xc3\0\0\0\1" + ids + b"\0" + bytes((0x40 | size[0], size[1]))
    return bytes(pair.encrypt_packet(header + bytes((0, 0, 0, 9)), payload, 9))


KEY_ID = bytes(range(0x61, 0x69))


def test_a_client_without_a_connection_id() -> None:
    """As browsers do it: the server's packets are then known by their addresses alone."""
    server = bytes(range(0x71, 0x76))
    first, second, third = quic(
        samples(
            (C, initial(True, KEY_ID, b"", "06000401000000")),
            (S, initial(False, b"", server, "0209000000 1c0a000568656c6c6f")),
            (C, initial(True, server, b"", "1c0b0000")),
        )
    )
    assert first.brief == "Initial[9] CRYPTO"
    assert second.brief == "Initial[9] CONNECTION_CLOSE (PROTOCOL_VIOLATION)"
    assert value(second.root, "quic.cc.reason_phrase") == "hello"
    assert third.brief == "Initial[9] CONNECTION_CLOSE (INVALID_TOKEN)"


def test_random_bytes_behind_the_packets_are_no_packet() -> None:
    """(RFC 9000 section 12.2)"""
    packet, junk = initial(True, KEY_ID, b"", "01"), b"\x45" + bytes(range(60))
    (message,) = quic(samples((C, packet + junk)))
    assert value(message.root, "quic.datagram_padding") == junk
    assert message.brief == "Initial[9] PING"


def test_what_the_server_chose_counts() -> None:
    agreed = Agreed()
    assert agreed.application == "h3"
    agreed.offered = ("sample/2", "h3")
    assert agreed.application == "sample/2"
    agreed.chosen = "doq"
    assert agreed.application == "doq"


def test_one_version_becomes_another() -> None:
    """Compatible version negotiation (RFC 9368): the handshake starts in 1 and goes on in 2."""
    options = {"supported_versions": [V2, V1], "original_version": V1}
    peers = Peers("sample/1", options)
    exchange(peers)
    messages = quic(read(peers.records(), peers.secrets))
    versions = {version for m in messages for version in values(m.root, "quic.version")}
    assert versions == {V1, V2}
    # Of the client's packets one cannot be opened: it says 2 and is under the keys of version 1.
    shut = [message.side for message in messages if any("not dec" in t for t in notes(message))]
    assert shut == [C]
    assert sum("CRYPTO" in message.brief for message in messages) == 4
    assert any("HANDSHAKE_DONE" in message.brief for message in messages)


def test_after_a_retry() -> None:
    peers = Peers("sample/1", retry=True)
    exchange(peers)
    messages = compare(peers)
    assert any(message.brief.startswith("Retry") for message in messages)
    hellos = [message for message in messages if message.brief == "Client Hello"]
    assert len(hellos) == 2


@pytest.mark.parametrize("dropped", [(1,), (0,), (0, 1)])
def test_a_retry_that_was_not_captured(dropped: tuple[int, ...]) -> None:
    """Nor perhaps what it answered: the next Initial has all that the keys are made of."""
    peers = Peers("sample/1", retry=True)
    exchange(peers)
    peers.turns = [turn for place, turn in enumerate(peers.turns) if place not in dropped]
    messages = quic(read(peers.records(), peers.secrets))
    shut = [text for message in messages for text in notes(message) if "not decrypted" in text]
    assert shut == []


def test_keys_and_connection_ids_change() -> None:
    """And a packet from before the change still opens after it."""
    peers = Peers("sample/1")
    exchange(peers)
    for _ in range(3):
        peers.client.change_connection_id()
        peers.client.request_key_update()
        peers.client.send_ping(1)
        peers.run()
    messages = compare(peers)
    phases = [bit for message in quic(messages) for bit in values(message.root, "quic.key_phase")]
    assert {0, 1} == set(phases)
    ids = {cid for m in quic(messages) if m.side is C for cid in values(m.root, "quic.dcid")}
    assert len(ids) >= 5
    turns = peers.turns
    bits = [
        (message.record, bit)
        for message in quic(messages)
        if message.side is C
        for bit in values(message.root, "quic.key_phase")
    ]
    early = max(record for record, bit in bits if bit != bits[-1][1])
    turns.append(turns.pop(early))
    again = read(peers.records(), peers.secrets)
    assert not any("not decrypted" in text for message in quic(again) for text in notes(message))


def test_data_before_the_handshake_is_over() -> None:
    first = Peers()
    first.start()
    first.run()
    second = Peers(ticket=first.tickets[0])
    second.known = first.issued
    second.start()
    second.ask(b"/early")
    second.run()
    messages = compare(second)
    early = [message for message in quic(messages) if "0-RTT" in message.brief]
    assert early
    assert any(message.brief == "GET /early [0]" for message in messages)


# what is missing is named


def test_without_a_key_log_the_missing_secret_is_named() -> None:
    peers = Peers("sample/1")
    exchange(peers)
    log = peers.log.getvalue().splitlines()
    everything = read(peers.records(), NO_SECRETS)
    random = next(
        value(message.root, "tls.handshake.random")
        for message in everything
        if message.protocol == "tls.handshake"
    )
    texts = [text for message in quic(everything) for text in notes(message)]
    expected = f"no SERVER_HANDSHAKE_TRAFFIC_SECRET for client random {random.hex()}"
    assert f"not decrypted: {expected}: there is no key log" in texts
    half = [line for line in log if not line.startswith("SERVER_TRAFFIC_SECRET_0")]
    other = "CLIENT_RANDOM " + "ab" * 32 + " " + "cd" * 48
    texts = [
        text
        for message in quic(read(peers.records(), Secrets("\n".join([*half, other]).encode())))
        for text in notes(message)
    ]
    expected = f"no SERVER_TRAFFIC_SECRET_0 for client random {random.hex()}"
    assert set(texts) == {f"not decrypted: {expected}; the key log has 1 other connection"}
    wrong = "\n".join(
        f"{' '.join(line.split()[:2])} {'5a' * 48 if len(line.split()[2]) == 96 else '5a' * 32}"
        for line in log
    )
    texts = [
        text
        for message in quic(read(peers.records(), Secrets(wrong.encode())))
        for text in notes(message)
    ]
    assert set(texts) == {"not decrypted: damaged, or the secret is not the right one"}


def test_a_capture_that_starts_in_the_middle() -> None:
    peers = Peers("sample/1")
    exchange(peers)
    peers.turns = peers.turns[1:]
    for message in quic(read(peers.records(), peers.secrets)):
        assert any(text.startswith("not decrypted") for text in notes(message))


def test_a_reset_by_a_server_that_forgot() -> None:
    """(RFC 9000 section 10.3)"""
    peers = Peers("sample/1")
    exchange(peers)
    token = next(
        value(message.root, "quic.nci.stateless_reset_token")
        for message in quic(read(peers.records(), peers.secrets))
        if message.side is S and values(message.root, "quic.nci.stateless_reset_token")
    )
    peers.turns.append((S, b"\x4b" + bytes(range(30)) + token))
    last = quic(read(peers.records(), peers.secrets))[-1]
    assert value(last.root, "quic.stateless_reset_token") == token
    assert last.brief.endswith("Stateless Reset")


def test_versions_are_negotiated() -> None:
    """(RFC 9000 section 17.2.1)"""
    asked = bytes.fromhex("cf 1a2a3a4a 08 1112131415161718 05 2122232425") + bytes(1200)
    offer = bytes.fromhex(
        "b1 00000000 05 2122232425 08 1112131415161718 6b3343cf 00000001 5a6a7a8a"
    )
    first, second = quic(samples((C, asked), (S, offer)))
    assert value(first.root, "quic.version") == 0x1A2A3A4A
    assert value(first.root, "quic.scid") == bytes.fromhex("2122232425")
    assert values(second.root, "quic.supported_version") == [V2, V1, 0x5A6A7A8A]
    assert value(second.root, "quic.vn.unused") == 0x31


# any state, any damage


def talk() -> tuple[list[Record], Secrets]:
    peers = Peers("h3")
    peers.start()
    peers.run()
    for path in (b"/one", b"/two"):
        peers.ask(path)
    peers.client.request_key_update()
    peers.run()
    return peers.records(), peers.secrets


def test_both_gears_and_every_checkpoint_agree() -> None:
    records, secrets = talk()
    rest = read(records, secrets)
    lean = read(records, secrets, full=False, wanted=EVERY_NAME)
    assert len(rest) == len(lean)
    for one, other in zip(rest, lean, strict=True):
        assert one.root is not None
        assert flat(one.root) == list(other.values)
        assert (one.summary, one.brief, one.records) == (other.summary, other.brief, other.records)
    engine = Engine(REGISTRY, secrets)
    for place, record in enumerate(records):
        copy = engine.copy()
        again = [message for later in records[place:] for message in copy.feed(later, full=True)]
        assert again == [message for message in rest if message.record >= place]
        engine.feed(record)


def test_damaged_conversations_are_read_to_the_end() -> None:
    records, secrets = talk()
    rng = random.Random(9)
    for _ in range(25):
        damaged = []
        for record in records:
            data = bytearray(record.data)
            if rng.random() < 0.3:
                for _ in range(rng.choice((1, 2, 9))):
                    data[rng.randrange(42, len(data))] = rng.randrange(256)
            if rng.random() < 0.1:
                del data[rng.randrange(42, len(data)) :]
            if rng.random() > 0.1:
                damaged.append(Record(len(damaged), record.time, bytes(data), record.length))
        if rng.random() < 0.5:
            rng.shuffle(damaged)
        for message in read(damaged, secrets):
            assert message.root is not None
            assert message.source is not None
            assert "bug" not in message.marks, message.summary
            check_tree(message.root, message.source.data)
