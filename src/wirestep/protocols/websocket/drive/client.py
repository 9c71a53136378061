"""A client of WebSocket: opens, says what its wish says, hears the answers, closes.

A wish's first request may be the opening itself (GET: target and headers); the others are messages:
TEXT (its body, or its target where it has none), BINARY (its body), PING (its body). Messages are
said in turn: the next when the one before was answered.
"""

from __future__ import annotations

from collections import deque

import wsproto.events as ws

from wirestep.exchange.contract import (
    FAILURES,
    Chance,
    Done,
    End,
    Ended,
    Failed,
    Input,
    Output,
    Panel,
    Received,
    Request,
    Response,
    Say,
    Send,
    Started,
    Tell,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.exchange.options import flag, nanoseconds, text, whole
from wirestep.model import safe

from .deflate import Deflate
from .socket import Closed, Heard, Message, Refused, Socket

SECOND = 1_000_000_000
LINGER = 2 * SECOND
"""How long the server may take to close TCP, which is its part (RFC 6455 section 7.1.1)."""

OPTIONS = {
    "path": "where the socket is, if no GET says so (default /)",
    "subprotocols": "subprotocols offered, with commas between (default none)",
    "deflate": "offer permessage-deflate (default yes)",
    "takeover": "what one message taught the compression helps the next (default yes)",
    "fragment": "cut messages into frames of so many bytes (default: one frame)",
    "together": "say everything at once, without waiting for answers (default no)",
    "hear": "messages to wait for before closing (default: one for each that is said)",
    "wait": "seconds to wait for a message before closing (default 10)",
    "close": "code to close with (default 1000)",
    "reason": "reason to close with (default none)",
}
UPGRADE = "websocket"
"""The token in Upgrade (RFC 6455 section 4.1): behind an HTTP/1.1 server, who takes it over."""
KINDS = ("TEXT", "BINARY", "PING")


class Client:
    """Tells a Response for the opening (101), one for each message and Pong, then Done.

    Raises ValueError, with a sentence, over options that it cannot read.
    """

    def __init__(self, wish: Wish, chance: Chance | None = None) -> None:
        del chance  # keys and masks come from exchange.chance.drawing
        options = wish.options
        opening = wish.requests[0] if wish.requests else Request()
        self._first = 1 if wish.requests and opening.method == "GET" else 0
        if not self._first:
            opening = Request(target=text(options, "path", "/"))
        self._opening = ws.Request(
            host=wish.host,
            target=opening.target,
            extensions=self._extensions(flag(options, "deflate", True), options),
            extra_headers=[(n.encode(), v.encode()) for n, v in opening.headers],
            subprotocols=[w.strip() for w in text(options, "subprotocols", "").split(",") if w],
        )
        self._say = deque(enumerate(wish.requests[self._first :], self._first))
        for _, request in self._say:
            if request.method not in KINDS:
                raise ValueError(f"{request.method!r} is no message: {', '.join(KINDS)} are")
        said = sum(request.method != "PING" for _, request in self._say)
        self._hear = whole(options, "hear", said)
        self._together = flag(options, "together", False)
        self._wait = nanoseconds(options, "wait", 10)
        self._code = whole(options, "close", 1000)
        self._reason = text(options, "reason", "")
        self._socket = Socket(client=True, fragment=whole(options, "fragment", 0))
        self._due: deque[int] = deque()
        """Places of the messages that are not answered yet."""
        self._pinged: deque[int] = deque()
        self._last = 0
        self._begun = False
        self._over = False

    @staticmethod
    def _extensions(deflate: bool, options: dict[str, object]) -> list[Deflate]:
        return [Deflate(takeover=flag(options, "takeover", True))] if deflate else []

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the way in, frames and answers out."""
        match event:
            case Started():
                self._begun = True
                alarm = WakeAt(now + self._wait, "patience")
                return [Send(self._socket.request(self._opening)), alarm]
            case Received(data):
                out: list[Output] = []
                for heard in self._socket.read(data, now):
                    out += self._take(heard, now)
                return out
            case Woken():
                return self._late(now)
            case Ended():
                return [*self._lost("The server closed the connection", now), End()]
            case Failed(reason) if reason in FAILURES and self._begun:
                return self._lost(FAILURES[reason].rstrip("."), now)
            case Failed(reason):
                return self._done(FAILURES.get(reason, reason))
        return []

    def panels(self) -> tuple[Panel, ...]:
        """Its one state machine."""
        return (self._socket.panel(),)

    def _take(self, heard: Heard, now: int) -> list[Output]:
        match heard:
            case ws.AcceptConnection():
                return self._opened(heard, now)
            case Refused(sentence):
                return [*self._done(sentence), End()]
            case Message(data):
                return self._answered(data, now)
            case ws.Pong(payload=payload) if self._pinged:
                place = self._pinged.popleft()
                return [Tell(None, Response(place, "pong", (), bytes(payload))), *self._next(now)]
            case ws.Ping():
                pong = self._socket.pong(heard)
                return [Send(pong)] if pong else []
            case Closed():
                return self._closed(heard, now)
        return []

    def _opened(self, event: ws.AcceptConnection, now: int) -> list[Output]:
        headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in event.extra_headers]
        told: list[Output] = [Say("the socket is open")]
        if self._first:
            told.append(Tell(None, Response(0, "101", tuple(headers))))
        return [*told, *self._next(now)]

    def _next(self, now: int) -> list[Output]:
        """Say what is next; close where all is said and heard."""
        if not self._socket.open:
            return []
        out: list[Output] = []
        while self._say and (self._together or not (self._due or self._pinged)):
            place, request = self._say.popleft()
            out.append(Send(self._frames(place, request)))
            self._last = place
        waiting = self._due or self._pinged or self._socket.heard < self._hear
        if waiting or self._say:
            return [*out, WakeAt(now + self._wait, "patience")]
        return [*out, *self._close(now)]

    def _frames(self, place: int, request: Request) -> bytes:
        if request.method == "PING":
            self._pinged.append(place)
            return self._socket.ping(request.body[:125])
        if self._hear:
            self._due.append(place)
        if request.method == "BINARY":
            return self._socket.say(request.body)
        said = request.body.decode("utf-8", "replace") if request.body else request.target
        return self._socket.say(said)

    def _answered(self, data: str | bytes, now: int) -> list[Output]:
        place = self._due.popleft() if self._due else self._last
        kind, body = ("text", data.encode()) if isinstance(data, str) else ("binary", data)
        return [Tell(None, Response(place, kind, (), body)), *self._next(now)]

    def _close(self, now: int) -> list[Output]:
        return [
            Send(self._socket.shut(self._code, self._reason, now)),
            WakeAt(now + self._wait, "patience"),
        ]

    def _late(self, now: int) -> list[Output]:
        """Nothing came for long enough."""
        if self._over or self._socket.machine.state in ("CONNECTING", "CLOSING"):
            late = f"The server did not answer within {self._wait / SECOND:g} s."
            return [*self._done("" if self._over else late), End()]
        missing = self._hear - self._socket.heard
        told = Say(f"{missing} messages did not come; closing") if missing > 0 else None
        self._due.clear()
        return [*([told] if told else []), *self._close(now)]

    def _closed(self, closed: Closed, now: int) -> list[Output]:
        """A Close frame came, or something came that must be answered with one."""
        answer = self._socket.shut(closed.code, closed.reason if closed.broken else "", now)
        out: list[Output] = [Send(answer)] if answer else []
        if closed.broken:
            return [*out, *self._done(f"The server broke WebSocket: {safe(closed.reason)}."), End()]
        asked = bool(answer) and (self._due or self._say)
        error = f"The server closed before everything was said: {closed}." if asked else ""
        return [*out, Say(f"closed: {closed}"), *self._done(error), WakeAt(now + LINGER, "linger")]

    def _lost(self, what: str, now: int) -> list[Output]:
        state = self._socket.machine.state
        self._socket.machine.go("lost", now)
        error = "" if state == "CLOSED" else f"{what} without a Close frame (1006)."
        if state == "CONNECTING":
            error = f"{what} before the socket was open."
        return self._done(error)

    def _done(self, error: str) -> list[Output]:
        out: list[Output] = [WakeAt(None)]
        if not self._over:
            self._over = True
            out.append(Tell(None, Done(error)))
        return out
