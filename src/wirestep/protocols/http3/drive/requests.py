"""Requests over HTTP/3 (RFC 9114), by aioquic; each on a stream of its own.

Lives inside a QUIC connection: it hears Told(None, QuicConnection), then Told(None, event).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aioquic.h3.connection import ErrorCode
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived, PushPromiseReceived
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import QuicEvent, StreamReset

from wirestep.exchange.contract import (
    Done,
    Failed,
    Input,
    Output,
    Panel,
    Request,
    Response,
    Say,
    Tell,
    Told,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.exchange.options import flag, nanoseconds, text, whole
from wirestep.model import safe

from .link import Lane, Link, error_name

Headers = list[tuple[bytes, bytes]]
MOST_BODY = 128 << 20
"""Bytes kept of one answer."""
MOST_PUSHES = 16
GOAWAY = "The server sent GOAWAY: it takes no more requests."
FORBIDDEN = ("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host")
"""Fields of HTTP/1.1's connections; HTTP/3 has none of them (RFC 9114 section 4.2)."""

OPTIONS = {
    "in_turn": "one request after the other, instead of all at once (no)",
    "codings": "content codings that are accepted (gzip, br)",
    "cancel": "break the first request off after so many bytes of its answer (never)",
    "stay": "seconds for which the connection is kept when all is answered (0)",
}


@dataclass
class Asked:
    """A request on its way, or a push that was promised."""

    place: int
    lane: Lane | None
    headers: Headers = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    label: str = ""

    def take(self, headers: Headers) -> None:
        """Interim answers and trailers are fields too: those of the answer have its status."""
        status = dict(headers).get(b":status", b"1")
        if status[:1] != b"1":
            self.headers = list(headers)
            if self.lane:
                self.lane.status = safe(status.decode("latin-1"))


class Requests:
    """All requests of a wish, at once or in turn; then the connection is closed."""

    def __init__(self, wish: Wish) -> None:
        """Raises ValueError, with the user's words, over options that cannot be."""
        self._wish = wish
        self._in_turn = flag(wish.options, "in_turn", False)
        self._codings = text(wish.options, "codings", "gzip, br")
        self._cancel = whole(wish.options, "cancel", 0)
        self._stay = nanoseconds(wish.options, "stay", 0)
        self._link: Link | None = None
        self._asked: dict[int, Asked] = {}
        self._pushed: dict[int, Asked] = {}
        self._next = 0
        self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        match event:
            case Told(value=QuicConnection() as quic):
                self._link = Link(quic)
                return self._ask(now)
            case Told(value=StreamReset(error_code=code, stream_id=stream)):
                return self._reset(stream, code, now)
            case Told(value=QuicEvent() as heard) if self._link is not None:
                out: list[Output] = []
                for one in self._link.read(heard):
                    out += self._heard(one, now)
                return out
            case Woken():
                self._close(ErrorCode.H3_NO_ERROR)
            case Failed(reason=reason):
                return self._done(reason)
        return []

    def panels(self) -> tuple[Panel, ...]:
        return self._link.panels() if self._link else ()

    def _ask(self, now: int) -> list[Output]:
        """Send the requests whose turn it is; end when there is no more."""
        link, requests = self._link, self._wish.requests
        assert link is not None
        while self._next < len(requests) and not (self._in_turn and self._asked):
            request = requests[self._next]
            stream = link.quic.get_next_available_stream_id()
            if link.goaway is not None and stream >= link.goaway:
                return self._give_up(GOAWAY)
            if request.method == "HEAD":
                link.heads.add(stream)
            lane = link.lane(stream, f"{request.method} {request.target}", now)
            self._asked[stream] = Asked(self._next, lane)
            self._next += 1
            headers = request_headers(request, self._wish.host, self._codings)
            link.send_headers(stream, headers, end_stream=not request.body)
            if request.body:
                link.send_data(stream, request.body, end_stream=True)
                lane.sent = len(request.body)
            lane.go("sent all", now)
        if self._asked:
            return []
        if self._stay:
            return [*self._done(""), WakeAt(now + self._stay, "stay")]
        self._close(ErrorCode.H3_NO_ERROR)
        return self._done("")

    def _heard(self, event: H3Event, now: int) -> list[Output]:
        if isinstance(event, PushPromiseReceived):
            return self._promised(event)
        push = getattr(event, "push_id", None)
        stream = getattr(event, "stream_id", -1)
        asked = self._asked.get(stream) if push is None else self._pushed.get(push)
        if asked is None:
            return []
        match event:
            case HeadersReceived(headers=headers):
                asked.take(headers)
            case DataReceived(data=data):
                asked.body += data
                if asked.lane:
                    asked.lane.received += len(data)
                if len(asked.body) > MOST_BODY:
                    return self._give_up("The answer is longer than what is kept of one.")
                if self._cancel and not asked.place and len(asked.body) >= self._cancel:
                    return self._broken_off(stream, now)
        if not getattr(event, "stream_ended", False):
            return []
        if push is not None:
            del self._pushed[push]
            return [Say(f"pushed: {asked.label}, {len(asked.body):,} bytes")]
        del self._asked[stream]
        if asked.lane:
            asked.lane.go("heard all", now)
        return [Tell(None, response(asked)), *self._ask(now)]

    def _promised(self, event: PushPromiseReceived) -> list[Output]:
        path = safe(dict(event.headers).get(b":path", b"").decode("latin-1"))
        if len(self._pushed) < MOST_PUSHES:
            self._pushed[event.push_id] = Asked(-1, None, label=path)
        return [Say(f"the server promises {path}")]

    def _broken_off(self, stream: int, now: int) -> list[Output]:
        """The first request, of which enough was heard."""
        assert self._link is not None
        self._cancel = 0
        asked = self._asked.pop(stream)
        if asked.lane:
            asked.lane.go("reset", now)
        self._link.break_off(stream, ErrorCode.H3_REQUEST_CANCELLED)
        said = Say(f"breaks {asked.lane.label if asked.lane else ''} off")
        return [said, Tell(None, response(asked)), *self._ask(now)]

    def _reset(self, stream: int, code: int, now: int) -> list[Output]:
        asked = self._asked.pop(stream, None)
        if asked is None or asked.lane is None:
            return []
        asked.lane.go("reset", now)
        assert self._link is not None
        if code == ErrorCode.H3_REQUEST_REJECTED and self._link.goaway is not None:
            return self._give_up(GOAWAY)
        return self._give_up(f"The server gave {asked.lane.label} up ({error_name(code)}).")

    def _give_up(self, error: str) -> list[Output]:
        self._asked.clear()
        self._next = len(self._wish.requests)
        self._close(ErrorCode.H3_REQUEST_CANCELLED)
        return self._done(error)

    def _close(self, code: ErrorCode) -> None:
        assert self._link is not None
        self._link.quic.close(error_code=code)

    def _done(self, error: str) -> list[Output]:
        if self._over:
            return []
        self._over = True
        return [Tell(None, Done(error))]


def request_headers(request: Request, authority: str, codings: str = "") -> Headers:
    """The fields of a request, names in lower case (RFC 9114 section 4.3.1)."""
    given = [(name.lower(), value) for name, value in request.headers]
    usual = {"user-agent": "wirestep", "accept": "*/*"}
    if codings:
        usual["accept-encoding"] = codings
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        usual["content-length"] = str(len(request.body))
    names = {name for name, _ in given}
    fields = [
        (":method", request.method),
        (":scheme", "https"),
        (":authority", next((value for name, value in given if name == "host"), authority)),
        (":path", request.target),
        *((name, value) for name, value in usual.items() if name not in names),
        *((name, value) for name, value in given if name not in FORBIDDEN),
    ]
    return [(name.encode("latin-1"), value.encode()) for name, value in fields]


def response(asked: Asked) -> Response:
    """What is told of an answer."""
    fields = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in asked.headers]
    status = next((value for name, value in fields if name == ":status"), "")
    plain = tuple((name, value) for name, value in fields if not name.startswith(":"))
    return Response(asked.place, status, plain, bytes(asked.body))
