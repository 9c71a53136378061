"""The explanation below the tree: it follows the selected field, a moment behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wirestep.session.views import Node
from wirestep.ui.painting import Later
from wirestep.ui.screens.arranging import Arranging
from wirestep.ui.screens.bench import FOLLOW, FOLLOW_AT_LAST
from wirestep.ui.widgets.explanation import Explanation

if TYPE_CHECKING:
    from wirestep.session import Session


class Explaining(Arranging):
    """Shows what the selected field means; where there is little room, only when it is asked to."""

    DEFAULT_CSS = """
    Explaining.-wide Explanation, Explaining.-huge Explanation { display: block; }
    Explaining.-huge Explanation { height: 6; }
    Explaining.-explained Explanation { display: block; }
    Explaining.-unexplained Explanation { display: none; }
    Explaining.-narrow Pane.-second Explanation { display: none; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.explanation = Explanation(id="explanation")
        self.explained: bool | None = None
        """Whether the user wants it; None where nobody has asked."""
        self._telling = Later(self, self.explain, FOLLOW, FOLLOW_AT_LAST)
        self._awaited = False
        """Whether what is to be shown is still being read from its file."""

    def select_field(self, node: Node, offset: int | None = None) -> None:
        """Selects a field of the packet everywhere."""
        super().select_field(node, offset)
        self._telling.wish()

    def _look(self) -> None:
        super()._look()
        if self._awaited:
            self.explain()

    def explain(self) -> None:
        """Shows the meaning of the selected field."""
        if not (self.is_attached and self.ready):
            return
        path = self.selection.path
        name, value = self.view.named(path) if self.view is not None and path else ("", "")
        found = self.session.explain(name, value) if name else None
        self._awaited = bool(name) and found is None
        if not self._awaited:
            self.explanation.set(found)

    def action_explain(self) -> None:
        """Shows the explanation, or no longer."""
        roomy = self.has_class("-wide") or self.has_class("-huge")
        self.explained = not (roomy if self.explained is None else self.explained)
        self.set_class(self.explained, "-explained")
        self.set_class(not self.explained, "-unexplained")
        self.say("meanings are shown below the tree" if self.explained else "meanings are hidden")
