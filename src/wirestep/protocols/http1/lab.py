"""A server of HTTP/1.1 (RFC 9112), on h11, for the lab's site; one for each connection.

Requests are answered in order, each when the one before is sent (RFC 9112 section 9.3.2). A peer
may send what it likes: heads, bodies and what waits to be read are bounded, and a request that
does not come to an end is refused (408).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

import h11

from wirestep.exchange.contract import (
    Chance,
    End,
    Ended,
    Endpoint,
    Fact,
    Failed,
    Input,
    Output,
    Panel,
    Pause,
    Received,
    Request,
    Resume,
    Send,
    Started,
    WakeAt,
    Woken,
)
from wirestep.exchange.machine import Machine
from wirestep.exchange.site import MOST_BODY, Answer, Part, Site, problem
from wirestep.model import safe

from .drive import MOST_HEAD, complaint

SECOND = 1_000_000_000
READING = 30 * SECOND
"""A request must be whole so long after its first byte."""
IDLE = 75 * SECOND
"""A connection without a request is closed after this."""
MOST_WAITING = 256 * 1024
"""Bytes of further requests that are read while one is answered."""

OPTIONS: dict[str, str] = {
    "upgrades": "who answers a request with this token in Upgrade: token -> endpoint's factory",
}

STATES = ("idle", "read request", "think", "answer", "closed")
_TABLE = {
    ("idle", "bytes"): "read request",
    ("idle", "head"): "read request",
    ("idle", "end"): "closed",
    ("read request", "whole"): "think",
    ("read request", "switch"): "switched",
    ("read request", "end"): "closed",
    ("think", "answer"): "answer",
    ("think", "end"): "closed",
    ("answer", "done"): "idle",
    ("answer", "end"): "closed",
}


class Server:
    """One connection to the site."""

    def __init__(
        self, site: Site, chance: Chance | None = None, options: Mapping[str, object] | None = None
    ) -> None:
        self._site, self._options = site, options or {}
        self._engine = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD)
        self._machine = Machine(_TABLE, STATES[0])
        self._started = Started()
        self._raw = bytearray()
        """What came since the last request was whole: an upgrade hands it on."""
        self._head: h11.Request | None = None
        self._body = bytearray()
        self._answer: Answer | None = None
        self._parts: list[Part] = []
        self._answered = 0
        self._paused = False
        self._inside: Endpoint | None = None

    def handle(self, event: Input, now: int) -> list[Output]:
        """What to do about `event`; nothing once the connection is closed."""
        if self._inside:
            return self._inside.handle(event, now)
        if self._machine.state == "closed":
            return []
        match event:
            case Started():
                self._started = event
                self._machine = Machine(_TABLE, STATES[0], now)
                return [WakeAt(now + IDLE, "idle timeout")]
            case Received(data=data):
                return self._received(data, now)
            case Ended():
                self._engine.receive_data(b"")
                return self._read(now)
            case Woken():
                return self._woken(now)
            case Failed():
                self._machine.go("end", now)
        return []

    def panels(self) -> tuple[Panel, ...]:
        """Where it stands; below what took over after an upgrade."""
        facts = [Fact("answered", str(self._answered))]
        if self._head is not None:
            target = self._head.target.decode("latin-1")
            facts.append(Fact("request", safe(f"{self._head.method.decode()} {target}"[:60])))
        mine = self._machine.panel("HTTP/1.1", STATES, facts)
        return (mine, *self._inside.panels()) if self._inside else (mine,)

    def _received(self, data: bytes, now: int) -> list[Output]:
        out: list[Output] = []
        if self._head is None:
            self._raw += data
        if self._machine.state == "idle":
            self._machine.go("bytes", now)
            out.append(WakeAt(now + READING, "request timeout"))
        self._engine.receive_data(data)
        out += self._read(now)
        if not self._paused and self._waiting() > MOST_WAITING:
            self._paused = True
            out.append(Pause())
        return out

    def _waiting(self) -> int:
        return len(self._engine.trailing_data[0]) if self._answer is not None else 0

    def _read(self, now: int) -> list[Output]:
        """Requests that are whole, until one has to be thought about."""
        out: list[Output] = []
        while self._machine.state != "closed" and self._inside is None:
            try:
                event = self._engine.next_event()
                if not isinstance(event, h11.Event):
                    break
                if isinstance(event, h11.ConnectionClosed) and self._answer is not None:
                    break  # half closed: it still hears the answer
                out += self._requested(event, now)
            except h11.RemoteProtocolError as error:
                status = error.error_status_hint
                out += self._refuse(status, f"This is not HTTP/1.1: {complaint(error)}.", now)
        return out

    def _requested(self, event: h11.Event, now: int) -> list[Output]:
        match event:
            case h11.Request():
                return self._begun(event, now)
            case h11.Data():
                self._body += event.data
                if len(self._body) > MOST_BODY:
                    return self._refuse(413, "No body may be larger than 16 MiB.", now)
            case h11.EndOfMessage():
                return self._whole(now)
            case h11.ConnectionClosed():
                return self._close(now)
        return []

    def _begun(self, head: h11.Request, now: int) -> list[Output]:
        self._head = head
        self._machine.go("head", now)
        # h11 bounds heads that are not whole yet; one that came in a single piece is no better.
        if len(self._raw) - len(self._engine.trailing_data[0]) > MOST_HEAD:
            return self._refuse(431, "No head may be larger than 64 KiB.", now)
        if heir := self._heir(head):
            self._machine.go("switch", now)
            self._inside, raw = heir, bytes(self._raw)
            out = [WakeAt(None), *heir.handle(self._started, now)]
            return [*out, *heir.handle(Received(raw), now)]
        self._raw = bytearray()
        if self._engine.they_are_waiting_for_100_continue:
            go_on = h11.InformationalResponse(status_code=100, headers=[], reason=b"Continue")
            return [Send(self._engine.send(go_on) or b"")]
        return []

    def _heir(self, head: h11.Request) -> Endpoint | None:
        """Who takes the connection over, beginning with this request (RFC 9110 section 7.8).

        The preface of HTTP/2 (RFC 9113 section 3.4) reads as a request with the method PRI.
        """
        factories = self._options.get("upgrades")
        if not isinstance(factories, Mapping):
            return None
        fields = dict(head.headers)
        token = fields.get(b"upgrade", b"").decode("latin-1").lower()
        if head.method == b"PRI":
            token = "h2c"
        elif b"upgrade" not in fields.get(b"connection", b"").lower():
            return None
        made: Endpoint | None = factories[token]() if token in factories else None
        return made

    def _whole(self, now: int) -> list[Output]:
        """A request is whole: the site is asked, and thinks."""
        assert self._head is not None
        self._machine.go("whole", now)
        headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in self._head.headers)
        method, target = self._head.method.decode("latin-1"), self._head.target.decode("latin-1")
        self._answer = self._site.respond(Request(method, target, headers, bytes(self._body)))
        if self._answer.think:
            return [WakeAt(now + self._answer.think, "thinking")]
        return self._begin(self._answer, now)

    def _begin(self, answer: Answer, now: int) -> list[Output]:
        """The head of the answer, and what of its body is due."""
        self._machine.go("answer", now)
        self._parts = list(answer.parts)
        return self._stream(self._send_head(answer), now)

    def _send_head(self, answer: Answer) -> bytes:
        try:
            reason = HTTPStatus(answer.status).phrase
        except ValueError:
            reason = ""
        headers = [(name.encode(), value.encode()) for name, value in answer.headers]
        head = h11.Response(status_code=answer.status, headers=headers, reason=reason.encode())
        return self._engine.send(head) or b""

    def _stream(self, data: bytes, now: int) -> list[Output]:
        """`data`, and all parts up to the next one that must wait."""
        while self._parts:
            part = self._parts.pop(0)
            data += self._engine.send(h11.Data(data=part.data)) or b""
            if self._parts and self._parts[0].after:
                return [Send(data), WakeAt(now + self._parts[0].after, "next part")]
        data += self._engine.send(h11.EndOfMessage()) or b""
        return [Send(data), *self._done(now)]

    def _done(self, now: int) -> list[Output]:
        """The answer is sent: the next request, or the end."""
        self._machine.go("done", now)
        self._head, self._body, self._answer = None, bytearray(), None
        self._answered += 1
        states = (self._engine.our_state, self._engine.their_state)
        if states != (h11.DONE, h11.DONE):
            return self._close(now)
        self._raw = bytearray(self._engine.trailing_data[0])
        self._engine.start_next_cycle()
        out: list[Output] = [WakeAt(now + IDLE, "idle timeout")]
        if self._paused:
            self._paused = False
            out.append(Resume())
        return out

    def _woken(self, now: int) -> list[Output]:
        """A thought is finished, a part is due, or the peer took too long."""
        if self._machine.state == "think" and self._answer is not None:
            return [*self._begin(self._answer, now), *self._read(now)]
        if self._machine.state == "answer":
            return [*self._stream(b"", now), *self._read(now)]
        if self._machine.state == "read request":
            return self._refuse(408, "The request did not come to its end in time.", now)
        return self._close(now)

    def _refuse(self, status: int, text: str, now: int) -> list[Output]:
        """Say what is wrong, where that can still be said, and close."""
        if self._engine.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return self._close(now)
        answer = problem(status, text, ("connection", "close"))
        data = self._send_head(answer) + (self._engine.send(h11.Data(data=answer.body)) or b"")
        data += self._engine.send(h11.EndOfMessage()) or b""
        return [Send(data), *self._close(now)]

    def _close(self, now: int) -> list[Output]:
        self._machine.go("end", now)
        return [WakeAt(None), End()]


SERVERS: dict[str, Callable[[Site, Chance, Mapping[str, object]], Endpoint]] = {"http/1.1": Server}
