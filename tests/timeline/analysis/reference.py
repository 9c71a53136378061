"""The marks of a capture as the decoder of single packets gives them, straight from columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from wirestep.capture import Columns
from wirestep.model import Side
from wirestep.protocols.stack.tcp.analysis import Segment
from wirestep.protocols.stack.tcp.options import find_options
from wirestep.protocols.stack.tcp.talks import Conversation
from wirestep.timeline.analysis import MARK_FIELDS, Mark

BY_NAME = {field.removeprefix("tcp.analysis."): mark for mark, field in MARK_FIELDS.items()}


class Told(NamedTuple):
    """What is said of one row."""

    marks: Mark
    acked: int
    """The row it acknowledges, or -1."""
    ack_rtt: int
    dup_num: int
    dup_row: int


def told(columns: Columns, bytes_of: Callable[[int], bytes]) -> tuple[dict[int, Told], dict]:
    """By row; and by number of the conversation, as it stands at the end."""
    talks: dict[int, Conversation] = {}
    pairs: set[int] = set()
    found: dict[int, Told] = {}
    for row in range(len(columns)):
        if columns.transport[row] != 6 or not columns.payload_at[row] or columns.flow[row] < 0:
            continue
        flow = int(columns.flow[row])
        segment = Segment(
            row + 1,
            int(columns.time[row]),
            int(columns.seq[row]),
            int(columns.ack[row]),
            int(columns.payload_length[row]),
            int(columns.flags[row]),
            int(columns.window[row]),
        )
        fresh = flow >> 1 not in talks
        talk = talks.setdefault(flow >> 1, Conversation(0, segment.time))
        options = _options(bytes_of(row), int(columns.payload_at[row]), segment.seq)
        side = Side(flow & 1)
        verdict = talk.take(side, segment, options, measured=True, fresh=fresh).verdict
        marks = Mark(0)
        for name in verdict.flags:
            marks |= BY_NAME[name]
        if marks & (Mark.FAST_RETRANSMISSION | Mark.SPURIOUS_RETRANSMISSION):
            marks |= Mark.RETRANSMISSION
        pair = int(columns.flows.pair[flow >> 1])
        if fresh and pair in pairs:
            marks |= Mark.REUSED_PORTS
        pairs.add(pair)
        found[row] = Told(
            marks, verdict.acks_frame - 1, verdict.ack_rtt, verdict.dup_num, verdict.dup_frame - 1
        )
    return found, talks


def _options(frame: bytes, stop: int, seq: int) -> list:
    mark = seq.to_bytes(4, "big")
    for size in range(20, 64, 4):
        start = stop - size
        if (
            start >= 0
            and frame[start + 4 : start + 8] == mark
            and frame[start + 12] >> 4 == size // 4
        ):
            return find_options(frame[start + 20 : stop])
    return []
