"""TCP segments (RFC 9293 section 3.1)."""

from dataclasses import dataclass, field, replace
from typing import Self

from wirestep.decode.contract import Payload, Protocol, Reading, Where
from wirestep.decode.cursor import Bits, Broken, Cursor
from wirestep.decode.fields import table
from wirestep.model import Address, Side

FIELDS = table("""
tcp.srcport            uint  Source port
tcp.dstport            uint  Destination port
tcp.seq_raw            uint  Sequence number (raw)
tcp.ack_raw            uint  Acknowledgment number (raw)
tcp.hdr_len            uint  Header length
tcp.flags              hex2  Flags
tcp.window_size_value  uint  Window
tcp.checksum           hex2  Checksum
tcp.urgent_pointer     uint  Urgent pointer
tcp.options            bytes Options
tcp.stream             uint  Conversation
tcp.len                uint  Segment length
""")

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
LETTERS = ((SYN, "SYN"), (FIN, "FIN"), (RST, "RST"), (PSH, "PSH"), (ACK, "ACK"))


@dataclass
class Conversation:
    """Two ends and where their sequence spaces start."""

    stream: int
    client: Address
    first: list[int | None] = field(default_factory=lambda: [None, None])
    """By side: the sequence number of the stream's first byte."""


@dataclass
class TcpDecoder:
    """Tells conversations apart and turns sequence numbers into stream offsets."""

    talks: dict[frozenset[Address], Conversation] = field(default_factory=dict)
    count: int = 0

    def measure(self, data: memoryview, side: Side) -> int | None:
        """The segment is the unit."""
        return len(data)

    def lost(self, side: Side) -> None:
        """Nothing is half read."""

    def copy(self) -> Self:
        """The conversations as they stand."""
        talks = {k: replace(t, first=list(t.first)) for k, t in self.talks.items()}
        return type(self)(talks, self.count)

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        """A header; the rest is bytes of a stream."""
        source, target = cursor.uint("tcp.srcport", 2), cursor.uint("tcp.dstport", 2)
        sequence = cursor.uint("tcp.seq_raw", 4)
        acknowledged = cursor.uint("tcp.ack_raw", 4)
        size, flags = cursor.bits(2, Bits("tcp.hdr_len", 4, scale=4), Bits("tcp.flags", 12))
        if size < 20:
            raise Broken(f"a header of {size} bytes")
        cursor.uint("tcp.window_size_value", 2)
        cursor.uint("tcp.checksum", 2)
        cursor.uint("tcp.urgent_pointer", 2)
        cursor.take("tcp.options", size - 20)
        sender = Address(where.sender.host if where.sender else "", source)
        receiver = Address(where.target.host if where.target else "", target)
        talk, side = self._talk(sender, receiver, flags)
        length = max(0, where.length - size)
        cursor.worked("tcp.stream", talk.stream)
        cursor.worked("tcp.len", length)
        if talk.first[side] is None or flags & SYN:
            talk.first[side] = sequence + bool(flags & SYN)
        first = talk.first[side] or 0
        offset = (sequence + bool(flags & SYN) - first) % 2**32
        there = talk.first[side.other]
        acked = None if there is None or not flags & ACK else (acknowledged - there) % 2**32
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        above = Payload(
            cursor.source,
            start,
            stop,
            keys=(("tcp.port", min(source, target)), ("tcp.port", max(source, target))),
            sender=sender,
            target=receiver,
            flow=talk.stream,
            stream=talk.stream,
            offset=offset if offset < 2**31 else 0,
            side=side,
            last=bool(flags & (FIN | RST)),
            acked=acked if acked is not None and acked < 2**31 else None,
            length=length,
        )
        names = ", ".join(name for bit, name in LETTERS if flags & bit)
        return Reading(f"{source} → {target} [{names}] Len={length}", (above,))

    def _talk(self, sender: Address, target: Address, flags: int) -> tuple[Conversation, Side]:
        key = frozenset((sender, target))
        talk = self.talks.get(key)
        if talk is None:
            client = target if flags & (SYN | ACK) == SYN | ACK else sender
            talk = self.talks[key] = Conversation(self.count, client)
            self.count += 1
        return talk, Side.CLIENT if talk.client == sender else Side.SERVER


PROTOCOL = Protocol(
    "tcp",
    "TCP",
    "Transmission Control Protocol",
    "RFC 9293",
    TcpDecoder,
    FIELDS,
    on={"ip.proto": (6,)},
    level="packet",
    hue="blue",
    aliases={"tcp.port": ("tcp.srcport", "tcp.dstport")},
)
