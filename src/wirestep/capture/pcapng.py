"""pcapng files (draft-ietf-opsawg-pcapng).

    type 4, length of the block 4, body, length of the block again 4; a multiple of four in all.

Packets (enhanced, simple, obsolete) are read as arrays; the other blocks, which are few, one by
one. A section header may change the byte order and starts a new list of interfaces.
"""

from __future__ import annotations

import struct

import numpy as np

from . import options
from .arrays import Array, among, unaligned
from .frames import Frames, Interface, Taken
from .pcap import LIMIT, LIMITS, SMALL, cut_sentence
from .scan import Chain, lockstep
from .ticks import nanoseconds

SECTION, INTERFACE, OLD_PACKET, SIMPLE, NAMES, STATISTICS, PACKET, SECRETS = (
    0x0A0D0D0A,
    1,
    2,
    3,
    4,
    5,
    6,
    10,
)
BLOCK_LIMIT = 64 << 20
"""Bytes a block may have; no writer comes near it."""
MAX_INTERFACES = 65_535
_USUAL = (PACKET, SIMPLE, OLD_PACKET)


def chain(order: str) -> Chain:
    """How blocks follow each other in a section of byte order `order`."""
    return Chain(order, at=4, add=0, head=12, low=12, high=BLOCK_LIMIT, align=4)


def section_order(head: bytes) -> str:
    """Byte order of the section header at the front; "" if its magic is none."""
    return {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}.get(head[8:12], "")


def blocks(buffer: Array, start: int, stop: int, order: str) -> tuple[list[int], list[int], int]:
    """Walk the blocks, changing byte order at section headers: (starts, 1 where big, end)."""
    data = buffer.data
    number = struct.Struct(order + "I").unpack_from
    big = int(order == ">")
    found, bigs = [], []
    while start + 12 <= stop:
        head = bytes(data[start : start + 12])
        if head.startswith(b"\x0a\x0d\x0d\x0a"):
            order = section_order(head)
            if not order:
                break
            number = struct.Struct(order + "I").unpack_from
            big = int(order == ">")
        size = number(data, start + 4)[0]
        after = start + (size + 3 & ~3)
        if size < 12 or size > BLOCK_LIMIT or after > stop:
            break
        found.append(start)
        bigs.append(big)
        start = after
    return found, bigs, start


class PcapngReader:
    """Reads windows of a pcapng file in order; what the blocks tell gathers in its attributes."""

    format = "pcapng"

    def __init__(self, head: bytes) -> None:
        self._order = section_order(head)
        if not self._order:
            raise ValueError("not a pcapng section header")
        self.start = 0
        self.interfaces: list[Interface] = []
        self.orders: list[str] = []
        """Byte order of each interface's section."""
        self.sections: list[options.Section] = []
        self.names: dict[str, str] = {}
        self.statistics: list[options.Statistics] = []
        self.secrets: list[bytes] = []
        """TLS key logs, each ending in a line end."""
        self._clocks: list[options.Clock] = []
        self._base = 0
        self._count = 0
        self._mean = 256
        """Bytes of a block, on average, in the last window."""
        self._last = 0

    def take(self, buffer: Array, stop: int, base: int) -> Taken:
        """The whole blocks in bytes [0, stop) of `buffer`, which stand at `base` in the file."""
        order = self._order
        starts, big, end = self._scan(buffer, stop)
        # Lengths are multiples of four; of writers that forgot it the rounded one is meant.
        sizes = self._number(buffer, starts + 4, big) + 3 & ~3
        tails = self._number(buffer, starts + sizes - 4, big) + 3 & ~3
        wrong = np.flatnonzero(tails != sizes)
        problem, need = "", 12
        if len(wrong):
            end = int(starts[wrong[0]])
            starts, big, sizes = (part[: wrong[0]] for part in (starts, big, sizes))
            problem = "has two lengths that differ"
        elif end + 12 <= stop:
            need, problem = self._unread(buffer, end)
        self._mean = end // max(1, len(starts))
        frames, fault, at = self._decode(buffer, starts, sizes, big)
        if fault:
            end, problem = at, fault
        self._count += len(frames.at)
        if problem:
            problem = (
                f"the block at byte {base + end} {problem}: everything before it is shown "
                f"({self._count:,} packet{'' if self._count == 1 else 's'})"
            )
        elif len(big):
            self._order = ">" if big[-1] else "<"
        else:
            self._order = order
        return Taken(frames, end, problem, need)

    def cut(self, left: int, base: int) -> str:
        """The sentence for a file that ends with `left` bytes of a block, at `base`."""
        return cut_sentence(self._count + 1, base + left) if left else ""

    def _unread(self, buffer: Array, end: int) -> tuple[int, str]:
        """(bytes needed, fault) of the block at `end`, of which at least 12 bytes are there."""
        head = buffer[end : end + 12].tobytes()
        order = self._order
        if head[:4] == b"\x0a\x0d\x0d\x0a":
            order = section_order(head)
            if not order:
                return 12, "starts a section of no known byte order"
        elif (last := self._seen_order) is not None:
            order = last
        size = struct.unpack_from(order + "I", head, 4)[0]
        if size < 12 or size > BLOCK_LIMIT:
            return 12, f"claims a length of {size:,} bytes"
        return size + 3, ""

    def _scan(self, buffer: Array, stop: int) -> tuple[Array, Array, int]:
        """(starts, 1 where the section is big-endian, end of the last whole block)."""
        self._seen_order: str | None = None
        if stop >= SMALL and buffer[:4].tobytes() != b"\x0a\x0d\x0d\x0a":
            found = lockstep(chain(self._order), buffer, stop, self._guess, self._mean)
            if found:
                starts, end = found
                kinds = unaligned(buffer, "<u4")[starts]
                # Another section may have another byte order: leave that to the walk. So does a
                # length out of bounds, which may be one read in the wrong order.
                sound = not (kinds == SECTION).any() and self._fits(buffer, end, stop)
                if sound:
                    return starts, np.full(len(starts), self._order == ">"), end
        found_starts, bigs, end = blocks(buffer, 0, stop, self._order)
        if bigs:
            self._seen_order = ">" if bigs[-1] else "<"
        return np.asarray(found_starts, np.int64), np.asarray(bigs, bool), end

    def _fits(self, buffer: Array, end: int, stop: int) -> bool:
        if end + 12 > stop:
            return True
        size = int(unaligned(buffer, self._order + "u4")[end + 4])
        return 12 <= size <= BLOCK_LIMIT and buffer[end : end + 4].tobytes() != b"\x0a\x0d\x0d\x0a"

    def _number(self, buffer: Array, at: Array, big: Array) -> Array:
        """int64: the 4-byte numbers at `at`, each in its section's byte order."""
        if not big.any():
            return unaligned(buffer, "<u4")[at].astype(np.int64)
        right = unaligned(buffer, ">u4")[at].astype(np.int64)
        if big.all():
            return right
        return np.where(big, right, unaligned(buffer, "<u4")[at])

    def _guess(self, buffer: Array, stop: int, chunk: int, width: int) -> Array:
        """A likely packet block in each chunk: its type, and both lengths agree."""
        count = (stop - width) // chunk
        # Blocks are multiples of four, and the window starts with one.
        words = buffer[: len(buffer) & ~3].view(self._order + "u4")
        grid = np.lib.stride_tricks.as_strided(
            words[chunk // 4 :], (count, width // 4), (chunk, 4), writeable=False
        )
        hit = np.flatnonzero(among(grid, _USUAL))
        number, column = np.divmod(hit, width // 4)
        at = (number + 1) * (chunk // 4) + column
        size = words[at + 1].astype(np.int64)
        sound = (size >= 12) & (size & 3 == 0) & (size <= BLOCK_LIMIT) & (at * 4 + size <= stop)
        sound &= words[np.where(sound, at + size // 4 - 1, 0)] == size
        _, index = np.unique(number[sound], return_index=True)
        return np.asarray(at[sound][index]) * 4

    def _decode(
        self, buffer: Array, starts: Array, sizes: Array, big: Array
    ) -> tuple[Frames, str, int]:
        """(frames, fault, where): reads the other blocks, then all packets at once."""
        kinds = self._number(buffer, starts, big)
        packets = among(kinds, _USUAL)
        bases = np.empty(len(starts), np.int64)
        known = np.empty(len(starts), np.int64)
        done = 0
        fault, at = "", 0
        for row in np.flatnonzero(~packets).tolist():
            bases[done:row], known[done:row] = self._base, len(self.interfaces)
            done = row
            start, size = int(starts[row]), int(sizes[row])
            body = buffer[start + 8 : start + size - 4].tobytes()
            fault = self._other(int(kinds[row]), body, ">" if big[row] else "<")
            if fault:
                at = start
                starts, sizes, big, kinds = starts[:row], sizes[:row], big[:row], kinds[:row]
                packets, bases, known = packets[:row], bases[:row], known[:row]
                break
        bases[done:], known[done:] = self._base, len(self.interfaces)
        keep = np.flatnonzero(packets)
        wanted = (part[keep] for part in (starts, sizes, big, kinds, bases, known))
        frames, bad, where = self._frames(buffer, *wanted)
        return (frames, bad, where) if bad else (frames, fault, at)

    def _other(self, kind: int, body: bytes, order: str) -> str:
        """Take in a block that is no packet; a sentence if it cannot be."""
        if kind == SECTION:
            if len(body) < 16 or struct.unpack_from(order + "H", body, 4)[0] != 1:
                return "is a section header of an unknown version"
            self._base = len(self.interfaces)
            self.sections.append(options.section(body[16:], order))
        elif kind == INTERFACE:
            if len(body) < 8 or len(self.interfaces) >= MAX_INTERFACES:
                return "describes an interface in too few bytes, or one too many"
            made, clock = options.interface(body, order)
            self.interfaces.append(made)
            self.orders.append(order)
            self._clocks.append(clock)
        elif kind == NAMES:
            for address, name in options.names(body, order):
                if len(self.names) < options.MAX_NAMES:
                    self.names.setdefault(address, name)
        elif kind == STATISTICS:
            found = options.statistics(body, order, self._base)
            if found is not None:
                self.statistics.append(found)
        elif kind == SECRETS and (log := options.secrets(body, order)):
            self.secrets.append(log if log.endswith(b"\n") else log + b"\n")
        return ""

    def _frames(
        self,
        buffer: Array,
        starts: Array,
        sizes: Array,
        big: Array,
        kinds: Array,
        bases: Array,
        known: Array,
    ) -> tuple[Frames, str, int]:
        """Packet blocks to frames; stops at the first that contradicts itself."""
        if not len(starts):
            return Frames.none(), "", 0
        simple, old = kinds == SIMPLE, kinds == OLD_PACKET
        room = sizes - np.where(simple, 16, 32)
        ok = room >= 0
        at = np.where(ok, starts, starts[0])  # where a block is too short, read anything
        interface = self._number(buffer, at + 8, big)
        if old.any():
            low = interface & 0xFFFF
            interface = np.where(old, np.where(big, interface >> 16, low), interface)
        interface = np.where(simple, 0, interface)
        ok &= interface < known - bases
        place = np.where(ok, bases + interface, 0)
        length = self._number(buffer, at + np.where(simple, 8, 24), big)
        caplen = self._number(buffer, at + 20, big)
        if simple.any():
            snaps = np.array([one.snaplen or LIMIT for one in self.interfaces] or [LIMIT])
            caplen = np.where(simple, np.minimum(np.minimum(length, snaps[place]), room), caplen)
        limits = np.array([LIMITS.get(one.link, LIMIT) for one in self.interfaces] or [LIMIT])
        ok &= (caplen <= room) & (caplen <= limits[place])
        count = len(ok) if ok.all() else int(np.argmin(ok))
        fault = "" if count == len(ok) else "is a packet that contradicts itself"
        where = int(starts[count]) if fault else 0
        high = self._number(buffer, at + 12, big).astype(np.uint64)
        ticks = high << np.uint64(32) | self._number(buffer, at + 16, big).astype(np.uint64)
        time = nanoseconds(ticks[:count], place[:count], self._clocks)
        time = self._fill(time, simple[:count])
        tail = np.where(simple, 0, room - (caplen + 3 & ~3))
        frames = Frames(
            (starts + np.where(simple, 12, 28))[:count],
            caplen[:count].astype(np.uint32),
            length[:count].astype(np.uint32),
            time,
            place[:count].astype(np.uint16),
            np.clip(tail[:count], 0, 0xFFFF).astype(np.uint16),
        )
        return frames, fault, where

    def _fill(self, time: Array, simple: Array) -> Array:
        """A simple packet block has no time: it gets that of the packet before it."""
        if simple.any():
            source = np.maximum.accumulate(np.where(simple, -1, np.arange(len(time))))
            time = np.where(source < 0, self._last, time[source])
        if len(time):
            self._last = int(time[-1])
        return time
