"""The messages of one handshake in their order, whose hash goes into its keys (RFC 8446 4.4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import new as new_hash

from .ciphers import suite
from .names import HANDSHAKES
from .parameters import CLIENT_HELLO, Parameters

HELLO_REQUEST, TICKET, KEY_UPDATE, MESSAGE_HASH = 0, 4, 24, 254
OUTSIDE = frozenset({HELLO_REQUEST, KEY_UPDATE})
"""Messages that no hash covers (RFC 8446 section 4.4.1, RFC 5246 section 7.4.1.1)."""
FINISHED = 20
MAX_KEPT = 1 << 18
"""Bytes of messages that are kept; a longer handshake has no hash here."""


@dataclass
class Transcript:
    """All messages so far. Nothing in it changes, so that copies share it."""

    messages: tuple[bytes, ...] = ()
    size: int = 0
    whole: bool = False
    """It began with a ClientHello, and nothing is missing since."""
    finished: int = 0
    """Finished messages so far; after two the handshake is over (TLS 1.3)."""

    def lost(self) -> None:
        """Messages are missing: there is no hash before the next handshake."""
        self.messages, self.whole = (), False

    def add(self, message: bytes, parameters: Parameters) -> None:
        """One more message; `parameters` know it already."""
        kind = message[0]
        if kind == CLIENT_HELLO and not (parameters.retried and len(self.messages) == 2):
            self.messages, self.size, self.whole, self.finished = (), 0, True, 0
        if not self.whole or kind in OUTSIDE or (self.finished == 2 and parameters.modern):
            return
        if kind == CLIENT_HELLO and self.messages:
            self.messages = (_hello_hash(self.messages[0], parameters), self.messages[1])
        self.size += len(message)
        if self.size > MAX_KEPT:
            self.lost()
            return
        self.messages += (message,)
        self.finished += kind == FINISHED

    def digest(self, hash_name: str, count: int) -> bytes:
        """Of the first `count` messages; MD5 and SHA-1 side by side for "early"."""
        data = b"".join(self.messages[:count])
        if hash_name == "early":
            return new_hash("md5", data).digest() + new_hash("sha1", data).digest()
        return new_hash(hash_name, data).digest()

    def upto(self, kind: int, which: int = 1) -> int:
        """Messages up to and with the `which`-th of that kind; 0 where it has not come."""
        for place, message in enumerate(self.messages, 1):
            which -= message[0] == kind
            if not which:
                return place
        return 0

    def names(self, count: int) -> str:
        """The first `count` messages, for people."""
        kinds = [message[0] for message in self.messages[:count]]
        said = [HANDSHAKES.get(kind, f"message {kind}") for kind in kinds]
        if kinds[:1] == [MESSAGE_HASH]:
            said[0] = "hash of the first Client Hello"
        return ", ".join(said)


def _hello_hash(hello: bytes, parameters: Parameters) -> bytes:
    """What stands for the first hello after a HelloRetryRequest (RFC 8446 section 4.4.1)."""
    found = suite(parameters.suite if parameters.suite is not None else -1)
    digest = new_hash(found.hash if found is not None else "sha256", hello).digest()
    return bytes((MESSAGE_HASH, 0, 0, len(digest))) + digest
