"""A client of HTTP/1.1 (RFC 9112), on h11: one request after the other on one connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import h11

from wirestep.exchange.contract import (
    FAILURES,
    Chance,
    Done,
    End,
    Ended,
    Endpoint,
    Fact,
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
from wirestep.exchange.machine import Machine
from wirestep.model import safe

MOST_HEAD = 64 * 1024
"""Bytes of a head that are read before the other party is refused."""
MOST_BODY = 256 * 1024 * 1024
PATIENCE = 1_000_000_000
"""Nanoseconds that a body waits for "100 Continue" (RFC 9110 section 10.1.1)."""

OPTIONS: dict[str, str] = {
    "pipelined": "ask everything at once, without waiting for answers (RFC 9112 section 9.3.2)",
    "chunked": "send bodies in chunks of so many bytes (RFC 9112 section 7.1)",
    "expect": "send a body only after 100 Continue, or a second without it (RFC 9110 10.1.1)",
    "close": "ask the server to close the connection after the last answer",
    "codings": "content codings that are accepted; usually gzip, br",
    "upgrades": "what goes on after 101 Switching Protocols: token -> endpoint's factory",
}

STATES = ("idle", "wait for answer", "read body", "closed")
_TABLE = {
    ("idle", "ask"): "wait for answer",
    ("idle", "ask, expect"): "wait for 100",
    ("idle", "end"): "closed",
    ("wait for 100", "go on"): "wait for answer",
    ("wait for 100", "head"): "read body",
    ("wait for 100", "end"): "closed",
    ("wait for answer", "head"): "read body",
    ("wait for answer", "switch"): "switched",
    ("wait for answer", "end"): "closed",
    ("read body", "whole"): "idle",
    ("read body", "end"): "closed",
}


class Client:
    """Asks all requests of its wish on one connection, tells each answer, and ends."""

    def __init__(self, wish: Wish, chance: Chance | None = None) -> None:
        self.wish = wish
        self._requests = tuple(_complete(request, wish) for request in wish.requests)
        self._engine = h11.Connection(h11.CLIENT, max_incomplete_event_size=MOST_HEAD)
        self._number = 0
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._inside: Endpoint | None = None
        self._over = False
        self._machine = Machine(_TABLE, STATES[0])
        self._started = Started()

    def handle(self, event: Input, now: int) -> list[Output]:
        """What to do about `event`; nothing once it is over."""
        if self._inside:
            return self._inside.handle(event, now)
        if self._over:
            return []
        try:
            return self._handle(event, now)
        except h11.RemoteProtocolError as error:
            return self._fail(f"The server broke HTTP/1.1: {complaint(error)}.", now)
        except (h11.LocalProtocolError, ValueError) as error:
            return self._fail(f"This cannot be asked over HTTP/1.1: {complaint(error)}.", now)

    def panels(self) -> tuple[Panel, ...]:
        """Where it stands; below what took over after an upgrade."""
        facts = [Fact("answered", f"{self._number} of {len(self._requests)}")]
        if self._head is not None:
            facts.append(Fact("body", f"{len(self._body):,} bytes so far"))
        mine = self._machine.panel("HTTP/1.1", STATES, facts)
        return (mine, *self._inside.panels()) if self._inside else (mine,)

    def _handle(self, event: Input, now: int) -> list[Output]:
        match event:
            case Started():
                self._started = event
                self._machine = Machine(_TABLE, STATES[0], now)
                return self._start(now)
            case Received(data=data):
                self._engine.receive_data(data)
                return self._read(now)
            case Ended():
                self._engine.receive_data(b"")
                return self._read(now)
            case Failed(reason=reason):
                return self._fail(FAILURES.get(reason, reason), now, reachable=False)
            case Woken() if self._machine.state == "wait for 100":
                return [Say("No 100 Continue came; the body is sent."), *self._send_body(now)]
        return []

    def _start(self, now: int) -> list[Output]:
        if not self._requests:
            return self._finish("", now)
        if not self.wish.options.get("pipelined"):
            return self._ask(now)
        # h11 sends one request at a time; those that go ahead are written by engines of their own.
        ahead = b"".join(_written(request, self.wish) for request in self._requests[1:])
        first, *others = self._ask(now)
        assert isinstance(first, Send)
        return [Send(first.data + ahead), *others]

    def _ask(self, now: int) -> list[Output]:
        """The next request, as far as it is sent at once."""
        request = self._requests[self._number]
        head = self._engine.send(_head(request)) or b""
        if _value(request, "expect"):
            self._machine.go("ask, expect", now)
            return [Send(head), WakeAt(now + PATIENCE, "100 Continue")]
        self._machine.go("ask", now)
        return [Send(head + _body(self._engine, request, self.wish))]

    def _send_body(self, now: int) -> list[Output]:
        self._machine.go("go on", now)
        body = _body(self._engine, self._requests[self._number], self.wish)
        return [WakeAt(None), Send(body)]

    def _read(self, now: int) -> list[Output]:
        out: list[Output] = []
        while not self._over and self._inside is None:
            event = self._engine.next_event()
            if not isinstance(event, h11.Event):
                break
            match event:
                case h11.InformationalResponse():
                    out += self._informed(event, now)
                case h11.Response():
                    self._head = event
                    if self._machine.state == "wait for 100":
                        out.append(WakeAt(None))  # the body is not wanted
                    self._machine.go("head", now)
                case h11.Data():
                    self._body += event.data
                    if len(self._body) > MOST_BODY:
                        out += self._fail("The answer is larger than 256 MiB.", now)
                case h11.EndOfMessage():
                    out += self._answered(now)
                case h11.ConnectionClosed():
                    left = f"{self._number} of {len(self._requests)}"
                    out += self._finish(
                        f"The server closed the connection after {left} answers.", now
                    )
        return out

    def _informed(self, said: h11.InformationalResponse, now: int) -> list[Output]:
        """An answer before the answer (RFC 9110 section 15.2)."""
        if said.status_code == 100 and self._machine.state == "wait for 100":
            return self._send_body(now)
        if said.status_code != 101:
            return [Say(f"The server says {said.status_code} beforehand.")]
        token = dict(said.headers).get(b"upgrade", b"").decode("latin-1").lower()
        factories = self.wish.options.get("upgrades")
        if not isinstance(factories, Mapping) or token not in factories:
            return self._fail(f"The server switched to {safe(token)}, which nobody asked for.", now)
        self._machine.go("switch", now)
        self._inside = factories[token]()
        rest, _ = self._engine.trailing_data
        out = self._inside.handle(self._started, now)
        return [*out, *(self._inside.handle(Received(rest), now) if rest else [])]

    def _answered(self, now: int) -> list[Output]:
        assert self._head is not None
        head, body = self._head, bytes(self._body)
        headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in head.headers)
        asked = self._requests[self._number]
        told = f"{asked.method} {safe(asked.target)}: {head.status_code}, {len(body):,} bytes"
        answer = Response(self._number, str(head.status_code), headers, body)
        out: list[Output] = [Say(told), Tell(None, answer)]
        self._machine.go("whole", now)
        self._head, self._body, self._number = None, bytearray(), self._number + 1
        if self._number == len(self._requests):
            return [*out, *self._finish("", now)]
        if self._engine.our_state is not h11.DONE or self._engine.their_state is not h11.DONE:
            left = f"{self._number} of {len(self._requests)}"
            return [
                *out,
                *self._finish(f"The server closes the connection after {left} answers.", now),
            ]
        self._engine.start_next_cycle()
        asked_now = self._ask(now)
        return out if self.wish.options.get("pipelined") else [*out, *asked_now]

    def _fail(self, why: str, now: int, reachable: bool = True) -> list[Output]:
        out = self._finish(why, now)
        return out if reachable else [one for one in out if not isinstance(one, End)]

    def _finish(self, why: str, now: int) -> list[Output]:
        self._over = True
        self._machine.go("end", now)
        return [Tell(None, Done(why)), End()]


def _complete(request: Request, wish: Wish) -> Request:
    """`request` with the fields it needs, where it does not bring them itself."""
    codings = wish.options.get("codings", "gzip, br")
    fields = {
        "host": wish.host,
        "user-agent": "wirestep",
        "accept": "*/*",
        **({"accept-encoding": str(codings)} if codings else {}),
    }
    if request.body and wish.options.get("chunked"):
        fields["transfer-encoding"] = "chunked"
    elif request.body or request.method in ("POST", "PUT", "PATCH"):
        fields["content-length"] = str(len(request.body))
    if request.body and wish.options.get("expect") and not wish.options.get("pipelined"):
        fields["expect"] = "100-continue"
    if wish.options.get("close") and request is wish.requests[-1]:
        fields["connection"] = "close"
    given = {name.lower() for name, _ in request.headers}
    added = ((name, value) for name, value in fields.items() if name not in given)
    return replace(request, headers=(*added, *request.headers))


def _value(request: Request, name: str) -> str:
    return next((value for key, value in request.headers if key.lower() == name), "")


def _head(request: Request) -> h11.Request:
    headers = [(name.encode("ascii"), value.encode("utf-8")) for name, value in request.headers]
    return h11.Request(
        method=request.method.encode("ascii"),
        target=request.target.encode("ascii"),
        headers=headers,
    )


def _body(engine: h11.Connection, request: Request, wish: Wish) -> bytes:
    size = wish.options.get("chunked")
    step = size if isinstance(size, int) and size > 1 else max(len(request.body), 1)
    parts = (request.body[at : at + step] for at in range(0, len(request.body), step))
    sent = [engine.send(h11.Data(data=part)) or b"" for part in parts]
    return b"".join(sent) + (engine.send(h11.EndOfMessage()) or b"")


def _written(request: Request, wish: Wish) -> bytes:
    engine = h11.Connection(h11.CLIENT)
    return (engine.send(_head(request)) or b"") + _body(engine, request, wish)


_COMPLAINTS = (
    ("can't handle event type ConnectionClosed", "it closed the connection without a word"),
    ("peer unexpectedly closed connection", "it closed the connection in the middle of a message"),
    ("peer closed connection without", "it closed the connection in the middle of a body"),
    ("Receive buffer too long", "its head is larger than 64 KiB"),
    ("illegal status line", "its first line is no status line"),
    ("illegal request line", "its first line is no request line"),
    ("Response status_code", "its status is not from 100 to 999"),
    ("InformationalResponse status_code", "its status is not from 100 to 999"),
    ("no response line received", "its first line is empty"),
    ("no request line received", "its first line is empty"),
    ("illegal header line", "a line of its head is no header field"),
    ("illegal chunk header", "a chunk does not begin with its size"),
    ("malformed chunk footer", "a chunk is not as long as it says"),
    ("conflicting Content-Length", "it gives two lengths for one body"),
    ("bad Content-Length", "its Content-Length is no number"),
    ("Missing mandatory Host", "it has no Host field"),
    ("Found multiple Host", "it has more than one Host field"),
    ("multiple Transfer-Encoding", "it has more than one Transfer-Encoding"),
    ("Received server _SWITCH_UPGRADE", "it switches to a protocol that nobody asked for"),
    ("Only Transfer-Encoding: chunked", "its Transfer-Encoding is not chunked"),
)
"""How h11 begins, and how it is said here."""


def complaint(error: Exception) -> str:
    """What is wrong with what came, or with what was to be sent, as part of a sentence."""
    text = str(error)
    said = next((said for start, said in _COMPLAINTS if text.startswith(start)), "")
    quoted = text.partition("bytearray(")[2] or text.partition("line: ")[2]
    if said and quoted:
        return f"{said}: {safe(quoted.strip('()')[:80])}"
    return said or safe(text[:1].lower() + text[1:200]).rstrip(".")


ALPN = "http/1.1"
CLIENTS: dict[str, Callable[[Wish, Chance], Endpoint]] = {"http/1.1": Client}
