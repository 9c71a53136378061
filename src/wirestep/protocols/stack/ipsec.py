"""Headers of IPsec: authentication (RFC 4302), encapsulated security payload (RFC 4303)."""

from wirestep.decode.contract import Payload, Protocol, Reading, Stateless, Where
from wirestep.decode.cursor import Broken, Cursor
from wirestep.decode.fields import table
from wirestep.decode.numbers import IP_PROTOCOLS

AH_FIELDS = table(
    """
ah.next_header  uint   Next header
ah.length       uint   Length in units of 4 bytes, two not counted
ah.reserved     bytes  Reserved
ah.spi          hex4   Security parameters index
ah.sequence     uint   Sequence number
ah.icv          bytes  Integrity check value
""",
    names={"ah.next_header": IP_PROTOCOLS},
)
ESP_FIELDS = table(
    """
esp.spi             hex4   Security parameters index
esp.sequence        uint   Sequence number
esp.encrypted_data  bytes  Encrypted data
"""
)


class AhDecoder(Stateless):
    """What follows is in the clear, only signed."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The header; the rest is handed up."""
        size = 8 + 4 * cursor.peek(2)[1]
        if size < 12:
            raise Broken(f"an authentication header of {size} bytes, at least 12 are needed")
        number = cursor.uint("ah.next_header", 1)
        cursor.uint("ah.length", 1)
        cursor.take("ah.reserved", 2)
        spi = cursor.uint("ah.spi", 4)
        cursor.uint("ah.sequence", 4)
        cursor.take("ah.icv", size - 12)
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        left = max(0, where.length - size)
        above = Payload(cursor.source, start, stop, keys=(("ip.proto", number),), length=left)
        return Reading(f"AH (SPI=0x{spi:08x})", (above,))


class EspDecoder(Stateless):
    """Without the keys, only the header can be read."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """The header, and the rest as it is."""
        spi = cursor.uint("esp.spi", 4)
        cursor.uint("esp.sequence", 4)
        cursor.rest("esp.encrypted_data")
        return Reading(f"ESP (SPI=0x{spi:08x})")


AH = Protocol(
    "ah",
    "AH",
    "Authentication header",
    "RFC 4302",
    AhDecoder,
    AH_FIELDS,
    on={"ip.proto": (51,)},
    level="",
)
ESP = Protocol(
    "esp",
    "ESP",
    "Encapsulating security payload",
    "RFC 4303",
    EspDecoder,
    ESP_FIELDS,
    on={"ip.proto": (50,)},
    level="packet",
    hue="grey",
)
PROTOCOLS = (AH, ESP)
