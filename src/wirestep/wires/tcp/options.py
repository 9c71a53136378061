"""How a host's TCP is set. Times are nanoseconds, sizes bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MS = 1_000_000
SECOND = 1_000_000_000

DEFAULT_MSS = 536
"""What may be sent to a peer that named no MSS over IPv4 (RFC 9293 section 3.7.1, MUST-15)."""
MIN_MSS = 88
"""A path that claims to carry less is not believed: it would cost a header for every few bytes."""
MAX_SCALE = 14
"""RFC 7323 section 2.3."""


@dataclass(frozen=True, slots=True)
class Options:
    """What one end offers and how it behaves; the defaults are those of today's systems."""

    mss: int = 1460
    """The largest segment taken and sent: MTU less 40 over IPv4, less 60 over IPv6."""
    window: int = 262_144
    """Bytes that are kept for a reader who pauses: the largest receive window."""
    scale: bool = True
    """Offer window scaling (RFC 7323 section 2); without it a window ends at 65,535."""
    sack: bool = True
    """Offer selective acknowledgments (RFC 2018)."""
    timestamps: bool = True
    """Offer timestamps (RFC 7323 section 3)."""
    ecn: bool = False
    """Offer explicit congestion notification (RFC 3168)."""
    nodelay: bool = False
    """Send small segments at once (no Nagle, RFC 9293 section 3.7.4)."""
    delayed_ack: int = 40 * MS
    """An acknowledgment may wait so long for company; below 500 ms (RFC 9293 section 3.8.6.3).
    0: every segment is acknowledged at once."""
    congestion: Literal["reno", "cubic"] = "cubic"
    initial_window: int = 10
    """Segments (RFC 6928 section 2)."""
    fast_open: bool = False
    """A client asks for a cookie and uses the one it has; a server gives and takes them
    (RFC 7413)."""
    rto_initial: int = SECOND
    """RFC 6298 section 2.1."""
    rto_min: int = 200 * MS
    """RFC 6298 section 2.4 asks for a second; no system of today waits so long."""
    rto_max: int = 120 * SECOND
    """At least 60 s (RFC 6298 section 2.5)."""
    syn_retries: int = 6
    """A SYN is repeated so often before the attempt is given up (127 s)."""
    retries: int = 15
    """All else is repeated so often before the connection is given up."""
    user_timeout: int = 0
    """Give up when data stays unacknowledged for so long (RFC 5482); 0: `retries` alone counts."""
    keep_alive: int = 0
    """Ask a silent peer after so long whether it is there (RFC 9293 section 3.8.4); 0: never."""
    keep_alive_interval: int = 75 * SECOND
    keep_alive_probes: int = 9
    black_hole: bool = False
    """Where large segments vanish without a word, try smaller ones (RFC 4821 section 7.7)."""
    time_wait: int = 60 * SECOND
    """Twice the maximum segment lifetime (RFC 9293 section 3.6.1; there it is 4 minutes)."""

    def __post_init__(self) -> None:
        """Raises ValueError for what can not be."""
        if not MIN_MSS <= self.mss <= 0xFFFF - 40:
            raise ValueError(f"mss {self.mss}: from {MIN_MSS} to {0xFFFF - 40}")
        if not 1 <= self.window <= 0xFFFF << MAX_SCALE:
            raise ValueError(f"window {self.window}: from 1 to {0xFFFF << MAX_SCALE}")
        if not 0 <= self.delayed_ack <= 500 * MS:
            raise ValueError("delayed_ack: from 0 to 500 ms (RFC 9293 section 3.8.6.3)")
        if self.congestion not in ("reno", "cubic"):
            raise ValueError(f"congestion {self.congestion!r}: reno or cubic")
        if self.initial_window < 1 or self.rto_initial < 1 or self.rto_min < 1:
            raise ValueError("initial_window, rto_initial and rto_min are more than nothing")

    @property
    def shift(self) -> int:
        """The window scale that this end offers: the least that can say `window`."""
        return min(MAX_SCALE, max(0, self.window.bit_length() - 16)) if self.scale else 0
