"""What can befall a TCP segment: one bit each, by Wireshark's names."""

from __future__ import annotations

from enum import IntFlag


class Mark(IntFlag):
    """Bits of `TcpView.marks`, in the order of Wireshark's fields."""

    REUSED_PORTS = 1 << 0
    RETRANSMISSION = 1 << 1
    """Set as well where it was a fast or a spurious one."""
    FAST_RETRANSMISSION = 1 << 2
    SPURIOUS_RETRANSMISSION = 1 << 3
    OUT_OF_ORDER = 1 << 4
    LOST_SEGMENT = 1 << 5
    ACK_LOST_SEGMENT = 1 << 6
    WINDOW_UPDATE = 1 << 7
    WINDOW_FULL = 1 << 8
    KEEP_ALIVE = 1 << 9
    KEEP_ALIVE_ACK = 1 << 10
    DUPLICATE_ACK = 1 << 11
    ZERO_WINDOW_PROBE = 1 << 12
    ZERO_WINDOW = 1 << 13
    ZERO_WINDOW_PROBE_ACK = 1 << 14


MARK_FIELDS = {mark: f"tcp.analysis.{(mark.name or '').lower()}" for mark in Mark}
"""The filter name of each."""

_NOTES = (
    Mark.REUSED_PORTS,
    Mark.RETRANSMISSION,
    Mark.FAST_RETRANSMISSION,
    Mark.SPURIOUS_RETRANSMISSION,
    Mark.KEEP_ALIVE,
    Mark.KEEP_ALIVE_ACK,
    Mark.DUPLICATE_ACK,
    Mark.ZERO_WINDOW_PROBE,
    Mark.ZERO_WINDOW_PROBE_ACK,
)
MARK_SEVERITY = {
    mark: "chat" if mark is Mark.WINDOW_UPDATE else "note" if mark in _NOTES else "warn"
    for mark in Mark
}
"""How grave it is, by Wireshark's expert information: "chat", "note" or "warn"."""
