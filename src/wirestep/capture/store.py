"""A capture: packets at rest, growing at the end while they are loaded."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from wirestep.model.record import Record

from . import options
from .arrays import Array
from .columns import Columns, ColumnStore
from .feed import Feed, FileFeed
from .frames import Interface, Taken

BATCH = 256
"""Records read ahead of the one that is wanted."""
NEAR = 16_384
"""Bytes between two records that are cheaper to read than to skip."""
SPAN = 1 << 20
"""Bytes read at once."""


class Reader(Protocol):
    """What a format's reader knows (PcapReader, PcapngReader)."""

    interfaces: list[Interface]
    start: int

    def take(self, buffer: Array, stop: int, base: int) -> Taken:
        """The whole frames in the first `stop` bytes of a window."""
        ...

    def cut(self, left: int, base: int) -> str:
        """What is said of `left` bytes at the end that make no whole unit."""
        ...


class Capture:
    """Records of a capture and what is known of them.

    One thread loads (`load`); any thread may read rows below `count` meanwhile.
    """

    def __init__(self, name: str, path: str | None, format: str, feed: Feed, reader: Reader):
        self.name = name
        """What to call it: the file's name."""
        self.path = path
        """Where it lies; None for a stream."""
        self.format = format
        """"pcap", "pcapng", "pcap (gzip)" ..."""
        self.finished = False
        """Nothing more will come."""
        self.problem = ""
        """Why it ended early, as a sentence; "" if it did not."""
        self.feed = feed
        """The bytes; for `load` only."""
        self.reader = reader
        """The format's reader; for `load` only."""
        self.store = ColumnStore()
        """The columns; for `load` only."""
        self.closed = False
        self._columns: Columns | None = None
        # A capture that nobody holds any more gives back its files.
        self._release = weakref.finalize(self, feed.close)

    @property
    def count(self) -> int:
        """Records that can be read now."""
        return self.store.count

    def __len__(self) -> int:
        return self.store.count

    @property
    def bytes_done(self) -> int:
        """Bytes of the input read so far (compressed ones, where it is compressed)."""
        return self.feed.done

    @property
    def bytes_total(self) -> int | None:
        """Bytes of the input; None for a stream."""
        return self.feed.total

    @property
    def columns(self) -> Columns:
        """A look at all packets indexed so far."""
        made = self._columns
        if made is None or len(made) != self.store.count or self.finished != self._final:
            self._final = self.finished
            made = self._columns = self.store.snapshot()
        return made

    _final = False

    @property
    def interfaces(self) -> Sequence[Interface]:
        """Where packets were captured; `Record.interface` counts in it."""
        return tuple(self.reader.interfaces)

    @property
    def sections(self) -> tuple[options.Section, ...]:
        """What each section of a pcapng file says of itself; none for pcap."""
        return tuple(getattr(self.reader, "sections", ()))

    @property
    def statistics(self) -> tuple[options.Statistics, ...]:
        """What the interfaces counted."""
        return tuple(getattr(self.reader, "statistics", ()))

    @property
    def secrets(self) -> bytes:
        """The TLS key log lines in the file (decryption secrets blocks), joined."""
        return b"".join(getattr(self.reader, "secrets", ()))

    @property
    def names(self) -> Mapping[str, str]:
        """Names of addresses, as the file tells them (name resolution blocks)."""
        return MappingProxyType(getattr(self.reader, "names", {}))

    @property
    def comments(self) -> tuple[str, ...]:
        """Comments on the capture as a whole (of all sections)."""
        return tuple(text for section in self.sections for text in section.comments)

    @property
    def hardware(self) -> str:
        """The machine it was made on, "" if unknown."""
        return next((section.hardware for section in self.sections if section.hardware), "")

    @property
    def os(self) -> str:
        """The system it was made on, "" if unknown."""
        return next((section.os for section in self.sections if section.os), "")

    @property
    def application(self) -> str:
        """The program that wrote it, "" if unknown."""
        found = (section.application for section in self.sections if section.application)
        return next(found, "")

    def __getitem__(self, row: int) -> Record:
        """One record; raises IndexError for a row that is not there (yet)."""
        count = self.count
        if not -count <= row < count:
            raise IndexError(f"no packet {row + 1} among {count}")
        return next(self.records((row % count,)))

    def __iter__(self) -> Iterator[Record]:
        return self.records(range(self.count))

    def records(self, rows: Iterable[int]) -> Iterator[Record]:
        """The records of `rows`, in that order; neighbours in the file are read together."""
        columns = self.columns
        batch: list[int] = []
        start = stop = 0
        for row in rows:
            row = int(row)
            if not 0 <= row < len(columns):
                raise IndexError(f"no packet {row + 1} among {len(columns)}")
            low = int(columns.offset[row])
            high = low + int(columns.caplen[row]) + 3 + int(columns.options[row])
            if batch and (
                low < start or low > stop + NEAR or high > start + SPAN or len(batch) >= BATCH
            ):
                yield from self._batch(columns, batch, start, stop)
                batch = []
            if not batch:
                start, stop = low, high
            batch.append(row)
            stop = max(stop, high)
        if batch:
            yield from self._batch(columns, batch, start, stop)

    def ready(self) -> bool:
        """Whether the next step of `load` will not wait for somebody to write."""
        return self.feed.ready()

    def settle(self) -> None:
        """A file that was followed is not any longer: what it holds now is all."""
        if isinstance(self.feed, FileFeed):
            self.feed.settle()

    def close(self) -> None:
        """Give back the file; columns stay usable, records do not."""
        self.closed = True
        self._release()

    def _batch(self, columns: Columns, rows: list[int], start: int, stop: int) -> Iterator[Record]:
        data = self.feed.at(start, stop - start)
        interfaces = self.reader.interfaces
        for row in rows:
            at = int(columns.offset[row]) - start
            size = int(columns.caplen[row])
            interface = int(columns.interface[row])
            extra = int(columns.options[row])
            notes: tuple[str, ...] = ()
            if extra:
                behind = at + size + (-size & 3)
                order = getattr(self.reader, "orders", ["<"])[interface]
                notes = options.comments(data[behind : behind + extra], order)
            yield Record(
                number=row,
                time=int(columns.time[row]),
                data=data[at : at + size],
                length=int(columns.length[row]),
                link=interfaces[interface].link,
                interface=interface,
                comments=notes,
            )
