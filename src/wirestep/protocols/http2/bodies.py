"""Bodies: DATA of one side of a stream, put together and decoded (RFC 9113 section 8.1)."""

from __future__ import annotations

from wirestep.decode.bodies_whole import BodyTeller
from wirestep.decode.contract import Payload
from wirestep.decode.cursor import Cursor

from .blocks import Block
from .streams import Body

CARRIED = {"application/dns-message": "dns"}
"""Content types that are messages of protocols with decoders of their own (RFC 8484)."""
STREAMED = ("application/grpc",)
"""Content types whose bodies are streams of messages, read as they come."""
TELLER = BodyTeller("http2", CARRIED)


def expected(block: Block) -> Body:
    """The body that these headers announce."""
    header = kind = block.values.get("content-type") or ""
    if kind:
        kind = kind.split(";")[0].strip().lower()
    codings: tuple[str, ...] = ()
    said = block.values.get("content-encoding")
    if said:
        words = [word.strip().lower() for word in said.split(",")]
        codings = tuple(word for word in words if word and word != "identity")
    return Body(kind, header, codings, dropped=kind.startswith(STREAMED))


def finish(cursor: Cursor, body: Body, number: int, *, apart: bool) -> tuple[Payload, ...]:
    """Fields of a whole body; what of it goes up to another decoder.

    `apart`: some of it is not in this frame.
    """
    if not body.size or body.dropped:
        return ()
    return TELLER.tell(cursor, body, number, apart=apart)
