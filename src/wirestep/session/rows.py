"""Lines of the packet list: from messages where they are decoded, from columns until then."""

from __future__ import annotations

from collections.abc import Sequence

from wirestep.capture import Capture, Columns
from wirestep.decode.contract import Registry
from wirestep.model import Address, Message
from wirestep.timeline.summary import line

from .running import Running
from .views import Row

TRANSPORTS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
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


def decoded_row(
    record: int, messages: Sequence[Message], capture: Capture, registry: Registry, *, settled: bool
) -> Row:
    """The line of a decoded frame."""
    said = line(messages)
    columns = capture.columns
    flow = int(columns.flow[record])
    return Row(
        record,
        int(columns.time[record]),
        said.source,
        said.destination,
        said.label,
        registry[said.protocol].hue,
        int(columns.length[record]),
        said.info,
        said.marks,
        flow >> 1 if flow >= 0 else -1,
        settled,
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


def plain_row(record: int, capture: Capture, registry: Registry, running: Running) -> Row:
    """The line of a frame that is only indexed: as it will be, as far as its headers tell."""
    columns = capture.columns
    flow, transport = int(columns.flow[record]), int(columns.transport[record])
    sender = target = Address("")
    if flow >= 0:
        ends = columns.flows.ends(flow >> 1)
        sender, target = (ends[1], ends[0]) if flow & 1 else ends
    name = TRANSPORTS.get(transport, "")
    card = registry[name] if name in registry else registry["data"]
    info = ""
    if sender.port or target.port:
        info = f"{sender.port} → {target.port}"
    if name == "tcp":
        info += f" {_segment(record, columns, running)}"
    return Row(
        record,
        int(columns.time[record]),
        sender.host,
        target.host,
        card.label if name else "",
        card.hue,
        int(columns.length[record]),
        info,
        (),
        flow >> 1 if flow >= 0 else -1,
        False,
    )
