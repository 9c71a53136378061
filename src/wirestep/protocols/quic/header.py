"""Headers of packets (RFC 9000 section 17): a glance at them, and their fields."""

from __future__ import annotations

from typing import NamedTuple

from wirestep.decode.cursor import Bits, Broken, Cursor, Short

from .names import (
    INITIAL,
    NEGOTIATION,
    ONE_RTT,
    READABLE,
    RETRY,
    UNKNOWN,
    V2,
    grease,
)
from .numbers import glance, varint
from .protection import TAG

MAX_ID = 20
"""Bytes of a connection ID (RFC 9000 section 17.2)."""
MIN_INITIAL = 1200
"""Bytes of a client's first datagram (RFC 9000 section 14.1)."""


class Head(NamedTuple):
    """What a glance at a packet tells."""

    kind: int
    version: int
    dcid: bytes
    scid: bytes
    start: int
    number_at: int
    """Where the packet number stands; where a packet without one has its body."""
    stop: int
    """Behind the packet."""
    token: bool = False
    """Whether an Initial packet brings a token."""

    @property
    def long(self) -> bool:
        """Whether the header is a long one."""
        return self.kind != ONE_RTT


def packet_kind(first: int, version: int) -> int:
    """What a long header of a known version says of its packet."""
    kind = first >> 4 & 3
    return (kind - 1) % 4 if version == V2 else kind


def look(data: bytes, at: int, stop: int) -> Head:
    """The long header at `at`.

    Raises:
        Broken: it ends too early or contradicts itself.
    """
    start = at
    if stop - at < 7:
        raise Short(f"a long header has at least 7 bytes, not {stop - at}")
    first, version = data[at], int.from_bytes(data[at + 1 : at + 5], "big")
    at += 5
    ids = []
    for _ in range(2):
        if at >= stop or at + 1 + data[at] > stop:
            raise Short("a connection ID reaches beyond the datagram")
        ids.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    dcid, scid = ids
    if version == 0:
        return Head(NEGOTIATION, version, dcid, scid, start, at, stop)
    if version not in READABLE:
        return Head(UNKNOWN, version, dcid, scid, start, at, stop)
    if max(len(dcid), len(scid)) > MAX_ID:
        raise Broken(f"a connection ID has at most {MAX_ID} bytes")
    kind = packet_kind(first, version)
    if kind == RETRY:
        return Head(kind, version, dcid, scid, start, at, stop)
    size = 0
    if kind == INITIAL:
        size, at = glance(data, at, stop)
        at += size
    length, at = glance(data, at, stop)
    return Head(kind, version, dcid, scid, start, at, min(stop, at + length), size > 0)


_FORM = (Bits("quic.header_form", 1), Bits("quic.fixed_bit", 1))
_TYPE = Bits("quic.long.packet_type", 2)
_TYPE_V2 = Bits("quic.long.packet_type_v2", 2)
_CLEAR = (Bits("quic.long.reserved", 2), Bits("quic.packet_number_length", 2))
_HIDDEN = (Bits("quic.protected_bits", 4),)
_UNUSED = (Bits("quic.long.unused", 4),)
_FIRST = {
    (two, what): (*_FORM, _TYPE_V2 if two else _TYPE, *parts)
    for two in (False, True)
    for what, parts in (("clear", _CLEAR), ("hidden", _HIDDEN), ("unused", _UNUSED))
}
_SHORT_CLEAR = (
    *(*_FORM, Bits("quic.spin_bit", 1), Bits("quic.short.reserved", 2)),
    *(Bits("quic.key_phase", 1), Bits("quic.packet_number_length", 2)),
)
_SHORT_HIDDEN = (*_FORM, Bits("quic.spin_bit", 1), Bits("quic.protected_bits", 5))


def show_long(cursor: Cursor, head: Head, first: int | None) -> None:
    """The fields of a long header up to `head.number_at`; `first` is its first byte unmasked."""
    if head.kind in (NEGOTIATION, UNKNOWN):
        cursor.bits(1, Bits("quic.header_form", 1), Bits("quic.vn.unused", 7))
    else:
        what = "unused" if head.kind == RETRY else "hidden" if first is None else "clear"
        cursor.bits(1, *_FIRST[head.version == V2, what], whole=first)
    cursor.uint("quic.version", 4)
    for name in ("d", "s"):
        cursor.take(f"quic.{name}cid", cursor.uint(f"quic.{name}cil", 1))
    if head.kind == INITIAL:
        cursor.take("quic.token", varint(cursor, "quic.token_length"))
    if head.kind not in (NEGOTIATION, UNKNOWN, RETRY):
        length = varint(cursor, "quic.length")
        if cursor.at + length > head.stop:
            there = head.stop - cursor.at
            cursor.note("broken", f"{length} bytes are announced, {there} are here")


def show_short(cursor: Cursor, head: Head, first: int | None) -> None:
    """The fields of a short header up to the packet number."""
    cursor.bits(1, *(_SHORT_HIDDEN if first is None else _SHORT_CLEAR), whole=first)
    cursor.take("quic.dcid", len(head.dcid))


def claims_long(data: memoryview) -> bool | None:
    """Whether a long header of a version that exists stands here; None to see more of it."""
    if not data[0] & 0x80:
        return False
    size = len(data)
    if size < 5:
        return None
    version = int.from_bytes(data[1:5], "big")
    known = version in READABLE
    if version and not (data[0] & 0x40 and (known or grease(version))):
        return False
    at = 5
    lengths = []
    for _ in range(2):
        if size <= at:
            return None
        if data[at] > MAX_ID:
            return False
        lengths.append(data[at])
        at += 1 + data[at]
    if version == 0:
        return _claims_versions(data, at)
    if not known:
        return None if size < MIN_INITIAL else lengths[0] >= 8
    return _claims_length(data, at, packet_kind(data[0], version))


def _claims_versions(data: memoryview, at: int) -> bool | None:
    """The first versions that a server offers: one at least is known, or means nothing."""
    while at + 4 <= len(data):
        version = int.from_bytes(data[at : at + 4], "big")
        if version in READABLE or grease(version):
            return True
        at += 4
    return None


def _claims_length(data: memoryview, at: int, kind: int) -> bool | None:
    """Whether the packet that its length announces is long enough to be one."""
    size = len(data)
    try:
        if kind == RETRY:
            return True if size > at + TAG else None
        if kind == INITIAL:
            token, at = glance(data, at, size)
            at += token
        length, at = glance(data, at, size)
    except Short:
        return None
    return 4 + TAG <= length <= 0xFFFF
