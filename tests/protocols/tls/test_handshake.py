"""Messages that travel encrypted in practice, forms that tshark does not know, and scapy's view."""

from __future__ import annotations

import struct
import warnings
import zlib

import pytest
from trees import check_tree

from wirestep.decode.contract import Reading, Where
from wirestep.decode.cursor import Cursor
from wirestep.model import Address, Field, Record, Side, Source, Value
from wirestep.protocols.tls.exchange import key_exchange
from wirestep.protocols.tls.handshake import HandshakeDecoder
from wirestep.protocols.tls.names import SUITES

C, S = Side.CLIENT, Side.SERVER
EMPTY = b"\x30\x00"
"""A certificate that says nothing."""


def vector(data: bytes, width: int) -> bytes:
    return len(data).to_bytes(width, "big") + data


def extension(kind: int, data: bytes) -> bytes:
    return struct.pack("!H", kind) + vector(data, 2)


def message(kind: int, body: bytes) -> bytes:
    return bytes((kind,)) + vector(body, 3)


def client_hello(extensions: bytes) -> bytes:
    body = b"\x03\x03" + bytes(range(0x21, 0x41)) + vector(bytes(range(0xC1, 0xE1)), 1)
    body += vector(bytes.fromhex("2a2a13021303c02c009f"), 2) + b"\x01\x00"
    return message(1, body + vector(extensions, 2))


def server_hello(suite: int, extensions: bytes = b"", version: int = 0x0303) -> bytes:
    body = struct.pack("!H", version) + bytes(range(0x61, 0x81)) + b"\0"
    return message(2, body + struct.pack("!HB", suite, 0) + vector(extensions, 2))


TLS_13 = extension(43, b"\x03\x04")
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def read(decoder: HandshakeDecoder, data: bytes, side: Side = S) -> tuple[Reading, Field]:
    place = Where(side, Record(0, 0, b"", 0), Address("192.0.2.1", 9), Address("192.0.2.2", 443))
    cursor = Cursor(Source("message", data))
    reading = decoder.decode(cursor, place)
    root = cursor.finish("tls.handshake")
    check_tree(root, data)
    return reading, root


def values(root: Field, name: str) -> list[Value]:
    return [field.value for field in root.walk() if field.name == name]


def notes(root: Field) -> list[str]:
    return [note.text for field in root.walk() for note in field.notes]


def after(hello: bytes) -> HandshakeDecoder:
    decoder = HandshakeDecoder()
    read(decoder, hello)
    return decoder


def modern() -> HandshakeDecoder:
    return after(server_hello(0x1302, TLS_13))


def test_messages_of_tls_1_3() -> None:
    decoder = modern()
    reading, root = read(decoder, message(24, b"\x01"))
    assert reading.summary == "Key Update"
    assert values(root, "tls.handshake.key_update.request_update") == [1]
    filters = vector(vector(bytes.fromhex("551d25"), 1) + vector(bytes(range(7)), 2), 2)
    block = extension(13, vector(bytes.fromhex("08050403"), 2)) + extension(48, filters)
    reading, root = read(decoder, message(13, vector(b"context", 1) + vector(block, 2)))
    assert reading.summary == "Certificate Request"
    assert values(root, "tls.handshake.certificate_request_context") == [b"context"]
    assert values(root, "tls.handshake.sig_hash_alg") == [0x0805, 0x0403]
    assert values(root, "tls.extension.oid_filters.oid") == [bytes.fromhex("551d25")]
    assert values(root, "tls.extension.oid_filters.values") == [bytes(range(7))]
    assert notes(root) == []
    reading, root = read(decoder, message(5, b""), C)
    assert reading.summary == "End of Early Data"
    assert reading.label == "TLSv1.3"


def test_a_certificate_entry_with_extensions() -> None:
    status = extension(5, b"\x01" + vector(b"a response", 3))
    credential = extension(
        34,
        struct.pack("!I", 604_799)
        + b"\x04\x03"
        + vector(b"a public key", 3)
        + b"\x08\x05"
        + vector(b"a signature", 2),
    )
    entry = vector(EMPTY, 3) + vector(status + credential, 2)
    _, root = read(modern(), message(11, b"\0" + vector(entry, 3)))
    assert values(root, "tls.handshake.certificate") == [EMPTY]
    assert values(root, "tls.handshake.certificate.subject") == []
    assert values(root, "tls.handshake.ocsp_response") == [b"a response"]
    assert values(root, "tls.handshake.cred.valid_time") == [604_799]
    assert values(root, "tls.handshake.cred.pubkey") == [b"a public key"]
    assert values(root, "tls.handshake.cred.signature") == [b"a signature"]
    assert values(root, "tls.handshake.sig_hash_alg") == [0x0403, 0x0805]
    assert notes(root) == []


def test_a_compressed_certificate() -> None:
    plain = b"\0" + vector(vector(EMPTY, 3) + vector(b"", 2), 3)
    packed = zlib.compress(plain)
    body = struct.pack("!H", 1) + len(plain).to_bytes(3, "big") + vector(packed, 3)
    _, root = read(modern(), message(25, body))
    assert values(root, "tls.compress_certificate.uncompressed_length") == [len(plain)]
    assert values(root, "tls.handshake.certificate") == [EMPTY]
    assert notes(root) == []
    lying = struct.pack("!H", 1) + b"\0\0\x03" + vector(packed, 3)
    _, root = read(modern(), message(25, lying))
    assert any("other than the announced 3 bytes" in note for note in notes(root))
    broken = struct.pack("!H", 1) + b"\0\0\x03" + vector(b"\xff" * 9, 3)
    _, root = read(modern(), message(25, broken))
    assert any("cannot be inflated" in note for note in notes(root))


def test_a_hello_retry_request() -> None:
    block = TLS_13 + extension(51, b"\x00\x18") + extension(44, vector(b"crumbs", 2))
    block += extension(0xFE0D, b"confirms")
    body = b"\x03\x03" + RETRY + vector(b"", 1) + b"\x13\x02\x00" + vector(block, 2)
    decoder = HandshakeDecoder()
    reading, root = read(decoder, message(2, body))
    assert reading.summary == "Hello Retry Request"
    assert decoder.parameters.retried
    assert values(root, "tls.handshake.extensions_key_share_selected_group") == [24]
    assert values(root, "tls.handshake.extensions.cookie") == [b"crumbs"]
    assert values(root, "tls.ech.confirmation") == [b"confirms"]


def test_an_encrypted_client_hello() -> None:
    """(RFC 9849 section 5)"""
    outer = b"\x00" + struct.pack("!HHB", 1, 3, 0xC7) + vector(b"a key", 2) + vector(b"a hello", 2)
    _, root = read(HandshakeDecoder(), client_hello(extension(0xFE0D, outer)), C)
    assert values(root, "tls.ech.client_hello_type") == [0]
    assert values(root, "tls.ech.hpke.kdf_id") == [1]
    assert values(root, "tls.ech.hpke.aead_id") == [3]
    assert values(root, "tls.ech.config_id") == [0xC7]
    assert values(root, "tls.ech.enc") == [b"a key"]
    assert values(root, "tls.ech.payload") == [b"a hello"]
    inner = extension(0xFE0D, b"\x01") + extension(0xFD00, vector(b"\x00\x0a\x00\x33", 1))
    _, root = read(HandshakeDecoder(), client_hello(inner), C)
    assert values(root, "tls.ech.client_hello_type") == [1]
    assert values(root, "tls.ech.outer_type") == [10, 51]
    assert notes(root) == []


def test_extensions_that_tshark_4_0_does_not_read() -> None:
    block = (
        extension(14, vector(b"\x00\x07\x00\x08", 2) + vector(b"mki", 1))
        + extension(24, b"\x01\x02" + vector(b"\x02\x00", 1))
        + extension(58, b"\x03\x01")
        + extension(0xCA34, vector(vector(b"\x82\xdf\x13", 1) + vector(b"\xd6\x79", 1), 2))
        + extension(47, vector(vector(bytes.fromhex("300e310c300a06035504030c03616263"), 2), 2))
    )
    _, root = read(HandshakeDecoder(), client_hello(block), C)
    assert values(root, "dtls.use_srtp.protection_profile") == [7, 8]
    assert values(root, "dtls.use_srtp.mki") == [b"mki"]
    assert values(root, "tls.token_binding.major") == [1]
    assert values(root, "tls.token_binding.key_parameter") == [2, 0]
    assert values(root, "tls.ticket_request.new_session_count") == [3]
    assert values(root, "tls.ticket_request.resumption_count") == [1]
    assert values(root, "tls.trust_anchor_id") == [b"\x82\xdf\x13", b"\xd6\x79"]
    name = root.find("tls.handshake.dname.der")
    assert name is not None
    assert name.shown == "CN=abc"


def test_a_preferred_address() -> None:
    """(RFC 9000 section 18.2)"""
    address = bytes.fromhex("c0000211 1f90 20010db8000000000000000000000a0b 20fb")
    address += vector(b"\x51\x52\x53\x54", 1) + bytes(range(16))
    block = extension(57, b"\x0d" + vector(address, 1))
    _, root = read(modern(), message(8, vector(block, 2)))
    prefix = "tls.quic.parameter.preferred_address"
    assert values(root, f"{prefix}.ipv4address") == [bytes((192, 0, 2, 17))]
    assert values(root, f"{prefix}.ipv4port") == [8080]
    assert values(root, f"{prefix}.ipv6port") == [8443]
    assert values(root, f"{prefix}.connectionid") == [b"\x51\x52\x53\x54"]
    assert values(root, f"{prefix}.statelessresettoken") == [bytes(range(16))]


def test_a_group_after_a_hint() -> None:
    """DHE_PSK (RFC 4279 section 3)."""
    decoder = after(server_hello(0x0090))
    body = (
        vector(b"a hint", 2) + vector(b"\x0d" * 9, 2) + vector(b"\x05", 2) + vector(b"\x0b" * 9, 2)
    )
    _, root = read(decoder, message(12, body))
    assert values(root, "tls.handshake.hint") == [b"a hint"]
    assert values(root, "tls.handshake.p") == [b"\x0d" * 9]
    assert values(root, "tls.handshake.g") == [b"\x05"]
    assert values(root, "tls.handshake.ys") == [b"\x0b" * 9]
    _, root = read(decoder, message(16, vector(b"me", 2) + vector(b"\x07" * 9, 2)), C)
    assert values(root, "tls.handshake.identity") == [b"me"]
    assert values(root, "tls.handshake.yc") == [b"\x07" * 9]


def test_ssl_3() -> None:
    """No length before the premaster secret, two hashes at the end (RFC 6101 5.6.7 and 5.6.9)."""
    decoder = after(server_hello(0x002F, version=0x0300))
    assert decoder.parameters.label == "SSLv3"
    _, root = read(decoder, message(16, b"\x9c" * 64), C)
    assert values(root, "tls.handshake.epms") == [b"\x9c" * 64]
    _, root = read(decoder, message(20, b"\x01" * 16 + b"\x02" * 20), C)
    assert values(root, "tls.handshake.md5_hash") == [b"\x01" * 16]
    assert values(root, "tls.handshake.sha_hash") == [b"\x02" * 20]


@pytest.mark.parametrize(
    ("suite", "kind"),
    [
        (0xC02F, "ECDHE_RSA"),
        (0x0016, "DHE_RSA"),
        (0x0034, "DH_anon"),
        (0x0003, "RSA_EXPORT"),
        (0x00AE, "PSK"),
        (0xC0AA, "DHE_PSK"),
        (0x1301, ""),
        (None, ""),
    ],
)
def test_the_kind_of_key_exchange(suite: int | None, kind: str) -> None:
    assert key_exchange(suite) == kind


@pytest.mark.parametrize("kind", [0, 10, 13, 16, 18, 34, 41, 43, 44, 51, 57, 0xFE0D, 0xFF01])
@pytest.mark.parametrize("data", [b"\x7f", b"\xff" * 6, b"\x00\x09\x00"])
def test_a_broken_extension_does_not_take_the_others_along(kind: int, data: bytes) -> None:
    block = extension(kind, data) + extension(28, b"\x40\x01")
    _, root = read(HandshakeDecoder(), client_hello(block), C)
    assert values(root, "tls.record_size_limit") == [0x4001]
    assert notes(root) or root.find("unread")


def test_an_extension_longer_than_its_block() -> None:
    block = extension(16, vector(vector(b"h2", 1), 2)) + b"\x00\x2b\x00\x99\x01"
    _, root = read(HandshakeDecoder(), client_hello(block), C)
    assert values(root, "tls.handshake.extensions_alpn_str") == ["h2"]
    assert values(root, "tls.handshake.extension.data") == [b"\x01"]
    assert any("153 bytes are announced" in note for note in notes(root))


def test_a_list_shorter_than_its_extension() -> None:
    _, root = read(HandshakeDecoder(), client_hello(extension(10, b"\0\0\0\x1d")), C)
    assert values(root, "unread") == [b"\0\x1d"]
    assert any("2 bytes at the end" in note for note in notes(root))


def test_an_extension_that_comes_twice() -> None:
    _, root = read(HandshakeDecoder(), client_hello(extension(23, b"") * 2), C)
    assert any("came before" in note for note in notes(root))


def test_scapy_reads_the_same_hello() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from scapy.layers.tls.handshake import TLSClientHello
    block = (
        extension(0, vector(b"\x00" + vector(b"host.example", 2), 2))
        + extension(10, vector(bytes.fromhex("001e0018"), 2))
        + extension(11, vector(b"\x00\x01", 1))
        + extension(13, vector(bytes.fromhex("04030805"), 2))
        + extension(16, vector(vector(b"h2", 1) + vector(b"http/1.1", 1), 2))
        + extension(43, vector(bytes.fromhex("03040303"), 1))
        + extension(28, b"\x40\x01")
    )
    data = client_hello(block)
    _, root = read(HandshakeDecoder(), data, C)
    theirs = TLSClientHello(data)
    assert values(root, "tls.handshake.type") == [theirs.msgtype]
    assert values(root, "tls.handshake.length") == [theirs.msglen]
    assert values(root, "tls.handshake.version") == [theirs.version]
    assert values(root, "tls.handshake.random_time") == [theirs.gmt_unix_time * 10**9]
    assert values(root, "tls.handshake.random_bytes") == [theirs.random_bytes]
    assert values(root, "tls.handshake.session_id") == [theirs.sid]
    assert values(root, "tls.handshake.ciphersuite") == theirs.ciphers
    assert values(root, "tls.handshake.comp_method") == theirs.comp
    assert values(root, "tls.handshake.extension.type") == [ext.type for ext in theirs.ext]
    assert values(root, "tls.handshake.extension.len") == [ext.len for ext in theirs.ext]
    assert values(root, "tls.handshake.extensions_supported_group") == theirs.ext[1].groups
    assert values(root, "tls.handshake.extensions_ec_point_format") == theirs.ext[2].ecpl
    assert values(root, "tls.handshake.sig_hash_alg") == theirs.ext[3].sig_algs
    protocols = [one.protocol.decode() for one in theirs.ext[4].protocols]
    assert values(root, "tls.handshake.extensions_alpn_str") == protocols
    assert values(root, "tls.handshake.extensions.supported_version") == theirs.ext[5].versions


def test_scapy_names_the_same_suites() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from scapy.layers.tls.crypto.suites import _tls_cipher_suites as theirs
    other = {
        number: (name, SUITES.get(number))
        for number, name in theirs.items()
        if number < 0x10000 and SUITES.get(number) != name
    }
    # scapy marks drafts as old and spells four names otherwise than IANA
    assert set(other) == {0x26, 0x29, 0xC0AA, 0xC0AB, 0xCC13, 0xCC14, 0xCC15}


def test_an_endless_message_is_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its certificates would be a field of three bytes."""
    monkeypatch.setattr("wirestep.protocols.tls.handshake.MAX_BODY", 900)
    body = b"\0" + vector(bytes(999), 3)
    reading, root = read(modern(), message(11, body))
    assert reading.summary == "Certificate"
    assert values(root, "tls.handshake.data") == [body]
    assert notes(root)
