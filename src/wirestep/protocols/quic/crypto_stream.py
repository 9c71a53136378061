"""The handshake's bytes at one level of encryption, cut into messages (RFC 9000 section 7.5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from wirestep.decode.stream import Stream
from wirestep.model import Source

MAX_AHEAD = 1 << 16
"""Bytes that may stand beyond a gap."""
MAX_MESSAGE = 1 << 18
"""Bytes of a message that is waited for."""


@dataclass
class CryptoStream:
    """One direction."""

    stream: Stream = field(default_factory=Stream)
    dead: bool = False
    """A message was too long: where the next one starts is not waited for."""

    def copy(self) -> CryptoStream:
        """A checkpoint."""
        return replace(self, stream=self.stream.copy())

    def add(self, offset: int, source: Source, start: int, stop: int) -> list[Source]:
        """Bytes [start, stop) of `source` stand at `offset`; the messages that are whole now."""
        stream = self.stream
        if self.dead or offset > stream.end + MAX_AHEAD:
            return []
        stream.add(offset, source, start, stop)
        messages = []
        while len(stream.data) >= 4:
            size = 4 + int.from_bytes(stream.data[1:4], "big")
            if size > MAX_MESSAGE:
                self.dead = True
                stream.cut(len(stream.data), "")
            if self.dead or len(stream.data) < size:
                break
            messages.append(stream.cut(size, "Handshake message"))
        return messages
