"""A display filter at work: record by record over the whole capture, in slices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wirestep.capture import Capture
from wirestep.capture.arrays import Growing
from wirestep.decode.contract import Registry
from wirestep.decode.engine import Engine
from wirestep.decode.secrets import Secrets
from wirestep.model import Message, Value
from wirestep.timeline.select import Filter, FrameValues


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


class Sieve:
    """The records that a filter lets through, as far as they have been judged."""

    def __init__(
        self, capture: Capture, registry: Registry, secrets: Secrets, wish: Filter
    ) -> None:
        self.capture, self.registry, self.filter = capture, registry, wish
        self.engine = Engine(registry, secrets)
        self.done = 0
        self._found = Growing({"record": ("i8", 1)})

    @property
    def rows(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The records that match so far, in order."""
        return self._found.snapshot(self._found.count)["record"]

    @property
    def finished(self) -> bool:
        """All records that are indexed have been judged."""
        return self.done >= self.capture.count

    def step(self, most: int) -> None:
        """Judge up to `most` more records."""
        rows = range(self.done, min(self.done + most, self.capture.count))
        for record in self.capture.records(rows):
            messages = self.engine.feed(record, wanted=self.filter.names)
            if self.filter.matches(frame_values(messages, self.registry, record.data)):
                self._found.reserve(self._found.count + 1)
                self._found["record"][self._found.count] = record.number
                self._found.count += 1
        self.done = rows.stop
