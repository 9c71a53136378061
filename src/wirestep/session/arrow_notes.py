"""Short words behind the labels of a ladder's arrows: what its sender or its bytes waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wirestep.model import Message
from wirestep.timeline.ladder import Step
from wirestep.timeline.ledger.goals import stream_of
from wirestep.timeline.waterfall import waterfall

from .exchanges import Facts
from .problems import words_of

STALLS = {"zero-window": "takes no more", "window-full": "fills the window"}
"""By word of a problem."""
HOLES = frozenset({"gap", "lost", "out-of-order", "retransmission"})
"""Marks of packets behind which others may have been held."""


def noted(
    steps: Sequence[Step], frames: Sequence[Sequence[Message]], facts: Facts
) -> tuple[Step, ...]:
    """The steps, with notes on stalled windows and on answers held behind what was lost."""
    held = _held(frames, facts)
    made = []
    for step in steps:
        note = held.get((step.record, step.layer), "")
        if not note and step.level == "packet":
            told = words_of(step.record, facts.columns, facts.view)
            note = next((STALLS[word] for word in told if word in STALLS), "")
        made.append(replace(step, note=note) if note else step)
    return tuple(made)


def _held(frames: Sequence[Sequence[Message]], facts: Facts) -> Mapping[tuple[int, int], str]:
    """By record and place in it: how long a unit's bytes had lain there, and for what.

    A waterfall takes time, so it is made only where something was lost, and streams share.
    """
    messages = [message for frame in frames for message in frame]
    if not any(HOLES.intersection(message.marks) for message in messages):
        return {}
    if not any(stream_of(message) is not None for message in messages):
        return {}
    by_record = {frame[0].record: frame for frame in frames if frame}
    notes = {}
    for row in waterfall(frames, facts.tell, facts.stage).rows:
        if not row.blocked:
            continue
        record = row.records[1]
        for layer, message in enumerate(by_record.get(record, ())):
            if row.stream is not None and stream_of(message) == row.stream:
                waited = f"{row.blocked / 1e6:,.0f} ms"
                notes[record, layer] = f"held {waited} behind packet {record + 1}"
                break
    return notes
