"""What records carry, handed up as byte streams: handshake messages, application data."""

from __future__ import annotations

from dataclasses import dataclass

from wirestep.decode.contract import Payload, Where
from wirestep.model import Source

HANDSHAKE_FLOW, APPLICATION_FLOW = "handshake", "application"
HANDSHAKE_CARD = "tls.handshake"
UNKNOWN = 1 << 40
"""Stands for a number of missing bytes that nobody knows: more than any unit has."""
CARDS = {
    "http/0.9": "http",
    "http/1.0": "http",
    "http/1.1": "http",
    "h2": "http2",
    "dot": "dns",
}
"""Who reads what was agreed on (IANA "TLS ALPN Protocol IDs"); nobody may be there to do it."""


@dataclass
class Lane:
    """One direction of one of the two streams."""

    offset: int = 0
    """Bytes handed up so far."""
    gap: bool = False
    """Bytes may be missing before the next ones."""


Lanes = tuple[Lane, Lane]
"""By side."""


def hand_up(
    flow: str,
    to: str | None,
    source: Source,
    start: int,
    stop: int,
    lanes: Lanes,
    where: Where,
    early: bool = False,
) -> tuple[Payload, ...]:
    """Bytes of a stream; after lost records the gap before them is given up."""
    side = where.side
    lane = lanes[side]
    above: tuple[Payload, ...] = ()
    if lane.gap:
        size = UNKNOWN
        lost = Payload(
            source, start, start, to, flow=flow, offset=lane.offset, side=side, length=size
        )
        above, lane.gap, lane.offset = (lost,), False, lane.offset + size
    at = lane.offset
    told = Payload(source, start, stop, to, flow=flow, offset=at, side=side, early=early)
    lane.offset += stop - start
    return (*above, told)


def end(to: str | None, source: Source, lanes: Lanes, where: Where) -> tuple[Payload, ...]:
    """Word that no more application data will come in this direction, if any came in one."""
    if not any(lane.offset for lane in lanes):
        return ()
    offset = lanes[where.side].offset
    flow, side = APPLICATION_FLOW, where.side
    return (Payload(source, 0, 0, to, flow=flow, offset=offset, side=side, last=True),)
