"""An endpoint on a TCP connection of a host."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

from wirestep.exchange.contract import (
    Abort,
    End,
    Endpoint,
    Output,
    Panel,
    Pause,
    Resume,
    Send,
    Started,
)
from wirestep.model import Address

from .contract import Timer
from .frames import TCP, TOO_LARGE, packed, packet
from .tcp import Connection, Segment, State
from .ways import Home, Way
from .world import Appointment

MOST_REMEMBERED = 256
"""Segments of which it is known in which packet they went."""
WRAP = 1 << 32


class Stream(Way):
    """Hands segments to a connection and what it tells to an endpoint, and the other way."""

    def __init__(
        self,
        home: Home,
        endpoint: Endpoint,
        connection: Connection,
        ends: tuple[Address, Address],
        opener: Way | None = None,
        key: Hashable = None,
        cookie: bytes = b"",
    ) -> None:
        super().__init__(home, endpoint, opener, key)
        self.connection, self._cookie = connection, cookie
        self.local, self.remote = ends
        self._packed = packed(ends[0].host), packed(ends[1].host)
        self._alarm: Appointment | None = None
        self._sent: deque[tuple[int, int, int]] = deque(maxlen=MOST_REMEMBERED)
        """(first sequence number, the one behind the last, packet) of what went out."""
        self._early: bytearray | None = None

    @property
    def label(self) -> str:
        """Which conversation this is."""
        return f"TCP {self.local.port} → {self.remote.port}"

    def begin(self) -> None:
        """Open the connection; with a cookie of Fast Open as soon as there is something to say."""
        if self.opener is None:
            return  # the SYN is here already
        if self._cookie:
            # As with TCP_FASTOPEN_CONNECT: the program begins at once, and what it says then
            # travels with the SYN (RFC 7413).
            self._early = bytearray()
            self.home.tell(self, Started(self.local, self.remote))
        else:
            self.connection.connect(self.home.world.now)
        self.home.touch(self)

    def listen(self, syn: Segment) -> None:
        """Take a connection that a SYN asks for."""
        self.connection.listen(self.home.world.now)
        self.receive(syn)

    def receive(self, segment: Segment) -> None:
        """A segment arrives."""
        self.connection.receive(segment, self.home.world.now)
        self._hear()

    def _hear(self) -> None:
        """Let the endpoint know what the connection tells, and send what there is afterwards."""
        for event in self.connection.events():
            if self._cookie and isinstance(event, Started):
                continue  # it was told before the SYN left
            self.home.tell(self, event)
        self.home.touch(self)

    def troubled(self, kind: str, mtu: int) -> None:
        """A packet of this connection could not go on (ICMP)."""
        now = self.home.world.now
        if kind == TOO_LARGE:
            self.connection.too_big(mtu, now)
        else:
            self.connection.unreachable(now)
        self._hear()

    def do(self, output: Output) -> None:
        """What the endpoint wants of its connection."""
        now, connection = self.home.world.now, self.connection
        if isinstance(output, Send):
            if self._early is not None:
                self._early += output.data
            else:
                connection.send(output.data, now)
        elif isinstance(output, End):
            self._connected(now)
            connection.close(now)
        elif isinstance(output, Abort):
            connection.abort(now)
        elif isinstance(output, Pause):
            connection.pause(now)
        elif isinstance(output, Resume):
            connection.resume(now)
        self._hear()

    def _connected(self, now: int) -> None:
        if self._early is not None:
            early, self._early = bytes(self._early), None
            self.connection.connect(now, early, self._cookie)

    def flush(self) -> None:
        """Send what there is to send, and wait for what is due."""
        now = self.home.world.now
        self._connected(now)
        for segment in self.connection.output(now):
            body = segment.encode(*self._packed)
            ends = self.local.host, self.remote.host
            data = packet(*ends, TCP, body, self.home.ident(), segment.ecn)
            number = self.home.send(data, segment.note)
            if segment.length and number is not None:
                stop = (segment.sequence + segment.length) % WRAP
                self._sent.append((segment.sequence, stop, number))
        for event in self.connection.events():
            self.home.tell(self, event)
        if self.opener is not None and self.connection.cookie:
            self.home.known_cookies[self.remote.host] = self.connection.cookie
        if self.connection.over:
            self._set(None)
            self.close()
        else:
            self._set(self.connection.due)

    def _set(self, due: int | None) -> None:
        alarm = self._alarm
        # Nobody waits for the end of TIME-WAIT once the programs are done.
        idle = self.connection.state is State.TIME_WAIT
        if alarm is not None:
            if alarm.action is not None and alarm.time == due and alarm.idle is idle:
                return
            alarm.cancel()
        self._alarm = None if due is None else self.home.world.at(due, self._due, idle)

    def _due(self) -> None:
        alarms = self.connection.timers()
        self.home.world.cause = alarms[0].name if alarms else "timer"
        self.connection.expire(self.home.world.now)
        self._hear()
        self.home.settle()

    def panels(self) -> tuple[Panel, ...]:
        """TCP's, then those of the endpoint."""
        return (self.connection.panel(), *self.endpoint.panels())

    def timers(self) -> list[Timer]:
        """TCP's alarms, with the packets they are for, and what the endpoint waits for."""
        found = []
        for alarm in self.connection.timers():
            packets = self._packets(alarm.start, alarm.stop)
            found.append(Timer(self.home.place, alarm.name, alarm.armed, alarm.due, packets))
        return [*found, *super().timers()]

    def _packets(self, start: int, stop: int) -> tuple[int, ...]:
        """Those that carried something of this range; the newest where one was sent again."""
        size = (stop - start) % WRAP
        newest = {
            first: number
            for first, behind, number in self._sent
            if (first - start) % WRAP < size or 0 < (behind - start) % WRAP <= size
        }
        return tuple(sorted(newest.values()))
