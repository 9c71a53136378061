"""A body that came in many frames of a stream: put together, decoded, and told as fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from wirestep.model import Source

from .bodies import is_built, read_body, wants_body
from .codings import decoded
from .contract import Payload
from .cursor import Cursor

TEXT = ("json", "xml", "javascript", "x-www-form-urlencoded", "yaml")
"""Words in content types that are text, besides text/*."""


class Whole(Protocol):
    """What is known of a body, all of it."""

    @property
    def header(self) -> str:
        """The value of Content-Type."""
        ...

    @property
    def kind(self) -> str:
        """The content type without its parameters."""
        ...

    @property
    def codings(self) -> tuple[str, ...]:
        """Content codings, in the order in which they were put on."""
        ...

    @property
    def parts(self) -> Sequence[bytes]:
        """What each frame brought."""
        ...

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        ...


@dataclass(frozen=True)
class BodyTeller:
    """Tells bodies under the field names of one protocol."""

    prefix: str
    carried: Mapping[str, str]
    """By content type: the protocol whose messages such bodies are."""
    fields: tuple[str, ...] = field(init=False)
    """What is made only where somebody wants it."""

    def __post_init__(self) -> None:
        names = ("body", "body.reassembled.data", "decoded", "file_data")
        fields = tuple(f"{self.prefix}.{name}" for name in (*names, "body_decompression_failed"))
        object.__setattr__(self, "fields", fields)

    def tell(
        self, cursor: Cursor, body: Whole, stream: int | None, *, apart: bool
    ) -> tuple[Payload, ...]:
        """Fields of a whole body; what of it goes up to another decoder.

        `apart`: some of it is not in this frame.
        """
        whole, data_name, decoded_name, content, failed = self.fields
        if apart:
            cursor.worked(f"{self.prefix}.body.reassembled.length", body.size)
        to = self.carried.get(body.kind)
        if to is None and not cursor.wants_any(self.fields) and not wants_body(cursor, body.header):
            return ()
        data, records = b"".join(body.parts), cursor.source.records
        if apart:
            source = Source(f"Body of stream {stream}", data, made_from=records)
            with cursor.over(whole, source) as inner:
                inner.rest(data_name)
        out, fault = decoded(data, body.codings) if body.codings else (data, "")
        source = Source("Decoded body", out, made_from=records)
        if to is not None and not fault:
            return (Payload(source, 0, len(out), to, flow=("body", stream)),)
        if body.codings or _is_text(body.kind) or is_built(body.header):
            with cursor.over(decoded_name, source) as inner:
                read_body(inner, content, len(out), body.header)
                if fault:
                    inner.note("odd" if out else "broken", fault)
                    inner.worked(failed, None)
        return ()


def _is_text(kind: str) -> bool:
    return kind.startswith("text/") or any(part in kind for part in TEXT)
