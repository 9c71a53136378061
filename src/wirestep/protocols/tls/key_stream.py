"""RC4's key stream from any place on (RFC 6229), for records that are read more than once.

A context of the library cannot be copied and only goes forward. Here the one that went furthest
is kept for the next record; for a place behind it, the stream is made anew from its start.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherContext

STEP = 1 << 16
"""Bytes of the stream that are thrown away at once."""


class KeyStream:
    """The stream of one key; to those who use it, it never changes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._ahead: deque[tuple[int, CipherContext]] = deque(maxlen=1)
        self._latest = (0, b"")
        """A place and the stream from there: a record is tried with several numbers."""

    def open(self, sealed: bytes, place: int) -> bytes | None:
        """What was sealed `place` bytes after the start; None where the library has no RC4."""
        at, stream = self._latest
        if at != place or len(stream) < len(sealed):
            made = self._made(place, len(sealed))
            if made is None:
                return None
            stream = made
            self._latest = (place, stream)
        size = len(sealed)
        mixed = int.from_bytes(sealed, "big") ^ int.from_bytes(stream[:size], "big")
        return mixed.to_bytes(size, "big")

    def _made(self, place: int, size: int) -> bytes | None:
        """`size` bytes of the stream."""
        at, context = self._taken(place)
        if context is None:
            return None
        while at < place:
            step = min(STEP, place - at)
            context.update(bytes(step))
            at += step
        made = context.update(bytes(size))
        self._ahead.append((place + size, context))
        return made

    def _taken(self, place: int) -> tuple[int, CipherContext | None]:
        """A context that can still reach that place, and where it is."""
        try:
            at, context = self._ahead.pop()
        except IndexError:
            return 0, self._begun()
        return (at, context) if at <= place else (0, self._begun())

    def _begun(self) -> CipherContext | None:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
        from cryptography.hazmat.primitives.ciphers import Cipher

        try:
            return Cipher(ARC4(self._key), None).encryptor()
        except UnsupportedAlgorithm:
            return None
