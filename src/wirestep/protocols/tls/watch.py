"""Follows the handshake messages through the records that carry them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .names import HANDSHAKES

MAX_HELD = 1 << 17
"""Bytes of one unfinished message that are kept; of a longer one only its end is awaited."""


@dataclass
class Watch:
    """One direction's handshake bytes, cut into messages."""

    held: bytearray = field(default_factory=bytearray)
    skip: int = 0
    """Bytes of an overlong message still to come."""

    def copy(self) -> Watch:
        """As it is now."""
        return replace(self, held=bytearray(self.held))

    def feed(self, data: bytes) -> tuple[list[str], list[bytes]]:
        """Names of the messages that `data` holds bytes of, and the messages it completes."""
        names: list[str] = []
        done: list[bytes] = []
        if self.skip:
            dropped = min(self.skip, len(data))
            self.skip -= dropped
            data = data[dropped:]
            names.append("Handshake (last fragment)" if not self.skip else "Handshake (fragment)")
        self.held += data
        while len(self.held) >= 4:
            size = 4 + int.from_bytes(self.held[1:4], "big")
            name = HANDSHAKES.get(self.held[0], f"Unknown Handshake ({self.held[0]})")
            if len(self.held) < size:
                names.append(f"{name} (fragment)")
                if size > MAX_HELD:
                    self.skip = size - len(self.held)
                    self.held.clear()
                return names, done
            names.append(name)
            done.append(bytes(self.held[:size]))
            del self.held[:size]
        if self.held:
            names.append("Handshake (fragment)")
        return names, done


def is_one_message(data: bytes) -> bool:
    """Whether bytes are one whole handshake message; by chance one record in 10**8 would be."""
    return (
        len(data) > 4
        and data[0] in HANDSHAKES
        and 4 + int.from_bytes(data[1:4], "big") == len(data)
    )


def looks_like_message(data: bytes) -> bool:
    """Whether bytes that may as well be encrypted start with a handshake message, all of it."""
    if len(data) < 4 or data[0] not in HANDSHAKES:
        return False
    size = 4 + int.from_bytes(data[1:4], "big")
    return size == len(data) if data[0] in (0, 14) else 4 < size <= len(data)
