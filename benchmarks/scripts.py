"""What two hosts say to each other, packet by packet: the templates that `traffic` is made of.

Each script is one conversation, worked out once; traffic repeats it between other hosts, at other
times, over other round trips, and loses and reorders some of it.
"""

from __future__ import annotations

import random
import struct
from typing import NamedTuple

TCP, UDP, ICMP, ARP = range(4)
SYN, FIN, PSH, ACK = 2, 1, 8, 16
SEGMENT = 1448
FIRST_FLIGHT = 10
WORDS = (
    b"the packet was sent again because no acknowledgement came within the time that the sender "
    b"allows and the window of the receiver had room for one more segment of the stream "
).split()


class Line(NamedTuple):
    """One packet of a script."""

    round_trips: float
    """Since the conversation began; with `micros` the packet's time."""
    micros: float
    side: int
    """0 client, 1 server."""
    flags: int
    seq: int
    ack: int
    at: int
    """Its payload in the pool."""
    size: int


class Script(NamedTuple):
    """A conversation."""

    kind: int
    port: int
    lines: tuple[Line, ...]


class Pool:
    """The bytes of all payloads."""

    def __init__(self) -> None:
        self.data = bytearray()

    def put(self, data: bytes) -> int:
        """Where `data` starts."""
        self.data += data
        return len(self.data) - len(data)


class Talk:
    """Writes the lines of a TCP conversation."""

    def __init__(self, pool: Pool, segment: int = SEGMENT) -> None:
        self.pool, self.segment = pool, segment
        self.lines: list[Line] = []
        self.next = [0, 0]
        self.round_trips, self.micros = 0.0, 0.0
        self.packet(0, SYN)
        self.wait(1)
        self.packet(1, SYN | ACK)
        self.packet(0, ACK)

    def wait(self, round_trips: float) -> None:
        """Let time pass."""
        self.round_trips += round_trips

    def packet(self, side: int, flags: int, at: int = 0, size: int = 0) -> None:
        """One packet."""
        ack = self.next[1 - side] if flags & ACK else 0
        line = (self.round_trips, self.micros, side, flags, self.next[side], ack, at, size)
        self.lines.append(Line(*line))
        self.next[side] += size + bool(flags & (SYN | FIN))
        self.micros += 15

    def say(self, side: int, data: bytes) -> None:
        """One side's bytes, in flights that grow; the other side acknowledges every second one."""
        start = self.pool.put(data)
        flight = left = FIRST_FLIGHT
        unacked = 0
        for at in range(0, len(data), self.segment):
            size = min(self.segment, len(data) - at)
            last = at + size == len(data)
            self.packet(side, ACK | (PSH if last else 0), start + at, size)
            unacked += 1
            if unacked == 2:
                self.packet(1 - side, ACK)
                unacked = 0
            left -= 1
            if not left and not last:
                self.wait(1)
                flight = left = min(flight * 2, 320)

    def script(self, port: int) -> Script:
        """The conversation, ended by both sides."""
        self.packet(0, FIN | ACK)
        self.wait(1)
        self.packet(1, FIN | ACK)
        self.packet(0, ACK)
        return Script(TCP, port, tuple(self.lines))


def http(pool: Pool, draw: random.Random, size: float) -> Script:
    """One to four requests on a kept connection."""
    talk = Talk(pool)
    for number in range(draw.choice((1, 1, 2, 4))):
        cookie = draw.randbytes(draw.randrange(8, 120)).hex()
        request = (
            f"GET /item/{draw.randrange(10**6)}/{number}?page={draw.randrange(50)} HTTP/1.1\r\n"
            f"Host: host{draw.randrange(500)}.example.net\r\nUser-Agent: traffic/1.0\r\n"
            f"Accept: text/html,*/*;q=0.8\r\nAccept-Encoding: gzip, br\r\n"
            f"Cookie: id={cookie}\r\n\r\n"
        )
        talk.say(0, request.encode())
        talk.wait(1)
        length = int(size * draw.lognormvariate(0, 0.7)) + 40
        body = b" ".join(draw.choices(WORDS, k=length // 5 + 1))[:length]
        head = (
            f"HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:{number:02} GMT\r\nServer: small\r\n"
            f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
            f"Cache-Control: max-age={draw.randrange(9999)}\r\n\r\n"
        )
        talk.say(1, head.encode() + body)
    return talk.script(draw.choice((80, 80, 80, 8080)))


def tls(pool: Pool, draw: random.Random, size: float) -> Script:
    """A TLS 1.3 handshake and what follows, as an onlooker without keys sees it."""
    talk = Talk(pool)
    talk.say(0, client_hello(draw))
    talk.wait(1)
    hello = bytes.fromhex("0303") + draw.randbytes(32) + b"\x20" + draw.randbytes(32)
    hello += bytes.fromhex("1301 00 002e 002b 0002 0304 0033 0024 001d 0020") + draw.randbytes(32)
    hello = record(22, b"\x02" + len(hello).to_bytes(3, "big") + hello)
    talk.say(1, hello + record(20, b"\x01") + sealed(draw, draw.randrange(2500, 4600)))
    talk.say(0, record(20, b"\x01") + sealed(draw, 53) + sealed(draw, draw.randrange(90, 700)))
    talk.wait(1)
    talk.say(1, sealed(draw, 250) * 2 + sealed(draw, int(size * draw.lognormvariate(0, 1)) + 60))
    talk.say(0, sealed(draw, 19))
    return talk.script(443)


def chatter(pool: Pool, draw: random.Random, size: float) -> Script:
    """A database's or a game's: small messages to and fro; `size` counts them."""
    talk = Talk(pool)
    for _ in range(max(2, int(size))):
        talk.say(0, b"Q" + struct.pack("!I", 40) + draw.randbytes(draw.randrange(16, 90)))
        talk.wait(1)
        talk.say(1, b"T" + struct.pack("!I", 80) + draw.randbytes(draw.randrange(20, 160)))
    return talk.script(draw.choice((5432, 6379, 9000 + draw.randrange(100))))


def lookup(pool: Pool, draw: random.Random) -> Script:
    """A DNS question and its answer."""
    name = b"".join(
        bytes([len(label)]) + label
        for label in (draw.choice(WORDS)[:20], b"h%d" % draw.randrange(9999), b"example", b"net")
    )
    kind, size = draw.choice(((1, 4), (1, 4), (28, 16)))
    head = draw.randbytes(2)
    asked = name + b"\0" + struct.pack("!HH", kind, 1)
    query = head + bytes.fromhex("0100 0001 0000 0000 0000") + asked
    count = draw.randrange(1, 5)
    answers = b"".join(
        struct.pack("!HHHIH", 0xC00C, kind, 1, draw.randrange(9000), size) + draw.randbytes(size)
        for _ in range(count)
    )
    answer = head + struct.pack("!HHHHH", 0x8180, 1, count, 0, 0) + asked + answers
    lines = (
        Line(0, 0, 0, 0, 0, 0, pool.put(query), len(query)),
        Line(1, 0, 1, 0, 0, 0, pool.put(answer), len(answer)),
    )
    return Script(UDP, 53, lines)


def datagrams(pool: Pool, draw: random.Random, size: float) -> Script:
    """Media over UDP: `size` datagrams of bytes that nobody can read."""
    at = pool.put(draw.randbytes(4000))
    lines = []
    for number in range(int(size)):
        side = int(draw.random() < 0.8)
        long = draw.randrange(900, 1200) if side else draw.randrange(40, 140)
        lines.append(Line(0, number * 900.0, side, 0, 0, 0, at + draw.randrange(2700), long))
    return Script(UDP, 5004, tuple(lines))


def pings(pool: Pool, draw: random.Random) -> Script:
    """A few echo requests, answered."""
    at = pool.put(bytes(range(8, 64)))
    lines: list[Line] = []
    for number in range(1, draw.randrange(2, 6)):
        lines.append(Line(0, number * 1e6, 0, 8, number, 0, at, 56))
        lines.append(Line(1, number * 1e6, 1, 0, number, 0, at, 56))
    return Script(ICMP, 0, tuple(lines))


def who_has() -> Script:
    """An ARP request and its answer."""
    return Script(ARP, 0, (Line(0, 0, 0, 1, 0, 0, 0, 0), Line(0, 120, 1, 2, 0, 0, 0, 0)))


def record(kind: int, data: bytes, version: int = 0x0303) -> bytes:
    """One TLS record."""
    return struct.pack("!BHH", kind, version, len(data)) + data


def sealed(draw: random.Random, size: int) -> bytes:
    """Encrypted records of `size` bytes in all, heads not counted."""
    sizes = [16_384] * (size // 16_384) + [max(17, size % 16_384)]
    return b"".join(record(23, draw.randbytes(long)) for long in sizes)


def client_hello(draw: random.Random) -> bytes:
    """A ClientHello with the usual extensions (RFC 8446 section 4.1.2)."""
    host = b"host%d.example.org" % draw.randrange(5000)
    name = struct.pack("!HBH", len(host) + 3, 0, len(host)) + host
    parts = (
        (0, name),
        (10, bytes.fromhex("0004 001d 0017")),
        (13, bytes.fromhex("0006 0403 0804 0401")),
        (16, b"\x00\x0c\x02h2\x08http/1.1"),
        (43, bytes.fromhex("04 0304 0303")),
        (51, bytes.fromhex("0024 001d 0020") + draw.randbytes(32)),
        (21, bytes(180)),
    )
    extensions = b"".join(struct.pack("!HH", kind, len(data)) + data for kind, data in parts)
    body = bytes.fromhex("0303") + draw.randbytes(32) + b"\x20" + draw.randbytes(32)
    body += bytes.fromhex("0006 1301 1302 1303 0100") + struct.pack("!H", len(extensions))
    body += extensions
    return record(22, b"\x01" + len(body).to_bytes(3, "big") + body, 0x0301)


def shelf(pool: Pool, draw: random.Random, *, small: bool) -> list[tuple[float, Script]]:
    """(how often, script) for a mixed capture, or for one of small packets."""
    found: list[tuple[float, Script]] = []
    found += [(0.30 / 400, lookup(pool, draw)) for _ in range(400)]
    found += [(0.02 / 20, pings(pool, draw)) for _ in range(20)]
    found += [(0.02, who_has())]
    if small:
        sizes = [draw.lognormvariate(3, 1) for _ in range(150)]
        return found + [(0.66 / 150, chatter(pool, draw, size)) for size in sizes]
    for _ in range(120):
        found.append((0.22 / 120, http(pool, draw, draw.lognormvariate(9.6, 1.4))))
        found.append((0.34 / 120, tls(pool, draw, draw.lognormvariate(10.4, 1.3))))
    found += [(0.07 / 40, chatter(pool, draw, draw.lognormvariate(2, 1))) for _ in range(40)]
    found += [(0.03 / 20, datagrams(pool, draw, draw.randrange(5, 120))) for _ in range(20)]
    return found
