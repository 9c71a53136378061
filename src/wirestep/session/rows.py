"""Lines of the packet list: from messages where they are decoded, from columns until then."""

from __future__ import annotations

from collections.abc import Sequence

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.model import Address, Message
from wirestep.timeline.summary import line

from .views import Row

TRANSPORTS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 58: "icmpv6"}
FLAGS = ((2, "SYN"), (1, "FIN"), (4, "RST"), (8, "PSH"), (16, "ACK"), (32, "URG"))


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


def plain_row(record: int, capture: Capture, registry: Registry) -> Row:
    """The line of a frame that is only indexed."""
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
        flags = int(columns.flags[record])
        names = ", ".join(text for bit, text in FLAGS if flags & bit)
        info += f" [{names}] Len={int(columns.payload_length[record])}"
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
