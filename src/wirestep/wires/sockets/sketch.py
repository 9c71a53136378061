"""Packets inferred from what a socket tells, where nobody may capture them.

Addresses, times, bytes and their order are real. One write, or one read, is one segment, though the
system may have cut it otherwise; acknowledgements without data, retransmissions and windows are not
seen. Sequence numbers count from 0. Datagrams are as they were.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address

from wirestep.model import Address, Record
from wirestep.wires.frames import RAW_IP, TCP, datagram, packet
from wirestep.wires.tcp.segment import ACK, FIN, PSH, RST, SYN, Segment

from .seen import Seen
from .tcpinfo import SACK, SCALE, TcpInfo

INTERFACE = "inferred"
"""Name of the interface of such packets."""
MARK = "inferred from the socket"
"""Comment on each of them."""
DOUBT = "sequence numbers, windows and options are not known; acknowledgements are left out"
LARGEST = 65_495
"""Bytes of a segment that fit into one IP packet."""
WINDOW = 0xFFFF
USUAL_SCALE = 7
MAX_TALKS = 4096


@dataclass(slots=True)
class Talk:
    """One TCP connection: the next sequence number of each side, ours first."""

    next: list[int] = field(default_factory=lambda: [1, 1])
    ended: list[bool] = field(default_factory=lambda: [False, False])


class Sketch:
    """Makes records of what is seen. `epoch` is the clock's beginning, ns since 1970."""

    def __init__(self, epoch: int, interface: int = 0) -> None:
        self.epoch, self.interface = epoch, interface
        self._talks: dict[tuple[Address, Address], Talk] = {}

    def records(self, seen: Seen) -> list[Record]:
        """The packets that this must have been."""
        if not seen.peer.host or not seen.local.host:
            return []
        if seen.transport == "udp":
            return self._datagram(seen) if seen.kind == "data" else []
        return self._segments(seen)

    def _datagram(self, seen: Seen) -> list[Record]:
        ends = (seen.local, seen.peer) if seen.mine else (seen.peer, seen.local)
        if len(seen.data) > LARGEST:
            return []
        return [self._record(seen, datagram(*ends, seen.data))]

    def _segments(self, seen: Seen) -> list[Record]:
        match seen.kind:
            case "opening":
                return [self._syn(seen)]
            case "opened":
                return [self._answer(seen), self._segment(seen, ACK, mine=True, told=_path(seen))]
            case "accepted":
                talk = [self._syn(seen), self._answer(seen)]
                return [*talk, self._segment(seen, ACK, mine=False)]
            case "data":
                return self._data(seen)
            case "end":
                return self._end(seen)
            case "reset":
                flags = RST | ACK
                return [self._segment(seen, flags, mine=seen.mine, told=_path(seen))]
        return []

    def _syn(self, seen: Seen) -> Record:
        while len(self._talks) >= MAX_TALKS:
            del self._talks[next(iter(self._talks))]
        self._talks[seen.local, seen.peer] = Talk()
        segment = Segment(flags=SYN, window=WINDOW, scale=USUAL_SCALE, sack_permitted=True)
        return self._placed(seen, segment, mine=seen.kind == "opening", told=DOUBT)

    def _answer(self, seen: Seen) -> Record:
        """The SYN, ACK: what was agreed is known of the socket."""
        segment = Segment(flags=SYN | ACK, acknowledgment=1, window=WINDOW)
        if seen.info is not None:
            _agree(segment, seen.info)
        return self._placed(seen, segment, mine=seen.kind == "accepted")

    def _data(self, seen: Seen) -> list[Record]:
        parts = [seen.data[at : at + LARGEST] for at in range(0, len(seen.data), LARGEST)]
        return [self._segment(seen, PSH | ACK, part, mine=seen.mine) for part in parts]

    def _end(self, seen: Seen) -> list[Record]:
        talk = self._talk(seen)
        made = [self._segment(seen, FIN | ACK, mine=seen.mine, told=_path(seen))]
        talk.ended[0 if seen.mine else 1] = True
        if all(talk.ended):
            made.append(self._segment(seen, ACK, mine=not seen.mine))
        return made

    def _segment(
        self, seen: Seen, flags: int, data: bytes = b"", *, mine: bool, told: str = ""
    ) -> Record:
        """A segment of one side, which thereby says it has all that the other sent."""
        talk, side = self._talk(seen), 0 if mine else 1
        segment = Segment(
            sequence=talk.next[side],
            acknowledgment=talk.next[1 - side],
            flags=flags,
            window=WINDOW,
            data=data,
        )
        talk.next[side] = talk.next[side] + segment.length & 0xFFFF_FFFF
        return self._placed(seen, segment, mine=mine, told=told)

    def _talk(self, seen: Seen) -> Talk:
        return self._talks.setdefault((seen.local, seen.peer), Talk())

    def _placed(self, seen: Seen, segment: Segment, *, mine: bool, told: str = "") -> Record:
        """The segment between its addresses."""
        sender, target = (seen.local, seen.peer) if mine else (seen.peer, seen.local)
        segment.source, segment.target = sender.port, target.port
        ends = (ip_address(end.host).packed for end in (sender, target))
        body = segment.encode(*ends)
        return self._record(seen, packet(sender.host, target.host, TCP, body), told)

    def _record(self, seen: Seen, data: bytes, told: str = "") -> Record:
        comments = (f"{MARK}: {told}" if told else MARK,)
        time = self.epoch + seen.time
        return Record(0, time, data, len(data), RAW_IP, self.interface, comments)


def _agree(segment: Segment, info: TcpInfo) -> None:
    """What the two sides' SYNs agreed on."""
    segment.mss = info.sent_mss or None
    segment.sack_permitted = bool(info.options & SACK)
    segment.scale = info.sent_scale if info.options & SCALE else None


def _path(seen: Seen) -> str:
    return "" if seen.info is None else seen.info.told
