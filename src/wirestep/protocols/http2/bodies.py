"""Bodies: DATA of one side of a stream, put together and decoded (RFC 9113 section 8.1)."""

from __future__ import annotations

from wirestep.decode.bodies import is_built, read_body, wants_body
from wirestep.decode.codings import decoded
from wirestep.decode.contract import Payload
from wirestep.decode.cursor import Cursor
from wirestep.model import Source

from .blocks import Block
from .streams import Body

FAILED = "http2.body_decompression_failed"
FIELDS = ("http2.body", "http2.body.reassembled.data", "http2.decoded", "http2.file_data", FAILED)
"""What is made only where somebody wants it."""
CARRIED = {"application/dns-message": "dns"}
"""Content types that are messages of protocols with decoders of their own (RFC 8484)."""
STREAMED = ("application/grpc",)
"""Content types whose bodies are streams of messages, read as they come."""
_TEXT = ("json", "xml", "javascript", "x-www-form-urlencoded", "yaml")


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
    to = CARRIED.get(body.kind)
    if to is None and not cursor.wants_any(FIELDS) and not wants_body(cursor, body.header):
        if apart:
            cursor.worked("http2.body.reassembled.length", body.size)
        return ()
    data = b"".join(body.parts)
    records = cursor.source.records
    if apart:
        cursor.worked("http2.body.reassembled.length", body.size)
        source = Source(f"Body of stream {number}", data, made_from=records)
        with cursor.over("http2.body", source) as inner:
            inner.rest("http2.body.reassembled.data")
    out, fault = decoded(data, body.codings) if body.codings else (data, "")
    source = Source("Decoded body", out, made_from=records)
    if to is not None and not fault:
        return (Payload(source, 0, len(out), to, flow=("body", number)),)
    if body.codings or _is_text(body.kind) or is_built(body.header):
        with cursor.over("http2.decoded", source) as inner:
            read_body(inner, "http2.file_data", len(out), body.header)
            if fault:
                inner.note("odd" if out else "broken", fault)
                inner.worked(FAILED, None)
    return ()


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or any(part in kind for part in _TEXT)
