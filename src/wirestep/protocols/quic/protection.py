"""Keys: from a secret to bytes in the clear (RFC 9001 section 5, RFC 9369 section 3.3)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .names import V2

SAMPLE = 16
"""Bytes of the payload that the header's mask is made of (RFC 9001 section 5.4.2)."""
TAG = 16
_DRAFT_29_SALT = bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")
_DRAFT_23_SALT = bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502")
_V1_SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_V2_SALT = bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")
_RETRY = {
    "v1": ("be0c690b9f66575a1d766b54e368c84e", "461599d35d632bf2239825bb"),
    "v2": ("8fb4b01b56ac48e260fbcbcead7ccc92", "d86969bc2d7c6d9990efb04a"),
    "29": ("ccce187ed09a09d05728155a6cb96be1", "e54930f97f2136f0530a8c1c"),
}
"""Key and nonce of a Retry's integrity tag (RFC 9001 section 5.8, RFC 9369 section 3.3.3)."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher suite of TLS 1.3 (RFC 8446 appendix B.4)."""

    hash: str
    key: int
    """Bytes of a key."""
    cipher: str


SUITES = {
    0x1301: Suite("sha256", 16, "AESGCM"),
    0x1302: Suite("sha384", 32, "AESGCM"),
    0x1303: Suite("sha256", 32, "ChaCha20Poly1305"),
    0x1304: Suite("sha256", 16, "AESCCM"),
}
"""All that QUIC allows (RFC 9001 section 5.3)."""
BY_LENGTH = {32: (0x1301, 0x1303, 0x1304), 48: (0x1302,)}
"""Suites that a secret of so many bytes may be for."""


def expand(secret: bytes, label: str, length: int, algorithm: str) -> bytes:
    """HKDF-Expand-Label with no context (RFC 8446 section 7.1, RFC 5869 section 2.3)."""
    name = b"tls13 " + label.encode()
    info = length.to_bytes(2, "big") + bytes((len(name),)) + name + b"\0"
    block, out, counter = b"", b"", 0
    while len(out) < length:
        counter += 1
        block = hmac.digest(secret, block + info + bytes((counter,)), algorithm)
        out += block
    return out[:length]


@dataclass(eq=False)
class Keys:
    """What opens the packets of one direction at one level of encryption."""

    secret: bytes
    suite: Suite
    version: int
    hp: bytes = b""
    """The header's key, which stays the same when the others are updated."""
    iv: int = field(init=False)
    _open: Callable[[bytes, bytes, bytes], bytes] = field(init=False, repr=False)
    _mask: Callable[[bytes], bytes] = field(init=False, repr=False)
    _wrong: type[Exception] = field(init=False, repr=False)
    """What the cipher raises where a tag does not fit."""

    def __post_init__(self) -> None:
        suite = self.suite
        self.iv = int.from_bytes(self._derive("iv", 12), "big")
        self.hp = self.hp or self._derive("hp", suite.key)
        self._open = _aead(suite, self._derive("key", suite.key)).decrypt
        self._mask = _masking(suite, self.hp)
        self._wrong = _invalid_tag()

    def _derive(self, label: str, length: int) -> bytes:
        prefix = "quicv2" if self.version == V2 else "quic"
        return expand(self.secret, f"{prefix} {label}", length, self.suite.hash)

    def mask(self, sample: bytes) -> bytes:
        """At least five bytes that lie over the header (RFC 9001 section 5.4)."""
        return self._mask(sample)

    def open(self, header: bytes, body: bytes, number: int) -> bytes | None:
        """The payload in the clear, or None where the key or the bytes are not right."""
        try:
            return self._open((self.iv ^ number).to_bytes(12, "big"), body, header)
        except self._wrong:
            return None

    def following(self) -> Keys:
        """The keys after the next update (RFC 9001 section 6.1)."""
        secret = self._derive("ku", len(self.secret))
        return Keys(secret, self.suite, self.version, self.hp)


def _aead(suite: Suite, key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers import aead

    return getattr(aead, suite.cipher)(key)


def _invalid_tag() -> type[Exception]:
    from cryptography.exceptions import InvalidTag

    return InvalidTag


def _masking(suite: Suite, key: bytes) -> Callable[[bytes], bytes]:
    """(RFC 9001 sections 5.4.3 and 5.4.4)"""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    if suite.cipher != "ChaCha20Poly1305":
        return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update

    def mask(sample: bytes) -> bytes:
        return Cipher(algorithms.ChaCha20(key, sample), None).encryptor().update(bytes(5))

    return mask


def initial(dcid: bytes, version: int) -> tuple[Keys, Keys]:
    """Keys of the client's and the server's Initial packets (RFC 9001 section 5.2)."""
    salt = _V1_SALT
    if version == V2:
        salt = _V2_SALT
    elif 0xFF00001D <= version <= 0xFF000020:
        salt = _DRAFT_29_SALT
    elif 0xFF000017 <= version < 0xFF00001D:
        salt = _DRAFT_23_SALT
    common = hmac.digest(salt, dcid, "sha256")
    suite = SUITES[0x1301]
    client, server = (expand(common, f"{who} in", 32, "sha256") for who in ("client", "server"))
    return Keys(client, suite, version), Keys(server, suite, version)


def retry_tag(packet: bytes, original: bytes, version: int) -> bytes | None:
    """The tag that a Retry should end with (RFC 9001 section 5.8); None for an old draft.

    `packet` is the Retry without its tag, `original` the connection ID that it answers.
    """
    which = "v2" if version == V2 else "v1"
    if 0xFF000017 <= version <= 0xFF000020:
        if version < 0xFF00001D:
            return None
        which = "29"
    key, nonce = map(bytes.fromhex, _RETRY[which])
    pseudo = bytes((len(original),)) + original + packet
    tag: bytes = _aead(SUITES[0x1301], key).encrypt(nonce, b"", pseudo)
    return tag


def recovered(truncated: int, size: int, largest: int) -> int:
    """A packet number from its last `size` bytes (RFC 9000 appendix A.3)."""
    window = 1 << 8 * size
    expected = largest + 1
    number = expected & -window | truncated
    if number <= expected - window // 2 and number < (1 << 62) - window:
        return number + window
    if number > expected + window // 2 and number >= window:
        return number - window
    return number
