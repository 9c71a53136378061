"""Display filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wirestep.decode.contract import Registry
from wirestep.model import Value


class BadFilter(ValueError):
    """A filter that cannot be read: what is wrong, and where."""

    def __init__(self, message: str, start: int = 0, stop: int = 0) -> None:
        super().__init__(message)
        self.message, self.start, self.stop = message, start, stop


@dataclass(frozen=True, slots=True)
class FrameValues:
    """What a filter asks of one frame."""

    values: Mapping[str, Sequence[Value]]
    layers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter."""

    text: str
    names: frozenset[str]

    def matches(self, frame: FrameValues) -> bool:
        return self.text in frame.values or self.text in frame.layers


def compile_filter(text: str, registry: Registry) -> Filter:
    """The filter that `text` says. Raises BadFilter."""
    return Filter(text.strip(), frozenset({text.strip()}))


@dataclass(frozen=True, slots=True)
class Completion:
    """A text to put in place of [start, stop)."""

    text: str
    start: int
    stop: int
    title: str


def complete(text: str, at: int, registry: Registry) -> list[Completion]:
    """What could stand at `at`."""
    return []
