"""Lines of packets that are only indexed, from columns: no decoder is needed for them."""

from __future__ import annotations

from wirestep.capture import Capture, Columns
from wirestep.model import Address

from .running import Running
from .views import Row

TRANSPORTS = {
    1: ("ICMP", "pink"),
    2: ("IGMP", "orange"),
    6: ("TCP", "blue"),
    17: ("UDP", "blue"),
    58: ("ICMPv6", "pink"),
}
"""By IP protocol number: label and hue, as the cards of the protocols have them."""
UNKNOWN = ("", "grey")
TCP = 6
FLAGS = (
    (1, "FIN"),
    (2, "SYN"),
    (4, "RST"),
    (8, "PSH"),
    (16, "ACK"),
    (32, "URG"),
    (64, "ECE"),
    (128, "CWR"),
)


def _segment(record: int, columns: Columns, running: Running) -> str:
    """A TCP segment; its window is not scaled: how it is to be is not in this header."""
    seq, ack = running.seq(record), running.ack(record)
    said = [f"[{flags_text(int(columns.flags[record]))}]"]
    said += [f"Seq={seq}"] if seq else []
    said += [f"Ack={ack}"] if ack else []
    said += [f"Win={int(columns.window[record])}", f"Len={int(columns.payload_length[record])}"]
    return " ".join(said)


def flags_text(flags: int) -> str:
    """The flags of a segment, by their names."""
    return ", ".join(text for bit, text in FLAGS if flags & bit)


def plain_row(record: int, capture: Capture, running: Running) -> Row:
    """The line of a frame that is only indexed: as it will be, as far as its headers tell."""
    columns = capture.columns
    flow, transport = int(columns.flow[record]), int(columns.transport[record])
    sender = target = Address("")
    if flow >= 0:
        ends = columns.flows.ends(flow >> 1)
        sender, target = (ends[1], ends[0]) if flow & 1 else ends
    label, hue = TRANSPORTS.get(transport, UNKNOWN)
    info = ""
    if sender.port or target.port:
        info = f"{sender.port} → {target.port}"
    if transport == TCP:
        info += f" {_segment(record, columns, running)}"
    return Row(
        record,
        int(columns.time[record]),
        sender.host,
        target.host,
        label,
        hue,
        int(columns.length[record]),
        info,
        (),
        flow >> 1 if flow >= 0 else -1,
        False,
    )
