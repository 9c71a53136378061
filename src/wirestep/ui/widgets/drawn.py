"""A widget that lays out all of its lines at once, and scrolls over them by keys."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from textual import events
from textual.strip import Strip

from wirestep.ui.canvas import Line, blank
from wirestep.ui.painting import Painted
from wirestep.ui.theme import Palette, style


class Drawn(Painted, can_focus=True):
    """Lines are laid out anew when `changed` was called, or the size or the colours are others."""

    DEFAULT_CSS = "Drawn { height: 1fr; width: 1fr; background: $background; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.top = 0
        """The first line shown, below the head."""
        self._laid: Hashable = None
        self._head: list[Strip] = []
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        """By line: those that were drawn."""

    # What a widget must say

    def lay(self, width: int, height: int, look: Palette) -> tuple[Sequence[Line], Sequence[Line]]:
        """(lines of the head, which do not scroll; lines of the body)."""
        raise NotImplementedError

    # What all of them do

    def changed(self) -> None:
        """There is something else to draw."""
        self._laid = None
        self.refresh()

    def paint_line(self, y: int, look: Palette) -> Strip:
        """One line of the screen."""
        self._settle(look)
        if y < len(self._head):
            return self._head[y]
        at = y - len(self._head) + self.top
        if at < len(self._lines):
            strip = self._strips.get(at)
            if strip is None:
                strip = self._strips[at] = self._lines[at].strip()
            return strip
        return blank(self.size.width, style(look.fg, look.bg))

    def _settle(self, look: Palette) -> None:
        key = (self.size, look.name, self.has_focus)
        if key != self._laid:
            self._laid = key
            head, body = self.lay(self.size.width, self.size.height, look)
            self._head = [line.strip() for line in head]
            self._lines = list(body)
            self._strips.clear()
            self.top = max(0, min(self.top, self.most))

    @property
    def most(self) -> int:
        """How far it can be scrolled."""
        return max(0, len(self._lines) - max(1, self.size.height - len(self._head)))

    @property
    def below(self) -> int:
        """Lines that do not fit below those shown."""
        return max(0, self.most - self.top)

    def scroll_by(self, lines: int) -> None:
        """Shows other lines."""
        top = max(0, min(self.most, self.top + lines))
        if top != self.top:
            self.top = top
            self.changed()

    def on_focus(self) -> None:
        """It may look different with the focus."""
        self.changed()

    def on_blur(self) -> None:
        """It may look different without the focus."""
        self.changed()

    def notify_style_update(self) -> None:
        """The theme has changed."""
        super().notify_style_update()
        self._laid = None

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scrolls."""
        self.scroll_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scrolls."""
        self.scroll_by(-3)


def rule(width: int, look: Palette) -> Line:
    """A line that parts what is above from what is below."""
    out = Line(width, style(look.fg, look.bg))
    out.fill(1, width - 1, "┄", style(look.faint, look.bg))
    return out


def meter(out: Line, at: int, size: int, share: float, look: Palette, hue: str) -> None:
    """A thin bar of `size` cells, filled from the left."""
    filled = round(max(0.0, min(1.0, share)) * size)
    if share > 0:
        filled = max(1, filled)
    out.fill(at, at + filled, "━", style(hue, look.bg))
    out.fill(at + filled, at + size, "─", style(look.faint, look.bg))
