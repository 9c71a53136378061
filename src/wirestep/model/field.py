"""What the bytes mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .source import Source

Value = int | bytes | str | None
"""What a field can hold: addresses are bytes, times are ns, flags are 0 or 1; None for a group."""


class Span(NamedTuple):
    """Bytes [start, stop) of a source; `mask` keeps only some bits of them (0: all).

    The mask counts from the last byte's low bit, as in the number that the bytes make.
    start == stop: the field was worked out, no byte says it.
    """

    start: int
    stop: int
    mask: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader should know of a field."""

    level: str
    """One of LEVELS."""
    text: str


LEVELS = ("info", "odd", "broken", "bug")
"""From a remark to a rule broken by the bytes; 'bug' is a fault of ours."""


class Field(NamedTuple):
    """A named value and where it stands. Children lie inside their parent, in order."""

    name: str
    """Wireshark's display-filter name where it has one: "tcp.flags.syn"."""
    value: Value
    span: Span
    shown: str = ""
    """Text for people where the table of fields cannot say it; "" lets it say."""
    children: tuple[Field, ...] = ()
    notes: tuple[Note, ...] = ()
    source: Source | None = None
    """Set where the field starts a subtree over other bytes (an inflated body); else inherited."""

    def walk(self) -> Iterator[Field]:
        """This field and all below it, in the order of the tree."""
        yield self
        for child in self.children:
            yield from child.walk()

    def leaves(self) -> Iterator[Field]:
        """Fields without children, in the order of the tree."""
        return (field for field in self.walk() if not field.children)

    def find(self, name: str) -> Field | None:
        """The first field called `name`, or None."""
        return next((field for field in self.walk() if field.name == name), None)
