"""The site over HTTP/3 (RFC 9114), by aioquic: one of these for each QUIC connection."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from aioquic.h3.connection import ErrorCode
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import QuicEvent, StopSendingReceived, StreamReset

from wirestep.exchange.contract import (
    Input,
    Output,
    Panel,
    Request,
    Say,
    Told,
    WakeAt,
    Woken,
)
from wirestep.exchange.options import Options, flag, whole
from wirestep.exchange.site import MOST_BODY, Answer, Site, problem
from wirestep.protocols.http3.drive.link import Lane, Link, error_name

Headers = list[tuple[bytes, bytes]]
MOST_RESETS = 1000
"""Streams that a client may break off before the connection is closed."""

OPTIONS = {
    "push": "push what a page needs, where the client allows it (no)",
    "goaway": "send GOAWAY after so many requests, and finish those (never)",
    "refuse": "reset the first so many requests unread, as rejected (0)",
}


@dataclass
class Asking:
    """A request that is still coming."""

    lane: Lane
    headers: Headers
    body: bytearray = field(default_factory=bytearray)

    def request(self) -> Request:
        """As the site takes it; aioquic has checked that its fields are well-formed."""
        fields = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in self.headers]
        pseudo = {name: value for name, value in fields if name.startswith(":")}
        plain = tuple((name, value) for name, value in fields if not name.startswith(":"))
        host = (("host", pseudo[":authority"]),) if ":authority" in pseudo else ()
        target = pseudo.get(":path", "")
        return Request(pseudo.get(":method", ""), target, (*host, *plain), bytes(self.body))


@dataclass(order=True)
class Due:
    """A part of an answer, at its time."""

    time: int
    order: int
    stream: int = field(compare=False)
    lane: Lane = field(compare=False)
    headers: Headers = field(compare=False)
    """Of the head; [] for a part of the body."""
    data: bytes = field(compare=False)
    end: bool = field(compare=False)


class Serve:
    """Answers each request of one connection with what the site says."""

    def __init__(self, site: Site, options: Options) -> None:
        """Raises ValueError, with the user's words, over options that cannot be."""
        self._site = site
        self._push = flag(options, "push", False)
        self._goaway = whole(options, "goaway", 0)
        self._refuse = whole(options, "refuse", 0)
        self._link: Link | None = None
        self._asking: dict[int, Asking] = {}
        self._due: list[Due] = []
        self._order = self._requests = self._resets = 0
        self._closed_from: int | None = None
        """The first stream that is not looked at, once GOAWAY is sent."""

    def handle(self, event: Input, now: int) -> list[Output]:
        out: list[Output] = []
        match event:
            case Told(value=QuicConnection() as quic):
                self._link = Link(quic)
            case Told(value=QuicEvent() as heard) if self._link is not None:
                if isinstance(heard, StreamReset | StopSendingReceived):
                    out += self._broken_off(heard.stream_id, heard.error_code, now)
                for one in self._link.read(heard):
                    out += self._heard(one, now)
            case Woken():
                pass  # something is due
        self._send(now)
        return [*out, WakeAt(self._due[0].time if self._due else None, "answer")]

    def panels(self) -> tuple[Panel, ...]:
        return self._link.panels() if self._link else ()

    def _heard(self, event: H3Event, now: int) -> list[Output]:
        out: list[Output] = []
        match event:
            case HeadersReceived(headers=headers, stream_id=stream, stream_ended=ended):
                if stream not in self._asking:  # else they are trailers
                    out = self._begin(stream, list(headers), now)
            case DataReceived(data=data, stream_id=stream, stream_ended=ended):
                self._more(stream, data, now)
            case _:
                return []
        asking = self._asking.pop(stream, None) if ended else None
        if asking is not None:
            asking.lane.go("heard all", now)
            self._answer(stream, asking, self._site.respond(asking.request()), now)
        return out

    def _begin(self, stream: int, headers: Headers, now: int) -> list[Output]:
        assert self._link is not None
        fields = dict(headers)
        label = b" ".join((fields.get(b":method", b""), fields.get(b":path", b"")))
        lane = self._link.lane(stream, label.decode("latin-1"), now)
        if self._closed_from is not None and stream >= self._closed_from:
            return self._reject(lane, now)
        if self._refuse:
            self._refuse -= 1
            return self._reject(lane, now)
        self._asking[stream] = Asking(lane, headers)
        self._requests += 1
        if self._requests == self._goaway:
            self._closed_from = stream + 4
            self._link.say_goaway(self._closed_from)
            return [Say(f"GOAWAY: nothing from stream {self._closed_from} on is looked at")]
        return []

    def _reject(self, lane: Lane, now: int) -> list[Output]:
        """Unread, so that it may be asked again elsewhere (RFC 9114 section 4.1.1)."""
        assert self._link is not None
        self._link.break_off(lane.number, ErrorCode.H3_REQUEST_REJECTED)
        lane.go("reset", now)
        return [Say(f"{lane.label}: rejected unread")]

    def _more(self, stream: int, data: bytes, now: int) -> None:
        asking = self._asking.get(stream)
        if asking is None:
            return
        asking.body += data
        asking.lane.received += len(data)
        if sum(len(other.body) for other in self._asking.values()) > MOST_BODY:
            del self._asking[stream]
            self._answer(stream, asking, problem(413, "More than is kept."), now)

    def _answer(self, stream: int, asking: Asking, answer: Answer, now: int) -> None:
        """Plan the answer, and those to what it pushes."""
        if self._push:
            for path in answer.pushes:
                self._promise(stream, asking, path, now)
        self._plan(stream, asking.lane, answer, now)

    def _promise(self, stream: int, asking: Asking, path: str, now: int) -> None:
        """A push (RFC 9114 section 4.6)."""
        assert self._link is not None
        if not self._link.takes_pushes:
            return
        kept = dict(asking.headers)
        headers = [
            (b":method", b"GET"),
            (b":scheme", b"https"),
            (b":authority", kept.get(b":authority", b"")),
            (b":path", path.encode()),
        ]
        pushed = self._link.send_push_promise(stream, headers)
        lane = self._link.lane(pushed, f"push of {path}", now)
        lane.go("heard all", now)
        self._plan(pushed, lane, self._site.respond(Request(target=path)), now)

    def _plan(self, stream: int, lane: Lane, answer: Answer, now: int) -> None:
        time = now + answer.think
        fields = [(":status", str(answer.status)), *answer.headers]
        headers = [(name.encode("latin-1"), value.encode()) for name, value in fields]
        lane.status = str(answer.status)
        self._put(Due(time, 0, stream, lane, headers, b"", not answer.parts))
        for place, part in enumerate(answer.parts, 1):
            time += part.after
            end = place == len(answer.parts)
            self._put(Due(time, 0, stream, lane, [], part.data, end))

    def _put(self, due: Due) -> None:
        self._order += 1
        due.order = self._order
        heapq.heappush(self._due, due)

    def _send(self, now: int) -> None:
        """Everything whose time has come."""
        while self._due and self._due[0].time <= now:
            due = heapq.heappop(self._due)
            assert self._link is not None
            if due.headers:
                self._link.send_headers(due.stream, due.headers, end_stream=due.end)
            else:
                self._link.send_data(due.stream, due.data, end_stream=due.end)
                due.lane.sent += len(due.data)
            if due.end:
                due.lane.go("sent all", now)

    def _broken_off(self, stream: int, code: int, now: int) -> list[Output]:
        """The client does not want it any more."""
        assert self._link is not None
        self._asking.pop(stream, None)
        self._due = [due for due in self._due if due.stream != stream]
        heapq.heapify(self._due)
        lane = self._link.lanes.get(stream)
        if lane is None or "reset" in lane.ends:
            return []
        lane.go("reset", now)
        self._resets += 1
        if self._resets > MOST_RESETS:
            self._link.quic.close(error_code=ErrorCode.H3_EXCESSIVE_LOAD)
        return [Say(f"{lane.label}: broken off by the client ({error_name(code)})")]
