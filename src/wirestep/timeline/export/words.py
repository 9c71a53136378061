"""The words on a ladder that leaves the program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wirestep.timeline.ladder import Ladder, Step

Named = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Some steps of a ladder, and what hosts and times are called."""

    hosts: tuple[str, ...]
    """Names of the lifelines, from left to right."""
    steps: Sequence[Step]
    start: int
    """Nanoseconds: times are written from here."""

    @property
    def stop(self) -> int:
        """Time of the last step, ns."""
        return max((step.time for step in self.steps), default=self.start)


def drawn(ladder: Ladder, fold: str, name_of: Named) -> Drawn:
    """What is exported of a ladder, folded as on the screen (its text is safe already)."""
    steps = ladder.folded(fold)
    start = min((step.began for step in steps), default=0)
    return Drawn(tuple(name_of(host) for host in ladder.hosts), steps, start)


def since(whole: Drawn, step: Step) -> str:
    """The time of a step, in milliseconds since the first."""
    return f"{(step.time - whole.start) / 1e6:,.3f} ms"


def said(step: Step) -> str:
    """The label of an arrow, with what befell it."""
    return "".join(f"[{mark}] " for mark in step.marks) + step.label
