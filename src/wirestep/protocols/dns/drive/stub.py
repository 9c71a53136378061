"""A stub resolver: asks one server over UDP, again when nothing comes, over TCP when it was cut.

Timers as resolv.conf has them: five seconds, two tries. A request's target is the name; its method
a type ("MX"), or a method of HTTP, which stands for the types of the options.
"""

from __future__ import annotations

import dns.message
import dns.name
import dns.rdatatype

from wirestep.exchange.contract import (
    FAILURES,
    Chance,
    Done,
    End,
    Failed,
    Input,
    Open,
    Output,
    Panel,
    Request,
    Response,
    Say,
    Started,
    Tell,
    Told,
    Wish,
)
from wirestep.exchange.options import flag, nanoseconds, text, whole

from .asks import Asks, Reply
from .messages import DNSError, query, rcode, records, truncated

OPTIONS = {
    "type": "types to ask for, all at once: A, AAAA, A+AAAA, MX, HTTPS ... (default A)",
    "edns": "largest UDP answer offered, bytes (RFC 6891; default 1232, 0: no EDNS)",
    "dnssec": "ask for signatures too (the DO bit; default no)",
    "recurse": "ask for recursion (the RD bit; default yes)",
    "timeout": "seconds to wait for an answer before asking again (default 5)",
    "attempts": "how often to ask before giving up (default 2)",
    "tcp-fallback": "ask again over TCP when an answer was cut (default yes)",
}


class Stub:
    """Asks the requests of its wish one after the other, the types of one together.

    Raises ValueError, with a sentence, over options that it cannot read.
    """

    def __init__(self, wish: Wish, chance: Chance, *, stream: bool = False) -> None:
        self._wish = wish
        self._chance = chance
        self._stream = stream
        given = wish.options
        self._types = _types(text(given, "type", "A"))
        self._edns = whole(given, "edns", 1232)
        self._dnssec = flag(given, "dnssec", False)
        self._recurse = flag(given, "recurse", True)
        wait = nanoseconds(given, "timeout", 5)
        self._waits = (wait,) * max(1, whole(given, "attempts", 2))
        self._fallback = flag(given, "tcp-fallback", True) and not stream
        self._way = Started()
        self._at = -1
        self._asks: Asks | None = None
        self._more: dict[int, Asks] = {}
        self._replies: dict[int, Reply] = {}
        self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the way, and what the ways over TCP tell; questions and answers out."""
        if self._over:
            return []
        match event:
            case Started():
                self._way = event
                return self._next(now)
            case Told(_, Reply() as reply):
                return self._answered(reply, now)
        if self._asks is None:
            return (
                self._done(FAILURES.get(event.reason, event.reason))
                if isinstance(event, Failed)
                else []
            )
        return self._pass(self._asks.handle(event, now), now)

    def panels(self) -> tuple[Panel, ...]:
        """The questions of the request that is under way."""
        return self._asks.panels() if self._asks else ()

    def _next(self, now: int) -> list[Output]:
        self._at += 1
        self._replies, self._more = {}, {}
        if self._at == len(self._wish.requests):
            return self._done("")
        try:
            messages = self._messages(self._wish.requests[self._at])
        except ValueError as error:
            return self._done(str(error))
        self._asks = Asks(messages, stream=self._stream, waits=self._waits)
        return self._pass(self._asks.handle(self._way, now), now)

    def _messages(self, request: Request) -> list[dns.message.Message]:
        plain = request.method in ("GET", "HEAD")
        types = self._types if plain else _types(request.method)
        try:
            name = dns.name.from_text(request.target)
        except DNSError as error:
            raise ValueError(f"{request.target!r} is no domain name: {error}") from error
        numbers: list[int] = []
        while len(numbers) < len(types):
            drawn = self._chance.randrange(0, 0x10000)
            numbers += [drawn] if drawn not in numbers else []
        return [
            query(
                name,
                rdtype,
                number,
                recurse=self._recurse,
                payload=self._edns,
                dnssec=self._dnssec,
            )
            for rdtype, number in zip(types, numbers, strict=True)
        ]

    def _pass(self, inner: list[Output], now: int) -> list[Output]:
        """Replies stay here, and the way stays open for the next request."""
        out: list[Output] = []
        for each in inner:
            if isinstance(each, Tell) and isinstance(each.value, Reply):
                out += self._answered(each.value, now)
            elif not isinstance(each, End):
                out.append(each)
        return out

    def _answered(self, reply: Reply, now: int) -> list[Output]:
        number = reply.asked.id
        cut = reply.message is not None and truncated(reply.message)
        if cut and self._fallback and number not in self._more and self._way.peer:
            self._more[number] = Asks([reply.asked], stream=True, waits=self._waits)
            told = Say("the answer was cut: asking again over TCP")
            return [told, Open(number, "tcp", self._way.peer, self._more[number])]
        if reply.message is None:
            return self._done(reply.reason)
        self._replies[number] = reply
        assert self._asks is not None
        if len(self._replies) < len(self._asks.questions):
            return []
        return [Tell(None, self._response()), *self._next(now)]

    def _response(self) -> Response:
        """Of all types together: the records as headers, the values asked for as lines."""
        assert self._asks is not None
        headers: list[tuple[str, str]] = []
        values: list[str] = []
        statuses: list[str] = []
        for question in self._asks.questions:
            message = self._replies[question.message.id].message
            assert message is not None
            statuses.append(rcode(message))
            for rrset in message.answer:
                found = records(rrset)
                headers += [line for line in found if line not in headers]
                if rrset.rdtype == question.message.question[0].rdtype:
                    values += [value for _, value in found]
        bad = [status for status in statuses if status != "NOERROR"]
        status = bad[0] if bad else "NOERROR"
        return Response(self._at, status, tuple(headers), "\n".join(values).encode())

    def _done(self, error: str) -> list[Output]:
        self._over = True
        return [Tell(None, Done(error)), End()]


def _types(asked: str) -> list[dns.rdatatype.RdataType]:
    """Types with "+" between them; raises ValueError."""
    try:
        return [dns.rdatatype.from_text(word) for word in asked.split("+")]
    except DNSError as error:
        raise ValueError(f"{asked!r} is no type of DNS records") from error
