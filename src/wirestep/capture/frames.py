"""What a format's reader gives for a window of a file: where its frames are, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Array


@dataclass(frozen=True, slots=True)
class Interface:
    """Where packets were captured, as the file tells it."""

    name: str = ""
    description: str = ""
    link: int = 1
    """Link type, numbered as in pcap (1 is Ethernet)."""
    snaplen: int = 0
    """Most bytes kept of a packet; 0 for no limit."""
    filter: str = ""
    os: str = ""
    resolution: int = 1_000_000
    """Ticks of its clock in a second."""
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of one window, one row each; `at` counts from the window's first byte."""

    at: Array
    """int64: where the frame's bytes start."""
    caplen: Array
    """uint32: bytes kept."""
    length: Array
    """uint32: bytes on the wire."""
    time: Array
    """int64: nanoseconds since the epoch."""
    interface: Array
    """uint16: place in the list of interfaces."""
    options: Array
    """uint16: bytes of options behind the frame (pcapng), where a comment may stand."""

    def pick(self, rows: Array | slice) -> Frames:
        """Some of them."""
        return Frames(*(getattr(self, name)[rows] for name in self.__slots__))

    def cut(self, start: Array, stop: Array, end: Array) -> Frames:
        """What is in them from `start` on, to `stop` as kept, to `end` as it was on the wire."""
        kept, wire = (stop - start).astype(np.uint32), (end - start).astype(np.uint32)
        return Frames(self.at + start, kept, wire, self.time, self.interface, self.options)

    @staticmethod
    def none() -> Frames:
        """No frame at all."""
        kinds = ("i8", "u4", "u4", "i8", "u2", "u2")
        return Frames(*(np.zeros(0, kind) for kind in kinds))


@dataclass(frozen=True, slots=True)
class Taken:
    """What a reader made of a window."""

    frames: Frames
    used: int
    """Bytes of the window that are done with."""
    problem: str = ""
    """Why nothing behind `used` can be read, as a sentence; "" where more bytes will tell."""
    need: int = 0
    """Bytes the next unit has in all, where that is known."""
