"""The header of a frame (RFC 6455 section 5.2)."""

from __future__ import annotations

from typing import NamedTuple

from wirestep.decode.cursor import Bits, Cursor
from wirestep.model import Side

from .names import CONTINUATION, OPCODES

FIRST = (
    Bits("websocket.fin", 1),
    Bits(
        "websocket.rsv",
        3,
        (Bits("websocket.pmc", 1), Bits("websocket.rsv2", 1), Bits("websocket.rsv3", 1)),
    ),
    Bits("websocket.opcode", 4),
)
SECOND = (Bits("websocket.mask", 1), Bits("websocket.payload_length", 7))
LONGEST_CONTROL = 125
"""Bytes of payload that a control frame can have (RFC 6455 section 5.5)."""
LONGEST_BELIEVED = 1 << 20
"""Bytes of payload that are believed where frames are looked for."""


class Header(NamedTuple):
    """What stands in front of a payload."""

    fin: bool
    reserved: int
    opcode: int
    masked: bool
    length: int
    key: bytes

    @property
    def control(self) -> bool:
        """Whether it is about the connection, not part of a message."""
        return self.opcode >= 8


def frame_size(data: memoryview | bytes) -> tuple[int, bool]:
    """Bytes of the frame at the front, and whether its header is whole; else a lower bound."""
    if len(data) < 2:
        return 2, False
    length = data[1] & 0x7F
    extended = {126: 2, 127: 8}.get(length, 0)
    size = 2 + extended + (4 if data[1] & 0x80 else 0)
    if len(data) < 2 + extended:
        return size, False
    if extended:
        length = int.from_bytes(data[2 : 2 + extended], "big")
    return size + length, True


def plausible(data: memoryview | bytes, masks: bool | None) -> bool | None:
    """Whether a frame may start here, of a sender that `masks`; None while that is not known."""
    size, known = frame_size(data)
    if len(data) < 2:
        return None
    opcode, masked = data[0] & 0x0F, bool(data[1] & 0x80)
    if opcode not in OPCODES or data[0] & 0x30 or (masks is not None and masked != masks):
        return False
    if opcode >= 8 and (not data[0] & 0x80 or data[1] & 0x7F > LONGEST_CONTROL):
        return False
    return size <= LONGEST_BELIEVED if known else None


def read_header(cursor: Cursor) -> Header:
    """The fields ahead of the payload."""
    fin, reserved, opcode = cursor.bits(1, *FIRST)
    masked, length = cursor.bits(1, *SECOND)
    if length == 126:
        length = cursor.uint("websocket.payload_length_ext_16", 2)
        if length < 126:
            cursor.note("broken", "a length that fits fewer bytes (RFC 6455 section 5.2)")
    elif length == 127:
        length = cursor.uint("websocket.payload_length_ext_64", 8)
        if length < 1 << 16 or length >> 63:
            cursor.note("broken", "a length that no 64-bit field may have (RFC 6455 section 5.2)")
    key = cursor.take("websocket.masking_key", 4) if masked else b""
    return Header(bool(fin), reserved, opcode, bool(masked), length, key)


def judge(cursor: Cursor, header: Header, side: Side) -> None:
    """Notes on what the header may not say."""
    if side is Side.CLIENT and not header.masked:
        cursor.note("broken", "a client's frame that is not masked (RFC 6455 section 5.1)")
    elif side is Side.SERVER and header.masked:
        cursor.note("broken", "a server's frame that is masked (RFC 6455 section 5.1)")
    if header.opcode not in OPCODES:
        cursor.note("broken", f"opcode {header.opcode} is reserved (RFC 6455 section 5.2)")
    if header.reserved & 3:
        cursor.note("odd", "reserved bits are set for an extension that nobody here knows")
    if header.reserved & 4 and (header.control or header.opcode == CONTINUATION):
        cursor.note("broken", "compressed, but not the start of a message (RFC 7692 section 6)")
    if header.control and header.length > LONGEST_CONTROL:
        cursor.note("broken", "a control frame of over 125 bytes (RFC 6455 section 5.5)")
    if header.control and not header.fin:
        cursor.note("broken", "a fragment of a control frame (RFC 6455 section 5.5)")


def unmasked(data: bytes, key: bytes) -> bytes:
    """`data` without its mask (RFC 6455 section 5.3)."""
    size = len(data)
    mask = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")).to_bytes(size, "big")
