"""Fields whose values the columns have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wirestep.capture.arrays import Array

from .select_tables import TCP, UDP, Addresses, Rows, Table, Values


@dataclass(frozen=True, slots=True)
class Known:
    """A field that the columns know."""

    values: Callable[[Table], Values]
    there: str
    """Which packets have it: a name of LAYERS, or "all" where even odd headers do not matter."""
    ends: bool = False
    """Whether it is asked of the ends of conversations."""
    headers: bool = False
    """Whether the frames' headers have to be read."""


def _layer(network: int, transport: int) -> Callable[[Table], Array]:
    """Packets of an IP version and a protocol; 0 stands for any."""

    def there(table: Table) -> Array:
        if not transport:
            return np.equal(table.network, network)
        found: Array = table.transport == transport
        found &= np.equal(table.network, network) if network else table.network != 0
        return found

    return there


LAYERS: dict[str, Callable[[Table], Array]] = {
    "ip": _layer(4, 0),
    "ipv6": _layer(6, 0),
    "tcp": _layer(0, TCP),
    "udp": _layer(0, UDP),
    "icmp": _layer(4, 1),
    "icmpv6": _layer(6, 58),
    "igmp": _layer(4, 2),
}
"""Protocols that the columns tell, of packets that hold nothing but what the columns say."""


def _headed(table: Table) -> Array:
    return np.ones(table.size, bool)


def _typed(table: Table) -> Array:
    assert isinstance(table, Rows)
    return table.headers.typed


THERE = {**LAYERS, "eth": _headed, "eth.type": _typed}
"""LAYERS, and what only the frames' headers tell."""


def _row(name: str, there: str) -> Known:
    return Known(lambda table: table.column(name), there)  # type: ignore[union-attr]


def _flag(bit: int) -> Known:
    return Known(lambda table: (table.column("flags") >> bit) & 1, "tcp")  # type: ignore[union-attr]


def _address(side: int, size: int) -> Known:
    there = "ip" if size == 4 else "ipv6"
    return Known(lambda table: table.addresses(side, size), there, True)


def _port(side: int, there: str) -> Known:
    return Known(lambda table: table.ports[side], there, True)


def _relative(table: Table) -> Array:
    assert isinstance(table, Rows)
    return table.column("time") - table.scope.columns.time[:1]


def _delta(table: Table) -> Array:
    assert isinstance(table, Rows)
    before = table.scope.columns.time[np.maximum(table.numbers - 1, 0)]
    found: Array = table.column("time") - before
    return found


def _version(number: int) -> Callable[[Table], Array]:
    return lambda table: np.full(table.size, number, np.uint8)


def _network(there: str, at: int, count: int = 1, shift: int = 0, mask: int = -1) -> Known:
    """A number in the IP header: some bits of `count` bytes."""

    def values(table: Table) -> Values:
        assert isinstance(table, Rows)
        found = table.headers.network(at, count)
        if shift:
            found = found >> shift
        return found if mask < 0 else found & mask

    return Known(values, there, headers=True)


def _ether(at: int) -> Known:
    def values(table: Table) -> Values:
        assert isinstance(table, Rows)
        low = table.headers.link(at, 6)
        return Addresses(np.zeros(len(low), np.uint64), low, 6)

    return Known(values, "eth", headers=True)


def _ether_type(table: Table) -> Array:
    assert isinstance(table, Rows)
    return table.headers.link(12, 2)


def _udp_length(table: Table) -> Array:
    assert isinstance(table, Rows)
    found: Array = table.column("payload_length").astype(np.int64) + 8
    return found


FIELDS: dict[str, Known] = {
    "frame.number": Known(lambda table: table.numbers + 1, "all"),  # type: ignore[union-attr]
    "frame.len": _row("length", "all"),
    "frame.cap_len": _row("caplen", "all"),
    "frame.interface_id": _row("interface", "all"),
    "frame.time_epoch": _row("time", "all"),
    "frame.time_relative": Known(_relative, "all"),
    "frame.time_delta": Known(_delta, "all"),
    "ip.src": _address(0, 4),
    "ip.dst": _address(1, 4),
    "ip.dsfield": _network("ip", 1),
    "ip.dsfield.dscp": _network("ip", 1, shift=2),
    "ip.dsfield.ecn": _network("ip", 1, mask=3),
    "ip.len": _network("ip", 2, 2),
    "ip.id": _network("ip", 4, 2),
    "ip.flags": _network("ip", 6, shift=5),
    "ip.flags.df": _network("ip", 6, shift=6, mask=1),
    "ip.flags.mf": _network("ip", 6, shift=5, mask=1),
    "ip.ttl": _network("ip", 8),
    "ip.checksum": _network("ip", 10, 2),
    "ipv6.tclass": _network("ipv6", 0, 2, shift=4, mask=0xFF),
    "ipv6.flow": _network("ipv6", 0, 4, mask=0xFFFFF),
    "ipv6.plen": _network("ipv6", 4, 2),
    "ipv6.hlim": _network("ipv6", 7),
    "eth.dst": _ether(0),
    "eth.src": _ether(6),
    "eth.type": Known(_ether_type, "eth.type", headers=True),
    "ip.version": Known(_version(4), "ip", True),
    "ip.proto": Known(lambda table: table.transport, "ip", True),
    "ipv6.src": _address(0, 16),
    "ipv6.dst": _address(1, 16),
    "ipv6.version": Known(_version(6), "ipv6", True),
    "tcp.srcport": _port(0, "tcp"),
    "tcp.dstport": _port(1, "tcp"),
    "tcp.stream": Known(lambda table: table.stream, "tcp", True),
    "tcp.len": _row("payload_length", "tcp"),
    "tcp.seq_raw": _row("seq", "tcp"),
    "tcp.ack_raw": _row("ack", "tcp"),
    "tcp.flags": _row("flags", "tcp"),
    "tcp.window_size_value": _row("window", "tcp"),
    "udp.length": Known(_udp_length, "udp"),
    "udp.srcport": _port(0, "udp"),
    "udp.dstport": _port(1, "udp"),
    "udp.stream": Known(lambda table: table.stream, "udp", True),
    **{
        f"tcp.flags.{name}": _flag(bit)
        for bit, name in enumerate(("fin", "syn", "reset", "push", "ack", "urg"))
    },
}
"""Fields by name."""
