"""A client of HTTP/2 (RFC 9113), on h2: all requests of its wish at once, each on its stream."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import h2.errors
import h2.events
import h2.exceptions
from h2.settings import SettingCodes

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
    Started,
    Tell,
    WakeAt,
    Wish,
    Woken,
)
from wirestep.exchange.options import flag, nanoseconds, text, whole
from wirestep.model import safe

from .link import WINDOW, Broken, GoAway, Lane, Link, error_name
from .panels import panels

Header = tuple[str, str]

MOST_BODY = 256 * 1024 * 1024
"""Bytes of one answer that are kept; a longer one is cancelled."""
MOST_AT_ONCE = 100
"""Streams opened before the server said how many it takes (RFC 9113 section 5.1.2)."""
MOST_TRIES = 3
"""How often a request is asked that the server refuses unread (RFC 9113 section 8.7)."""

OPTIONS = {
    "scheme": "what :scheme says: https (default) or http",
    "codings": "content codings that are accepted; usually gzip, br",
    "push": "take what the server pushes (default no: ENABLE_PUSH 0)",
    "window": "SETTINGS_INITIAL_WINDOW_SIZE: bytes each stream may send us (default 65535)",
    "connection-window": "bytes all streams together may send us (default 65535)",
    "stall": "seconds for which nothing that came is acknowledged: the windows run dry",
    "ping": "send a PING after the settings and say how long it took (default no)",
    "cancel": "break the first request off after so many bytes of its answer (default: never)",
}

FORBIDDEN = ("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host")
"""Fields of HTTP/1.1's connections; HTTP/2 has none of them (RFC 9113 section 8.2.2)."""


@dataclass(slots=True)
class Asked:
    """One request under way."""

    number: int
    request: Request
    lane: Lane
    status: str = ""
    headers: list[Header] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    pushed: bool = False


class Client:
    """Tells a Response for each request of its wish as it is whole, then Done, and ends.

    Raises ValueError, with a sentence, over options that it cannot read.
    """

    def __init__(self, wish: Wish, chance: Chance | None = None) -> None:
        del chance  # HTTP/2 needs none
        options = wish.options
        self._scheme = text(options, "scheme", "https")
        self._codings = text(options, "codings", "gzip, br")
        self._stall = nanoseconds(options, "stall", 0)
        self._ping = flag(options, "ping", False)
        self._cancel = whole(options, "cancel", 0)
        settings = {
            SettingCodes.ENABLE_PUSH: int(flag(options, "push", False)),
            SettingCodes.INITIAL_WINDOW_SIZE: whole(options, "window", WINDOW),
        }
        window = whole(options, "connection-window", WINDOW)
        self._link = Link(client=True, settings=settings, window=window)
        self._wish = wish
        self._waiting = deque(enumerate(wish.requests))
        self._tries = [0] * len(wish.requests)
        self._asked: dict[int, Asked] = {}
        self._answered = 0
        self._unread: dict[int, int] = {}
        """Bytes that came and are not acknowledged, by stream."""
        self._began = 0
        self._pinged = 0
        self._settled = False
        self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the way in, frames and answers out."""
        if self._over:
            return []
        match event:
            case Started():
                return self._start(now)
            case Received(data):
                return self._read(data, now)
            case Woken():
                self._acknowledge()
                return self._link.flush(now)
            case Ended():
                return self._lost("The server closed the connection", now)
            case Failed(reason):
                return self._failed(reason, now)
        return []

    def panels(self) -> tuple[Panel, ...]:
        """The connection, then its streams."""
        return panels(self._link, "HTTP/2")

    def _start(self, now: int) -> list[Output]:
        self._began = now
        self._link.start()
        if self._ping:
            self._pinged = now
            self._link.h2.ping(b"wirestep")
        alarm: list[Output] = [WakeAt(now + self._stall, "acknowledge")] if self._stall else []
        return [*self._ask(now), *self._link.flush(now), *alarm]

    def _ask(self, now: int) -> list[Output]:
        """Open streams for requests that wait, as many as the server takes."""
        limit = MOST_AT_ONCE
        if self._settled:
            limit = self._link.h2.remote_settings.max_concurrent_streams
        running = sum(not asked.pushed for asked in self._asked.values())
        while self._waiting and running < limit and not self._link.gone:
            running += 1
            number, request = self._waiting.popleft()
            stream = self._link.h2.get_next_available_stream_id()
            try:
                self._link.h2.send_headers(stream, self._head(request), end_stream=not request.body)
            except (h2.exceptions.ProtocolError, ValueError) as error:
                return self._finish(f"This cannot be asked over HTTP/2: {safe(str(error))}.", now)
            self._tries[number] += 1
            lane = self._link.lane(stream, f"{request.method} {request.target}", "headers", now)
            self._asked[stream] = Asked(number, request, lane)
            if request.body:
                self._link.put(lane, request.body, end=True)
            else:
                lane.machine.go("end sent", now)
        return []

    def _head(self, request: Request) -> list[Header]:
        """The fields of a request (RFC 9113 section 8.3.1)."""
        fields = {"user-agent": "wirestep", "accept": "*/*"}
        if self._codings:
            fields["accept-encoding"] = self._codings
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            fields["content-length"] = str(len(request.body))
        given = [(name.lower(), value) for name, value in request.headers]
        authority = next((value for name, value in given if name == "host"), self._wish.host)
        names = {name for name, _ in given}
        return [
            (":method", request.method),
            (":scheme", self._scheme),
            (":authority", authority),
            (":path", request.target),
            *((name, value) for name, value in fields.items() if name not in names),
            *((name, value) for name, value in given if name not in FORBIDDEN),
        ]

    def _read(self, data: bytes, now: int) -> list[Output]:
        out: list[Output] = []
        try:
            for event in self._link.read(data):
                out += self._take(event, now)
                if self._over:
                    return out
        except Broken as broken:
            # h2 has a GOAWAY ready that says what was wrong.
            return [*out, *self._finish(f"The server broke HTTP/2: {broken}.", now)]
        if not self._stalled(now):
            self._acknowledge()
        return [*out, *self._link.flush(now)]

    def _stalled(self, now: int) -> bool:
        return now < self._began + self._stall

    def _acknowledge(self) -> None:
        for stream, size in self._unread.items():
            self._link.h2.acknowledge_received_data(size, stream)
        self._unread.clear()

    def _take(self, event: h2.events.Event | GoAway, now: int) -> list[Output]:
        match event:
            case h2.events.RemoteSettingsChanged():
                self._settled = True
                return self._ask(now)
            case h2.events.PingAckReceived() if self._ping:
                return [Say(f"PING: answered after {(now - self._pinged) / 1e6:g} ms")]
            case h2.events.InformationalResponseReceived(headers=headers):
                return [Say(f"{dict(_texts(headers)).get(':status', '')}: an answer is on its way")]
            case GoAway():
                return self._going(event, now)
            case h2.events.PushedStreamReceived():
                return self._promised(event, now)
        asked = self._asked.get(getattr(event, "stream_id", 0) or 0)
        return self._progress(event, asked, now) if asked else []

    def _progress(self, event: h2.events.Event | GoAway, asked: Asked, now: int) -> list[Output]:
        match event:
            case h2.events.ResponseReceived(headers=headers):
                asked.lane.machine.go("headers", now)
                fields = _texts(headers)
                asked.status = dict(fields).get(":status", "")
                asked.headers = [each for each in fields if not each[0].startswith(":")]
            case h2.events.TrailersReceived(headers=headers):
                asked.headers += _texts(headers)
            case h2.events.DataReceived():
                return self._more(event, asked, now)
            case h2.events.StreamEnded():
                return self._whole(asked, now)
            case h2.events.StreamReset(error_code=code):
                return self._refused(asked, error_name(code), now)
        return []

    def _more(self, event: h2.events.DataReceived, asked: Asked, now: int) -> list[Output]:
        stream = asked.lane.number
        asked.body += event.data
        asked.lane.received += len(event.data)
        self._unread[stream] = self._unread.get(stream, 0) + event.flow_controlled_length
        first = asked.number == 0 and not asked.pushed
        if first and self._cancel and len(asked.body) >= self._cancel:
            self._link.reset(asked.lane, h2.errors.ErrorCodes.CANCEL, now)
            told = Say(f"{asked.lane.label}: cancelled after {len(asked.body):,} bytes")
            return [told, *self._whole(asked, now)]
        if len(asked.body) > MOST_BODY:
            return self._finish(f"The answer to {asked.lane.label} is larger than is kept.", now)
        return []

    def _whole(self, asked: Asked, now: int) -> list[Output]:
        """An answer is there, as far as it will be."""
        asked.lane.machine.go("end received", now)
        del self._asked[asked.lane.number]
        if asked.pushed:
            told = Say(f"pushed: {asked.lane.label}, {len(asked.body):,} bytes")
            return [told, *self._next(now)]
        if asked.lane.open:
            # The answer came before the whole request was sent: the rest is not wanted.
            self._link.reset(asked.lane, h2.errors.ErrorCodes.NO_ERROR, now)
        self._answered += 1
        answer = Response(asked.number, asked.status, tuple(asked.headers), bytes(asked.body))
        return [Tell(None, answer), *self._next(now)]

    def _next(self, now: int) -> list[Output]:
        """Go on after an answer."""
        if self._waiting and self._link.gone and not self._asked:
            return self._left(now)
        if self._waiting or self._asked:
            return self._ask(now)
        return self._finish("", now)

    def _refused(self, asked: Asked, code: str, now: int) -> list[Output]:
        """A stream was reset: asked again where the server did not look at it."""
        self._link.closed(asked.lane, now)
        del self._asked[asked.lane.number]
        if asked.pushed:
            told = Say(f"the push of {asked.lane.label} was broken off: {code}")
            return [told, *self._next(now)]
        if code == "REFUSED_STREAM" and self._tries[asked.number] < MOST_TRIES:
            self._waiting.append((asked.number, asked.request))
            return [Say(f"{asked.lane.label}: refused unread, asked again"), *self._ask(now)]
        return self._finish(f"The server broke {asked.lane.label} off: {code}.", now)

    def _going(self, event: GoAway, now: int) -> list[Output]:
        """What was opened after the last stream is not looked at (RFC 9113 section 6.8)."""
        said = f"GOAWAY: {event.error}" + (f", {event.text!r}" if event.text else "")
        unread = [a for a in self._asked.values() if a.lane.number > event.last and not a.pushed]
        for asked in unread:
            self._link.closed(asked.lane, now)
            del self._asked[asked.lane.number]
            self._waiting.append((asked.number, asked.request))
        out: list[Output] = [Say(f"{said}; streams after {event.last} are not looked at")]
        return out if self._asked or not self._waiting else [*out, *self._left(now)]

    def _left(self, now: int) -> list[Output]:
        """Nothing more will be answered here."""
        names = ", ".join(f"{each.method} {each.target}" for _, each in self._waiting)
        code = self._link.gone.error if self._link.gone else ""
        again = f"The server goes away ({code}); not looked at, and safe to ask again: {names}."
        return self._finish(again, now)

    def _promised(self, event: h2.events.PushedStreamReceived, now: int) -> list[Output]:
        fields = dict(_texts(event.headers or []))
        label = f"{fields.get(':method', '')} {fields.get(':path', '')}"
        stream = event.pushed_stream_id or 0
        lane = self._link.lane(stream, label, "promised", now)
        request = Request(fields.get(":method", ""), fields.get(":path", ""))
        self._asked[stream] = Asked(-1, request, lane, pushed=True)
        return [Say(f"promised: {lane.label}")]

    def _failed(self, reason: str, now: int) -> list[Output]:
        """The way broke, or never opened."""
        if self._link.lanes and reason in FAILURES:
            return self._lost(FAILURES[reason].rstrip("."), now, gone=True)
        return self._finish(FAILURES.get(reason, reason), now, gone=True)

    def _lost(self, what: str, now: int, *, gone: bool = False) -> list[Output]:
        missing = len(self._wish.requests) - self._answered
        if self._link.gone:
            what += f" ({self._link.gone.error} {self._link.gone.text!r})"
        error = f"{what} before {missing} of {len(self._wish.requests)} requests were answered."
        return self._finish(error, now, gone=gone)

    def _finish(self, error: str, now: int, *, gone: bool = False) -> list[Output]:
        self._over = True
        done: list[Output] = [WakeAt(None), Tell(None, Done(error))]
        if gone:
            return done
        self._link.close()
        return [*self._link.flush(now), *done, End()]


def _texts(headers: list[tuple[bytes, bytes]]) -> list[Header]:
    return [(bytes(n).decode("latin-1"), bytes(v).decode("latin-1")) for n, v in headers]
