"""The options of a TCP header (RFC 9293 section 3.2), by kind."""

from __future__ import annotations

import struct
from typing import Any

END, NOP, MSS, SCALE, SACK_PERMITTED, SACK, TIMESTAMPS, FAST_OPEN = 0, 1, 2, 3, 4, 5, 8, 34

SPACE = 40
"""Bytes that the options of one segment may take."""
TIMESTAMPS_SPACE = 12
"""Two NOPs before them, so that the numbers stand at multiples of four (RFC 7323 appendix A)."""
COOKIE_SIZES = range(4, 17, 2)
"""RFC 7413 section 4.1.1."""

_ALIGNED = b"\x01\x01\x08\x0a"
_PAIR = struct.Struct("!II")


def encode(
    mss: int | None,
    scale: int | None,
    sack_permitted: bool,
    sack: tuple[tuple[int, int], ...],
    timestamps: tuple[int, int] | None,
    cookie: bytes | None,
) -> bytes:
    """The options of one segment, filled up to a multiple of four bytes.

    Raises ValueError where they need more than 40 bytes.
    """
    out = b""
    if mss is not None:
        out += struct.pack("!BBH", MSS, 4, mss)
    if sack_permitted:
        out += bytes((SACK_PERMITTED, 2) if timestamps else (NOP, NOP, SACK_PERMITTED, 2))
    if timestamps is not None:
        out += (b"\x08\x0a" if sack_permitted else _ALIGNED) + _PAIR.pack(*timestamps)
    if scale is not None:
        out += bytes((NOP, SCALE, 3, scale))
    if cookie is not None:
        out += bytes((FAST_OPEN, 2 + len(cookie))) + cookie
    if sack:
        out += bytes((NOP, NOP, SACK, 2 + 8 * len(sack)))
        for block in sack:
            out += _PAIR.pack(*block)
    out += bytes(-len(out) % 4)
    if len(out) > SPACE:
        raise ValueError(f"{len(out)} bytes of options, and there is room for {SPACE}")
    return out


def decode(data: bytes) -> dict[str, Any]:
    """What the options say, by the names of Segment's fields; those broken or unknown are left out.

    Reading ends at the first option whose length cannot be (RFC 9293 section 3.1, MUST-7).
    """
    found: dict[str, Any] = {}
    at = 0
    while at < len(data) and data[at] != END:
        if data[at] == NOP:
            at += 1
            continue
        size = data[at + 1] if at + 1 < len(data) else 0
        if size < 2 or at + size > len(data):
            break
        _read(data[at], data[at + 2 : at + size], found)
        at += size
    return found


def only_timestamps(data: bytes) -> tuple[int, int] | None:
    """The timestamps, where these options are nothing else, as in most segments."""
    if len(data) != TIMESTAMPS_SPACE or not data.startswith(_ALIGNED):
        return None
    value, echo = _PAIR.unpack_from(data, len(_ALIGNED))
    return value, echo


def _read(kind: int, value: bytes, found: dict[str, Any]) -> None:
    size = len(value)
    if kind == MSS and size == 2:
        found["mss"] = int.from_bytes(value)
    elif kind == SCALE and size == 1:
        found["scale"] = value[0]
    elif kind == SACK_PERMITTED and size == 0:
        found["sack_permitted"] = True
    elif kind == SACK and size and size % 8 == 0:
        found["sack"] = tuple(_PAIR.iter_unpack(value))
    elif kind == TIMESTAMPS and size == 8:
        found["timestamps"] = _PAIR.unpack(value)
    elif kind == FAST_OPEN and (not size or size in COOKIE_SIZES):
        found["cookie"] = value
