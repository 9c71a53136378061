"""Bodies: DATA of one side of a stream, put together and decoded (RFC 9114 section 4.1)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from wirestep.decode.bodies_whole import BodyTeller
from wirestep.decode.contract import Payload
from wirestep.decode.cursor import Cursor
from wirestep.model import Side

from .section import Section

MAX_BODY = 8 << 20
"""Bytes of a body that are kept until its end."""
MAX_KEPT = 64 << 20
"""Bytes of all bodies of a connection that are on their way."""
MAX_BODIES = 10_000
CARRIED = {"application/dns-message": "dns"}
"""Content types that are messages of protocols with decoders of their own (RFC 8484)."""
STREAMED = ("application/grpc",)
"""Content types whose bodies are streams of messages, read as they come."""
TELLER = BodyTeller("http3", CARRIED)
Stream = tuple[int | None, Side]


@dataclass
class Body:
    """What one side sends on a stream."""

    header: str = ""
    """The value of Content-Type."""
    codings: tuple[str, ...] = ()
    length: int | None = None
    """As announced."""
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    dropped: bool = False
    """Too long to be put together."""
    waiting: bool = False
    """Headers or trailers of it wait for entries of the table."""
    ended: bool = False
    """All of it came while it waited."""

    @property
    def held(self) -> int:
        """Bytes that are kept of it."""
        return 0 if self.dropped else self.size

    @property
    def kind(self) -> str:
        """The content type without its parameters."""
        return self.header.partition(";")[0].strip().lower()


class Bodies:
    """The bodies of one connection that are on their way."""

    def __init__(self) -> None:
        self._known: dict[Stream, Body] = {}
        self._kept = 0
        self.too_long = False
        """Whether the last piece made its body, or all together, longer than what is kept."""

    def copy(self) -> Bodies:
        """A checkpoint."""
        other = Bodies()
        other._known = {
            stream: replace(body, parts=body.parts.copy()) for stream, body in self._known.items()
        }
        other._kept = self._kept
        return other

    def begin(self, stream: Stream, section: Section) -> None:
        """Headers of a message: what they announce."""
        self.drop(stream)
        self._known[stream] = Body()
        self.describe(stream, section)
        if len(self._known) > MAX_BODIES:
            self.drop(next(iter(self._known)))

    def wait(self, stream: Stream) -> None:
        """Headers that cannot be read yet: what follows is kept until they can."""
        if stream not in self._known:
            self.begin(stream, Section())
        self._known[stream].waiting = True

    def unblock(self, cursor: Cursor, stream: Stream, section: Section) -> tuple[Payload, ...]:
        """Headers that waited are read; as `finish`, where the body is whole already."""
        body = self._known.get(stream)
        if body is None:
            return ()
        body.waiting = False
        if section.get(":method") is None and section.get(":status") is None:
            return self.finish(cursor, stream, True)  # trailers
        self.describe(stream, section)
        whole = body.ended or (body.length is not None and body.size >= body.length)
        return self.finish(cursor, stream, True) if whole else ()

    def describe(self, stream: Stream, section: Section) -> None:
        """What headers announce of a body that is on its way."""
        body = self._known.get(stream)
        if body is None:
            return
        body.header = section.get("content-type") or ""
        said = section.get("content-encoding") or ""
        words = [word.strip().lower() for word in said.split(",")]
        body.codings = tuple(word for word in words if word and word != "identity")
        length = section.get("content-length") or ""
        known = length.isascii() and length.isdigit() and len(length) < 19
        body.length = int(length) if known else None
        if body.kind.startswith(STREAMED):
            self._kept -= body.held
            body.dropped, body.parts = True, []

    def drop(self, stream: Stream) -> None:
        """Nothing of it is needed any more, or a part of it was lost."""
        body = self._known.pop(stream, None)
        if body is not None:
            self._kept -= body.held

    def grow(self, stream: Stream, data: bytes) -> bool:
        """One more piece; whether it is the last that the headers announced."""
        body = self._known.get(stream)
        self.too_long = False
        if body is None:
            return False
        self._kept -= body.held
        body.size += len(data)
        self.too_long = not body.dropped and (
            body.size > MAX_BODY or self._kept + body.size > MAX_KEPT
        )
        if body.dropped or self.too_long:
            body.dropped, body.parts = True, []
        else:
            body.parts.append(data)
            self._kept += body.size
        return body.length is not None and body.size >= body.length

    def finish(self, cursor: Cursor, stream: Stream, apart: bool) -> tuple[Payload, ...]:
        """Fields of a whole body; what of it goes up. `apart`: some is not in this frame."""
        body = self._known.get(stream)
        if body is not None and body.waiting:
            body.ended = True  # what it is, its headers will tell
            return ()
        self.drop(stream)
        if body is None or body.dropped or not body.size:
            return ()
        return TELLER.tell(cursor, body, stream[0], apart=apart or len(body.parts) > 1)
