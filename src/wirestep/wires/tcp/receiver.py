"""What the peer says: its bytes in order, the window it is given, and when it is answered."""

from __future__ import annotations

from enum import Enum, auto

from .reassembly import Islands

BLOCKS = 4
"""Blocks that fit in a header; three beside timestamps (RFC 2018 section 3)."""


class Arrival(Enum):
    """How a segment fits to what was there."""

    IN_ORDER = auto()
    FILLED = auto()
    """It filled a gap, or part of one."""
    OUT_OF_ORDER = auto()


class Receiver:
    """The receive sequence space (RFC 9293 section 3.3.1), and the bytes in it."""

    __slots__ = (
        "_held",
        "_islands",
        "_mss",
        "capacity",
        "duplicate",
        "echo",
        "edge",
        "ended",
        "fin",
        "irs",
        "last_ack",
        "nxt",
        "owed",
        "paused",
        "scale",
        "told",
        "ts_recent",
        "ts_time",
    )

    def __init__(self, capacity: int, mss: int) -> None:
        self.capacity = capacity
        """Bytes that are kept at most, as far as a window can say so."""
        self._mss = mss
        self.irs = self.nxt = 0
        """IRS, RCV.NXT."""
        self.edge = 0
        """The right edge of the window as the peer was told: RCV.NXT + RCV.WND."""
        self.scale = 0
        """Rcv.Wind.Shift (RFC 7323 section 2.2)."""
        self.fin: int | None = None
        """The sequence number of the peer's FIN, once one was seen."""
        self.ended = False
        """The FIN was taken."""
        self.told = False
        """And the user knows."""
        self.paused = False
        """The user reads no more for now."""
        self.owed = 0
        """Segments in order that were not acknowledged yet."""
        self.last_ack = 0
        """Last.ACK.sent (RFC 7323 section 4.3)."""
        self.ts_recent = 0
        self.ts_time = 0
        """TS.Recent, and when it was set, ns (RFC 7323 section 4.3)."""
        self.duplicate: tuple[int, int] | None = None
        """What arrived twice, to be told once (D-SACK, RFC 2883 section 4)."""
        self.echo = False
        """Congestion was marked, and the peer has not said that it knows (RFC 3168 6.1.3)."""
        self._islands = Islands()
        self._held = bytearray()
        """Bytes in order that the user did not read yet."""

    def begin(self, irs: int) -> None:
        """The peer's SYN came."""
        self.irs = irs
        self.nxt = self.last_ack = irs + 1
        self.edge = self.nxt + min(self.capacity, 0xFFFF)

    @property
    def window(self) -> int:
        """RCV.WND, bytes, as the peer knows it."""
        return max(0, self.edge - self.nxt)

    @property
    def held(self) -> int:
        """Bytes that wait for a paused user."""
        return len(self._held)

    @property
    def out_of_order(self) -> bool:
        """Something is there, and something before it is missing."""
        return bool(self._islands.all)

    @property
    def to_tell(self) -> int:
        """How many blocks there are for selective acknowledgments."""
        return len(self._islands.all) + (self.duplicate is not None)

    def may_open(self) -> bool:
        """Whether the window can be opened by enough to tell (RFC 9293 section 3.8.6.2.2)."""
        edge = self.nxt + self.capacity - len(self._held)
        return edge - self.edge >= min(self.capacity // 2, self._mss)

    def open(self) -> int:
        """Open the window if that is worth while; returns it as bytes."""
        if self.may_open():
            self.edge = self.nxt + self.capacity - len(self._held)
        return max(0, self.edge - self.nxt)

    def acceptable(self, start: int, length: int) -> bool:
        """Whether any of a segment lies in the window (RFC 9293 section 3.4, table 6)."""
        window = self.edge - self.nxt
        if window <= 0:
            return length == 0 and start == self.nxt
        if length == 0:
            return self.nxt <= start < self.edge
        return start < self.edge and start + length > self.nxt

    def take(self, start: int, data: bytes, fin: bool) -> tuple[Arrival, bytes]:
        """A segment with text or FIN: how it fits, and what is in order now through it.

        It must be acceptable, so that something of it is new.
        """
        stop = start + len(data)
        if stop > self.edge:
            data = data[: max(0, self.edge - start)]
            stop = start + len(data)
            fin = False
        if start < self.nxt:
            self.duplicate = (start, min(stop, self.nxt)) if data else None
            data = data[self.nxt - start :]
            start = self.nxt
        if fin:
            self.fin = stop
        if start > self.nxt:
            self.duplicate = self._islands.add(start, data) or self.duplicate
            return Arrival.OUT_OF_ORDER, b""
        filled = self.out_of_order
        if filled:
            data = self._islands.join(start, data)
        self.nxt = start + len(data)
        if self.nxt == self.fin:
            self.nxt += 1
            self.ended = True
        return Arrival.FILLED if filled else Arrival.IN_ORDER, data

    def hold(self, data: bytes) -> None:
        """Keep what a paused user does not take."""
        self._held += data

    def release(self) -> bytes:
        """What was kept; the user reads on."""
        data = bytes(self._held)
        self._held.clear()
        return data

    def blocks(self, most: int) -> tuple[tuple[int, int], ...]:
        """What is there out of order, for the peer to know: the latest first (RFC 2018 section 4).

        What came twice is told first of all, and once (RFC 2883 section 4).
        """
        blocks = self._islands.latest(most)
        if self.duplicate is not None:
            blocks = [self.duplicate, *blocks][:most]
            self.duplicate = None
        return tuple(blocks)
