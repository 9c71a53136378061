"""Captures of TCP conversations that go wrong in every way, from a seed."""

from __future__ import annotations

import io
import random
import struct

from wirestep.capture import Capture, load, open_capture

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
SPACE = 1 << 32
SCALE = bytes.fromhex("01030302")
HEAD = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 101)


def segment(
    ends: tuple[int, int], seq: int, ack: int, flags: int, window: int, size: int, scale: bool
) -> bytes:
    """An IPv4 packet; hosts are told apart by their ports alone."""
    options = SCALE if scale else b""
    total = 40 + len(options) + size
    hosts = bytes((10, 0, ends[0] >> 8, ends[0] & 255)) + bytes(
        (10, 0, ends[1] >> 8, ends[1] & 255)
    )
    ip = struct.pack("!BBHHHBBH", 0x45, 0, total, 0, 0, 64, 6, 0) + hosts
    offset = 5 + len(options) // 4 << 4
    tcp = struct.pack("!HHIIBBHHH", *ends, seq % SPACE, ack % SPACE, offset, flags, window, 0, 0)
    return ip + tcp + options + bytes(size)


def capture_of(packets: list[tuple[int, bytes]]) -> Capture:
    """A capture of (ns, packet), indexed."""
    out = [HEAD]
    for time, data in packets:
        out.append(struct.pack("<IIII", time // 10**9, time % 10**9, len(data), len(data)))
        out.append(data)
    capture = open_capture("-", stream=io.BytesIO(b"".join(out)))
    for _ in load(capture):
        pass
    return capture


class Talk:
    """Two ends, each with what it sent and what it has; what happens next is drawn by lot."""

    def __init__(self, draw: random.Random, ports: tuple[int, int], wild: float) -> None:
        self.draw, self.ports = draw, ports
        near = draw.choice((70_000, SPACE - 537, 1 << 31, draw.randrange(SPACE)))
        self.sent = [near + 1, draw.randrange(SPACE)]
        self.history: list[list[tuple[int, int, int]]] = [[], []]
        self.window = [draw.choice((1000, 65535, 300)) for _ in range(2)]
        self.last: list[tuple[int, int]] = [(near + 1, 0), (self.sent[1], 0)]
        self.opening = 3 if draw.random() < 0.8 else 0
        self.scaled = draw.random() < 0.6
        self.wild = draw.random() < wild

    def next(self) -> bytes:
        """One more segment."""
        if self.opening:
            return self._open()
        draw, side = self.draw, self.draw.randrange(2)
        kind = draw.choices(range(9), (30, 25, 8, 6, 5, 3, 3, 3, 2))[0]
        if kind == 6:
            self.window[side] = draw.choice((0, 0, 300, 100, 1000))
        if kind in (1, 5):
            return self._acknowledge(side, beyond=kind == 5)
        if kind in (2, 7, 8) and self.history[side]:
            return self._again(side, kind)
        seq, size, flags = self.sent[side], 0, ACK
        if kind == 0:  # data that follows
            size = draw.choice((1, 10, 100, 100, 100))
            flags |= draw.choice((0, PSH, PSH, FIN)) if draw.random() < 0.3 else 0
        elif kind == 3:  # something is missing
            seq += draw.choice((1, 100, 100))
            size = draw.choice((0, 100))
        elif kind == 4:  # a keep-alive, a probe
            seq -= draw.choice((1, 1, 0))
            size = draw.choice((0, 1))
        return self._send(side, seq, self.sent[1 - side], flags, size)

    def _acknowledge(self, side: int, *, beyond: bool) -> bytes:
        """Something that was sent, or the last again, or what was not captured yet."""
        draw, ack, other = self.draw, self.sent[1 - side], self.history[1 - side]
        if beyond:
            ack += draw.choice((1, 100, 250))
        elif draw.random() < 0.5 and other:
            sent = draw.choice(other[-4:])
            ack = sent[0] + sent[1]
        return self._send(side, self.sent[side], ack, ACK, 0)

    def _again(self, side: int, kind: int) -> bytes:
        """Sent again, whole or in part; the numbers of the last segment; flags without sense."""
        draw, ack = self.draw, self.sent[1 - side]
        if kind == 7:
            return self._send(side, *self.last[side], ACK, 0)
        if kind == 2:
            seq, size, flags = draw.choice(self.history[side][-6:])
            if draw.random() < 0.3:
                size = max(0, size + draw.choice((-5, 5, 50)))
            return self._send(side, seq, ack, flags, size)
        seq, flags = (
            self.sent[side],
            draw.choice((RST, RST | ACK, SYN | ACK, SYN, FIN, FIN | ACK, 0)),
        )
        if self.wild:
            seq += draw.choice((1 << 31, (1 << 31) - 1, 1 << 30, 5 << 29))
        return self._send(side, seq, ack, flags, 0)

    def _open(self) -> bytes:
        step, self.opening = 3 - self.opening, self.opening - 1
        if step < 2:
            self.sent[step] += 1
        flags = (SYN, SYN | ACK, ACK)[step]
        seq = self.sent[step & 1] - (step < 2)
        ack = self.sent[1 - (step & 1)] if step else 0
        return self._packet(step & 1, seq, ack, flags, 0, self.scaled and step < 2)

    def _send(self, side: int, seq: int, ack: int, flags: int, size: int) -> bytes:
        end = seq + size + (flags & (SYN | FIN) != 0)
        if 0 < (end - self.sent[side]) % SPACE < 1 << 31:
            self.sent[side] = end
        self.history[side].append((seq, size, flags))
        self.last[side] = seq, ack
        return self._packet(side, seq, ack, flags, size, flags & SYN and self.scaled)

    def _packet(
        self, side: int, seq: int, ack: int, flags: int, size: int, scale: bool | int
    ) -> bytes:
        ends = self.ports if side == 0 else self.ports[::-1]
        return segment(ends, seq, ack, flags, self.window[side], size, bool(scale))


def scrambled(seed: int, talks: int, count: int, wild: float = 0.0) -> Capture:
    """`count` segments of so many conversations that go on at once."""
    draw = random.Random(seed)
    going = [Talk(draw, (40000 + number, 80), wild) for number in range(talks)]
    time, packets = 10**18, []
    for _ in range(count):
        time += draw.choice((0, 1, 10_000, 500_000, 2_900_000, 5_000_000, 30_000_000))
        packets.append((time, draw.choice(going).next()))
    return capture_of(packets)
