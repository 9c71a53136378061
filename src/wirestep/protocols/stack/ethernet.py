"""Ethernet frames, both kinds (IEEE 802.3 section 3.2): with a type, with a length."""

import struct
from functools import lru_cache

from wirestep.decode.checksum import STATUS, UNVERIFIED
from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.fields import table
from wirestep.decode.numbers import ETHERTYPES, said_length
from wirestep.model import Address

FIELDS = table(
    """
eth.dst              ether  Destination
eth.dst.lg           bool   Destination is locally administered
eth.dst.ig           bool   Destination is a group
eth.src              ether  Source
eth.src.lg           bool   Source is locally administered
eth.src.ig           bool   Source is a group
eth.type             hex2   Type
eth.len              uint   Length
eth.invalid_lentype  hex2   Neither length nor type
""",
    names={"eth.type": ETHERTYPES},
)

HEADER = 14
_HEADER = struct.Struct("!6s6sH")
MIN_FRAME = 60
"""Bytes of the shortest frame, without its check sequence; shorter ones are padded."""
MAX_LENGTH = 1500
MIN_TYPE = 0x0600


class EthernetDecoder(Stateless):
    """Two addresses, then a type or a length."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The header; the packet inside, and what stands behind it, are handed up."""
        begin = cursor.at
        if cursor.left() < HEADER or cursor.wants_under("eth."):
            _show(cursor)
        else:
            cursor.skip(HEADER)
        target, source, number = _HEADER.unpack_from(cursor.data, begin)
        start = cursor.at
        sender, receiver = _end(source), _end(target)
        if source[0] & 1:
            cursor.note("odd", "the source is a group address (IEEE 802.3 section 3.2.3)")
        size: int | None
        if number <= MAX_LENGTH:
            size = number
            if size > where.length - HEADER:
                cursor.note("odd", f"a length of {size}, but {where.length - HEADER} bytes follow")
            # Novell's own framing puts IPX there at once: no LLC starts with FF FF
            raw = cursor.source.data[start : start + 2] == b"\xff\xff"
            keys: tuple[tuple[str, int], ...] = (("eth.novell", 0),) if raw else (("eth.llc", 0),)
        elif number < MIN_TYPE:
            cursor.note("broken", "too much for a length, too little for a type")
            size, keys = None, ()
        else:
            size = said_length(number, cursor.data[start : start + 8])
            keys = (("eth.type", number),)
        wire = where.length - HEADER
        inside = wire if size is None or size > wire else size
        stop = min(start + inside, cursor.stop)
        above = Payload(
            cursor.source,
            start,
            stop,
            keys=keys,
            sender=sender,
            target=receiver,
            length=inside,
        )
        whole = start + inside == stop < cursor.stop
        tails = _tails(cursor, stop, HEADER + inside) if whole else ()
        cursor.stop = cursor.at
        return Reading(f"{sender.host} → {receiver.host}", (above, *tails))


@lru_cache(maxsize=4096)
def _end(address: bytes) -> Address:
    """The same few hosts over and over, so each is written out once."""
    return Address(address.hex(":"))


def _show(cursor: Cursor) -> None:
    """All fields of the header, or those that are there."""
    _address(cursor, "eth.dst")
    _address(cursor, "eth.src")
    number = int.from_bytes(cursor.peek(2), "big")
    if number <= MAX_LENGTH:
        cursor.uint("eth.len", 2)
    elif number < MIN_TYPE:
        cursor.uint("eth.invalid_lentype", 2)
    else:
        cursor.uint("eth.type", 2)


def _address(cursor: Cursor, name: str) -> None:
    """Six bytes and what their first two bits say."""
    value = cursor.take(name, 6)
    cursor.worked(f"{name}.lg", value[0] >> 1 & 1)
    cursor.worked(f"{name}.ig", value[0] & 1)


def _tails(cursor: Cursor, start: int, used: int) -> tuple[Payload, ...]:
    """What stands behind the packet: padding up to the shortest frame, a trailer, a checksum.

    Wireshark's rules: padding is zeros; four bytes at the end are a check sequence where the frame
    is as long as one with a check sequence must be. `used` counts the frame's bytes before `start`.
    """
    stop, source = cursor.stop, cursor.source
    places = []
    pad = min(stop, start + max(0, MIN_FRAME - used))
    if pad > start and not any(cursor.data[start:pad]):
        places.append(("padding", start, pad))
        used += pad - start
        start = pad
    if stop - start >= 4 and used + stop - start >= MIN_FRAME + 4:
        places += [("trailer", start, stop - 4), ("fcs", stop - 4, stop)]
    else:
        places.append(("trailer", start, stop))
    return tuple(
        Payload(source, low, high, f"eth.tail.{name}") for name, low, high in places if low < high
    )


class TailDecoder(Stateless):
    """Bytes behind the packet, as they are."""

    def __init__(self, name: str = "eth.trailer") -> None:
        self.name = name

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """One field, and for a check sequence that nobody checked it."""
        if self.name == "eth.fcs":
            value = cursor.uint("eth.fcs", 4)
            cursor.worked("eth.fcs.status", UNVERIFIED)
            return Reading(f"0x{value:08x}")
        size = len(cursor.rest(self.name))
        return Reading(f"{size} byte{'' if size == 1 else 's'}")


PROTOCOL = Protocol(
    "eth",
    "Ethernet",
    "Ethernet",
    "IEEE 802.3",
    EthernetDecoder,
    FIELDS,
    on={"link": (1,), "eth.type": (0x6558,), "ip.proto": (143,)},
    level="",
    aliases={
        "eth.addr": ("eth.dst", "eth.src"),
        "eth.lg": ("eth.dst.lg", "eth.src.lg"),
        "eth.ig": ("eth.dst.ig", "eth.src.ig"),
    },
)
PADDING = Protocol(
    "eth.tail.padding",
    "Ethernet",
    "Ethernet padding",
    "IEEE 802.3",
    lambda: TailDecoder("eth.padding"),
    table("eth.padding bytes Padding"),
    level="",
    family="eth",
)
TRAILER = Protocol(
    "eth.tail.trailer",
    "Ethernet",
    "Ethernet trailer",
    "IEEE 802.3",
    lambda: TailDecoder("eth.trailer"),
    table("eth.trailer bytes Trailer"),
    level="",
    family="eth",
)
FCS = Protocol(
    "eth.tail.fcs",
    "Ethernet",
    "Ethernet check sequence",
    "IEEE 802.3",
    lambda: TailDecoder("eth.fcs"),
    table(
        "eth.fcs hex4 Frame check sequence\neth.fcs.status uint Check sequence status",
        names={"eth.fcs.status": STATUS},
    ),
    level="",
    family="eth",
)
PROTOCOLS = (PROTOCOL, PADDING, TRAILER, FCS)
