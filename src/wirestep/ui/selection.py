"""The one selection that all panes share."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Selection:
    """A packet, and perhaps a field of it."""

    record: int = -1
    """Counted from 0; -1 while there is none."""
    path: tuple[int, ...] | None = None
    """The field's place in the tree."""
    offset: int | None = None
    """The byte within the field's buffer, where a byte was pointed at."""
