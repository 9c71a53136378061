"""What the user adds to a capture: marks, comments, a time reference.

A file has no place for marks; they are kept as packet comments of a form of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

PLAIN = "•"
_MARK = re.compile(r"\[mark (\S)\]")


class Marks:
    """Kept in memory; comments wait there to be saved."""

    def __init__(self) -> None:
        self._letters: dict[int, str] = {}
        self._restored: set[int] = set()
        """Records that are marked in the file."""
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

    def restore(self, record: int, comments: Iterable[str]) -> None:
        """Take up the mark that a record has in the file."""
        for comment in comments:
            found = _MARK.fullmatch(comment)
            if found is not None:
                self._letters.setdefault(record, found[1])
                self._restored.add(record)

    def notes(self, kept: Callable[[int], tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
        """By record that differs from the file: what to write; `kept` gives the file's comments."""
        notes = dict(self._comments)
        for record in self._restored | self._letters.keys():
            texts = notes.get(record)
            texts = without_marks(kept(record)) if texts is None else texts
            letter = self._letters.get(record)
            notes[record] = texts if letter is None else (*texts, f"[mark {letter}]")
        return notes


def without_marks(comments: Iterable[str]) -> tuple[str, ...]:
    """The comments that somebody wrote."""
    return tuple(comment for comment in comments if not _MARK.fullmatch(comment))
