"""One captured frame."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Record:
    """One frame as a wire carried it, or as a file kept it."""

    number: int
    """Place in the capture, counted from 0 (people are shown number + 1)."""
    time: int
    """Nanoseconds since the epoch of the capture's clock."""
    data: bytes
    """The bytes kept; shorter than `length` where the capture was cut (snap length)."""
    length: int
    """Bytes the frame had on the wire."""
    link: int = 1
    """Link type, numbered as in pcap (1 is Ethernet)."""
    interface: int = 0
    """Place of its interface in the capture's list of interfaces."""
    comments: tuple[str, ...] = ()
    """What somebody wrote about this packet (pcapng opt_comment)."""
    lost: bool = False
    """A wire that knows dropped the frame after it was seen here; a file never knows."""
