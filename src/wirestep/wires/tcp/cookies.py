"""The cookies of Fast Open (RFC 7413 section 4.1.2)."""

from __future__ import annotations

from hashlib import blake2s
from hmac import compare_digest

SIZE = 8
_KEY = 16


class Cookies:
    """What a server gives each client address, so that it knows it again. Nothing is kept."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        """`key`: 16 random bytes; another key makes all cookies void."""
        self._key = key[:_KEY]

    def cookie(self, host: str) -> bytes:
        """The cookie of the client at `host`."""
        return blake2s(host.encode(), digest_size=SIZE, key=self._key).digest()

    def valid(self, host: str, cookie: bytes) -> bool:
        return compare_digest(self.cookie(host), cookie)
