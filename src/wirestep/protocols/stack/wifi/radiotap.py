"""What a radio tells of a frame: fields in fixed order, present or not (radiotap.org)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from wirestep.decode.contract import Payload, Reading, Stateless, Where
from wirestep.decode.cursor import Bits, Broken, Cursor

FCS_FLAG, PAD_FLAG = 0x10, 0x20
RADIO_NAMESPACE, VENDOR_NAMESPACE, MORE = 29, 30, 31
MAX_WORDS = 32


class Item(NamedTuple):
    """A field of the header."""

    size: int
    align: int
    read: Callable[[Cursor], None]


class RadiotapDecoder(Stateless):
    """The header tells its own length; the wireless frame follows."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The fields that are known, in order; the frame and its check sequence are handed up."""
        begin = cursor.at
        cursor.uint("radiotap.version", 1)
        cursor.uint("radiotap.pad", 1)
        size = cursor.uint_le("radiotap.length", 2)
        if size < 8:
            raise Broken(f"a header of {size} bytes")
        wire_stop, stop = begin + where.length, cursor.stop
        cursor.stop = min(stop, begin + size)
        flags = _fields(cursor, begin)
        if cursor.left():
            cursor.rest("radiotap.data")
        start = cursor.stop = cursor.at
        tail = 4 if flags & FCS_FLAG and wire_stop - start >= 4 else 0
        end = min(stop, wire_stop - tail)
        name = "wlan.padded" if flags & PAD_FLAG else "wlan"
        frame = Payload(
            cursor.source, start, max(start, end), name, length=wire_stop - tail - start
        )
        payloads = [frame]
        if tail and stop == wire_stop:
            payloads.append(Payload(cursor.source, end, stop, "wlan.tail"))
        return Reading(f"Length {size}", payloads if stop > start else ())


def _present(cursor: Cursor) -> Iterator[int]:
    """Bits of all words, in order; reading starts over with each word of the radio's own."""
    words: list[int] = []
    while len(words) < MAX_WORDS and cursor.left() >= 4:
        words.append(cursor.uint_le("radiotap.present.word", 4))
        if not words[-1] >> MORE:
            break
    for word in words:
        yield from (bit for bit in range(32) if word >> bit & 1)


def _fields(cursor: Cursor, begin: int) -> int:
    """All fields up to the first unknown one; the frame's flags."""
    flags = 0
    for bit in _present(cursor):
        if bit in (RADIO_NAMESPACE, MORE):
            continue
        item = ITEMS.get(bit)
        if item is None:  # a vendor's, or one we cannot tell the size of
            break
        skip = -(cursor.at - begin) % item.align
        if skip + item.size > cursor.left():
            cursor.note("broken", "the header ends before its fields do")
            break
        cursor.take("radiotap.align", skip)
        if bit == 1:
            flags = cursor.peek(1)[0]
        item.read(cursor)
    return flags


def _flags(cursor: Cursor) -> None:
    names = ("shortgi", "badfcs", "datapad", "fcs", "frag", "wep", "preamble", "cfp")
    parts = tuple(Bits(f"radiotap.flags.{name}", 1) for name in names)
    cursor.bits(1, Bits("radiotap.flags", 8, parts))


def _rate(cursor: Cursor) -> None:
    half = cursor.peek(1)[0] & 0x7F
    with cursor.group("radiotap.datarate", 1, half * 500_000):
        cursor.uint("radiotap.datarate.raw", 1)


def _channel(cursor: Cursor) -> None:
    cursor.uint_le("radiotap.channel.freq", 2)
    cursor.uint_le("radiotap.channel.flags", 2)


def _hopping(cursor: Cursor) -> None:
    cursor.uint("radiotap.fhss.hopset", 1)
    cursor.uint("radiotap.fhss.pattern", 1)


def _signed(name: str) -> Callable[[Cursor], None]:
    def read(cursor: Cursor) -> None:
        value = int.from_bytes(cursor.peek(1), "big", signed=True)
        with cursor.group(name, 1, value):
            cursor.rest("radiotap.raw")

    return read


def _number(name: str, size: int) -> Callable[[Cursor], None]:
    def read(cursor: Cursor) -> None:
        cursor.uint_le(name, size)

    return read


def _bytes(name: str, size: int) -> Callable[[Cursor], None]:
    def read(cursor: Cursor) -> None:
        cursor.take(name, size)

    return read


ITEMS: dict[int, Item] = {
    0: Item(8, 8, _number("radiotap.mactime", 8)),
    1: Item(1, 1, _flags),
    2: Item(1, 1, _rate),
    3: Item(4, 2, _channel),
    4: Item(2, 1, _hopping),
    5: Item(1, 1, _signed("radiotap.dbm_antsignal")),
    6: Item(1, 1, _signed("radiotap.dbm_antnoise")),
    7: Item(2, 2, _number("radiotap.quality", 2)),
    8: Item(2, 2, _number("radiotap.txattenuation", 2)),
    9: Item(2, 2, _number("radiotap.db_txattenuation", 2)),
    10: Item(1, 1, _signed("radiotap.txpower")),
    11: Item(1, 1, _number("radiotap.antenna", 1)),
    12: Item(1, 1, _number("radiotap.db_antsignal", 1)),
    13: Item(1, 1, _number("radiotap.db_antnoise", 1)),
    14: Item(2, 2, _number("radiotap.rxflags", 2)),
    15: Item(2, 2, _number("radiotap.txflags", 2)),
    16: Item(1, 1, _number("radiotap.rts_retries", 1)),
    17: Item(1, 1, _number("radiotap.data_retries", 1)),
    18: Item(8, 4, _bytes("radiotap.xchannel", 8)),
    19: Item(3, 1, _bytes("radiotap.mcs", 3)),
    20: Item(8, 4, _bytes("radiotap.ampdu", 8)),
    21: Item(12, 2, _bytes("radiotap.vht", 12)),
    22: Item(12, 8, _bytes("radiotap.timestamp", 12)),
}
