"""Conversations and endpoints by level, as Wireshark's tables of these names have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

import numpy as np

from wirestep.capture import Columns
from wirestep.capture.arrays import Array

from .totals import SECOND

HOSTED, PORTED = ("ip", "ipv6"), ("tcp", "udp")
"""Levels whose ends are hosts, and those whose ends have ports."""
LEVELS = (*HOSTED, *PORTED)
TITLES = {"ip": "IPv4", "ipv6": "IPv6", "tcp": "TCP", "udp": "UDP"}
_NETWORK = {"ip": 4, "ipv6": 6}
_TRANSPORT = {"tcp": 6, "udp": 17}


@dataclass(frozen=True, slots=True, eq=False)
class Talks:
    """Conversations of one level, a row each; columns 0 and 1: what a sent, what b sent."""

    level: str
    network: Array
    """uint8: 4 or 6."""
    a: Array
    """uint8[n, 16]: who sent first; IPv4 in the last four bytes."""
    b: Array
    a_port: Array
    """uint16; 0 where the level has no ports."""
    b_port: Array
    packets: Array
    """int64[n, 2]."""
    bytes: Array
    """int64[n, 2]: on the wire."""
    first: Array
    """int64: row of the first packet counted."""
    start: Array
    """int64: ns since the epoch."""
    duration: Array
    """int64: ns."""
    stream: Array
    """int32: tcp.stream or udp.stream; -1 where the level has none."""
    flow: Array
    """int64: number of the conversation in the columns; of the first one at levels ip and ipv6."""

    def __len__(self) -> int:
        return len(self.network)

    def bits(self) -> Array:
        """float64[n, 2]: bits a second each way; 0 where no time passes."""
        lasts = np.maximum(self.duration, 1)[:, None]
        return np.where(self.duration[:, None] > 0, self.bytes * 8.0 * SECOND / lasts, 0.0)

    def ends(self, row: int) -> tuple[str, str]:
        """The addresses of one conversation."""
        network = int(self.network[row])
        return host(network, self.a[row]), host(network, self.b[row])

    def order(self, key: str, *, down: bool = False) -> Array:
        """int64[n]: rows sorted by one of TALK_KEYS; equals stay in order of appearance."""
        return _order(TALK_KEYS[key](self), down=down)


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Endpoints of one level, a row each; columns 0 and 1: sent, received."""

    level: str
    network: Array
    address: Array
    """uint8[n, 16]."""
    port: Array
    packets: Array
    bytes: Array
    first: Array
    """int64: row of the first packet counted of the first conversation it is in."""

    def __len__(self) -> int:
        return len(self.network)

    def host(self, row: int) -> str:
        """The address of one endpoint."""
        return host(int(self.network[row]), self.address[row])

    def order(self, key: str, *, down: bool = False) -> Array:
        """int64[n]: rows sorted by one of END_KEYS; equals stay in order of appearance."""
        return _order(END_KEYS[key](self), down=down)


TALK_KEYS: dict[str, Callable[[Talks], list[Array]]] = {
    "a": lambda talks: _place(talks.network, talks.a, talks.a_port),
    "b": lambda talks: _place(talks.network, talks.b, talks.b_port),
    "packets": lambda talks: [talks.packets.sum(1)],
    "bytes": lambda talks: [talks.bytes.sum(1)],
    "packets_a": lambda talks: [talks.packets[:, 0]],
    "bytes_a": lambda talks: [talks.bytes[:, 0]],
    "packets_b": lambda talks: [talks.packets[:, 1]],
    "bytes_b": lambda talks: [talks.bytes[:, 1]],
    "start": lambda talks: [talks.start],
    "duration": lambda talks: [talks.duration],
    "bits_a": lambda talks: [talks.bits()[:, 0]],
    "bits_b": lambda talks: [talks.bits()[:, 1]],
    "stream": lambda talks: [talks.stream],
}
END_KEYS: dict[str, Callable[[Ends], list[Array]]] = {
    "address": lambda ends: _place(ends.network, ends.address, ends.port),
    "port": lambda ends: [ends.port],
    "packets": lambda ends: [ends.packets.sum(1)],
    "bytes": lambda ends: [ends.bytes.sum(1)],
    "packets_sent": lambda ends: [ends.packets[:, 0]],
    "bytes_sent": lambda ends: [ends.bytes[:, 0]],
    "packets_received": lambda ends: [ends.packets[:, 1]],
    "bytes_received": lambda ends: [ends.bytes[:, 1]],
}


def host(network: int, address: Array) -> str:
    """The address as text."""
    value = int.from_bytes(address.tobytes(), "big")
    return str(IPv4Address(value) if network == 4 else IPv6Address(value))


def conversations(columns: Columns, level: str, rows: Array | None = None) -> Talks:
    """The conversations of a level that have at least one of the rows, in order of appearance."""
    flows = columns.flows
    counted = _counted(columns, rows)
    mine = (flows.transport == _TRANSPORT[level]) if level in _TRANSPORT else None
    if mine is None:
        mine = flows.network == _NETWORK[level]
    else:
        mine &= flows.stream >= 0
    picked = np.flatnonzero(mine & (counted.packets.sum(1) > 0))
    picked = picked[np.argsort(counted.first[picked], kind="stable")]
    talks = Talks(
        level,
        flows.network[picked],
        flows.a[picked],
        flows.b[picked],
        flows.a_port[picked],
        flows.b_port[picked],
        counted.packets[picked],
        counted.bytes[picked],
        counted.first[picked],
        counted.start[picked],
        counted.stop[picked] - counted.start[picked],
        flows.stream[picked],
        picked,
    )
    return talks if level in _TRANSPORT else _by_hosts(talks)


def endpoints(columns: Columns, level: str, rows: Array | None = None) -> Ends:
    """The ends of the conversations of a level, in order of appearance."""
    talks = conversations(columns, level, rows)
    network = np.concatenate((talks.network, talks.network))
    address = np.concatenate((talks.a, talks.b))
    port = np.concatenate((talks.a_port, talks.b_port))
    packets = np.concatenate((talks.packets, talks.packets[:, ::-1]))
    sizes = np.concatenate((talks.bytes, talks.bytes[:, ::-1]))
    # The sender of a conversation's first packet is met before the other end.
    met = np.concatenate((talks.first * 2, talks.first * 2 + 1))
    number, first = _grouped(_place(network, address, port), met)
    return Ends(
        level,
        network[first],
        address[first],
        port[first],
        _sums(number, packets, len(first)),
        _sums(number, sizes, len(first)),
        met[first] >> 1,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Counted:
    """By conversation of the columns."""

    packets: Array
    bytes: Array
    first: Array
    start: Array
    stop: Array


def _counted(columns: Columns, rows: Array | None) -> _Counted:
    flows, time = columns.flows, columns.time
    count = len(flows)
    if rows is None and (count == 0 or bool((time[1:] >= time[:-1]).all())):
        first, last = flows.first, np.minimum(flows.last, len(time) - 1)
        return _Counted(flows.packets, flows.bytes, first, time[first], time[last])
    rows = np.arange(len(time)) if rows is None else rows
    which = columns.flow[rows]
    rows, which = rows[which >= 0], which[which >= 0]
    flow, when = which >> 1, time[rows]
    first = np.zeros(count, np.int64)
    first[flow[::-1]] = rows[::-1]  # of several, the last one written stays
    start = np.full(count, np.iinfo(np.int64).max)
    stop = np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(start, flow, when)
    np.maximum.at(stop, flow, when)
    packets = np.bincount(which, minlength=2 * count).reshape(-1, 2)
    sizes = np.bincount(which, columns.length[rows], minlength=2 * count)
    return _Counted(packets, sizes.astype(np.int64).reshape(-1, 2), first, start, stop)


def _by_hosts(talks: Talks) -> Talks:
    """One conversation for each pair of hosts."""
    if not len(talks):
        return talks
    none = np.zeros(len(talks), np.uint16)
    ends = np.concatenate((talks.a, talks.b))
    both = np.concatenate((talks.network, talks.network))
    numbers, _ = _grouped(_place(both, ends, np.concatenate((none, none))), np.arange(len(ends)))
    a, b = numbers[: len(talks)], numbers[len(talks) :]
    number, first = _grouped([np.minimum(a, b), np.maximum(a, b)], talks.first)
    packets, sizes = (
        _turned(each, a != a[first][number], a == b) for each in (talks.packets, talks.bytes)
    )
    start, stop = talks.start[first], (talks.start + talks.duration)[first]
    np.minimum.at(start, number, talks.start)
    np.maximum.at(stop, number, talks.start + talks.duration)
    return Talks(
        talks.level,
        talks.network[first],
        talks.a[first],
        talks.b[first],
        none[first],
        none[first],
        _sums(number, packets, len(first)),
        _sums(number, sizes, len(first)),
        talks.first[first],
        start,
        stop - start,
        np.full(len(first), -1, np.int32),
        talks.flow[first],
    )


def _turned(values: Array, swap: Array, same: Array) -> Array:
    """What each side sent, seen from the pair's first sender; a host alone with itself sends all,
    as Wireshark counts it."""
    first = np.where(swap, values[:, 1], values[:, 0])
    other = np.where(swap, values[:, 0], values[:, 1])
    return np.stack((np.where(same, first + other, first), np.where(same, 0, other)), axis=1)


def _place(network: Array, address: Array, port: Array) -> list[Array]:
    """Columns that sort ends: by kind of address, address, port."""
    words = np.ascontiguousarray(address).view(">u8").reshape(-1, 2).astype(np.uint64)
    return [network, words[:, 0], words[:, 1], port]


def _grouped(keys: list[Array], met: Array) -> tuple[Array, Array]:
    """(number of each row's group, place of the earliest row of each group).

    Groups are numbered in the order of `met`.
    """
    code = np.zeros(len(met), np.int64)
    for key in keys:
        if len(key) and not bool((key == key[0]).all()):
            part = _codes(key)
            code = _codes(code * (int(part.max()) + 1) + part)
    order = np.argsort(met, kind="stable")
    groups = int(code.max(initial=-1)) + 1
    earliest = np.zeros(groups, np.int64)
    earliest[code[order][::-1]] = order[::-1]
    ranked = np.argsort(met[earliest], kind="stable")
    renumber = np.empty(groups, np.int64)
    renumber[ranked] = np.arange(groups)
    return renumber[code], earliest[ranked]


def _codes(values: Array) -> Array:
    """int64[n]: the rank of each value among the different ones, from 0."""
    order = np.argsort(values, kind="stable")
    changed = np.zeros(len(values), np.int64)
    changed[1:] = values[order][1:] != values[order][:-1]
    code = np.empty(len(values), np.int64)
    code[order] = np.cumsum(changed)
    return code


def _sums(number: Array, values: Array, groups: int) -> Array:
    """int64[groups, 2]."""
    each = [np.bincount(number, values[:, way], minlength=groups) for way in (0, 1)]
    return np.stack(each, axis=1).astype(np.int64)


def _order(keys: list[Array], *, down: bool) -> Array:
    code = np.zeros(len(keys[0]), np.int64)
    for key in keys:
        part = _codes(key)
        code = _codes(code * (int(part.max(initial=0)) + 1) + part)
    return np.argsort(-code if down else code, kind="stable")
