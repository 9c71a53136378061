"""Bodies whose content type says how they are built: text that is read on, with bounds.

The readers are functions over a cursor, for whatever protocol carries the body.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .bodies_form import read_form
from .bodies_json import read_json
from .bodies_multipart import read_multipart
from .bodies_reader import Reader
from .cursor import Cursor

MAX_NESTING = 4
"""Multiparts within multiparts."""
UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


class Kind(NamedTuple):
    """A content type (RFC 9110 section 8.3.1)."""

    name: str
    """"application/json", in small letters."""
    parameters: Mapping[str, str]
    """By name, in small letters; values without their quotes."""


def kind_of(header: str) -> Kind:
    """What the value of a Content-Type header says."""
    name, _, rest = header.partition(";")
    parameters = {}
    for parameter in rest.split(";"):
        key, equals, value = parameter.partition("=")
        if equals:
            parameters[key.strip().lower()] = value.strip(' \t"')
    return Kind(name.strip().lower(), parameters)


def reader_of(kind: Kind) -> tuple[Reader, str] | None:
    """What reads such a body, and how the names of its fields begin; None where nothing does."""
    name = kind.name
    found = READERS.get(name)
    if found is None and name.startswith("multipart/") and "boundary" in kind.parameters:
        found = READERS["multipart/mixed"]
    if found is None and name.endswith("+json"):
        found = READERS["application/json"]
    if kind.parameters.get("charset", "utf-8").lower() not in UTF_8:
        return None
    return found


def read_body(
    cursor: Cursor, name: str, size: int, header: str, encoding: str = "utf-8", depth: int = 0
) -> None:
    """`size` bytes of text as the field `name`, with fields below it where the type has any.

    `header` is the value of Content-Type.
    """
    found = reader_of(kind := kind_of(header)) if header and depth <= MAX_NESTING else None
    if found is None or not size or not cursor.wants_under(found[1]):
        if cursor.wants(name):
            cursor.text(name, size, encoding)
        else:
            cursor.skip(size)  # a long body is not worth a copy that nobody looks at
        return
    text = cursor.peek(size).decode(encoding, "backslashreplace") if cursor.wants(name) else ""
    with cursor.group(name, size, value=text):
        found[0](cursor, kind.name, kind.parameters, _Inner(depth + 1))


def is_built(header: str) -> bool:
    """Whether there is a reader for bodies of this type."""
    return bool(header) and reader_of(kind_of(header)) is not None


def wants_body(cursor: Cursor, header: str) -> bool:
    """Whether fields of a body of this type would be kept."""
    found = reader_of(kind_of(header)) if header else None
    return found is not None and cursor.wants_under(found[1])


class _Inner:
    """Reads the bodies that lie within a body."""

    def __init__(self, depth: int) -> None:
        self._depth = depth

    def __call__(self, cursor: Cursor, name: str, size: int, header: str) -> None:
        read_body(cursor, name, size, header, depth=self._depth)


READERS: dict[str, tuple[Reader, str]] = {
    "application/json": (read_json, "json."),
    "text/json": (read_json, "json."),
    "application/x-www-form-urlencoded": (read_form, "urlencoded-form."),
    "multipart/form-data": (read_multipart, ""),
    "multipart/mixed": (read_multipart, ""),
}
"""By content type: the reader, and the prefix of its fields ("" where it nests others)."""
