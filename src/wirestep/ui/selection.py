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
    """The layer of a frame that an arrow stands for, told by its hue and its label; None if none.

    A record and the message in it may bear the same label: the record comes first.
    """
    alike = [node for node in view.nodes if node.hue == step.hue and step.label in node.shown]
    if not alike:
        return None
    return alike[-1] if step.level == "message" else alike[0]
