"""Two of our TCPs and a wire between them, in virtual time; all goes through its bytes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from wirestep.exchange.contract import Ended, Failed, Received, Started
from wirestep.model import Address
from wirestep.wires.tcp import Connection, Cookies, Options, Segment

MS = 1_000_000
SECOND = 1_000_000_000
HOSTS = (Address("10.0.0.1", 50000), Address("10.0.0.2", 80))
IPS = (bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2)))
CLIENT, SERVER = 0, 1

Judge = Callable[[int, int, Segment], list[int]]
"""(place among all packets, sender, segment) -> the further delays of what arrives, ns: [] is lost,
[0] is on time, [0, 0] is twice."""


def on_time(number: int, sender: int, segment: Segment) -> list[int]:
    return [0]


def chance_of(
    rng: random.Random, loss: float = 0, reorder: float = 0, duplicate: float = 0
) -> Judge:
    """Losses, delays and copies by chance."""

    def judge(number: int, sender: int, segment: Segment) -> list[int]:
        if rng.random() < loss:
            return []
        late = rng.randrange(0, 30 * MS) if rng.random() < reorder else 0
        copies = [rng.randrange(0, 30 * MS)] if rng.random() < duplicate else []
        return [late, *copies]

    return judge


@dataclass
class Sent:
    """One packet that was put on the wire."""

    time: int
    sender: int
    segment: Segment
    data: bytes


@dataclass
class Pair:
    """A client and a server; nothing happens before `run`."""

    client: Options = field(default_factory=Options)
    server: Options = field(default_factory=Options)
    delay: int = 50 * MS
    judge: Judge = on_time
    seed: int = 1
    cookies: Cookies | None = None
    now: int = 0

    def __post_init__(self) -> None:
        options = (self.client, self.server)
        self.ends = [
            Connection(
                HOSTS[side],
                HOSTS[1 - side],
                random.Random(self.seed * 2 + side),
                options[side],
                self.cookies if side == SERVER else None,
            )
            for side in (CLIENT, SERVER)
        ]
        self.sent: list[Sent] = []
        self.got = [bytearray(), bytearray()]
        self.told: list[list[Started | Ended | Failed]] = [[], []]
        self.when: list[list[int]] = [[], []]
        self.react: Callable[[Pair, int, object], None] = lambda pair, side, event: None
        self._queue: list[tuple[int, int, int, bytes, int]] = []
        self._count = 0

    def open(self, early: bytes = b"", cookie: bytes = b"") -> None:
        """The server listens, the client connects."""
        self.ends[SERVER].listen(self.now)
        self.ends[CLIENT].connect(self.now, early, cookie)
        self.flush()

    def flush(self) -> None:
        """Hand on what both ends have to say."""
        for side in (CLIENT, SERVER):
            end = self.ends[side]
            for event in end.events():
                if isinstance(event, Received):
                    self.got[side] += event.data
                else:
                    self.told[side].append(event)
                    self.when[side].append(self.now)
                self.react(self, side, event)
            for segment in end.output(self.now):
                self.put(side, segment)

    def put(self, side: int, segment: Segment) -> None:
        """One segment leaves."""
        data = segment.encode(IPS[side], IPS[1 - side])
        number = len(self.sent)
        self.sent.append(Sent(self.now, side, segment, data))
        for late in self.judge(number, side, segment):
            self._count += 1
            at = self.now + self.delay + late
            heappush(self._queue, (at, self._count, 1 - side, data, segment.ecn))

    def step(self, until: int) -> bool:
        """Go on to what happens next; False where that is after `until`, or nothing is."""
        times = [end.due for end in self.ends if end.due is not None]
        if self._queue:
            times.append(self._queue[0][0])
        if not times or min(times) > until:
            return False
        self.now = max(self.now, min(times))
        while self._queue and self._queue[0][0] <= self.now:
            _, _, side, data, ecn = heappop(self._queue)
            segment = Segment.decode(data, IPS[1 - side], IPS[side])
            segment.ecn = ecn
            self.ends[side].receive(segment, self.now)
            self.flush()
        for end in self.ends:
            end.expire(self.now)
        self.flush()
        return True

    def run(self, until: int = 7200 * SECOND, steps: int = 200_000) -> None:
        """Until nothing happens any more, or `until`; a run without end fails."""
        for _ in range(steps):
            if not self.step(until):
                return
        raise AssertionError(f"no end after {steps} steps, at {self.now / SECOND:.3f} s")

    def times(self, side: int) -> list[int]:
        """When each packet of one side left."""
        return [sent.time for sent in self.sent if sent.sender == side]

    def story(self) -> list[str]:
        """The packets as lines, for people."""
        names = ("C", "S")
        return [f"{s.time / MS:9.3f} {names[s.sender]} {s.segment}" for s in self.sent]


def transfer(pair: Pair, up: bytes, down: bytes, until: int = 7200 * SECOND) -> None:
    """Both sides send all they have, and close; checks that all arrived and all ended."""

    def react(pair: Pair, side: int, event: object) -> None:
        if isinstance(event, Started):
            pair.ends[side].send((up, down)[side], pair.now)
            pair.ends[side].close(pair.now)

    pair.react = react
    pair.open()
    pair.run(until)
    assert bytes(pair.got[SERVER]) == up
    assert bytes(pair.got[CLIENT]) == down
    assert [end.over for end in pair.ends] == [True, True]
    for told in pair.told:
        assert [type(event) for event in told] == [Started, Ended]
