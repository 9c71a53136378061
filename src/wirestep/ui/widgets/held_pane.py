"""The frame around the packet in hand: its title changes with every step and is drawn by line."""

from __future__ import annotations

from textual.geometry import Region
from textual.strip import Strip

from wirestep.ui.canvas import Line, fit
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.pane import Pane


class HeldPane(Pane):
    """In the colour of what is held."""

    named = ""

    def name_it(self, text: str) -> None:
        """What stands at the top."""
        if text != self.named:
            self.named = text
            self.paint((0,))

    def edge(self, look: Palette) -> str:
        """Always the same."""
        return look.warn

    def paint_line(self, y: int, look: Palette) -> Strip:
        """The top of the frame with the title, or its bottom."""
        if y:
            return super().paint_line(y, look)
        width = self.outer_size.width
        line = style(self.edge(look), look.bg)
        out = Line(width, line)
        out.fill(0, width, "─", line)
        if self.styles.border_left[0]:
            out.put(0, "╭", line)
            out.put(width - 1, "╮", line)
        out.put(2, f" {fit(self.named, width - 6)} ", style(look.warn, look.bg, bold=True))
        return out.strip()

    def render_lines(self, crop: Region) -> list[Strip]:
        """As usual, save for the top."""
        strips = super().render_lines(crop)
        if crop.y <= 0 < crop.bottom:
            self.drawn_by_textual(0, 1)
            [strip] = self.paint_lines(0, 1)
            strips[0 - crop.y] = strip.crop(*crop.column_span)
        return strips
