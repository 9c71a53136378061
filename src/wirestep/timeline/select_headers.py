"""Numbers in the headers of many frames at once: Ethernet, IPv4 and IPv6 as they usually are.

Only Ethernet frames, with up to two VLAN tags, whose network header stands right behind them are
read; of all others decoding has to tell.
"""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

import numpy as np

from wirestep.capture.arrays import Array

ETHERNET = 1
"""The link type (LINKTYPE_ETHERNET)."""
TYPE_AT = 12
TAGS = (0x8100, 0x88A8)
"""EtherTypes of VLAN tags (IEEE 802.1Q), which are four bytes long."""
MOST_TAGS = 2
SIZES = {4: (0x0800, 20), 6: (0x86DD, 40)}
"""By IP version: EtherType, bytes of the header."""


class Octets(Protocol):
    """The bytes of some frames."""

    def octets(self, at: Array, count: int) -> Array:
        """uint8[n, count]: the bytes from `at` on of each frame; 0 behind its end."""
        ...


class Headers:
    """The headers of some frames."""

    def __init__(self, data: Octets, link: Array, network: Array, kept: Array) -> None:
        """`link`, `network` as in Columns; `kept`: bytes of each frame that there are."""
        self._data, self._network = data, network
        start = np.full(len(link), TYPE_AT, np.int64)
        kind = self._two(start)
        for _ in range(MOST_TAGS):
            tagged = np.isin(kind, TAGS)
            if not tagged.any():
                break
            start[tagged] += 4
            kind = np.where(tagged, self._two(start), kind)
        self._start = start + 2
        ether = (link == ETHERNET) & (kept >= TYPE_AT + 2)
        sound = network == 0
        version = data.octets(self._start, 1)[:, 0] >> 4
        for number, (named, size) in SIZES.items():
            there = (kind == named) & (version == number) & (kept >= self._start + size)
            sound |= (network == number) & there
        self.unsure = np.flatnonzero(~(ether & sound))
        """int64: places of frames whose headers are not read here."""

    def _two(self, at: Array) -> Array:
        return _number(self._data.octets(at, 2))

    def network(self, at: int, count: int) -> Array:
        """A number of `count` (1, 2 or 4) bytes, `at` bytes behind the network header's start."""
        return _number(self._data.octets(self._start + at, count))

    def link(self, at: int, count: int) -> Array:
        """A number of up to eight bytes in the Ethernet header."""
        return _number(self._data.octets(np.full(len(self._start), at, np.int64), count))

    @cached_property
    def typed(self) -> Array:
        """bool: frames with a type, not with a length (IEEE 802.3 section 3.2.6)."""
        return np.greater_equal(self.link(TYPE_AT, 2), 0x600)


def _number(octets: Array) -> Array:
    """The bytes of each row as one number, the high one first; as wide as they need."""
    count = octets.shape[1]
    wide = np.uint8 if count == 1 else np.uint16 if count == 2 else np.uint32
    found: Array = octets[:, 0].astype(wide if count <= 4 else np.uint64)
    for place in range(1, count):
        found = np.bitwise_or(np.left_shift(found, 8), octets[:, place])
    return found
