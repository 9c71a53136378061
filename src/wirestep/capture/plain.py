"""The frames that most captures are full of, in few steps: IPv4 or IPv6, then TCP or UDP.

A frame is plain where nothing about it is special: no IP options or extension headers, whole
headers, lengths that agree, no fragment, no tunnel. Its fields are read out of two short rows of
bytes. `network` reads all other frames, and would read these the same.
"""

from __future__ import annotations

import numpy as np

from .arrays import Array, among, heads, number
from .frames import Frames
from .headers import TCP, UDP, VXLAN, Headers
from .link import IPV4, IPV6

_PARTS = 0xFF3F
"""Of the fragment word, read little-endian: all but "reserved" and "do not fragment"."""
LEFT = ("source_high", "target_high", "fragment_id", "more")
"""Fields of headers that are 0 in most plain frames, or all; `plain` writes all others of a row."""


def plain(buffer: Array, frames: Frames, kind: Array, at: Array, found: Headers) -> Array:
    """Fill in the rows of plain frames: bool, which rows those are; the others hold anything.

    `found` must be 0 in the fields of LEFT.

    `kind`, `at`: ethertypes, and where in the frames the network headers start.
    """
    six = kind == IPV6
    mixed = bool(six.any())
    place = frames.at + at
    row = heads(buffer, place, 40 if mixed else 20)
    right: Array = (kind == IPV4) & (row[:, 0] == 0x45)
    right &= number(row, 6, "<u2") & _PARTS == 0
    size = number(row, 2, ">u2").astype(np.int64)
    found.transport[:] = row[:, 9]
    found.network[:] = 4
    head: Array | int = 20
    if mixed:
        which = np.flatnonzero(six)
        _six(row[which], which, found)
        right[which] = row[which, 0] >> 4 == 6
        size[which] = number(row, 4, ">u2")[which].astype(np.int64) + 40
        head = np.where(six, 40, 20)
    size -= head
    upper = at + head
    right &= upper + 16 <= frames.caplen
    right &= upper + size <= np.maximum(frames.length, frames.caplen)
    found.source[:] = number(row, 12, ">u4")
    found.target[:] = number(row, 16, ">u4")
    if mixed:
        found.source[which] = number(row, 16, ">u8")[which]
        found.target[which] = number(row, 32, ">u8")[which]
    sound = _transport(heads(buffer, place + head, 16), upper, size, found)
    return np.logical_and(right, sound)


def _six(row: Array, which: Array, found: Headers) -> None:
    """What only IPv6 has (RFC 8200 section 3)."""
    found.network[which] = 6
    found.transport[which] = row[:, 6]
    found.source_high[which] = number(row, 8, ">u8")
    found.target_high[which] = number(row, 24, ">u8")


def _transport(row: Array, upper: Array, size: Array, found: Headers) -> Array:
    """TCP or UDP in `size` bytes from `upper` on; bool: the rows where it is sound."""
    found.ports[:] = number(row, 0, ">u4")
    found.has_ports[:] = True
    found.seq[:] = number(row, 4, ">u4")
    found.ack[:] = number(row, 8, ">u4")
    found.flags[:] = row[:, 13]
    found.window[:] = number(row, 14, ">u2")
    offset = row[:, 12]
    found.nested[:] = offset & 15 != 0  # flags that have no place in the column
    head = (offset >> 4 << 2).astype(np.int64)
    left = size - head
    right: Array = (found.transport == TCP) & (head >= 20)
    right &= left >= 0
    which = np.flatnonzero(found.transport == UDP)
    if len(which):
        for field in (found.seq, found.ack, found.flags, found.window, found.nested):
            field[which] = 0
        said = number(row, 4, ">u2")[which].astype(np.int64)
        head[which] = 8
        left[which] = said - 8
        ports = found.ports[which]
        tunnel = among(ports & 0xFFFF, VXLAN) | among(ports >> 16, VXLAN)
        right[which] = (said >= 8) & (said <= size[which]) & ~tunnel
    found.payload_at[:] = upper + head
    found.payload_length[:] = left
    return right
