"""What may follow the packet that an ICMP error quotes (RFC 4884, 4950, 8335)."""

from wirestep.decode.checksum import BAD, GOOD, UNVERIFIED, internet_checksum
from wirestep.decode.contract import Reading, Stateless, Where
from wirestep.decode.cursor import Bits, Cursor

MPLS, IDENTITY = 1, 3


class ExtensionDecoder(Stateless):
    """A header, then objects."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """All objects; what does not fit stays unread."""
        data = cursor.peek(cursor.left())
        cursor.bits(2, Bits("icmp.ext.version", 4), Bits("icmp.ext.res", 12))
        said = cursor.uint("icmp.ext.checksum", 2)
        if not said or len(data) < where.length:
            status = UNVERIFIED
        else:
            status = BAD if internet_checksum(data) else GOOD
        cursor.worked("icmp.ext.checksum.status", status)
        count = 0
        while cursor.left() >= 4:
            size = int.from_bytes(cursor.peek(2), "big")
            if not 4 <= size <= cursor.left():
                cursor.note("broken", f"an object of {size} bytes")
                break
            _object(cursor, size)
            count += 1
        return Reading(f"{count} object{'' if count == 1 else 's'}")


def _object(cursor: Cursor, size: int) -> None:
    with cursor.group("icmp.ext", size):
        cursor.uint("icmp.ext.length", 2)
        family = cursor.uint("icmp.ext.class", 1)
        kind = cursor.uint("icmp.ext.ctype", 1)
        while family == MPLS and cursor.left() >= 4:
            with cursor.group("icmp.mpls", 4):
                cursor.bits(
                    3,
                    Bits("icmp.mpls.label", 20),
                    Bits("icmp.mpls.exp", 3),
                    Bits("icmp.mpls.s", 1),
                )
                cursor.uint("icmp.mpls.ttl", 1)
        if family == IDENTITY and kind == 1:
            cursor.text("icmp.int_ident.name", cursor.left())
        elif family == IDENTITY and kind == 2 and cursor.left() >= 4:
            cursor.uint("icmp.int_ident.index", 4)
        cursor.rest("icmp.ext.data")
