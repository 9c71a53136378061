"""Ethernet frames (IEEE 802.3)."""

from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.fields import table
from wirestep.model import Address

FIELDS = table("""
eth.dst   ether  Destination
eth.src   ether  Source
eth.type  hex2   Type
""")


class EthernetDecoder(Stateless):
    """Two addresses and a type."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        target = cursor.take("eth.dst", 6).hex(":")
        source = cursor.take("eth.src", 6).hex(":")
        kind = cursor.uint("eth.type", 2)
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        above = Payload(
            cursor.source,
            start,
            stop,
            keys=(("eth.type", kind),),
            sender=Address(source),
            target=Address(target),
            length=where.length - 14,
        )
        return Reading(f"{source} → {target}", (above,))


PROTOCOL = Protocol(
    "eth",
    "Ethernet",
    "Ethernet",
    "IEEE 802.3",
    EthernetDecoder,
    FIELDS,
    on={"link": (1,)},
    level="",
    aliases={"eth.addr": ("eth.dst", "eth.src")},
)
