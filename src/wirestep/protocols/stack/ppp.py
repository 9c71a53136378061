"""Point-to-point links (RFC 1661, RFC 1662) and PPP over Ethernet (RFC 2516)."""

from collections.abc import Callable
from contextlib import suppress

from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Bits, Cursor, Short
from wirestep.decode.fields import table

PROTOCOLS_CARRIED = {
    0x0021: "IPv4",
    0x002B: "IPX",
    0x002D: "Compressed TCP/IP",
    0x002F: "Uncompressed TCP/IP",
    0x003D: "Multilink",
    0x0057: "IPv6",
    0x00FD: "Compressed datagram",
    0x0281: "MPLS",
    0x8021: "IP control",
    0x8057: "IPv6 control",
    0x80FD: "Compression control",
    0x8281: "MPLS control",
    0xC021: "Link control",
    0xC023: "Password authentication",
    0xC025: "Link quality report",
    0xC223: "Challenge handshake authentication",
    0xC227: "Extensible authentication",
}
CODES = {
    0x00: "Session data",
    0x07: "Active Discovery Offer (PADO)",
    0x09: "Active Discovery Initiation (PADI)",
    0x19: "Active Discovery Request (PADR)",
    0x65: "Active Discovery Session-confirmation (PADS)",
    0xA7: "Active Discovery Terminate (PADT)",
}
TAGS = {
    0x0000: "End of list",
    0x0101: "Service name",
    0x0102: "Access concentrator",
    0x0103: "Host-Uniq",
    0x0104: "Cookie",
    0x0105: "Vendor",
    0x0110: "Relay session",
    0x0120: "Largest payload",
    0x0201: "Service name error",
    0x0202: "Concentrator error",
    0x0203: "Generic error",
}
FIELDS = table(
    """
ppp.address   hex1  Address
ppp.control   hex1  Control
ppp.protocol  hex2  Protocol
""",
    names={"ppp.protocol": PROTOCOLS_CARRIED},
)
OVER_ETHERNET = table(
    """
pppoe.version         uint  Version
pppoe.type            uint  Type
pppoe.code            hex1  Code
pppoe.session_id      hex2  Session
pppoe.payload_length  uint  Payload length
""",
    names={"pppoe.code": CODES},
)
DISCOVERY = {
    **OVER_ETHERNET,
    **table(
        """
pppoed.tags                     group  Tag
pppoed.tag                      hex2   Tag
pppoed.tag_length               uint   Length
pppoed.tags.service_name        str    Service name
pppoed.tags.ac_name             str    Access concentrator
pppoed.tags.host_uniq           bytes  Host-Uniq
pppoed.tags.ac_cookie           bytes  Cookie
pppoed.tags.vendor_id           uint   Vendor
pppoed.tags.vendor_unspecified  bytes  Vendor's data
pppoed.tags.relay_session_id    bytes  Relay session
pppoed.tags.max_payload         bytes  Largest payload
pppoed.tags.service_name_error  str    Service name error
pppoed.tags.ac_system_error     str    Concentrator error
pppoed.tags.generic_error       str    Generic error
pppoed.tag.unknown_data         bytes  Data
""",
        names={"pppoed.tag": TAGS},
    ),
}


class PppDecoder(Stateless):
    """Address and control may be left out, and so may the protocol's first byte if zero."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The header; the rest is handed up."""
        begin = cursor.at
        if cursor.left() >= 2 and cursor.peek(2) == b"\xff\x03":
            cursor.uint("ppp.address", 1)
            cursor.uint("ppp.control", 1)
        # a protocol's last byte is odd and its first byte even: an odd first byte is the last
        number = cursor.uint("ppp.protocol", 1 if cursor.peek(1)[0] & 1 else 2)
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        size = max(0, where.length - (start - begin))
        keys = (("ppp.protocol", number),)
        above = Payload(cursor.source, start, stop, keys=keys, length=size)
        return Reading(PROTOCOLS_CARRIED.get(number, f"Protocol 0x{number:04x}"), (above,))


def _header(cursor: Cursor) -> tuple[int, int, int]:
    """Code, session and payload length."""
    cursor.bits(1, Bits("pppoe.version", 4), Bits("pppoe.type", 4))
    code = cursor.uint("pppoe.code", 1)
    return code, cursor.uint("pppoe.session_id", 2), cursor.uint("pppoe.payload_length", 2)


class SessionDecoder(Stateless):
    """A PPP frame in an Ethernet frame."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The header; the PPP frame is handed up."""
        _, session, size = _header(cursor)
        if size > where.length - 6:
            cursor.note("odd", f"a length of {size}, but {where.length - 6} bytes follow")
        start = cursor.at
        stop, cursor.stop = min(cursor.stop, start + size), start
        above = Payload(cursor.source, start, stop, "ppp", length=size)
        return Reading(f"Session 0x{session:04x}", (above,))


class DiscoveryDecoder(Stateless):
    """How a host finds an access concentrator."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The header and all tags."""
        code, _, size = _header(cursor)
        cursor.stop = min(cursor.stop, cursor.at + size)
        said = []
        while cursor.left() >= 4:
            kind, length = (int.from_bytes(cursor.peek(4)[at : at + 2], "big") for at in (0, 2))
            with cursor.group("pppoed.tags", shown=TAGS.get(kind, f"Tag 0x{kind:04x}")):
                cursor.uint("pppoed.tag", 2)
                cursor.uint("pppoed.tag_length", 2)
                if length > cursor.left():
                    raise Short(f"a tag of {length} bytes, {cursor.left()} are left")
                if kind in (0x0101, 0x0102):
                    data = cursor.peek(length).decode("utf-8", "backslashreplace")
                    said.append(f" {TAGS[kind]}='{data}'" if data else "")
                _tag(cursor, kind, length)
            if not kind:
                break
        return Reading(CODES.get(code, f"Code 0x{code:02x}") + "".join(said))


def _tag(cursor: Cursor, kind: int, length: int) -> None:
    name, text = TAG_FIELDS.get(kind, ("pppoed.tag.unknown_data", False))
    if kind == 0x0105 and length >= 4:
        cursor.uint("pppoed.tags.vendor_id", 4)
        length -= 4
    read: Callable[[str, int], object] = cursor.text if text else cursor.take
    with suppress(Short):
        read(name, length)


TAG_FIELDS: dict[int, tuple[str, bool]] = {
    0x0101: ("pppoed.tags.service_name", True),
    0x0102: ("pppoed.tags.ac_name", True),
    0x0103: ("pppoed.tags.host_uniq", False),
    0x0104: ("pppoed.tags.ac_cookie", False),
    0x0105: ("pppoed.tags.vendor_unspecified", False),
    0x0110: ("pppoed.tags.relay_session_id", False),
    0x0120: ("pppoed.tags.max_payload", False),
    0x0201: ("pppoed.tags.service_name_error", True),
    0x0202: ("pppoed.tags.ac_system_error", True),
    0x0203: ("pppoed.tags.generic_error", True),
}
PROTOCOLS = (
    Protocol(
        "ppp",
        "PPP",
        "Point-to-Point Protocol",
        "RFC 1661",
        PppDecoder,
        FIELDS,
        on={"link": (9, 50), "eth.type": (0x880B,)},
        level="",
    ),
    Protocol(
        "pppoes",
        "PPPoE",
        "PPP over Ethernet, session",
        "RFC 2516",
        SessionDecoder,
        OVER_ETHERNET,
        on={"eth.type": (0x8864,), "link": (51,)},
        level="",
        family="pppoe",
    ),
    Protocol(
        "pppoed",
        "PPPoE",
        "PPP over Ethernet, discovery",
        "RFC 2516",
        DiscoveryDecoder,
        DISCOVERY,
        on={"eth.type": (0x8863,)},
        level="packet",
        hue="yellow",
        family="pppoe",
    ),
)
