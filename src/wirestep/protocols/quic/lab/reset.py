"""Saying that one knows nothing of a connection (RFC 9000 section 10.3)."""

from __future__ import annotations

from collections.abc import Mapping

from wirestep.exchange.contract import Chance

TOKEN = 16
SMALLEST = TOKEN + 5
"""Bytes; a shorter one could be told from an ordinary packet."""
LARGEST = 42
MOST = 1024
"""Tokens kept; the oldest go first."""


class Resets:
    """Tokens of connections that are gone; a server with a fixed key would derive them anew."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._tokens: dict[bytes, bytes] = {}

    def keep(self, tokens: Mapping[bytes, bytes]) -> None:
        """Tokens by connection id."""
        self._tokens.update(tokens)
        while len(self._tokens) > MOST:
            del self._tokens[next(iter(self._tokens))]

    def answer(self, cid: bytes, size: int) -> bytes:
        """A stateless reset for a packet of `size` bytes; b"" where there is none to send.

        It is shorter than what it answers, so that two that know nothing do not go on for ever.
        """
        token = self._tokens.get(cid)
        length = min(size - 1, LARGEST)
        if token is None or length < SMALLEST:
            return b""
        noise = self._chance.randbytes(length - TOKEN)
        return bytes([0x40 | noise[0] & 0x3F]) + noise[1:] + token
