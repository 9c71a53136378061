"""One end of an HTTP/2 connection: h2, what waits for its windows, and what may be seen of it.

h2 is given one frame at a time, so that an answer does not depend on where TCP cut, and what came
before a broken frame is not lost. It can do nothing after a GOAWAY, though streams may go on then
(RFC 9113 section 6.8): GOAWAY frames are read here, and the gentle ones are written here.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
from hyperframe.exceptions import HyperframeError

from wirestep.exchange.contract import Output, Send
from wirestep.exchange.machine import Machine
from wirestep.model import safe
from wirestep.protocols.http2.names import ERRORS, GOAWAY

Codes = h2.settings.SettingCodes
Event = h2.events.Event

PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
HEAD = 9
"""Bytes in front of each frame (RFC 9113 section 4.1)."""
WINDOW = 65_535
"""Bytes of a window that nobody changed (RFC 9113 section 6.9.2)."""
MOST_LANES = 200
"""Streams that are remembered; those that are over are forgotten first."""

STATES = ("idle", "open", "half-closed", "closed")
TABLE = {
    ("idle", "headers"): "open",
    ("idle", "promised"): "reserved",
    ("reserved", "headers"): "half-closed",
    ("open", "end sent"): "half-closed (local)",
    ("open", "end received"): "half-closed (remote)",
    ("half-closed", "end sent"): "closed",
    ("half-closed", "end received"): "closed",
    ("half-closed (local)", "end received"): "closed",
    ("half-closed (remote)", "end sent"): "closed",
    ("reserved", "reset"): "closed",
    ("open", "reset"): "closed",
    ("half-closed", "reset"): "closed",
    ("half-closed (local)", "reset"): "closed",
    ("half-closed (remote)", "reset"): "closed",
}
"""RFC 9113 section 5.1; a pushed stream is "half-closed" for the one who promised it, too."""


class Broken(Exception):
    """The other party broke the rules; the argument is a sentence."""


@dataclass(frozen=True, slots=True)
class GoAway:
    """The other party takes no more streams (RFC 9113 section 6.8)."""

    last: int
    error: str
    """Its code by name."""
    text: str


@dataclass(slots=True)
class Lane:
    """One stream."""

    number: int
    label: str
    """What it is for: "GET /"."""
    machine: Machine
    waiting: deque[memoryview] = field(default_factory=deque)
    """Of the body, what is not sent yet."""
    ending: bool = False
    """True when nothing will be added to `waiting`."""
    sent: int = 0
    received: int = 0

    @property
    def open(self) -> bool:
        """True until both sides are done with it."""
        return self.machine.state != "closed"


class Link:
    """`settings`: ours, told at once. `window`: of the connection, bytes; less than WINDOW is not
    possible (RFC 9113 section 6.9.2)."""

    def __init__(self, *, client: bool, settings: dict[Codes, int], window: int = WINDOW) -> None:
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=client))
        self.lanes: dict[int, Lane] = {}
        self.gone: GoAway | None = None
        self._over = False
        """True once h2 sends nothing any more but what it has ready."""
        self._settings = settings
        self._window = window
        self._rest = b""
        self._at = 0
        """Where in `_rest` the next frame begins."""
        self._preface = 0 if client else PREFACE
        self._own = bytearray()

    # Beginning and end

    def start(self, upgrade: bytes | None = None) -> bytes:
        """The preface and our settings, ready to be sent.

        `upgrade`: stream 1 began in HTTP/1.1 (RFC 7540 section 3.2); a server gives what
        HTTP2-Settings said (base64), a client b"", and gets what to say there. Raises ValueError
        over settings that are none.

        Those that are stricter than what the other party must assume hold once it has
        acknowledged them (RFC 9113 section 6.5.3), so they come in a second frame.
        """
        strict: dict[Codes | int, int] = {}
        loose = {Codes(code): value for code, value in self.h2.local_settings.items()}
        for code, value in self._settings.items():
            if self.h2.config.client_side or value >= loose.get(code, 0):
                loose[code] = value
            else:
                strict[code] = value
        side = self.h2.config.client_side
        self.h2.local_settings = h2.settings.Settings(client=side, initial_values=loose)
        self.h2.max_inbound_frame_size = self.h2.local_settings.max_frame_size
        said = b""
        if upgrade is None:
            self.h2.initiate_connection()
        else:
            try:
                padded = upgrade + b"=" * (-len(upgrade) % 4)
                said = self.h2.initiate_upgrade_connection(padded) or b""
            except (h2.exceptions.ProtocolError, HyperframeError, ValueError) as error:
                raise ValueError(f"HTTP2-Settings: {safe(str(error))}") from error
        if strict:
            self.h2.update_settings(strict)
        if self._window > WINDOW:
            self.h2.increment_flow_control_window(self._window - WINDOW)
        return said.rstrip(b"=")

    def go_away(self) -> None:
        """Take no more streams, but finish those that are under way (RFC 9113 section 6.8)."""
        body = struct.pack("!LL", self.h2.highest_inbound_stream_id, 0)
        self._own += len(body).to_bytes(3, "big") + bytes((GOAWAY, 0)) + bytes(4) + body

    def close(self, code: h2.errors.ErrorCodes = h2.errors.ErrorCodes.NO_ERROR) -> None:
        """Nothing more is wanted: a GOAWAY, after which nothing is sent."""
        if not self._over:
            self._over = True
            self.h2.close_connection(code)

    # What comes

    def read(self, data: bytes) -> Iterator[Event | GoAway]:
        """What the bytes mean, frame by frame; raises Broken. GOAWAY may be sent thereafter."""
        self._rest, self._at = self._rest[self._at :] + data, 0
        while (frame := self._frame()) is not None:
            if self._is_goaway(frame):
                last, code = struct.unpack_from("!LL", frame, HEAD)
                text = safe(frame[HEAD + 8 :].decode("utf-8", "replace")[:200])
                self.gone = GoAway(last & 0x7FFFFFFF, error_name(code), text)
                yield self.gone
                continue
            try:
                yield from self.h2.receive_data(frame)
            except h2.exceptions.ProtocolError as error:
                self._rest, self._at, self._over = b"", 0, True
                raise Broken(safe(str(error)) or type(error).__name__) from error

    def _frame(self) -> bytes | None:
        """The next whole frame; raises Broken at once where it is too large to be taken."""
        if self._preface:
            piece = self._take(self._preface)
            self._preface -= len(piece)
            return piece or None
        if len(self._rest) - self._at < HEAD:
            return None
        size = int.from_bytes(self._rest[self._at : self._at + 3], "big")
        if size > self.h2.max_inbound_frame_size:
            raise self._too_large(size)
        if len(self._rest) - self._at < HEAD + size:
            return None
        return self._take(HEAD + size)

    def _take(self, size: int) -> bytes:
        piece = self._rest[self._at : self._at + size]
        self._at += len(piece)
        return piece

    def _too_large(self, size: int) -> Broken:
        first = self._rest[self._at :].partition(b"\r\n")[0][:60]
        self._rest, self._at = b"", 0
        self.close(h2.errors.ErrorCodes.FRAME_SIZE_ERROR)
        if first.startswith(b"HTTP/"):
            return Broken(f"it speaks HTTP/1.1 ({safe(first.decode('latin-1'))})")
        return Broken(
            f"a frame of {size:,} bytes, where {self.h2.max_inbound_frame_size:,} are taken"
        )

    @staticmethod
    def _is_goaway(frame: bytes) -> bool:
        """True for one that is as it should be; h2 says what is wrong with others."""
        return len(frame) >= HEAD + 8 and frame[3] == GOAWAY and not any(frame[5:9])

    # What goes

    def lane(self, number: int, label: str, event: str, now: int) -> Lane:
        """A new stream."""
        if len(self.lanes) >= MOST_LANES:
            self.lanes = {n: lane for n, lane in self.lanes.items() if lane.open}
        made = Lane(number, safe(label[:80]), Machine(TABLE, "idle", now))
        made.machine.go(event, now)
        self.lanes[number] = made
        return made

    def put(self, lane: Lane, data: bytes, *, end: bool) -> None:
        """Send `data` as the windows allow it."""
        if data:
            lane.waiting.append(memoryview(data))
        lane.ending = lane.ending or end

    def flush(self, now: int) -> list[Output]:
        """All that may go now: a frame of each stream in turn, as long as windows allow."""
        busy = [lane for lane in self.lanes.values() if lane.waiting or lane.ending]
        while busy and not self._over:
            busy = [lane for lane in busy if self._move(lane, now)]
        data = self.h2.data_to_send() + bytes(self._own)
        self._own.clear()
        return [Send(data)] if data else []

    def _move(self, lane: Lane, now: int) -> bool:
        """Send one DATA frame of a stream; False where nothing more can go."""
        if lane.machine.state in ("idle", "reserved", "half-closed (local)", "closed"):
            return False
        room = self.h2.local_flow_control_window(lane.number)
        size = min(room, self.h2.max_outbound_frame_size)
        piece: memoryview | bytes = b""
        if lane.waiting:
            if size <= 0:
                return False
            first = lane.waiting.popleft()
            piece = first[:size]
            if len(first) > size:
                lane.waiting.appendleft(first[size:])
        last = lane.ending and not lane.waiting
        self.h2.send_data(lane.number, bytes(piece), end_stream=last)
        lane.sent += len(piece)
        if last:
            lane.ending = False
            lane.machine.go("end sent", now)
        return bool(lane.waiting)

    def reset(self, lane: Lane, code: h2.errors.ErrorCodes, now: int) -> None:
        """Break one stream off."""
        if lane.open and not self._over:
            self.h2.reset_stream(lane.number, code)
            self.closed(lane, now)

    def closed(self, lane: Lane, now: int) -> None:
        """A stream was broken off."""
        lane.waiting.clear()
        lane.ending = False
        lane.machine.go("reset", now)


def error_name(code: int) -> str:
    """An error code by its name (RFC 9113 section 7)."""
    return ERRORS.get(int(code), f"error {int(code):#x}")
