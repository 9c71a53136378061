"""aioquic as it is used here: seedable, in whole nanoseconds, with its secrets as lines.

aioquic counts in seconds, as floats. Its loss timer, fired at its very deadline, may find by
rounding that nothing is late yet and ask for the same instant again, for ever: so its timers are
fired a microsecond late.
"""

from __future__ import annotations

import logging

import aioquic.quic.connection
import aioquic.quic.packet
import aioquic.quic.retry
import aioquic.tls
from aioquic.quic.stream import QuicStream

from wirestep.exchange.chance import lend

SECOND = 1_000_000_000
LATE = 1_000
"""Nanoseconds."""
INITIAL_RTT = 0.333
"""Seconds, before the first sample (RFC 9002 section 6.2.2): the first probe leaves after 666 ms
at the earliest, not before the answer of a far server."""

# Its warnings would be written over the screen; who wants them adds a handler.
logging.getLogger("quic").addHandler(logging.NullHandler())

lend(aioquic.quic.connection, "os")
lend(aioquic.quic.packet, "os")
lend(aioquic.quic.retry, "os")
lend(aioquic.tls, "os", "utcnow", "x25519", "x448", "ec")


class Stream(QuicStream):
    """aioquic asks sets of streams for the order in which they send, which would be that of their
    places in memory; so it is that of their numbers."""

    def __hash__(self) -> int:
        return self.stream_id or 0


aioquic.quic.connection.QuicStream = Stream  # type: ignore[attr-defined]


class Clock:
    """Nanoseconds of the wire as seconds of aioquic.

    They are counted from the first moment seen, so that a float keeps them exact to far below a
    microsecond, however long ago the wire's own zero is.
    """

    def __init__(self) -> None:
        self._start: int | None = None

    def seconds(self, now: int) -> float:
        if self._start is None:
            self._start = now
        return (now - self._start) / SECOND

    def time(self, seconds: float) -> int:
        """When to wake for a deadline of aioquic's, ns."""
        return (self._start or 0) + round(seconds * SECOND) + LATE


class KeyLog:
    """What aioquic takes for the file of its secrets."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, text: str) -> int:
        self.lines += text.splitlines()
        return len(text)

    def flush(self) -> None:
        """There is nothing to flush."""

    def take(self) -> list[str]:
        """The lines since the last time."""
        lines, self.lines = self.lines, []
        return lines
