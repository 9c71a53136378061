"""Bytes with a name and a past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Piece(NamedTuple):
    """`length` bytes of a source, from `start`, that are the bytes of `record` from `offset`."""

    start: int
    record: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Source:
    """Immutable bytes that fields point into.

    A frame is a source; so is a reassembled stream, an inflated body, a decrypted record.
    """

    name: str
    """Shown on the tab of the byte pane: "Frame 7", "Reassembled TCP", "Decoded body"."""
    data: bytes
    pieces: tuple[Piece, ...] = ()
    """Where the bytes lie in records, in order; empty where they were computed."""
    made_from: tuple[int, ...] = ()
    """Records that the bytes were computed from, where `pieces` is empty."""

    @property
    def records(self) -> tuple[int, ...]:
        """The records behind these bytes, each once, in order of first use."""
        if len(self.pieces) == 1:
            return (self.pieces[0].record,)
        return tuple(dict.fromkeys(piece.record for piece in self.pieces)) or self.made_from

    def locate(self, start: int, stop: int) -> tuple[Piece, ...]:
        """Where bytes [start, stop) lie in records; each piece's `start` counts from `start`."""
        found = []
        for piece in self.pieces:
            low = max(start, piece.start)
            high = min(stop, piece.start + piece.length)
            if low < high:
                offset = piece.offset + low - piece.start
                found.append(Piece(low - start, piece.record, offset, high - low))
        return tuple(found)
