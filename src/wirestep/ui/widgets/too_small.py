"""Covers the screen where nothing fits."""

from __future__ import annotations

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from wirestep.ui.canvas import Line, fit
from wirestep.ui.theme import palette, style

LEAST = (40, 10)
"""Columns and rows."""


class TooSmall(Widget):
    """Says so, and how much is needed."""

    DEFAULT_CSS = """
    TooSmall { display: none; layer: top; dock: top; width: 100%; height: 100%; }
    """

    def on_mount(self) -> None:
        """A screen may be opened on a terminal that is too small already."""
        self.judge(self.app.size)

    def judge(self, size: Size) -> None:
        """Shows itself where nothing else fits."""
        self.display = size.width < LEAST[0] or size.height < LEAST[1]

    def render_line(self, y: int) -> Strip:
        """Two lines in the middle."""
        look, (width, height) = palette(self.app), self.size
        out = Line(width, style(look.fg, look.bg))
        texts = ("too small", f"{width}×{height}, wants {LEAST[0]}×{LEAST[1]}")
        at = y - max(0, height // 2 - 1)
        if 0 <= at < len(texts):
            text = fit(texts[at], width)
            ink = style(look.warn if not at else look.dim, look.bg, bold=not at)
            out.put(max(0, (width - len(text)) // 2), text, ink)
        return out.strip()
