"""Conversations: who talks with whom, numbered in order of appearance."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import numpy as np

from wirestep.model.flow import Address

from .arrays import Array, Growing
from .fragments import Fragments
from .headers import TCP, UDP, Headers
from .keys import KeyTable
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
        self._key = self.pair = arrays["key"]
        """int32: number of the pair of ends; the same where its ports are used again."""
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

    def transport_of(self, number: int) -> int:
        """IP protocol number of one conversation, without a look at all others."""
        return int(self._words[4][self._key[number]]) >> 32 & 0xFF

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
        high, other_high, low, other, meta = (int(word[key]) for word in self._words)
        network = meta >> 40 & 0xFF
        one = Address(_text(network, high, low), meta >> 16 & 0xFFFF)
        two = Address(_text(network, other_high, other), meta & 0xFFFF)
        return (two, one) if self._swapped[number] else (one, two)

    def _address(self, second: Array) -> Array:
        high = np.where(second, self._words[1][self._key], self._words[0][self._key])
        low = np.where(second, self._words[3][self._key], self._words[2][self._key])
        return np.stack((high, low), axis=1).astype(">u8").view(np.uint8)

    def _port(self, second: Array) -> Array:
        meta = self._words[4][self._key]
        shift = np.where(second, 0, 16).astype(np.uint64)
        return (meta >> shift).astype(np.uint16)


class FlowTable:
    """Gives every IP packet its conversation; the one writer's side of `Flows`."""

    def __init__(self) -> None:
        self._keys = KeyTable(5)
        # By key: its current conversation, * 2 + 1 if the first sender was the higher end.
        self._leads = Growing({"lead": ("i4", 1)})
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
        out = self._assign(found, base)
        late = np.zeros(0, np.int64), np.zeros(0, np.int64)
        parts = np.flatnonzero(found.fragment >= 0)
        if len(parts):
            late = self._follow(found, parts, out, base)
            placed = parts[out[parts] >= 0]  # a part may come before the first one of its datagram
            np.minimum.at(self._flows["first"], out[placed] >> 1, placed + base)
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
        out = self._assign(found, 0, rows)
        self.add(out, length[rows], rows)
        return rows, out

    def add(self, flows: Array, length: Array, rows: Array) -> None:
        """Count packets that were given a conversation late."""
        self._count(flows, length, 0)
        np.maximum.at(self._flows["last"], flows >> 1, rows)
        np.minimum.at(self._flows["first"], flows >> 1, rows)

    def _assign(self, found: Headers, base: int, numbers: Array | None = None) -> Array:
        """int64: flow * 2 + direction by each row's own key; makes new conversations.

        -1 for what has no key of its own: no IP, or a part of a datagram that is not the first.
        """
        words, swap = _words(found)
        key, fresh = self._keys.numbers(words)
        self._leads.reserve(self._keys.count)
        self._leads.count = self._keys.count
        leads = self._leads["lead"]
        leads[key[fresh]] = -1
        fresh = fresh[words[-1][fresh] != 0]
        split = self._reuse.splits(key, swap, found)
        if len(fresh) or len(split):
            events = np.sort(np.concatenate((fresh, split)))
            where = events + base if numbers is None else numbers[events]
            made = self._open(key[events], swap[events], where, found, events)
            new = np.isin(events, split, invert=True) if len(split) else np.ones(len(fresh), bool)
            leads[key[events[new]]] = made[new]
        lead = leads.take(key).astype(np.int64)
        if len(split):
            self._divide(lead, key, split, made[~new])
        return lead ^ swap

    def _divide(self, lead: Array, key: Array, split: Array, made: Array) -> None:
        """Packets behind a split get the split's new conversation, in place."""
        new = np.full(len(lead), -1, np.int64)
        new[split] = made
        places = np.flatnonzero(np.isin(key, key[split]))
        order = places[np.argsort(key[places], kind="stable")]
        begin = np.searchsorted(key[order], key[order], "left")
        last = np.maximum.accumulate(np.where(new[order] >= 0, np.arange(len(order)), -1))
        changed = last >= begin
        lead[order[changed]] = new[order[last[changed]]]
        self._leads["lead"][key[split]] = made  # a key's last split comes last

    def _open(self, key: Array, swap: Array, where: Array, found: Headers, rows: Array) -> Array:
        """Make a conversation of each row: flow * 2 + 1 if its first sender is the higher end."""
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
        return np.arange(start, stop) << 1 | swap

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

    def _count(self, out: Array, length: Array, base: int) -> None:
        if out.min(initial=0) < 0:
            known = np.flatnonzero(out >= 0)
            which, length = out[known], length[known]
        else:
            known, which = np.arange(len(out)), out
        table = self._flows
        np.add.at(table["packets"].reshape(-1), which, 1)
        np.add.at(table["bytes"].reshape(-1), which, length.astype(np.int64))
        table["last"][which >> 1] = known + base  # the last of a conversation's rows stays


def _words(found: Headers) -> tuple[list[Array], Array]:
    """(key words with the lower end first, 1 where the sender is the higher end).

    All 0 for what has no key; else the last word is not.
    """
    high, low = found.source_high, found.source
    other_high, other = found.target_high, found.target
    ports = found.ports
    swap = low > other
    same = low == other
    if same.any():
        swap |= same & (ports >> np.uint32(16) > ports & np.uint32(0xFFFF))
    if high.any() or other_high.any():
        swap = (high > other_high) | ((high == other_high) & swap)
        high, other_high = np.where(swap, other_high, high), np.where(swap, high, other_high)
    meta = found.network.astype(np.uint64) << np.uint64(8)
    meta |= found.transport
    meta |= found.has_ports.astype(np.uint64) << np.uint64(16)
    meta <<= np.uint64(32)
    meta |= np.where(swap, ports << np.uint32(16) | ports >> np.uint32(16), ports)
    words = [high, other_high, np.where(swap, other, low), np.where(swap, low, other), meta]
    later = np.flatnonzero(found.fragment > 0)
    if len(later):
        swap[later] = False
        for place, word in enumerate(words):
            words[place] = word.copy()
            words[place][later] = 0
    return words, swap.view(np.uint8)


def _text(network: int, high: int, low: int) -> str:
    return str(IPv4Address(low) if network == 4 else IPv6Address(high << 64 | low))
