"""The messages of RFC 8448 (sections 3 and 4), read value by value."""

from __future__ import annotations

from collections.abc import Iterator

from trees import check_tree

from wirestep.decode.contract import Where
from wirestep.decode.cursor import Cursor
from wirestep.model import Address, Field, Record, Side, Source, Value
from wirestep.protocols.tls.handshake import HandshakeDecoder

C, S = Side.CLIENT, Side.SERVER

HELLO = bytes.fromhex(
    "010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7000006130113"
    "031302010000910000000b0009000006736572766572ff01000100000a00140012001d001700180019010001"
    "0101020103010400230000003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae"
    "4d5413691e529aaf2c002b0003020304000d0020001e04030503060302030804080508060401050106010201"
    "0402050206020202002d00020101001c00024001"
)
SERVER_HELLO = bytes.fromhex(
    "020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e"
    "00330024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b0002"
    "0304"
)
EXTENSIONS = bytes.fromhex(
    "080000240022000a00140012001d00170018001901000101010201030104001c0002400100000000"
)
CERTIFICATE = bytes.fromhex(
    "0b0001b9000001b50001b0308201ac30820115a003020102020102300d06092a864886f70d01010b0500300e"
    "310c300a06035504031303727361301e170d3136303733303031323335395a170d3236303733303031323335"
    "395a300e310c300a0603550403130372736130819f300d06092a864886f70d010101050003818d0030818902"
    "818100b4bb498f8279303d980836399b36c6988c0c68de55e1bdb826d3901a2461eafd2de49a91d015abbc9a"
    "95137ace6c1af19eaa6af98c7ced43120998e187a80ee0ccb0524b1b018c3e0b63264d449a6d38e22a5fda43"
    "0846748030530ef0461c8ca9d9efbfae8ea6d1d03e2bd193eff0ab9a8002c47428a6d35a8d88d79f7f1e3f02"
    "03010001a31a301830090603551d1304023000300b0603551d0f0404030205a0300d06092a864886f70d0101"
    "0b05000381810085aad2a0e5b9276b908c65f73a7267170618a54c5f8a7b337d2df7a594365417f2eae8f8a5"
    "8c8f8172f9319cf36b7fd6c55b80f21a03015156726096fd335e5e67f2dbf102702e608ccae6bec1fc63a42a"
    "99be5c3eb7107c3c54e9b9eb2bd5203b1c3b84e0a8b2f759409ba3eac9d91d402dcc0cc8f8961229ac9187b4"
    "2b4de10000"
)
VERIFY = bytes.fromhex(
    "0f000084080400805a747c5d88fa9bd2e55ab085a61015b7211f824cd484145ab3ff52f1fda8477b0b7abc90"
    "db78e2d33a5c141a078653fa6bef780c5ea248eeaaa785c4f394cab6d30bbe8d4859ee511f602957b15411ac"
    "027671459e46445c9ea58c181e818e95b8c3fb0bf3278409d3be152a3da5043e063dda65cdf5aea20d53dfac"
    "d42f74f3"
)
FINISHED = bytes.fromhex("140000209b9b141d906337fbd2cbdce71df4deda4ab42c309572cb7fffee5454b78f0718")
TICKET = bytes.fromhex(
    "040000c90000001efad6aac502000000b22c035d829359ee5ff7af4ec900000000262a6494dc486d2c8a34cb"
    "33fa90bf1b0070ad3c498883c9367c09a2be785abc55cd226097a3a982117283f82a03a143efd3ff5dd36d64"
    "e861be7fd61d2827db279cce145077d454a3664d4e6da4d29ee03725a6a4dafcd0fc67d2aea70529513e3da2"
    "677fa5906c5b3f7d8f92f228bda40dda721470f9fbf297b5aea617646fac5c03272e970727c621a79141ef5f"
    "7de6505e5bfbc388e93343694093934ae4d3570008002a000400000400"
)
RESUMING = bytes.fromhex(
    "010001fc03031bc3ceb6bbe39cff938355b5a50adb6db21b7a6af649d7b4bc419d7876487d95000006130113"
    "031302010001cd0000000b0009000006736572766572ff01000100000a00140012001d001700180019010001"
    "01010201030104003300260024001d0020e4ffb68ac05f8d96c99da26698346c6be16482badddafe051a66b4"
    "f18d668f0b002a0000002b0003020304000d0020001e04030503060302030804080508060401050106010201"
    "0402050206020202002d00020101001c00024001001500570000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000002900dd00b800b22c035d829359ee5ff7af4ec900"
    "000000262a6494dc486d2c8a34cb33fa90bf1b0070ad3c498883c9367c09a2be785abc55cd226097a3a98211"
    "7283f82a03a143efd3ff5dd36d64e861be7fd61d2827db279cce145077d454a3664d4e6da4d29ee03725a6a4"
    "dafcd0fc67d2aea70529513e3da2677fa5906c5b3f7d8f92f228bda40dda721470f9fbf297b5aea617646fac"
    "5c03272e970727c621a79141ef5f7de6505e5bfbc388e93343694093934ae4d357fad6aacb0021203add4fb2"
    "d8fdf822a0ca3cf7678ef5e88dae990141c5924d57bb6fa31b9e5f9d"
)


def read(decoder: HandshakeDecoder, data: bytes, side: Side) -> tuple[str, Field]:
    """One message: its summary and its tree, which must cover it without a remark."""
    place = Where(side, Record(0, 0, b"", 0), Address("192.0.2.1", 9), Address("192.0.2.2", 443))
    assert decoder.measure(memoryview(data), side) == len(data)
    cursor = Cursor(Source("message", data))
    reading = decoder.decode(cursor, place)
    root = cursor.finish("tls.handshake")
    check_tree(root, data)
    assert not [field.notes for field in root.walk() if field.notes]
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
