"""What a filter asks of a frame, out of its messages."""

from __future__ import annotations

from collections.abc import Sequence

from wirestep.decode.contract import Registry
from wirestep.model import Message, Value
from wirestep.timeline.select import FrameValues


def frame_values(messages: Sequence[Message], registry: Registry, data: bytes) -> FrameValues:
    """What a filter asks of one frame: the values kept in the lean gear, and the layers."""
    values: dict[str, list[Value]] = {}
    layers: set[str] = set()
    for message in messages:
        card = registry[message.protocol]
        layers.add(card.name)
        if card.family:
            layers.add(card.family)
        layers.add(message.label.lower())
        for name, value, _ in message.values:
            values.setdefault(name, []).append(value)
        for field in message.root.walk() if message.root is not None else ():
            values.setdefault(field.name, []).append(field.value)
    return FrameValues(values, frozenset(layers), data)
