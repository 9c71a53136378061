"""IPv4 packets (RFC 791)."""

from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Bits, Broken, Cursor
from wirestep.decode.fields import ipv4_text, table
from wirestep.model import Address

FIELDS = table("""
ip.version       uint   Version
ip.hdr_len       uint   Header length
ip.dsfield       hex1   Differentiated services
ip.len           uint   Total length
ip.id            hex2   Identification
ip.flags         hex1   Flags
ip.frag_offset   uint   Fragment offset
ip.ttl           uint   Time to live
ip.proto         uint   Protocol
ip.checksum      hex2   Header checksum
ip.src           ipv4   Source
ip.dst           ipv4   Destination
ip.options       bytes  Options
""")


class Ipv4Decoder(Stateless):
    """A header, then what the protocol number says."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        start = cursor.at
        version, size = cursor.bits(1, Bits("ip.version", 4), Bits("ip.hdr_len", 4, scale=4))
        if version != 4 or size < 20:
            raise Broken(f"version {version}, header of {size} bytes")
        cursor.uint("ip.dsfield", 1)
        total = cursor.uint("ip.len", 2)
        cursor.uint("ip.id", 2)
        cursor.bits(2, Bits("ip.flags", 3), Bits("ip.frag_offset", 13, scale=8))
        cursor.uint("ip.ttl", 1)
        number = cursor.uint("ip.proto", 1)
        cursor.uint("ip.checksum", 2)
        source = ipv4_text(cursor.take("ip.src", 4))
        target = ipv4_text(cursor.take("ip.dst", 4))
        cursor.take("ip.options", size - 20)
        begin, stop = cursor.at, min(start + total, cursor.stop)
        cursor.stop = cursor.at
        above = Payload(
            cursor.source,
            begin,
            max(begin, stop),
            keys=(("ip.proto", number),),
            sender=Address(source),
            target=Address(target),
            length=total - size,
        )
        return Reading(f"{source} → {target}", (above,))


PROTOCOL = Protocol(
    "ip",
    "IPv4",
    "Internet Protocol 4",
    "RFC 791",
    Ipv4Decoder,
    FIELDS,
    on={"eth.type": (0x0800,)},
    level="",
    aliases={"ip.addr": ("ip.src", "ip.dst")},
)
