"""The one selection that all panes share."""

from __future__ import annotations

from dataclasses import dataclass

from wirestep.session.views import FrameView, Node
from wirestep.timeline.ladder import Step


@dataclass(frozen=True, slots=True)
class Selection:
    """A packet, and perhaps a field of it."""

    record: int = -1
    """Counted from 0; -1 while there is none."""
    path: tuple[int, ...] | None = None
    """The field's place in the tree."""
    offset: int | None = None
    """The byte within the field's buffer, where a byte was pointed at."""


def layer_of(view: FrameView, step: Step) -> Node | None:
    """The layer of a frame that an arrow stands for; None while the frame is not decoded so far."""
    if step.record != view.record or not view.settled:
        return None
    return view.nodes[step.layer] if step.layer < len(view.nodes) else None
