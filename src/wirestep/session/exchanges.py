"""Exchanges: conversations with what was asked before them, and what is known of their packets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from wirestep.capture import Columns
from wirestep.decode.contract import Registry
from wirestep.model import Message
from wirestep.timeline.analysis import TcpView
from wirestep.timeline.ledger import Told

TCP = 6


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a capture besides its messages."""

    columns: Columns
    view: TcpView | None
    registry: Registry
    name_of: Callable[[str], str]
    """What a host is called."""
    answers: dict[int, dict[int, int]] = field(default_factory=dict)
    """By conversation: see `_acked`."""

    def tell(self, record: int) -> Told:
        """Of one record; the analysis has judged it."""
        columns = self.columns
        flow = int(columns.flow[record])
        payload = int(columns.payload_length[record])
        if columns.transport[record] != TCP or self.view is None:
            return Told(flow >> 1, payload)
        acked = self._acked(flow >> 1).get(record)
        return Told(
            flow >> 1,
            payload,
            int(columns.seq[record]),
            None if acked is None else int(columns.time[record] - columns.time[acked]),
            True,
        )

    def _acked(self, number: int) -> dict[int, int]:
        """By record of a conversation: the segment that it acknowledges."""
        if number not in self.answers and self.view is not None:
            rows, acked = self.view.acked(number)
            self.answers[number] = dict(zip(rows.tolist(), acked.tolist(), strict=True))
        return self.answers.get(number, {})

    def stage(self, protocol: str) -> tuple[str, str]:
        """See timeline.ledger.Stage."""
        card = self.registry[protocol]
        return card.label, card.stage


def exchange_of(
    number: int, frames: Sequence[Sequence[Message]], facts: Facts
) -> list[Sequence[Message]]:
    """Frames of one conversation, and of the lookups before it that found its server."""
    flow_of = facts.columns.flow
    placed = [(int(flow_of[messages[0].record]) >> 1, messages) for messages in frames if messages]
    first = next((messages for flow, messages in placed if flow == number), None)
    if first is None:
        return []
    drawn = next((m for m in first if m.level and m.target is not None), None)
    if drawn is None or drawn.sender is None or drawn.target is None:
        return [messages for flow, messages in placed if flow == number]
    asker, server = drawn.sender.host, drawn.target.host
    wanted = {number}
    for flow, messages in placed:
        if messages[0].record >= drawn.record:
            break
        for message in messages:
            if not message.names or facts.stage(message.protocol)[1] != "lookup":
                continue
            told = message.target is not None and message.target.host == asker
            if told and any(host == server for host, _ in message.names):
                wanted.add(flow)
    return [messages for flow, messages in placed if flow in wanted]
