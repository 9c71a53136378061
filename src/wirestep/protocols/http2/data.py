"""DATA frames: pieces of bodies, counted against windows, or of what is tunnelled through."""

from __future__ import annotations

from wirestep.decode.contract import Payload, Reading
from wirestep.decode.cursor import Cursor
from wirestep.model import Source

from .connection import MAX_BODY, MAX_KEPT, Connection
from .frames import Frame
from .messages import finished, padded, padding
from .names import END_STREAM
from .streams import CLOSED, IDLE, UNKNOWN, Stream

TUNNELLED = {"websocket": "websocket"}
"""What an extended CONNECT asks for, and who reads it (RFC 8441)."""


def read_data(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9113 section 6.1."""
    number, side = frame.stream, frame.side
    size = padded(cursor, frame)
    count = cursor.left() - size
    at = cursor.at
    data = cursor.take("http2.data.data", count)
    padding(cursor, "http2.data.padding", size)
    stream = connection.stream(number)
    if not stream.sends(side):
        cursor.note("odd", f"DATA on a stream that is {stream.state} (section 5.1)")
    if stream.state == IDLE and not connection.known:
        stream.state = UNKNOWN
        connection.opened(number)
    _spend(cursor, frame, connection, stream)
    brief = f"DATA [{number}] {count} B"
    reading = Reading(frame.title, brief=brief)
    if stream.state in (IDLE, CLOSED):
        return reading
    body = stream.bodies[side]
    if stream.accepted:
        reading.payloads = (_tunnelled(cursor, frame, stream, at, count),)
        body.dropped = True
    if connection.grow(body, data):
        most = f"{MAX_BODY >> 20} MiB, or {MAX_KEPT >> 20} of a connection"
        cursor.note("info", f"the body is not put together: only {most} are kept")
    if frame.has(END_STREAM):
        payloads = finished(cursor, frame, connection, stream)
        reading.payloads = (*reading.payloads, *payloads)
    if stream.state:
        cursor.worked("http2.stream_state", stream.state)
    connection.keep(number, stream)
    return reading


def _spend(cursor: Cursor, frame: Frame, connection: Connection, stream: Stream) -> None:
    """The frame counts against two windows, padding and all (RFC 9113 section 6.9.1)."""
    half = connection.halves[frame.side]
    half.window -= frame.length
    stream.credit[frame.side] -= frame.length
    if not connection.known:
        return
    cursor.worked("http2.window.connection", half.window)
    left = connection.left(frame.side, stream)
    if stream.state not in (IDLE, CLOSED, UNKNOWN):
        cursor.worked("http2.window.stream", left)
    # without them in an upgrade, settings are unknown until the client says them
    receiver = connection.halves[frame.side.other]
    granted = receiver.begun or receiver.told
    if frame.length and granted and (half.window < 0 or left < 0):
        cursor.note("broken", "more than the window lets it send (FLOW_CONTROL_ERROR)")
    elif frame.length and granted and not frame.has(END_STREAM) and 0 in (half.window, left):
        whose = "connection" if half.window == 0 else "stream"
        cursor.note("odd", f"the window of the {whose} is used up: the rest of the body must wait")


def _tunnelled(cursor: Cursor, frame: Frame, stream: Stream, at: int, count: int) -> Payload:
    """A piece of a stream of bytes that this stream carries (RFC 9113 section 8.5)."""
    source = cursor.source
    piece = Source(
        f"DATA of stream {frame.stream}",
        source.data[at : at + count],
        source.locate(at, at + count),
        source.made_from,
    )
    return Payload(
        piece,
        0,
        count,
        TUNNELLED.get(stream.protocol),
        flow=("tunnel", frame.stream),
        offset=stream.bodies[frame.side].size,
        side=frame.side,
        last=frame.has(END_STREAM),
    )
