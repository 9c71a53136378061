"""Endpoints on this machine's own sockets: what they want becomes calls, what comes is told them.

One `Host` is one event loop's worth of endpoints: a program with the ways it opens, or servers with
the connections they accept. Everything here runs on the thread of that loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from typing import Protocol as Shape

from wirestep.exchange.contract import (
    Abort,
    End,
    Endpoint,
    Failed,
    Input,
    Open,
    Output,
    Pause,
    Rebind,
    Resume,
    Say,
    Secret,
    Send,
    Started,
    Tell,
    Told,
    WakeAt,
    Woken,
)
from wirestep.model import Address

from .seen import Clock, Seen, Watch

SECOND = 1_000_000_000
LOOK = 0.005
"""Seconds between two looks whether ways are still open."""


class Way(Shape):
    """An open socket, as an endpoint uses it. None of it raises."""

    def send(self, data: bytes, to: Address | None) -> None:
        """Bytes of the stream, or one datagram."""
        ...

    def end(self) -> None:
        """Send no more once all is sent; a datagram socket is closed."""
        ...

    def abort(self) -> None:
        """Break it off at once."""
        ...

    def flow(self, reading: bool) -> None:
        """Read on, or read no more."""
        ...

    def rebind(self) -> None:
        """Go on from another port."""
        ...


@dataclass(slots=True)
class Heard:
    """Who is told what endpoints say; each is called on the thread of the sockets."""

    said: Callable[[str, int], None] = lambda text, now: None
    """(text, now) of Say."""
    secret: Callable[[str, int], None] = lambda line, now: None
    """(line, now) of Secret."""
    told: Callable[[object, int], None] = lambda value, now: None
    """(value, now) of what a program without an opener tells."""
    lost: Callable[[Party, str], None] = lambda party, reason: None
    """The way of an endpoint is gone or never opened; before the endpoint is told."""
    fault: Callable[[str], None] = lambda text: None
    """An endpoint broke its promise and raised: a fault of ours."""


def nobody(seen: Seen) -> None:
    """A watch that keeps no record."""


OpenWay = Callable[["Party", Open], Coroutine[object, object, None]]
"""Opens a way for a party, and tells it so; or tells it that it failed."""


class Host:
    """Runs endpoints until `close`."""

    def __init__(
        self, clock: Clock, open_way: OpenWay, heard: Heard | None = None, watch: Watch = nobody
    ) -> None:
        self.clock = clock
        self.open_way = open_way
        self.heard = heard or Heard()
        self.watch = watch
        self.loop = asyncio.get_running_loop()
        self.parties: set[Party] = set()
        """Those with an open way, or none yet."""
        self.tasks: set[asyncio.Task[None]] = set()
        self.servers: list[asyncio.Server] = []
        self._waiting: deque[tuple[Party, Input]] = deque()
        self._busy = False

    def run(self, endpoint: Endpoint) -> Party:
        """Start a program: it opens ways of its own."""
        party = Party(self, endpoint)
        self.post(party, Started())
        return party

    def post(self, party: Party, event: Input) -> None:
        """Tell an endpoint something, after all that it was told before."""
        self._waiting.append((party, event))
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting:
                party, event = self._waiting.popleft()
                party.take(event)
        finally:
            self._busy = False

    def lost(self, party: Party, reason: str) -> None:
        """The way of an endpoint is gone, or never opened."""
        self.heard.lost(party, reason)
        self.post(party, Failed(reason))
        party.finish()

    def spawn(self, party: Party, output: Open) -> None:
        """Open another way for an endpoint."""
        opened = Party(self, output.endpoint, party, output.key, output.to)
        party.opened[output.key] = opened
        self.task(self.open_way(opened, output))

    def task(self, work: Coroutine[object, object, None]) -> None:
        """Do something beside all else, until it is done or the host is closed."""
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    @property
    def connections(self) -> int:
        """Ways that are open, without those that listen."""
        return sum(1 for one in self.parties if one.way is not None and not one.listens)

    async def settle(self, limit: float) -> None:
        """Wait until all ways are closed, `limit` seconds at most."""
        stop = self.loop.time() + limit
        while self.loop.time() < stop and any(one.way is not None for one in self.parties):
            await asyncio.sleep(LOOK)

    async def close(self) -> None:
        """Listen no more, and break off whatever is left."""
        for server in self.servers:
            server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for party in list(self.parties):
            party.drop()
        await asyncio.sleep(0)  # transports close in the next round of the loop


class Party:
    """One endpoint on the host, and the way that it has."""

    def __init__(
        self,
        host: Host,
        endpoint: Endpoint,
        opener: Party | None = None,
        key: Hashable = None,
        to: Address | None = None,
    ) -> None:
        self.host, self.endpoint = host, endpoint
        self.opener, self.key, self.to = opener, key, to
        self.way: Way | None = None
        self.opened: dict[Hashable, Party] = {}
        self.listens = False
        """It is a datagram socket for everybody."""
        self.over = False
        """Nothing more comes."""
        self._alarm: asyncio.TimerHandle | None = None
        self._due = 0
        host.parties.add(self)

    def take(self, event: Input, now: int | None = None) -> None:
        """Tell the endpoint, and do what it wants; use Host.post."""
        if self.over and not isinstance(event, Told):
            return
        time = self.host.clock.now() if now is None else now
        if isinstance(event, Woken):
            time = max(time, self._due)
        try:
            for output in self.endpoint.handle(event, time):
                self._obey(output, time)
        except Exception as error:  # a fault of ours must not take the others down with it
            self.host.heard.fault(
                f"{type(self.endpoint).__name__}: {type(error).__name__}: {error}"
            )
            self.drop()

    def _obey(self, output: Output, now: int) -> None:
        heard = self.host.heard
        match output:
            case Say(text):
                heard.said(text, now)
            case Secret(line):
                heard.secret(line, now)
            case WakeAt(time):
                self._set_alarm(time)
            case Open():
                self.host.spawn(self, output)
            case Tell(None, value):
                if self.opener is None:
                    heard.told(value, now)
                else:
                    self.host.post(self.opener, Told(self.key, value))
            case Tell(key, value):
                if key in self.opened:
                    self.host.post(self.opened[key], Told(None, value))
            case _:
                self._use_way(output)

    def _use_way(self, output: Output) -> None:
        way = self.way
        if way is None:
            if isinstance(output, End | Abort):
                self.finish()
            return
        match output:
            case Send(data, to):
                way.send(data, to)
            case End():
                way.end()
            case Abort():
                way.abort()
            case Pause():
                way.flow(False)
            case Resume():
                way.flow(True)
            case Rebind():
                way.rebind()

    def _set_alarm(self, time: int | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = None
        if time is not None:
            self._due = time
            wait = max(0, time - self.host.clock.now()) / SECOND
            self._alarm = self.host.loop.call_later(wait, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.host.post(self, Woken())

    def drop(self) -> None:
        """Break the way off, where there is one."""
        if self.way is not None:
            self.way.abort()
        self.finish()

    def finish(self) -> None:
        """The way is gone: the endpoint is told nothing more, but by other endpoints."""
        self.over = True
        self.way = None
        self._set_alarm(None)
        self.host.parties.discard(self)
