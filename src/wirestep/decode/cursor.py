"""A reader that remembers where everything was: each read makes one field.

Two gears with one interface. `Cursor` (full) builds the tree. `LeanCursor` returns the values and
keeps only the fields that somebody asked for. Decoders cannot tell which one they hold, but for
`wants`, which lets them skip what is costly and unwanted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from wirestep.model import Field, Note, Source, Span, Value


class Broken(Exception):
    """The bytes break the protocol's rules; what was read so far still stands."""


class Short(Broken):
    """The bytes end before the field does."""


class Bits(NamedTuple):
    """A run of bits in a number that `Cursor.bits` splits."""

    name: str
    width: int
    parts: tuple[Bits, ...] = ()
    """Bits inside it that have names of their own, from the high one on; together as wide."""
    scale: int = 1
    """The value counts units of this many (tcp.hdr_len counts 4-byte words)."""
    shown: str = ""


class Group:
    """A field that holds fields; its value and text may be set until it is closed."""

    __slots__ = ("children", "name", "notes", "shown", "start", "value")

    def __init__(self, name: str, start: int, value: Value, shown: str) -> None:
        self.name, self.start, self.value, self.shown = name, start, value, shown
        self.children: list[Field] = []
        self.notes: list[Note] = []


class Cursor:
    """Reads fields off the front of `source[start:stop]`, in the full gear.

    Raises:
        Short: a read passes `stop`. Broken: a negative count. The engine catches both, once.
    """

    full = True
    mute = False
    """Nobody will read the lines that a unit is told in: a decoder may leave them out."""

    def __init__(self, source: Source, start: int = 0, stop: int | None = None) -> None:
        self.source = source
        self.data = source.data
        self.at = start
        """Where the next read starts, counted in the source."""
        self.first = start
        self.stop = len(source.data) if stop is None else stop
        self._open = [Group("", start, None, "")]

    # looking

    def left(self) -> int:
        """Bytes not yet read."""
        return self.stop - self.at

    def peek(self, count: int) -> bytes:
        """The next `count` bytes, unread."""
        if count < 0:
            raise Broken(f"a length below nothing: {count}")
        at = self.at
        if count > self.stop - at:
            raise Short(f"{count} bytes wanted, {self.stop - at} left")
        return self.data[at : at + count]

    def wants(self, name: str) -> bool:
        """Whether a field `name` would be kept: worth the work of making it?"""
        return True

    def wants_any(self, names: Collection[str]) -> bool:
        """Whether a field of one of these names would be kept."""
        return True

    def wants_under(self, prefix: str) -> bool:
        """Whether any field whose name starts with `prefix` would be kept.

        Where not, a decoder that knows the values already may `skip` the bytes.
        """
        return True

    def skip(self, count: int) -> None:
        """Pass over bytes whose fields nobody wants (see `wants_under`)."""
        self.peek(count)
        self.at += count

    # reading: one field a call

    def uint(self, name: str, count: int, shown: str = "", scale: int = 1, minus: int = 0) -> int:
        """`count` bytes, big end first, as a number, told in units and relative to `minus`.

        What would fall below nothing wraps around, as sequence numbers do.
        """
        data = self.peek(count)
        at = self.at
        self.at = at + count
        value = int.from_bytes(data, "big") * scale
        if minus:
            value = (value - minus) % (1 << 8 * count)
        self._put(Field(name, value, Span(at, at + count), shown))
        return value

    def uint_le(self, name: str, count: int, shown: str = "") -> int:
        """`count` bytes, little end first, as a number."""
        data = self.peek(count)
        at = self.at
        self.at = at + count
        value = int.from_bytes(data, "little")
        self._put(Field(name, value, Span(at, at + count), shown))
        return value

    def bits(self, count: int, *parts: Bits, whole: int | None = None) -> list[int]:
        """Split `count` bytes, from the high bit on, into parts that fill them; their values.

        `whole` is what the bytes mean, where a mask lay over them.
        """
        data = self.peek(count)
        at = self.at
        self.at = at + count
        if whole is None:
            whole = int.from_bytes(data, "big")
        shift = 8 * count
        values = []
        for part in parts:
            shift -= part.width
            field = self._bit_field(part, whole, shift, at, count)
            self._put(field)
            assert isinstance(field.value, int)
            values.append(field.value)
        assert shift == 0, f"parts leave {shift} bits over"
        return values

    def _bit_field(self, part: Bits, whole: int, shift: int, at: int, count: int) -> Field:
        ones = (1 << part.width) - 1
        value = (whole >> shift & ones) * part.scale
        children = []
        below = shift + part.width
        for inner in part.parts:
            below -= inner.width
            children.append(self._bit_field(inner, whole, below, at, count))
        assert not children or below == shift, f"parts of {part.name} do not fill it"
        mask = ones << shift
        if mask == (1 << 8 * count) - 1:
            mask = 0
        return Field(part.name, value, Span(at, at + count, mask), part.shown, tuple(children))

    def take(self, name: str, count: int, shown: str = "") -> bytes:
        """`count` bytes as they are; no field where there are none."""
        data = self.peek(count)
        at = self.at
        self.at = at + count
        if count:
            self._put(Field(name, data, Span(at, at + count), shown))
        return data

    def text(self, name: str, count: int, encoding: str = "utf-8", shown: str = "") -> str:
        """`count` bytes as text; bytes that are none in that encoding are spelled out."""
        data = self.peek(count)
        at = self.at
        self.at = at + count
        value = data.decode(encoding, "backslashreplace")
        if count:
            self._put(Field(name, value, Span(at, at + count), shown))
        return value

    def meant(self, name: str, count: int, value: Value, shown: str = "") -> None:
        """`count` bytes that mean `value`, where no other read makes it of them."""
        self.peek(count)
        at = self.at
        self.at = at + count
        self._put(Field(name, value, Span(at, at + count), shown))

    def line(self, name: str, end: bytes = b"\r\n", encoding: str = "utf-8") -> str:
        """Text up to and without `end`; the field covers `end` too."""
        found = self.data.find(end, self.at, self.stop)
        if found < 0:
            raise Short("the line does not end")
        value = self.data[self.at : found].decode(encoding, "backslashreplace")
        span = Span(self.at, found + len(end))
        self.at = span.stop
        self._put(Field(name, value, span))
        return value

    def rest(self, name: str, shown: str = "") -> bytes:
        """All bytes that are left."""
        return self.take(name, self.stop - self.at, shown)

    # fields that no byte says, and shape

    def worked(self, name: str, value: Value, shown: str = "") -> None:
        """A field worked out (a stream number, a time between two frames): no bytes of its own."""
        self._put(Field(name, value, Span(self.at, self.at), shown))

    def note(self, level: str, text: str) -> None:
        """A remark on the group that is open."""
        self._open[-1].notes.append(Note(level, text))

    def group(
        self, name: str, count: int | None = None, value: Value = None, shown: str = ""
    ) -> AbstractContextManager[Group]:
        """Fields read inside become children of `name`.

        With `count`, reads inside cannot pass that many bytes; bytes left over become `unread`.
        """
        return self._group(name, count, value, shown)

    @contextmanager
    def _group(self, name: str, count: int | None, value: Value, shown: str) -> Iterator[Group]:
        outer = self.stop
        if count is not None:
            if not 0 <= count <= self.left():
                raise Short(f"{name} wants {count} bytes, {self.left()} left")
            self.stop = self.at + count
        group = Group(name, self.at, value, shown)
        self._open.append(group)
        try:
            yield group
            if count is not None and self.left():
                self.rest("unread")
        finally:
            self._close()
            self.stop = outer

    def over(self, name: str, source: Source) -> AbstractContextManager[Cursor]:
        """A cursor over derived bytes (an inflated body), its tree a child `name` of this one's."""
        return self._over(name, source)

    @contextmanager
    def _over(self, name: str, source: Source) -> Iterator[Cursor]:
        inner = Cursor(source)
        try:
            yield inner
        finally:
            root = inner.finish(name)
            self._put(root._replace(source=source))

    def _put(self, field: Field) -> None:
        self._open[-1].children.append(field)

    def _close(self) -> None:
        group = self._open.pop()
        if self.at > group.start or group.notes or group.children or group.value is not None:
            span = Span(group.start, self.at)
            children, notes = tuple(group.children), tuple(group.notes)
            self._put(Field(group.name, group.value, span, group.shown, children, notes))

    def finish(self, name: str) -> Field:
        """The tree, with bytes nobody read as a last field `unread`."""
        while len(self._open) > 1:
            self._close()
        if self.left() > 0:
            self._put(Field("unread", self.data[self.at : self.stop], Span(self.at, self.stop)))
            self.at = self.stop
        top = self._open[0]
        span = Span(self.first, max(self.first, self.at))
        return Field(name, None, span, "", tuple(top.children), tuple(top.notes))
