"""Tunnels: generic routing encapsulation (RFC 2784, 2890, 2637) and VXLAN (RFC 7348)."""

from wirestep.decode.checksum import BAD, GOOD, STATUS, UNVERIFIED, internet_checksum
from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Bits, Cursor
from wirestep.decode.fields import table
from wirestep.decode.numbers import ETHERTYPES

GRE_FIELDS = table(
    """
gre.flags_and_version          hex2   Flags and version
gre.flags.checksum             bool   Checksum follows
gre.flags.routing              bool   Routing follows
gre.flags.key                  bool   Key follows
gre.flags.sequence_number      bool   Sequence number follows
gre.flags.strict_source_route  bool   Strict source route
gre.flags.recursion_control    uint   Further tunnels allowed
gre.flags.ack                  bool   Acknowledgment follows
gre.flags.reserved             uint   Reserved
gre.flags.version              uint   Version
gre.proto                      hex2   Protocol
gre.checksum                   hex2   Checksum
gre.checksum.status            uint   Checksum status
gre.offset                     uint   Offset of the active route
gre.key                        hex4   Key
gre.key.payload_length         uint   Payload length
gre.key.call_id                uint   Call
gre.sequence_number            uint   Sequence number
gre.ack_number                 uint   Acknowledgment number
gre.routing                    group  Source route
gre.routing.address_family     uint   Address family
gre.routing.sre_offset         uint   Offset
gre.routing.src_length         uint   Length
gre.routing.information        bytes  Routing information
""",
    names={"gre.proto": ETHERTYPES, "gre.checksum.status": STATUS},
)
VXLAN_FIELDS = table(
    """
vxlan.flags            hex2  Flags
vxlan.flag_g           bool  Group policy is given
vxlan.flag_r1          uint  Reserved
vxlan.flag_i           bool  Network identifier is given
vxlan.flag_r2          uint  Reserved
vxlan.flag_d           bool  Do not learn
vxlan.flag_r3          uint  Reserved
vxlan.flag_a           bool  Policy was applied
vxlan.flag_r4          uint  Reserved
vxlan.flags_reserved   hex2  Reserved flags
vxlan.gbp              uint  Group policy
vxlan.vni              uint  Network identifier
vxlan.reserved8        uint  Reserved
"""
)
POINT_TO_POINT = 0x880B


class GreDecoder(Stateless):
    """Flags tell which fields follow; version 1 is the one that PPTP uses."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The header; what is in the tunnel is handed up."""
        begin = cursor.at
        data = cursor.peek(cursor.left())
        flags = int.from_bytes(cursor.peek(2), "big")
        version = flags & 7
        cursor.bits(2, Bits("gre.flags_and_version", 16, _flags(version)))
        number = cursor.uint("gre.proto", 2)
        if flags & 0xC000:
            cursor.uint("gre.checksum", 2)
            status = UNVERIFIED
            if flags & 0x8000 and len(data) >= where.length:
                status = BAD if internet_checksum(data) else GOOD
            cursor.worked("gre.checksum.status", status)
            cursor.uint("gre.offset", 2)
        if flags & 0x2000 and version == 1:
            cursor.uint("gre.key.payload_length", 2)
            cursor.uint("gre.key.call_id", 2)
        elif flags & 0x2000:
            cursor.uint("gre.key", 4)
        if flags & 0x1000:
            cursor.uint("gre.sequence_number", 4)
        if version == 1 and flags & 0x0080:
            cursor.uint("gre.ack_number", 4)
        if flags & 0x4000:
            _routes(cursor)
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        size = max(0, where.length - (start - begin))
        keys = (("gre.proto", number), ("eth.type", number))
        above = Payload(cursor.source, start, stop, keys=keys, length=size)
        name = ETHERTYPES.get(number, f"0x{number:04x}")
        return Reading(f"Encapsulated {name}", (above,) if size else ())


def _flags(version: int) -> tuple[Bits, ...]:
    bits = [
        Bits("gre.flags.checksum", 1),
        Bits("gre.flags.routing", 1),
        Bits("gre.flags.key", 1),
        Bits("gre.flags.sequence_number", 1),
        Bits("gre.flags.strict_source_route", 1),
        Bits("gre.flags.recursion_control", 3),
    ]
    if version == 1:
        bits += [Bits("gre.flags.ack", 1), Bits("gre.flags.reserved", 4)]
    else:
        bits += [Bits("gre.flags.reserved", 5)]
    return (*bits, Bits("gre.flags.version", 3))


def _routes(cursor: Cursor) -> None:
    """Source routes until an empty one (RFC 1701)."""
    while True:
        with cursor.group("gre.routing"):
            family = cursor.uint("gre.routing.address_family", 2)
            cursor.uint("gre.routing.sre_offset", 1)
            size = cursor.uint("gre.routing.src_length", 1)
            cursor.take("gre.routing.information", size)
        if not family and not size:
            return


class VxlanDecoder(Stateless):
    """An Ethernet frame in a datagram."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """Eight bytes; the frame is handed up."""
        bits = int.from_bytes(cursor.peek(2), "big")
        parts = (
            Bits("vxlan.flag_g", 1),
            Bits("vxlan.flag_r1", 3),
            Bits("vxlan.flag_i", 1),
            Bits("vxlan.flag_r2", 4),
            Bits("vxlan.flag_d", 1),
            Bits("vxlan.flag_r3", 2),
            Bits("vxlan.flag_a", 1),
            Bits("vxlan.flag_r4", 3),
        )
        cursor.bits(2, Bits("vxlan.flags", 16, parts))
        cursor.worked("vxlan.flags_reserved", bits & 0x77B7)
        cursor.uint("vxlan.gbp", 2)
        network = cursor.uint("vxlan.vni", 3)
        cursor.uint("vxlan.reserved8", 1)
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        size = max(0, where.length - 8)
        above = Payload(cursor.source, start, stop, "eth", length=size)
        return Reading(f"Network {network}", (above,))


PROTOCOLS = (
    Protocol(
        "gre",
        "GRE",
        "Generic Routing Encapsulation",
        "RFC 2784",
        GreDecoder,
        GRE_FIELDS,
        on={"ip.proto": (47,)},
        level="",
    ),
    Protocol(
        "vxlan",
        "VXLAN",
        "Virtual Extensible LAN",
        "RFC 7348",
        VxlanDecoder,
        VXLAN_FIELDS,
        on={"udp.port": (4789, 8472)},
        level="",
    ),
)
