"""WebSocket frames, and the messages they make (RFC 6455 section 5).

Whether messages are compressed was agreed on in the handshake, which is not seen here: it is told
from the bit that marks a compressed message (RSV1). A context is always kept: messages that were
compressed without one inflate with any.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from wirestep.decode.bodies import read_body
from wirestep.decode.bodies_json import is_json
from wirestep.decode.contract import Reading, Where
from wirestep.decode.cursor import Cursor
from wirestep.model import Side, Source

from .header import Header, frame_size, judge, plausible, read_header, unmasked
from .inflate import inflate
from .names import BINARY, CLOSE, CONTINUATION, NEVER_SENT, OPCODES, PING, PONG, TEXT
from .state import Half

BLOCK = 16 << 10
"""Bytes of a unit where it is not known where a frame starts."""
MAX_BRIEF = 24
"""Characters of a text that its label shows."""
CONTENT = {
    BINARY: "websocket.payload.binary",
    PING: "websocket.payload.ping",
    PONG: "websocket.payload.pong",
}


@dataclass
class WebSocketDecoder:
    """Both sides send frames at any time; answers are only those to pings and to a close."""

    halves: tuple[Half, Half] = field(default_factory=lambda: (Half(), Half()))

    def copy(self) -> Self:
        """A checkpoint."""
        return type(self)((self.halves[0].copy(), self.halves[1].copy()))

    def lost(self, side: Side) -> None:
        """A message may have begun, and a frame may begin anywhere."""
        self.halves[side].lose()

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The header says it."""
        half = self.halves[side]
        if half.dead:
            return BLOCK
        if half.unsure and plausible(data, half.masks) is False:
            return BLOCK
        return frame_size(data)[0]

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One frame; with the last one of a message, the message."""
        half = self.halves[where.side]
        front = cursor.peek(min(cursor.left(), 14))
        if half.dead or (half.unsure and plausible(front, half.masks) is False):
            half.dead = True
            size = len(cursor.rest("websocket.stray"))
            cursor.note("odd", "no frame is known to start here")
            return Reading(f"Continuation, {size} bytes", level="record")
        half.unsure = False
        header = read_header(cursor)
        half.masks = header.masked
        judge(cursor, header, where.side)
        plain, brief, level = self._payload(cursor, header, where)
        summary = f"WebSocket {OPCODES.get(header.opcode, 'Unknown')} "
        summary += "[FIN] " if header.fin else "[FRAGMENT] "
        reading = Reading(summary + "[MASKED]" * header.masked, level=level, brief=brief)
        self._link(reading, header, where.side, plain)
        return reading

    def _link(self, reading: Reading, header: Header, side: Side, plain: bytes) -> None:
        """Which frame answers which: a pong its ping, a close the first close."""
        other = self.halves[side.other]
        if header.opcode == PING:
            reading.asks = ("ping", side, plain)
        elif header.opcode == PONG:
            reading.answers = ("ping", side.other, plain)
        elif header.opcode == CLOSE:
            self.halves[side].closed = True
            if other.closed:
                reading.answers = ("close", side.other)
            else:
                reading.asks = ("close", side)

    # payloads

    def _payload(self, cursor: Cursor, header: Header, where: Where) -> tuple[bytes, str, str]:
        """The payload's fields; the payload, a brief of what it says, and its level."""
        half = self.halves[where.side]
        count = min(header.length, cursor.left())
        cut = count < header.length
        if cut:
            cursor.note("broken", f"{header.length - count} bytes of the frame are missing")
        if header.masked and len(header.key) == 4:
            masked = cursor.take("websocket.masked_payload", count)
            plain = unmasked(masked, header.key)
            source = Source("Unmasked payload", plain, made_from=cursor.source.records)
            if count:
                with cursor.over("websocket.payload", source) as inner:
                    _content(inner, header, plain, half)
        else:
            plain = cursor.peek(count)
            with cursor.group("websocket.payload", count):
                _content(cursor, header, plain, half)
        if header.control or header.opcode not in OPCODES:
            level = "message" if header.opcode == CLOSE else "record"
            return plain, _brief(header.opcode, plain), level
        return plain, *self._message(cursor, header, plain, half, cut)

    def _message(
        self, cursor: Cursor, header: Header, plain: bytes, half: Half, cut: bool
    ) -> tuple[str, str]:
        """What a data frame adds to its message, and the message where it ends."""
        if header.opcode != CONTINUATION:
            if half.opcode:
                cursor.note("broken", "a message begins before the last one's end (section 5.4)")
            half.begin(header.opcode, bool(header.reserved & 4))
        elif not half.opcode:
            known = ("odd", "the start of this message was lost")
            never = ("broken", "this goes on with a message that never began (section 5.4)")
            cursor.note(*(known if half.lost else never))
            return "continuation", "record"
        opcode, compressed = half.opcode, half.compressed
        kept = half.add(plain)
        if cut or not kept:
            if not kept:
                cursor.note("odd", "a message too long to be put together here")
            if compressed:
                half.lose_window()
            half.forget()
            return f"part of {_brief(opcode, b'')}", "record"
        if not header.fin:
            return f"part of {OPCODES[opcode].lower()}", "record"
        message, count = half.joined(), half.count
        half.forget()
        half.lost = False
        if header.opcode == CONTINUATION:
            cursor.worked("websocket.fragment.count", count)
            cursor.worked("websocket.reassembled.length", len(message))
            source = Source("Reassembled message", message, made_from=cursor.source.records)
            with cursor.over("websocket.message", source) as inner:
                if compressed:
                    inner.rest("websocket.message.compressed")
                else:
                    _said(inner, opcode, message)
        if compressed:
            message = _inflated(cursor, half, opcode, message)
        return _brief(opcode, message), "message"


def _content(cursor: Cursor, header: Header, plain: bytes, half: Half) -> None:
    """Fields of the payload as it is in the frame."""
    opcode, count = header.opcode, len(plain)
    if opcode == CLOSE:
        _close(cursor, count)
    elif opcode == CONTINUATION or (opcode in (TEXT, BINARY) and not header.fin):
        cursor.take("websocket.payload.part", count)
    elif opcode in (TEXT, BINARY) and header.reserved & 4:
        cursor.take("websocket.payload.compressed", count)
    elif opcode in (TEXT, BINARY):
        _said(cursor, opcode, plain)
    else:
        cursor.take(CONTENT.get(opcode, "websocket.payload.unknown"), count)


def _close(cursor: Cursor, count: int) -> None:
    """Why the sender closes (RFC 6455 section 5.5.1)."""
    with cursor.group("websocket.payload.close", count):
        if count == 1:
            cursor.note("broken", "half a status code")
        if count < 2:
            cursor.take("websocket.payload.unknown", count)
            return
        code = cursor.uint("websocket.payload.close.status_code", 2)
        if code < 1000 or code in NEVER_SENT or code > 4999:
            cursor.note("broken", f"no frame may carry the code {code} (RFC 6455 section 7.4)")
        _checked(cursor, cursor.peek(count - 2))
        cursor.text("websocket.payload.close.reason", count - 2)


def _said(cursor: Cursor, opcode: int, data: bytes) -> None:
    """A whole message."""
    if opcode == TEXT:
        _checked(cursor, data)
        kind = "application/json" if cursor.wants_under("json.") and is_json(data) else ""
        read_body(cursor, "websocket.payload.text", len(data), kind)
    else:
        cursor.take("websocket.payload.binary", len(data))


def _checked(cursor: Cursor, data: bytes) -> None:
    try:
        data.decode()
    except UnicodeDecodeError:
        cursor.note("broken", "this text is not UTF-8 (RFC 6455 section 8.1)")


def _inflated(cursor: Cursor, half: Half, opcode: int, data: bytes) -> bytes:
    """A compressed message, inflated; that it is one is told from RSV1."""
    result = inflate(data, half.window)
    source = Source("Inflated message", result.data, made_from=cursor.source.records)
    with cursor.over("websocket.inflated", source) as inner:
        if result.fault and half.partial:
            inner.note("odd", f"{result.fault}; it may refer to messages that were lost")
        elif result.fault:
            inner.note("broken", result.fault)
        _said(inner, opcode, result.data)
    half.learn(result.window)
    return result.data


def _brief(opcode: int, data: bytes) -> str:
    """'text "hello"', "binary 12 B", "close 1000", "ping"."""
    if opcode == TEXT:
        said = data[: 4 * MAX_BRIEF + 4].decode("utf-8", "ignore")
        more = len(said) > MAX_BRIEF or len(data) > 4 * MAX_BRIEF + 4
        return f'text "{said[:MAX_BRIEF]}{"…" if more else ""}"'
    if opcode == BINARY:
        return f"binary {len(data)} B"
    if opcode == CLOSE:
        return f"close {int.from_bytes(data[:2], 'big')}" if len(data) > 1 else "close"
    if opcode in (PING, PONG):
        said = data[:MAX_BRIEF].decode("ascii", "backslashreplace")
        return f'{OPCODES[opcode].lower()} "{said}"' if data else OPCODES[opcode].lower()
    return f"opcode {opcode}"
