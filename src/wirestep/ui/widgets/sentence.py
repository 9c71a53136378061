"""A sentence in colours, on as many lines as there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.strip import Strip

from wirestep.ui.canvas import Line, width_of
from wirestep.ui.painting import Painted
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bars import Part, tone


class Sentence(Painted):
    """Words are kept whole; what does not fit is left out."""

    DEFAULT_CSS = "Sentence { height: 2; width: 1fr; background: $background; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.parts: Sequence[Part] = ()

    def set(self, parts: Sequence[Part]) -> None:
        """What to say now."""
        if list(parts) != list(self.parts):
            self.parts = parts
            self.refresh()

    def paint_line(self, y: int, look: Palette) -> Strip:
        """One line of it."""
        out = Line(self.size.width, style(look.fg, look.bg))
        for line, at, word, (_, name, bold) in self._words():
            if line == y:
                out.put(at, word, style(tone(look, name), look.bg, bold=bold))
        return out.strip()

    def _words(self) -> Iterator[tuple[int, int, str, Part]]:
        """(line, cell, word, the part it is of)."""
        line, at, end = 0, 1, self.size.width - 2
        for part in self.parts:
            for word in part[0].replace(" ", " \0").split("\0"):
                if at + width_of(word.rstrip()) > end and at > 1:
                    line, at = line + 1, 1
                yield line, at, word, part
                at += width_of(word)
