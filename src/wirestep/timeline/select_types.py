"""What a display filter is asked, what it answers, and what is said of a bad one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from wirestep.model import Value


class BadFilter(ValueError):
    """A filter that cannot be read: what is wrong, and where ([start, stop) of its text)."""

    def __init__(self, message: str, start: int = 0, stop: int = 0) -> None:
        super().__init__(message)
        self.message, self.start, self.stop = message, start, stop


@dataclass(frozen=True, slots=True)
class FrameValues:
    """What a filter asks of one frame: all messages that the frame completes, together."""

    values: Mapping[str, Sequence[Value]]
    """By field, in the order of the frame; a field without a value has None."""
    layers: frozenset[str]
    """Protocols and their families."""
    data: bytes = b""
    """The frame's bytes, for filters that have `needs_bytes`."""
    layer_of: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """By field, for each value: in which layer of its protocol it stands, counted from 1; for
    filters that have `needs_layers`."""


class Test(Protocol):
    """Something that is true of a frame or not."""

    def holds(self, frame: FrameValues) -> bool:
        """Whether it is true of `frame`."""
        ...


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter."""

    text: str
    names: frozenset[str]
    """Fields it asks for; whoever decodes in the lean gear keeps these."""
    protocols: frozenset[str]
    """Protocols and families it asks for."""
    needs_bytes: bool = False
    """Whether it asks for the frame's bytes."""
    needs_layers: bool = False
    """Whether it tells layers of one protocol apart."""
    test: Test | None = field(default=None, repr=False)

    def matches(self, frame: FrameValues) -> bool:
        """Whether the frame passes."""
        return self.test is None or self.test.holds(frame)


@dataclass(frozen=True, slots=True)
class Completion:
    """A text to put in place of [start, stop)."""

    text: str
    start: int
    stop: int
    title: str
