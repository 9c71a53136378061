"""The coarsest fold of a ladder: one arrow for each phase of a conversation and side.

A phase is a lookup, the opening of a connection, a handshake, requests, or responses. It goes on
until another phase of the same conversation begins; acknowledgements alone begin none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .scale_steps import Step


@dataclass(frozen=True, slots=True)
class Phases:
    """Steps of level "phase", and what they fold away."""

    steps: tuple[Step, ...] = ()
    """Numbered after the steps of the ladder."""
    inside: Mapping[int, int] = field(default_factory=dict)
    """By number of a step of depth 0: its phase's number."""


NO_PHASES = Phases()


def phases(steps: Sequence[Step]) -> Phases:
    """The phases of a ladder's steps, in order of time."""
    groups: list[list[Step]] = []
    under_way: dict[int, tuple[str, dict[int, int]]] = {}
    """By conversation: its phase, and by sender the place of its group."""
    openers: dict[int, int] = {}
    """By conversation: who spoke first."""
    hues: dict[int, str] = {}
    """By conversation: the hue of its phase."""
    inside: dict[int, int] = {}
    for step in steps:
        if step.depth or step.level == "note":
            continue
        flow = step.conversation
        opener = openers.setdefault(flow, step.sender)
        phase, sides = under_way.get(flow, ("", {}))
        alike = hues.get(flow) == step.hue
        own = _phase(step, phase if alike else "", opener)
        if step.weighty and own != phase:
            phase, sides = own, {}
            hues[flow] = step.hue
            under_way[flow] = phase, sides
        elif flow not in under_way:
            under_way[flow] = phase, sides
        if step.sender not in sides:
            if not step.weighty and sides:
                # An acknowledgement alone is no side of a phase: it stays with the other one.
                inside[step.number] = len(steps) + next(iter(sides.values()))
                continue
            sides[step.sender] = len(groups)
            groups.append([])
        groups[sides[step.sender]].append(step)
        inside[step.number] = len(steps) + sides[step.sender]
    made = tuple(_folded(len(steps) + at, group) for at, group in enumerate(groups))
    return Phases(made, inside)


def _phase(step: Step, phase: str, opener: int) -> str:
    """The phase of a step while `phase` goes on: what says nothing of its own belongs to that.

    `phase` is "" where it was another protocol's."""
    if step.stage:
        return step.stage
    if step.level == "packet":
        return f"open {step.protocol}"
    answered = step.answers is not None
    if phase and (step.level != "message" or answered == (step.sender == opener)):
        return phase
    return "response" if answered or step.sender != opener else "request"


def _folded(number: int, group: Sequence[Step]) -> Step:
    """One arrow for steps of one side: that of the first, which says what it stands for."""
    heavy = [step for step in group if step.weighty] or list(group)
    first = heavy[0]
    told = next((step for step in group if step.kin is not None or step.note), first)
    more = f" +{len(heavy) - 1:,}" if len(heavy) > 1 else ""
    return replace(
        first,
        number=number,
        level="phase",
        parent=number,
        label=f"{first.protocol}: {first.label}{more}",
        marks=tuple(dict.fromkeys(mark for step in group for mark in step.marks)),
        weighty=True,
        answers=None,
        below=len(group),
        opened=first.opened,
        note=told.note,
        kin=told.kin,
    )
