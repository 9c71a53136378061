"""HTTP/3 by aioquic (RFC 9114), and what it leaves out: GOAWAY, HEAD. Private names are here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from aioquic.buffer import UINT_VAR_MAX, encode_uint_var
from aioquic.h3.connection import (
    ErrorCode,
    FrameType,
    H3Connection,
    H3Stream,
    Setting,
    encode_frame,
)
from aioquic.h3.events import H3Event
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import QuicEvent, StreamDataReceived

from wirestep.exchange.contract import Fact, Panel
from wirestep.exchange.machine import Machine, Table
from wirestep.model import safe

MOST_STREAMS = 8
"""Streams that get a panel of their own: those that are open first, then the newest."""
LONG = 64
"""Bytes of a control frame that is not waited for."""
MOST_KEPT = 64
"""Streams that are remembered when they are over."""
STATES = ("idle", "open", "half-closed", "closed")
TABLE: Table = {
    ("idle", "request"): "open",
    ("open", "sent all"): "half-closed",
    ("open", "heard all"): "half-closed",
    ("half-closed", "sent all"): "closed",
    ("half-closed", "heard all"): "closed",
    ("open", "reset"): "closed",
    ("half-closed", "reset"): "closed",
}
"""One request stream, as in RFC 9000 section 3.4."""


@dataclass
class Lane:
    """What is watched of one request stream."""

    number: int
    label: str
    machine: Machine
    sent: int = 0
    """Bytes of content."""
    received: int = 0
    status: str = ""
    ends: set[str] = field(default_factory=set)

    def go(self, event: str, now: int) -> None:
        """An event of TABLE; each end ends once."""
        if event not in self.ends:
            self.ends.add(event)
            self.machine.go(event, now)

    @property
    def open(self) -> bool:
        return self.machine.state != "closed"

    def panel(self) -> Panel:
        facts = [Fact("for", self.label)]
        if self.status:
            facts.append(Fact("status", self.status))
        facts.append(Fact("sent", f"{self.sent:,} bytes"))
        facts.append(Fact("received", f"{self.received:,} bytes"))
        return self.machine.panel(f"HTTP/3 stream {self.number}", STATES, facts)


class Control:
    """The peer's control stream, of which aioquic passes GOAWAY over."""

    def __init__(self) -> None:
        self._waiting = b""
        self._started = False
        self._passing = 0

    def frames(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """(type, payload) of the short frames that are whole now; others are passed over."""
        self._waiting += data
        while True:
            passed = min(self._passing, len(self._waiting))
            self._waiting, self._passing = self._waiting[passed:], self._passing - passed
            kind = varint(self._waiting, 0)
            if kind is None or self._passing:
                return
            if not self._started:  # the type of the stream
                self._started, self._waiting = True, self._waiting[kind[1] :]
                continue
            size = varint(self._waiting, kind[1])
            if size is None:
                return
            start, stop = size[1], size[1] + size[0]
            if size[0] > LONG:
                self._waiting, self._passing = self._waiting[start:], size[0]
            elif len(self._waiting) < stop:
                return
            else:
                yield kind[0], self._waiting[start:stop]
                self._waiting = self._waiting[stop:]


def varint(data: bytes, at: int) -> tuple[int, int] | None:
    """(value, its end) of the number at `at` (RFC 9000 section 16); None where it is cut."""
    size = 1 << (data[at] >> 6) if at < len(data) else 9
    if at + size > len(data):
        return None
    return int.from_bytes(data[at : at + size], "big") & (1 << 8 * size - 2) - 1, at + size


class Link(H3Connection):
    """One connection, with its streams as they are watched."""

    def __init__(self, quic: QuicConnection) -> None:
        self.goaway: int | None = None
        """What the peer's GOAWAY said."""
        self._control = Control()
        super().__init__(quic)
        self.quic = quic
        self.lanes: dict[int, Lane] = {}
        self.heads: set[int] = set()
        """Streams of HEAD requests, whose answers announce a length that does not come."""

    def read(self, event: QuicEvent) -> list[H3Event]:
        """What an event of QUIC means."""
        found = self.handle_event(event)
        if (
            isinstance(event, StreamDataReceived)
            and event.stream_id == self._peer_control_stream_id
        ):
            for kind, payload in self._control.frames(event.data):
                if kind == FrameType.GOAWAY and (said := varint(payload, 0)):
                    self.goaway = said[0]
        return found

    def lane(self, number: int, label: str, now: int) -> Lane:
        """A request begins on this stream."""
        lane = self.lanes[number] = Lane(number, safe(label), Machine(TABLE, "idle", now))
        lane.go("request", now)
        over = [one for one in self.lanes.values() if not one.open]
        for one in over[: max(0, len(self.lanes) - MOST_KEPT)]:
            del self.lanes[one.number]
        return lane

    def say_goaway(self, number: int) -> None:
        """Nothing from this stream on will be looked at (RFC 9114 section 5.2)."""
        assert self._local_control_stream_id is not None
        frame = encode_frame(FrameType.GOAWAY, encode_uint_var(min(number, UINT_VAR_MAX)))
        self.quic.send_stream_data(self._local_control_stream_id, frame)

    def break_off(self, number: int, code: int) -> None:
        """Neither send nor hear more on a stream."""
        self.quic.reset_stream(number, code)
        if number in self.quic._streams:
            self.quic.stop_stream(number, code)

    def _check_content_length(self, stream: H3Stream) -> None:
        if stream.stream_id not in self.heads:
            super()._check_content_length(stream)

    @property
    def takes_pushes(self) -> bool:
        """Whether the client allows another push (MAX_PUSH_ID)."""
        return self._max_push_id is not None and self._next_push_id <= self._max_push_id

    def panels(self) -> tuple[Panel, ...]:
        """The connection, then its streams."""
        still = [lane for lane in self.lanes.values() if lane.open]
        facts = [
            Fact("streams", f"{len(still)} open of {len(self.lanes)}"),
            Fact("our settings", _settings(self.sent_settings)),
            Fact("their settings", _settings(self.received_settings)),
            Fact("encoder stream", _flow(self._encoder_bytes_sent, self._encoder_bytes_received)),
            Fact("decoder stream", _flow(self._decoder_bytes_sent, self._decoder_bytes_received)),
        ]
        if self.goaway is not None:
            facts.append(Fact("GOAWAY", f"nothing from stream {self.goaway} on"))
        over = [lane for lane in self.lanes.values() if not lane.open]
        spare = max(0, MOST_STREAMS - len(still))
        shown = [*still[:MOST_STREAMS], *(over[-spare:] if spare else ())]
        shown.sort(key=lambda lane: lane.number)
        return (Panel("HTTP/3", facts=tuple(facts)), *(lane.panel() for lane in shown))


def _flow(sent: int, received: int) -> str:
    return f"{sent:,} bytes sent, {received:,} received"


def _settings(values: dict[int, int] | None) -> str:
    if values is None:
        return "not heard yet"
    return ", ".join(f"{_setting(code)} {value:,}" for code, value in values.items())


def _setting(code: int) -> str:
    try:
        return "reserved" if code == Setting.DUMMY else Setting(code).name
    except ValueError:
        return f"setting {code:#x}"


def error_name(code: int) -> str:
    """What a code is called (RFC 9114 section 8.1, RFC 9204 section 6)."""
    try:
        return ErrorCode(code).name
    except ValueError:
        return f"{code:#x}"
