"""pcap files (draft-ietf-opsawg-pcap), and the variants of them that are around.

magic 4, version 2+2, zone 4, accuracy 4, snaplen 4, link type 4; then for each packet
seconds 4, fraction 4, bytes kept 4, bytes on the wire 4, the bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from .arrays import Array, heads, number, unaligned
from .frames import Frames, Interface, Taken
from .scan import Chain, lockstep, walk

HEAD = 24
SMALL = 1 << 19
"""A window below so many bytes is walked: starting the lockstep costs more."""
LIMITS = {231: 128 << 20, 249: 128 << 20, 279: 8 << 20}
"""Bytes a packet can have by link type (D-Bus, USBPcap, EBHSCR); 256 KiB for all others."""
LIMIT = 262_144
YEARS = 1 << 26
"""Seconds that two neighbours may be apart, where it is guessed what is a record."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of the magic numbers in use."""

    name: str
    fraction: int
    """Nanoseconds in a unit of the fraction."""
    heads: tuple[int, ...]
    """Bytes of a record's header, the likely one first."""
    extra: int = 0
    """Bytes behind the file header."""


MAGICS = {
    # Some programs wrote longer record headers under the usual magic (24: early Red Hat with
    # Kuznetsov's patch, 20: Nokia's boxes); the first records tell.
    0xA1B2C3D4: Variant("pcap", 1000, (16, 24, 20)),
    0xA1B23C4D: Variant("pcap", 1, (16,)),
    0xA1B2CD34: Variant("pcap (modified)", 1000, (24, 28)),
    # Ixia's boxes put the length of all records behind the file header.
    0x1C0001AC: Variant("pcap (Ixia)", 1, (16,), extra=4),
    0x1C0001AB: Variant("pcap (Ixia)", 1000, (16,), extra=4),
}


def variant(head: bytes) -> tuple[Variant, str] | None:
    """(variant, byte order) by the first four bytes, or None."""
    for order in "<>":
        if len(head) >= 4 and (magic := struct.unpack(order + "I", head[:4])[0]) in MAGICS:
            return MAGICS[magic], order
    return None


def plausible(head: bytes, order: str, start: int, size: int, at: int, limit: int) -> bool:
    """Whether two or more records with headers of `size` bytes make sense from `start` on."""
    seen = first = 0
    while start + size <= len(head) and seen < 4:
        seconds, fraction, *lengths = struct.unpack_from(order + "IIII", head, start)
        kept, wire = lengths if at == 8 else lengths[::-1]
        first = first if seen else seconds
        if fraction >= 1_000_000_000 or kept > limit or kept > wire or abs(seconds - first) > YEARS:
            return False
        start += size + kept
        seen += 1
    return seen > 1


class PcapReader:
    """Reads windows of a pcap file in order; `head` holds its first bytes (at least 24)."""

    def __init__(self, head: bytes) -> None:
        known = variant(head)
        if known is None or len(head) < HEAD:
            raise ValueError("not a pcap file header")
        self.kind, order = known
        _, minor, _, _, snaplen, network = struct.unpack_from(order + "HHiIII", head, 4)
        link = network & 0xFFFF  # the upper half says how long a frame check sequence is
        self.interfaces = [Interface(link=link, snaplen=snaplen, resolution=self._resolution())]
        self.start = HEAD + self.kind.extra
        self.limit = LIMITS.get(link, LIMIT)
        self._count = 0
        self._mean = 256
        """Bytes of a record, on average, in the last window."""
        self._top: int | None = None
        at = self._length_at(head, order, minor)
        size = next(
            (
                size
                for size in self.kind.heads
                if plausible(head, order, self.start, size, at, self.limit)
            ),
            self.kind.heads[0],
        )
        self._chain = Chain(order, at, size, size, 0, self.limit)

    @property
    def format(self) -> str:
        """The format, as people call it."""
        return self.kind.name

    def _resolution(self) -> int:
        return 1_000_000_000 // self.kind.fraction

    def _length_at(self, head: bytes, order: str, minor: int) -> int:
        """Where a record says how many bytes were kept; before version 2.4 the two were swapped."""
        if minor < 3 or minor == 543:
            return 12
        if minor == 3 and len(head) >= self.start + 16:
            kept, wire = struct.unpack_from(order + "II", head, self.start + 8)
            return 12 if kept > wire else 8
        return 8

    def take(self, buffer: Array, stop: int, base: int) -> Taken:
        """The whole records in bytes [0, stop) of `buffer`, which stand at `base` in the file."""
        chain = self._chain
        found = lockstep(chain, buffer, stop, self._guess, self._mean) if stop >= SMALL else None
        offsets, end = found if found else walk(chain, buffer, 0, stop)
        offsets = np.asarray(offsets, np.int64)
        self._mean = end // max(1, len(offsets))
        frames = self._frames(buffer, offsets)
        self._count += len(offsets)
        need, problem = chain.head, ""
        if end + chain.head <= stop:
            size = int(unaligned(buffer, chain.order + "u4")[end + chain.at])
            need += size
            if size > chain.high:
                problem = (
                    f"packet {self._count + 1}, at byte {base + end}, claims {size:,} bytes, "
                    "more than a packet can have: everything before it is shown"
                )
        return Taken(frames, end, problem, need)

    def cut(self, left: int, base: int) -> str:
        """The sentence for a file that ends with `left` bytes of a record, at `base`."""
        return cut_sentence(self._count + 1, base + left) if left else ""

    def _frames(self, buffer: Array, offsets: Array) -> Frames:
        if not len(offsets):
            return Frames.none()
        rows = heads(buffer, offsets, 16)
        kind = self._chain.order + "u4"
        seconds = number(rows, 0, kind)
        self._top = int(seconds[-1]) >> 24
        time = seconds.astype(np.int64)
        time *= 1_000_000_000
        time += number(rows, 4, kind) * np.int64(self.kind.fraction)
        kept_at, wire_at = (8, 12) if self._chain.at == 8 else (12, 8)
        return Frames(
            offsets + self._chain.head,
            number(rows, kept_at, kind).astype(np.uint32),
            number(rows, wire_at, kind).astype(np.uint32),
            time,
            np.zeros(len(offsets), np.uint16),
            np.zeros(len(offsets), np.uint16),
        )

    def _guess(self, buffer: Array, stop: int, chunk: int, width: int) -> Array:
        """A likely record start in each chunk: the year's byte, then three hops."""
        chain = self._chain
        if self._top is None:
            self._top = int(unaligned(buffer, chain.order + "u4")[0]) >> 24
        count = (stop - width - chain.at) // chunk
        grid, kept = (
            np.lib.stride_tricks.as_strided(
                buffer[chunk + at :], (count, width), (chunk, 1), writeable=False
            )
            for at in (0, chain.at)
        )
        # Text is full of letters that are also the year's byte; no text has zeros behind them.
        hit = np.flatnonzero((grid == self._top) & (kept <= chain.high >> 24))
        number, column = np.divmod(hit, width)
        # The top byte of the seconds is the record's last of four or its first.
        column -= 3 if chain.order == "<" else 0
        place = (number + 1) * chunk + column
        sound = self._hops(buffer, stop, place)
        sound = sound[column[sound] >= 0]
        _, index = np.unique(number[sound], return_index=True)
        return np.asarray(place[sound][index])

    def _hops(self, buffer: Array, stop: int, place: Array) -> Array:
        """int64: which of the places are such that three records in a row make sense."""
        chain = self._chain
        kind = chain.order + "u4"
        which = np.arange(len(place))
        there = place
        for _ in range(3):
            # Behind the end anything makes sense.
            rows = heads(buffer, np.minimum(there, stop), 16)
            kept = number(rows, chain.at, kind)
            good = (number(rows, 0, kind) >> 24 == self._top) & (kept <= chain.high)
            good &= number(rows, 4, kind) < 1_000_000_000
            good &= kept <= number(rows, 20 - chain.at, kind)
            good |= there + chain.head > stop
            which = which[good]
            there = there[good] + kept[good] + chain.head
        return which


def cut_sentence(number: int, byte: int) -> str:
    """What is said of a file that ends inside packet `number`."""
    return f"cut in the middle of packet {number}, at byte {byte}: everything before it is shown"
