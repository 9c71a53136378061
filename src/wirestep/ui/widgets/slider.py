"""The scroll bar of our lists: Textual's, drawn with their lines."""

from __future__ import annotations

from rich.color import Color
from rich.segment import Segment
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from wirestep.ui.painting import Painted
from wirestep.ui.theme import Palette


class Slider(Painted, ScrollBar):
    """One cell wide."""

    def __init__(self) -> None:
        super().__init__(vertical=True, name="vertical", thickness=1)
        self._key: tuple[object, ...] = ()
        self._cells: list[Segment] = []

    def paint_line(self, y: int, look: Palette) -> Strip:
        """One cell of it."""
        held = bool(self.grabbed) or self.mouse_over
        size, whole = self.size.height, self.window_virtual_size
        window = self.window_size if self.window_size < whole else 0
        key = (size, whole, window, self.position, held, look.name)
        if key != self._key:
            drawn = self.renderer.render_bar(
                size=size,
                virtual_size=whole,
                window_size=window,
                position=self.position,
                back_color=Color.parse(look.bg),
                bar_color=Color.parse(look.acc if held else look.faint),
            )
            self._key, self._cells = key, list(drawn.segments)
        return Strip([self._cells[y]], 1) if y < len(self._cells) else Strip.blank(1)
