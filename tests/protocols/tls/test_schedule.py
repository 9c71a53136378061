"""Key derivation by vectors and by other means; what the suites need."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.decrepit.ciphers import algorithms as old
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from wirestep.model import Side
from wirestep.protocols.tls.ciphers import AEAD, CBC, NULL, STREAM, suite
from wirestep.protocols.tls.crypto import expand, expand_label, prf, prf_early
from wirestep.protocols.tls.names import SUITES
from wirestep.protocols.tls.schedule import Agreed, MacKeys, old_keys

SERVER_HANDSHAKE = bytes.fromhex("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38")


def test_keys_of_rfc_8448() -> None:
    assert (
        expand_label(SERVER_HANDSHAKE, "key", 16, "sha256").hex()
        == "3fce516009c21727d0f2e4e86ee403bc"
    )
    assert expand_label(SERVER_HANDSHAKE, "iv", 12, "sha256").hex() == "5d313eb2671276ee13000b30"
    assert (
        expand_label(SERVER_HANDSHAKE, "finished", 32, "sha256").hex()
        == "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8"
    )


@given(st.binary(min_size=32, max_size=48), st.binary(max_size=60), st.integers(1, 200))
def test_expand_is_that_of_cryptography(secret: bytes, info: bytes, size: int) -> None:
    assert expand(secret, info, size, "sha384") == HKDFExpand(hashes.SHA384(), size, info).derive(
        secret
    )


def test_pseudorandom_functions() -> None:
    """The published vector of P_SHA256 for TLS 1.2; and the definition of the older one."""
    made = prf(
        bytes.fromhex("9bbe436ba940f017b17652849a71db35"),
        b"test label",
        bytes.fromhex("a0ba9f936cda311827a6f796ffd5198c"),
        100,
        "sha256",
    )
    assert made.hex().startswith("e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a")
    secret, seed = bytes(range(47)), b"label" + b"seed"
    halves = []
    for part, name in ((secret[:24], "md5"), (secret[23:], "sha1")):
        link, out = seed, b""
        while len(out) < 70:
            link = hmac.new(part, link, getattr(hashlib, name)).digest()
            out += hmac.new(part, link + seed, getattr(hashlib, name)).digest()
        halves.append(out[:70])
    assert prf_early(secret, b"label", b"seed", 70) == bytes(
        a ^ b for a, b in zip(*halves, strict=True)
    )


@pytest.mark.parametrize(
    ("number", "kind", "key", "tag", "hash_name", "mac"),
    [
        (0x1301, AEAD, 16, 16, "sha256", ""),
        (0x1302, AEAD, 32, 16, "sha384", ""),
        (0x1303, AEAD, 32, 16, "sha256", ""),
        (0x1304, AEAD, 16, 16, "sha256", ""),
        (0x1305, AEAD, 16, 8, "sha256", ""),
        (0xC02F, AEAD, 16, 16, "sha256", ""),
        (0x009D, AEAD, 32, 16, "sha384", ""),
        (0xC0AF, AEAD, 32, 8, "sha256", ""),
        (0xCCA9, AEAD, 32, 16, "sha256", ""),
        (0x002F, CBC, 16, 0, "sha256", "sha1"),
        (0xC028, CBC, 32, 0, "sha384", "sha384"),
        (0x003D, CBC, 32, 0, "sha256", "sha256"),
        (0x000A, CBC, 24, 0, "sha256", "sha1"),
        (0x0007, CBC, 16, 0, "sha256", "sha1"),
        (0x0096, CBC, 16, 0, "sha256", "sha1"),
        (0x0001, NULL, 0, 0, "sha256", "md5"),
        (0x0004, STREAM, 16, 0, "sha256", "md5"),
        (0xC011, STREAM, 16, 0, "sha256", "sha1"),
    ],
)
def test_suites(number: int, kind: str, key: int, tag: int, hash_name: str, mac: str) -> None:
    found = suite(number)
    assert found is not None
    assert (found.cipher.kind, found.cipher.key, found.cipher.tag) == (kind, key, tag)
    assert (found.hash, found.mac) == (hash_name, mac)


def test_suites_that_are_none() -> None:
    assert suite(0x0A0A) is None
    assert suite(0x0000) is None
    assert suite(0xFFFF) is None
    opened = [number for number in SUITES if suite(number) is not None]
    assert len(opened) > 100
    for number in opened:
        assert not any(word in SUITES[number] for word in ("RC4_40", "ARIA", "GOST", "SM4"))


@pytest.mark.parametrize(
    ("number", "version"), [(0x000A, 0x0301), (0x0007, 0x0301), (0x0096, 0x0302), (0x0041, 0x0303)]
)
def test_old_block_ciphers(number: int, version: int) -> None:
    """Records sealed by hand; no peer at hand speaks these suites any more."""
    agreed = Agreed(bytes(range(32)), bytes(range(32, 64)), number, version, False, 0)
    keys = old_keys(agreed, bytes(range(48)), Side.SERVER)
    assert isinstance(keys, MacKeys)
    block = keys.suite.cipher.block
    head, text = b"\x17" + version.to_bytes(2, "big"), b"some text that is sealed"
    told = hmac.digest(keys.mac, bytes((0,) * 7 + (5,)) + head + b"\0\x18" + text, "sha1")
    count = block - 1 - (len(text) + len(told)) % block
    plain = text + told + bytes((count,)) * (count + 1)
    made = getattr(old, keys.suite.cipher.algorithm, None)
    start = keys.start or bytes(range(block))
    sealer = Cipher(made(keys.key), modes.CBC(start)).encryptor()
    body = (b"" if keys.start else start) + sealer.update(plain) + sealer.finalize()
    record = head + len(body).to_bytes(2, "big")
    assert keys.open(5, record, body, keys.start) == text
    assert keys.open(6, record, body, keys.start) is None
    assert keys.open(5, record, body[:-1] + b"\0", keys.start) is None
    assert keys.link(body, None) == (body[-block:] if keys.start else b"")
