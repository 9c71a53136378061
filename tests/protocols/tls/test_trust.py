"""What is noted of certificate chains and weak choices, against what openssl says of them."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from wirestep.decode.cursor import Cursor
from wirestep.model import Field, Source
from wirestep.protocols.tls import trust
from wirestep.protocols.tls.certificates import SIGNATURE, certificate
from wirestep.protocols.tls.facts import Facts
from wirestep.protocols.tls.names import SUITES
from wirestep.protocols.tls.parameters import Parameters
from wirestep.protocols.tls.weakness import weaknesses

OPENSSL = shutil.which("openssl")
NEEDS_OPENSSL = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
STOP = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
DURING = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@cache
def key(kind: str, whose: str) -> Key:
    """`whose` makes a key of its own."""
    if kind == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@cache
def made(
    whose: str,
    issuer: str,
    kind: str = "ec",
    issuer_kind: str = "ec",
    names: tuple[str, ...] = (),
    signer: str = "",
) -> bytes:
    """A certificate, signed by the key of `signer`, or of its issuer."""
    signing = key(issuer_kind, signer or issuer)
    builder = (
        x509.CertificateBuilder(name(issuer), name(whose), key(kind, whose).public_key(), 77)
        .not_valid_before(START)
        .not_valid_after(STOP)
        .add_extension(x509.BasicConstraints(not names, None), True)
    )
    if names:
        dns = [x509.DNSName(one) for one in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(dns), False)
    hashed = None if issuer_kind == "ed25519" else hashes.SHA256()
    return builder.sign(signing, hashed).public_bytes(Encoding.DER)


CHAINS: dict[str, tuple[tuple[bytes, ...], str]] = {
    "ecdsa": ((made("leaf", "ca", names=("a.test",)), made("ca", "ca")), trust.VERIFIED),
    "rsa": (
        (
            made("leaf", "ca", "rsa2048", "rsa2048", ("a.test",)),
            made("ca", "ca", "rsa2048", "rsa2048"),
        ),
        trust.VERIFIED,
    ),
    "ed25519": (
        (
            made("leaf", "ca", "ec", "ed25519", ("a.test",)),
            made("ca", "ca", "ed25519", "ed25519"),
        ),
        trust.VERIFIED,
    ),
    "forged": (
        (made("leaf", "ca", names=("a.test",), signer="thief"), made("ca", "ca")),
        trust.FAILED,
    ),
    "stranger": ((made("leaf", "ca", names=("a.test",)), made("no", "no")), trust.STRANGER),
    "alone": ((made("leaf", "ca", names=("a.test",)),), trust.ABSENT),
    "own": ((made("leaf", "leaf", names=("a.test",)),), trust.OWN),
    "own forged": ((made("leaf", "leaf", names=("a.test",), signer="thief"),), trust.OWN_FAILED),
}


def read(chain: tuple[bytes, ...], when: datetime.datetime, server: str) -> Field:
    """The tree of a Certificate message of TLS 1.2."""
    entries = b"".join(len(one).to_bytes(3, "big") + one for one in chain)
    data = len(entries).to_bytes(3, "big") + entries
    cursor = Cursor(Source("message", data))
    use = trust.Use(int(when.timestamp()) * 1_000_000_000, server)
    certificate(cursor, Parameters(version=0x0303), Facts(11, use=use))
    return cursor.finish("tls.handshake")


def notes(root: Field) -> list[str]:
    return [note.text for field in root.walk() for note in field.notes]


def openssl(folder: Path, chain: tuple[bytes, ...], *options: str) -> bool:
    """Whether openssl accepts the first by trusting the last (itself where it is alone)."""
    paths = []
    for place, data in enumerate(chain):
        path = folder / f"{place}.pem"
        path.write_bytes(x509.load_der_x509_certificate(data).public_bytes(Encoding.PEM))
        paths.append(str(path))
    assert OPENSSL is not None
    command = [OPENSSL, "verify", "-check_ss_sig", "-CAfile", paths[-1], *options, paths[0]]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@NEEDS_OPENSSL
@pytest.mark.parametrize("kind", [kind for kind in CHAINS if kind != "alone"])
def test_signatures_verify_where_openssl_says_so(kind: str, tmp_path: Path) -> None:
    chain, expected = CHAINS[kind]
    root = read(chain, DURING, "a.test")
    found = root.find(SIGNATURE)
    assert found is not None
    assert found.value == expected
    good = openssl(tmp_path, chain, "-attime", str(int(DURING.timestamp())))
    assert (expected in (trust.VERIFIED, trust.OWN)) == good


def test_a_chain_without_its_issuer_is_not_judged() -> None:
    root = read(CHAINS["alone"][0], DURING, "a.test")
    found = root.find(SIGNATURE)
    assert found is not None
    assert (found.value, notes(root)) == (trust.ABSENT, [])


def test_a_sound_chain_is_quiet() -> None:
    for kind in ("ecdsa", "rsa", "ed25519"):
        assert notes(read(CHAINS[kind][0], DURING, "a.test")) == []


@NEEDS_OPENSSL
@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (START.timestamp() - 1, "not valid yet"),
        (START.timestamp(), ""),
        (STOP.timestamp() - 1, ""),
        (STOP.timestamp() + 1, "expired"),
    ],
    ids=["before", "first second", "last second", "after"],
)
def test_times_as_openssl_takes_them(seconds: float, said: str, tmp_path: Path) -> None:
    chain = CHAINS["ecdsa"][0]
    when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    told = notes(read(chain, when, ""))
    assert [text for text in told if not said or said not in text] == []
    assert bool(told) == bool(said)
    assert openssl(tmp_path, chain, "-attime", str(int(seconds))) == (not said)


@NEEDS_OPENSSL
@pytest.mark.parametrize(
    ("named", "server"),
    [
        ("a.test", "a.test"),
        ("A.Test", "a.tEST"),
        ("*.a.test", "www.a.test"),
        ("*.a.test", "a.test"),
        ("*.a.test", "b.www.a.test"),
        ("a.test", "www.a.test"),
        ("*.test", "a.b.test"),
    ],
)
def test_names_match_as_openssl_matches_them(named: str, server: str, tmp_path: Path) -> None:
    chain = (made("leaf", "ca", names=(named,)), made("ca", "ca"))
    told = [text for text in notes(read(chain, DURING, server)) if "asked for" in text]
    when = ("-attime", str(int(DURING.timestamp())))
    assert (not told) == openssl(tmp_path, chain, *when, "-verify_hostname", server)


def test_short_keys_and_weak_hashes_are_noted() -> None:
    chain = (made("leaf", "leaf", "rsa1024", "rsa1024", ("a.test",)),)
    told = notes(read(chain, DURING, "a.test"))
    assert [text.split(":")[0] for text in told] == ["self-signed", "an RSA key of 1024 bits"]


@NEEDS_OPENSSL
@pytest.mark.parametrize("hashed", ["md5", "sha1", "sha256"])
def test_hashes_that_can_be_forged(hashed: str, tmp_path: Path) -> None:
    assert OPENSSL is not None
    target = tmp_path / "own.der"
    command = [OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout"]
    command += [str(tmp_path / "key"), f"-{hashed}", "-subj", "/CN=own", "-outform", "DER"]
    subprocess.run([*command, "-out", str(target)], capture_output=True, check=True)
    told = [text for _, text in trust.judged((target.read_bytes(),))[0].notes if "forged" in text]
    assert bool(told) == (hashed != "sha256")


@pytest.mark.parametrize("data", [b"", b"\x30\x03\x02\x01", b"\x30\x80" * 50, b"\xff" * 300])
def test_what_is_no_certificate_is_not_judged(data: bytes) -> None:
    assert trust.judged((data,))[0] == (trust.UNKNOWN, ())
    assert trust.used(data, trust.Use(0, "a.test"), 0) == ()


@NEEDS_OPENSSL
def test_suites_that_openssl_holds_for_weak() -> None:
    """All suites of its strength below 128 bits, and those that authenticate nobody."""
    assert OPENSSL is not None
    by_name = {said: number for number, said in SUITES.items()}

    def listed(which: str) -> set[str]:
        command = [OPENSSL or "", "ciphers", "-stdname", f"{which}:@SECLEVEL=0"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return {line.split()[0] for line in done.stdout.splitlines()} & by_name.keys()

    strong = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
    weak = (listed("LOW:EXPORT:eNULL:aNULL:3DES:RC4") | listed("eNULL")) - strong
    good = listed("HIGH:!aNULL:!3DES") | strong
    assert len(weak) > 5
    assert len(good) > 20
    for said in weak | good:
        found = list(weaknesses(Parameters(version=0x0303, suite=by_name[said])))
        assert bool(found) == (said in weak), said


def test_versions_and_compression() -> None:
    assert list(weaknesses(Parameters(version=0x0303, suite=0xC02F))) == []
    assert list(weaknesses(Parameters(version=0x0304, suite=0x1301))) == []
    for version in (0x0300, 0x0301, 0x0302):
        assert len(list(weaknesses(Parameters(version=version, suite=0xC02F)))) == 1
    assert "length" in next(weaknesses(Parameters(version=0x0303, suite=0xC02F, compression=1)))


def test_a_chain_is_bounded() -> None:
    one, _ = CHAINS["alone"]
    bound = "only the first 16 certificates are checked"
    assert bound not in notes(read(one * 16, DURING, "a.test"))
    root = read(one * 20, DURING, "a.test")
    assert notes(root).count(bound) == 1
    certificates = [field for field in root.walk() if field.name == "tls.handshake.certificate"]
    assert len(certificates) == 20
    assert [field.find(SIGNATURE) is not None for field in certificates] == [True] * 16 + [
        False
    ] * 4
