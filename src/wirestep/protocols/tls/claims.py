"""What the front of a record looks like."""

from __future__ import annotations

import re

from wirestep.model import Side

from . import old
from .content import ALERT, CHANGE, DATA, HEARTBEAT
from .names import HANDSHAKES

MAX_LENGTH = (1 << 14) + 2048
"""Bytes of a record's fragment (RFC 5246 section 6.2.3)."""
MAX_MESSAGE = 1 << 18
"""Bytes of a first handshake message that is believed."""
HEADER = re.compile(rb"[\x14-\x18]\x03[\x00-\x04]")


def plausible(data: bytes | memoryview) -> bool:
    """Whether a record's header stands at the front."""
    return CHANGE <= data[0] <= HEARTBEAT and data[1] == 3 and data[2] <= 4


def claims(data: memoryview, side: Side) -> bool | None:
    """A record of a known type, version and length, with a content that fits its type."""
    size = len(data)
    if data[0] & 0x80:
        return old.claims(data) if side is Side.CLIENT else False
    if not CHANGE <= data[0] <= HEARTBEAT or (size > 1 and data[1] != 3):
        return False
    if size > 2 and data[2] > 4:
        return False
    if size < 5:
        return None
    kind, length = data[0], data[3] << 8 | data[4]
    if length > MAX_LENGTH or (length == 0 and kind != DATA):
        return False
    if kind == DATA:
        return True
    if kind == CHANGE:
        return length == 1 or length >= 16
    if kind == ALERT:
        return length == 2 or length >= 16
    if kind == HEARTBEAT:
        return length >= 19
    return _claims_handshake(data, length)


def _claims_handshake(data: memoryview, length: int) -> bool | None:
    if len(data) < 6:
        return None
    if data[5] not in HANDSHAKES:
        return False
    if length < 4:
        return True
    if len(data) < 9:
        return None
    return data[6] << 16 | data[7] << 8 | data[8] <= MAX_MESSAGE
