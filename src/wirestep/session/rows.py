"""Lines of the packet list: from messages, where they are decoded (see plain.py)."""

from __future__ import annotations

from collections.abc import Sequence

from wirestep.capture import Capture
from wirestep.decode.contract import Registry
from wirestep.model import Message
from wirestep.timeline.summary import line

from .views import Row


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
