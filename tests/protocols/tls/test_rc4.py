"""Sessions under RC4, sealed by hand: no peer at hand speaks it any more; tshark reads it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from frames import Turn, numbered, tcp_records, tshark_fields
from trees import check_tree

from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message, Record, Side
from wirestep.protocols import REGISTRY
from wirestep.protocols.tls.key_stream import KeyStream

C, S = Side.CLIENT, Side.SERVER
RANDOMS = bytes(range(1, 33)), bytes(range(33, 65))
MASTER = bytes(range(100, 148))
KEYLOG = f"CLIENT_RANDOM {RANDOMS[C].hex()} {MASTER.hex()}\n".encode()
ASKED = b"GET /%d HTTP/1.1\r\nHost: old.example\r\n\r\n"
ANSWERED = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + b"0123456789" * 300
WAYS = [(0x0301, 0x0004, "md5"), (0x0302, 0x0005, "sha1"), (0x0303, 0xC011, "sha1")]
ways = pytest.mark.parametrize("way", WAYS, ids=["1.0-md5", "1.1-sha", "1.2-sha"])
Way = tuple[int, int, str]


def one_prf(name: str, secret: bytes, seed: bytes, size: int) -> bytes:
    out, link = b"", seed
    while len(out) < size:
        link = hmac.new(secret, link, name).digest()
        out += hmac.new(secret, link + seed, name).digest()
    return out[:size]


def derived(version: int, label: bytes, seed: bytes, size: int) -> bytes:
    """From the master secret (RFC 2246 and 5246, section 5)."""
    if version == 0x0303:
        return one_prf("sha256", MASTER, label + seed, size)
    half = len(MASTER) // 2
    one = one_prf("md5", MASTER[:half], label + seed, size)
    other = one_prf("sha1", MASTER[half:], label + seed, size)
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


class Seal:
    """Seals the records of one direction (RFC 2246 section 6.2.3.1)."""

    def __init__(self, way: Way, side: Side) -> None:
        self.version, _, self.hash = way
        size = hashlib.new(self.hash).digest_size
        block = derived(self.version, b"key expansion", RANDOMS[S] + RANDOMS[C], 2 * size + 32)
        self.mac = block[side * size : (side + 1) * size]
        key = block[2 * size + side * 16 : 2 * size + (side + 1) * 16]
        self.cipher = Cipher(ARC4(key), None).encryptor()
        self.number = 0

    def __call__(self, kind: int, data: bytes) -> bytes:
        head = bytes((kind,)) + self.version.to_bytes(2, "big")
        added = self.number.to_bytes(8, "big") + head + len(data).to_bytes(2, "big")
        self.number += 1
        sealed = self.cipher.update(data + hmac.new(self.mac, added + data, self.hash).digest())
        return head + len(sealed).to_bytes(2, "big") + sealed


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def talk(way: Way) -> list[Turn]:
    """A handshake, three requests with their answers, an orderly end."""
    version, suite, _ = way
    written = version.to_bytes(2, "big")
    number = suite.to_bytes(2, "big")
    hello = message(1, written + RANDOMS[C] + b"\0\0\2" + number + b"\1\0")
    answer = message(2, written + RANDOMS[S] + b"\0" + number + b"\0") + message(14, b"")
    exchange = message(16, b"\0\x40" + bytes(64))

    def clear(kind: int, data: bytes) -> bytes:
        return bytes((kind,)) + written + len(data).to_bytes(2, "big") + data

    def finished(label: bytes, said: bytes) -> bytes:
        names = ["sha256"] if version == 0x0303 else ["md5", "sha1"]
        digest = b"".join(hashlib.new(name, said).digest() for name in names)
        return message(20, derived(version, label, digest, 12))

    ask, tell = Seal(way, C), Seal(way, S)
    said = hello + answer + exchange
    end = finished(b"client finished", said)
    change = clear(20, b"\1")
    turns = [
        (C, clear(22, hello)),
        (S, clear(22, answer)),
        (C, clear(22, exchange) + change + ask(22, end)),
        (S, change + tell(22, finished(b"server finished", said + end))),
    ]
    for count in range(3):
        turns += [(C, ask(23, ASKED % count)), (S, tell(23, ANSWERED[:900]))]
        turns += [(S, tell(23, ANSWERED[900:]))]
    return [*turns, (C, ask(21, b"\1\0")), (S, tell(21, b"\1\0"))]


def read(engine: Engine, records: Sequence[Record]) -> list[Message]:
    messages = [message for record in records for message in engine.feed(record, full=True)]
    for one in messages:
        assert one.root is not None
        assert one.source is not None
        check_tree(one.root, one.source.data)
        assert "bug" not in one.marks
    return messages


def fresh() -> Engine:
    return Engine(REGISTRY, Secrets(KEYLOG))


def lines(messages: Sequence[Message], protocol: str = "http") -> list[str]:
    return [message.summary for message in messages if message.protocol == protocol]


def notes(messages: Sequence[Message]) -> list[str]:
    return [
        note.text
        for message in messages
        if message.protocol == "tls" and message.root is not None
        for field in message.root.walk()
        for note in field.notes
    ]


HTTP = [line for n in range(3) for line in (f"GET /{n} HTTP/1.1", "HTTP/1.1 200 OK")]


@ways
def test_what_is_inside_is_read(way: Way) -> None:
    messages = read(fresh(), tcp_records(talk(way), 443))
    assert [line.strip() for line in lines(messages)] == HTTP
    assert lines(messages, "tls.handshake").count("Finished") == 2
    assert [m.side for m in messages if "Close Notify" in m.summary] == [C, S]
    assert not notes(messages)


@ways
def test_tshark_says_the_same(way: Way, tmp_path: Path) -> None:
    records = tcp_records(talk(way), 443)
    (tmp_path / "keys").write_bytes(KEYLOG)
    names = [
        *("tls.record.content_type", "tls.record.length", "tls.handshake.type"),
        *("tls.alert_message.desc", "tls.app_data", "http.request.uri", "http.response.code"),
    ]
    log = f"tls.keylog_file:{tmp_path / 'keys'}"
    theirs = tshark_fields(records, names, tmp_path, "-o", log, "-d", "tcp.port==443,tls")
    assert [row["http.request.uri"] for row in theirs if row["http.request.uri"]] == [
        [f"/{count}"] for count in range(3)
    ]
    engine = fresh()
    for record, row in zip(records, theirs, strict=True):
        mine: dict[str, list[str]] = {name: [] for name in names}
        for one in engine.feed(record, wanted=frozenset(names)):
            for name, value, _ in one.values:
                mine[name].append(REGISTRY.info(name).plain(value))
        assert mine == row, f"frame {record.number + 1}"


def test_a_copy_goes_on_while_the_other_is_ahead() -> None:
    records = tcp_records(talk(WAYS[1]), 443)
    whole = [message.summary for message in read(fresh(), records)]
    engine = fresh()
    before, copies = 0, []
    for record in records:
        copies.append((before, engine.copy()))
        before += len(read(engine, [record]))
    for place in (len(records) - 4, 8, len(records) // 2):
        count, copy = copies[place]
        again = read(copy, records[place:])
        assert [message.summary for message in again] == whole[count:]


def test_a_record_that_was_tampered_with_costs_only_itself() -> None:
    turns = talk(WAYS[1])
    side, data = turns[7]
    turns[7] = side, data[:-1] + bytes((data[-1] ^ 1,))
    messages = read(fresh(), tcp_records(turns, 443))
    assert notes(messages) == ["the record does not verify with CLIENT_RANDOM"]
    assert [line.strip() for line in lines(messages)] == [*HTTP[:2], *HTTP[3:]]


def test_after_lost_bytes_the_stream_is_lost() -> None:
    """Nobody knows how far it ran."""
    records = tcp_records(talk(WAYS[1]), 443)
    asked = [record for record in records if record.data[36:38] == b"\x01\xbb"]
    lost = [r.number for r in asked if len(r.data) > 54][3]
    messages = read(fresh(), numbered([r for r in records if r.number != lost]))
    said = "bytes before it are missing, and the key stream of RC4 runs on from them"
    assert said in notes(messages)
    got = [line.strip() for line in lines(messages)]
    assert got.count("HTTP/1.1 200 OK") == 3
    assert "GET /2 HTTP/1.1" not in got


def test_the_stream_from_any_place() -> None:
    """(RFC 6229 section 2, the key of 128 bits)"""
    stream = KeyStream(bytes(range(1, 17)))
    told = {
        0: "9ac7cc9a609d1ef7b2932899cde41b97",
        16: "5248c4959014126a6e8a84f11d1a9e1c",
        240: "065902e4b620f6cc36c8589f66432f2b",
    }
    for place in (0, 16, 240, 240, 0, 240, 16):
        opened = stream.open(bytes(16), place)
        assert opened is not None
        assert opened.hex() == told[place]
