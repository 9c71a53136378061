"""The tables of HPACK: the static one and the one that grows (RFC 7541 sections 2.3 and A)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

OVERHEAD = 32
"""Bytes that an entry counts beside its name and value (RFC 7541 section 4.1)."""
DEFAULT_SIZE = 4096
MAX_MEMO, MAX_RECALLED = 256, 1024
"""Blocks that are remembered, and bytes of one."""
LARGEST = 1 << 20
"""Bytes of a table that is kept, whatever its sender asks for."""


class Entry(NamedTuple):
    """A header; texts with their sizes in bytes."""

    name: str
    value: str
    name_size: int
    value_size: int

    @property
    def size(self) -> int:
        """What it counts in a table."""
        return self.name_size + self.value_size + OVERHEAD


def _static(line: str) -> Entry:
    name, _, value = line.partition(" ")
    return Entry(name, value, len(name), len(value))


STATIC = tuple(
    map(
        _static,
        """\
:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate
""".splitlines(),
    )
)
"""Entry 1 first."""
FIRST_DYNAMIC = len(STATIC) + 1


@dataclass(slots=True)
class Table:
    """What one side's encoder remembers; the newest entry is the first."""

    entries: deque[Entry] = field(default_factory=deque)
    size: int = 0
    limit: int = DEFAULT_SIZE
    partial: bool = False
    """There may be older entries, from before the capture or from bytes that were lost."""
    memo: dict[bytes, tuple[Entry, ...]] = field(default_factory=dict, compare=False, repr=False)
    """Blocks that were read since the entries changed, and that change none."""

    def recall(self, block: bytes, entries: tuple[Entry, ...]) -> None:
        """These bytes say these headers for as long as the table stays as it is."""
        if len(block) <= MAX_RECALLED and len(self.memo) < MAX_MEMO:
            self.memo[block] = entries

    def get(self, index: int) -> Entry | None:
        """The entry with this number, the static ones first (RFC 7541 section 2.3.3)."""
        if index < FIRST_DYNAMIC:
            return STATIC[index - 1] if index > 0 else None
        place = index - FIRST_DYNAMIC
        return self.entries[place] if place < len(self.entries) else None

    def add(self, entry: Entry) -> int:
        """Insert an entry; how many had to go for it (RFC 7541 section 4.4)."""
        self.memo.clear()
        self.entries.appendleft(entry)
        self.size += entry.size
        return self._shrink()

    def resize(self, limit: int) -> int:
        """A new limit; how many entries had to go (RFC 7541 section 4.3)."""
        self.memo.clear()
        self.limit = min(limit, LARGEST)
        return self._shrink()

    def _shrink(self) -> int:
        gone = 0
        while self.size > self.limit:
            self.size -= self.entries.pop().size
            gone += 1
        return gone

    def lose(self) -> None:
        """Entries were added that nobody saw: those that are known have unknown numbers."""
        self.memo.clear()
        self.entries.clear()
        self.size, self.partial = 0, True

    def copy(self) -> Self:
        """A checkpoint."""
        return replace(self, entries=self.entries.copy(), memo={})
