"""The site over HTTP/3 (RFC 9114), by aioquic: one of these for each QUIC connection."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import QuicEvent

from wirestep.exchange.contract import (
    Fact,
    Input,
    Output,
    Panel,
    Request,
    Told,
    WakeAt,
    Woken,
)
from wirestep.exchange.site import MOST_BODY, Answer, Site

Headers = list[tuple[bytes, bytes]]


@dataclass
class Heard:
    """A request that is still coming."""

    headers: Headers
    body: bytearray = field(default_factory=bytearray)


@dataclass(order=True)
class Later:
    """Something to be sent when its time has come."""

    time: int
    order: int
    stream: int
    headers: Headers | None = field(default=None, compare=False)
    data: bytes = field(default=b"", compare=False)
    last: bool = field(default=False, compare=False)


class Serve:
    """Answers each request of one connection with what the site says."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._http: H3Connection | None = None
        self._coming: dict[int, Heard] = {}
        self._later: list[Later] = []
        self._order = self._answered = 0

    def handle(self, event: Input, now: int) -> list[Output]:
        match event:
            case Told(value=QuicConnection() as quic):
                self._http = H3Connection(quic)
            case Told(value=QuicEvent() as heard) if self._http is not None:
                for one in self._http.handle_event(heard):
                    self._heard(one, now)
            case Woken():
                pass
        self._send(now)
        return [WakeAt(self._later[0].time if self._later else None)]

    def _heard(self, event: H3Event, now: int) -> None:
        match event:
            case HeadersReceived(headers=headers, stream_id=stream, stream_ended=ended):
                self._coming.setdefault(stream, Heard(list(headers)))
            case DataReceived(data=data, stream_id=stream, stream_ended=ended):
                coming = self._coming.get(stream)
                # What is too long is not kept, but answered when it is over (413 by the site).
                if coming is not None and len(coming.body) <= MOST_BODY:
                    coming.body += data
            case _:
                return
        if ended and stream in self._coming:
            self._answer(stream, self._site.respond(request(self._coming.pop(stream))), now)

    def _answer(self, stream: int, answer: Answer, now: int) -> None:
        time = now + answer.think
        fields = [(":status", str(answer.status)), *answer.headers]
        headers = [(name.encode(), value.encode()) for name, value in fields]
        self._put(Later(time, 0, stream, headers, last=not answer.parts))
        for place, part in enumerate(answer.parts, 1):
            time += part.after
            self._put(Later(time, 0, stream, None, part.data, place == len(answer.parts)))

    def _put(self, later: Later) -> None:
        self._order += 1
        later.order = self._order
        heapq.heappush(self._later, later)

    def _send(self, now: int) -> None:
        """Everything whose time has come."""
        assert self._http is not None
        while self._later and self._later[0].time <= now:
            due = heapq.heappop(self._later)
            if due.headers is not None:
                self._http.send_headers(due.stream, due.headers, end_stream=due.last)
            else:
                self._http.send_data(due.stream, due.data, end_stream=due.last)
            self._answered += due.last

    def panels(self) -> tuple[Panel, ...]:
        if self._http is None:
            return ()
        waiting = len({later.stream for later in self._later})
        facts = (
            Fact("requests coming", str(len(self._coming))),
            Fact("answers waiting", str(waiting)),
            Fact("answered", str(self._answered)),
        )
        state = "answering" if self._coming or self._later else "idle"
        return (Panel("HTTP/3", ("idle", "answering"), state, facts=facts),)


def request(heard: Heard) -> Request:
    """A request as the site takes it; aioquic has checked that its fields are well-formed."""
    fields = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in heard.headers]
    pseudo = {name: value for name, value in fields if name.startswith(":")}
    plain = tuple((name, value) for name, value in fields if not name.startswith(":"))
    method, target = pseudo.get(":method", "GET"), pseudo.get(":path", "/")
    return Request(method, target, plain, bytes(heard.body))
