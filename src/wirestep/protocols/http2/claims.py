"""Which bytes are HTTP/2: the client's preface, or frames one behind the other.

A frame of fixed size with contents that make sense is enough; others must have a second frame
behind them, so that a connection joined in the middle is found too.
"""

from __future__ import annotations

from wirestep.model import Side

from .names import (
    CONTINUATION,
    DATA,
    ERRORS,
    GOAWAY,
    HEADERS,
    PING,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER = 9
MAX_SETTINGS = 32
"""Settings in a first frame that is believed."""
MAX_STREAM = 1 << 24
MAX_LENGTH = 1 << 14
"""Bytes of a frame whose limit nobody raised (RFC 9113 section 4.2)."""
FLAGS = {
    DATA: 0x09,
    HEADERS: 0x2D,
    PRIORITY: 0,
    RST_STREAM: 0,
    SETTINGS: 0x01,
    PUSH_PROMISE: 0x0C,
    PING: 0x01,
    GOAWAY: 0,
    WINDOW_UPDATE: 0,
    CONTINUATION: 0x04,
}
"""Flags that each type knows."""
SIZES = {PRIORITY: 5, RST_STREAM: 4, PING: 8, WINDOW_UPDATE: 4}
ON_CONNECTION = frozenset((SETTINGS, PING, GOAWAY))
ON_EITHER = frozenset((WINDOW_UPDATE,))


def claims(data: memoryview, side: Side) -> bool | None:
    """Frames only, and the preface from whoever sends it."""
    front = bytes(data[: len(PREFACE)])
    if PREFACE.startswith(front):
        return True if len(front) == len(PREFACE) else None
    if len(front) < HEADER:
        return None if front[0] == 0 else False
    if not plausible(front):
        return False
    kind, length = front[3], int.from_bytes(front[:3], "big")
    if kind in SIZES or kind in ON_CONNECTION:
        if len(data) < HEADER + length:
            return None
        return _sensible(kind, front[4], bytes(data[HEADER : HEADER + length]))
    behind = bytes(data[HEADER + length : 2 * HEADER + length])
    return plausible(behind) if len(behind) == HEADER else None


def plausible(header: bytes) -> bool:
    """Whether these nine bytes can be a frame's header."""
    length, kind = int.from_bytes(header[:3], "big"), header[3]
    stream = int.from_bytes(header[5:9], "big")
    if length > MAX_LENGTH or stream > MAX_STREAM or header[4] & ~FLAGS.get(kind, 0):
        return False
    if kind not in FLAGS or SIZES.get(kind, length) != length:
        return False
    if kind == SETTINGS and (length % 6 or length > 6 * MAX_SETTINGS or (header[4] and length)):
        return False
    if kind == GOAWAY and not 8 <= length <= 1024:
        return False
    return kind in ON_EITHER or (stream == 0) == (kind in ON_CONNECTION)


def _sensible(kind: int, flags: int, body: bytes) -> bool:
    """Whether the contents of a short frame are what its type allows."""
    if kind == WINDOW_UPDATE:
        return 0 < int.from_bytes(body, "big") < 1 << 31
    if kind == RST_STREAM:
        return int.from_bytes(body, "big") in ERRORS
    if kind == GOAWAY:
        return body[0] < 0x80 and int.from_bytes(body[4:8], "big") in ERRORS
    if kind == SETTINGS:
        for at in range(0, len(body), 6):
            name, value = int.from_bytes(body[at : at + 2], "big"), body[at + 2 : at + 6]
            if name == 0 or (name == 2 and int.from_bytes(value, "big") > 1):
                return False
    return True
