"""What our decoders make of what endpoints said to each other: the drivers are their witnesses."""

from __future__ import annotations

from collections.abc import Sequence

from frames import tcp_records
from meetings import Meeting

from wirestep.decode.engine import Engine
from wirestep.decode.secrets import NO_SECRETS, Secrets
from wirestep.model import Message, Record, Side
from wirestep.protocols import REGISTRY


def records(meeting: Meeting, port: int, cuts: tuple[int, ...] = (1400,)) -> list[Record]:
    """The first connection of a meeting, as packets."""
    ends = (meeting.client, meeting.client.peer)
    turns = [
        (Side.CLIENT if party is ends[0] else Side.SERVER, data)
        for party, data in meeting.turns
        if party in ends
    ]
    return tcp_records(turns, port, cuts)


def understood(packets: Sequence[Record], secrets: Sequence[str] = ()) -> list[Message]:
    """All messages; none may be broken or show a fault of a decoder."""
    keylog = "".join(line + "\n" for line in dict.fromkeys(secrets)).encode()
    engine = Engine(REGISTRY, Secrets(keylog) if keylog else NO_SECRETS)
    messages = [message for record in packets for message in engine.feed(record, full=True)]
    for message in messages:
        assert not {"broken", "bug"} & set(message.marks), (message.summary, message.marks)
    return messages


def summaries(messages: Sequence[Message], protocol: str) -> list[str]:
    """One line for each message of a protocol."""
    return [message.summary for message in messages if message.protocol == protocol]
