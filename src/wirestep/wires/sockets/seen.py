"""What happens on a socket, as it is told to whoever keeps the record; and the clock of it all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from wirestep.exchange.contract import Transport
from wirestep.model import Address

from .tcpinfo import TcpInfo


class Clock:
    """Nanoseconds since it was made; it never goes back."""

    def __init__(self) -> None:
        self.epoch = time.time_ns()
        """Nanoseconds since 1970 when it was made."""
        self._zero = time.monotonic_ns()

    def now(self) -> int:
        """Nanoseconds since it was made."""
        return time.monotonic_ns() - self._zero


Kind = Literal["listening", "opening", "opened", "accepted", "data", "end", "reset"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that happened on one socket."""

    kind: Kind
    """"listening": a port of ours is open. "opening": its SYN leaves, or a datagram socket is made.
    "opened", "accepted": TCP stands. "end": one side sends no more. "reset": it is broken off."""
    transport: Transport
    local: Address
    peer: Address
    time: int
    """Nanoseconds of the clock."""
    mine: bool = True
    """We did it; else the other party."""
    data: bytes = b""
    info: TcpInfo | None = None
    """What the kernel says of a TCP connection at this moment; None where it says nothing."""


Watch = Callable[[Seen], None]
"""Who is told; on the thread of the sockets, in order."""
