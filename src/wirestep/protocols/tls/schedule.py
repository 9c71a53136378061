"""From the secrets of a key log to the keys of one direction, and what they open.

Keys never change once made, so that copies of a decoder share them.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import new as new_hash
from typing import NamedTuple
from typing import Protocol as Shape

from wirestep.model import Side

from .ciphers import AEAD, CBC, STREAM, Suite, suite
from .crypto import Open, aead, expand_label, open_cbc, prf, prf_early
from .key_stream import KeyStream

TLS_1_0, TLS_1_1, TLS_1_2 = 0x0301, 0x0302, 0x0303
MASTER = "CLIENT_RANDOM"
"""What a key log calls a master secret."""


class Agreed(NamedTuple):
    """What the keys of a handshake before TLS 1.3 depend on, besides the master secret."""

    client_random: bytes
    server_random: bytes
    suite: int
    version: int
    encrypt_then_mac: bool
    compression: int
    master: bytes = b""
    """Where no key log has it but a private key gave it away."""


class Keys(Shape):
    """Opens the records of one direction."""

    @property
    def name(self) -> str:
        """What the secret behind the keys is called."""
        ...

    @property
    def suite(self) -> Suite:
        """How they are used."""
        ...

    @property
    def front(self) -> int:
        """Bytes of a record's fragment in front of the ciphertext: a nonce, an IV."""
        ...

    @property
    def back(self) -> int:
        """Bytes behind it: a tag or a MAC."""
        ...

    @property
    def start(self) -> bytes:
        """The first record's link to the one before it; b"" where records stand alone."""
        ...

    def open(self, number: int, head: bytes, body: bytes, link: bytes) -> bytes | None:
        """The plain bytes of the record of that sequence number; None where they do not verify."""
        ...

    def link(self, body: bytes, before: bytes | None) -> bytes | None:
        """What the next record needs of this one and of its own link; None: not to be known."""
        ...


@dataclass(frozen=True)
class ModernKeys:
    """Of TLS 1.3 (RFC 8446 sections 5.2 and 5.3)."""

    name: str
    secret: bytes
    suite: Suite
    opened: Open
    vector: int
    front: int = 0
    start: bytes = b""

    @property
    def back(self) -> int:
        """Bytes of a tag."""
        return self.suite.cipher.tag

    def open(self, number: int, head: bytes, body: bytes, link: bytes) -> bytes | None:
        """The nonce is the number, masked; the record's header is authenticated."""
        return self.opened((self.vector ^ number).to_bytes(12, "big"), body, head)

    def link(self, body: bytes, before: bytes | None) -> bytes:
        """Nothing."""
        return b""

    def updated(self) -> ModernKeys:
        """After a KeyUpdate (RFC 8446 section 7.2)."""
        size = new_hash(self.suite.hash).digest_size
        secret = expand_label(self.secret, "traffic upd", size, self.suite.hash)
        front, _, count = self.name.rpartition("_")
        name = f"{front}_{int(count) + 1}" if count.isdigit() else self.name
        return modern_keys(name, secret, self.suite)


@dataclass(frozen=True)
class AeadKeys:
    """Of TLS 1.2 with authenticated encryption (RFC 5246 section 6.2.3.3, RFC 7905)."""

    name: str
    suite: Suite
    opened: Open
    salt: bytes
    start: bytes = b""

    @property
    def front(self) -> int:
        """Bytes of the nonce that the record brings."""
        return self.suite.cipher.explicit

    @property
    def back(self) -> int:
        """Bytes of a tag."""
        return self.suite.cipher.tag

    def open(self, number: int, head: bytes, body: bytes, link: bytes) -> bytes | None:
        """Number, type, version and length of the content are authenticated."""
        count = self.front
        if len(body) < count + self.back:
            return None
        if count:
            nonce = self.salt + body[:count]
        else:
            nonce = (int.from_bytes(self.salt, "big") ^ number).to_bytes(12, "big")
        size = len(body) - count - self.back
        added = number.to_bytes(8, "big") + head[:3] + size.to_bytes(2, "big")
        return self.opened(nonce, body[count:], added)

    def link(self, body: bytes, before: bytes | None) -> bytes:
        """Nothing."""
        return b""


@dataclass(frozen=True)
class MacKeys:
    """With a MAC of its own, in blocks or not encrypted at all (RFC 5246 section 6.2.3)."""

    name: str
    suite: Suite
    key: bytes
    mac: bytes
    start: bytes
    """The first record's IV where none comes with the record: TLS 1.0."""
    first: bool
    """Encrypt, then MAC (RFC 7366)."""

    @property
    def front(self) -> int:
        """Bytes of an IV in the record."""
        return 0 if self.start else self.suite.cipher.block

    @property
    def back(self) -> int:
        """Bytes of a MAC over the ciphertext."""
        return self._size if self.first or not self.suite.cipher.block else 0

    @property
    def _size(self) -> int:
        return new_hash(self.suite.mac).digest_size

    def open(self, number: int, head: bytes, body: bytes, link: bytes) -> bytes | None:
        """Undo what was done; padding and MAC are checked."""
        if not self.suite.cipher.block:
            return self._checked(number, head, body)
        if self.first:
            sealed = self._checked(number, head, body)
            plain = None if sealed is None else self._decrypted(sealed, link)
            return None if plain is None else _unpadded(plain)
        plain = self._decrypted(body, link)
        inner = None if plain is None else _unpadded(plain)
        return None if inner is None else self._checked(number, head, inner)

    def _checked(self, number: int, head: bytes, data: bytes) -> bytes | None:
        return _without_mac(self.suite.mac, self.mac, number.to_bytes(8, "big") + head[:3], data)

    def _decrypted(self, sealed: bytes, link: bytes) -> bytes | None:
        cipher = self.suite.cipher
        if not self.start:
            link, sealed = sealed[: cipher.block], sealed[cipher.block :]
        if len(link) != cipher.block or not sealed or len(sealed) % cipher.block:
            return None
        return open_cbc(cipher.algorithm, self.key, link, sealed)

    def link(self, body: bytes, before: bytes | None) -> bytes:
        """The last block, where the next record's IV is not in that record (RFC 2246 6.2.3.2)."""
        if not self.start:
            return b""
        stop = len(body) - self.back
        return body[max(0, stop - self.suite.cipher.block) : stop]


@dataclass(frozen=True)
class StreamKeys:
    """With a MAC of its own, under a key stream that runs on over the records (RFC 5246 6.2.3.1).

    The link of a record is how many bytes of the stream were used before it.
    """

    name: str
    suite: Suite
    stream: KeyStream
    mac: bytes
    front: int = 0
    back: int = 0
    start: bytes = bytes(8)

    def open(self, number: int, head: bytes, body: bytes, link: bytes) -> bytes | None:
        """The MAC is under the key stream too."""
        plain = self.stream.open(body, int.from_bytes(link, "big"))
        if plain is None:
            return None
        return _without_mac(self.suite.mac, self.mac, number.to_bytes(8, "big") + head[:3], plain)

    def link(self, body: bytes, before: bytes | None) -> bytes | None:
        """So many bytes further on."""
        if before is None:
            return None
        return (int.from_bytes(before, "big") + len(body)).to_bytes(8, "big")


def _without_mac(hash_name: str, key: bytes, front: bytes, data: bytes) -> bytes | None:
    """`data` without the MAC at its end, if that fits; `front`: number, type and version."""
    size = len(data) - new_hash(hash_name).digest_size
    if size < 0:
        return None
    told = hmac.digest(key, front + size.to_bytes(2, "big") + data[:size], hash_name)
    return data[:size] if told == data[size:] else None


def _unpadded(plain: bytes) -> bytes | None:
    """Without the padding, each byte of which says how long it is."""
    count = plain[-1] + 1
    if count > len(plain) or plain[-count:] != plain[-1:] * count:
        return None
    return plain[:-count]


@lru_cache(maxsize=1024)
def modern_keys(name: str, secret: bytes, of: Suite) -> ModernKeys:
    """Key and IV from a traffic secret (RFC 8446 section 7.3)."""
    cipher = of.cipher
    key = expand_label(secret, "key", cipher.key, of.hash)
    vector = int.from_bytes(expand_label(secret, "iv", 12, of.hash), "big")
    return ModernKeys(name, secret, of, aead(cipher.algorithm, key, cipher.tag), vector)


@lru_cache(maxsize=1024)
def old_keys(agreed: Agreed, master: bytes, side: Side) -> Keys | None:
    """One side's share of the key block (RFC 5246 section 6.3); None: not to be opened here."""
    of = suite(agreed.suite)
    if of is None or not TLS_1_0 <= agreed.version <= TLS_1_2:
        return None
    cipher = of.cipher
    chained = cipher.kind == CBC and agreed.version == TLS_1_0
    vector = cipher.block if chained else cipher.salt
    size = new_hash(of.mac).digest_size if of.mac else 0
    block = _block(agreed, of, master, 2 * (size + cipher.key + vector))
    mac, key, start = _shares(block, side, (size, cipher.key, vector))
    if cipher.kind == AEAD:
        if agreed.version != TLS_1_2:
            return None
        return AeadKeys(MASTER, of, aead(cipher.algorithm, key, cipher.tag), start)
    if cipher.kind == STREAM:
        return StreamKeys(MASTER, of, KeyStream(key), mac)
    first = agreed.encrypt_then_mac and cipher.kind == CBC
    return MacKeys(MASTER, of, key, mac, start, first)


def _block(agreed: Agreed, of: Suite, master: bytes, size: int) -> bytes:
    seed = agreed.server_random + agreed.client_random
    if agreed.version < TLS_1_2:
        return prf_early(master, b"key expansion", seed, size)
    return prf(master, b"key expansion", seed, size, of.hash)


def _shares(block: bytes, side: Side, sizes: tuple[int, ...]) -> Iterator[bytes]:
    """Client's and server's parts lie in turn: MAC keys, then keys, then IVs."""
    at = 0
    for size in sizes:
        start = at + size * side
        yield block[start : start + size]
        at += 2 * size
