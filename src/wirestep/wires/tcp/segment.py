"""One TCP segment, and its bytes (RFC 9293 section 3.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from . import kinds

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))
_LETTERS = "FSRPAUEC"

ECT, CE = 2, 3
"""The ECN field of an IP header: ECT(0), and "congestion experienced" (RFC 3168 section 5)."""

HEADER = 20
_TCP = 6
_HEADER = struct.Struct("!HHIIBBHHH")


@dataclass(slots=True)
class Segment:
    """One segment; what is not negotiated or not there is None or empty."""

    source: int = 0
    target: int = 0
    """Ports."""
    sequence: int = 0
    acknowledgment: int = 0
    flags: int = 0
    window: int = 0
    """As it stands in the header, not scaled."""
    data: bytes = b""
    mss: int | None = None
    scale: int | None = None
    sack_permitted: bool = False
    sack: tuple[tuple[int, int], ...] = ()
    """Blocks [start, stop) that arrived out of order, the latest first (RFC 2018)."""
    timestamps: tuple[int, int] | None = None
    """(TSval, TSecr), RFC 7323."""
    cookie: bytes | None = None
    """Fast Open (RFC 7413); b"" asks for one."""
    ecn: int = 0
    """The ECN field of the IP header it travels in; not among the bytes of the segment."""
    note: str = ""
    """Why it was sent, where that is not plain; not among the bytes either."""

    @property
    def length(self) -> int:
        """Sequence numbers it takes: its bytes, its SYN and its FIN."""
        flags = self.flags
        return len(self.data) + (flags & FIN) + (flags >> 1 & 1)

    def encode(self, source_ip: bytes, target_ip: bytes) -> bytes:
        """Header, options and data, with the checksum; the addresses are packed (4 or 16 bytes)."""
        if self.timestamps is None and not self.sack and not self.flags & SYN:
            options = b""
        else:
            options = kinds.encode(
                self.mss,
                self.scale,
                self.sack_permitted,
                self.sack,
                self.timestamps,
                self.cookie,
            )
        header = _HEADER.pack(
            self.source,
            self.target,
            self.sequence,
            self.acknowledgment,
            HEADER + len(options) << 2,
            self.flags,
            self.window,
            0,
            0,
        )
        sum_ = checksum(source_ip, target_ip, header + options + self.data)
        return b"".join((header[:16], sum_.to_bytes(2), header[18:], options, self.data))

    @classmethod
    def decode(cls, data: bytes, source_ip: bytes = b"", target_ip: bytes = b"") -> Segment:
        """Read a segment; the checksum is held against the addresses where they are given.

        Raises ValueError where it is cut short, or its checksum or header length is wrong.
        """
        if len(data) < HEADER:
            raise ValueError(f"{len(data)} bytes are no TCP segment")
        source, target, sequence, acknowledgment, offset, flags, window, _, _ = _HEADER.unpack_from(
            data
        )
        size = offset >> 4 << 2
        if not HEADER <= size <= len(data):
            raise ValueError(f"a TCP header of {size} bytes in a segment of {len(data)}")
        if source_ip and checksum(source_ip, target_ip, data):
            raise ValueError("the TCP checksum is wrong")
        segment = cls(source, target, sequence, acknowledgment, flags, window, bytes(data[size:]))
        if size > HEADER:
            options = bytes(data[HEADER:size])
            segment.timestamps = kinds.only_timestamps(options)
            if segment.timestamps is None:
                for name, value in kinds.decode(options).items():
                    setattr(segment, name, value)
        return segment

    def __str__(self) -> str:
        flags = "".join(name for bit, name in enumerate(_LETTERS) if self.flags >> bit & 1)
        text = f"{flags} seq {self.sequence} ack {self.acknowledgment} win {self.window}"
        if self.data:
            text += f" len {len(self.data)}"
        if self.sack:
            text += " sack " + " ".join(f"{start}-{stop}" for start, stop in self.sack)
        return text + (f" ({self.note})" if self.note else "")


def checksum(source_ip: bytes, target_ip: bytes, segment: bytes) -> int:
    """The Internet checksum over the pseudo-header and the segment (RFC 9293 section 3.1).

    Over a segment that holds its checksum it is 0. The pseudo-headers of IPv4 and IPv6 have the
    same sum: addresses, protocol and length. As 2**16 is 1 modulo 2**16 - 1, the sum of all 16-bit
    words is the whole number that they spell, modulo 2**16 - 1.
    """
    size = len(segment)
    if size & 1:
        segment += b"\0"
    total = int.from_bytes(source_ip + target_ip + segment) + _TCP + size
    # The sum is never 0, so that its other name, 0xFFFF, is meant.
    return 0xFFFF - (total % 0xFFFF or 0xFFFF)


def refusal(segment: Segment) -> Segment | None:
    """The RST for a segment that belongs to no connection (RFC 9293 section 3.10.7.1)."""
    if segment.flags & RST:
        return None
    answer = Segment(segment.target, segment.source, flags=RST, note="no connection")
    if segment.flags & ACK:
        answer.sequence = segment.acknowledgment
    else:
        answer.flags = RST | ACK
        answer.acknowledgment = segment.sequence + segment.length & 0xFFFF_FFFF
    return answer
