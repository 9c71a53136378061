"""How much there is: packets, bytes, rates, and the layers that the columns know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array

SECOND = 1_000_000_000
NETWORKS = {4: ("ip", "IPv4"), 6: ("ipv6", "IPv6")}
"""By version: Wireshark's name, and what people say."""
TRANSPORTS = {
    1: ("icmp", "ICMP"),
    2: ("igmp", "IGMP"),
    6: ("tcp", "TCP"),
    17: ("udp", "UDP"),
    58: ("icmpv6", "ICMPv6"),
}
"""By IP protocol number; the rest goes by its number."""
BLOCK = 1 << 16
"""Rows that are counted at once: what numpy makes of them on the way stays in the cache."""
KINDS = 1 << 11
"""Above network << 8 | transport."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all packets counted."""

    packets: int
    bytes: int
    """On the wire."""
    captured: int
    """Bytes kept in the file."""
    start: int
    """Nanoseconds since the epoch of the earliest packet; 0 where there is none."""
    stop: int
    """Of the latest one."""

    @property
    def duration(self) -> int:
        """Nanoseconds."""
        return self.stop - self.start

    @property
    def packet_rate(self) -> float:
        """Packets a second; 0 where no time passes."""
        return self.packets * SECOND / self.duration if self.duration else 0.0

    @property
    def bit_rate(self) -> float:
        """Bits a second on the wire; 0 where no time passes."""
        return self.bytes * 8 * SECOND / self.duration if self.duration else 0.0

    @property
    def average(self) -> float:
        """Bytes a packet."""
        return self.bytes / self.packets if self.packets else 0.0


@dataclass(frozen=True, slots=True)
class Layer:
    """A line of a protocol hierarchy; what it carries follows it, one deeper."""

    name: str
    """Wireshark's filter name, "" where no protocol is known."""
    title: str
    depth: int
    packets: int
    bytes: int
    """Bytes of the whole frames, as Wireshark counts them."""


def totals(columns: Columns, rows: Array | None = None) -> Totals:
    """Counts and rates."""
    time, length, caplen = (
        picked(column, rows) for column in (columns.time, columns.length, columns.caplen)
    )
    if not len(time):
        return Totals(0, 0, 0, 0, 0)
    return Totals(
        len(time),
        int(length.sum(dtype=np.int64)),
        int(caplen.sum(dtype=np.int64)),
        int(time.min()),
        int(time.max()),
    )


def layers(columns: Columns, rows: Array | None = None) -> tuple[Layer, ...]:
    """Network and transport protocols, the larger first; of tunnels only the outermost header."""
    version, transport, length = (
        picked(column, rows) for column in (columns.network, columns.transport, columns.length)
    )
    packets, weights = np.zeros(KINDS, np.int64), np.zeros(KINDS)
    for some in blocks(len(length)):
        code = version[some].astype(np.int64) << 8
        code |= transport[some]
        packets += np.bincount(code, minlength=KINDS)
        weights += np.bincount(code, length[some], minlength=KINDS)
    out: list[Layer] = []
    used = np.flatnonzero(packets).tolist()
    for network in sorted(
        {kind >> 8 for kind in used}, key=lambda n: -packets[n << 8 :][:256].sum()
    ):
        inside = sorted((kind for kind in used if kind >> 8 == network), key=lambda k: -packets[k])
        name, title = NETWORKS.get(network, ("", "not IP"))
        whole = int(packets[inside].sum()), int(weights[inside].sum())
        out.append(Layer(name, title, 0, *whole))
        if network in NETWORKS:
            out += [_transport(kind & 0xFF, packets[kind], weights[kind]) for kind in inside]
    return tuple(out)


def _transport(kind: int, packets: int, size: float) -> Layer:
    name, title = TRANSPORTS.get(kind, ("", f"IP protocol {kind}"))
    return Layer(name, title, 1, int(packets), int(size))


def blocks(count: int) -> Iterator[slice]:
    """All of `count` rows, some at a time."""
    return (slice(start, start + BLOCK) for start in range(0, count, BLOCK))


def picked(column: Array, rows: Array | None) -> Array:
    """The column, or its rows."""
    return column if rows is None else column[rows]
