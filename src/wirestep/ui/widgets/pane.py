"""A frame around one view, with a number to reach it by."""

from __future__ import annotations

from typing import Self

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from wirestep.ui.canvas import clean


class Pane(Vertical):
    """The title at the top left, what the pane has to tell at the bottom right."""

    DEFAULT_CSS = """
    Pane {
        border: round $border-blurred; border-title-color: $foreground; border-title-style: bold;
        border-subtitle-color: $foreground 60%; background: $background; padding: 0;
        width: 1fr; height: 1fr;
    }
    Pane:focus-within { border: round $accent; border-title-color: $accent; }
    """

    def __init__(self, title: str, inside: Widget, *, id: str) -> None:
        super().__init__(id=id)
        self.inside = inside
        self.told = ""
        self.telling = False
        self.border_title = Content(title)

    def compose(self) -> ComposeResult:
        """The view."""
        yield self.inside

    def tell(self, text: str) -> None:
        """What to show at the bottom."""
        if text == self.told:
            return
        self.told = text
        self.telling = True
        # Content, not a string: a string would be read as markup.
        self.border_subtitle = Content(clean(text))
        self.telling = False
        size, inset = self.outer_size, self.content_offset
        self.refresh(Region(-inset.x, size.height - 1 - inset.y, size.width, 1))

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """As usual, save that another text at the bottom does not draw the whole pane anew."""
        if self.telling:
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def on_click(self, event: events.Click) -> None:
        """A click on the frame gives the view the focus."""
        self.inside.focus()
