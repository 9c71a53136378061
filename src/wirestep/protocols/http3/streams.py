"""Which stream says what, and where its units end (RFC 9114 sections 6 and 7)."""

from __future__ import annotations

from enum import Enum

from wirestep.decode.cursor import Broken

from . import names
from .instructions import decoder_size, encoder_size
from .numbers import Bytes, glance

SLICE = 1 << 14
"""Bytes that nobody reads and that are shown in one piece."""
BAD = 16
"""Bytes of an instruction that is none, shown in one piece."""


class Role(Enum):
    """What stands at the front of a direction of a stream."""

    TYPE = 0
    """The type of a one-way stream."""
    FRAMES = 1
    CONTROL = 2
    ENCODER = 3
    DECODER = 4
    RAW = 5
    """Bytes that mean nothing here."""


ROLES = {
    names.CONTROL: Role.CONTROL,
    names.PUSH: Role.FRAMES,
    names.ENCODER: Role.ENCODER,
    names.DECODER: Role.DECODER,
}


def first_role(tag: int | None) -> Role:
    """One-way streams say first what they are for (RFC 9000 section 2.1, RFC 9114 section 6.2)."""
    return Role.FRAMES if tag is None or not tag & 2 else Role.TYPE


def measure(role: Role, data: Bytes) -> int | None:
    """Bytes of the unit at the front, or None while that cannot be told."""
    try:
        return SIZES[role](data)
    except Broken:
        return BAD


def _type(data: Bytes) -> int | None:
    found = glance(data, 0)
    if found is None:
        return None
    if found[0] in (names.PUSH, names.WEBTRANSPORT_STREAM):
        found = glance(data, found[1])
    return None if found is None else found[1]


def _frame(data: Bytes) -> int | None:
    """A type, a length, a body; the first frame of a WebTransport stream has no end."""
    found = glance(data, 0)
    length = None if found is None else glance(data, found[1])
    if found is None or length is None:
        return None
    return length[1] + (0 if found[0] == names.WEBTRANSPORT else length[0])


def _raw(data: Bytes) -> int | None:
    return SLICE if len(data) >= SLICE else None


SIZES = {
    Role.TYPE: _type,
    Role.FRAMES: _frame,
    Role.CONTROL: _frame,
    Role.ENCODER: encoder_size,
    Role.DECODER: decoder_size,
    Role.RAW: _raw,
}
