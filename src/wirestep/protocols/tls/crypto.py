"""The functions that secrets and records go through; the ciphers are those of `cryptography`.

That library is loaded when the first record is opened, for it takes a while.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

Open = Callable[[bytes, bytes, bytes], bytes | None]
"""(nonce, sealed, added) -> the plain bytes, or None where the tag does not fit."""


def expand(secret: bytes, info: bytes, size: int, hash_name: str) -> bytes:
    """HKDF-Expand (RFC 5869 section 2.3)."""
    made, block = b"", b""
    count = 1
    while len(made) < size:
        block = hmac.digest(secret, block + info + bytes((count,)), hash_name)
        made += block
        count += 1
    return made[:size]


def expand_label(
    secret: bytes, label: str, size: int, hash_name: str, context: bytes = b""
) -> bytes:
    """HKDF-Expand-Label (RFC 8446 section 7.1)."""
    name = b"tls13 " + label.encode()
    info = size.to_bytes(2, "big") + bytes((len(name),)) + name
    return expand(secret, info + bytes((len(context),)) + context, size, hash_name)


def prf(secret: bytes, label: bytes, seed: bytes, size: int, hash_name: str) -> bytes:
    """P_hash, the pseudorandom function of TLS 1.2 (RFC 5246 section 5)."""
    seed = label + seed
    made, link = b"", seed
    while len(made) < size:
        link = hmac.digest(secret, link, hash_name)
        made += hmac.digest(secret, link + seed, hash_name)
    return made[:size]


def prf_early(secret: bytes, label: bytes, seed: bytes, size: int) -> bytes:
    """The pseudorandom function of TLS 1.0 and 1.1: half MD5, half SHA-1 (RFC 2246 section 5)."""
    half = (len(secret) + 1) // 2
    one = prf(secret[:half], label, seed, size, "md5")
    other = prf(secret[len(secret) - half :], label, seed, size, "sha1")
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def aead(algorithm: str, key: bytes, tag: int) -> Open:
    """What opens what was sealed with `key` (RFC 5116); made once for many records."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

    cipher: AESCCM | AESGCM | ChaCha20Poly1305
    if algorithm == "AESCCM":
        cipher = AESCCM(key, tag)
    elif algorithm == "AESGCM":
        cipher = AESGCM(key)
    else:
        cipher = ChaCha20Poly1305(key)

    def opened(nonce: bytes, sealed: bytes, added: bytes) -> bytes | None:
        if len(sealed) < tag:
            return None
        try:
            return cipher.decrypt(nonce, sealed, added)
        except InvalidTag:
            return None

    return opened


@lru_cache(maxsize=64)
def _rsa_key(pem: bytes) -> RSAPrivateKey | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, RSAPrivateKey) else None


def is_rsa_key(pem: bytes) -> bool:
    """Whether it is a private key of that kind, without a password."""
    return _rsa_key(pem) is not None


def open_rsa(pem: bytes, sealed: bytes) -> bytes | None:
    """What was encrypted for that key (RFC 8017 section 7.2); None where it surely was not."""
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

    key = _rsa_key(pem)
    if key is None or len(sealed) != key.key_size // 8:
        return None
    try:
        return key.decrypt(sealed, PKCS1v15())
    except ValueError:
        return None


def open_cbc(algorithm: str, key: bytes, start: bytes, data: bytes) -> bytes | None:
    """Blocks as they were before they were chained; `start` is the initialization vector.

    None where the library was built without that cipher.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.decrepit.ciphers import algorithms as old
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    made = getattr(old, algorithm, None) or getattr(algorithms, algorithm)
    try:
        context = Cipher(made(key), modes.CBC(start)).decryptor()
    except UnsupportedAlgorithm:
        return None
    return context.update(data) + context.finalize()
