"""What the Linux kernel says of a TCP connection (struct tcp_info of linux/tcp.h)."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

SIZE = 104
"""Bytes of the structure up to the last field that is read here."""
TIMESTAMPS, SACK, SCALE = 1, 2, 4
"""Bits of `tcpi_options`."""


@dataclass(frozen=True, slots=True)
class TcpInfo:
    """Some fields of it; times are nanoseconds."""

    rtt: int
    variation: int
    """Of the round-trip time."""
    retransmits: int
    """Segments sent again since the connection was made."""
    window: int
    """Congestion window, in segments."""
    threshold: int
    """Slow start threshold, in segments; 0x7fffffff while there is none."""
    unacknowledged: int
    """Segments."""
    sent_mss: int
    own_mss: int
    """What we offered."""
    options: int
    sent_scale: int
    """Shift of the windows that the peer announces."""
    own_scale: int

    @property
    def told(self) -> str:
        """A line about the path."""
        again = "nothing" if not self.retransmits else f"{self.retransmits} segments"
        return (
            f"round trip {self.rtt / 1e6:.3f} ms (variation {self.variation / 1e6:.3f} ms), "
            f"{again} retransmitted, congestion window {self.window} segments"
        )


def tcp_info(sock: socket.socket) -> TcpInfo | None:
    """What the kernel knows of a connected socket; None where it does not say."""
    option = getattr(socket, "TCP_INFO", None)
    if option is None:
        return None
    try:
        data = sock.getsockopt(socket.IPPROTO_TCP, option, SIZE)
    except OSError:
        return None
    return parsed(data)


def parsed(data: bytes) -> TcpInfo | None:
    """The structure's fields; None where it is shorter than it ever was."""
    if len(data) < SIZE:
        return None
    options, scales = data[5], data[6]
    words = struct.unpack_from("=24I", data, 8)
    microsecond = 1000
    return TcpInfo(
        rtt=words[15] * microsecond,
        variation=words[16] * microsecond,
        retransmits=words[23],
        window=words[18],
        threshold=words[17],
        unacknowledged=words[4],
        sent_mss=words[2],
        own_mss=words[20],
        options=options,
        sent_scale=scales & 15,
        own_scale=scales >> 4,
    )
