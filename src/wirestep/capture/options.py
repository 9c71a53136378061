"""pcapng options and the blocks that are no packets (draft-ietf-opsawg-pcapng sections 3.5, 4).

Everything here is lenient: a length that lies ends the list it stands in.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from .frames import Interface

TLS_KEY_LOG = 0x544C534B
MAX_NAMES = 1_000_000
LONGEST = 0xFFFF
"""Bytes an option's value may have."""


@dataclass(frozen=True, slots=True)
class Section:
    """What a section header says of where the capture was made."""

    hardware: str = ""
    os: str = ""
    application: str = ""
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clock:
    """How an interface counts time."""

    unit: int = 6
    """if_tsresol: a power of ten (6: microseconds), or with 0x80 a power of two."""
    offset: int = 0
    """Seconds added to every time."""

    @property
    def resolution(self) -> int:
        """Ticks in a second."""
        return 1 << (self.unit & 0x7F) if self.unit & 0x80 else 10**self.unit


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an interface counted (an interface statistics block)."""

    interface: int
    received: int | None = None
    dropped: int | None = None
    accepted: int | None = None
    dropped_by_os: int | None = None
    delivered: int | None = None
    comments: tuple[str, ...] = ()


def options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """(code, value) of the options in `data`, up to the end mark or the first that lies."""
    at = 0
    while at + 4 <= len(data):
        code, size = struct.unpack_from(order + "HH", data, at)
        if code == 0 or at + 4 + size > len(data):
            return
        yield code, data[at + 4 : at + 4 + size]
        at += 4 + size + (-size & 3)


def text(value: bytes) -> str:
    """The text of an option; some writers end it with a zero."""
    return value.rstrip(b"\0").decode("utf-8", "replace")


def comments(data: bytes, order: str) -> tuple[str, ...]:
    """All comments among the options in `data`."""
    return tuple(text(value) for code, value in options(data, order) if code == 1)


def section(data: bytes, order: str) -> Section:
    """The options of a section header block."""
    found: dict[int, str] = {}
    notes = []
    for code, value in options(data, order):
        if code == 1:
            notes.append(text(value))
        else:
            found.setdefault(code, text(value))
    return Section(found.get(2, ""), found.get(3, ""), found.get(4, ""), tuple(notes))


def interface(body: bytes, order: str) -> tuple[Interface, Clock]:
    """An interface description block's body (at least 8 bytes)."""
    link, _, snaplen = struct.unpack_from(order + "HHI", body)
    found: dict[int, bytes] = {}
    notes = []
    for code, value in options(body[8:], order):
        if code == 1:
            notes.append(text(value))
        else:
            found.setdefault(code, value)
    unit = found.get(9, b"\x06")[:1] or b"\x06"
    offset = found.get(14, b"")
    clock = Clock(unit[0], struct.unpack(order + "q", offset)[0] if len(offset) == 8 else 0)
    made = Interface(
        name=text(found.get(2, b"")),
        description=text(found.get(3, b"")),
        link=link,
        snaplen=snaplen,
        filter=text(found.get(11, b"")[1:]) if found.get(11, b"\1")[:1] == b"\0" else "",
        os=text(found.get(12, b"")),
        resolution=clock.resolution,
        comments=tuple(notes),
    )
    return made, clock


def names(body: bytes, order: str) -> Iterator[tuple[str, str]]:
    """(address, first name) of the records of a name resolution block (section 4.5)."""
    for kind, value in options(body, order):
        size = {1: 4, 2: 16}.get(kind)
        if size is None or len(value) <= size:
            continue
        packed = value[:size]
        address = str(IPv4Address(packed) if size == 4 else IPv6Address(packed))
        yield address, text(value[size:].split(b"\0", 1)[0])


def secrets(body: bytes, order: str) -> bytes:
    """The TLS key log of a decryption secrets block, b"" if it holds something else."""
    if len(body) < 8:
        return b""
    kind, size = struct.unpack_from(order + "II", body)
    return body[8 : 8 + size] if kind == TLS_KEY_LOG else b""


def statistics(body: bytes, order: str, base: int) -> Statistics | None:
    """An interface statistics block; `base` is the place of the section's first interface."""
    if len(body) < 12:
        return None
    number = struct.unpack_from(order + "I", body)[0]
    found: dict[int, int] = {}
    for code, value in options(body[12:], order):
        if 4 <= code <= 8 and len(value) == 8:
            found[code] = struct.unpack(order + "Q", value)[0]
    return Statistics(
        interface=base + number,
        received=found.get(4),
        dropped=found.get(5),
        accepted=found.get(6),
        dropped_by_os=found.get(7),
        delivered=found.get(8),
        comments=comments(body[12:], order),
    )


def padded(data: bytes) -> bytes:
    """Zeros up to a multiple of four bytes behind it."""
    return data + bytes(-len(data) & 3)


def option(code: int, value: bytes) -> bytes:
    """An option, to be written."""
    return struct.pack("<HH", code, len(value)) + padded(value)


def clip(text: str, size: int = LONGEST) -> bytes:
    """UTF-8 of at most `size` bytes, not cut inside a character."""
    return text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore").encode()


def texts(pairs: Iterable[tuple[int, str]]) -> bytes:
    """Options of (code, text), and the end of the options if there are any."""
    body = b"".join(option(code, clip(text)) for code, text in pairs)
    return body + option(0, b"") if body else b""
