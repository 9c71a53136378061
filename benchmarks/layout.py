"""Lays packets out as the bytes of a capture, a block at a time, with numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scripts import ARP, ICMP, TCP, UDP, Pool

Array = npt.NDArray[Any]
START = 1_700_000_000
HEADS = {
    "pcap": np.array((0xA1B2C3D4, 0x0004_0002, 0, 0, 262_144, 1), "<u4").tobytes(),
    # A section, and an interface that counts nanoseconds (if_tsresol 9).
    "pcapng": np.array((0x0A0D0D0A, 28, 0x1A2B3C4D, 1, *[0xFFFFFFFF] * 2, 28), "<u4").tobytes()
    + np.array((1, 32, 1, 262_144, 0x0001_0009, 9, 0, 32), "<u4").tobytes(),
}
LEAD = {"pcap": 16, "pcapng": 28}
"""Bytes of a record before its frame."""
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


class Writer:
    """Lays packets out as bytes, a block at a time."""

    def __init__(self, pool: Pool, flows: Flows, form: str = "pcap") -> None:
        self.form, self.lead = form, LEAD[form]
        self.pool = np.frombuffer(bytes(pool.data) + bytes(2048), np.uint8)
        self.flows = flows
        # Sums over any payload, from sums over all bytes before it (even and odd places); that
        # they wrap around changes no difference.
        both = np.zeros((2, len(self.pool) + 1), np.uint32)
        both[0, 1::2], both[1, 2::2] = self.pool[::2], self.pool[1::2]
        self.even, self.odd = np.cumsum(both, axis=1, dtype=np.uint32)

    def block(self, packets: Packets, number: int) -> Array:
        """The records of one block; `number` is its first packet's."""
        flows = self.flows
        syn = (packets.kind == TCP) & (packets.flags & 2 > 0)
        v6, vlan = flows.v6[packets.flow], flows.vlan[packets.flow]
        group = packets.kind + 4 * syn + 8 * v6 + 16 * vlan
        l4 = np.array([L4[kind] for kind in range(4)])[packets.kind] + 8 * syn
        network = np.where(packets.kind == ARP, 0, np.where(v6, 40, 20))
        head = LINK + 4 * vlan + network + l4
        long = head + packets.size
        record = self.lead + long + (-long % 4 + 4) * (self.form == "pcapng")
        stop = np.cumsum(record)
        start = stop - record
        out = np.zeros(int(stop[-1]) + 64, np.uint8)
        for kind in np.unique(group).tolist():
            rows = np.flatnonzero(group == kind)
            made = self.heads(packets.pick(rows), int(head[rows[0]]), rows + number)
            windows(out, made.shape[1])[start[rows] + self.lead] = made
        windows(out, self.lead)[start] = self.records(packets.time, long, record)
        if self.form == "pcapng":
            windows(out, 4)[stop - 4] = record.astype("<u4").view(np.uint8).reshape(-1, 4)
        head += self.lead
        for size in np.unique(packets.size[packets.size > 0]).tolist():
            rows = np.flatnonzero(packets.size == size)
            windows(out, size)[start[rows] + head[rows]] = windows(self.pool, size)[
                packets.at[rows]
            ]
        return out[: int(stop[-1])]

    def records(self, time: Array, long: Array, record: Array) -> Array:
        """[n, lead]: what stands before each frame of `long` bytes."""
        stamp = time + START * 1_000_000
        parts: tuple[Array, ...]
        if self.form == "pcap":
            parts = (stamp // 1_000_000, stamp % 1_000_000, long, long)
        else:
            stamp = stamp * 1000
            none = np.zeros(len(time), np.int64)
            parts = (none + 6, record, none, stamp >> 32, stamp & 0xFFFFFFFF, long, long)
        return np.stack(parts, 1).astype("<u4").view(np.uint8).reshape(len(time), self.lead)

    def heads(self, packets: Packets, size: int, number: Array) -> Array:
        """[n, size]: everything before the payload, of packets that have the same layers."""
        count = len(packets.time)
        out = np.zeros((count, size), np.uint8)
        out[:, :12] = 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2
        out[:, 5], out[:, 11] = 1 + (packets.side == 0), 1 + (packets.side == 1)
        at = 12
        if self.flows.vlan[packets.flow[0]]:
            out[:, 12:16] = 0x81, 0, 0, 100
            at = 16
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
        out[:, at + 10 : at + 16] = out[:, 6:12]
        out[:, at + 16 : at + 20] = me[:, :4]
        out[:, at + 20 : at + 26] = out[:, 0:6] * (packets.flags[:, None] == 2)
        out[:, at + 26 : at + 30] = you[:, :4]
        out[packets.flags == 1, 0:6] = 255

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
        return np.asarray(high.astype(np.int64) * 256 + low)


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
