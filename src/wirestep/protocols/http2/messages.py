"""Frames that carry messages: header blocks, and what a block says."""

from __future__ import annotations

from http import HTTPStatus

from wirestep.decode.contract import Payload, Reading
from wirestep.decode.cursor import Bits, Cursor
from wirestep.decode.replay import judge_early

from .blocks import Block, fragment
from .bodies import expected, finish
from .connection import Connection
from .frames import Frame, priority, sized
from .names import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HAS_PRIORITY,
    HEADER_TABLE_SIZE,
    PADDED,
)
from .rules import judge_headers, judge_request
from .streams import END, HEADERS, IDLE, PUSH, UNKNOWN, UPGRADE, Body, Stream

ASKED = (":method", ":scheme", ":authority", ":path")
"""What a request says first (RFC 9113 section 8.3.1)."""
ANSWERED = ":status"
_PHRASES = {str(status.value): status.phrase for status in HTTPStatus}


def padded(cursor: Cursor, frame: Frame) -> int:
    """The length of the padding, if there is any; bytes of padding at the end."""
    if not frame.has(PADDED) or not sized(cursor, 1):
        cursor.worked("http2.pad_length", 0)
        return 0
    size = cursor.uint("http2.padding", 1)
    cursor.worked("http2.pad_length", size)
    if size > cursor.left():
        cursor.note("broken", "more padding than the frame is long (section 6.1)")
        return 0
    return size


def padding(cursor: Cursor, name: str, size: int) -> None:
    """Bytes that say nothing."""
    if size and any(cursor.take(name, size)):
        cursor.note("odd", "padding that is not zero (RFC 9113 section 6.1)")


def read_headers(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9113 section 6.2."""
    size = padded(cursor, frame)
    if frame.has(HAS_PRIORITY) and sized(cursor, 5 + size):
        priority(cursor)
    half = connection.halves[frame.side]
    half.block = Block(frame.stream, ends=frame.has(END_STREAM))
    reading, payloads = _block(cursor, frame, connection, "http2.headers", size)
    padding(cursor, "http2.headers.padding", size)
    reading.payloads = payloads
    return reading


def read_push(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9113 section 6.6."""
    size = padded(cursor, frame)
    if not sized(cursor, 4 + size):
        return Reading(frame.title)
    promised = cursor.bits(
        4, Bits("http2.push_promise.r", 1), Bits("http2.push_promise.promised_stream_id", 31)
    )[1]
    connection.halves[frame.side].block = Block(frame.stream, promised)
    reading, _ = _block(cursor, frame, connection, "http2.push_promise.header", size)
    padding(cursor, "http2.push_promise.padding", size)
    return reading


def read_continuation(cursor: Cursor, frame: Frame, connection: Connection) -> Reading:
    """RFC 9113 section 6.10."""
    block = connection.halves[frame.side].block
    if block is None or block.stream != frame.stream:
        cursor.note(
            "broken" if connection.known else "odd",
            "this goes on with a header block that nobody began (section 6.10)",
        )
        cursor.rest("http2.continuation.header")
        connection.halves[frame.side].table.lose()
        return Reading(frame.title, brief=f"CONTINUATION [{frame.stream}]")
    reading, payloads = _block(cursor, frame, connection, "http2.continuation.header", 0)
    reading.payloads = payloads
    return reading


def interrupted(cursor: Cursor, frame: Frame, connection: Connection) -> None:
    """Between the frames of a header block nothing else may come (RFC 9113 section 6.10)."""
    half = connection.halves[frame.side]
    if half.block is not None and frame.kind != CONTINUATION:
        cursor.note("broken", f"the header block of stream {half.block.stream} is not at its end")
        half.block = None
        half.table.lose()


def _block(
    cursor: Cursor, frame: Frame, connection: Connection, name: str, behind: int
) -> tuple[Reading, tuple[Payload, ...]]:
    """A fragment of a header block, up to `behind` bytes of padding, and what it comes to."""
    half = connection.halves[frame.side]
    block = half.block
    assert block is not None
    ended = frame.has(END_HEADERS)
    allowed = connection.halves[frame.side.other].settings[HEADER_TABLE_SIZE]
    allowed = allowed if connection.known else 1 << 32
    count = max(0, cursor.left() - behind)
    whole = ended and frame.where.whole
    entries = fragment(cursor, name, count, block, half.table, allowed, whole)
    if cursor.full:
        judge_headers(cursor, entries, block.regular)
    block.learn(entries)
    if ended:
        half.block = None
    number = block.promised or block.stream
    stream = connection.stream(number)
    brief = f"{frame.name} [{frame.stream}]"
    reading = Reading(frame.title, brief=brief)
    if not block.told and (ended or block.regular):
        block.told = True
        _opened(cursor, frame, connection, block, stream)
        _said(cursor, frame, block, stream, reading, number)
    if (block.values.get(ASKED[0]) or _final(block)) and not block.promised:
        connection.kept -= stream.bodies[frame.side].held
        stream.bodies[frame.side] = expected(block)
    payloads: tuple[Payload, ...] = ()
    if block.ends and block.told:
        block.ends = False
        payloads = finished(cursor, frame, connection, stream)
    if stream.state and block.told:
        cursor.worked("http2.stream_state", stream.state)
    connection.keep(number, stream)
    return reading, payloads


def _opened(
    cursor: Cursor, frame: Frame, connection: Connection, block: Block, stream: Stream
) -> None:
    """The stream's state after these headers came."""
    number = block.promised or block.stream
    event = PUSH if block.promised else HEADERS
    if event == HEADERS and stream.state == IDLE and block.values.get(ASKED[0]) is None:
        if number == 1 and connection.known and block.values.get(ANSWERED) is not None:
            event = UPGRADE
            cursor.note("info", "this answers the request that asked for the upgrade")
        elif not connection.known:
            connection.opened(number)
            stream.state = UNKNOWN
            return
    if not stream.may(event):
        cursor.note("odd", f"{frame.name} on a stream that is {stream.state} (section 5.1)")
    connection.opened(number)
    stream.on(event)


def _said(
    cursor: Cursor, frame: Frame, block: Block, stream: Stream, reading: Reading, number: int
) -> None:
    """What the block is: a request, a response, or what comes behind a body."""
    method, status = block.values.get(ASKED[0]), block.values.get(ANSWERED)
    if method is not None:
        path = block.values.get(":path") or block.values.get(":authority") or ""
        _uri(cursor, block)
        judge_request(cursor, block)
        judge_early(cursor, frame.where, method)
        push = "push " if block.promised else ""
        reading.summary += f": {method} {path}"
        reading.brief, reading.level = f"{push}{method} {path} [{number}]", "message"
        reading.asks = ("stream", number)
        stream.method, stream.path, stream.protocol = (
            method,
            path,
            block.values.get(":protocol") or "",
        )
        stream.frame, stream.time = frame.where.record.number + 1, frame.where.record.time
        return
    if status is None:
        reading.brief = f"{'headers' if block.unknown else 'trailers'} [{number}]"
        return
    said = f"{status} {_phrase(status)}".strip()
    reading.summary += f": {said}"
    reading.brief, reading.level = f"{said} [{number}]", "message"
    if stream.frame:
        cursor.worked("http2.request_in", stream.frame)
        cursor.worked("http2.time", frame.where.record.time - stream.time)
    if _final(block):
        reading.answers = ("stream", number)
        stream.accepted = stream.method == "CONNECT" and status[:1] == "2"


def finished(
    cursor: Cursor, frame: Frame, connection: Connection, stream: Stream
) -> tuple[Payload, ...]:
    """The sender's part of the stream ends here; what its body hands up."""
    body = stream.bodies[frame.side]
    apart = body.frames > 1 or frame.kind != DATA
    payloads = finish(cursor, body, frame.stream, apart=apart)
    connection.kept -= body.held
    stream.bodies[frame.side] = Body()
    stream.on(END[frame.side])
    return payloads


def _final(block: Block) -> bool:
    """Whether these are the headers of a response that is no interim one (RFC 9110 15.2)."""
    status = block.values.get(ANSWERED)
    return status is not None and status[:1] != "1"


def _phrase(status: str) -> str:
    """What the number is called."""
    known = _PHRASES.get(status)
    if known is not None:
        return known
    try:
        return HTTPStatus(int(status)).phrase
    except ValueError:
        return ""


def _uri(cursor: Cursor, block: Block) -> None:
    """The request's URI, put together (RFC 9113 section 8.3.1)."""
    scheme, path = block.values.get(":scheme"), block.values.get(":path")
    host = block.values.get(":authority") or block.values.get("host")
    if scheme and host and path is not None:
        cursor.worked("http2.request.full_uri", f"{scheme}://{host}{path}")
