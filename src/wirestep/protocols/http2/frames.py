"""Frames: their header, and those that carry no message (RFC 9113 section 6)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

from wirestep.decode.contract import Reading, Where
from wirestep.decode.cursor import Bits, Cursor
from wirestep.model import Side

from .connection import Connection
from .names import (
    ACK,
    ALTSVC,
    CONTINUATION,
    DATA,
    ENABLE_PUSH,
    ERRORS,
    EXTENDED_CONNECT,
    GOAWAY,
    HEADERS,
    INITIAL_WINDOW_SIZE,
    MAX_FRAME_SIZE,
    ORIGIN,
    PING,
    PRIORITY,
    PRIORITY_UPDATE,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    SETTINGS_NAMES,
    TYPES,
    WINDOW_UPDATE,
)
from .streams import CLOSED, IDLE, UNKNOWN

_REST = "http2.flags.reserved"
_PADDED, _EH = Bits("http2.flags.padded", 1), Bits("http2.flags.eh", 1)
_END = Bits("http2.flags.end_stream", 1)
FLAGS: dict[int, tuple[Bits, ...]] = {
    DATA: (Bits(_REST, 4), _PADDED, Bits(_REST, 2), _END),
    HEADERS: (
        Bits(_REST, 2),
        Bits("http2.flags.priority", 1),
        Bits(_REST, 1),
        _PADDED,
        _EH,
        Bits(_REST, 1),
        _END,
    ),
    SETTINGS: (Bits("http2.flags.unused_settings", 7), Bits("http2.flags.ack.settings", 1)),
    PUSH_PROMISE: (Bits(_REST, 4), _PADDED, _EH, Bits(_REST, 2)),
    PING: (Bits("http2.flags.unused_ping", 7), Bits("http2.flags.ack.ping", 1)),
    CONTINUATION: (Bits(_REST, 5), _EH, Bits(_REST, 2)),
}
NO_FLAGS = (Bits("http2.flags.unused", 8),)
ON_CONNECTION = frozenset((SETTINGS, PING, GOAWAY, ORIGIN, PRIORITY_UPDATE))
ON_STREAM = frozenset((DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE, CONTINUATION))
LARGEST_WINDOW = (1 << 31) - 1
SETTING_FIELDS = {
    1: "header_table_size",
    2: "enable_push",
    3: "max_concurrent_streams",
    4: "initial_window_size",
    5: "max_frame_size",
    6: "max_header_list_size",
    8: "extended_connect",
    9: "no_rfc7540_priorities",
}
BOUNDS = {
    ENABLE_PUSH: (0, 1),
    INITIAL_WINDOW_SIZE: (0, LARGEST_WINDOW),
    MAX_FRAME_SIZE: (1 << 14, (1 << 24) - 1),
    EXTENDED_CONNECT: (0, 1),
}
"""What settings may be (RFC 9113 section 6.5.2)."""


_HEAD = struct.Struct("!HBBBL")
HEAD = ("http2.length", "http2.r", "http2.streamid")


class Frame(NamedTuple):
    """A frame's header, and where it was met."""

    length: int
    kind: int
    flags: int
    stream: int
    side: Side
    where: Where

    def has(self, flag: int) -> bool:
        """Whether the flag is set."""
        return bool(self.flags & flag)

    @property
    def name(self) -> str:
        """The type's name."""
        return TYPES.get(self.kind, f"Unknown type {self.kind:#x}")

    @property
    def title(self) -> str:
        """As Wireshark's Info column has it."""
        return f"{self.name}[{self.stream}]"


def read_frame(cursor: Cursor, where: Where) -> Frame:
    """The nine bytes in front (RFC 9113 section 4.1)."""
    low, high, kind, flags, stream = _HEAD.unpack(cursor.peek(9))
    stream &= LARGEST_WINDOW
    frame = Frame(low << 8 | high, kind, flags, stream, where.side, where)
    if not cursor.wants_any(HEAD) and not cursor.wants_under("http2.flags"):
        cursor.skip(3)  # most often nothing but the type is asked for
        cursor.uint("http2.type", 1)
        cursor.skip(5)
        return frame
    cursor.uint("http2.length", 3)
    cursor.uint("http2.type", 1)
    cursor.bits(1, Bits("http2.flags", 8, FLAGS.get(frame.kind, NO_FLAGS)))
    cursor.bits(4, Bits("http2.r", 1), Bits("http2.streamid", 31))
    return frame


def judge(cursor: Cursor, frame: Frame, connection: Connection) -> None:
    """Notes on what the header may not say."""
    if frame.stream:
        if frame.kind in ON_CONNECTION:
            cursor.note("broken", f"{frame.name} belongs to the connection, not to a stream")
    elif frame.kind in ON_STREAM:
        cursor.note("broken", f"{frame.name} belongs to a stream, not to the connection")
    most = connection.halves[frame.side.other].settings[MAX_FRAME_SIZE]
    if connection.known and frame.length > most:
        cursor.note("broken", f"a frame of over {most} bytes (FRAME_SIZE_ERROR, section 4.2)")
    missing = frame.length - (cursor.stop - cursor.at)
    if missing > 0:
        cursor.note("broken", f"{missing} bytes of the frame are missing")


def sized(cursor: Cursor, size: int) -> bool:
    """Whether `size` bytes are there; says so where not."""
    if cursor.left() >= size:
        return True
    cursor.note("broken", f"shorter than the {size} bytes it must have (FRAME_SIZE_ERROR)")
    return False


def priority(cursor: Cursor) -> None:
    """What a stream depends on; deprecated (RFC 9113 section 5.3.2)."""
    cursor.bits(4, Bits("http2.exclusive", 1), Bits("http2.stream_dependency", 31))
    weight = cursor.uint("http2.headers.weight", 1)
    cursor.worked("http2.headers.weight_real", weight + 1)


def read_priority(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9113 section 6.3."""
    if sized(cursor, 5):
        priority(cursor)
    return Reading(frame.title, brief=f"PRIORITY [{frame.stream}]")


def read_reset(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9113 section 6.4."""
    if not sized(cursor, 4):
        return Reading(frame.title)
    error = cursor.uint("http2.rst_stream.error", 4)
    name = ERRORS.get(error, f"{error:#x}")
    if error:
        cursor.note("odd", f"the stream is given up: {name}")
    stream = connection.stream(frame.stream)
    if stream.state == IDLE and connection.known:
        cursor.note("broken", "RST_STREAM on an idle stream (section 6.4)")
    elif stream.state != IDLE:
        cursor.worked("http2.stream_state", CLOSED)
        stream.state = CLOSED
        connection.keep(frame.stream, stream)
    return Reading(frame.title, brief=f"RST_STREAM [{frame.stream}] {name}")


def read_settings(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9113 section 6.5."""
    half, other = connection.halves[frame.side], connection.halves[frame.side.other]
    if frame.has(ACK):
        if cursor.left():
            cursor.note("broken", "an acknowledgement with settings (FRAME_SIZE_ERROR)")
        other.acknowledged()
        key = ("settings", frame.side.other, other.acked)
        return Reading(frame.title, answers=key, brief="SETTINGS ACK")
    said = {}
    while cursor.left() >= 6:
        with cursor.group("http2.settings") as group:
            number = cursor.uint("http2.settings.id", 2)
            field = SETTING_FIELDS.get(number, "unknown")
            value = said[number] = cursor.uint(f"http2.settings.{field}", 4)
            group.shown = f"{SETTINGS_NAMES.get(number, f'Setting {number:#x}')}: {value}"
            low, high = BOUNDS.get(number, (0, 1 << 32))
            if not low <= value <= high:
                cursor.note("broken", f"not within {low} and {high} (section 6.5.2)")
    if cursor.left():
        cursor.note("broken", "a length that is no multiple of six (FRAME_SIZE_ERROR)")
    half.announce(said)
    return Reading(frame.title, asks=("settings", frame.side, half.asked), brief="SETTINGS")


def read_ping(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9113 section 6.7."""
    if not sized(cursor, 8):
        return Reading(frame.title)
    if frame.has(ACK):
        data = cursor.take("http2.pong", 8)
        return Reading(frame.title, answers=("ping", frame.side.other, data), brief="PING ACK")
    data = cursor.take("http2.ping", 8)
    return Reading(frame.title, asks=("ping", frame.side, data), brief="PING")


def read_goaway(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9113 section 6.8."""
    if not sized(cursor, 8):
        return Reading(frame.title)
    cursor.bits(4, Bits("http2.goway.r", 1), Bits("http2.goaway.last_stream_id", 31))
    error = cursor.uint("http2.goaway.error", 4)
    cursor.rest("http2.goaway.addata")
    name = ERRORS.get(error, f"{error:#x}")
    if error:
        cursor.note("odd", f"the connection is given up: {name}")
    return Reading(frame.title, brief=f"GOAWAY {name}")


def read_window_update(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9113 section 6.9."""
    if not sized(cursor, 4):
        return Reading(frame.title)
    more = cursor.bits(
        4, Bits("http2.window_update.r", 1), Bits("http2.window_update.window_size_increment", 31)
    )[1]
    if not more:
        cursor.note("broken", "a window that does not grow (section 6.9)")
    sender = frame.side.other
    window = 0
    if not frame.stream:
        half = connection.halves[sender]
        window = half.window = half.window + more
        if connection.known:
            cursor.worked("http2.window.connection", window)
    else:
        stream = connection.stream(frame.stream)
        if stream.state not in (IDLE, CLOSED, UNKNOWN):
            stream.credit[sender] += more
            window = connection.left(sender, stream)
            if connection.known:
                cursor.worked("http2.window.stream", window)
        elif stream.state == IDLE and connection.known:
            cursor.note("broken", "WINDOW_UPDATE on an idle stream (section 5.1)")
    if connection.known and window > LARGEST_WINDOW:
        cursor.note("broken", "a window of over 2^31-1 (FLOW_CONTROL_ERROR, section 6.9.1)")
    return Reading(frame.title, brief=f"WINDOW_UPDATE [{frame.stream}] +{more}")


def read_altsvc(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 7838 section 4."""
    if sized(cursor, 2):
        size = cursor.uint("http2.altsvc.origin.len", 2)
        if size > cursor.left():
            cursor.note("broken", "an origin longer than the frame")
        cursor.text("http2.altsvc.origin", min(size, cursor.left()))
        cursor.text("http2.altsvc.field_value", cursor.left())
    return Reading(frame.title, brief="ALTSVC")


def read_origin(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 8336 section 2.1."""
    while cursor.left() >= 2:
        with cursor.group("http2.origin"):
            size = cursor.uint("http2.origin.origin_len", 2)
            if size > cursor.left():
                cursor.note("broken", "an origin longer than the frame")
            cursor.text("http2.origin.origin", min(size, cursor.left()))
    return Reading(frame.title, brief="ORIGIN")


def read_priority_update(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9218 section 7.1."""
    if not sized(cursor, 4):
        return Reading(frame.title)
    stream = cursor.bits(
        4, Bits("http2.priority_update.r", 1), Bits("http2.priority_update_stream_id", 31)
    )[1]
    cursor.text("http2.priority_update_field_value", cursor.left())
    return Reading(frame.title, brief=f"PRIORITY_UPDATE [{stream}]")


READERS: dict[int, Callable[[Cursor, Frame, Connection], Reading]] = {
    PRIORITY: read_priority,
    RST_STREAM: read_reset,
    SETTINGS: read_settings,
    PING: read_ping,
    GOAWAY: read_goaway,
    WINDOW_UPDATE: read_window_update,
    ALTSVC: read_altsvc,
    ORIGIN: read_origin,
    PRIORITY_UPDATE: read_priority_update,
}
