"""Streams: their states, what was asked on them, what both sides sent (RFC 9113 section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Self

from wirestep.model import Side

IDLE, RESERVED, OPEN, CLOSED = "idle", "reserved", "open", "closed"
CLIENT_DONE, SERVER_DONE = "half-closed (client)", "half-closed (server)"
UNKNOWN = ""
"""The stream was opened before the capture, or while bytes were lost."""
DONE = {Side.CLIENT: CLIENT_DONE, Side.SERVER: SERVER_DONE}

HEADERS, PUSH, RESET, UPGRADE = "headers", "push", "reset", "upgrade"
END = {Side.CLIENT: "end of client", Side.SERVER: "end of server"}

STATES: dict[tuple[str, str], str] = {
    (IDLE, HEADERS): OPEN,
    (IDLE, PUSH): RESERVED,
    (IDLE, UPGRADE): CLIENT_DONE,
    (RESERVED, HEADERS): CLIENT_DONE,
    (OPEN, HEADERS): OPEN,
    (CLIENT_DONE, HEADERS): CLIENT_DONE,
    (SERVER_DONE, HEADERS): SERVER_DONE,
    (OPEN, END[Side.CLIENT]): CLIENT_DONE,
    (OPEN, END[Side.SERVER]): SERVER_DONE,
    (CLIENT_DONE, END[Side.SERVER]): CLOSED,
    (SERVER_DONE, END[Side.CLIENT]): CLOSED,
    (RESERVED, RESET): CLOSED,
    (OPEN, RESET): CLOSED,
    (CLIENT_DONE, RESET): CLOSED,
    (SERVER_DONE, RESET): CLOSED,
}
"""{(state, what happens): next state}; what is not here may not happen."""


@dataclass(slots=True)
class Body:
    """What one side sends on a stream."""

    kind: str = ""
    """Its content type, without parameters."""
    header: str = ""
    """Its Content-Type as it was sent."""
    codings: tuple[str, ...] = ()
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    frames: int = 0
    dropped: bool = False
    """It is too long to be put together, or a part of it was lost."""

    @property
    def held(self) -> int:
        """Bytes that are kept of it."""
        return 0 if self.dropped else self.size

    def copy(self) -> Self:
        """A checkpoint."""
        return replace(self, parts=self.parts.copy())


@dataclass(slots=True)
class Stream:
    """One stream."""

    state: str = IDLE
    method: str = ""
    path: str = ""
    frame: int = 0
    """Where the request was; 0 for nowhere."""
    time: int = 0
    protocol: str = ""
    """What an extended CONNECT asked for (RFC 8441)."""
    accepted: bool = False
    """A CONNECT was answered with 2xx."""
    bodies: list[Body] = field(default_factory=lambda: [Body(), Body()])
    """By side."""
    credit: list[int] = field(default_factory=lambda: [0, 0])
    """By sender: bytes granted beyond the first window, less those that were sent."""

    def on(self, event: str) -> None:
        """`event` happens; where that may not be, nothing changes."""
        self.state = STATES.get((self.state, event), self.state)

    def may(self, event: str) -> bool:
        """Whether `event` may happen now."""
        return self.state == UNKNOWN or (self.state, event) in STATES

    def sends(self, side: Side) -> bool:
        """Whether this side may still send."""
        return self.state in (UNKNOWN, OPEN, DONE[side.other])

    def copy(self) -> Self:
        """A checkpoint."""
        bodies = [body.copy() for body in self.bodies]
        return replace(self, bodies=bodies, credit=self.credit.copy())
