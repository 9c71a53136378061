"""Fragments of datagrams put back together (RFC 791 section 3.2, RFC 8200 section 4.5).

Bounded: what waits too long, or in too great a number, is given up, oldest first. Where fragments
overlap, the bytes that came first stay; that they overlapped, or even differed, is told.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from wirestep.model import Piece, Source

from .cursor import Cursor

MAX_WAITING = 512
"""Datagrams that may wait for fragments at once."""
MAX_HELD = 8 << 20
"""Bytes that may wait for the rest of their datagrams."""
MAX_SIZE = 65_535
"""Bytes of one datagram."""
MAX_PARTS = 10_000
"""Fragments of one datagram: more than eight bytes each can make of it are lies."""
PATIENCE = 120_000_000_000
"""Nanoseconds a datagram may take (RFC 1122 section 3.3.2: between 60 and 120 seconds)."""


class Run(NamedTuple):
    """Bytes of a datagram that are there."""

    start: int
    data: bytes
    pieces: tuple[Piece, ...]

    @property
    def stop(self) -> int:
        """Where the run ends."""
        return self.start + len(self.data)


class Part(NamedTuple):
    """One fragment as it came."""

    record: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Datagram:
    """What is known of one datagram; whole once its last fragment and all before it are there."""

    began: int
    """Time of its first fragment, ns."""
    runs: tuple[Run, ...] = ()
    """In order, none overlapping."""
    parts: tuple[Part, ...] = ()
    """Every fragment, in the order in which they came."""
    size: int | None = None
    """Bytes of the whole, known from the fragment that none follows."""
    next: int = 0
    """The protocol that the first fragment names (IPv6)."""
    overlap: bool = False
    conflict: bool = False
    """Fragments say different things of the same bytes."""
    tails: bool = False
    """Several fragments say they are the last, at different ends."""
    beyond: bool = False
    """A fragment reaches beyond the last one's end, or beyond 65,535 bytes."""

    @property
    def held(self) -> int:
        """Bytes that are there."""
        return sum(len(run.data) for run in self.runs)

    @property
    def whole(self) -> bool:
        """Whether no byte is missing."""
        at = 0
        for run in self.runs:
            if run.start != at:
                break
            at = run.stop
        return self.size is not None and at >= self.size

    def source(self, name: str) -> Source:
        """The bytes of a whole datagram, each with the record it came in."""
        data, pieces = bytearray(), []
        for run in self.runs:
            pieces += [piece._replace(start=run.start + piece.start) for piece in run.pieces]
            data += run.data
        size = self.size or 0
        fitting = [p._replace(length=min(p.length, size - p.start)) for p in pieces]
        return Source(name, bytes(data[:size]), tuple(p for p in fitting if p.length > 0))


class Fragment(NamedTuple):
    """A fragment to be added."""

    source: Source
    start: int
    stop: int
    offset: int
    """Place of its first byte in the datagram."""
    more: bool
    """Whether others follow it."""
    record: int
    time: int
    next: int = 0


@dataclass
class Fragments:
    """All datagrams that wait for fragments, by what tells them apart."""

    waiting: dict[Hashable, Datagram] = field(default_factory=dict)
    held: int = 0
    """Bytes in all of them."""

    def copy(self) -> Self:
        """A checkpoint: the datagrams themselves never change."""
        return type(self)(dict(self.waiting), self.held)

    def add(self, key: Hashable, fragment: Fragment) -> Datagram:
        """The datagram with this fragment in it; forgotten here once it is whole."""
        old = self.waiting.pop(key, None)
        if old is not None:
            self.held -= old.held
            if not 0 <= fragment.time - old.began <= PATIENCE:
                old = None
        new = joined(old or Datagram(fragment.time), fragment)
        if not new.whole:
            self.waiting[key] = new
            self.held += new.held
            self._bound()
        return new

    def _bound(self) -> None:
        while self.waiting and (len(self.waiting) > MAX_WAITING or self.held > MAX_HELD):
            oldest = next(iter(self.waiting))
            self.held -= self.waiting.pop(oldest).held


def joined(datagram: Datagram, fragment: Fragment) -> Datagram:
    """The datagram and one more fragment."""
    start, stop = fragment.offset, fragment.offset + fragment.stop - fragment.start
    size, tails, beyond = datagram.size, datagram.tails, datagram.beyond
    if stop > MAX_SIZE or len(datagram.parts) >= MAX_PARTS:
        return replace(datagram, beyond=True)
    if not fragment.more:
        tails = tails or (size is not None and size != stop)
        size = stop if size is None else size
    if size is not None and (stop > size or (datagram.runs and datagram.runs[-1].stop > size)):
        beyond = True
    runs, overlap, conflict = _laid(datagram.runs, fragment, start, stop)
    part = Part(fragment.record, start, stop - start)
    return replace(
        datagram,
        runs=runs,
        parts=(*datagram.parts, part),
        size=size,
        next=fragment.next if fragment.offset == 0 else datagram.next,
        overlap=datagram.overlap or overlap,
        conflict=datagram.conflict or conflict,
        tails=tails,
        beyond=beyond,
    )


def _laid(
    runs: tuple[Run, ...], fragment: Fragment, start: int, stop: int
) -> tuple[tuple[Run, ...], bool, bool]:
    """The runs with the fragment's new bytes between them; whether it overlaps, or conflicts."""
    source, base = fragment.source, fragment.start - start
    first = bisect_left(runs, start, key=lambda run: run.stop)
    last = bisect_left(runs, stop, lo=first, key=lambda run: run.start)
    found: list[Run] = []
    overlap = conflict = False
    at = start

    def fill(low: int, high: int) -> None:
        if low < high:
            data = source.data[base + low : base + high]
            found.append(Run(low, data, source.locate(base + low, base + high)))

    for run in runs[first:last]:
        fill(at, run.start)
        low, high = max(start, run.start), min(stop, run.stop)
        if low < high:
            overlap = True
            there = run.data[low - run.start : high - run.start]
            conflict = conflict or there != source.data[base + low : base + high]
        found.append(run)
        at = max(at, run.stop)
    fill(at, stop)
    return (*runs[:first], *found, *runs[last:]), overlap, conflict


def describe(cursor: Cursor, datagram: Datagram, name: str) -> None:
    """What is wrong with the fragments so far, and, of a whole datagram, all of them.

    Notes, and worked fields `<name>.fragments` and below (Wireshark's names).
    """
    if datagram.conflict:
        cursor.note("broken", "fragments overlap and differ; the bytes that came first stay")
    elif datagram.overlap:
        cursor.note("odd", "fragments overlap")
    if datagram.tails:
        cursor.note("broken", "two fragments say they are the last, at different ends")
    if datagram.beyond:
        cursor.note("broken", "a fragment reaches beyond the datagram's end")
    if not datagram.whole:
        of = "" if datagram.size is None else f" of {datagram.size}"
        cursor.note("info", f"fragments of the datagram so far: {datagram.held}{of} bytes")
        return
    with cursor.group(f"{name}.fragments"):
        for part in sorted(datagram.parts, key=lambda part: part.start):
            stop = part.start + part.size
            shown = f"{part.record + 1}, bytes {part.start} to {stop} of the datagram"
            cursor.worked(f"{name}.fragment", part.record + 1, shown)
        flaws = (
            ("overlap", datagram.overlap),
            ("overlap.conflict", datagram.conflict),
            ("multipletails", datagram.tails),
            ("toolongfragment", datagram.beyond),
        )
        for flaw, found in flaws:
            if found:
                cursor.worked(f"{name}.fragment.{flaw}", 1)
        cursor.worked(f"{name}.fragment.count", len(datagram.parts))
        cursor.worked(f"{name}.reassembled.length", datagram.size)
        if cursor.wants(f"{name}.reassembled.data"):
            cursor.worked(f"{name}.reassembled.data", datagram.source("").data)
