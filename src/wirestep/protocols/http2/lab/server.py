"""A server of HTTP/2 (RFC 9113), on h2, for the lab's site; one for each connection.

Answers of all streams go out side by side, a frame of each in turn. A peer may send what it likes:
bodies are bounded together, streams by MAX_CONCURRENT_STREAMS, and what it breaks off by a count.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import h2.errors
import h2.events
import h2.exceptions
from h2.settings import SettingCodes

from wirestep.exchange.contract import (
    Chance,
    End,
    Ended,
    Failed,
    Input,
    Output,
    Panel,
    Received,
    Request,
    Say,
    Started,
    WakeAt,
    Woken,
)
from wirestep.exchange.options import Options, flag, whole
from wirestep.exchange.site import MOST_BODY, Answer, Site, problem
from wirestep.protocols.http2.drive.link import WINDOW, Broken, GoAway, Lane, Link, error_name
from wirestep.protocols.http2.drive.panels import panels

Header = tuple[str, str]
Codes = h2.errors.ErrorCodes

MOST_RESETS = 1000
"""Streams that a client may break off before it is told to calm down (CVE-2023-44487)."""
MOST_PUSHED = 100
"""Streams under way that nobody asked for."""

OPTIONS = {
    "streams": "SETTINGS_MAX_CONCURRENT_STREAMS (default 100)",
    "window": "SETTINGS_INITIAL_WINDOW_SIZE: bytes each stream may send us (default 65535)",
    "connection-window": "bytes all streams together may send us (default 65535)",
    "frame-size": "SETTINGS_MAX_FRAME_SIZE: largest frame we take (default 16384)",
    "table-size": "SETTINGS_HEADER_TABLE_SIZE (default 4096)",
    "push": "push what a page needs, where the client allows it (default yes)",
    "goaway": "send GOAWAY after so many requests, and finish those (default: never)",
    "refuse": "reset the first so many streams with REFUSED_STREAM (default 0)",
}


@dataclass(slots=True)
class Asking:
    """A request that is not answered yet."""

    lane: Lane
    headers: tuple[Header, ...]
    body: bytearray = field(default_factory=bytearray)

    def request(self) -> Request:
        """As the site understands it."""
        pseudo = dict(self.headers)
        fields = tuple(each for each in self.headers if not each[0].startswith(":"))
        host = (("host", pseudo[":authority"]),) if ":authority" in pseudo else ()
        target = pseudo.get(":path", "")
        return Request(pseudo.get(":method", ""), target, (*host, *fields), bytes(self.body))


@dataclass(order=True, slots=True)
class Due:
    """A part of an answer, at its time."""

    time: int
    order: int
    lane: Lane = field(compare=False)
    headers: tuple[Header, ...] = field(compare=False)
    """Of the head; () for a part of the body."""
    data: bytes = field(compare=False)
    end: bool = field(compare=False)


class Server:
    """One connection to the site. Raises ValueError over options that it cannot read."""

    def __init__(self, site: Site, chance: Chance | None, options: Options) -> None:
        del chance  # HTTP/2 needs none
        settings = {
            SettingCodes.HEADER_TABLE_SIZE: whole(options, "table-size", 4096),
            SettingCodes.MAX_CONCURRENT_STREAMS: whole(options, "streams", 100),
            SettingCodes.INITIAL_WINDOW_SIZE: whole(options, "window", WINDOW),
            SettingCodes.MAX_FRAME_SIZE: whole(options, "frame-size", 16_384),
        }
        window = whole(options, "connection-window", WINDOW)
        self._push = flag(options, "push", True)
        self._goaway = whole(options, "goaway", 0)
        self._refuse = whole(options, "refuse", 0)
        self._link = Link(client=False, settings=settings, window=window)
        self._site = site
        self._asking: dict[int, Asking] = {}
        self._due: list[Due] = []
        self._count = 0
        self._requests = 0
        self._last: int | None = None
        """The last stream that is looked at, once GOAWAY is sent."""
        self._resets = 0
        self._over = False

    def handle(self, event: Input, now: int) -> list[Output]:
        """Events of the way in, frames out."""
        if self._over:
            return []
        match event:
            case Started():
                self._link.start()
                return self._link.flush(now)
            case Received(data):
                return self._read(data, now)
            case Woken():
                return self._go_on(now)
            case Ended():
                return self._end(now)
            case Failed():
                self._over = True
        return []

    def panels(self) -> tuple[Panel, ...]:
        """The connection, then its streams."""
        return panels(self._link, "HTTP/2")

    def upgraded(self, settings: str, headers: tuple[Header, ...], now: int) -> list[Output]:
        """Begin with a request that came in HTTP/1.1 (RFC 7540 section 3.2), whole.

        `settings`: what HTTP2-Settings said. Raises ValueError where that makes no sense.
        """
        self._link.start(settings.encode("latin-1"))
        out = self._request(1, headers, now)
        if (asking := self._asking.pop(1, None)) is not None:
            asking.lane.machine.go("end received", now)
            self._respond(asking, self._site.respond(asking.request()), now)
        # The answer waits for the client's preface: some keep no room for much behind a 101.
        return [*out, *self._link.flush(now)]

    def _read(self, data: bytes, now: int) -> list[Output]:
        out: list[Output] = []
        try:
            for event in self._link.read(data):
                out += self._take(event, now)
        except Broken as broken:
            # h2 has a GOAWAY ready that says what was wrong.
            return [*out, Say(f"The client broke HTTP/2: {broken}."), *self._end(now)]
        if self._resets > MOST_RESETS:
            self._link.close(Codes.ENHANCE_YOUR_CALM)
            return [*out, Say("The client breaks off too many streams."), *self._end(now)]
        return [*out, *self._go_on(now)]

    def _take(self, event: h2.events.Event | GoAway, now: int) -> list[Output]:
        match event:
            case h2.events.RequestReceived(stream_id=stream, headers=headers):
                return self._request(stream, _texts(headers), now)
            case h2.events.DataReceived(stream_id=stream, flow_controlled_length=size):
                self._link.h2.acknowledge_received_data(size, stream)
                return self._more(event, now)
            case h2.events.StreamEnded(stream_id=stream):
                if (asking := self._asking.pop(stream, None)) is not None:
                    asking.lane.machine.go("end received", now)
                    self._respond(asking, self._site.respond(asking.request()), now)
            case h2.events.StreamReset(stream_id=stream, error_code=code):
                self._resets += 1
                return self._broken_off(stream, error_name(code), now)
            case GoAway(error=error):
                return [Say(f"GOAWAY from the client: {error}")]
        return []

    def _request(self, stream: int, headers: tuple[Header, ...], now: int) -> list[Output]:
        fields = dict(headers)
        label = f"{fields.get(':method', '')} {fields.get(':path', '')}"
        lane = self._link.lane(stream, label, "headers", now)
        if self._last is not None and stream > self._last:
            return []  # it was told that nobody looks at it
        if self._refuse:
            self._refuse -= 1
            self._link.reset(lane, Codes.REFUSED_STREAM, now)
            return [Say(f"{lane.label}: refused unread")]
        self._asking[stream] = Asking(lane, headers)
        self._requests += 1
        if self._requests == self._goaway:
            self._last = stream
            self._link.go_away()
            return [Say(f"GOAWAY: nothing after stream {stream} is looked at")]
        return []

    def _more(self, event: h2.events.DataReceived, now: int) -> list[Output]:
        asking = self._asking.get(event.stream_id)
        if asking is None:
            return []
        asking.body += event.data
        asking.lane.received += len(event.data)
        if sum(len(other.body) for other in self._asking.values()) > MOST_BODY:
            del self._asking[event.stream_id]
            self._respond(asking, problem(413, "More than is kept."), now)
        return []

    def _respond(self, asking: Asking, answer: Answer, now: int) -> None:
        """Plan the answer, and those to what it pushes."""
        lane = asking.lane
        remote = self._link.h2.remote_settings
        room = self._link.h2.open_outbound_streams < MOST_PUSHED
        if self._push and remote.enable_push and self._last is None and room:
            for path in answer.pushes:
                self._promise(lane, asking, path, now)
        time = now + answer.think
        head = ((":status", str(answer.status)), *answer.headers)
        self._plan(Due(time, 0, lane, head, b"", not answer.parts))
        for part in answer.parts:
            time += part.after
            self._plan(Due(time, 0, lane, (), part.data, part is answer.parts[-1]))

    def _promise(self, lane: Lane, asking: Asking, path: str, now: int) -> None:
        """Push one more path of the same site (RFC 9113 section 8.4)."""
        kept = (":scheme", ":authority", "accept-encoding")
        fields = [each for each in asking.headers if each[0] in kept]
        fields.sort(key=lambda each: not each[0].startswith(":"))
        headers = [(":method", "GET"), (":path", path), *fields]
        stream = self._link.h2.get_next_available_stream_id()
        try:
            self._link.h2.push_stream(lane.number, stream, headers)
        except h2.exceptions.ProtocolError:
            return  # the client takes no more at once, or broke the page off
        promised = self._link.lane(stream, f"GET {path}", "promised", now)
        own = Asking(promised, tuple(headers))
        answer = self._site.respond(own.request())
        self._respond(own, Answer(answer.status, answer.headers, answer.parts, answer.think), now)

    def _plan(self, due: Due) -> None:
        self._count += 1
        due.order = self._count
        heapq.heappush(self._due, due)

    def _broken_off(self, stream: int, code: str, now: int) -> list[Output]:
        self._asking.pop(stream, None)
        lane = self._link.lanes.get(stream)
        if lane is None or not lane.open:
            return []
        self._link.closed(lane, now)
        return [Say(f"{lane.label}: broken off by the client, {code}")]

    def _go_on(self, now: int) -> list[Output]:
        """Send what is due, as far as windows allow."""
        while self._due and self._due[0].time <= now:
            due = heapq.heappop(self._due)
            if not due.lane.open:
                continue
            if due.headers:
                self._link.h2.send_headers(due.lane.number, list(due.headers), end_stream=due.end)
                if due.lane.machine.state == "reserved":
                    due.lane.machine.go("headers", now)
                if due.end:
                    due.lane.machine.go("end sent", now)
            else:
                self._link.put(due.lane, due.data, end=due.end)
        out = self._link.flush(now)
        if self._due:
            return [*out, WakeAt(self._due[0].time, "answer")]
        served = not self._asking and not any(lane.open for lane in self._link.lanes.values())
        if self._last is not None and served:
            return [*out, *self._end(now)]
        return out

    def _end(self, now: int) -> list[Output]:
        self._over = True
        self._link.close()
        return [*self._link.flush(now), WakeAt(None), End()]


def _texts(headers: list[tuple[bytes, bytes]]) -> tuple[Header, ...]:
    return tuple((bytes(n).decode("latin-1"), bytes(v).decode("latin-1")) for n, v in headers)
