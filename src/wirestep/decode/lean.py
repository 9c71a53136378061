"""The lean gear of the cursor: values at once, fields only where asked for."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from functools import lru_cache
from types import TracebackType

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

    def wants_any(self, names: Collection[str]) -> bool:
        return not self.wanted.isdisjoint(names)

    def wants_under(self, prefix: str) -> bool:
        return bool(self.wanted) and any_under(self.wanted, prefix)

    # What every layer of every frame calls is written out, without a call to `peek`.

    def skip(self, count: int) -> None:
        end = self.at + count
        if count < 0 or end > self.stop:
            self.peek(count)  # says what is wrong
        self.at = end

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
            if part.name in self.wanted:
                self.kept.append((part.name, values[-1], part.shown))
            if part.parts and self.wanted:
                self._keep_inner(part, whole, shift)
        return values

    def _keep_inner(self, part: Bits, whole: int, shift: int) -> None:
        below = shift + part.width
        for inner in part.parts:
            below -= inner.width
            if inner.name in self.wanted:
                value = (whole >> below & (1 << inner.width) - 1) * inner.scale
                self.kept.append((inner.name, value, inner.shown))
            if inner.parts:
                self._keep_inner(inner, whole, below)

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

    def group(
        self, name: str, count: int | None = None, value: Value = None, shown: str = ""
    ) -> AbstractContextManager[Group]:
        return LeanGroup(self, Group(name, self.at, value, shown), count)

    def over(self, name: str, source: Source) -> AbstractContextManager[Cursor]:
        self.made += 1
        if name in self.wanted:
            self.kept.append((name, None, ""))
        inner = LeanCursor(source, 0, len(source.data), self.wanted, self.kept)
        inner.notes = self.notes
        return LeanOver(inner)

    def finish_lean(self) -> tuple[tuple[str, Value, str], ...]:
        """What was kept; bytes nobody read count as `unread`."""
        if not self.wanted:
            return ()
        if self.left() > 0 and "unread" in self.wanted:
            self.kept.append(("unread", self.data[self.at : self.stop], ""))
        return tuple(self.kept)


class LeanOver:
    """What `LeanCursor.over` gives (a class, for the same reason as LeanGroup)."""

    __slots__ = ("inner",)

    def __init__(self, inner: LeanCursor) -> None:
        self.inner = inner

    def __enter__(self) -> Cursor:
        return self.inner

    def __exit__(self, *error: object) -> None:
        inner = self.inner
        if inner.left() > 0 and "unread" in inner.wanted:
            inner.kept.append(("unread", inner.data[inner.at :], ""))


class LeanGroup:
    """What `LeanCursor.group` gives (a class, for a generator takes three times as long)."""

    __slots__ = ("count", "cursor", "group", "made", "noted", "outer", "place")

    def __init__(self, cursor: LeanCursor, group: Group, count: int | None) -> None:
        self.cursor, self.group, self.count = cursor, group, count

    def __enter__(self) -> Group:
        cursor, count = self.cursor, self.count
        self.outer = cursor.stop
        if count is not None:
            left = cursor.stop - cursor.at
            if not 0 <= count <= left:
                raise Short(f"{self.group.name} wants {count} bytes, {left} left")
            cursor.stop = cursor.at + count
        self.place, self.noted, self.made = len(cursor.kept), len(cursor.notes), cursor.made
        return self.group

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        cursor, group = self.cursor, self.group
        if kind is None and self.count is not None and cursor.at < cursor.stop:
            cursor.rest("unread")
        cursor.stop = self.outer
        if (
            cursor.at > group.start
            or group.value is not None
            or cursor.made > self.made
            or len(cursor.notes) > self.noted
        ):
            cursor.made += 1
            if group.name in cursor.wanted:
                cursor.kept.insert(self.place, (group.name, group.value, group.shown))
