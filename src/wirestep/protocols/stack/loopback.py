"""Links without a header of their own: BSD loopback and raw IP (LINKTYPE_NULL, _LOOP, _RAW)."""

from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Broken, Cursor
from wirestep.decode.fields import table

FAMILIES = {
    2: "IP",
    7: "OSI",
    10: "IPv6 (Linux)",
    23: "IPX",
    24: "IPv6 (NetBSD, OpenBSD)",
    28: "IPv6 (FreeBSD)",
    30: "IPv6 (macOS)",
}
BY_FAMILY = {2: 0x0800, 10: 0x86DD, 24: 0x86DD, 28: 0x86DD, 30: 0x86DD}
FIELDS = table("null.family uint Family", names={"null.family": FAMILIES})


class NullDecoder(Stateless):
    """Four bytes in the byte order of whoever captured."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The order is told by the value: no family is above 65,535."""
        big = int.from_bytes(cursor.peek(4), "big")
        read = cursor.uint if big < 0x10000 else cursor.uint_le
        family = read("null.family", 4)
        kind = BY_FAMILY.get(family)
        keys = (("null.family", family),) if kind is None else (("eth.type", kind),)
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        size = max(0, where.length - 4)
        above = Payload(cursor.source, start, stop, keys=keys, length=size)
        return Reading(FAMILIES.get(family, f"family {family}"), (above,))


class RawDecoder(Stateless):
    """An IP packet, of whichever version, and nothing around it."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The first four bits tell the version."""
        version = cursor.peek(1)[0] >> 4
        if version not in (4, 6):
            raise Broken(f"neither IPv4 nor IPv6: version {version}")
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        keys = (("eth.type", 0x0800 if version == 4 else 0x86DD),)
        above = Payload(cursor.source, start, stop, keys=keys, length=where.length)
        return Reading(f"IPv{version}, no link layer", (above,))


PROTOCOL = Protocol(
    "null",
    "Null",
    "BSD loopback",
    "LINKTYPE_NULL",
    NullDecoder,
    FIELDS,
    on={"link": (0, 108)},
    level="",
)
RAW = Protocol(
    "raw",
    "Raw",
    "Raw packet, no link layer",
    "LINKTYPE_RAW",
    RawDecoder,
    {},
    on={"link": (12, 14, 101)},
    level="",
)
PROTOCOLS = (PROTOCOL, RAW)
