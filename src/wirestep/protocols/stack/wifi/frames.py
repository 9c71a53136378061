"""Frames of IEEE 802.11: headers whole, data frames down to the packet they carry."""

from wirestep.decode.checksum import UNVERIFIED
from wirestep.decode.contract import Payload, Reading, Stateless, Where
from wirestep.decode.cursor import Bits, Cursor
from wirestep.model import Address

from .fields import SUBTYPES

MANAGEMENT, CONTROL, DATA = 0, 1, 2
TO, FROM, FRAGMENTS, PROTECTED, ORDER = 1, 2, 4, 0x40, 0x80
ONE_ADDRESS = (0x1C, 0x1D)
"""Control frames that name only a receiver."""


class FcsDecoder(Stateless):
    """Four bytes behind the frame."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The check sequence, which nobody checks."""
        value = cursor.uint_le("wlan.fcs", 4)
        cursor.worked("wlan.fcs.status", UNVERIFIED)
        return Reading(f"0x{value:08x}")


class WlanDecoder(Stateless):
    """Up to four addresses, whose meaning hangs on two flags."""

    def __init__(self, padded: bool = False) -> None:
        self.padded = padded
        """Whether the radio fills up the header to a multiple of four bytes."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The header; what a data frame carries is handed up."""
        begin = cursor.at
        kind, subtype, flags = _control(cursor)
        both = kind << 4 | subtype
        name = SUBTYPES.get(both, f"Type {kind}, subtype {subtype}")
        cursor.uint_le("wlan.duration", 2)
        if kind == CONTROL:
            return Reading(_short(cursor, both, name))
        ends = _addresses(cursor, flags)
        sequence = int.from_bytes(cursor.peek(2), "little")
        cursor.take("wlan.seq_ctl", 2)
        cursor.worked("wlan.frag", sequence & 15)
        cursor.worked("wlan.seq", sequence >> 4)
        if kind == DATA and flags & TO and flags & FROM:
            last = cursor.take("wlan.sa", 6)
            cursor.worked("wlan.addr", last)
            ends = (last, ends[1])
        aggregate = kind == DATA and subtype & 8 and _quality(cursor)
        if flags & ORDER and (kind == MANAGEMENT or subtype & 8):
            cursor.take("wlan.htc", 4)
        if self.padded:
            cursor.take("wlan.padding", -(cursor.at - begin) % 4)
        said = f"{name}, SN={sequence >> 4}, FN={sequence & 15}"
        inside = where.length - (cursor.at - begin)
        opaque = flags & (FRAGMENTS | PROTECTED) or sequence & 15 or aggregate
        if inside <= 0 or opaque or (kind == DATA and subtype & 4) or kind not in (0, DATA):
            cursor.rest("wlan.data")
            return Reading(f"{said}, protected" if flags & PROTECTED else said)
        keys = (("eth.llc", 0),) if kind == DATA else (("wlan.mgt", subtype),)
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        above = Payload(
            cursor.source,
            start,
            stop,
            keys=keys,
            sender=Address(ends[0].hex(":")),
            target=Address(ends[1].hex(":")),
            length=inside,
        )
        return Reading(said, (above,))


def _control(cursor: Cursor) -> tuple[int, int, int]:
    """Frame control: type, subtype, flags."""
    first, flags = cursor.peek(2)
    kind, subtype = first >> 2 & 3, first >> 4
    ds = Bits("wlan.fc.ds", 2, (Bits("wlan.fc.fromds", 1), Bits("wlan.fc.tods", 1)))
    names = ("order", "protected", "moredata", "pwrmgt", "retry", "frag")
    with cursor.group("wlan.fc", 2, first << 8 | flags):
        cursor.worked("wlan.fc.type_subtype", kind << 4 | subtype)
        cursor.bits(
            1,
            Bits("wlan.fc.subtype", 4),
            Bits("wlan.fc.type", 2),
            Bits("wlan.fc.version", 2),
        )
        parts = (*(Bits(f"wlan.fc.{name}", 1) for name in names), ds)
        cursor.bits(1, Bits("wlan.flags", 8, parts))
    return kind, subtype, flags


def _short(cursor: Cursor, both: int, name: str) -> str:
    """Control frames: a receiver, and for most a transmitter."""
    target = cursor.take("wlan.ra", 6)
    cursor.worked("wlan.addr", target)
    if both not in ONE_ADDRESS and cursor.left() >= 6:
        cursor.worked("wlan.addr", cursor.take("wlan.ta", 6))
    cursor.rest("wlan.data")
    return f"{name} to {target.hex(':')}"


def _addresses(cursor: Cursor, flags: int) -> tuple[bytes, bytes]:
    """Three addresses by what they mean; who sent the packet and to whom."""
    first = cursor.take("wlan.ra", 6)
    second = cursor.take("wlan.ta", 6)
    towards, away = bool(flags & TO), bool(flags & FROM)
    third_name = "wlan.da" if towards else "wlan.sa" if away else "wlan.bssid"
    third = cursor.take(third_name, 6)
    for address in (first, second, third):
        cursor.worked("wlan.addr", address)
    target = third if towards else first
    source = third if away and not towards else second
    if not towards:
        cursor.worked("wlan.da", target)
    if not away:
        cursor.worked("wlan.sa", source)
    if towards != away:
        cursor.worked("wlan.bssid", first if towards else second)
    return source, target


def _quality(cursor: Cursor) -> bool:
    """Two bytes of quality of service; whether the frame holds several packets."""
    value = int.from_bytes(cursor.peek(2), "little")
    cursor.take("wlan.qos", 2)
    cursor.worked("wlan.qos.tid", value & 15)
    cursor.worked("wlan.qos.priority", value & 7)
    cursor.worked("wlan.qos.amsdupresent", value >> 7 & 1)
    return bool(value & 0x80)
