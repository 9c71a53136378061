"""Requests over HTTP/3 (RFC 9114), by aioquic; each on a stream of its own.

Lives inside a QUIC connection: it hears Told(None, QuicConnection), then Told(None, event).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from aioquic.h3.connection import ErrorCode, H3Connection
from aioquic.h3.events import DataReceived, H3Event, HeadersReceived
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import QuicEvent, StreamReset

from wirestep.exchange.contract import (
    Done,
    Fact,
    Input,
    Output,
    Panel,
    Request,
    Response,
    Tell,
    Told,
    Wish,
)
from wirestep.exchange.options import flag

Headers = list[tuple[bytes, bytes]]
MOST_BODY = 128 << 20
"""Bytes kept of one answer."""


@dataclass
class Asked:
    """A request on its way."""

    place: int
    headers: Headers = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)


class Requests:
    """All requests of a wish, at once or in turn; then the connection is closed."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._in_turn = flag(wish.options, "in_turn", False)
        self._quic: QuicConnection | None = None
        self._http: H3Connection | None = None
        self._asked: dict[int, Asked] = {}
        self._next = self._answered = 0

    def handle(self, event: Input, now: int) -> list[Output]:
        match event:
            case Told(value=QuicConnection() as quic):
                self._quic, self._http = quic, H3Connection(quic)
                return self._ask()
            case Told(value=StreamReset(error_code=code, stream_id=stream)):
                if stream in self._asked:
                    return self._fail(f"The server gave the request up ({_name(code)}).")
            case Told(value=QuicEvent() as heard) if self._http is not None:
                out: list[Output] = []
                for one in self._http.handle_event(heard):
                    out += self._heard(one)
                return out
        return []

    def _ask(self) -> list[Output]:
        """Send the requests whose turn it is."""
        assert self._quic is not None
        assert self._http is not None
        while self._next < len(self._wish.requests) and not (self._in_turn and self._asked):
            request = self._wish.requests[self._next]
            stream = self._quic.get_next_available_stream_id()
            self._asked[stream] = Asked(self._next)
            self._next += 1
            headers = request_headers(request, self._wish.host)
            self._http.send_headers(stream, headers, end_stream=not request.body)
            if request.body:
                self._http.send_data(stream, request.body, end_stream=True)
        if self._asked or self._next < len(self._wish.requests):
            return []
        self._quic.close(error_code=ErrorCode.H3_NO_ERROR)
        return [Tell(None, Done())]

    def _heard(self, event: H3Event) -> list[Output]:
        stream = getattr(event, "stream_id", -1)
        asked = self._asked.get(stream)
        if asked is None or getattr(event, "push_id", None) is not None:
            return []
        match event:
            case HeadersReceived(headers=headers):
                # Interim answers and trailers are headers too: the final ones have the status.
                if dict(headers).get(b":status", b"1")[:1] != b"1":
                    asked.headers = list(headers)
            case DataReceived(data=data):
                asked.body += data
                if len(asked.body) > MOST_BODY:
                    return self._fail("The answer is longer than what is kept of one.")
        if not getattr(event, "stream_ended", False):
            return []
        del self._asked[stream]
        self._answered += 1
        return [Tell(None, response(asked)), *self._ask()]

    def _fail(self, error: str) -> list[Output]:
        assert self._quic is not None
        self._asked.clear()
        self._next = len(self._wish.requests)
        self._quic.close(error_code=ErrorCode.H3_REQUEST_CANCELLED)
        return [Tell(None, Done(error))]

    def panels(self) -> tuple[Panel, ...]:
        if self._http is None:
            return ()
        facts = (
            Fact("asked", str(self._next)),
            Fact("answered", str(self._answered)),
            *(Fact(f"stream {n}", f"{len(a.body):,} bytes") for n, a in self._asked.items()),
        )
        state = "waiting" if self._asked else "done"
        return (Panel("HTTP/3", ("waiting", "done"), state, facts=facts),)


def request_headers(request: Request, authority: str) -> Headers:
    """The fields of a request, names in lower case (RFC 9114 section 4.3.1)."""
    fields = [
        (":method", request.method),
        (":scheme", "https"),
        (":authority", authority),
        (":path", request.target),
        *((name.lower(), value) for name, value in request.headers),
    ]
    names = {name for name, _ in fields}
    if "user-agent" not in names:
        fields.append(("user-agent", "wirestep"))
    if request.body and "content-length" not in names:
        fields.append(("content-length", str(len(request.body))))
    return [(name.encode(), value.encode()) for name, value in fields]


def response(asked: Asked) -> Response:
    """What is told of a finished answer."""
    fields = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in asked.headers]
    status = next((value for name, value in fields if name == ":status"), "")
    plain = tuple((name, value) for name, value in fields if not name.startswith(":"))
    return Response(asked.place, status, plain, bytes(asked.body))


def _name(code: int) -> str:
    try:
        return ErrorCode(code).name
    except ValueError:
        return f"{code:#x}"
