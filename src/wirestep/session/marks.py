"""What the user adds to a capture: marks, comments, a time reference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

PLAIN = "•"


class Marks:
    """Kept in memory; comments wait there to be saved."""

    def __init__(self) -> None:
        self._letters: dict[int, str] = {}
        self._comments: dict[int, tuple[str, ...]] = {}
        self._unsaved: set[int] = set()
        """Records whose comments wait to be saved."""

    @property
    def changed(self) -> bool:
        """Comments wait to be saved."""
        return bool(self._unsaved)

    @property
    def letters(self) -> Mapping[int, str]:
        """By record: its mark."""
        return MappingProxyType(self._letters)

    @property
    def comments(self) -> Mapping[int, tuple[str, ...]]:
        """By record: its comments, where the user has changed them."""
        return MappingProxyType(self._comments)

    def mark(self, record: int, letter: str = PLAIN) -> None:
        """Mark a record; the same mark again takes it off. A letter marks one record only."""
        if self._letters.get(record) == letter:
            del self._letters[record]
            return
        if letter != PLAIN:
            for other in [r for r, known in self._letters.items() if known == letter]:
                del self._letters[other]
        self._letters[record] = letter

    def marked(self, letter: str) -> int | None:
        """The record with that mark."""
        return next((r for r, known in self._letters.items() if known == letter), None)

    def next(self, record: int, step: int) -> int | None:
        """The nearest marked record after (step > 0) or before it."""
        if step > 0:
            return min((r for r in self._letters if r > record), default=None)
        return max((r for r in self._letters if r < record), default=None)

    def comment(self, record: int, texts: tuple[str, ...]) -> None:
        """Set the comments of a record."""
        self._comments[record] = texts
        self._unsaved.add(record)

    def saved(self, records: Iterable[int]) -> None:
        """The comments of these records are in a file now."""
        self._unsaved.difference_update(records)
