"""Certificates byte by byte, against another reader of them and against tshark."""

from __future__ import annotations

import datetime
import ipaddress
import random
import shutil
import subprocess
from functools import cache

import pytest
from byte_coverage import FOLDER
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from trees import check_tree

from wirestep.capture import Capture, load, open_capture
from wirestep.decode.cursor import Broken, Cursor
from wirestep.decode.secrets import Secrets
from wirestep.model import Field, Source, Value
from wirestep.protocols import REGISTRY
from wirestep.protocols.tls.x509 import signed
from wirestep.protocols.tls.x509_extensions import extensions
from wirestep.session.decoding import decoded

KEYS = {
    "rsa": lambda: rsa.generate_private_key(65537, 1024),
    "ecdsa": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
SAME_AS_TSHARK = (
    "x509af.serialNumber",
    "x509af.algorithm.id",
    "x509af.version",
    "x509if.oid",
    "x509sat.uTF8String",
    "x509sat.printableString",
    "x509af.extension.id",
    "x509ce.dNSName",
    "x509ce.SubjectKeyIdentifier",
    "x509ce.keyIdentifier",
    "pkcs1.namedCurve",
    "x509af.encrypted",
)


def tree(data: bytes) -> Field:
    cursor = Cursor(Source("certificate", data))
    signed(cursor, extensions)
    return cursor.finish("certificate")


def secrets_of(capture: Capture) -> Secrets:
    found = Secrets()
    found.add(capture.secrets)
    return found


def values(root: Field, name: str) -> list[Value]:
    return [field.value for field in root.walk() if field.name == name]


@cache
def made(kind: str) -> bytes:
    key = KEYS[kind]()
    who = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Beispiel \u00fc\x1b[31m"),
            x509.NameAttribute(NameOID.COMMON_NAME, "host.example"),
        ]
    )
    start = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    builder = (
        x509.CertificateBuilder(who, who, key.public_key(), 0x1234567890)
        .not_valid_before(start)
        .not_valid_after(start.replace(year=2055))
        .add_extension(x509.BasicConstraints(True, 3), True)
        .add_extension(
            x509.KeyUsage(True, False, False, False, True, True, False, False, True), True
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.DNSName("host.example"),
                    x509.IPAddress(ipaddress.ip_address("192.0.2.1")),
                    x509.IPAddress(ipaddress.ip_address("2001:db8::1")),
                    x509.RFC822Name("who@host.example"),
                    x509.UniformResourceIdentifier("https://host.example/"),
                    x509.DirectoryName(who),
                ]
            ),
            False,
        )
        .add_extension(x509.SubjectKeyIdentifier(b"k" * 20), False)
        .add_extension(
            x509.AuthorityKeyIdentifier(b"a" * 20, [x509.DNSName("ca.example")], 77), False
        )
        .add_extension(
            x509.CRLDistributionPoints(
                [
                    x509.DistributionPoint(
                        [x509.UniformResourceIdentifier("http://ca.example/crl")], None, None, None
                    )
                ]
            ),
            False,
        )
        .add_extension(
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.OCSP,
                        x509.UniformResourceIdentifier("http://ca.example/ocsp"),
                    )
                ]
            ),
            False,
        )
        .add_extension(
            x509.CertificatePolicies(
                [x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), ["cps text"])]
            ),
            False,
        )
        .add_extension(x509.TLSFeature([x509.TLSFeatureType.status_request]), False)
        .add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"anything"), False
        )
    )
    hashed = None if kind == "ed25519" else hashes.SHA256()
    return builder.sign(key, hashed).public_bytes(Encoding.DER)


@pytest.mark.parametrize("kind", KEYS)
def test_a_certificate_says_what_another_reader_reads(kind: str) -> None:
    data = made(kind)
    other, root = x509.load_der_x509_certificate(data), tree(data)
    check_tree(root, data)
    assert not [note for field in root.walk() for note in field.notes]
    [serial] = values(root, "x509af.serialNumber")
    assert isinstance(serial, bytes)
    assert int.from_bytes(serial, "big") == other.serial_number
    assert values(root, "x509af.version") == [2]
    moments = [other.not_valid_before_utc, other.not_valid_after_utc]
    assert values(root, "x509af.notBefore") + values(root, "x509af.notAfter") == [
        int(moment.timestamp()) * 10**9 for moment in moments
    ]
    assert values(root, "x509af.extension.id") == [
        extension.oid.dotted_string for extension in other.extensions
    ]
    assert values(root, "x509af.critical") == [1, 1]
    assert values(root, "x509af.encrypted") == [other.signature]
    assert values(root, "x509af.algorithm.id")[0] == other.signature_algorithm_oid.dotted_string
    names = other.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert values(root, "x509ce.dNSName")[0] in names.get_values_for_type(x509.DNSName)
    addresses = [field.shown for field in root.walk() if field.name == "x509ce.iPAddress"]
    assert addresses == ["192.0.2.1", "2001:db8::1"]
    assert values(root, "x509ce.rfc822Name") == ["who@host.example"]
    assert values(root, "x509ce.cA") == [1]
    assert values(root, "x509ce.pathLenConstraint") == [3]
    assert values(root, "x509ce.KeyUsage.keyCertSign") == [1]
    assert values(root, "x509ce.KeyUsage.keyEncipherment") == [0]
    assert values(root, "x509ce.KeyUsage.decipherOnly") == [1]
    assert values(root, "x509ce.KeyPurposeId") == ["1.3.6.1.5.5.7.3.1"]
    assert values(root, "x509ce.SubjectKeyIdentifier") == [b"k" * 20]
    assert values(root, "x509ce.keyIdentifier") == [b"a" * 20]
    assert values(root, "x509ce.authorityCertSerialNumber") == [b"\x4d"]
    links = values(root, "x509ce.uniformResourceIdentifier")
    assert links[-2:] == ["http://ca.example/crl", "http://ca.example/ocsp"]
    assert values(root, "x509ce.policyIdentifier") == ["2.23.140.1.2.1"]
    assert values(root, "x509ce.Features") == [5]
    assert values(root, "x509af.extension.data") == [b"anything"]
    assert other.subject.rfc4514_string().split(",")[0] == "CN=host.example"
    subject = root.find("x509af.subject")
    assert subject is not None
    assert subject.shown.endswith("CN=host.example")


def test_an_rsa_key_is_two_numbers() -> None:
    data = made("rsa")
    key = x509.load_der_x509_certificate(data).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    [modulus] = values(tree(data), "pkcs1.modulus")
    assert isinstance(modulus, bytes)
    assert int.from_bytes(modulus, "big") == key.public_numbers().n
    assert values(tree(data), "pkcs1.publicExponent") == [b"\x01\x00\x01"]


def test_damage_ends_an_element_and_never_the_program() -> None:
    chance = random.Random(7)
    data = made("ecdsa")
    for _ in range(400):
        broken = bytearray(data[: chance.randrange(1, len(data) + 1)])
        for _ in range(chance.randrange(4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        cursor = Cursor(Source("certificate", bytes(broken)))
        try:
            signed(cursor, extensions)
        except Broken:
            continue  # the engine says so, and shows what was read
        check_tree(cursor.finish("certificate"), bytes(broken))


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("name", ["tls12-full", "tls13-full"])
def test_the_same_as_tshark(name: str) -> None:
    path = FOLDER / f"{name}.pcapng"
    wanted = [part for field in SAME_AS_TSHARK for part in ("-e", field)]
    command = ["tshark", "-r", str(path), "-Y", "tls.handshake.type == 11", "-Tfields", *wanted]
    theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    capture = open_capture(str(path))
    for _ in load(capture):
        pass
    mine: dict[str, list[str]] = {field: [] for field in SAME_AS_TSHARK}
    for frame in decoded(capture, REGISTRY, names=SAME_AS_TSHARK, secrets=secrets_of(capture)):
        for message in frame.messages:
            for field, value, _ in message.values:
                mine[field].append(REGISTRY.info(field).plain(value))
    capture.close()
    cells = theirs.rstrip("\n").split("\t")
    said = {field: cell.split(",") for field, cell in zip(SAME_AS_TSHARK, cells, strict=True)}
    assert {field: mine[field] for field in SAME_AS_TSHARK if mine[field]} == {
        field: cell for field, cell in said.items() if cell != [""]
    }
