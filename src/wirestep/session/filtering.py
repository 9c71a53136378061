"""What a filter asks of a frame, out of its messages."""

from __future__ import annotations

from collections.abc import Sequence

from wirestep.decode.contract import Registry
from wirestep.model import Message, Value
from wirestep.timeline.select import FrameValues


def frame_values(
    messages: Sequence[Message], registry: Registry, data: bytes, *, layered: bool = False
) -> FrameValues:
    """What a filter asks of one frame: the values kept in the lean gear, and the layers.

    `layered`: also in which layer of its protocol each value stands.
    """
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
    layer_of = _layers(messages) if layered else {}
    return FrameValues(values, frozenset(layers), data, layer_of)


def _layers(messages: Sequence[Message]) -> dict[str, list[int]]:
    """By field, for each value: in which layer of its protocol it stands, counted from 1."""
    seen: dict[str, int] = {}
    found: dict[str, list[int]] = {}
    for message in messages:
        number = seen[message.protocol] = seen.get(message.protocol, 0) + 1
        for name, _, _ in message.values:
            found.setdefault(name, []).append(number)
        for field in message.root.walk() if message.root is not None else ():
            found.setdefault(field.name, []).append(number)
    return found
