"""A frame around one view, with a number to reach it by."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.painting import Lined
from wirestep.ui.theme import Palette, mix, style


class Pane(Lined, Vertical):
    """The title at the top left, what the pane has to tell at the bottom right."""

    DEFAULT_CSS = """
    Pane {
        border: round $border-blurred; border-title-color: $foreground; border-title-style: bold;
        background: $background; padding: 0;
        width: 1fr; height: 1fr;
    }
    Pane:focus-within { border: round $accent; border-title-color: $accent; }
    """

    def __init__(self, title: str, inside: Widget, *, id: str, below: Widget | None = None) -> None:
        """`below` stands under the view and has no focus."""
        super().__init__(id=id)
        self.inside, self.below = inside, below
        self.told = ""
        self.border_title = Content(title)

    def compose(self) -> ComposeResult:
        """The view, and what stands below it."""
        yield self.inside
        if self.below is not None:
            yield self.below

    def tell(self, text: str) -> None:
        """What to show at the bottom."""
        if text != self.told:
            self.told = text
            self.paint((self.outer_size.height - 1,))

    def edge(self, look: Palette) -> str:
        """The colour of the frame."""
        return look.acc if self.has_focus_within else look.faint

    def paint_line(self, y: int, look: Palette) -> Strip:
        """The bottom of the frame, with what is told in it."""
        width = self.outer_size.width
        line = style(self.edge(look), look.bg)
        out = Line(width, line)
        out.put(0, "╰" + "─" * (width - 2) + "╯", line)
        if self.told:
            text = f" {fit(self.told, width - 6)} "
            out.put(width - 2 - width_of(text), text, style(mix(look.bg, look.fg, 0.6), look.bg))
        return out.strip()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The frame as Textual draws it, save for its bottom."""
        strips = super().render_lines(crop)
        bottom = self.outer_size.height - 1
        if self.styles.border_bottom[0] and crop.y <= bottom < crop.bottom:
            self.drawn_by_textual(bottom, bottom + 1)
            [strip] = self.paint_lines(bottom, bottom + 1)
            strips[bottom - crop.y] = strip.crop(*crop.column_span)
        return strips

    def on_click(self, event: events.Click) -> None:
        """A click on the frame gives the view the focus."""
        self.inside.focus()
