"""A frame on one line: whom it goes between, what it is called, what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wirestep.model import Message, safe

MAX_INFO = 2000
"""Letters of an info line that are kept."""


@dataclass(frozen=True, slots=True)
class Line:
    """All text is safe."""

    source: str
    destination: str
    label: str
    protocol: str
    """The card's name, for its hue."""
    info: str
    marks: tuple[str, ...]


def line(messages: Sequence[Message]) -> Line:
    """The line of the frame that completed `messages` (outermost first, at least one).

    What is said is what its innermost messages say; carriers speak where nothing is inside.
    """
    told = _innermost(messages)
    last = told[-1]
    same = [m for m in told if m.label == last.label or m.level == last.level]
    info = ", ".join(m.summary for m in same if m.summary)
    speakers = (last, *reversed(messages)) if last.level else reversed(messages)
    ends = next((m for m in speakers if m.sender and m.target), None)
    marks = dict.fromkeys(mark for m in messages for mark in m.marks)
    return Line(
        safe(ends.sender.host) if ends and ends.sender else "",
        safe(ends.target.host) if ends and ends.target else "",
        safe(last.label),
        last.protocol,
        safe(info[:MAX_INFO]),
        tuple(marks),
    )


def _innermost(messages: Sequence[Message]) -> list[Message]:
    drawn = [m for m in messages if m.level]
    if not drawn:
        named = [m for m in messages if m.protocol != "data"]
        return [(named or list(messages))[-1]]
    inside = {m.number: m.inside for m in messages}
    carriers: set[int] = set()
    for message in drawn:
        number = message.inside
        while number is not None and number not in carriers:
            carriers.add(number)
            number = inside.get(number)
    return [m for m in drawn if m.number not in carriers]
