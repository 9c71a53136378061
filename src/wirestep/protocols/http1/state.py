"""What is remembered of a conversation: requests that wait, and what each side is sending."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .framing import Body, Chunks
from .head import Head


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits for its response."""

    key: int
    method: str
    uri: str
    frame: int
    time: int
    upgrade: str
    previous: int
    """Frame of the request before this one; 0 for none."""
    web_key: str = ""
    """The client's key, where it asked for a WebSocket."""
    settings: str = ""
    """What it said ahead, where it asked for HTTP/2 (RFC 7540 section 3.2.1)."""


@dataclass(slots=True)
class Scan:
    """How far `measure` came in the unit at the front of a half: a memo, never needed."""

    front: bytes
    length: int = 0
    """Bytes that were there at the last look."""
    start: int | None = None
    seen: int = 0
    head: Head | None = None
    text: bytes = b""
    """The bytes of the head."""
    chunks: Chunks | None = None
    size: int | None = None

    def fits(self, data: memoryview) -> bool:
        """Whether these are the bytes of the last look, and perhaps more."""
        return len(data) >= self.length and data[: len(self.front)] == self.front

    def copy(self) -> Scan:
        """A checkpoint."""
        return replace(self, chunks=None if self.chunks is None else replace(self.chunks))


@dataclass(slots=True)
class Half:
    """What one side is sending."""

    responses: bool = False
    """Whether its last message was a response."""
    dead: bool = False
    """It is not known any more where a message starts."""
    going: Body | None = None
    """The rest of a body that is read in slices; for chunks, `length` is left of the last one."""
    scan: Scan | None = None
    answered: bool = False
    """The request that is being sent was answered before its end."""

    def copy(self) -> Half:
        """A checkpoint."""
        return replace(self, scan=None if self.scan is None else self.scan.copy())
