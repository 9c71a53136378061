"""The tables of QPACK (RFC 9204 section 3)."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from .static_table import STATIC

OVERHEAD = 32
"""Bytes that an entry counts beside its name and value (RFC 9204 section 3.2.1)."""
LARGEST = 1 << 20
"""Bytes of a table that is kept, whatever its sender asks for."""


class Entry(NamedTuple):
    """A header."""

    name: bytes
    value: bytes

    @property
    def size(self) -> int:
        """What it counts in the table."""
        return len(self.name) + len(self.value) + OVERHEAD


class Table:
    """What one side has said so far; entries are counted from 0, for ever."""

    def __init__(self) -> None:
        self.capacity = 0
        self.limit: int | None = None
        """What the other side's settings allow; None while they are not known."""
        self.inserted = 0
        """Entries ever inserted."""
        self.torn = False
        """Instructions were lost: what an index means is not known any more."""
        self._entries: deque[Entry] = deque()
        """Oldest first; the last one is number `inserted - 1`."""
        self._size = 0

    def copy(self) -> Table:
        """A checkpoint."""
        other = Table()
        other.__dict__.update(self.__dict__)
        other._entries = deque(self._entries)
        return other

    def resize(self, capacity: int) -> None:
        """The encoder sets the capacity (RFC 9204 section 4.3.1)."""
        self.capacity = capacity
        self._evict(0)

    def insert(self, entry: Entry) -> bool:
        """Whether there is room for it (RFC 9204 section 3.2.2)."""
        self.inserted += 1
        if entry.size > min(self.capacity, LARGEST):
            return False
        self._evict(entry.size)
        self._entries.append(entry)
        self._size += entry.size
        return True

    def _evict(self, room: int) -> None:
        while self._entries and self._size + room > min(self.capacity, LARGEST):
            self._size -= self._entries.popleft().size

    def entry(self, number: int) -> Entry | None:
        """Entry `number` of all ever inserted, where it is still there."""
        place = number - (self.inserted - len(self._entries))
        if self.torn or not 0 <= place < len(self._entries):
            return None
        return self._entries[place]

    def required(self, coded: int) -> int:
        """The Required Insert Count of a section (RFC 9204 section 4.5.1.1).

        While the limit is not known, the count is taken as not wrapped around.
        """
        if not coded:
            return 0
        full = 2 * ((self.limit or 0) // OVERHEAD)
        if not full:
            return coded - 1
        most = self.inserted + full // 2
        required = most // full * full + coded - 1
        return required - full if required > most and required > full else required


def static(index: int) -> Entry | None:
    """An entry of the static table."""
    return Entry(*STATIC[index]) if index < len(STATIC) else None
