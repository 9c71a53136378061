"""Where a message ends: the length of its body, and chunks (RFC 9112 sections 6 and 7)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .head import Head

SLICE = 8 << 20
"""Bytes of a body that are read as one unit; a longer one goes on in further units."""
MAX_LINE = 16 << 10
"""Bytes of a line that gives a chunk's size, with its extensions."""
MAX_TRAILERS = 64 << 10
MAX_CHUNKS = 10_000
"""Chunks of one unit; a body with more goes on in further units."""
FOREVER = 1 << 62
"""Length of a body that ends with the flow."""

_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(;.*)?", re.DOTALL)
_END = re.compile(rb"(?:^|\n)\r?\n")
_CODINGS = frozenset({"chunked", "gzip", "x-gzip", "deflate", "compress", "x-compress", "identity"})


@dataclass(frozen=True, slots=True)
class Body:
    """How the bytes behind a head are counted."""

    kind: str
    """One of "none", "length", "chunked", "close" (to the end of the flow)."""
    length: int = 0


@dataclass(slots=True)
class Problems:
    """What is wrong with the headers that frame a message."""

    notes: list[tuple[str, str]] = field(default_factory=list)
    """Level and text."""
    both: bool = False
    """Transfer-Encoding and Content-Length."""
    unknown: bool = False
    """A transfer coding nobody knows."""

    def odd(self, text: str) -> None:
        """A smell: two readers of these bytes may disagree on where the message ends."""
        self.notes.append(("odd", text))

    def broken(self, text: str) -> None:
        """A rule broken."""
        self.notes.append(("broken", text))


def frame(head: Head, asked: str, problems: Problems) -> Body:
    """How long the body is (RFC 9112 section 6.3); a response answers the method `asked`."""
    codings = head.tokens("transfer-encoding")
    length = _content_length(head, problems)
    if not head.response:
        _host(head, problems)
    if codings:
        _judge(codings, head, length, problems)
    if head.response:
        if asked == "HEAD" or head.status // 100 == 1 or head.status in (204, 304):
            return Body("none")
        if asked == "CONNECT" and head.status // 100 == 2:
            return Body("none")
    if codings:
        if codings[-1] == "chunked":
            return Body("chunked")
        if head.response:
            return Body("close", FOREVER)
        problems.broken("a request whose last transfer coding is not chunked has no known length")
        return Body("close", FOREVER)
    if length is not None:
        return Body("length", length) if length else Body("none")
    if head.response:
        return Body("close", FOREVER)
    return Body("none")


def _host(head: Head, problems: Problems) -> None:
    """A request must name its host once (RFC 9112 section 3.2)."""
    hosts = head.all("host")
    if head.whole and not hosts and head.first.endswith(b"HTTP/1.1"):
        problems.broken("no Host: a server must refuse the request (RFC 9112 section 3.2)")
    elif len(hosts) > 1:
        problems.broken("Host more than once (RFC 9112 section 3.2)")


def _judge(codings: list[str], head: Head, length: int | None, problems: Problems) -> None:
    if head.all("content-length"):
        problems.both = True
        problems.odd(
            "Transfer-Encoding and Content-Length: the length does not count, and a reader that "
            "thinks otherwise can be smuggled a request (RFC 9112 section 6.3)"
        )
    if not set(codings) <= _CODINGS:
        problems.unknown = True
        problems.odd(f"unknown transfer coding: {', '.join(codings)[:60]}")
    if codings.count("chunked") > 1:
        problems.odd("chunked more than once (RFC 9112 section 7.1)")
    if head.first.endswith(b"HTTP/1.0"):
        problems.odd("Transfer-Encoding in HTTP/1.0 (RFC 9112 section 6.1)")


def _content_length(head: Head, problems: Problems) -> int | None:
    values = [part.strip() for value in head.all("content-length") for part in value.split(",")]
    if not values:
        return None
    good = [int(v) for v in values if v.isascii() and v.isdigit() and len(v) < 19]
    if len(good) < len(values):
        problems.broken(f"Content-Length is no number: {', '.join(values)[:60]}")
    if len(set(good)) > 1:
        problems.broken(
            f"Content-Lengths that differ: {', '.join(values)[:60]}; read with the first"
        )
    elif len(values) > 1:
        problems.odd("Content-Length more than once")
    return good[0] if good else None


def chunk_size(line: bytes) -> tuple[int, int] | None:
    """The size that a chunk's first line gives and how many bytes of the line say it, or None."""
    found = _SIZE.fullmatch(line)
    return None if found is None else (int(found.group(1), 16), found.end(1))


@dataclass(slots=True)
class Chunks:
    """A walk over chunks that stops where bytes are missing and goes on when they came.

    A walk begins at the start of a body, or in a chunk's data of which `left` bytes are to come
    (in a body that is read in slices).
    """

    at: int
    """Start of what is not yet walked."""
    limit: int
    """The slice ends here, or behind the line that stands here."""
    left: int = 0
    count: int = 0

    def step(self, data: memoryview) -> tuple[int | None, bool]:
        """Walk on: the end of the unit if it is known, and whether that is exact.

        (None, False): not known; (n, False): it has at least n bytes.
        """
        if self.left:
            stop, self.left = self._data(self.at, self.left), 0
            if stop is not None:
                return stop, True
        while True:
            if self.at > len(data):
                return self.at, False
            line = bytes(data[self.at : self.at + 64])
            if b"\n" not in line:
                line = bytes(data[self.at : self.at + MAX_LINE])
            feed = line.find(b"\n")
            if feed < 0:
                return (self.at + MAX_LINE, True) if len(line) == MAX_LINE else (None, False)
            size = chunk_size(line[:feed].removesuffix(b"\r"))
            behind = self.at + feed + 1
            if size is None:
                return behind, True
            if size[0] == 0:
                return self._trailers(data, behind)
            if behind >= self.limit:
                return behind, True
            stop = self._data(behind, size[0])
            if stop is not None:
                return stop, True

    def _data(self, start: int, size: int) -> int | None:
        """Walk over a chunk's data; the end of the slice, if it ends there."""
        if start + size > self.limit:
            return self.limit
        self.at = start + size + 2
        self.count += 1
        return self.at if self.at >= self.limit or self.count == MAX_CHUNKS else None

    def _trailers(self, data: memoryview, at: int) -> tuple[int | None, bool]:
        block = bytes(data[at : at + MAX_TRAILERS])
        found = _END.search(block)
        if found is not None:
            return at + found.end(), True
        return (at + MAX_TRAILERS, True) if len(block) == MAX_TRAILERS else (None, False)
