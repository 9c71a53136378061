"""UDP datagrams (RFC 768)."""

from dataclasses import dataclass, field
from typing import Self

from wirestep.decode.contract import Payload, Protocol, Reading, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.fields import table
from wirestep.model import Address, Side

FIELDS = table("""
udp.srcport   uint  Source port
udp.dstport   uint  Destination port
udp.length    uint  Length
udp.checksum  hex2  Checksum
udp.stream    uint  Conversation
""")

Ends = tuple[Address, Address]


@dataclass
class UdpDecoder:
    """Numbers the conversations in the order in which they appear."""

    streams: dict[Ends, int] = field(default_factory=dict)
    """By (client, server): who spoke first is the client."""

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The datagram is the unit."""
        return len(data)

    def lost(self, side: Side) -> None:
        """Nothing is half read."""

    def copy(self) -> Self:
        """The numbers given so far."""
        return type(self)(dict(self.streams))

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """A header; the rest goes to whom the ports name."""
        begin = cursor.at
        source, target = cursor.uint("udp.srcport", 2), cursor.uint("udp.dstport", 2)
        length = cursor.uint("udp.length", 2)
        cursor.uint("udp.checksum", 2)
        sender = Address(where.sender.host if where.sender else "", source)
        receiver = Address(where.target.host if where.target else "", target)
        side, stream = self._stream(sender, receiver)
        cursor.worked("udp.stream", stream)
        start, stop = cursor.at, cursor.stop
        if length >= 8:
            stop = min(begin + length, stop)
        cursor.stop = start
        above = Payload(
            cursor.source,
            start,
            max(start, stop),
            keys=(("udp.port", min(source, target)), ("udp.port", max(source, target))),
            sender=sender,
            target=receiver,
            flow=stream,
            stream=stream,
            side=side,
            length=length - 8,
        )
        return Reading(f"{source} → {target} Len={length - 8}", (above,))

    def _stream(self, sender: Address, target: Address) -> tuple[Side, int]:
        if (target, sender) in self.streams and sender != target:
            return Side.SERVER, self.streams[target, sender]
        return Side.CLIENT, self.streams.setdefault((sender, target), len(self.streams))


PROTOCOL = Protocol(
    "udp",
    "UDP",
    "User Datagram Protocol",
    "RFC 768",
    UdpDecoder,
    FIELDS,
    on={"ip.proto": (17,)},
    level="packet",
    hue="blue",
    aliases={"udp.port": ("udp.srcport", "udp.dstport")},
)
