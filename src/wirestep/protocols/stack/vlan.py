"""Tags of virtual LANs (IEEE 802.1Q section 9.6), customer's and provider's."""

import struct

from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Bits, Cursor
from wirestep.decode.fields import table
from wirestep.decode.numbers import ETHERTYPES, said_length

PRIORITIES = {
    0: "Best effort (default)",
    1: "Background",
    2: "Excellent effort",
    3: "Critical applications",
    4: "Video, under 100 ms delay and jitter",
    5: "Voice, under 10 ms delay and jitter",
    6: "Internetwork control",
    7: "Network control",
}
FIELDS = table(
    """
vlan.priority  uint  Priority
vlan.dei       bool  May be dropped first
vlan.id        uint  VLAN
vlan.etype     hex2  Type
vlan.len       uint  Length
""",
    names={"vlan.priority": PRIORITIES, "vlan.etype": ETHERTYPES},
)
PROVIDER_FIELDS = table(
    """
ieee8021ad.priority  uint  Priority
ieee8021ad.dei       uint  May be dropped first
ieee8021ad.id        uint  VLAN
ieee8021ad.etype     hex2  Type
ieee8021ad.len       uint  Length
""",
    names={"ieee8021ad.priority": PRIORITIES, "ieee8021ad.etype": ETHERTYPES},
)

HEADER = 4
_HEADER = struct.Struct("!HH")
MAX_LENGTH = 1500


class VlanDecoder(Stateless):
    """Two bytes of tag, then a type or a length as in the frame itself."""

    def __init__(self, name: str = "vlan") -> None:
        self.name = name

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The tag; the packet inside is handed up, and so are bytes behind it."""
        begin, name = cursor.at, self.name
        if cursor.left() < HEADER or cursor.wants_under(f"{name}."):
            _show(cursor, name)
        else:
            cursor.skip(HEADER)
        tag, kind = _HEADER.unpack_from(cursor.data, begin)
        start = cursor.at
        size: int | None
        if kind <= MAX_LENGTH:
            size, keys = kind, (("eth.llc", 0),)
        else:
            size = said_length(kind, cursor.data[start : start + 8])
            keys = (("eth.type", kind),)
        wire = where.length - HEADER
        inside = wire if size is None or size > wire else size
        stop = min(start + inside, cursor.stop)
        payloads = [Payload(cursor.source, start, stop, keys=keys, length=inside)]
        if stop < cursor.stop:
            payloads.append(Payload(cursor.source, stop, cursor.stop, "vlan.tail"))
        cursor.stop = cursor.at
        line = f"PRI: {tag >> 13}, DEI: {tag >> 12 & 1}, ID: {tag & 0xFFF}"
        return Reading(line, payloads)


def _show(cursor: Cursor, name: str) -> None:
    """All fields of the tag, or those that are there."""
    cursor.bits(2, Bits(f"{name}.priority", 3), Bits(f"{name}.dei", 1), Bits(f"{name}.id", 12))
    kind = int.from_bytes(cursor.peek(2), "big")
    cursor.uint(f"{name}.len" if kind <= MAX_LENGTH else f"{name}.etype", 2)


class TrailerDecoder(Stateless):
    """Bytes behind a tagged packet."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """All there is."""
        size = len(cursor.rest("vlan.trailer"))
        return Reading(f"{size} byte{'' if size == 1 else 's'}")


PROTOCOL = Protocol(
    "vlan",
    "VLAN",
    "Virtual LAN",
    "IEEE 802.1Q",
    VlanDecoder,
    FIELDS,
    on={"eth.type": (0x8100, 0x9100, 0x9200)},
    level="",
)
PROVIDER = Protocol(
    "ieee8021ad",
    "802.1ad",
    "Provider bridge",
    "IEEE 802.1ad",
    lambda: VlanDecoder("ieee8021ad"),
    PROVIDER_FIELDS,
    on={"eth.type": (0x88A8,)},
    level="",
)
TRAILER = Protocol(
    "vlan.tail",
    "VLAN",
    "VLAN trailer",
    "IEEE 802.1Q",
    TrailerDecoder,
    table("vlan.trailer bytes Trailer"),
    level="",
    family="vlan",
)
PROTOCOLS = (PROTOCOL, PROVIDER, TRAILER)
