"""Short words behind the labels of a ladder's arrows: what it waited for, what it resumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wirestep.model import Message
from wirestep.timeline.ladder import Step
from wirestep.timeline.ledger.goals import stream_of
from wirestep.timeline.waterfall import waterfall

from .exchanges import Facts
from .problems import words_of
from .resuming import Spot, resumptions

STALLS = {"zero-window": "takes no more", "window-full": "fills the window"}
"""By word of a problem."""
HOLES = frozenset({"gap", "lost", "out-of-order", "retransmission"})
"""Marks of packets behind which others may have been held."""
LEAST = 500_000
"""Nanoseconds that are worth a note."""


def noted(
    steps: Sequence[Step], frames: Sequence[Sequence[Message]], facts: Facts
) -> tuple[Step, ...]:
    """The steps, with notes on stalled windows, answers held behind what was lost, resumption."""
    held = _held(frames, facts)
    kin = _kin(frames, facts)
    places = {(step.record, step.layer): step.number for step in reversed(steps)}
    made = []
    for step in steps:
        note = held.get((step.record, step.layer), "")
        if not note and step.level == "packet":
            told = words_of(step.record, facts.columns, facts.view)
            note = next((STALLS[word] for word in told if word in STALLS), "")
        word, other = kin.get((step.record, step.layer), ("", (-1, -1)))
        if other in places:
            note = f"{word} packet {other[0] + 1}"
        made.append(replace(step, note=note, kin=places.get(other)) if note else step)
    return tuple(made)


def _kin(frames: Sequence[Sequence[Message]], facts: Facts) -> Mapping[Spot, tuple[str, Spot]]:
    """By message that resumes, or is resumed from: how that is said, and the other one."""
    flow_of = facts.columns.flow
    found = resumptions(frames, facts.registry, lambda record: int(flow_of[record]) >> 1)
    kin: dict[Spot, tuple[str, Spot]] = {}
    for late, early in found.items():
        kin[late] = "resumes", early
        kin.setdefault(early, ("resumed by", late))
    return kin


def _held(frames: Sequence[Sequence[Message]], facts: Facts) -> Mapping[Spot, str]:
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
        if row.blocked < LEAST:
            continue
        record = row.records[1]
        for layer, message in enumerate(by_record.get(record, ())):
            if row.stream is not None and stream_of(message) == row.stream:
                waited = f"{row.blocked / 1e6:,.0f} ms"
                notes[record, layer] = f"held {waited} behind packet {record + 1}"
                break
    return notes
