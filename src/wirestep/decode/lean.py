"""The lean gear of the cursor: values at once, fields only where asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from wirestep.model import Note, Source, Value

from .cursor import Bits, Cursor, Group, Short

Wanted = frozenset[str]
Kept = list[tuple[str, Value, str]]


@lru_cache(maxsize=256)
def any_under(wanted: Wanted, prefix: str) -> bool:
    """Whether a wanted name starts with `prefix`."""
    return any(name.startswith(prefix) for name in wanted)


class LeanCursor(Cursor):
    """Reads as `Cursor` does and keeps (name, value, shown) of wanted fields, in tree order."""

    full = False

    def __init__(
        self, source: Source, start: int, stop: int, wanted: Wanted, kept: Kept | None = None
    ) -> None:
        self.source = source
        self.data = source.data
        self.at = start
        self.first = start
        self.stop = stop
        self.wanted = wanted
        self.kept: Kept = [] if kept is None else kept
        self.notes: list[Note] = []
        self.made = 0
        """Fields made so far without reading a byte: a group that holds one is there."""

    def wants(self, name: str) -> bool:
        return name in self.wanted

    def wants_under(self, prefix: str) -> bool:
        return any_under(self.wanted, prefix)

    # What every layer of every frame calls is written out, without a call to `peek`.

    def uint(self, name: str, count: int, shown: str = "", scale: int = 1, minus: int = 0) -> int:
        at = self.at
        end = at + count
        if count < 0 or end > self.stop:
            self.peek(count)  # says what is wrong
        self.at = end
        value = int.from_bytes(self.data[at:end], "big") * scale
        if minus:
            value = (value - minus) % (1 << 8 * count)
        if name in self.wanted:
            self.kept.append((name, value, shown))
        return value

    def uint_le(self, name: str, count: int, shown: str = "") -> int:
        value = int.from_bytes(self.peek(count), "little")
        self.at += count
        if name in self.wanted:
            self.kept.append((name, value, shown))
        return value

    def bits(self, count: int, *parts: Bits, whole: int | None = None) -> list[int]:
        at = self.at
        end = at + count
        if end > self.stop:
            self.peek(count)
        self.at = end
        if whole is None:
            whole = int.from_bytes(self.data[at:end], "big")
        shift = 8 * count
        values = []
        for part in parts:
            shift -= part.width
            values.append((whole >> shift & (1 << part.width) - 1) * part.scale)
            if self.wanted:
                self._keep_bits(part, whole, shift)
        return values

    def _keep_bits(self, part: Bits, whole: int, shift: int) -> None:
        if part.name in self.wanted:
            value = (whole >> shift & (1 << part.width) - 1) * part.scale
            self.kept.append((part.name, value, part.shown))
        below = shift + part.width
        for inner in part.parts:
            below -= inner.width
            self._keep_bits(inner, whole, below)

    def take(self, name: str, count: int, shown: str = "") -> bytes:
        at = self.at
        end = at + count
        if count < 0 or end > self.stop:
            self.peek(count)
        self.at = end
        data = self.data[at:end]
        if count and name in self.wanted:
            self.kept.append((name, data, shown))
        return data

    def text(self, name: str, count: int, encoding: str = "utf-8", shown: str = "") -> str:
        value = self.peek(count).decode(encoding, "backslashreplace")
        self.at += count
        if count and name in self.wanted:
            self.kept.append((name, value, shown))
        return value

    def meant(self, name: str, count: int, value: Value, shown: str = "") -> None:
        self.peek(count)
        self.at += count
        if name in self.wanted:
            self.kept.append((name, value, shown))

    def line(self, name: str, end: bytes = b"\r\n", encoding: str = "utf-8") -> str:
        found = self.data.find(end, self.at, self.stop)
        if found < 0:
            raise Short("the line does not end")
        value = self.data[self.at : found].decode(encoding, "backslashreplace")
        self.at = found + len(end)
        if name in self.wanted:
            self.kept.append((name, value, ""))
        return value

    def worked(self, name: str, value: Value, shown: str = "") -> None:
        self.made += 1
        if name in self.wanted:
            self.kept.append((name, value, shown))

    def note(self, level: str, text: str) -> None:
        self.notes.append(Note(level, text))

    @contextmanager
    def group(
        self, name: str, count: int | None = None, value: Value = None, shown: str = ""
    ) -> Iterator[Group]:
        outer = self.stop
        if count is not None:
            if not 0 <= count <= self.left():
                raise Short(f"{name} wants {count} bytes, {self.left()} left")
            self.stop = self.at + count
        group = Group(name, self.at, value, shown)
        place = len(self.kept)
        noted, made = len(self.notes), self.made
        try:
            yield group
            if count is not None and self.left():
                self.rest("unread")
        finally:
            self.stop = outer
            if (
                self.at > group.start
                or group.value is not None
                or self.made > made
                or len(self.notes) > noted
            ):
                self.made += 1
                if name in self.wanted:
                    self.kept.insert(place, (name, group.value, group.shown))

    @contextmanager
    def over(self, name: str, source: Source) -> Iterator[Cursor]:
        self.made += 1
        if name in self.wanted:
            self.kept.append((name, None, ""))
        inner = LeanCursor(source, 0, len(source.data), self.wanted, self.kept)
        inner.notes = self.notes
        try:
            yield inner
        finally:
            if inner.left() > 0 and "unread" in self.wanted:
                self.kept.append(("unread", source.data[inner.at :], ""))

    def finish_lean(self) -> tuple[tuple[str, Value, str], ...]:
        """What was kept; bytes nobody read count as `unread`."""
        if self.left() > 0 and "unread" in self.wanted:
            self.kept.append(("unread", self.data[self.at : self.stop], ""))
        return tuple(self.kept)
