"""Certificates of the lab: believed by OpenSSL and by cryptography's own verifier, or not."""

from __future__ import annotations

import datetime
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from wirestep.exchange.certificates import Authority, Identity, KeyKind, authority, self_signed

KINDS: tuple[KeyKind, ...] = ("ed25519", "ec", "rsa")


def root(seed: int = 1, kind: KeyKind = "ed25519") -> Authority:
    return authority(random.Random(seed), kind=kind)


def believed(identity: Identity, trusted: Authority, name: str) -> bool:
    """What cryptography's verifier says of it for this name."""
    verifier = (
        PolicyBuilder()
        .store(Store([trusted.certificate]))
        .time(datetime.datetime(2030, 1, 1))
        .build_server_verifier(x509.DNSName(name))
    )
    try:
        verifier.verify(identity.certificate, [])
    except VerificationError:
        return False
    return True


# Ed25519 is not in that verifier's policy (CA/Browser forum); OpenSSL judges it below.
@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_verifier_of_others_believes_the_right_ones(kind: KeyKind) -> None:
    chance, mine = random.Random(2), root(kind=kind)
    good = mine.identity(["lab.test", "192.0.2.1"], chance, kind)
    assert believed(good, mine, "lab.test")
    assert not believed(good, mine, "other.test")
    assert not believed(good, root(9, kind), "lab.test")
    assert not believed(self_signed(["lab.test"], chance, kind), mine, "lab.test")
    assert not believed(mine.identity(["lab.test"], chance, kind, client=True), mine, "lab.test")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_believes_the_right_ones(tmp_path: Path) -> None:
    chance, mine = random.Random(2), root()
    (tmp_path / "root").write_bytes(mine.pem)

    def verdict(identity: Identity, *options: str) -> str:
        (tmp_path / "leaf").write_bytes(identity.certificate_pem)
        command = ["openssl", "verify", "-x509_strict", "-CAfile", str(tmp_path / "root"), *options]
        done = subprocess.run(
            [*command, str(tmp_path / "leaf")], capture_output=True, text=True, timeout=30
        )
        return done.stdout + done.stderr

    name = ("-verify_hostname", "lab.test")
    good = mine.identity(["lab.test", "192.0.2.1"], chance)
    assert "leaf: OK" in verdict(good, *name, "-purpose", "sslserver")
    assert "leaf: OK" in verdict(good, "-verify_ip", "192.0.2.1")
    assert "ostname mismatch" in verdict(good, "-verify_hostname", "other.test")
    assert "certificate has expired" in verdict(mine.expired(["lab.test"], chance), *name)
    assert "unable to get local issuer" in verdict(root(9).identity(["lab.test"], chance), *name)
    assert "self-signed certificate" in verdict(self_signed(["lab.test"], chance), *name)
    client = mine.identity(["me"], chance, client=True)
    assert "leaf: OK" in verdict(client, "-purpose", "sslclient")
    assert "leaf: OK" not in verdict(client, "-purpose", "sslserver")


def test_the_same_seed_makes_the_same_certificates() -> None:
    first, second = (root(5).identity(["lab.test"], random.Random(6)) for _ in range(2))
    assert first.certificate == second.certificate
    assert first.key_pem == second.key_pem
    assert first.certificate != root(5).identity(["lab.test"], random.Random(7)).certificate


def test_their_size_is_always_the_same() -> None:
    sizes = {
        len(
            root(seed)
            .identity(["lab.test"], random.Random(seed))
            .certificate.public_bytes(Encoding.DER)
        )
        for seed in range(600)
    }
    assert len(sizes) == 1


def test_key_and_certificate_belong_together() -> None:
    for kind in KINDS:
        one = root().identity(["lab.test"], random.Random(3), kind)
        assert one.key.public_key() == one.certificate.public_key()
