"""Conversations: who talks with whom, numbered in order of appearance."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import numpy as np

from wirestep.model.flow import Address

from .arrays import Array, Growing
from .fragments import Fragments
from .keys import KeyTable
from .network import TCP, UDP, Headers
from .reuse import Reuse

_TABLE = {
    "key": ("i4", 1),
    "swapped": ("u1", 1),
    "stream": ("i4", 1),
    "first": ("i8", 1),
    "last": ("i8", 1),
    "packets": ("i8", 2),
    "bytes": ("i8", 2),
}


class Flows:
    """A read-only look at the conversations of a capture; arrays have one row a conversation.

    The first sender is `a`, the other end is `b`; columns 0 and 1 of `packets` and `bytes` count
    what a and b sent (bytes on the wire, all headers included).
    """

    def __init__(self, arrays: dict[str, Array], table: KeyTable) -> None:
        self._key = arrays["key"]
        self._swapped = arrays["swapped"]
        self._words = [table.word(place) for place in range(5)]
        self.stream = arrays["stream"]
        """int32: number among the conversations of TCP or of UDP, -1 for other protocols."""
        self.first = arrays["first"]
        """int64: row of its first packet."""
        self.last = arrays["last"]
        """int64: row of its last packet so far."""
        self.packets = arrays["packets"]
        """int64[n, 2]."""
        self.bytes = arrays["bytes"]
        """int64[n, 2]."""

    def __len__(self) -> int:
        return len(self._key)

    @property
    def transport(self) -> Array:
        """uint8: IP protocol number."""
        return (self._words[4][self._key] >> np.uint64(32)).astype(np.uint8)

    @property
    def network(self) -> Array:
        """uint8: 4 or 6."""
        return (self._words[4][self._key] >> np.uint64(40)).astype(np.uint8)

    @property
    def a(self) -> Array:
        """uint8[n, 16]: address of the first sender; IPv4 in the last four bytes, the rest 0."""
        return self._address(self._swapped == 1)

    @property
    def b(self) -> Array:
        """uint8[n, 16]: address of the other end."""
        return self._address(self._swapped == 0)

    @property
    def a_port(self) -> Array:
        """uint16: 0 where the protocol has no ports."""
        return self._port(self._swapped == 1)

    @property
    def b_port(self) -> Array:
        """uint16: 0 where the protocol has no ports."""
        return self._port(self._swapped == 0)

    def ends(self, number: int) -> tuple[Address, Address]:
        """(first sender, other end) of one conversation."""
        key = self._key[number]
        high, low, other_high, other, meta = (int(word[key]) for word in self._words)
        network = meta >> 40 & 0xFF
        one = Address(_text(network, high, low), meta >> 16 & 0xFFFF)
        two = Address(_text(network, other_high, other), meta & 0xFFFF)
        return (two, one) if self._swapped[number] else (one, two)

    def _address(self, second: Array) -> Array:
        high = np.where(second, self._words[2][self._key], self._words[0][self._key])
        low = np.where(second, self._words[3][self._key], self._words[1][self._key])
        return np.stack((high, low), axis=1).astype(">u8").view(np.uint8)

    def _port(self, second: Array) -> Array:
        meta = self._words[4][self._key]
        shift = np.where(second, 0, 16).astype(np.uint64)
        return (meta >> shift).astype(np.uint16)


class FlowTable:
    """Gives every IP packet its conversation; the one writer's side of `Flows`."""

    def __init__(self) -> None:
        self._keys = KeyTable(5)
        self._current = Growing({"flow": ("i4", 1)})
        self._flows = Growing(_TABLE)
        self._reuse = Reuse()
        self._fragments = Fragments()
        self._streams = {TCP: 0, UDP: 0}

    @property
    def count(self) -> int:
        """Conversations so far."""
        return self._flows.count

    def snapshot(self, count: int) -> Flows:
        """The first `count` conversations."""
        return Flows(self._flows.snapshot(count), self._keys)

    def number(self, found: Headers, length: Array, base: int) -> tuple[Array, tuple[Array, Array]]:
        """(flow * 2 + direction of each packet, -1 for none; (earlier rows, theirs) to put right).

        `base` is the row of the first packet in the capture.
        """
        out = np.full(len(length), -1, np.int64)
        rows = np.flatnonzero((found.network != 0) & (found.fragment <= 0))
        if len(rows):
            out[rows] = self._assign(found, rows, base)
        late = np.zeros(0, np.int64), np.zeros(0, np.int64)
        parts = np.flatnonzero(found.fragment >= 0)
        if len(parts):
            late = self._follow(found, parts, out, base)
        self._count(out, length, base)
        return out, late

    def finish(self, transport: Array, length: Array) -> tuple[Array, Array]:
        """(rows, flow * 2 + direction): parts of datagrams whose first part never came.

        They get conversations without ports. `transport` and `length` are those columns.
        """
        rows, words = self._fragments.left()
        if not len(rows):
            return rows, rows
        found = Headers(len(rows))
        found.source_high, found.source, found.target_high, found.target = words[:4]
        found.network = (words[4] >> np.uint64(40)).astype(np.uint8)
        found.transport = transport[rows]
        out = self._assign(found, np.arange(len(rows)), 0, rows)
        self._count(out, length[rows], 0, rows)
        return rows, out

    def add(self, flows: Array, length: Array, rows: Array) -> None:
        """Count packets that were given a conversation late."""
        self._count(flows, length, 0, rows)

    def _assign(
        self, found: Headers, rows: Array, base: int, numbers: Array | None = None
    ) -> Array:
        """flow * 2 + direction of rows with their own key; makes new conversations."""
        words, swap = _words(found, rows)
        key, fresh = self._keys.numbers(words)
        self._current.reserve(self._keys.count)
        self._current.count = self._keys.count
        split = self._splits(found, rows, key, swap)
        events = np.sort(np.concatenate((fresh, split)))
        start = self._flows.count
        where = rows[events] + base if numbers is None else numbers[rows[events]]
        self._open(key[events], swap[events], where, found, rows[events])
        current = self._current["flow"]
        made = start + np.arange(len(events))
        mine = np.zeros(len(events), bool)
        mine[np.searchsorted(events, fresh)] = True
        current[key[events][mine]] = made[mine]
        flow = current[key].astype(np.int64)
        if len(split):
            self._divide(flow, key, split, made[~mine])
        return flow << 1 | (self._flows["swapped"][flow] ^ swap)

    def _splits(self, found: Headers, rows: Array, key: Array, swap: Array) -> Array:
        """Places where a pair of TCP ports is used again."""
        tcp = np.flatnonzero((found.transport[rows] == TCP) & found.has_ports[rows])
        if not len(tcp):
            return tcp
        mine = rows[tcp]
        seq, ack = found.seq[mine], found.ack[mine]
        way = swap[tcp].astype(np.int64)
        return tcp[self._reuse.splits(key[tcp], way, found.flags[mine], seq, ack)]

    def _divide(self, flow: Array, key: Array, split: Array, made: Array) -> None:
        """Packets behind a split get the split's new conversation, in place."""
        new = np.full(len(flow), -1, np.int64)
        new[split] = made
        places = np.flatnonzero(np.isin(key, key[split]))
        order = places[np.argsort(key[places], kind="stable")]
        begin = np.searchsorted(key[order], key[order], "left")
        last = np.maximum.accumulate(np.where(new[order] >= 0, np.arange(len(order)), -1))
        changed = last >= begin
        flow[order[changed]] = new[order[last[changed]]]
        self._current["flow"][key[split]] = made  # a key's last split comes last

    def _open(self, key: Array, swap: Array, where: Array, found: Headers, rows: Array) -> None:
        start, table = self._flows.count, self._flows
        stop = start + len(key)
        table.reserve(stop)
        table["key"][start:stop] = key
        table["swapped"][start:stop] = swap
        table["first"][start:stop] = where
        table["last"][start:stop] = where
        table["packets"][start:stop] = 0
        table["bytes"][start:stop] = 0
        stream = np.full(len(key), -1, np.int64)
        for kind in (TCP, UDP):
            mine = (found.transport[rows] == kind) & found.has_ports[rows]
            count = int(mine.sum())
            stream[mine] = self._streams[kind] + np.arange(count)
            self._streams[kind] += count
        table["stream"][start:stop] = stream
        table.count = stop

    def _follow(self, found: Headers, parts: Array, out: Array, base: int) -> tuple[Array, Array]:
        """Conversations of the parts of datagrams, in place; earlier rows that get theirs now."""
        words = [
            found.source_high[parts],
            found.source[parts],
            found.target_high[parts],
            found.target[parts],
            found.fragment_id[parts].astype(np.uint64)
            | found.transport[parts].astype(np.uint64) << np.uint64(32)
            | found.network[parts].astype(np.uint64) << np.uint64(40),
        ]
        if (found.network[parts] == 6).any():
            # Only the first part's header tells the protocol behind further extension headers.
            six = found.network[parts] == 6
            words[4] = np.where(six, words[4] & np.uint64(0xFF00_FFFFFFFF), words[4])
        flow = out[parts]
        leads = found.fragment[parts] == 0
        placed, rows, flows = self._fragments.follow(words, leads, flow, parts + base)
        out[parts] = flow
        follower = parts[placed]
        key = self._flows["key"][flow[placed] >> 1]
        found.transport[follower] = self._keys.word(4)[key] >> np.uint64(32) & np.uint64(0xFF)
        return rows, flows

    def _count(self, out: Array, length: Array, base: int, rows: Array | None = None) -> None:
        known = np.flatnonzero(out >= 0)
        if not len(known):
            return
        which, table = out[known], self._flows
        np.add.at(table["packets"].reshape(-1), which, 1)
        np.add.at(table["bytes"].reshape(-1), which, length[known].astype(np.int64))
        flow = which >> 1
        numbers = known + base if rows is None else rows[known]
        np.maximum.at(table["last"], flow, numbers)
        np.minimum.at(table["first"], flow, numbers)


def _words(found: Headers, rows: Array) -> tuple[list[Array], Array]:
    """(key words with the lower end first, 1 where the sender is the higher end)."""
    high, low = found.source_high[rows], found.source[rows]
    other_high, other = found.target_high[rows], found.target[rows]
    ports = found.ports[rows]
    port, other_port = ports >> np.uint32(16), ports & np.uint32(0xFFFF)
    swap = (low > other) | ((low == other) & (port > other_port))
    if high.any() or other_high.any():
        swap = (high > other_high) | ((high == other_high) & swap)
        high, other_high = np.where(swap, other_high, high), np.where(swap, high, other_high)
    both = np.where(swap, other_port << np.uint32(16) | port, ports).astype(np.uint64)
    meta = found.transport[rows].astype(np.uint64) << np.uint64(32)
    meta |= found.network[rows].astype(np.uint64) << np.uint64(40)
    meta |= found.has_ports[rows].astype(np.uint64) << np.uint64(48)
    low, other = np.where(swap, other, low), np.where(swap, low, other)
    return [high, low, other_high, other, meta | both], swap.astype(np.uint8)


def _text(network: int, high: int, low: int) -> str:
    return str(IPv4Address(low) if network == 4 else IPv6Address(high << 64 | low))
