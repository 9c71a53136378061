"""What is remembered of one direction; every part is immutable, so a copy is shallow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from .inflate import WINDOW

MAX_MESSAGE = 16 << 20
"""Bytes of fragments that are kept until their message ends."""

Parts = tuple["Parts | None", bytes]
"""Fragments so far: (those before it, the last one)."""


@dataclass(slots=True)
class Half:
    """One side's sending."""

    opcode: int = 0
    """Of the message whose fragments are coming; 0 for none."""
    compressed: bool = False
    parts: Parts | None = None
    count: int = 0
    size: int = 0
    window: bytes = b""
    """What the next compressed message may refer to."""
    partial: bool = False
    """It may also refer to what is not in the window, for that was lost."""
    lost: bool = False
    """Bytes were lost: what comes may go on with what was not seen."""
    unsure: bool = False
    """It is not known whether a frame starts here."""
    dead: bool = False
    masks: bool | None = None
    """Whether this side's last frame was masked."""
    closed: bool = False

    def begin(self, opcode: int, compressed: bool) -> None:
        """The first fragment of a message comes."""
        self.forget()
        self.opcode, self.compressed = opcode, compressed

    def add(self, data: bytes) -> bool:
        """One more fragment; False where the message is longer than is kept."""
        self.count += 1
        self.size += len(data)
        if self.size > MAX_MESSAGE:
            self.parts = None
            return False
        self.parts = (self.parts, data)
        return True

    def joined(self) -> bytes:
        """The fragments in one."""
        found = []
        at = self.parts
        while at is not None:
            found.append(at[1])
            at = at[0]
        return b"".join(reversed(found))

    def forget(self) -> None:
        """No message is on its way."""
        self.opcode, self.compressed, self.parts, self.count, self.size = 0, False, None, 0, 0

    def lose(self) -> None:
        """Bytes are missing."""
        self.forget()
        self.lose_window()
        self.lost, self.unsure, self.dead = True, True, False

    def lose_window(self) -> None:
        """It is not known any more what compressed messages refer to."""
        self.window, self.partial = b"", True

    def learn(self, window: bytes | None) -> None:
        """A message was inflated; None where what came out cannot be referred to."""
        if window is None:
            self.lose_window()
        else:
            self.window, self.partial = window, self.partial and len(window) < WINDOW

    def copy(self) -> Self:
        """A checkpoint."""
        return replace(self)
