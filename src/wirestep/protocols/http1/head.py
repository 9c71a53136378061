"""The head of a message: start line and header lines, found and split (RFC 9112 sections 2 to 5).

Nothing here makes fields or keeps state: `measure` and `decode` read a head with the same eyes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from .names import METHODS

MAX_HEAD = 256 << 10
"""Bytes of a head; what is longer is not read as HTTP."""
MAX_HEADERS = 2000
"""Header lines told apart; those beyond stay one field."""
MAX_METHOD = 64
"""Longest first word that is still taken for a method."""
MAX_LINE = 8192
"""Bytes of a start line that are looked at to tell whether it is one."""
MAX_BLANK = 64
"""Empty lines skipped ahead of a message, in bytes."""
MAX_SMALL = 4096
"""Bytes of a head that is remembered."""
WINDOW = 4096
"""Bytes copied at a time while the end of the head is looked for."""

_EMPTY = re.compile(rb"\n\r?\n")
_REQUEST = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64} ")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VERSION = re.compile(rb"HTTP/[0-9]\.[0-9]")
_STATUS = re.compile(rb"[0-9]{3}")
_BREAKS = b"\r\n"
_BLANK = b" \t"
_SPACE = b" \t\r\n"

GAP = "space between a header's name and the colon (RFC 9112 section 5.1)"
BAD_NAME = "characters in a header's name that may not be there"


def text(data: bytes) -> str:
    """Bytes of a head as text; those that are no UTF-8 are spelled out."""
    return data.decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Header:
    """One header, with the lines it is folded over: bytes [start, stop), the line end included."""

    name: str
    """In lower case; "" where the line has no colon."""
    value: str
    start: int
    stop: int
    name_stop: int
    """Where the colon stands."""
    value_start: int
    value_stop: int
    """Where the value's text ends, without blanks and line end."""
    faults: tuple[str, ...] = ()
    """What is wrong with the line, said for people."""


@dataclass(frozen=True, slots=True)
class Head:
    """Start line and headers; offsets are those of the bytes it was read from."""

    start: int
    """Where the start line begins, behind empty lines."""
    line_stop: int
    """Where the text of the start line ends; its line end is [line_stop, line_next)."""
    line_next: int
    first: bytes
    """The start line."""
    headers: tuple[Header, ...]
    fields_stop: int
    """Where the last header line ends; the empty line is [fields_stop, stop)."""
    stop: int
    whole: bool
    """Whether the empty line that ends the head is there."""
    response: bool = field(init=False)
    """A response; else a request."""
    status: int = field(init=False)
    """The status code; 0 where there is none."""
    _values: dict[str, list[str]] = field(init=False, repr=False)
    """Of all headers, by name."""

    def __post_init__(self) -> None:
        response = self.first.startswith(b"HTTP/")
        digits = self.first.split(b" ", 2)[1:2] if response else []
        status = int(digits[0]) if digits and _STATUS.fullmatch(digits[0]) else 0
        values: dict[str, list[str]] = {}
        for header in self.headers:
            values.setdefault(header.name, []).append(header.value)
        object.__setattr__(self, "response", response)
        object.__setattr__(self, "status", status)
        object.__setattr__(self, "_values", values)

    @property
    def method(self) -> str:
        """The method of a request."""
        return "" if self.response else text(self.first.split(b" ", 1)[0])

    def all(self, name: str) -> list[str]:
        """Values of all headers called `name` (in lower case), in order."""
        return self._values.get(name, [])

    def get(self, name: str) -> str:
        """Value of the first header called `name`, or ""."""
        values = self._values.get(name)
        return values[0] if values else ""

    def tokens(self, name: str) -> list[str]:
        """The comma-separated members of all headers called `name`, in lower case."""
        if name not in self._values:
            return []
        members = ",".join(self.all(name)).lower().split(",")
        return [member.strip() for member in members if member.strip()]


def starts(line: bytes, ended: bool) -> bool | None:
    """Whether `line` can start a message; None while more of it could tell.

    `ended`: it is the whole line, without its end.
    """
    if b"HTTP/".startswith(line[:5]) and not ended:
        return True if len(line) >= 5 else None
    if line.startswith(b"HTTP/"):
        return True
    found = _REQUEST.match(line)
    if found is None:
        more = not ended and len(line) <= MAX_METHOD and bool(_NAME.fullmatch(line))
        return None if more else False
    if found.group()[:-1] in METHODS or (ended and _VERSION.search(line, len(line) - 8)):
        return True
    return False if ended else None


def first_line(data: memoryview) -> tuple[int, bytes, bool]:
    """Where the start line begins, its text as far as it is there, and whether it is all there.

    Empty lines may stand ahead of a message (RFC 9112 section 2.2); a start line of which the end
    is not among the first bytes counts as cut.
    """
    at = 0
    while at < len(data) and at < MAX_BLANK and data[at] in _BREAKS:
        at += 1
    line = bytes(data[at : at + MAX_LINE])
    feed = line.find(b"\n")
    if feed < 0:
        return at, line, len(line) == MAX_LINE
    return at, line[:feed].removesuffix(b"\r"), True


def head_end(data: memoryview, start: int, seen: int) -> tuple[int | None, int]:
    """Offset behind the empty line that ends the head begun at `start`, or None.

    `seen` is how far an earlier look came; the second value is how far this one did.
    """
    at = max(start, seen - 3)
    limit = min(len(data), start + MAX_HEAD)
    while at < limit:
        stop = min(at + WINDOW, limit)
        found = _EMPTY.search(bytes(data[at:stop]))
        if found is not None:
            return at + found.end(), at
        if stop == limit:
            break
        at = stop - 3
    return None, limit


def line_at(data: bytes, at: int, stop: int) -> tuple[int, int]:
    """Where the text of the line at `at` ends, and where the next line starts.

    A line may end with LF alone (RFC 9112 2.2); one that does not end goes up to `stop`.
    """
    feed = data.find(b"\n", at, stop)
    if feed < 0:
        return stop, stop
    return (feed - 1 if feed > at and data[feed - 1] == 13 else feed), feed + 1


def _header(data: bytes, start: int, line_stop: int, stop: int, folds: list[bytes]) -> Header:
    line = data[start:line_stop]
    name, colon, rest = line.partition(b":")
    faults = []
    if folds:
        faults.append("a header folded over several lines (obsolete, RFC 9112 section 5.2)")
    if not colon:
        fault = "a header line without a colon"
        return Header("", text(line), start, stop, start, start, start, (fault,))
    if not _NAME.fullmatch(name):
        gap = name[-1:] in (b" ", b"\t") and _NAME.fullmatch(name.rstrip())
        faults.append(GAP if gap else BAD_NAME)
    value = b" ".join([rest.strip(_BLANK), *folds]).strip(_BLANK)
    name_stop = start + len(name)
    value_start = line_stop - len(rest.lstrip(_BLANK))
    value_stop = value_start + len(data[value_start:stop].rstrip(_SPACE))
    return Header(
        text(name).strip().lower(),
        text(value),
        start,
        stop,
        name_stop,
        value_start,
        value_stop,
        tuple(faults),
    )


@lru_cache(maxsize=256)
def small_head(data: bytes) -> Head:
    """A whole head of at most MAX_SMALL bytes: clients say the same again and again."""
    return read_head(data, 0, len(data))


def read_head(data: bytes, at: int, stop: int) -> Head:
    """The head that begins in data[at:stop], up to its empty line or as far as it is there."""
    start = at + first_line(memoryview(data)[at:stop])[0]
    line_stop, line_next = line_at(data, start, stop)
    headers: list[Header] = []
    at = line_next
    while at < stop:
        text_stop, following = line_at(data, at, stop)
        if text_stop == at and following > at:
            return Head(
                start,
                line_stop,
                line_next,
                data[start:line_stop],
                tuple(headers),
                at,
                following,
                True,
            )
        if len(headers) == MAX_HEADERS:
            break
        folds = []
        while following < stop and data[following] in _BLANK:
            fold_stop, after = line_at(data, following, stop)
            folds.append(data[following:fold_stop].strip(_BLANK))
            following = after
        headers.append(_header(data, at, text_stop, following, folds))
        at = following
    if len(headers) == MAX_HEADERS:
        found = _EMPTY.search(data, at - 1, stop)
        if found is not None:
            end = found.start() + 1
            headers.append(
                Header(
                    "",
                    text(data[at:end]),
                    at,
                    end,
                    at,
                    at,
                    at,
                    (f"over {MAX_HEADERS} header lines",),
                )
            )
            first = data[start:line_stop]
            return Head(start, line_stop, line_next, first, tuple(headers), end, found.end(), True)
    return Head(start, line_stop, line_next, data[start:line_stop], tuple(headers), at, at, False)
