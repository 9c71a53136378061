"""Endpoints for tests of wires: one says again what it hears, one asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from wirestep.exchange.contract import (
    Done,
    End,
    Ended,
    Failed,
    Input,
    Open,
    Output,
    Panel,
    Received,
    Response,
    Say,
    Send,
    Started,
    Tell,
    Told,
    Transport,
    WakeAt,
    Woken,
)
from wirestep.model import Address
from wirestep.wires.sockets import Clock, Dialer, Heard, Host, Seen, Watch, listen_tcp, listen_udp


class Echo:
    """Says again what it hears; ends when the other ends."""

    def __init__(self) -> None:
        self.heard: list[Input] = []

    def handle(self, event: Input, now: int) -> list[Output]:
        self.heard.append(event)
        match event:
            case Received(data, sender):
                return [Send(data, sender)]
            case Ended():
                return [End()]
        return []

    def panels(self) -> tuple[Panel, ...]:
        return (Panel("echo"),)


class Asker:
    """Says one thing after the other, each when the one before has come back whole."""

    def __init__(self, words: Sequence[bytes], wait: int = 0) -> None:
        self.words, self.wait = list(words), wait
        self.heard: list[Input] = []
        self.came = b""

    def handle(self, event: Input, now: int) -> list[Output]:
        self.heard.append(event)
        match event:
            case Started():
                return [Say("begins"), *([WakeAt(now + self.wait)] if self.wait else self._next())]
            case Woken():
                return self._next()
            case Received(data):
                self.came += data
                if self.came == self.words[0]:
                    self.words.pop(0)
                    self.came = b""
                    return self._next()
            case Failed(reason):
                return [Tell(None, Done(reason))]
        return []

    def _next(self) -> list[Output]:
        if self.words:
            return [Send(self.words[0])]
        return [End(), Tell(None, Response(0, "", (), b"")), Tell(None, Done())]

    def panels(self) -> tuple[Panel, ...]:
        return (Panel("asker"),)


class Errand:
    """A program: opens one way, and tells on what is told on it."""

    def __init__(self, transport: Transport, to: Address, endpoint: Asker) -> None:
        self.open = Open("way", transport, to, endpoint)
        self.told: list[object] = []

    def handle(self, event: Input, now: int) -> list[Output]:
        match event:
            case Started():
                return [self.open]
            case Told(key, value):
                assert key == "way"
                return [Tell(None, value)]
        return []

    def panels(self) -> tuple[Panel, ...]:
        return self.open.endpoint.panels()


LOOPBACK = Address("127.0.0.1")


class Story:
    """A host, and what was told and seen on it."""

    def __init__(self, dialer: Dialer | None = None, watch: Watch | None = None) -> None:
        self.clock = Clock()
        self.told: list[object] = []
        self.said: list[str] = []
        self.faults: list[str] = []
        self.seen: list[Seen] = []
        self.done = asyncio.Event()
        heard = Heard(lambda text, now: self.said.append(text), told=self._told)
        heard.fault = self.faults.append
        self.host = Host(self.clock, (dialer or Dialer()).open, heard, watch or self.seen.append)

    def _told(self, value: object, now: int) -> None:
        self.told.append(value)
        if isinstance(value, Done):
            self.done.set()

    async def finish(self) -> None:
        async with asyncio.timeout(10):
            await self.done.wait()

    async def quiet(self, wanted: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(10):
            while not wanted():
                await asyncio.sleep(0.002)


async def served(story: Story, transport: Transport, echo: Echo, at: Address = LOOPBACK) -> Address:
    if transport == "tcp":
        return await listen_tcp(story.host, at, lambda: echo)
    return listen_udp(story.host, at, echo)
