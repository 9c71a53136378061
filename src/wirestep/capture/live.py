"""A capture without a file: packets are given to it as they happen, in batches."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence

import numpy as np

from wirestep.model.record import Record

from . import options
from .arrays import GUARD, Array
from .columns import decoded
from .feed import Places
from .frames import Frames, Interface, Taken
from .store import Capture


class LiveFeed:
    """The bytes of the frames, kept in a temporary file without a name."""

    steady = False
    total: int | None = None

    def __init__(self) -> None:
        self._places = Places(tempfile.TemporaryFile(buffering=0))  # noqa: SIM115
        self.problem = ""
        self.done = 0
        self.news = threading.Event()
        """Something came, or nothing more will."""

    def ready(self) -> bool:
        """As in Feed."""
        return self.news.is_set()

    def keep(self, data: memoryview) -> None:
        """Put `data` behind all before it."""
        self._places.write(self.done, data)
        self.done += len(data)

    def read_into(self, view: memoryview) -> int:
        """As in Feed: nobody reads these in order."""
        return 0

    def at(self, offset: int, size: int) -> bytes:
        """As in Feed."""
        return self._places.at(offset, size)

    def close(self) -> None:
        """As in Feed."""
        self.news.set()
        self._places.close()


class LiveReader:
    """What is known of the source; nothing has to be read."""

    start = 0

    def __init__(self, interfaces: Sequence[Interface]) -> None:
        self.interfaces = list(interfaces)
        self.orders = ["<"] * len(self.interfaces)
        """Byte order of the options of each interface's packets."""
        self.secrets: list[bytes] = []
        """Key log lines, as they were told."""

    def take(self, buffer: Array, stop: int, base: int) -> Taken:
        """As in Reader."""
        return Taken(Frames.none(), stop)

    def cut(self, left: int, base: int) -> str:
        """As in Reader."""
        return ""


class LiveCapture(Capture):
    """Grows by `append`, until `end`; one thread calls both. Read like any other capture."""

    def __init__(self, name: str, interfaces: Sequence[Interface] = (Interface(),)) -> None:
        self._live = LiveFeed()
        self._told = LiveReader(interfaces)
        super().__init__(name, None, "live", self._live, self._told)

    def append(self, records: Sequence[Record]) -> None:
        """Index records that happened after all before them; their numbers and links do not matter.

        Each call costs about as much as a hundred packets: collect some.

        Raises:
            ValueError: a record's interface is unknown, or the capture has ended.
        """
        if self.finished or self.closed:
            raise ValueError(f"{self.name} has ended")
        if not records:
            return
        interfaces = self.reader.interfaces
        if wrong := [one for one in records if not 0 <= one.interface < len(interfaces)]:
            raise ValueError(f"interface {wrong[0].interface} is unknown")
        notes = [options.texts((1, text) for text in one.comments) for one in records]
        parts = [
            options.padded(one.data) + note if note else one.data
            for one, note in zip(records, notes, strict=True)
        ]
        data = b"".join(parts)
        buffer = np.zeros(len(data) + GUARD, np.uint8)
        buffer[: len(data)] = np.frombuffer(data, np.uint8)
        ends = np.cumsum([len(part) for part in parts], dtype=np.int64)
        frames = Frames(
            np.concatenate((np.zeros(1, np.int64), ends[:-1])),
            np.array([len(one.data) for one in records], np.uint32),
            np.array([one.length for one in records], np.uint32),
            np.array([one.time for one in records], np.int64),
            np.array([one.interface for one in records], np.uint16),
            np.array([min(len(note), 0xFFFF) for note in notes], np.uint16),
        )
        base = self._live.done
        self._live.keep(memoryview(data))
        links = [one.link for one in interfaces]
        self.store.append(decoded(buffer, frames, links), base, links)
        self._live.news.set()

    def interface(self, interface: Interface) -> int:
        """One more place where packets come from: its number, for records."""
        self._told.interfaces.append(interface)
        self._told.orders.append("<")
        return len(self._told.interfaces) - 1

    def learn(self, log: bytes) -> None:
        """Take in whole lines of a key log; packets before them may need them as well."""
        self._told.secrets.append(log)
        self._live.news.set()

    def end(self, problem: str = "") -> None:
        """Nothing more will come; `problem` says why, where it should have."""
        self.store.finish()
        self.problem = problem
        self.finished = True
        self._live.news.set()

    def steps(self) -> Iterator[int]:
        """For `load`: the count of packets whenever there are more; waits for them."""
        while not self.closed:
            self._live.news.wait()
            finished = self.finished
            if not finished:
                self._live.news.clear()
            if self.closed:
                return
            yield self.count
            if finished:
                return
