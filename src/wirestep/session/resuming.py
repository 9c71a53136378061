"""Which message was shown what an earlier conversation had been given to be known by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from wirestep.decode.contract import Registry
from wirestep.decode.lean import Wanted
from wirestep.model import Message

Spot = tuple[int, int]
"""Where a message stands: its record, and its place among what that completed."""


def resume_fields(registry: Registry) -> Wanted:
    """The fields that tie conversations to earlier ones."""
    offers = [card.resumed for card in registry.cards.values() if card.resumed is not None]
    return frozenset(name for offer in offers for name in (*offer.given, *offer.taken))


def resumptions(
    frames: Sequence[Sequence[Message]], registry: Registry, flow_of: Callable[[int], int]
) -> Mapping[Spot, Spot]:
    """By message that was shown something: the message that had given it.

    `flow_of`: the conversation of a record. Both are of the same host, in two conversations.
    """
    given: dict[tuple[str, object], Spot] = {}
    found: dict[Spot, Spot] = {}
    for frame in frames:
        for layer, message in enumerate(frame):
            offer = registry[message.protocol].resumed if message.values else None
            if offer is None or message.sender is None or message.target is None:
                continue
            spot = message.record, layer
            for name, value, _ in message.values:
                before = given.get((message.target.host, value)) if name in offer.taken else None
                if before is not None and flow_of(before[0]) != flow_of(message.record):
                    found.setdefault(spot, before)
                if name in offer.given and value:
                    given.setdefault((message.sender.host, value), spot)
    return found
