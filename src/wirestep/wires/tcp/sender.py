"""What this end has to say: its bytes, the peer's window, and when a segment is worth sending."""

from __future__ import annotations

from .options import DEFAULT_MSS
from .scoreboard import Scoreboard


class Sender:
    """The send sequence space (RFC 9293 section 3.3.1), and the bytes in it."""

    __slots__ = (
        "_base",
        "_buffer",
        "board",
        "closing",
        "fin",
        "iss",
        "max_window",
        "mss",
        "nxt",
        "probed",
        "scale",
        "una",
        "window",
        "wl1",
        "wl2",
    )

    def __init__(self, iss: int) -> None:
        self.iss = self.una = self.nxt = iss
        """ISS, SND.UNA, SND.NXT."""
        self.probed = iss
        """The end of what a window probe sent beyond SND.NXT."""
        self.window = 0
        """SND.WND, bytes."""
        self.max_window = 0
        """The largest it ever was."""
        self.wl1 = self.wl2 = 0
        """Sequence number and acknowledgment of the segment that told the window last."""
        self.scale = 0
        """Snd.Wind.Shift: what the peer's windows are shifted by (RFC 7323 section 2.2)."""
        self.mss = DEFAULT_MSS
        """Eff.snd.MSS: bytes of data in a full segment, timestamps already taken off."""
        self.closing = False
        """The user has closed: a FIN follows what is queued."""
        self.fin: int | None = None
        """The sequence number of the FIN, once it was sent."""
        self.board = Scoreboard()
        self._buffer = bytearray()
        self._base = iss + 1
        """The sequence number of the first byte in the buffer."""

    def queue(self, data: bytes) -> None:
        """More to send."""
        self._buffer += data

    def data(self, start: int, stop: int) -> bytes:
        """The bytes with these sequence numbers; SYN and FIN have none."""
        base = self._base
        return bytes(self._buffer[max(0, start - base) : max(0, stop - base)])

    @property
    def stop(self) -> int:
        """The sequence number after the last byte that is queued."""
        return self._base + len(self._buffer)

    @property
    def unsent(self) -> int:
        """Bytes that were never sent."""
        waiting = self._base + len(self._buffer) - self.nxt
        return waiting if waiting > 0 else 0

    @property
    def flight(self) -> int:
        """FlightSize (RFC 5681 section 2)."""
        return self.nxt - self.una

    @property
    def usable(self) -> int:
        """What the peer's window still takes (RFC 9293 section 3.8.6.2.1)."""
        return self.una + self.window - self.nxt

    def acknowledge(self, ack: int) -> None:
        """All before `ack` has arrived."""
        self.una = ack
        self.nxt = max(self.nxt, ack)  # a window probe was taken
        known = min(ack - self._base, len(self._buffer))
        if known > 0:
            del self._buffer[:known]
            self._base += known

    def hear_first_window(self, sequence: int, window: int) -> None:
        """The window of the peer's SYN, which is never scaled (RFC 7323 section 2.2)."""
        self.window = self.max_window = window
        self.wl1 = sequence
        self.wl2 = self.iss

    def hear_window(self, sequence: int, ack: int, window: int) -> None:
        """Believe the latest segment (RFC 9293 section 3.10.7.4, fifth)."""
        if self.wl1 < sequence or (self.wl1 == sequence and self.wl2 <= ack):
            self.window = window
            self.max_window = max(self.max_window, window)
            self.wl1 = sequence
            self.wl2 = ack

    def next_size(self, most: int, nodelay: bool) -> int:
        """How much data the next new segment carries; 0: it is better to wait.

        `most` is what one segment may carry now. The rules are those of the sender's silly window
        syndrome avoidance (RFC 9293 section 3.8.6.2.1) with Nagle's in them (section 3.7.4).
        """
        waiting = self.unsent
        usable = self.usable
        size = min(waiting, usable)
        if size >= most:
            return most
        if size <= 0:
            return 0
        # A SYN under way is no data (Fast Open).
        alone = nodelay or self.nxt == self.una or self.nxt == self.iss + 1
        if size == waiting and (alone or self.closing):
            return size
        if alone and size >= self.max_window // 2:
            return size
        return 0
