"""A QUIC client and the lab's server in memory, in virtual time."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from frames import START, udp

from wirestep.exchange.certificates import authority
from wirestep.exchange.chance import drawing
from wirestep.exchange.contract import (
    Done,
    Endpoint,
    Input,
    Output,
    Rebind,
    Received,
    Request,
    Response,
    Say,
    Secret,
    Send,
    Started,
    Tell,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.exchange.site import Site
from wirestep.model import Address, Record
from wirestep.protocols.http3 import drive as http3_drive
from wirestep.protocols.http3 import lab as http3_lab
from wirestep.protocols.quic import drive, lab

MS = 1_000_000
HOST = "lab.test"
SERVER = Address("198.51.100.201", 443)
CLIENT = Address("192.0.2.17", 50000)
ROOT = authority(random.Random(7))
IDENTITY = ROOT.identity([HOST], random.Random(8))
Events = list[tuple[int, int, int, Input]]


@dataclass
class Datagram:
    """One, as it left; `side` 0 is the client."""

    time: int
    side: int
    source: Address
    target: Address
    data: bytes
    lost: bool = False


@dataclass
class Pair:
    """Two endpoints of which nothing is known but what the contract says."""

    client: Endpoint
    server: Endpoint
    seed: int = 1
    delay: int = 50 * MS
    lose: Callable[[int, Datagram], bool] = lambda number, datagram: False
    """Whether a datagram is lost; asked once, in order."""
    sent: list[Datagram] = field(default_factory=list)
    told: list[tuple[int, object]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    secrets: dict[str, None] = field(default_factory=dict)
    now: int = 0
    steps: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._events: Events = []
        self._wake: list[int | None] = [None, None]
        self._here = CLIENT
        self._order = 0
        self._last = CLIENT

    def run(self, until: int = 600_000 * MS, steps: int = 50_000) -> Pair:
        """Everything that happens."""
        self._put(0, 1, Started(SERVER))
        self._put(0, 0, Started(CLIENT, SERVER))
        while self._events and self._events[0][0] <= until:
            self.steps += 1
            assert self.steps < steps, "it never ends"
            time, _, side, event = heapq.heappop(self._events)
            if isinstance(event, Woken):
                if self._wake[side] != time:
                    continue
                self._wake[side] = None
            self.now = time
            if isinstance(event, Received) and side == 1:
                assert event.sender is not None
                self._last = event.sender
            with drawing(self.chance, START + self.now):
                outputs = (self.client, self.server)[side].handle(event, self.now)
            for wish in outputs:
                self._do(side, wish)
        return self

    def _put(self, time: int, side: int, event: Input) -> None:
        self._order += 1
        heapq.heappush(self._events, (time, self._order, side, event))

    def _do(self, side: int, wish: Output) -> None:
        match wish:
            case Send(data, to):
                source = SERVER if side else self._here
                target = (to or self._last) if side else SERVER
                datagram = Datagram(self.now, side, source, target, data)
                datagram.lost = self.lose(len(self.sent), datagram)
                self.sent.append(datagram)
                # What is sent to a port that the client has left finds nobody.
                if not datagram.lost and target in (SERVER, self._here):
                    self._put(self.now + self.delay, 1 - side, Received(data, source))
            case WakeAt(time):
                self._wake[side] = None if time is None else max(time, self.now)
                if time is not None:
                    self._put(max(time, self.now), side, Woken())
            case Rebind():
                self._here = Address(CLIENT.host, self._here.port + 1)
            case Tell(value=value):
                self.told.append((self.now, value))
            case Say(text):
                self.said.append(text)
            case Secret(line):
                self.secrets[line] = None

    @property
    def responses(self) -> list[Response]:
        return [value for _, value in self.told if isinstance(value, Response)]

    @property
    def error(self) -> str:
        """What the client said at the end; it says so once."""
        (done,) = [value for _, value in self.told if isinstance(value, Done)]
        return done.error

    def at(self, kind: type) -> int:
        """When the client first told something of this kind, ms."""
        return next(time for time, value in self.told if isinstance(value, kind)) // MS

    def records(self) -> list[Record]:
        """As a capture on the wire would have it, lost datagrams too."""
        made = []
        for number, one in enumerate(self.sent):
            frame = udp(*one.source, *one.target, one.data)
            made.append(Record(number, START + one.time, frame, len(frame)))
        return made


def losing(share: float, seed: int) -> Callable[[int, Datagram], bool]:
    """Loses by chance."""
    chance = random.Random(seed)
    return lambda number, datagram: chance.random() < share


def pair(
    *requests: Request,
    seed: int = 1,
    options: Mapping[str, Any] | None = None,
    serve: Mapping[str, Any] | None = None,
    inner: Mapping[str, Callable[[], Endpoint]] | None = None,
    **more: Any,
) -> Pair:
    """A client of HTTP/3, and the lab's server on the site."""
    wish = Wish(HOST, requests or (Request(),), {"roots": ROOT.pem, **(options or {})})
    chance = random.Random(seed)
    served = dict(serve or {})
    identity = served.pop("identity", IDENTITY)
    site = Site(seed)
    client = drive.around(
        {"h3": lambda: http3_drive.CLIENTS["requests"](wish, chance)}, wish, chance
    )
    server = lab.around(
        inner or {"h3": lambda: http3_lab.SERVERS["site"](site, chance, served)},
        identity,
        chance,
        served,
    )
    return Pair(client, server, seed, **more)
