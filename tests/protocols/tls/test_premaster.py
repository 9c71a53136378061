"""Old sessions opened with nothing but the server's private key; openssl made them."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import tls_sessions
from frames import tcp_records

from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message
from wirestep.protocols import REGISTRY
from wirestep.protocols.tls.crypto import open_rsa

V = ssl.TLSVersion


def told(version: ssl.TLSVersion, suites: str, pem: bytes) -> list[Message]:
    talk, _ = tls_sessions.talk(tls_sessions.contexts("rsa", suites, version))
    secrets = Secrets()
    secrets.add_key(pem)
    engine = Engine(REGISTRY, secrets)
    records = tcp_records(talk.turns, 443)
    return [message for record in records for message in engine.feed(record, full=True)]


@pytest.mark.parametrize(
    ("version", "suites"),
    [
        (V.TLSv1_2, "AES128-GCM-SHA256"),
        (V.TLSv1_2, "AES256-SHA"),
        (V.TLSv1_1, "AES128-SHA"),
        (V.TLSv1, "AES128-SHA"),
    ],
    ids=["gcm", "cbc", "tls1.1", "tls1.0"],
)
def test_the_private_key_opens_an_rsa_session(version: ssl.TLSVersion, suites: str) -> None:
    messages = told(version, suites, tls_sessions.certificate("rsa").read_bytes())
    spoken = [m.summary for m in messages if m.protocol == "http"]
    assert any("POST /first" in said for said in spoken)
    assert any("200 OK" in said for said in spoken)


@pytest.mark.parametrize("options", [0, ssl.OP_NO_TICKET], ids=["ticket", "id"])
@pytest.mark.parametrize("suites", ["AES128-SHA", "AES128-GCM-SHA256"])
def test_a_session_that_goes_on_is_opened_too(suites: str, options: int) -> None:
    """(RFC 5246 section 7.3, RFC 5077): no key is exchanged anew."""
    pair = tls_sessions.contexts("rsa", suites, V.TLSv1_2, options)
    first, end = tls_sessions.talk(pair)
    second, again = tls_sessions.talk(pair, before=end.session)
    assert again.session_reused
    secrets = Secrets()
    secrets.add_key(tls_sessions.certificate("rsa").read_bytes())
    said = []
    for turns in (second.turns, first.turns, second.turns):
        engine = Engine(REGISTRY, secrets)
        messages = [m for record in tcp_records(turns, 443) for m in engine.feed(record)]
        said.append([m.summary for m in messages if m.protocol == "http"])
    unknown, full, resumed = said
    assert unknown == []  # nobody has seen the session begin yet
    assert full == resumed
    assert any("POST /first" in line for line in resumed)


def test_it_does_not_open_a_session_with_fresh_keys() -> None:
    pem = tls_sessions.certificate("rsa").read_bytes()
    messages = told(V.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256", pem)
    assert not [m for m in messages if m.protocol == "http"]


@pytest.mark.parametrize("pem", [b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"], ids=["none", "cut"])
def test_what_is_no_key_opens_nothing(pem: bytes) -> None:
    assert open_rsa(pem, bytes(256)) is None
    messages = told(V.TLSv1_2, "AES128-GCM-SHA256", pem)
    assert not [m for m in messages if m.protocol == "http"]


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    other = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    messages = told(V.TLSv1_2, "AES128-GCM-SHA256", other)
    assert not [m for m in messages if m.protocol == "http"]
