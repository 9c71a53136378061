"""What is read of the network and transport headers of many frames: an array a field."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from .arrays import Array

TCP, UDP = 6, 17
VXLAN = (4789, 8472)
"""UDP ports behind which there is another Ethernet frame (RFC 7348; the older one of Linux)."""

KINDS = {
    "network": "u1",
    "transport": "u1",
    "source_high": "u8",
    "source": "u8",
    "target_high": "u8",
    "target": "u8",
    "ports": "u4",
    "has_ports": "?",
    "fragment": "i4",
    "fragment_id": "u4",
    "more": "?",
    "flags": "u1",
    "seq": "u4",
    "ack": "u4",
    "window": "u2",
    "payload_at": "u4",
    "payload_length": "u4",
    "nested": "u1",
}


class Headers:
    """Fields of n frames.

    Addresses are two numbers, the high one 0 for IPv4. `fragment`: -1 for a whole datagram, else
    the place of this part in it, in bytes; `more` where others follow. The rest: see `Columns`.
    """

    __slots__ = tuple(KINDS)

    network: Array
    transport: Array
    source_high: Array
    source: Array
    target_high: Array
    target: Array
    ports: Array
    has_ports: Array
    fragment: Array
    fragment_id: Array
    more: Array
    flags: Array
    seq: Array
    ack: Array
    window: Array
    payload_at: Array
    payload_length: Array
    nested: Array

    def __init__(self, count: int, zero: Collection[str] = KINDS) -> None:
        """The fields of `zero` are 0; the others, if any, are to be written by the caller."""
        for name, kind in KINDS.items():
            setattr(self, name, (np.zeros if name in zero else np.empty)(count, kind))
        self.fragment[:] = -1

    def put(self, rows: Array, other: Headers, which: Array | None = None) -> None:
        """Take the fields of `rows` from `other`, from its rows `which` (all of them if None)."""
        for name in KINDS:
            field = getattr(other, name)
            getattr(self, name)[rows] = field if which is None else field[which]
