"""Records sealed by hand: early data, padding, key changes that nobody saw, what lies beyond."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from frames import Turn, numbered, tcp_records
from trees import check_tree

from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message, Side
from wirestep.protocols import REGISTRY
from wirestep.session import Session

C, S = Side.CLIENT, Side.SERVER
CAPTURES = Path(__file__).parents[3] / "captures"
RANDOM = bytes(range(0x41, 0x61))
EARLY, MODERN = bytes.fromhex("002a 0000"), bytes.fromhex("002b 0002 0304")
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
SECRETS = {
    label: bytes((place * 7 + 3 * byte) % 256 for byte in range(32))
    for place, label in enumerate(
        (
            "CLIENT_EARLY_TRAFFIC_SECRET",
            "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
            "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0",
            "SERVER_TRAFFIC_SECRET_0",
        ),
        1,
    )
}
EARLY_SECRET, CLIENT_HANDSHAKE, SERVER_HANDSHAKE, CLIENT_DATA, SERVER_DATA = SECRETS
ASKED = b"GET /early HTTP/1.1\r\nHost: a.example\r\n\r\n"


def keylog(*without: str) -> bytes:
    who = RANDOM.hex()
    lines = [
        f"{label} {who} {secret.hex()}\n"
        for label, secret in SECRETS.items()
        if label not in without
    ]
    return "".join(lines).encode()


def labelled(secret: bytes, label: bytes, size: int) -> bytes:
    """(RFC 8446 section 7.1), by the library's own HKDF."""
    name = b"tls13 " + label
    info = size.to_bytes(2, "big") + bytes((len(name),)) + name + b"\0"
    return HKDFExpand(hashes.SHA256(), size, info).derive(secret)


class Seal:
    """Seals the records of one direction."""

    def __init__(self, secret: bytes, suite: int = 0x1301, number: int = 0) -> None:
        key = labelled(secret, b"key", 32 if suite == 0x1303 else 16)
        made = {
            0x1301: lambda: AESGCM(key),
            0x1303: lambda: ChaCha20Poly1305(key),
            0x1304: lambda: AESCCM(key, 16),
        }
        self.cipher = made[suite]()
        self.vector = int.from_bytes(labelled(secret, b"iv", 12), "big")
        self.number = number

    def __call__(self, kind: int, data: bytes, padding: int = 0) -> bytes:
        plain = data + (bytes((kind,)) if kind else b"") + bytes(padding)
        head = b"\x17\x03\x03" + (len(plain) + 16).to_bytes(2, "big")
        nonce = (self.vector ^ self.number).to_bytes(12, "big")
        self.number += 1
        return head + self.cipher.encrypt(nonce, plain, head)


def message(kind: int, body: bytes = b"") -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def clear(data: bytes) -> bytes:
    return b"\x16\x03\x03" + len(data).to_bytes(2, "big") + data


def client_hello(*extensions: bytes) -> bytes:
    block = b"".join(extensions)
    body = b"\x03\x03" + RANDOM + b"\0" + bytes.fromhex("0006 1303 1301 1304 01 00")
    return clear(message(1, body + len(block).to_bytes(2, "big") + block))


def server_hello(random: bytes = bytes(range(0x61, 0x81)), suite: int = 0x1301) -> bytes:
    body = b"\x03\x03" + random + b"\0" + suite.to_bytes(2, "big") + b"\0"
    return clear(message(2, body + len(MODERN).to_bytes(2, "big") + MODERN))


FINISHED = message(20, bytes(range(32)))
ENCRYPTED = message(8, b"\0\0")


def greetings(*, early: bool = False, suite: int = 0x1301) -> list[Turn]:
    """Up to the client's Finished."""
    server, client = Seal(SECRETS[SERVER_HANDSHAKE], suite), Seal(SECRETS[CLIENT_HANDSHAKE], suite)
    return [
        (C, client_hello(*(EARLY,) * early)),
        (S, server_hello(suite=suite) + server(22, ENCRYPTED + FINISHED)),
        (C, client(22, FINISHED)),
    ]


def read(turns: Sequence[Turn], log: bytes, drop: Sequence[int] = ()) -> list[Message]:
    """All messages; segments `drop`, counted from the first that carries data, are lost."""
    records = tcp_records(turns, 443, (1400,))
    kept = [record for record in records if record.number - 3 not in drop]
    engine = Engine(REGISTRY, Secrets(log))
    messages = [message for record in numbered(kept) for message in engine.feed(record, full=True)]
    for one in messages:
        assert one.root is not None
        assert one.source is not None
        check_tree(one.root, one.source.data)
        assert "bug" not in one.marks
    return messages


def lines(messages: Sequence[Message], protocol: str) -> list[str]:
    return [message.summary for message in messages if message.protocol == protocol]


def notes(messages: Sequence[Message]) -> list[tuple[str, str]]:
    return [
        (note.level, note.text)
        for message in messages
        if message.protocol == "tls" and message.root is not None
        for field in message.root.walk()
        for note in field.notes
    ]


def verdicts(messages: Sequence[Message]) -> list[str]:
    return [
        str(field.value)
        for message in messages
        if message.root is not None
        for field in message.root.walk()
        if field.name == "tls.record.decryption"
    ]


# early data


@pytest.mark.parametrize("suite", [0x1301, 0x1303, 0x1304])
def test_early_data_of_any_offered_suite(suite: int) -> None:
    """Which one it is nobody says before the ServerHello."""
    early = Seal(SECRETS[EARLY_SECRET], suite)
    hello, flight, finished = greetings(early=True, suite=suite)
    turns = [hello, (C, early(23, ASKED)), flight, (C, early(22, message(5)) + finished[1])]
    messages = read(turns, keylog())
    assert lines(messages, "http") == ["GET /early HTTP/1.1"]
    handshake = lines(messages, "tls.handshake")
    assert handshake[-2:] == ["End of Early Data", "Finished"]
    assert not notes(messages)


def test_early_data_that_the_server_rejects() -> None:
    """It says nothing; the client goes on with the keys of the handshake (RFC 8446 4.2.10)."""
    early = Seal(SECRETS[EARLY_SECRET])
    hello, flight, finished = greetings(early=True)
    data = Seal(SECRETS[CLIENT_DATA])
    turns = [hello, (C, early(23, ASKED)), flight, finished, (C, data(23, ASKED))]
    messages = read(turns, keylog())
    assert lines(messages, "http") == ["GET /early HTTP/1.1"] * 2
    assert lines(messages, "tls.handshake").count("Finished") == 2
    assert not notes(messages)
    messages = read(turns, keylog(EARLY_SECRET))
    assert lines(messages, "http") == ["GET /early HTTP/1.1"]
    why = f"no {EARLY_SECRET} for client random {RANDOM[:8].hex()}…; the key log has only "
    assert [text[: len(why)] for _, text in notes(messages)] == [why]
    other = keylog(EARLY_SECRET) + f"{EARLY_SECRET} {RANDOM.hex()} {'5a' * 32}\n".encode()
    messages = read(turns, other)
    assert notes(messages) == [("info", "early data, rejected or under another secret")]
    assert lines(messages, "http") == ["GET /early HTTP/1.1"]


def test_early_data_and_a_hello_retry_request() -> None:
    early = Seal(SECRETS[EARLY_SECRET])
    hello, flight, finished = greetings(early=True)
    turns = [
        (C, hello[1] + early(23, ASKED)),
        (S, server_hello(RETRY)),
        (C, early(23, b"sent before the answer came") + client_hello()),
        flight,
        finished,
    ]
    messages = read(turns, keylog())
    assert lines(messages, "tls.handshake") == [
        "Client Hello",
        "Hello Retry Request",
        "Client Hello",
        "Server Hello",
        "Encrypted Extensions",
        "Finished",
        "Finished",
    ]
    assert not notes(messages)


# inside a record


def test_padding_is_shown_and_not_read() -> None:
    """(RFC 8446 section 5.4)"""
    data = Seal(SECRETS[CLIENT_DATA])
    messages = read([*greetings(), (C, data(23, ASKED, 37) + data(0, b"", 9))], keylog())
    assert lines(messages, "http") == ["GET /early HTTP/1.1"]
    padded, empty = [m for m in messages if m.protocol == "tls"][-2:]
    assert padded.root is not None
    found = padded.root.find("tls.record.padding")
    assert found is not None
    assert found.value == bytes(37)
    assert notes([empty]) == [("broken", "nothing but padding (RFC 8446 section 5.4)")]


def test_contents_of_no_known_type() -> None:
    data = Seal(SECRETS[CLIENT_DATA])
    messages = read([*greetings(), (C, data(77, b"what is this") + data(23, ASKED))], keylog())
    assert notes(messages) == [("broken", "no record holds a content of type 77")]
    assert lines(messages, "http") == ["GET /early HTTP/1.1"]


def test_an_alert_that_is_no_end_ends_nothing() -> None:
    data = Seal(SECRETS[CLIENT_DATA])
    turns = [*greetings(), (C, data(23, ASKED) + data(21, b"\x01\x5a") + data(23, ASKED))]
    messages = read(turns, keylog())
    assert "Alert (Level: Warning, Description: User Canceled)" in lines(messages, "tls")
    assert len(lines(messages, "http")) == 2


def test_end_closes_a_body_without_length() -> None:
    ask, tell = Seal(SECRETS[CLIENT_DATA]), Seal(SECRETS[SERVER_DATA])
    turns = [
        *greetings(),
        (C, ask(23, ASKED)),
        (S, tell(23, b"HTTP/1.1 200 OK\r\n\r\nno length") + tell(23, b", an end")),
        (S, tell(21, b"\x01\0")),
    ]
    messages = read(turns, keylog())
    answer = next(m for m in messages if m.summary.startswith("HTTP/1.1 200"))
    assert answer.root is not None
    body = answer.root.find("http.file_data")
    assert body is not None
    assert body.value == "no length, an end"
    end = next(m for m in messages if "Close Notify" in m.summary)
    assert answer.inside == end.number


def test_a_connection_that_ends_without_an_alert_ends_the_body_too() -> None:
    ask, tell = Seal(SECRETS[CLIENT_DATA]), Seal(SECRETS[SERVER_DATA])
    answer = b"HTTP/1.1 200 OK\r\n\r\nno length"
    messages = read([*greetings(), (C, ask(23, ASKED)), (S, tell(23, answer))], keylog())
    assert lines(messages, "http") == ["GET /early HTTP/1.1", "HTTP/1.1 200 OK"]


# what nobody saw


def test_a_finished_that_was_lost() -> None:
    data = Seal(SECRETS[CLIENT_DATA])
    turns = [*greetings(), (C, data(23, ASKED)), (S, b"")]
    messages = read([*turns, (S, Seal(SECRETS[SERVER_DATA])(23, b"x"))], keylog(), drop=[2])
    assert lines(messages, "http") == ["GET /early HTTP/1.1"]
    assert verdicts(messages)[-1].startswith("decrypted with")


def test_a_key_update_that_was_lost() -> None:
    data = Seal(SECRETS[CLIENT_DATA])
    next_secret = labelled(SECRETS[CLIENT_DATA], b"traffic upd", 32)
    turns = [
        *greetings(),
        (C, data(23, ASKED)),
        (C, data(22, message(24, b"\0"))),
        (C, Seal(next_secret)(23, ASKED)),
        (S, Seal(SECRETS[SERVER_DATA])(23, b"x")),
    ]
    messages = read(turns, keylog(), drop=[4])
    assert len(lines(messages, "http")) == 2
    assert "decrypted with CLIENT_TRAFFIC_SECRET_1, sequence number 0" in verdicts(messages)


def test_records_too_far_ahead_are_given_up() -> None:
    """Numbers are tried up to a bound; then that is said, and no more is tried."""
    data = Seal(SECRETS[CLIENT_DATA])
    near, far = Seal(SECRETS[CLIENT_DATA], number=120), Seal(SECRETS[CLIENT_DATA], number=5000)
    ends = [(S, Seal(SECRETS[SERVER_DATA])(23, b"x"))]
    for late, opened in ((near, True), (far, False)):
        turns = [*greetings(), (C, data(23, b"lost")), *[(C, late(23, ASKED)) for _ in range(6)]]
        messages = read([*turns, *ends], keylog(), drop=[3])
        assert bool(lines(messages, "http")) is opened
        if not opened:
            texts = [text for _, text in notes(messages)]
            assert texts[:3] == ["the record does not verify with CLIENT_TRAFFIC_SECRET_0"] * 3
            assert texts[3] == "given up: no record verifies with CLIENT_TRAFFIC_SECRET_0 any more"
            assert texts[4:] == ["given up: the records before it did not verify"]


# what is in the box


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("tls12-full", ["GET /hello.txt HTTP/1.1"]),
        ("tls13-full", ["GET /hello.txt HTTP/1.1"]),
        ("tls13-hello-retry", ["GET /hello.txt HTTP/1.1"]),
        ("tls13-resumed-0rtt", ["GET /hello.txt HTTP/1.1", "GET /early.txt HTTP/1.1"]),
        ("tls13-alert", []),
    ],
)
def test_bundled_captures_open(name: str, asked: list[str]) -> None:
    """The secrets are in the files."""
    session = Session.open(CAPTURES / f"{name}.pcapng")
    session.settle()
    rows = session.rows(0, session.count)
    session.settle()
    rows = session.rows(0, session.count)
    got = [part for row in rows for part in row.info.split(", ") if part.startswith("GET ")]
    assert got == asked
    assert not [row.info for row in rows if "Application Data" in row.info]
    if name == "tls13-alert":
        assert "Alert (Level: Fatal, Description: Unknown CA)" in [row.info for row in rows]
    session.close()
