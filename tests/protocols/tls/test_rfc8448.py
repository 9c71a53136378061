"""The messages of RFC 8448 (sections 3 and 4), read value by value."""

from __future__ import annotations

from collections.abc import Iterator

from frames import tcp_records
from trees import check_tree

from wirestep.decode.contract import Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Address, Field, Message, Record, Side, Source, Value
from wirestep.protocols import REGISTRY
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
KEYLOG = b"""
CLIENT_HANDSHAKE_TRAFFIC_SECRET %(who)s b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21
SERVER_HANDSHAKE_TRAFFIC_SECRET %(who)s b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38
CLIENT_TRAFFIC_SECRET_0 %(who)s 9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5
SERVER_TRAFFIC_SECRET_0 %(who)s a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643
""" % {b"who": HELLO[6:38].hex().encode()}  # noqa: E501
FLIGHT = bytes.fromhex(
    "17030302a2d1ff334a56f5bff6594a07cc87b580233f500f45e489e7f33af35edf7869fcf40aa40aa2b8ea73"
    "f848a7ca07612ef9f945cb960b4068905123ea78b111b429ba9191cd05d2a389280f526134aadc7fc78c4b72"
    "9df828b5ecf7b13bd9aefb0e57f271585b8ea9bb355c7c79020716cfb9b1183ef3ab20e37d57a6b9d7477609"
    "aee6e122a4cf51427325250c7d0e509289444c9b3a648f1d71035d2ed65b0e3cdd0cbae8bf2d0b227812cbb3"
    "60987255cc744110c453baa4fcd610928d809810e4b7ed1a8fd991f06aa6248204797e36a6a73b70a2559c09"
    "ead686945ba246ab66e5edd8044b4c6de3fcf2a89441ac66272fd8fb330ef8190579b3684596c960bd596eea"
    "520a56a8d650f563aad27409960dca63d3e688611ea5e22f4415cf9538d51a200c27034272968a264ed6540c"
    "84838d89f72c24461aad6d26f59ecaba9acbbb317b66d902f4f292a36ac1b639c637ce343117b65962224531"
    "7b49eeda0c6258f100d7d961ffb138647e92ea330faeea6dfa31c7a84dc3bd7e1b7a6c7178af36879018e3f2"
    "52107f243d243dc7339d5684c8b0378bf30244da8c87c843f5e56eb4c5e8280a2b48052cf93b16499a66db7c"
    "ca71e4599426f7d461e66f99882bd89fc50800becca62d6c74116dbd2972fda1fa80f85df881edbe5a376689"
    "36b335583b599186dc5c6918a396fa48a181d6b6fa4f9d62d513afbb992f2b992f67f8afe67f76913fa388cb"
    "5630c8ca01e0c65d11c66a1e2ac4c85977b7c7a6999bbf10dc35ae69f5515614636c0b9b68c19ed2e31c0b3b"
    "66763038ebba42f3b38edc0399f3a9f23faa63978c317fc9fa66a73f60f0504de93b5b845e275592c12335ee"
    "340bbc4fddd502784016e4b3be7ef04dda49f4b440a30cb5d2af939828fd4ae3794e44f94df5a631ede42c17"
    "19bfdabf0253fe5175be898e750edc53370d2b"
)
CLIENT_FINISHED = bytes.fromhex(
    "170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc46de"
    "b384bd1caeacab6867d726c40546"
)
SEALED_TICKET = bytes.fromhex(
    "17030300de3a6b8f90414a97d6959c3487680de5134a2b240e6cffac116e95d41d6af8f6b580dcf3d11d63c7"
    "58db289a015940252f55713e061dc13e078891a38efbcf5753ad8ef170ad3c7353d16d9da773b9ca7f2b9fa1"
    "b6c0d4a3d03f75e09c30ba1e62972ac46f75f7b981be63439b2999ce13064615139891d5e4c5b406f16e3fc1"
    "81a77ca475840025db2f0a77f81b5ab05b94c01346755f69232c86519d86cbeeac87aac347d143f9605d64f6"
    "50db4d023e70e952ca49fe5137121c74bc2697687e248746d6df353005f3bce18696129c8153556b3b6c6779"
    "b37bf15985684f"
)
CLIENT_DATA = bytes.fromhex(
    "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a"
    "20441e2b62974e1f5a6292a2977014bd1e3deae63aeebb21694915e4"
)
SERVER_DATA = bytes.fromhex(
    "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb"
    "501a59a8fcc49c4bf2e5f0a21c0047c2abf332540dd032e167c2955d"
)
CLIENT_END = bytes.fromhex("1703030013c9872760655666b74d7ff1153efd6db6d0b0e3")
SERVER_END = bytes.fromhex("1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9")


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


# records


def clear(message: bytes, version: int) -> bytes:
    return b"\x16" + version.to_bytes(2, "big") + len(message).to_bytes(2, "big") + message


def trace() -> list[Message]:
    """The whole of section 3, on a wire."""
    turns = [
        (C, clear(HELLO, 0x0301)),
        (S, clear(SERVER_HELLO, 0x0303) + FLIGHT),
        (C, CLIENT_FINISHED),
        (S, SEALED_TICKET),
        (C, CLIENT_DATA),
        (S, SERVER_DATA),
        (C, CLIENT_END),
        (S, SERVER_END),
    ]
    engine = Engine(REGISTRY, Secrets(KEYLOG))
    return [
        message for record in tcp_records(turns, 443) for message in engine.feed(record, full=True)
    ]


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
