"""What the selected field means, in some lines below the tree."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from textual.strip import Strip
from textual.widget import Widget

from wirestep.ui.canvas import Line, clean, fit, width_of
from wirestep.ui.painting import Painted
from wirestep.ui.theme import Palette, style

if TYPE_CHECKING:
    from wirestep.session.explaining import Meaning

NOTHING = "no field chosen"
UNTOLD = "nobody has explained it yet"


class Explanation(Painted, Widget):
    """A thin rule that bears the document, then the sentences: on this value first."""

    DEFAULT_CSS = """
    Explanation { height: 5; width: 1fr; display: none; background: $background; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.meaning: Meaning | None = None
        self._laid: tuple[tuple[object, ...], list[tuple[str, bool]]] | None = None

    def set(self, meaning: Meaning | None) -> None:
        """Shows another explanation; None where there is no field."""
        if meaning != self.meaning:
            self.meaning = meaning
            if self.size:
                self.refresh()

    def paint_line(self, y: int, look: Palette) -> Strip:
        """The rule, or a line of text."""
        width = self.size.width
        out = Line(width, style(look.fg, look.bg))
        if not y:
            self._draw_rule(out, look)
            return out.strip()
        lines = self.lines(width - 2, self.size.height - 1)
        if y <= len(lines):
            text, special = lines[y - 1]
            out.put(1, text, style(look.fg if special else look.dim, look.bg))
        return out.strip()

    def _draw_rule(self, out: Line, look: Palette) -> None:
        out.fill(0, out.width, "─", style(look.faint, look.bg))
        spec = self.meaning.spec if self.meaning is not None else ""
        if spec:
            spec = f" {fit(spec, out.width - 6)} "
            out.right(out.width - 2, spec, style(look.dim, look.bg))

    def lines(self, width: int, height: int) -> list[tuple[str, bool]]:
        """At most `height` lines of at most `width` cells, and whether each is to stand out."""
        key = (self.meaning, width, height)
        if self._laid is None or self._laid[0] != key:
            self._laid = key, _lay(self.meaning, width, height)
        return self._laid[1]


def _lay(meaning: Meaning | None, width: int, height: int) -> list[tuple[str, bool]]:
    if meaning is None or not meaning.text:
        return [(NOTHING if meaning is None else UNTOLD, False)]
    # What the value means is the rarer and the nearer: where there is one, the rest is quiet.
    out = [(line, True) for line in wrapped(meaning.sentence, width)]
    out += [(line, not meaning.sentence) for line in wrapped(meaning.text, width)]
    if len(out) > height > 0:
        last, special = out[height - 1]
        out = [*out[: height - 1], (fit(last + " …", width) if last else "…", special)]
    return out


def wrapped(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells."""
    text = clean(text)
    lines = textwrap.wrap(text, max(8, width)) if text else []
    return [fit(line, width) if width_of(line) > width else line for line in lines]
