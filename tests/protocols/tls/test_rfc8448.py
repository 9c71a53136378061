"""The messages of RFC 8448 (sections 3 and 4), read value by value."""

from __future__ import annotations

from collections.abc import Iterator

from rfc8448 import (
    CERTIFICATE,
    CLIENT_FINISHED,
    EXTENSIONS,
    FINISHED,
    HELLO,
    RESUMING,
    SERVER_HELLO,
    TICKET,
    VERIFY,
    trace,
)
from trees import check_tree

from wirestep.decode.contract import Where
from wirestep.decode.cursor import Cursor
from wirestep.model import Address, Field, Record, Side, Source, Value
from wirestep.protocols.tls.handshake import HandshakeDecoder

C, S = Side.CLIENT, Side.SERVER


def read(decoder: HandshakeDecoder, data: bytes, side: Side) -> tuple[str, Field]:
    """One message: its summary and its tree, which must cover it without a remark."""
    place = Where(side, Record(0, 0, b"", 0), Address("192.0.2.1", 9), Address("192.0.2.2", 443))
    assert decoder.measure(memoryview(data), side) == len(data)
    cursor = Cursor(Source("message", data))
    reading = decoder.decode(cursor, place)
    root = cursor.finish("tls.handshake")
    check_tree(root, data)
    judged = "tls.handshake.certificate"  # that of the RFC is weak and self-signed
    assert not [field.notes for field in root.walk() if field.notes and field.name != judged]
    assert root.find("unread") is None
    return reading.summary, root


def values(root: Field, name: str) -> list[Value]:
    return list(_values(root, name))


def _values(root: Field, name: str) -> Iterator[Value]:
    for field in root.walk():
        if field.name == name:
            yield field.value


def settled() -> HandshakeDecoder:
    """A decoder that has seen both hellos."""
    decoder = HandshakeDecoder()
    read(decoder, HELLO, C)
    read(decoder, SERVER_HELLO, S)
    return decoder


def test_client_hello() -> None:
    summary, root = read(HandshakeDecoder(), HELLO, C)
    assert summary == "Client Hello (SNI=server)"
    assert values(root, "tls.handshake.length") == [192]
    assert values(root, "tls.handshake.random") == [HELLO[6:38]]
    assert values(root, "tls.handshake.session_id") == []
    assert values(root, "tls.handshake.ciphersuite") == [0x1301, 0x1303, 0x1302]
    assert values(root, "tls.handshake.extension.type") == [
        *(0, 0xFF01, 10, 35, 51, 43, 13, 45, 28),
    ]
    assert values(root, "tls.handshake.extensions_supported_group") == [
        *(29, 23, 24, 25, 256, 257, 258, 259, 260),
    ]
    assert values(root, "tls.handshake.extensions_key_share_group") == [29]
    assert values(root, "tls.handshake.extensions_key_share_key_exchange") == [
        bytes.fromhex("99381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c")
    ]
    assert values(root, "tls.handshake.extensions.supported_version") == [0x0304]
    assert values(root, "tls.extension.psk_ke_mode") == [1]
    assert values(root, "tls.record_size_limit") == [0x4001]
    assert len(values(root, "tls.handshake.sig_hash_alg")) == 15
    assert values(root, "tls.handshake.sig_hash_alg")[4] == 0x0804


def test_server_hello() -> None:
    decoder = HandshakeDecoder()
    read(decoder, HELLO, C)
    summary, root = read(decoder, SERVER_HELLO, S)
    assert summary == "Server Hello"
    assert values(root, "tls.handshake.ciphersuite") == [0x1301]
    assert values(root, "tls.handshake.extensions_key_share_key_exchange") == [
        bytes.fromhex("c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f")
    ]
    assert values(root, "tls.handshake.random_time") == []
    assert values(root, "tls.handshake.chosen") == ["TLS 1.3, TLS_AES_128_GCM_SHA256"]
    parameters = decoder.parameters
    assert (parameters.version, parameters.suite) == (0x0304, 0x1301)
    assert parameters.client_random == HELLO[6:38]
    assert parameters.server_random == SERVER_HELLO[6:38]
    assert parameters.label == "TLSv1.3"


def test_the_server_goes_on() -> None:
    decoder = settled()
    summary, root = read(decoder, EXTENSIONS, S)
    assert summary == "Encrypted Extensions"
    assert values(root, "tls.handshake.extension.type") == [10, 28, 0]
    summary, root = read(decoder, CERTIFICATE, S)
    assert summary == "Certificate"
    assert values(root, "tls.handshake.certificate_length") == [432]
    assert values(root, "tls.handshake.certificate") == [CERTIFICATE[11:443]]
    assert values(root, "tls.handshake.certificate.subject") == ["CN=rsa"]
    assert values(root, "tls.handshake.certificate.issuer") == ["CN=rsa"]
    assert values(root, "tls.handshake.certificate.serial") == ["02"]
    # 2016-07-30 01:23:59 and ten years later, UTC
    assert values(root, "tls.handshake.certificate.not_before") == [1469841839 * 10**9]
    assert values(root, "tls.handshake.certificate.not_after") == [1785374639 * 10**9]
    assert values(root, "tls.handshake.extensions_length") == [0]
    summary, root = read(decoder, VERIFY, S)
    assert summary == "Certificate Verify"
    assert values(root, "tls.handshake.sig_hash_alg") == [0x0804]
    assert values(root, "tls.handshake.client_cert_vrfy.sig") == [VERIFY[8:]]
    summary, root = read(decoder, FINISHED, S)
    assert summary == "Finished"
    assert values(root, "tls.handshake.verify_data") == [FINISHED[4:]]


def test_a_ticket() -> None:
    summary, root = read(settled(), TICKET, S)
    assert summary == "New Session Ticket"
    assert values(root, "tls.handshake.session_ticket_lifetime_hint") == [30]
    assert values(root, "tls.handshake.session_ticket_age_add") == [0xFAD6AAC5]
    assert values(root, "tls.handshake.session_ticket_nonce") == [b"\0\0"]
    assert values(root, "tls.handshake.session_ticket") == [TICKET[17:195]]
    assert values(root, "tls.early_data.max_early_data_size") == [1024]


def test_resuming_with_early_data() -> None:
    decoder = HandshakeDecoder()
    _, root = read(decoder, RESUMING, C)
    assert decoder.parameters.early
    assert decoder.parameters.label == "TLSv1.3"
    prefix = "tls.handshake.extensions.psk"
    assert values(root, f"{prefix}.identity.identity") == [TICKET[17:195]]
    assert values(root, f"{prefix}.identity.obfuscated_ticket_age") == [0xFAD6AACB]
    assert values(root, f"{prefix}.binder") == [RESUMING[-32:]]
    assert values(root, "tls.handshake.extensions_padding_data") == [bytes(87)]


def test_forms_are_told_apart_where_the_version_is_not_known() -> None:
    """Joined too late to see a hello."""
    for data in (CERTIFICATE, TICKET):
        _, root = read(HandshakeDecoder(), data, S)
        assert values(root, "tls.handshake.extensions_length")
    body = CERTIFICATE[5:443]  # the list alone, without extensions: the form of TLS 1.2
    body = (len(body) - 3).to_bytes(3, "big") + body[3:]
    old = b"\x0b" + len(body).to_bytes(3, "big") + body
    _, root = read(HandshakeDecoder(), old, S)
    assert values(root, "tls.handshake.certificate") == [CERTIFICATE[11:443]]
    assert values(root, "tls.handshake.certificate_request_context_length") == []


# records


def test_the_records_of_rfc_8448() -> None:
    messages = trace()
    assert [(m.side, m.summary) for m in messages if m.protocol == "tls"] == [
        (C, "Client Hello"),
        (S, "Server Hello"),
        (S, "Encrypted Extensions, Certificate, Certificate Verify, Finished"),
        (C, "Finished"),
        (S, "New Session Ticket"),
        (C, "Application Data"),
        (S, "Application Data"),
        (C, "Alert (Level: Warning, Description: Close Notify)"),
        (S, "Alert (Level: Warning, Description: Close Notify)"),
    ]
    said = {m.number: m.source.data for m in messages if m.source is not None}
    carried = [said[m.number] for m in messages if m.protocol == "tls.handshake"]
    assert carried[2:6] == [EXTENSIONS, CERTIFICATE, VERIFY, FINISHED]
    assert (
        carried[6][4:].hex() == "a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce61"
    )
    assert carried[7] == TICKET
    assert [said[m.number] for m in messages if m.protocol == "data"] == [bytes(range(50))] * 2


def test_a_record_shows_what_it_is_made_of() -> None:
    record = next(m for m in trace() if m.summary == "Finished" and m.protocol == "tls")
    assert record.root is not None
    named = {field.name: field for field in record.root.walk()}
    assert named["tls.record.opaque_type"].value == 23
    assert named["tls.record.content_type"].value == 22
    assert named["tls.record.ciphertext"].value == CLIENT_FINISHED[5:-16]
    assert named["tls.record.tag"].value == CLIENT_FINISHED[-16:]
    verdict = "decrypted with CLIENT_HANDSHAKE_TRAFFIC_SECRET, sequence number 0"
    assert named["tls.record.decryption"].value == verdict
    inner = named["tls.record.decrypted"].source
    assert inner is not None
    assert (inner.name, inner.records) == ("Decrypted TLS", record.records)
    assert inner.data[36:] == b"\x16"
