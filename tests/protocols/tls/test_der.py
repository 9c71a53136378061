"""Facts of certificates, against what openssl says of them."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wirestep.protocols.tls.der import Certificate, certificate, distinguished_name, item
from wirestep.protocols.tls.der import object_identifier as dotted


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_says_the_same(tmp_path: Path) -> None:
    subject = "/C=CH/O=Käse & Söhne/OU=Löcher/CN=host.example/emailAddress=a@host.example"
    command = ["openssl", "req", "-x509", "-nodes", "-newkey", "ed25519", "-days", "9000"]
    command += ["-utf8", "-subj", subject, "-keyout", "key", "-out", "cert"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    asked = ["-serial", "-dates", "-subject", "-nameopt", "utf8,sep_comma_plus_space"]
    told = subprocess.run(
        ["openssl", "x509", "-in", "cert", "-noout", *asked],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = dict(line.split("=", 1) for line in told.stdout.splitlines())
    mine = certificate(ssl.PEM_cert_to_DER_cert((tmp_path / "cert").read_text()))
    assert mine.serial.lstrip("0") == lines["serial"].lower().lstrip("0")
    assert mine.subject == mine.issuer == lines["subject"]
    for value, name in ((mine.not_before, "notBefore"), (mine.not_after, "notAfter")):
        when = datetime.strptime(lines[name], "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
        assert value == int(when.timestamp()) * 10**9


@pytest.mark.parametrize(
    ("data", "text"),
    [("550403", "2.5.4.3"), ("2a864886f70d01010b", "1.2.840.113549.1.1.11"), ("883703", "2.999.3")],
)
def test_object_identifiers(data: str, text: str) -> None:
    """(X.690 section 8.19)"""
    assert dotted(bytes.fromhex(data)) == text


def test_an_attribute_without_a_name() -> None:
    data = bytes.fromhex("300e310c300a0603882737 0c03616263".replace(" ", ""))
    assert distinguished_name(data).endswith("=abc")


@pytest.mark.parametrize(
    "data", ["", "30", "3080", "3085ffffffffff", "30030201", "3003020101", "30820010" + "ff" * 16]
)
def test_what_is_no_certificate(data: str) -> None:
    assert certificate(bytes.fromhex(data)) == Certificate()


def test_lengths() -> None:
    assert item(bytes.fromhex("048180") + bytes(128), 0) == (4, bytes(128), 131)
    assert item(bytes.fromhex("048180") + bytes(127), 0) is None
