"""Where on Earth a host is (RFC 1876)."""

from __future__ import annotations

from wirestep.decode.cursor import Broken, Cursor

from .labels import Names

EQUATOR = 1 << 31
SEA_LEVEL = 10_000_000
"""Centimetres that the reference height lies above the lowest one that can be told."""


def location(cursor: Cursor, names: Names, field: str) -> str:
    """The fields of a LOC record; its text as in a master file (RFC 1876 section 3).

    Raises:
        Broken: the version is not 0; the layout of others is not known.
    """
    version = cursor.uint(f"{field}.version", 1)
    if version:
        cursor.rest(f"{field}.unknown_data")
        raise Broken(f"LOC version {version}")
    sizes = []
    for part in ("size", "horizontal_precision", "vertical_precision"):
        shown = metres(cursor.peek(1)[0])
        cursor.uint(f"{field}.{part}", 1, shown)
        sizes.append(shown)
    at = []
    for part, sides in (("latitude", "NS"), ("longitude", "EW")):
        shown = angle(int.from_bytes(cursor.peek(4), "big"), sides)
        cursor.uint(f"{field}.{part}", 4, shown)
        at.append(shown)
    height = int.from_bytes(cursor.peek(4), "big") - SEA_LEVEL
    above = f"{height / 100:.2f}m"
    cursor.uint(f"{field}.altitude", 4, above)
    return " ".join((*at, above, *sizes))


def angle(value: int, sides: str) -> str:
    """Thousandths of an arc second from 2^31 on, as degrees, minutes, seconds and a side."""
    side = sides[0] if value >= EQUATOR else sides[1]
    minutes, thousandths = divmod(abs(value - EQUATOR), 60_000)
    degrees, minutes = divmod(minutes, 60)
    return f"{degrees} {minutes} {thousandths // 1000}.{thousandths % 1000:03d} {side}"


def metres(value: int) -> str:
    """Four bits of digit and four of power of ten, in centimetres (RFC 1876 section 2)."""
    return f"{(value >> 4) * 10 ** (value & 15) / 100:.2f}m"
