"""Compressed files, as pieces of what they hold: gzip, zstd, LZ4.

A bomb is no danger here: a piece has at most PIECE bytes, and the spool has a limit. Data that is
cut or damaged ends the pieces, with a sentence; what came before stays.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from .feed import PIECE, Pieces

MAGICS = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
}
ZSTD_WINDOW = 128 << 20
"""Bytes a zstd frame may ask us to remember."""


def compression(head: bytes) -> str:
    """ "gzip", "zstd", "lz4", or "" by the first bytes."""
    return next((name for magic, name in MAGICS.items() if head.startswith(magic)), "")


class Member(Protocol):
    """One compressed member (gzip) or frame (zstd, LZ4)."""

    ended: bool

    def step(self, data: bytes) -> tuple[bytes, bytes, bool]:
        """(some of what it holds, data not used, whether more is ready without more data)."""
        ...


class Gzip:
    """A gzip member (RFC 1952)."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self.ended = False

    def step(self, data: bytes) -> tuple[bytes, bytes, bool]:
        """As in Member."""
        before = self._inner.copy()
        try:
            piece = self._inner.decompress(data, PIECE)
        except zlib.error as error:
            self._inner = before
            return self._bit_by_bit(data, error)
        self.ended = self._inner.eof
        rest = self._inner.unused_data if self.ended else self._inner.unconsumed_tail
        return piece, rest, len(piece) == PIECE and not self.ended

    def _bit_by_bit(self, data: bytes, error: zlib.error) -> tuple[bytes, bytes, bool]:
        """What comes before the damage, which zlib would keep; the next step runs into it."""
        kept = b""
        for size in (4096, 64):
            while True:
                before = self._inner.copy()
                try:
                    piece = self._inner.decompress(data, size)
                except zlib.error:
                    self._inner = before
                    break
                kept += piece
                data = self._inner.unconsumed_tail
                if not piece:
                    break
        for place in range(len(data)):
            before = self._inner.copy()
            try:
                kept += self._inner.decompress(data[place : place + 1])
            except zlib.error:
                self._inner, data = before, data[place:]
                break
        if not kept:
            raise error
        return kept, data, True


class Zstd:
    """A zstd frame (RFC 8878). It takes a little at a time: 4 bytes may become 128 KiB."""

    def __init__(self) -> None:
        import zstandard

        unpacker = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW)
        self._inner = unpacker.decompressobj()
        self.ended = False

    def step(self, data: bytes) -> tuple[bytes, bytes, bool]:
        """As in Member."""
        piece = self._inner.decompress(data[:1024])
        self.ended = self._inner.eof
        return piece, self._inner.unused_data + data[1024:], False


class Lz4:
    """An LZ4 frame."""

    def __init__(self) -> None:
        import lz4.frame

        self._inner: Any = lz4.frame.LZ4FrameDecompressor()
        self.ended = False

    def step(self, data: bytes) -> tuple[bytes, bytes, bool]:
        """As in Member."""
        piece = self._inner.decompress(data, PIECE)
        self.ended = self._inner.eof
        rest = (self._inner.unused_data or b"") if self.ended else b""
        return piece, rest, not self.ended and not self._inner.needs_input


MEMBERS: dict[str, Callable[[], Member]] = {"gzip": Gzip, "zstd": Zstd, "lz4": Lz4}


class Unpacked:
    """Pieces of what `inner` holds, compressed as `kind`; raises ImportError without a library."""

    def __init__(self, inner: Pieces, kind: str) -> None:
        self._inner = inner
        self._kind = kind
        self._member: Member | None = MEMBERS[kind]()
        self._magic = next(magic for magic, name in MAGICS.items() if name == kind)
        self.problem = ""

    @property
    def total(self) -> int | None:
        """Compressed bytes in all."""
        return self._inner.total

    @property
    def done(self) -> int:
        """Compressed bytes read."""
        return self._inner.done

    def __iter__(self) -> Iterator[bytes]:
        for data in self._inner:
            if self._member is None and not self._again(data):
                return
            try:
                yield from self._pieces(data)
            except Exception as error:  # each library has kinds of its own
                self.problem = f"the {self._kind} data is damaged ({error})"
                return
        if self._inner.problem:
            self.problem = self._inner.problem
        elif self._member is not None:
            self.problem = f"the {self._kind} data ends early"

    def ready(self) -> bool:
        """As in Pieces."""
        return self._inner.ready()

    def close(self) -> None:
        """Close what it reads from."""
        self._inner.close()

    def _again(self, data: bytes) -> bool:
        """Whether another member starts here, and no padding behind the last one."""
        return data[: len(self._magic)] == self._magic[: len(data)]

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        more = False
        while data or more:
            if self._member is None:
                if not self._again(data):
                    return
                self._member = MEMBERS[self._kind]()
            piece, data, more = self._member.step(data)
            if self._member.ended:
                self._member = None
            if piece:
                yield piece
