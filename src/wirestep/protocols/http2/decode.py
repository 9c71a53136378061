"""HTTP/2: one frame is one unit; headers are read in the frame in which they end (RFC 9113)."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import iter_unpack
from typing import Self

from wirestep.decode.contract import Reading, Where
from wirestep.decode.cursor import Cursor
from wirestep.model import Side

from .claims import HEADER, PREFACE
from .connection import Connection
from .data import read_data
from .frames import READERS, judge, read_frame
from .messages import interrupted, read_continuation, read_headers, read_push
from .names import ACK, CONTINUATION, DATA, HEADERS, PUSH_PROMISE, SETTINGS

MESSAGES = {
    DATA: read_data,
    HEADERS: read_headers,
    PUSH_PROMISE: read_push,
    CONTINUATION: read_continuation,
}


@dataclass
class Http2Decoder:
    """Both directions of a connection."""

    connection: Connection = field(default_factory=Connection)

    def copy(self) -> Self:
        """A checkpoint."""
        return type(self)(self.connection.copy())

    def begin(self, ahead: bytes) -> None:
        """What the client said of its settings as it asked for the upgrade holds at once."""
        half = self.connection.halves[Side.CLIENT]
        half.settings.update(iter_unpack("!HL", ahead[: len(ahead) // 6 * 6]))
        half.told = True

    def lost(self, side: Side) -> None:
        """Frames are missing: what they said of headers, windows and bodies is not known."""
        self.connection.lost(side)

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The length is in the first three bytes; only the preface is no frame."""
        if data[0] == PREFACE[0] and PREFACE.startswith(bytes(data[: len(PREFACE)])):
            return len(PREFACE)
        if len(data) < HEADER:
            return HEADER
        return HEADER + int.from_bytes(data[:3], "big")

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One frame, or the preface."""
        half = self.connection.halves[where.side]
        front = b""
        if cursor.left() and cursor.data[cursor.at] == PREFACE[0]:
            front = cursor.data[cursor.at : min(cursor.stop, cursor.at + len(PREFACE))]
        if front and PREFACE.startswith(front):
            half.begun = True
            cursor.text("http2.magic", len(front))
            return Reading("Magic", brief="preface")
        if cursor.left() < HEADER:
            size = len(cursor.rest("http2.unknown"))
            cursor.note("broken", "the stream ends inside a frame's header")
            return Reading(f"{size} bytes of a frame's header", marks=("broken",))
        frame = read_frame(cursor, where)
        if not half.begun:
            half.begun = True
            if where.side is Side.CLIENT or frame.kind != SETTINGS or frame.has(ACK):
                self.connection.joined(where.side)
                cursor.note("info", "nobody saw this connection begin: older headers are unknown")
        judge(cursor, frame, self.connection)
        interrupted(cursor, frame, self.connection)
        reader = MESSAGES.get(frame.kind) or READERS.get(frame.kind)
        if reader is None:
            cursor.rest("http2.unknown")
            return Reading(frame.title, brief=f"{frame.name} [{frame.stream}]")
        reading = reader(cursor, frame, self.connection)
        if cursor.left():
            cursor.rest("http2.unknown")
            cursor.note("broken", "bytes behind the frame's fields (FRAME_SIZE_ERROR)")
        return reading
