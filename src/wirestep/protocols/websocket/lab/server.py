"""Servers of WebSocket: one that says back what it hears, one that says things unasked."""

from __future__ import annotations

from collections.abc import Callable

import wsproto.events as ws
from wsproto.extensions import Extension

from wirestep.exchange.contract import (
    Chance,
    End,
    Ended,
    Failed,
    Input,
    Output,
    Panel,
    Received,
    Say,
    Send,
    Started,
    WakeAt,
    Woken,
)
from wirestep.exchange.options import Options, flag, nanoseconds, text, whole
from wirestep.model import safe
from wirestep.protocols.websocket.drive.deflate import Deflate
from wirestep.protocols.websocket.drive.socket import Closed, Heard, Message, Refused, Socket

SECOND = 1_000_000_000
OPENING = 30 * SECOND
"""An opening handshake must be whole so long after the connection."""

OPTIONS = {
    "deflate": "take permessage-deflate where it is offered (default yes)",
    "takeover": "what one message taught the compression helps the next (default yes)",
    "fragment": "cut messages into frames of so many bytes (default: one frame)",
    "subprotocols": "subprotocols spoken, the best first, with commas between (default none)",
    "refuse": "answer the upgrade with this status, 400 to 599 (default: take it)",
    "ping": "seconds between Pings (default: none)",
    "every": "seconds between two ticks (default 0.25)",
    "ticks": "how many ticks until the server closes (default 8)",
    "close-after": "close after so many messages (default: never)",
}


class Server:
    """One connection; those below say what it says. Raises ValueError over bad options."""

    def __init__(self, chance: Chance, options: Options) -> None:
        self.chance = chance
        self._deflate = flag(options, "deflate", True)
        self._takeover = flag(options, "takeover", True)
        spoken = text(options, "subprotocols", "")
        self._spoken = [word.strip() for word in spoken.split(",") if word.strip()]
        self._refuse = whole(options, "refuse", 0)
        self._every = nanoseconds(options, "ping", 0)
        self._last = whole(options, "close-after", 0)
        self._alarms: dict[str, int] = {}
        self.socket = Socket(client=False, fragment=whole(options, "fragment", 0))

    def opened(self, now: int) -> list[Output]:
        """What is said first."""
        return []

    def heard(self, data: str | bytes, now: int) -> list[Output]:
        """What is said to a message."""
        return []

    def woken(self, now: int) -> list[Output]:
        """What is said at the time that was set with `alarm("say", ...)`."""
        return []

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the way in, frames out."""
        match event:
            case Started():
                return [self.alarm("opening", now + OPENING)]
            case Received(data):
                out: list[Output] = []
                for each in self.socket.read(data, now):
                    out += self._take(each, now)
                return out
            case Woken():
                return self._due(now)
            case Ended():
                self.socket.machine.go("lost", now)
                return [WakeAt(None), End()]
            case Failed():
                self.socket.machine.go("lost", now)
        return []

    def panels(self) -> tuple[Panel, ...]:
        """Its one state machine."""
        return (self.socket.panel(),)

    def alarm(self, name: str, time: int | None) -> WakeAt:
        """Set one of the alarms, or take it back; the soonest is the one that rings."""
        self._alarms.pop(name, None)
        if time is not None:
            self._alarms[name] = time
        return self._soonest()

    def _soonest(self) -> WakeAt:
        name = min(self._alarms, key=self._alarms.__getitem__, default="")
        return WakeAt(self._alarms.get(name), name)

    def say(self, data: str | bytes) -> Send:
        """One message on its way."""
        return Send(self.socket.say(data))

    def shut(self, code: int, why: str, now: int) -> list[Output]:
        """Begin to close."""
        data = self.socket.shut(code, why, now)
        return [Send(data), self.alarm("closing", now + OPENING)] if data else []

    def _take(self, heard: Heard, now: int) -> list[Output]:
        match heard:
            case ws.Request():
                return self._answer(heard, now)
            case Refused(sentence, status):
                return [Send(_reply(int(status), sentence)), Say(f"refused: {sentence}"), End()]
            case Message(data):
                out = self.heard(data, now) if self.socket.open else []
                if self._last and self.socket.heard == self._last:
                    out += self.shut(1001, "that was enough", now)
                return out
            case ws.Ping():
                pong = self.socket.pong(heard)
                return [Send(pong)] if pong else []
            case Closed():
                return self._closed(heard, now)
        return []

    def _answer(self, request: ws.Request, now: int) -> list[Output]:
        """Take the upgrade, with what both sides can (RFC 6455 section 4.2.2)."""
        calm = self.alarm("opening", None)
        if self._refuse:
            self.socket.machine.go("refuse", now)
            return [calm, Send(_reply(self._refuse, "no socket here")), End()]
        offered = request.subprotocols
        chosen = next((word for word in self._spoken if word in offered), None)
        extensions: list[Extension] = []
        if self._deflate:
            extensions.append(Deflate(takeover=self._takeover))
        event = ws.AcceptConnection(subprotocol=chosen, extensions=extensions)
        out: list[Output] = [calm, Send(self.socket.accept(event, now))]
        if self._every:
            out.append(self.alarm("ping", now + self._every))
        return [*out, Say(f"open: {safe(request.target[:80])}"), *self.opened(now)]

    def _closed(self, closed: Closed, now: int) -> list[Output]:
        """The server closes TCP once both Close frames are there (RFC 6455 section 7.1.1)."""
        self._alarms.clear()
        answer = self.socket.shut(closed.code, closed.reason if closed.broken else "", now)
        sent: list[Output] = [Send(answer)] if answer else []
        return [*sent, Say(f"closed: {closed}"), WakeAt(None), End()]

    def _due(self, now: int) -> list[Output]:
        out: list[Output] = []
        for name in [name for name, time in self._alarms.items() if time <= now]:
            del self._alarms[name]
            if name in ("opening", "closing"):
                return [Say("the client takes too long"), WakeAt(None), End()]
            if name == "ping" and self.socket.open:
                out.append(Send(self.socket.ping(self.chance.randbytes(4))))
                self._alarms["ping"] = now + self._every
            if name == "say" and self.socket.open:
                out += self.woken(now)
        return [*out, self._soonest()]


class Echo(Server):
    """Says back what it hears; with a subprotocol, its name in front of texts."""

    def heard(self, data: str | bytes, now: int) -> list[Output]:
        spoken = self.socket.subprotocol
        return [self.say(f"{spoken}: {data}" if spoken and isinstance(data, str) else data)]


class Ticker(Server):
    """Says a price every so often, unasked, and closes after the last."""

    def __init__(self, chance: Chance, options: Options) -> None:
        super().__init__(chance, options)
        self._step = nanoseconds(options, "every", 0.25)
        self._ticks = whole(options, "ticks", 8)
        self._price = 100_00
        self._told = 0

    def opened(self, now: int) -> list[Output]:
        return [self.alarm("say", now + self._step)]

    def woken(self, now: int) -> list[Output]:
        self._price += self.chance.randrange(-75, 76)
        self._told += 1
        tick = f'{{"tick": {self._told}, "price": {self._price / 100:.2f}}}'
        if self._told == self._ticks:
            return [self.say(tick), *self.shut(1000, "the market is closed", now)]
        return [self.say(tick), self.alarm("say", now + self._step)]


KINDS: dict[str, Callable[[Chance, Options], Server]] = {"echo": Echo, "ticker": Ticker}


def _reply(status: int, sentence: str) -> bytes:
    """A refusal in HTTP, after which the connection ends."""
    body = safe(sentence).encode() + b"\n"
    head = f"HTTP/1.1 {status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\n"
    if status == 426:
        head += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
