"""Where the bytes come from: a file as it is, or a stream kept in a temporary file.

Both give the bytes in order (`read_into`, for the one who indexes) and at any place that was
given already (`at`, for those who read records), at the same time.
"""

from __future__ import annotations

import io
import os
import select
import stat
import tempfile
import threading
from collections.abc import Iterator
from typing import BinaryIO, Protocol

SPOOL_LIMIT = 8 << 30
"""Bytes a stream may grow to in the temporary file, however few bytes it came from."""
PIECE = 1 << 20
LOOK = 0.05
"""Seconds between two looks at a file that is followed."""


class Feed(Protocol):
    """The bytes of a capture."""

    problem: str
    """Why it ended early, "" where it did not."""

    @property
    def total(self) -> int | None:
        """Bytes of the input, where known."""
        ...

    @property
    def done(self) -> int:
        """Bytes of the input that were read in order."""
        ...

    @property
    def steady(self) -> bool:
        """Reading on never waits for somebody to write."""
        ...

    def ready(self) -> bool:
        """Whether reading on will not wait for somebody to write."""
        ...

    def read_into(self, view: memoryview) -> int:
        """Fill `view` from the front, perhaps not wholly; 0 only at the end."""
        ...

    def at(self, offset: int, size: int) -> bytes:
        """`size` bytes at `offset`, fewer where there are no more."""
        ...

    def close(self) -> None:
        """Give back files; later reads raise ValueError."""
        ...


class Places:
    """Reads at any place of an open file, from many threads."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._lock = threading.Lock()

    def at(self, offset: int, size: int) -> bytes:
        """`size` bytes at `offset`, fewer at the end of the file."""
        with self._lock:
            if self._file.closed:
                raise ValueError("the capture is closed")
            if hasattr(os, "pread"):  # copies of this process share the file's position
                return os.pread(self._file.fileno(), size, offset)
            self._file.seek(offset)
            return self._file.read(size)

    def write(self, offset: int, data: memoryview) -> None:
        """Put `data` at `offset`."""
        with self._lock:
            self._file.seek(offset)
            self._file.write(data)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()


class FileFeed:
    """A regular file, read where it lies.

    One that is followed has no end before `settle`: whoever reads on waits until it has grown.
    """

    def __init__(self, path: str, *, follow: bool = False) -> None:
        # Two handles: reading in order does not wait for those who jump around.
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115
        self._places = Places(open(path, "rb", buffering=0))  # noqa: SIM115
        self._size = os.fstat(self._file.fileno()).st_size
        self._settled = threading.Event()
        if not follow:
            self._settled.set()
        self.problem = ""
        self.done = 0

    @property
    def steady(self) -> bool:
        """As in Feed."""
        return self._settled.is_set()

    @property
    def total(self) -> int | None:
        """As in Feed; of a file that is followed, what was there at the last look."""
        return self._size

    def ready(self) -> bool:
        """As in Feed."""
        return self._settled.is_set() or self._look() != self.done

    def settle(self) -> None:
        """The file is not followed any longer: it ends where it ends now."""
        self._settled.set()

    def read_into(self, view: memoryview) -> int:
        """As in Feed."""
        try:
            while not (count := self._file.readinto(view)):
                if self._settled.is_set() or self._shrunk():
                    return 0
                self._settled.wait(LOOK)
        except OSError as error:
            self.problem = f"cannot be read any further: {error.strerror}"
            return 0
        self.done += count
        return count

    def at(self, offset: int, size: int) -> bytes:
        """As in Feed."""
        return self._places.at(offset, size)

    def close(self) -> None:
        """As in Feed."""
        self._settled.set()
        self._file.close()
        self._places.close()

    def _look(self) -> int:
        if not self._file.closed:
            self._size = os.fstat(self._file.fileno()).st_size
        return self._size

    def _shrunk(self) -> bool:
        """Whether somebody cut the file, so that going on would make no sense."""
        if self._look() >= self.done:
            return False
        self.problem = "was made shorter while it was read"
        return True


class Pieces(Protocol):
    """A stream in pieces, decompressed or as it came."""

    problem: str

    @property
    def total(self) -> int | None:
        """Bytes of the input, where known."""
        ...

    @property
    def done(self) -> int:
        """Bytes of the input that were read."""
        ...

    def __iter__(self) -> Iterator[bytes]: ...

    def ready(self) -> bool:
        """Whether the next piece will not wait for somebody to write."""
        ...

    def close(self) -> None:
        """Close what it reads from."""
        ...


class SpoolFeed:
    """A stream, kept in a temporary file without a name while it is read."""

    def __init__(self, pieces: Pieces, limit: int = SPOOL_LIMIT) -> None:
        self._pieces = pieces
        self._next = iter(pieces)
        self._limit = limit
        self._places = Places(tempfile.TemporaryFile(buffering=0))  # noqa: SIM115
        self._size = 0
        self._rest = memoryview(b"")
        self._over = False
        self.problem = ""

    @property
    def total(self) -> int | None:
        """As in Feed."""
        return self._pieces.total

    @property
    def done(self) -> int:
        """As in Feed."""
        return self._pieces.done

    @property
    def steady(self) -> bool:
        """As in Feed."""
        return self._pieces.total is not None

    def ready(self) -> bool:
        """As in Feed."""
        return bool(self._rest) or self._over or self._pieces.ready()

    def peek(self, enough: int, size: int) -> None:
        """Take in `enough` bytes, and up to `size` if nobody has to be waited for.

        They are given in order later.
        """
        got = b""
        while (len(got) < enough or (len(got) < size and self.ready())) and self._more():
            got += self._rest
            self._rest = memoryview(b"")
        self._rest = memoryview(got)

    def read_into(self, view: memoryview) -> int:
        """As in Feed."""
        if not self._rest and not self._more():
            return 0
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def at(self, offset: int, size: int) -> bytes:
        """As in Feed."""
        return self._places.at(offset, size)

    def close(self) -> None:
        """As in Feed."""
        self._pieces.close()
        self._places.close()

    def _more(self) -> bool:
        """Keep the next piece; False at the end."""
        while not self._rest and not self._over:
            piece = next(self._next, None)
            if piece is None:
                self._end(self._pieces.problem)
            else:
                self._keep(memoryview(piece))
        return bool(self._rest)

    def _keep(self, piece: memoryview) -> None:
        room = self._limit - self._size
        if len(piece) > room:
            piece = piece[:room]
            self._end(f"more than {self._limit:,} bytes when unpacked")
        try:
            self._places.write(self._size, piece)
        except OSError as error:
            self._end(f"no room to keep it in the temporary directory ({error.strerror})")
            return
        self._size += len(piece)
        self._rest = piece

    def _end(self, problem: str) -> None:
        self._over = True
        self.problem = problem


class Stream:
    """A pipe or another stream, in the pieces it comes in; an end of Pieces."""

    def __init__(self, stream: BinaryIO, owned: bool = False) -> None:
        self._stream = stream
        self._owned = owned
        self._ahead = b""
        self.total = _size(stream) if owned else None
        self.done = 0
        self.problem = ""

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._ahead or self._read():
            self._ahead = b""
            yield piece

    def peek(self, size: int) -> bytes:
        """The first `size` bytes, fewer if there are not so many; they are given again."""
        while len(self._ahead) < size and (piece := self._read()):
            self._ahead += piece
        return self._ahead[:size]

    def ready(self) -> bool:
        """As in Pieces."""
        if self._ahead or isinstance(self._stream, io.BytesIO):
            return True
        try:
            return bool(select.select([self._stream.fileno()], [], [], 0)[0])
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        """Close the stream if it was opened for us; else it is the caller's."""
        if self._owned:
            self._stream.close()

    def _read(self) -> bytes:
        read = getattr(self._stream, "read1", self._stream.read)
        try:
            piece: bytes = read(PIECE) or b""
        except OSError as error:
            self.problem = f"cannot be read any further: {error.strerror}"
            return b""
        self.done += len(piece)
        return piece


def _size(stream: BinaryIO) -> int | None:
    found = os.fstat(stream.fileno())
    return found.st_size if stat.S_ISREG(found.st_mode) else None
