"""Sessions of OpenSSL, opened with their key logs; what is missing is said."""

from __future__ import annotations

import random
import ssl
from collections.abc import Sequence
from pathlib import Path

import pytest
import tls_sessions
from frames import TcpWire, numbered, tcp_records, tshark_fields
from tls_sessions import ANSWERED, ASKED, NO_ENCRYPT_THEN_MAC, Session, openssl_session, session
from trees import check_names, check_tree, flat, said

from wirestep.decode.engine import Engine
from wirestep.decode.secrets import NO_SECRETS, Secrets
from wirestep.model import Message, Record, Side
from wirestep.protocols import REGISTRY

C, S = Side.CLIENT, Side.SERVER
EVERY_NAME = frozenset(REGISTRY.fields) | {"unread"}
V10, V11, V12, V13 = 0x0301, 0x0302, 0x0303, 0x0304
KINDS = [
    ("rsa", "ECDHE-RSA-AES128-SHA", V10, 0),
    ("rsa", "AES256-SHA", V10, NO_ENCRYPT_THEN_MAC),
    ("ec", "ECDHE-ECDSA-AES256-SHA", V11, 0),
    ("rsa", "AES128-SHA", V11, NO_ENCRYPT_THEN_MAC),
    ("rsa", "ECDHE-RSA-AES128-SHA256", V12, 0),
    ("rsa", "ECDHE-RSA-AES256-SHA384", V12, NO_ENCRYPT_THEN_MAC),
    ("rsa", "AES256-SHA256", V12, NO_ENCRYPT_THEN_MAC),
    ("rsa", "ECDHE-RSA-CAMELLIA128-SHA256", V12, 0),
    ("ec", "ECDHE-ECDSA-AES128-GCM-SHA256", V12, 0),
    ("rsa", "ECDHE-RSA-AES256-GCM-SHA384", V12, 0),
    ("ec", "ECDHE-ECDSA-AES256-CCM", V12, 0),
    ("ec", "ECDHE-ECDSA-AES128-CCM8", V12, 0),
    ("rsa", "ECDHE-RSA-CHACHA20-POLY1305", V12, 0),
    ("rsa", "NULL-SHA256", V12, 0),
    ("rsa", "AECDH-NULL-SHA", V10, 0),
    ("rsa", "ECDHE-RSA-NULL-SHA", V11, NO_ENCRYPT_THEN_MAC),
    ("rsa", "CAMELLIA256-SHA", V11, 0),
    ("ec", "", V13, 0),
]
kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind[1]}-{kind[2]:x}-{kind[3]}")
small = pytest.mark.parametrize(
    "kind", [KINDS[0], KINDS[8], KINDS[-1]], ids=["chained", "tls12", "tls13"]
)
Kind = tuple[str, str, int, int]


def read(
    records: Sequence[Record],
    keylog: bytes = b"",
    *,
    full: bool = True,
    engine: Engine | None = None,
) -> list[Message]:
    engine = engine or Engine(REGISTRY, Secrets(keylog) if keylog else NO_SECRETS)
    wanted = frozenset() if full else EVERY_NAME
    return [
        message for record in records for message in engine.feed(record, full=full, wanted=wanted)
    ]


def told(talk: Session, cuts: tuple[int, ...] = (1400,)) -> list[Message]:
    """All of a session, in the full gear; trees hold."""
    messages = read(tcp_records(talk.turns, 443, cuts), talk.keylog)
    for message in messages:
        assert message.root is not None
        assert message.source is not None
        check_tree(message.root, message.source.data)
        check_names(message.root, REGISTRY)
        assert "bug" not in message.marks, message.summary
    return messages


def lines(messages: Sequence[Message], protocol: str) -> list[str]:
    return [message.summary for message in messages if message.protocol == protocol]


def notes(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """Of the records."""
    return [
        (note.level, note.text)
        for message in messages
        if message.protocol == "tls" and message.root is not None
        for field in message.root.walk()
        for note in field.notes
    ]


def found(messages: Sequence[Message], name: str) -> list[object]:
    return [
        field.value
        for message in messages
        if message.root is not None
        for field in message.root.walk()
        if field.name == name
    ]


def story(messages: Sequence[Message]) -> list[list[object]]:
    """What each side said above TCP, without when and in how many pieces."""
    sides: list[list[object]] = [[], []]
    for message in messages:
        if message.flow >= 0:
            assert message.root is not None
            sides[message.side].append((message.protocol, message.summary, said(message.root)))
    return sides


HTTP = ["POST /first?x=1 HTTP/1.1", "HTTP/1.1 200 OK", "GET /second HTTP/1.1"]
HTTP += ["HTTP/1.1 204 No Content"]


@kinds
def test_what_is_inside_is_read(kind: Kind) -> None:
    messages = told(session(*kind))
    assert [line.strip() for line in lines(messages, "http")] == HTTP
    assert found(messages, "http.file_data")[0] == "abc"
    got = found(messages, "http.file_data")[1]
    assert got == tls_sessions.BODY.decode("ascii", "backslashreplace")
    handshake = lines(messages, "tls.handshake")
    assert handshake.count("Finished") == 2
    if kind[2] == V13:
        assert "Encrypted Extensions" in handshake
    close = "Alert (Level: Warning, Description: Close Notify)"
    assert [m.side for m in messages if m.summary == close] == [C, S]
    assert not notes(messages)
    assert not any("gap" in m.marks or "broken" in m.marks for m in messages)
    inside = next(m for m in messages if m.summary.startswith("HTTP/1.1 200"))
    assert len(inside.records) > 10
    assert inside.answers is not None


@kinds
def test_tshark_says_the_same(kind: Kind, tmp_path: Path) -> None:
    talk = session(*kind)
    records = tcp_records(talk.turns, 443)
    (tmp_path / "keys").write_bytes(talk.keylog)
    names = [
        *("tls.record.content_type", "tls.record.opaque_type", "tls.record.length"),
        *("tls.handshake.type", "tls.handshake.extension.type", "tls.handshake.random"),
        *("tls.alert_message.desc", "tls.app_data", "http.request.method", "http.response.code"),
    ]
    theirs = tshark_fields(
        records,
        names,
        tmp_path,
        "-o",
        f"tls.keylog_file:{tmp_path / 'keys'}",
        "-d",
        "tcp.port==443,tls",
    )
    engine = Engine(REGISTRY, Secrets(talk.keylog))
    for record, row in zip(records, theirs, strict=True):
        mine: dict[str, list[str]] = {name: [] for name in names}
        for message in engine.feed(record, wanted=frozenset(names)):
            for name, value, _ in message.values:
                mine[name].append(REGISTRY.info(name).plain(value))
        assert mine == row, f"frame {record.number + 1}"


@small
def test_any_cut_reads_the_same(kind: Kind) -> None:
    talk = session(*kind)
    whole = story(told(talk))
    assert len(whole[1]) > 5
    rng = random.Random(30)
    for _ in range(4):
        cuts = tuple(rng.choice((7, 64, 300, 1400, 5000)) for _ in range(6))
        assert story(told(talk, cuts)) == whole


@small
def test_both_gears_agree(kind: Kind) -> None:
    talk = session(*kind)
    records = tcp_records(talk.turns, 443, (200,))
    full, lean = read(records, talk.keylog), read(records, talk.keylog, full=False)
    for one, other in zip(full, lean, strict=True):
        assert one.root is not None
        assert flat(one.root) == list(other.values)
        for name in ("number", "protocol", "label", "flow", "side", "summary", "length", "records"):
            assert getattr(one, name) == getattr(other, name)
    assert not any(message.values for message in read(records, talk.keylog, engine=_idle(talk)))


def _idle(talk: Session) -> Engine:
    return Engine(REGISTRY, Secrets(talk.keylog))


@small
def test_a_copy_is_a_checkpoint(kind: Kind) -> None:
    talk = session(*kind)
    records = tcp_records(talk.turns, 443)
    whole = read(records, talk.keylog)
    engine = Engine(REGISTRY, Secrets(talk.keylog))
    for place, record in enumerate(records):
        again = read(records[place:], engine=engine.copy())
        assert again == [message for message in whole if message.record >= place]
        engine.feed(record)


@small
def test_damage_is_survived(kind: Kind) -> None:
    talk = session(*kind)
    rng = random.Random(31)
    records = tcp_records(talk.turns, 443, (300, 1400))
    for _ in range(12):
        hurt = []
        for record in records:
            data = bytearray(record.data)
            if rng.random() < 0.2:
                data[rng.randrange(54 if len(data) > 54 else 0, len(data))] ^= rng.randrange(1, 256)
            if rng.random() > 0.05:
                hurt.append(Record(0, record.time, bytes(data), record.length))
        full = read(numbered(hurt), talk.keylog)
        lean = read(numbered(hurt), talk.keylog, full=False)
        for one, other in zip(full, lean, strict=True):
            assert one.root is not None
            assert one.source is not None
            assert "bug" not in one.marks, one.summary
            check_tree(one.root, one.source.data)
            assert flat(one.root) == list(other.values)


# sessions taken up again, keys changed on the way


def test_sessions_taken_up_again() -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        pair = tls_sessions.contexts("ec", "", version)
        first, end = tls_sessions.talk(pair)
        again, resumed = tls_sessions.talk(pair, before=end.session)
        assert resumed.session_reused
        for talk in (first, Session(again.turns, again.keylog)):
            messages = told(talk)
            assert [line.strip() for line in lines(messages, "http")] == HTTP
            assert not notes(messages)
        assert "Certificate" not in lines(messages, "tls.handshake")


@pytest.mark.slow
def test_key_updates() -> None:
    """(RFC 8446 section 4.6.3): one alone, one that asks for another back."""
    talk = openssl_session(["-tls1_3"], [b"k\n", b"K\n", b"GET /page HTTP/1.0\r\n\r\n"], [])
    messages = told(talk)
    assert lines(messages, "tls.handshake").count("Key Update") == 3
    assert [line.split("\r")[0].strip() for line in lines(messages, "http")] == [
        "GET /page HTTP/1.0",
        "HTTP/1.0 200 OK",
    ]
    used = [str(value) for value in found(messages, "tls.record.decryption")]
    assert "decrypted with CLIENT_TRAFFIC_SECRET_2, sequence number 0" in used
    assert "decrypted with SERVER_TRAFFIC_SECRET_1, sequence number 0" in used
    assert not notes(messages)


@pytest.mark.slow
@pytest.mark.parametrize("suite", ["TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_8_SHA256"])
def test_other_suites_of_tls_1_3(suite: str) -> None:
    options = ["-tls1_3", "-ciphersuites", suite]
    talk = openssl_session(options, [b"GET /page HTTP/1.0\r\n\r\n"], options[1:])
    messages = told(talk)
    assert len(lines(messages, "http")) == 2
    assert not notes(messages)


@pytest.mark.slow
@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-SHA"])
def test_renegotiation(suite: str) -> None:
    options = ["-tls1_2", "-cipher", f"{suite}:@SECLEVEL=0"]
    talk = openssl_session(
        options,
        [b"R\n", b"GET /page HTTP/1.0\r\n\r\n"],
        ["-client_renegotiation", "-cipher", "ALL:@SECLEVEL=0"],
    )
    messages = told(talk)
    assert lines(messages, "tls.handshake").count("Finished") == 4
    hello = [line for line in lines(messages, "tls.handshake") if line.startswith("Client Hello")]
    assert len(hello) == 2
    assert len(lines(messages, "http")) == 2
    assert not notes(messages)


# what cannot be opened, and why


def other_log(count: int) -> bytes:
    return b"".join(b"CLIENT_RANDOM %064x %096x\n" % (n + 1, n) for n in range(count))


def test_why_records_stay_closed_is_said_once_each_way() -> None:
    for kind, label in ((KINDS[-1], "HANDSHAKE_TRAFFIC_SECRET"), (KINDS[8], "RANDOM")):
        talk = session(*kind)
        opener = talk.turns[0][1]
        start = opener[11:19].hex()
        for log, rest in (
            (b"", "no connection at all"),
            (other_log(1), "1 other connection"),
            (other_log(4), "4 other connections"),
        ):
            messages = told(Session(talk.turns, log))
            sides = ("SERVER", "CLIENT") if kind[2] == V13 else ("CLIENT", "CLIENT")
            assert notes(messages) == [
                ("info", f"no {side}_{label} for client random {start}…; the key log has {rest}")
                for side in sides
            ]
            assert not lines(messages, "http")
            assert len(set(map(str, found(messages, "tls.record.decryption")))) == len(set(sides))


def test_what_a_key_log_lacks() -> None:
    """Without the handshake's secrets, application data opens all the same."""
    talk = session(*KINDS[-1])
    kept = [line for line in talk.keylog.splitlines(True) if b"TRAFFIC_SECRET_0" in line]
    messages = told(Session(talk.turns, b"".join(kept)))
    assert [line.strip() for line in lines(messages, "http")] == HTTP
    assert [level for level, _ in notes(messages)] == ["info", "info"]
    assert all("HANDSHAKE_TRAFFIC_SECRET for client" in text for _, text in notes(messages))
    assert all(
        "only CLIENT_TRAFFIC_SECRET_0, SERVER_TRAFFIC_SECRET_0" in text
        for _, text in notes(messages)
    )
    kept = [line for line in talk.keylog.splitlines(True) if b"HANDSHAKE" in line]
    messages = told(Session(talk.turns, b"".join(kept)))
    assert lines(messages, "tls.handshake").count("Finished") == 2
    assert not lines(messages, "http")
    assert [text.split()[1] for _, text in notes(messages)] == [
        "SERVER_TRAFFIC_SECRET_0",
        "CLIENT_TRAFFIC_SECRET_0",
    ]


def test_a_key_log_that_grows() -> None:
    """Secrets that come late open the records from there on."""
    talk = session(*KINDS[8])
    records = tcp_records(talk.turns, 443)
    secrets = Secrets(other_log(2))
    engine = Engine(REGISTRY, secrets)
    messages = []
    for record in records:
        messages += engine.feed(record, full=True)
        if "Encrypted Handshake Message" in lines(messages, "tls"):
            secrets.add(talk.keylog)
    assert [line.strip() for line in lines(messages, "http")] == HTTP


def test_handshakes_that_were_not_captured() -> None:
    for kind in (KINDS[8], KINDS[-1]):
        talk = session(*kind)
        late = [turn for turn in talk.turns if len(turn[1]) != len(talk.turns[0][1])][3:]
        messages = told(Session(tuple(late), talk.keylog))
        assert {text for _, text in notes(messages)} == {"handshake not captured: no ClientHello"}


def test_suites_that_nobody_opens_here() -> None:
    talk = session("rsa", "ECDHE-ARIA128-GCM-SHA256", V12)
    texts = {text for _, text in notes(told(talk))}
    assert texts == {"unsupported suite TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256"}


def test_wrong_secrets_are_given_up() -> None:
    talk = session(*KINDS[-1])
    words = [line.split() for line in talk.keylog.splitlines() if not line.startswith(b"#")]
    wrong = b"".join(b"%s %s %s\n" % (label, who, secret[::-1]) for label, who, secret in words)
    texts = notes(told(Session(talk.turns, wrong)))
    assert texts[0] == ("broken", "the record does not verify with SERVER_HANDSHAKE_TRAFFIC_SECRET")
    assert ("info", "given up: the records before it did not verify") in texts


# lost bytes


@pytest.mark.parametrize("kind", [*KINDS[:3], *KINDS[8:13], KINDS[-1]], ids=str)
def test_records_after_lost_ones_are_opened(kind: Kind) -> None:
    """A segment of the answer is missing: what comes after it is read again."""
    pair = tls_sessions.contexts(kind[0], kind[1], ssl.TLSVersion(kind[2]), kind[3])
    lots = [(S, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") for _ in range(40)]
    talk, _ = tls_sessions.talk(pair, [(C, ASKED), (S, ANSWERED), *lots, (C, ASKED)])
    records = tcp_records(talk.turns, 443, (900,))
    answer = [r.number for r in records if r.data[34:36] == b"\x01\xbb" and len(r.data) > 900]
    for missing in (answer[3:4], answer[2:9]):
        left = [record for record in records if record.number not in missing]
        messages = read(numbered(left), talk.keylog)
        assert lines(messages, "http").count("HTTP/1.1 200 OK") >= 39
        assert any("gap" in message.marks for message in messages)
        for message in messages:
            if message.protocol == "http":
                assert message.side is (C if message.summary.startswith("POST") else S)


def test_a_record_that_was_tampered_with() -> None:
    talk = session(*KINDS[8])
    wire = TcpWire(443)
    wire.open()
    for number, (side, data) in enumerate(talk.turns):
        if number == 4:  # the first request: its last byte
            data = data[:-1] + bytes((data[-1] ^ 1,))
        for at in range(0, len(data), 1400):
            wire.put(side, data[at : at + 1400])
    messages = read(wire.records, talk.keylog)
    assert notes(messages) == [("broken", "the record does not verify with CLIENT_RANDOM")]
    assert [line.strip() for line in lines(messages, "http")] == HTTP[1:]
