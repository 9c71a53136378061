"""Records: what is in the clear, what is lost, what is no record at all."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest
from frames import ACK, PSH, TcpWire, tcp_records
from trees import check_tree

from wirestep.decode.engine import Engine
from wirestep.model import Message, Record, Side
from wirestep.protocols import REGISTRY
from wirestep.protocols.tls.claims import claims
from wirestep.protocols.tls.decode import MAX_STRAY, TlsDecoder

C, S = Side.CLIENT, Side.SERVER


def record(kind: int, data: bytes, version: int = 0x0303) -> bytes:
    return struct.pack("!BHH", kind, version, len(data)) + data


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + len(body).to_bytes(3, "big") + body


def client_hello(extensions: bytes = b"", session: bytes = b"") -> bytes:
    body = b"\x03\x03" + bytes(range(32)) + bytes((len(session),)) + session
    body += bytes.fromhex("0004 1301 c02f 01 00") + struct.pack("!H", len(extensions))
    return message(1, body + extensions)


def server_hello(
    suite: int = 0xC02F, extensions: bytes = b"", session: bytes = b"", random: bytes = b""
) -> bytes:
    body = b"\x03\x03" + (random or bytes(range(32, 64))) + bytes((len(session),)) + session
    body += struct.pack("!HBH", suite, 0, len(extensions)) + extensions
    return message(2, body)


TLS_13 = bytes.fromhex("002b 0002 0304")
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
EARLY = bytes.fromhex("002a 0000 002b 0003 02 0304")
DONE, SECRET = message(14, b""), b"\xa7" * 40


def read(records: Sequence[Record]) -> list[Message]:
    """All TLS messages; every tree covers its bytes."""
    engine = Engine(REGISTRY)
    said = []
    for one in records:
        for told in engine.feed(one, full=True):
            assert told.root is not None
            assert told.source is not None
            check_tree(told.root, told.source.data)
            assert "bug" not in told.marks, told.summary
            if told.protocol.startswith("tls"):
                said.append(told)
    return said


def said(*turns: tuple[Side, bytes], port: int = 443) -> list[Message]:
    return read(tcp_records(turns, port))


def lines(messages: Sequence[Message], protocol: str = "") -> list[str]:
    return [m.summary for m in messages if not protocol or m.protocol == protocol]


def notes(told: Message) -> list[str]:
    assert told.root is not None
    return [note.text for field in told.root.walk() for note in field.notes]


def test_tls_1_2_from_hello_to_end() -> None:
    told = said(
        (C, record(22, client_hello(), 0x0301)),
        (S, record(22, server_hello() + DONE)),
        (C, record(20, b"\x01") + record(22, SECRET)),
        (S, record(20, b"\x01") + record(22, SECRET)),
        (C, record(23, b"x" * 30)),
        (S, record(21, SECRET)),
    )
    assert [(m.protocol, m.label, m.summary) for m in told] == [
        ("tls", "TLSv1", "Client Hello"),
        ("tls.handshake", "TLS", "Client Hello"),
        ("tls", "TLSv1.2", "Server Hello, Server Hello Done"),
        ("tls.handshake", "TLSv1.2", "Server Hello"),
        ("tls.handshake", "TLSv1.2", "Server Hello Done"),
        ("tls", "TLSv1.2", "Change Cipher Spec"),
        ("tls", "TLSv1.2", "Encrypted Handshake Message"),
        ("tls", "TLSv1.2", "Change Cipher Spec"),
        ("tls", "TLSv1.2", "Encrypted Handshake Message"),
        ("tls", "TLSv1.2", "Application Data"),
        ("tls", "TLSv1.2", "Encrypted Alert"),
    ]
    assert told[3].answers == told[1].number
    assert {m.level for m in told} == {"record", "message"}


def test_tls_1_3_knows_change_cipher_spec_for_a_dummy() -> None:
    """(RFC 8446 appendix D.4); after a HelloRetryRequest another hello follows it."""
    told = said(
        (C, record(22, client_hello(), 0x0301)),
        (S, record(22, server_hello(0x1301, TLS_13, random=RETRY)) + record(20, b"\x01")),
        (C, record(20, b"\x01") + record(22, client_hello())),
        (S, record(22, server_hello(0x1301, TLS_13)) + record(23, SECRET)),
    )
    assert lines(told, "tls.handshake") == [
        "Client Hello",
        "Hello Retry Request",
        "Client Hello",
        "Server Hello",
    ]
    assert lines(told)[2] == "Hello Retry Request"
    assert told[-1].label == "TLSv1.3"
    root = told[-1].root
    assert root is not None
    assert root.find("tls.record.opaque_type") is not None
    assert root.find("tls.record.content_type") is None


def test_a_dummy_change_cipher_spec_where_only_one_side_was_captured() -> None:
    told = said((C, record(22, client_hello(), 0x0301) + record(20, b"\x01")), port=443)
    assert lines(told, "tls")[-1] == "Change Cipher Spec"
    told = said(
        (C, record(22, client_hello(), 0x0301) + record(20, b"\x01")),
        (C, record(22, client_hello(bytes.fromhex("00170000"))) + record(22, SECRET)),
    )
    assert lines(told, "tls.handshake") == ["Client Hello", "Client Hello"]
    assert lines(told)[-1] == "Encrypted Handshake Message"


def test_early_data_means_tls_1_3() -> None:
    told = said((C, record(22, client_hello(EARLY)) + record(20, b"\x01") + record(23, SECRET)))
    assert [m.label for m in told] == ["TLSv1.3"] * 4
    assert lines(told)[-1] == "Application Data"


def test_a_session_taken_up_again() -> None:
    session = bytes(range(200, 232))
    told = said(
        (C, record(22, client_hello(session=session))),
        (S, record(22, server_hello(session=session))),
    )
    assert any("taken up again" in note for note in notes(told[-1]))


def test_messages_split_and_merged() -> None:
    data = server_hello() + message(11, b"\0\0\0") + DONE
    pieces = [data[:3], data[3:40], b"", data[40:]]
    told = said(
        (C, record(22, client_hello())), (S, b"".join(record(22, piece) for piece in pieces))
    )
    assert lines([m for m in told if m.side is S], "tls") == [
        "Handshake (fragment)",
        "Server Hello (fragment)",
        "Server Hello (fragment)",
        "Server Hello, Certificate, Server Hello Done",
    ]
    assert lines(told, "tls.handshake")[1:] == ["Server Hello", "Certificate", "Server Hello Done"]


@pytest.mark.parametrize("port", [443, 47002])
def test_found_on_any_port(port: int) -> None:
    told = said((C, record(22, client_hello())), (S, record(22, server_hello())), port=port)
    assert lines(told, "tls.handshake") == ["Client Hello", "Server Hello"]


def test_found_after_another_protocol() -> None:
    """STARTTLS: the first bytes are somebody else's."""
    told = said(
        (S, b"220 mail.example ESMTP\r\n"),
        (C, b"STARTTLS\r\n"),
        (S, b"220 go ahead\r\n"),
        (C, record(22, client_hello())),
        (S, record(22, server_hello())),
        port=47003,
    )
    assert lines(told, "tls.handshake") == ["Client Hello", "Server Hello"]


def dropped(turns: Sequence[tuple[Side, bytes]], *missing: int) -> list[Record]:
    """Each turn a segment; some were never captured, though they arrived."""
    wire = TcpWire(443)
    wire.open()
    for side, data in turns:
        wire.put(side, data, ACK | PSH)
    wire.close()
    places = {3 + number for number in missing}
    left = [one for one in wire.records if one.number not in places]
    return [Record(n, one.time, one.data, one.length) for n, one in enumerate(left)]


def test_after_a_gap_messages_are_read_again() -> None:
    turns = [
        (C, record(22, client_hello())),
        (S, record(22, server_hello())),
        (S, record(22, message(11, bytes(3)))),
        (S, record(22, DONE)),
        (C, record(22, message(16, b"\x20" + bytes(32)))),
    ]
    told = read(dropped(turns, 2))
    assert lines(told, "tls.handshake") == [
        "Client Hello",
        "Server Hello",
        "Server Hello Done",
        "Client Key Exchange",
    ]
    ends = [(m.sender, m.target) for m in told if m.side is S]
    assert len(set(ends)) == 1


def test_half_a_message_before_a_gap_is_shown() -> None:
    hello = server_hello()
    turns = [
        (C, record(22, client_hello())),
        (S, record(22, hello[:40])),
        (S, record(22, hello[40:])),
        (S, record(22, DONE)),
        (C, b""),
        (C, record(20, b"\x01")),
    ]
    told = read(dropped(turns, 2))
    half = [m for m in told if m.protocol == "tls.handshake" and m.side is S]
    assert half[0].marks == ("broken",)
    assert half[0].root is not None
    assert half[0].root.span == (0, 40, 0)
    assert half[1].summary == "Server Hello Done"
    assert {m.sender for m in half} == {half[1].sender}


def test_after_a_gap_encrypted_messages_are_not_mistaken_for_clear_ones() -> None:
    """The ChangeCipherSpec was lost; an explicit nonce starts with zeros, as HelloRequest does."""
    turns = [
        (C, record(22, client_hello())),
        (S, record(22, server_hello())),
        (C, record(20, b"\x01")),
        (C, record(22, bytes(8) + SECRET)),
        (C, record(23, SECRET)),
        (S, b"\x15"),
    ]
    told = read(dropped(turns, 2))
    mine = lines([m for m in told if m.side is C], "tls")
    assert mine == ["Client Hello", "Encrypted Handshake Message", "Application Data"]


def test_bytes_that_are_no_record() -> None:
    told = said(
        (C, record(22, client_hello()) + b"not a record at all" + record(21, b"\x02\x28")),
    )
    assert lines(told, "tls") == [
        "Client Hello",
        "Ignored Unknown Record",
        "Alert (Level: Fatal, Description: Handshake Failure)",
    ]
    assert [one.brief for one in told if "Alert" in one.summary] == ["Alert: Handshake Failure"]


def test_endless_nonsense_comes_in_pieces() -> None:
    decoder = TlsDecoder()
    assert decoder.measure(memoryview(b"\xff" * (MAX_STRAY + 100)), C) == MAX_STRAY
    assert decoder.measure(memoryview(b"\xff" * 100), C) is None


def test_records_whose_length_lies() -> None:
    told = said((C, record(22, client_hello()) + b"\x17\x03\x03\xff\xff" + bytes(100)))
    assert lines(told, "tls") == ["Client Hello", "Application Data"]
    texts = notes(told[-1])
    assert any("65535 bytes, 100 are here" in text for text in texts)
    assert any("at most" in text for text in texts)


def test_a_handshake_message_whose_length_lies() -> None:
    hello = bytearray(client_hello())
    hello[3] -= 5
    told = said((C, record(22, bytes(hello))))
    first = next(m for m in told if m.protocol == "tls.handshake")
    assert notes(first)


def test_a_heartbeat_that_asks_for_too_much() -> None:
    told = said(
        (C, record(22, client_hello())),
        (S, record(22, server_hello())),
        (C, record(24, b"\x01\x40\x00" + bytes(20))),
    )
    assert told[-1].summary == "Heartbeat Request"
    assert any("CVE-2014-0160" in text for text in notes(told[-1]))


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ("1603010200 01 0001fc", True),
        ("16030102", None),
        ("1603010200 63", False),
        ("1703030000", True),
        ("1603030000", False),
        ("1703034801", False),
        ("1704030020", False),
        ("1703050020", False),
        ("1903030020", False),
        ("1503030002", True),
        ("1503030003", False),
        ("1403030001", True),
        ("474554202f", False),
        ("802e010301 0015 0000 0010", True),
        ("802e010301 0015 0000 0011", False),
    ],
)
def test_claims(data: str, answer: bool | None) -> None:
    assert claims(memoryview(bytes.fromhex(data)), C) is answer


def test_an_old_hello_is_only_a_clients() -> None:
    data = bytes.fromhex("802e010301 0015 0000 0010")
    assert claims(memoryview(data), S) is False


def test_the_name_teaches_what_the_server_is_called() -> None:
    name = bytes.fromhex("0000 0011 000f 00 000c") + b"host.example"
    told = said((C, record(22, client_hello(name))))
    assert lines(told, "tls.handshake") == ["Client Hello (SNI=host.example)"]


def test_a_record_full_of_messages_is_not_named_at_length() -> None:
    told = said((S, record(22, message(0, b"") * 500)))
    assert lines(told, "tls")[0].endswith(" and 488 more")
    assert len(lines(told, "tls.handshake")) == 500
