"""What a reader of bodies is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .cursor import Cursor


class Inner(Protocol):
    """Reads a body within a body: `size` bytes as the field `name`, by the type `header` names."""

    def __call__(self, cursor: Cursor, name: str, size: int, header: str) -> None: ...


class Reader(Protocol):
    """Reads all bytes that the cursor holds; what is wrong with them becomes a note."""

    def __call__(
        self, cursor: Cursor, kind: str, parameters: Mapping[str, str], inner: Inner
    ) -> None: ...
