"""Logical link control and its extension SNAP (IEEE 802.2, RFC 1042)."""

from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Bits, Cursor
from wirestep.decode.fields import table
from wirestep.decode.numbers import ETHERTYPES

SAPS = {
    0x00: "Null",
    0x02: "LLC sublayer management",
    0x06: "IPv4",
    0x42: "Spanning tree",
    0x80: "XNS",
    0xAA: "SNAP",
    0xE0: "NetWare",
    0xF0: "NetBIOS",
    0xFE: "ISO network layer",
    0xFF: "Global",
}
OUIS = {
    0x000000: "Encapsulated Ethernet",
    0x00000C: "Cisco",
    0x0000F8: "Bridge tunnel",
    0x0080C2: "IEEE 802.1",
    0x080007: "Apple",
    0x00E02B: "Extreme",
}
CISCO_PIDS = {
    0x010B: "PVST+",
    0x0104: "Port aggregation",
    0x0111: "UDLD",
    0x2000: "CDP",
    0x2003: "VTP",
    0x2004: "DTP",
}
COMMANDS = {
    0x00: "Unnumbered information",
    0x03: "Test",
    0x0C: "Disconnect mode",
    0x10: "Disconnect",
    0x18: "Unnumbered acknowledgment",
    0x1B: "Set asynchronous balanced mode, extended",
    0x21: "Frame reject",
    0x2B: "Exchange identification",
}
FRAME_TYPES = {0: "Information", 1: "Supervisory", 3: "Unnumbered"}
FIELDS = table(
    """
llc.dsap                    hex1   Destination service
llc.dsap.sap                uint   Destination service
llc.dsap.ig                 bool   Group
llc.ssap                    hex1   Source service
llc.ssap.sap                uint   Source service
llc.ssap.cr                 bool   Response
llc.control                 hex2   Control
llc.control.u_modifier_cmd  hex1   Command
llc.control.p               bool   Poll or final
llc.control.ftype           hex2   Frame type
llc.control.n_r             uint   Receive number
llc.control.n_s             uint   Send number
llc.control.s_ftype         hex2   Supervisory type
llc.oui                     uint   Organization
llc.type                    hex2   Type
llc.pid                     hex2   Protocol
llc.cisco_pid               hex2   Protocol
""",
    names={
        "llc.dsap": SAPS,
        "llc.ssap": SAPS,
        "llc.control.u_modifier_cmd": COMMANDS,
        "llc.control.ftype": FRAME_TYPES,
        "llc.oui": OUIS,
        "llc.type": ETHERTYPES,
        "llc.cisco_pid": CISCO_PIDS,
    },
)


class LlcDecoder(Stateless):
    """Two services and a control field; SNAP says whose type follows."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """Header and, for SNAP, its extension; the rest is handed up."""
        begin = cursor.at
        target = _sap(cursor, "dsap", "ig")
        source = _sap(cursor, "ssap", "cr")
        kind = _control(cursor)
        keys: tuple[tuple[str, int], ...] = (("llc.dsap", target),)
        names = f"{SAPS.get(source, hex(source))} → {SAPS.get(target, hex(target))}"
        if target == 0xAA and source in (0xAA, 0xAB) and kind == 3:
            organization = cursor.uint("llc.oui", 3)
            if organization in (0x000000, 0x0000F8):
                keys = (("eth.type", cursor.uint("llc.type", 2)),)
            elif organization == 0x00000C:
                keys = (("llc.cisco_pid", cursor.uint("llc.cisco_pid", 2)),)
            else:
                keys = ((f"llc.oui.{organization:06x}", cursor.uint("llc.pid", 2)),)
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        size = max(0, where.length - (start - begin))
        above = Payload(cursor.source, start, stop, keys=keys, length=size)
        return Reading(f"{names}, {FRAME_TYPES[kind].lower()}", (above,))


def _sap(cursor: Cursor, name: str, flag: str) -> int:
    value, *_ = cursor.bits(
        1,
        Bits(f"llc.{name}", 8, (Bits(f"llc.{name}.sap", 7), Bits(f"llc.{name}.{flag}", 1))),
    )
    return value


def _control(cursor: Cursor) -> int:
    """The control field, one byte for unnumbered frames and two for others; the frame type."""
    first = cursor.peek(1)[0]
    if first & 3 == 3:
        # the modifier is split in two by the poll bit: Wireshark's value keeps the bits in place
        modifier = first >> 2 & 0x3B
        with cursor.group("llc.control", 1, first):
            cursor.worked("llc.control.u_modifier_cmd", modifier)
            cursor.bits(
                1,
                Bits("llc.control.u_modifier_high", 3),
                Bits("llc.control.p", 1),
                Bits("llc.control.u_modifier_low", 2),
                Bits("llc.control.ftype", 2),
            )
        return 3
    low, high = cursor.peek(2)
    with cursor.group("llc.control", 2, high << 8 | low):
        if first & 1:
            cursor.bits(
                1,
                Bits("llc.control.reserved", 4),
                Bits("llc.control.s_ftype", 2),
                Bits("llc.control.ftype", 2),
            )
        else:
            cursor.bits(1, Bits("llc.control.n_s", 7), Bits("llc.control.ftype", 1))
        cursor.bits(1, Bits("llc.control.n_r", 7), Bits("llc.control.p", 1))
    return first & 1


FIELDS |= table(
    """
llc.control.u_modifier_high  uint  Command, high bits
llc.control.u_modifier_low   uint  Command, low bits
llc.control.reserved         uint  Reserved
"""
)

PROTOCOL = Protocol(
    "llc",
    "LLC",
    "Logical link control",
    "IEEE 802.2",
    LlcDecoder,
    FIELDS,
    on={"eth.llc": (0,), "gre.proto": (0x007A,)},
    level="",
)
PROTOCOLS = (PROTOCOL,)
