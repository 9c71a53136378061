"""A host of the virtual wire: its addresses, ports, and the endpoints that talk on them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol as Shape

from wirestep.exchange.chance import drawing
from wirestep.exchange.contract import (
    Chance,
    Endpoint,
    Input,
    Open,
    Output,
    Say,
    Secret,
    Tell,
    Told,
    WakeAt,
)
from wirestep.model import Address

from .contract import START, Party, Timer
from .frames import (
    HEADER,
    ICMP,
    ICMPV6,
    TCP,
    UDP,
    UNREACHABLE,
    Packet,
    packed,
    packet,
    port_unreachable,
    read,
    sound,
    trouble,
    version,
)
from .plan import Actor, Maker
from .stream import Stream
from .tcp import Connection, Cookies, Options, Point, Segment, refusal
from .tcp.segment import ACK, RST, SYN
from .ways import Datagrams, Nowhere, Way
from .world import MOST_AT_ONCE, Stuck, World

INTERFACE_MTU = 1500
"""Bytes of the largest packet that a host itself sends."""
FIRST_PORT = 50_000
"""Of those that a host takes for itself."""


class Surroundings(Shape):
    """What a host may ask of the run it is part of."""

    world: World

    def send(self, place: int, data: bytes, note: str = "") -> int:
        """Put an IP packet on the wire; gives its number."""
        ...

    def say(self, place: int, text: str) -> None:
        """Something for the people watching."""
        ...

    def secret(self, line: str) -> None:
        """A line of a key log."""
        ...

    def hear(self, place: int, value: object) -> None:
        """What a program of the host tells."""
        ...

    def address(self, name: str) -> str | None:
        """The address of a host that is called by its name."""
        ...


class Host:
    """Takes packets, gives packets; everything it does is done in the instant it is told."""

    def __init__(self, place: int, actor: Actor, around: Surroundings) -> None:
        self.place, self.name, self.addresses = place, actor.name, actor.addresses
        self.actor, self.around, self.world = actor, around, around.world
        self.ways: list[Way] = []
        """All that were opened and are not closed, in that order."""
        self.datagrams: dict[int, Datagrams] = {}
        """By local port."""
        self.streams: dict[tuple[Address, Address], Stream] = {}
        """By local and remote end."""
        self.histories: dict[tuple[Address, Address], Sequence[Point]] = {}
        """By local and remote end: how the windows of each connection, ended ones too, changed."""
        self.known_cookies: dict[str, bytes] = {}
        """Of Fast Open, by server (RFC 7413 section 4.1.3)."""
        self._cookies = Cookies(self.chance("cookies").randbytes(16))
        self._queue: deque[tuple[Way, Input]] = deque()
        self._touched: dict[Way, None] = {}
        self._settling = False
        self._port, self._ident = FIRST_PORT, 0
        self._chance = self.chance("engines")

    def start(self) -> None:
        """Open the ports, start the programs."""
        for port, make in self.actor.udp.items():
            self._begin(Datagrams(self, self._made(make), Address(self.addresses[0], port)))
        for make in self.actor.programs:
            self._begin(Way(self, self._made(make)))
        self.settle()

    def chance(self, name: str) -> Chance:
        """A stream of random numbers of this host's own."""
        return self.world.chance(f"{self.name} {name}")

    def port(self) -> int:
        """A local port that nobody uses."""
        self._port += 1
        return self._port - 1

    def local(self, target: str) -> str | None:
        """The address that packets to `target` leave from; None: no way there."""
        kind = version(target)
        return next((one for one in self.addresses if version(one) == kind), None)

    def ident(self) -> int:
        """Number of the next packet (the identification of IPv4)."""
        self._ident += 1
        return self._ident

    def send(self, data: bytes, note: str = "") -> int:
        """Put an IP packet on the wire; gives its number."""
        return self.around.send(self.place, data, note)

    # packets arrive

    def take(self, data: bytes, damaged: bool) -> None:
        """A packet arrives; one whose checksums do not hold is dropped without a word."""
        if damaged and not sound(data):
            self.around.say(self.place, "dropped a packet with a wrong checksum")
            return
        parts = read(data)
        if parts is None or parts.target not in self.addresses:
            return
        if parts.protocol == TCP:
            self._segment(parts)
        elif parts.protocol == UDP:
            self._datagram(data, parts)
        elif parts.protocol in (ICMP, ICMPV6):
            self._trouble(parts)
        self.settle()

    def _segment(self, parts: Packet) -> None:
        try:
            segment = Segment.decode(parts.body)
        except ValueError:
            return
        segment.ecn = parts.ecn
        local = Address(parts.target, segment.target)
        remote = Address(parts.sender, segment.source)
        way = self.streams.get((local, remote))
        if way is not None:
            way.receive(segment)
            return
        make = self.actor.tcp.get(local.port)
        if make is not None and segment.flags & (SYN | ACK | RST) == SYN:
            options, chance = self._options(local), self.chance(f"accept {remote}")
            connection = Connection(local, remote, chance, options, self._cookies)
            way = Stream(self, self._made(make), connection, (local, remote))
            self._begin(way)
            way.listen(segment)
        elif (answer := refusal(segment)) is not None:
            body = answer.encode(packed(local.host), packed(remote.host))
            self.send(packet(local.host, remote.host, TCP, body, self.ident()), answer.note)

    def _datagram(self, data: bytes, parts: Packet) -> None:
        body = parts.body
        sender = Address(parts.sender, int.from_bytes(body[0:2], "big"))
        way = self.datagrams.get(int.from_bytes(body[2:4], "big"))
        if way is None or not way.takes(sender):
            self.send(port_unreachable(data, parts.target))
            return
        way.receive(body[8 : int.from_bytes(body[4:6], "big")], sender)

    def _trouble(self, parts: Packet) -> None:
        told = trouble(parts)
        if told is None or told.local.host not in self.addresses:
            return
        if told.protocol == UDP and told.kind == UNREACHABLE:
            way = self.datagrams.get(told.local.port)
            if way is not None:
                way.refused(told.remote)
        elif told.protocol == TCP:
            stream = self.streams.get((told.local, told.remote))
            if stream is not None:
                stream.troubled(told.kind, told.mtu)

    # endpoints are told, and want

    def tell(self, way: Way, event: Input) -> None:
        """Put an event before an endpoint; `settle` lets it come."""
        self._queue.append((way, event))

    def settle(self) -> None:
        """Let all events come to their endpoints, and do what these want.

        Raises:
            Stuck: an endpoint failed, or they come to no end.
        """
        if self._settling:
            return
        self._settling, handled = True, 0
        try:
            while self._queue or self._touched:
                while self._queue:
                    handled += 1
                    if handled > MOST_AT_ONCE:
                        raise Stuck(f"the endpoints of {self.name} tell each other without end")
                    self._handle(*self._queue.popleft())
                touched, self._touched = self._touched, {}
                for way in touched:
                    way.flush()
        finally:
            self._settling = False

    def touch(self, way: Way) -> None:
        """It may have something to send once all events have come."""
        self._touched[way] = None

    def _handle(self, way: Way, event: Input) -> None:
        try:
            with drawing(self._chance, START + self.world.now):
                outputs = way.endpoint.handle(event, self.world.now)
        except Exception as error:  # the one place that catches what engines throw
            told = f"{self.name}, {way.label}: {type(error).__name__}: {error}"
            raise Stuck(told) from error
        for output in outputs:
            # The secret of a packet is known before the packet leaves.
            if isinstance(output, Secret):
                self.around.secret(output.line)
        for output in outputs:
            self._do(way, output)

    def _do(self, way: Way, output: Output) -> None:
        match output:
            case Secret():
                pass
            case Say(text):
                self.around.say(self.place, text)
            case WakeAt(time, name):
                way.wake_at(time, name)
            case Open():
                self._open(way, output)
            case Tell(None, value):
                if way.opener is None:
                    self.around.hear(self.place, value)
                else:
                    self.tell(way.opener, Told(way.key, value))
            case Tell(key, value):
                if (opened := way.opened.get(key)) is not None:
                    self.tell(opened, Told(None, value))
            case _:
                way.do(output)

    def _made(self, make: Maker) -> Endpoint:
        try:
            return make()
        except ValueError as error:  # an option that cannot be read
            raise Stuck(f"{self.name}: {error}") from error

    def _begin(self, way: Way) -> None:
        self.ways.append(way)
        if isinstance(way, Datagrams):
            self.datagrams[way.local.port] = way
        elif isinstance(way, Stream):
            self.streams[way.local, way.remote] = way
            self.histories[way.local, way.remote] = way.connection.history
        way.begin()

    def _open(self, opener: Way, wish: Open) -> None:
        host = self.around.address(wish.to.host)
        local = self.local(host) if host is not None else None
        way: Way
        if host is None or local is None:
            reason = "no such name" if host is None else "unreachable"
            way = Nowhere(self, wish.endpoint, opener, wish.key, reason)
        else:
            ends = Address(local, self.port()), Address(host, wish.to.port)
            if wish.transport == "udp":
                way = Datagrams(self, wish.endpoint, *ends, opener, wish.key)
            else:
                way = self._stream(opener, wish, *ends)
        opener.opened[wish.key] = way
        self._begin(way)

    def _stream(self, opener: Way, wish: Open, local: Address, remote: Address) -> Stream:
        options = self._options(local)
        chance = self.chance(f"connect {local.port} {remote}")
        connection = Connection(local, remote, chance, options)
        cookie = self.known_cookies.get(remote.host, b"") if options.fast_open else b""
        return Stream(self, wish.endpoint, connection, (local, remote), opener, wish.key, cookie)

    def _options(self, local: Address) -> Options:
        """Of TCP from this address: the header of IPv6 leaves less room for a segment."""
        options = self.actor.options
        room = INTERFACE_MTU - 20 - HEADER[version(local.host)]
        return options if options.mss <= room else replace(options, mss=room)

    def closed(self, way: Way) -> None:
        """It is not used any more; what was opened there is forgotten."""
        if isinstance(way, Datagrams):
            self.datagrams.pop(way.local.port, None)
        elif isinstance(way, Stream):
            self.streams.pop((way.local, way.remote), None)
        if way in self.ways:
            self.ways.remove(way)

    def moved(self, way: Datagrams, local: Address) -> None:
        """It goes on from another port; what comes to the old one finds nobody."""
        self.datagrams.pop(way.local.port, None)
        way.local = local
        self.datagrams[local.port] = way

    # what people see

    def parties(self) -> list[Party]:
        """Its conversations as they stand."""
        parties = []
        for way in self.ways:
            panels = way.panels()
            if panels:
                parties.append(Party(self.place, way.label, panels))
        return parties

    def timers(self) -> list[Timer]:
        """What will happen here if nothing else does, the soonest first."""
        timers = [timer for way in self.ways for timer in way.timers()]
        return sorted(timers, key=lambda timer: (timer.due, timer.name))
