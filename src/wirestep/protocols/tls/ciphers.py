"""What each cipher suite needs to be opened, by the words of its name (IANA "TLS Parameters")."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from .names import SUITES

AEAD, CBC, NULL, STREAM = "aead", "cbc", "null", "stream"


@dataclass(frozen=True, slots=True)
class Cipher:
    """Sizes in bytes."""

    kind: str
    """One of AEAD, CBC, NULL, STREAM."""
    algorithm: str = ""
    key: int = 0
    salt: int = 0
    """Of the nonce, the part that the key block gives (TLS 1.2)."""
    explicit: int = 0
    """Of the nonce, the part that each record brings (TLS 1.2)."""
    tag: int = 0
    block: int = 0


CIPHERS = {
    "AES_128_GCM": Cipher(AEAD, "AESGCM", 16, 4, 8, 16),
    "AES_256_GCM": Cipher(AEAD, "AESGCM", 32, 4, 8, 16),
    "AES_128_CCM": Cipher(AEAD, "AESCCM", 16, 4, 8, 16),
    "AES_256_CCM": Cipher(AEAD, "AESCCM", 32, 4, 8, 16),
    "AES_128_CCM_8": Cipher(AEAD, "AESCCM", 16, 4, 8, 8),
    "AES_256_CCM_8": Cipher(AEAD, "AESCCM", 32, 4, 8, 8),
    "CHACHA20_POLY1305": Cipher(AEAD, "ChaCha20Poly1305", 32, 12, 0, 16),
    "AES_128_CBC": Cipher(CBC, "AES", 16, block=16),
    "AES_256_CBC": Cipher(CBC, "AES", 32, block=16),
    "CAMELLIA_128_CBC": Cipher(CBC, "Camellia", 16, block=16),
    "CAMELLIA_256_CBC": Cipher(CBC, "Camellia", 32, block=16),
    "SEED_CBC": Cipher(CBC, "SEED", 16, block=16),
    "IDEA_CBC": Cipher(CBC, "IDEA", 16, block=8),
    "3DES_EDE_CBC": Cipher(CBC, "TripleDES", 24, block=8),
    "DES_CBC": Cipher(CBC, "TripleDES", 8, block=8),
    "RC4_128": Cipher(STREAM, "ARC4", 16),
    "NULL": Cipher(NULL),
}
"""RFC 5288, 6655, 7905, 5246 appendix C (RC4: 2246), 5932, 4162, 5469.

TLS 1.3 takes algorithm, key and tag of them, no more.
"""
HASHES = {"MD5": "md5", "SHA": "sha1", "SHA256": "sha256", "SHA384": "sha384"}


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher and its two hashes."""

    cipher: Cipher
    hash: str
    """Of the key schedule, from TLS 1.2 on (RFC 5246 section 5, RFC 8446 section 7.1)."""
    mac: str
    """Of each record; "" where the cipher itself tells."""


@lru_cache(maxsize=1024)
def suite(number: int) -> Suite | None:
    """The suite of that number; None where it cannot be opened here."""
    name = SUITES.get(number, "")
    words = name.partition("_WITH_")[2] or name.removeprefix("TLS_")
    front, _, last = words.rpartition("_")
    if last in HASHES:
        words = front
    cipher = CIPHERS.get(words)
    if cipher is None or (cipher.kind != AEAD and last not in HASHES):
        return None
    schedule = "sha384" if last == "SHA384" else "sha256"
    return Suite(cipher, schedule, "" if cipher.kind == AEAD else HASHES[last])


def is_modern_suite(number: int) -> bool:
    """A suite of TLS 1.3 (RFC 8446 appendix B.4)."""
    return number >> 8 == 0x13
