"""Writes a large realistic capture fast: python benchmarks/traffic.py FILE [--packets N] [--small].

A million packets (0.9 GB) take some ten seconds: the conversations of `scripts` are worked out
once, and numpy repeats them between other hosts, with their sums right, some segments sent again
and some late. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scripts import ARP, ICMP, TCP, UDP, Pool, Script, shelf

Array = npt.NDArray[Any]
BLOCK = 1 << 15
"""Packets that are written at once."""
START = 1_700_000_000
SECONDS = 300
AGAIN, LATE, SWAPPED = 0.007, 0.004, 0.004
"""Segments seen twice, seen only when sent again, seen after their successors."""
HEAD = (0xA1B2C3D4, 0x0004_0002, 0, 0, 262_144, 1)
LINK = 14
L4 = {TCP: 32, UDP: 8, ICMP: 8, ARP: 28}
SYN_OPTIONS = bytes.fromhex("020405b4 0402080a 00000000 00000000 01030307")
OPTIONS = bytes.fromhex("0101080a 00000000 00000000")


@dataclass
class Packets:
    """Columns, a row a packet."""

    time: Array
    """Microseconds since START."""
    flow: Array
    kind: Array
    side: Array
    flags: Array
    seq: Array
    ack: Array
    at: Array
    size: Array

    def pick(self, rows: Array) -> Packets:
        """Some of them, in that order."""
        return Packets(*(column[rows] for column in vars(self).values()))


@dataclass
class Flows:
    """Columns, a row a conversation."""

    v6: Array
    vlan: Array
    port: Array
    """[n, 2]: of the client, of the server."""
    host: Array
    """[n, 2, 16]: addresses; the first four bytes where it is IPv4."""
    base: Array
    """[n, 2]: first sequence numbers."""


def conversations(
    scripts: list[tuple[float, Script]], count: int, draw: np.random.Generator
) -> tuple[Packets, Flows]:
    """`count` packets in order of time, and their conversations."""
    sizes = np.array([len(script.lines) for _, script in scripts])
    shares = np.array([share for share, _ in scripts])
    shares /= shares.sum()
    flows = int(count * 1.05 / (sizes * shares).sum()) + 40
    chosen = draw.choice(len(scripts), flows, p=shares)
    lines = np.array([line for _, script in scripts for line in script.lines], np.float64)
    first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    flow = np.repeat(np.arange(flows), sizes[chosen])
    inside = np.arange(len(flow)) - np.repeat(
        np.cumsum(sizes[chosen]) - sizes[chosen], sizes[chosen]
    )
    line = lines[first[chosen][flow] + inside]
    trip = np.maximum(200, np.exp(draw.normal(9.6, 0.8, flows)))
    begun = draw.uniform(-1, SECONDS, flows) * 1e6
    time = (begun[flow] + line[:, 0] * trip[flow] + line[:, 1]).astype(np.int64)
    kinds = np.array([script.kind for _, script in scripts])
    rest = [line[:, place].astype(np.int64) for place in range(2, 8)]
    packets = Packets(time, flow, kinds[chosen][flow], *rest)
    packets = troubled(packets, trip.astype(np.int64), draw)
    packets = packets.pick(np.flatnonzero(packets.time >= 0))
    packets = packets.pick(np.argsort(packets.time, kind="stable")[:count])
    ports = np.array([script.port for _, script in scripts])[chosen]
    return packets, hosts(ports, kinds[chosen], draw)


def troubled(packets: Packets, trip: Array, draw: np.random.Generator) -> Packets:
    """The same with losses: some segments again, some late, some behind their successors."""
    data = (packets.kind == TCP) & (packets.size > 0)
    luck = draw.random(len(packets.time))
    later = trip[packets.flow] * 6 // 5
    again = np.flatnonzero(data & (luck < AGAIN))
    late = data & (luck >= AGAIN) & (luck < AGAIN + LATE)
    swapped = data & (luck > 1 - SWAPPED)
    packets.time[late] += later[late]
    packets.time[swapped] += 40
    rows = np.concatenate((np.arange(len(packets.time)), again))
    more = packets.pick(rows)
    more.time[len(packets.time) :] += later[again]
    return more


def hosts(port: Array, kind: Array, draw: np.random.Generator) -> Flows:
    """Who talks to whom."""
    count = len(port)
    v6 = (draw.random(count) < 0.25) & (kind != ARP)
    host = np.zeros((count, 2, 16), np.uint8)
    host[:, 0, :2] = (10, 0)
    host[:, 1, 0], host[:, 1, 1] = 93, draw.integers(0, 8, count)
    host[v6, :, :4] = (0x20, 0x01, 0x0D, 0xB8)
    tail = np.where(v6, 14, 2)
    for side, many in ((0, 900), (1, 3000)):
        number = draw.integers(1, many, count)
        host[np.arange(count), side, tail] = number >> 8
        host[np.arange(count), side, tail + 1] = number & 255
    host[v6, 1, 7] = 2
    ports = np.stack((draw.integers(1024, 65_535, count), port), 1)
    base = draw.integers(0, 1 << 32, (count, 2))
    return Flows(v6, draw.random(count) < 0.05, ports, host, base)


class Writer:
    """Lays packets out as bytes, a block at a time."""

    def __init__(self, pool: Pool, flows: Flows) -> None:
        self.pool = np.frombuffer(bytes(pool.data) + bytes(2048), np.uint8)
        self.flows = flows
        # Sums over any payload, from sums over all bytes before it (even and odd places).
        even = np.where(np.arange(len(self.pool)) % 2 == 0, self.pool, 0).astype(np.int64)
        self.even = np.concatenate(([0], np.cumsum(even)))
        self.odd = np.concatenate(([0], np.cumsum(self.pool - even)))

    def block(self, packets: Packets, number: int) -> Array:
        """The records of one block; `number` is its first packet's."""
        flows = self.flows
        syn = (packets.kind == TCP) & (packets.flags & 2 > 0)
        v6, vlan = flows.v6[packets.flow], flows.vlan[packets.flow]
        group = packets.kind + 4 * syn + 8 * v6 + 16 * vlan
        l4 = np.array([L4[kind] for kind in range(4)])[packets.kind] + 8 * syn
        network = np.where(packets.kind == ARP, 0, np.where(v6, 40, 20))
        head = 16 + LINK + 4 * vlan + network + l4
        stop = np.cumsum(head + packets.size)
        start = stop - head - packets.size
        out = np.zeros(int(stop[-1]) + 64, np.uint8)
        for kind in np.unique(group).tolist():
            rows = np.flatnonzero(group == kind)
            made = self.heads(packets.pick(rows), int(head[rows[0]]), rows + number)
            windows(out, made.shape[1])[start[rows]] = made
        for size in np.unique(packets.size[packets.size > 0]).tolist():
            rows = np.flatnonzero(packets.size == size)
            windows(out, size)[start[rows] + head[rows]] = windows(self.pool, size)[
                packets.at[rows]
            ]
        return out[: int(stop[-1])]

    def heads(self, packets: Packets, size: int, number: Array) -> Array:
        """[n, size]: everything before the payload, of packets that have the same layers."""
        count = len(packets.time)
        out = np.zeros((count, size), np.uint8)
        long = size - 16 + packets.size
        stamp = packets.time + START * 1_000_000
        little = np.stack((stamp // 1_000_000, stamp % 1_000_000, long, long), 1).astype("<u4")
        out[:, :16] = little.view(np.uint8).reshape(count, 16)
        out[:, 16:28] = 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2
        out[:, 21], out[:, 27] = 1 + (packets.side == 0), 1 + (packets.side == 1)
        at = 28
        if self.flows.vlan[packets.flow[0]]:
            out[:, 28:32] = 0x81, 0, 0, 100
            at = 32
        if packets.kind[0] == ARP:
            self.arp(out, at, packets)
        elif self.flows.v6[packets.flow[0]]:
            self.ipv6(out, at, packets)
        else:
            self.ipv4(out, at, packets, number)
        return out

    def arp(self, out: Array, at: int, packets: Packets) -> None:
        """Request and answer (RFC 826)."""
        me, you = self.ends(packets)
        out[:, at : at + 10] = 8, 6, 0, 1, 8, 0, 6, 4, 0, 0
        out[:, at + 9] = packets.flags
        out[:, at + 10 : at + 16] = out[:, 22:28]
        out[:, at + 16 : at + 20] = me[:, :4]
        out[:, at + 20 : at + 26] = out[:, 16:22] * (packets.flags[:, None] == 2)
        out[:, at + 26 : at + 30] = you[:, :4]
        out[packets.flags == 1, 16:22] = 255

    def ipv4(self, out: Array, at: int, packets: Packets, number: Array) -> None:
        """RFC 791 section 3.1, and what it carries."""
        me, you = self.ends(packets)
        head = out[:, at + 2 : at + 22]
        out[:, at] = 8
        head[:, 0], head[:, 6], head[:, 8] = 0x45, 0x40, 64
        head[:, 9] = {TCP: 6, UDP: 17, ICMP: 1}[int(packets.kind[0])]
        put(head, 2, out.shape[1] - at - 2 + packets.size)
        put(head, 4, number & 0xFFFF)
        head[:, 12:16], head[:, 16:20] = me[:, :4], you[:, :4]
        put(head, 10, folded(words(head)))
        with_ends = words(head[:, 12:20]) if packets.kind[0] != ICMP else 0
        self.transport(out, at + 22, packets, with_ends, int(head[0, 9]))

    def ipv6(self, out: Array, at: int, packets: Packets) -> None:
        """RFC 8200 section 3, and what it carries."""
        head = out[:, at + 2 : at + 42]
        out[:, at : at + 2] = 0x86, 0xDD
        head[:, 0], head[:, 7] = 0x60, 64
        head[:, 6] = {TCP: 6, UDP: 17, ICMP: 58}[int(packets.kind[0])]
        put(head, 4, out.shape[1] - at - 42 + packets.size)
        head[:, 8:24], head[:, 24:40] = self.ends(packets)
        self.transport(out, at + 42, packets, words(head[:, 8:40]), int(head[0, 6]))

    def transport(
        self, out: Array, at: int, packets: Packets, ends: Array | int, protocol: int
    ) -> None:
        """The transport's header, with the sum over all of it."""
        head = out[:, at:]
        rows = np.arange(len(head))
        long = head.shape[1] + packets.size
        pseudo: Array | int = 0 if protocol == 1 else ends + protocol + long
        ports = self.flows.port[packets.flow]
        if packets.kind[0] == ICMP:
            head[:, 0] = packets.flags if protocol == 1 else np.where(packets.flags == 8, 128, 129)
            put(head, 4, ports[:, 0])
            put(head, 6, packets.seq)
            place = 2
        else:
            put(head, 0, ports[rows, packets.side])
            put(head, 2, ports[rows, 1 - packets.side])
            place = 6
            if packets.kind[0] == UDP:
                put(head, 4, long)
            else:
                self.tcp(head, packets)
                place = 16
        put(head, place, folded(words(head) + self.payload_sum(packets) + pseudo))

    def tcp(self, head: Array, packets: Packets) -> None:
        """RFC 9293 section 3.1 with timestamps (RFC 7323)."""
        rows = np.arange(len(head))
        base = self.flows.base[packets.flow]
        put(head, 4, base[rows, packets.side] + packets.seq, 4)
        acks = np.where(packets.flags & 16, base[rows, 1 - packets.side] + packets.ack, 0)
        put(head, 8, acks, 4)
        head[:, 12], head[:, 13] = head.shape[1] // 4 << 4, packets.flags
        put(head, 14, np.full(len(head), 502))
        syn = head.shape[1] == 40
        text = SYN_OPTIONS if syn else OPTIONS
        head[:, 20:] = np.frombuffer(text, np.uint8)
        clock = packets.time // 1000 + 70_000
        put(head, 28 if syn else 24, clock, 4)
        put(head, 32 if syn else 28, np.where(packets.flags & 16, clock - 9, 0), 4)

    def ends(self, packets: Packets) -> tuple[Array, Array]:
        """[n, 16] twice: addresses of sender and receiver."""
        both = self.flows.host[packets.flow]
        rows = np.arange(len(both))
        return both[rows, packets.side], both[rows, 1 - packets.side]

    def payload_sum(self, packets: Packets) -> Array:
        """The sum of the payload's 16-bit words."""
        start, stop = packets.at, packets.at + packets.size
        even, odd = self.even[stop] - self.even[start], self.odd[stop] - self.odd[start]
        first_odd = start % 2 == 1
        high, low = np.where(first_odd, odd, even), np.where(first_odd, even, odd)
        return np.asarray(high * 256 + low)


def put(head: Array, at: int, value: Array, size: int = 2) -> None:
    """Write numbers, big-endian."""
    for place in range(size):
        head[:, at + place] = value >> 8 * (size - 1 - place) & 255


def words(head: Array) -> Array:
    """The sum of 16-bit words in each row."""
    return np.asarray(head[:, ::2].sum(1, dtype=np.int64) * 256 + head[:, 1::2].sum(1, np.int64))


def folded(total: Array) -> Array:
    """The Internet checksum of such sums (RFC 1071)."""
    for _ in range(4):
        total = (total & 0xFFFF) + (total >> 16)
    return np.asarray(~total & 0xFFFF)


def windows(data: Array, size: int) -> Array:
    """All runs of `size` bytes, as rows that share the bytes."""
    shape = (len(data) - size + 1, size)
    return np.lib.stride_tricks.as_strided(data, shape, (1, 1))


def write(path: str, count: int, *, small: bool = False, seed: int = 1) -> int:
    """Write the capture: how many bytes."""
    pool = Pool()
    scripts = shelf(pool, random.Random(seed), small=small)
    packets, flows = conversations(scripts, count, np.random.default_rng(seed))
    writer = Writer(pool, flows)
    with open(path, "wb") as file:
        file.write(np.array(HEAD, "<u4").tobytes())
        for start in range(0, len(packets.time), BLOCK):
            rows = np.arange(start, min(start + BLOCK, len(packets.time)))
            writer.block(packets.pick(rows), start).tofile(file)
        return file.tell()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file")
    parser.add_argument("--packets", type=int, default=0, help="1,000,000; with --small 5,000,000")
    parser.add_argument("--small", action="store_true", help="only small packets")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    count = options.packets or (5_000_000 if options.small else 1_000_000)
    size = write(options.file, count, small=options.small, seed=options.seed)
    print(f"{options.file}: {count:,} packets, {size:,} bytes")


if __name__ == "__main__":
    main()
