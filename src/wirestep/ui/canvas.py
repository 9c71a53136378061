"""One line of cells to draw on; the only way in which text from a capture becomes a strip.

Text is put letter by letter, so nothing in it is read as markup, and what a terminal would obey
is spelled out here once more, although the views are safe already.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from wirestep.model import safe


class Line:
    """`width` cells, each with a letter and a style."""

    __slots__ = ("cells", "styles", "wide", "width")

    def __init__(self, width: int, style: Style) -> None:
        self.width = width
        self.wide = False
        """Whether a letter of two cells stands in it."""
        self.cells = [" "] * width
        self.styles = [style] * width

    def put(self, at: int, text: str, style: Style) -> int:
        """Writes `text` from cell `at` on, cut at both ends of the line; the cell after it."""
        if _plain(text):
            end = at + len(text)
            low, high = max(0, at), min(self.width, end)
            self._lay(low, high, text[low - at : high - at], style)
            return end
        for letter in clean(text):
            size = 1 if letter.isascii() else get_character_cell_size(letter)
            if not size:
                self._join(at - 1, letter)
                continue
            if at >= 0 and at + size <= self.width:
                self._free(at)
                self.cells[at] = letter
                self.styles[at] = style
                if size == 2:
                    self.wide = True
                    self._free(at + 1)
                    self.cells[at + 1] = ""
                    self.styles[at + 1] = style
            at += size
        return at

    def right(self, end: int, text: str, style: Style) -> int:
        """Writes `text` so that it ends before cell `end`; the cell where it begins."""
        start = end - width_of(text)
        self.put(start, text, style)
        return start

    def dot(self, at: int, letter: str, style: Style) -> None:
        """Writes one letter of ours, of one cell; the short way for drawings made of many."""
        if 0 <= at < self.width:
            if self.wide:
                self._free(at)
            self.cells[at] = letter
            self.styles[at] = style

    def copy(self) -> Line:
        """The same, to draw on."""
        made = Line.__new__(Line)
        made.width, made.wide = self.width, self.wide
        made.cells, made.styles = self.cells[:], self.styles[:]
        return made

    def fill(self, start: int, stop: int, letter: str, style: Style) -> None:
        """Writes the same one-cell letter into [start, stop)."""
        low, high = max(0, start), min(self.width, stop)
        self._lay(low, high, letter * (high - low), style)

    def _lay(self, low: int, high: int, text: str, style: Style) -> None:
        """Letters of one cell each, into [low, high)."""
        if low >= high:
            return
        if self.wide:
            self._free(low)
            self._free(high - 1)
        self.cells[low:high] = text
        self.styles[low:high] = [style] * (high - low)

    def strip(self) -> Strip:
        """The line as Textual wants it: one segment for each run of one style."""
        out: list[Segment] = []
        start = 0
        for at in range(1, self.width + 1):
            if at == self.width or self.styles[at] is not self.styles[start]:
                out.append(Segment("".join(self.cells[start:at]), self.styles[start]))
                start = at
        return Strip(out, self.width)

    def _join(self, at: int, letter: str) -> None:
        """A letter without width joins the cell before; one a cell, lest they pile up."""
        if 0 <= at < self.width and len(self.cells[at]) == 1 and not "\ufe00" <= letter <= "\ufe0f":
            self.cells[at] += letter

    def _free(self, at: int) -> None:
        """Where a letter of two cells stood, its other half goes too."""
        if self.cells[at] == "" and at:
            self.cells[at - 1] = " "
        elif at + 1 < self.width and self.cells[at + 1] == "":
            self.cells[at + 1] = " "


@lru_cache(4096)
def clean(text: str) -> str:
    """Safe text; newlines and other breaks are spelled out, so that a line stays a line."""
    return safe(text)


def _plain(text: str) -> bool:
    """Whether each letter is one cell and harmless: most text is, and is spared the rest."""
    return text.isascii() and text.isprintable()


def width_of(text: str) -> int:
    """Cells that `text` takes."""
    return len(text) if _plain(text) else cell_len(clean(text))


def fit(text: str, width: int) -> str:
    """`text` cut to at most `width` cells, the last one an ellipsis where something is missing."""
    if width <= 0:
        return ""
    if _plain(text):
        return text if len(text) <= width else text[: width - 1] + "…"
    text = clean(text)
    if cell_len(text) <= width:
        return text
    used, out = 0, []
    for letter in text:
        used += get_character_cell_size(letter)
        if used > width - 1:
            break
        out.append(letter)
    return "".join(out) + "…"


def blank(width: int, style: Style) -> Strip:
    """An empty line."""
    return Strip([Segment(" " * width, style)], width)


def number(value: int) -> str:
    """An integer with its thousands apart by a gap: "20 000"."""
    return f"{value:,}".replace(",", " ")


def many(count: int, noun: str) -> str:
    """A number of things: "1 packet", "20 000 packets"."""
    return f"{number(count)} {noun}" + ("" if count == 1 else "s")


def amount(size: int) -> str:
    """A number of bytes in at most five letters: "312 B", "4.2 kB", "17 MB"."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 1000:
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{value:.0f} PB"
