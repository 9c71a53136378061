"""JSON as a tree (RFC 8259).

Each leaf covers the white space and the comma behind it, so that every byte has a name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from .bodies_reader import Inner
from .cursor import Cursor

MAX_DEPTH = 64
MAX_VALUES = 10_000
"""Values of one text that become fields."""

_SPACE = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(
    rb"(?P<number>-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+)"
    rb"|(?P<true>true)|(?P<false>false)|(?P<null>null)"
)
_COLON = re.compile(rb"[ \t\r\n]*+:[ \t\r\n]*+")
_TAIL = re.compile(rb"[ \t\r\n]*+(,[ \t\r\n]*+)?+")
_CONTAINERS = {b"{": ("json.object", b"}"), b"[": ("json.array", b"]")}


class _Stop(Exception):
    """What follows is not read: why, and how bad that is (see model.LEVELS)."""

    def __init__(self, why: str, level: str = "broken") -> None:
        super().__init__(why)
        self.level = level


def read_json(cursor: Cursor, kind: str, parameters: Mapping[str, str], inner: Inner) -> None:
    """One JSON text, up to where it stops being one."""
    space = _SPACE.match(cursor.data, cursor.at, cursor.stop)
    assert space is not None
    cursor.text("json.space", space.end() - cursor.at)
    try:
        _Text(cursor).value(0)
        if cursor.left():
            raise _Stop("more behind the end of the JSON text")
    except _Stop as stop:
        cursor.note(stop.level, str(stop))
        cursor.text("json.rest", cursor.left())


def is_json(data: bytes) -> bool:
    """Whether bytes that nobody calls JSON are an object or an array of it."""
    if data[:1] not in _CONTAINERS or data.rstrip()[-1:] != _CONTAINERS[data[:1]][1]:
        return False
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


class _Text:
    """One JSON text that is being read."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.values = 0
        self.comma = False
        """A comma stood behind the last value."""

    def value(self, depth: int) -> None:
        """The value that starts here, and what separates it from the next one."""
        cursor = self.cursor
        self.values += 1
        if self.values > MAX_VALUES:
            raise _Stop(f"only the first {MAX_VALUES:,} values are shown", "odd")
        front = cursor.data[cursor.at : min(cursor.at + 1, cursor.stop)]
        if front in _CONTAINERS:
            self._container(front, depth)
        elif front == b'"':
            self._leaf("json.value.string", *self._string())
        else:
            found = _SCALAR.match(cursor.data, cursor.at, cursor.stop)
            if found is None:
                raise _Stop(
                    "no JSON value starts here" if front else "the JSON text ends too early"
                )
            word = str(found.lastgroup)
            text = found.group().decode() if word == "number" else None
            self._leaf(f"json.value.{word}", text, found.end())

    def _container(self, front: bytes, depth: int) -> None:
        if depth >= MAX_DEPTH:
            raise _Stop(f"over {MAX_DEPTH} levels", "odd")
        name, end = _CONTAINERS[front]
        cursor = self.cursor
        with cursor.group(name):
            space = _SPACE.match(cursor.data, cursor.at + 1, cursor.stop)
            self._bracket(space.end() if space else cursor.at + 1)
            self.comma = True
            first = True
            while cursor.data[cursor.at : min(cursor.at + 1, cursor.stop)] != end:
                if not self.comma:
                    raise _Stop("a comma is missing" if cursor.left() else "it ends too early")
                if front == b"{":
                    self._member(depth)
                else:
                    self.value(depth + 1)
                first = False
            if self.comma and not first:
                cursor.note("broken", "a comma with nothing behind it")
            self._bracket(self._tail(cursor.at + 1))

    def _bracket(self, stop: int) -> None:
        at = self.cursor.at
        text = self.cursor.data[at : at + 1].decode("ascii")
        self.cursor.meant("json.bracket", stop - at, text)

    def _member(self, depth: int) -> None:
        cursor = self.cursor
        key, stop = self._string()
        colon = _COLON.match(cursor.data, stop, cursor.stop)
        if colon is None:
            raise _Stop("a colon is missing")
        with cursor.group("json.member", value=key):
            cursor.meant("json.key", colon.end() - cursor.at, key)
            self.value(depth + 1)

    def _string(self) -> tuple[str, int]:
        """The string that starts here, its escapes undone, and where it ends."""
        cursor = self.cursor
        found = _STRING.match(cursor.data, cursor.at, cursor.stop)
        if found is None:
            here = cursor.data[cursor.at : min(cursor.at + 1, cursor.stop)]
            raise _Stop("a string that does not end" if here == b'"' else "no name starts here")
        text = found.group().decode("utf-8", "backslashreplace")
        if "\\" not in text:
            return text[1:-1], found.end()
        try:
            # Half of a pair of surrogates is no text that anybody could print.
            plain = str(json.loads(text, strict=False)).encode("utf-8", "backslashreplace").decode()
        except ValueError:
            plain = text[1:-1]
        return plain, found.end()

    def _leaf(self, name: str, value: str | None, stop: int) -> None:
        self.cursor.meant(name, self._tail(stop) - self.cursor.at, value)

    def _tail(self, stop: int) -> int:
        """Where what belongs to no value ends."""
        tail = _TAIL.match(self.cursor.data, stop, self.cursor.stop)
        assert tail is not None
        self.comma = tail.group(1) is not None
        return tail.end()
