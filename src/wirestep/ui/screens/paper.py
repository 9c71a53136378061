"""A page of text over the screen: help, about a file."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip

from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.keys import PLACES, TITLES, bindings, spoken
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bars import Footer
from wirestep.ui.widgets.ladder_draw import CLOSED, OPEN
from wirestep.ui.widgets.rows import Rows
from wirestep.ui.widgets.signs import legend

Piece = tuple[str, Style]


class Page(Rows):
    """Lines of text; lines that are too long go on below."""

    def __init__(self, lines: Sequence[Piece]) -> None:
        super().__init__()
        self.lines = lines
        self.broken: list[Piece] = []

    def on_resize(self) -> None:
        """Breaks the lines anew."""
        self.broken = [part for line in self.lines for part in _broken(line, self.room - 4)]
        self.changed()

    def count(self) -> int:
        """Lines on the page."""
        return len(self.broken)

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One line."""
        out = Line(width, style(look.fg, look.bg))
        out.put(2, *self.broken[row])
        return out.strip()

    def action_move(self, by: int) -> None:
        """Scrolls."""
        self.scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Scrolls by pages."""
        self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False)

    def action_edge(self, end: bool) -> None:
        """Scrolls to an end."""
        self.scroll_to(y=self.count() if end else 0, animate=False)

    def go(self, row: int) -> None:
        """A page has no cursor."""


def _broken(line: Piece, width: int) -> list[Piece]:
    text, ink = line
    if width < 8 or width_of(text) <= width:
        return [line]
    lines, current = [], ""
    for word in text.split(" "):
        while width_of(word) > width:
            lines.append(current) if current else None
            lines.append(word[: width - 2])
            word, current = word[width - 2 :], ""
        if current and width_of(current) + 1 + width_of(word) > width:
            lines.append(current)
            current = "  " + word
        else:
            current = f"{current} {word}" if current else word
    return [(part, ink) for part in [*lines, current]]


class Paper(ModalScreen[None]):
    """A page in a frame."""

    BINDINGS = bindings("paper")
    DEFAULT_CSS = """
    Paper { align: center middle; background: $background 60%; }
    Paper > Vertical {
        width: 100; max-width: 100%; height: 1fr; max-height: 100%; margin: 1 2;
        border: round $accent; background: $background; border-title-style: bold;
        border-title-color: $accent; border-subtitle-color: $foreground 60%;
    }
    """

    def __init__(self, title: str, lines: Sequence[Piece]) -> None:
        super().__init__()
        self.heading = title
        self.page = self.sheet(lines)

    def sheet(self, lines: Sequence[Piece]) -> Rows:
        """What stands in the frame."""
        return Page(lines)

    def compose(self) -> ComposeResult:
        """The frame."""
        frame = Vertical(self.page)
        frame.border_title = Content(self.heading)
        frame.border_subtitle = "esc closes"
        yield frame

    def on_mount(self) -> None:
        """Keys scroll it."""
        self.page.focus()

    @on(Footer.Pressed)
    def _pressed(self) -> None:
        self.action_back()

    def action_back(self) -> None:
        """Closes it."""
        self.dismiss(None)


class Columns(Page):
    """The keys of some places: in two columns where they fit."""

    def __init__(self, places: Sequence[str]) -> None:
        super().__init__(())
        self.places = places
        self.pairs: list[tuple[tuple[str, str], ...]] = []
        self.wide = False

    def on_resize(self) -> None:
        """One column or two."""
        self.wide = self.size.width >= 84
        taken: set[str] = set()
        blocks = []
        for place in self.places:
            blocks.append(_block(place, taken))
            taken.update(key.keys.split(",")[0] for key in PLACES[place])
        if self.wide:
            left: list[tuple[str, str]] = []
            right: list[tuple[str, str]] = []
            for block in blocks:
                shorter = left if len(left) <= len(right) else right
                shorter.extend([*block, ("", "")])
            size = max(len(left), len(right))
            left += [("", "")] * (size - len(left))
            right += [("", "")] * (size - len(right))
            self.pairs = list(zip(left, right, strict=True))
        else:
            self.pairs = [(line,) for block in blocks for line in [*block, ("", "")]]
        self.changed()

    def count(self) -> int:
        """Lines."""
        return len(self.pairs)

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """A line of each column."""
        out = Line(width, style(look.fg, look.bg))
        each = width // len(self.pairs[row])
        for at, (keys, text) in enumerate(self.pairs[row]):
            start = at * each + 2
            if not keys:
                out.put(start, text, style(look.dim, look.bg, bold=True))
                continue
            out.put(start, fit(keys, 9), style(look.acc, look.bg, bold=True))
            out.put(start + 11, fit(text, each - 13), style(look.fg, look.bg))
        return out.strip()


def _block(place: str, taken: set[str]) -> list[tuple[str, str]]:
    """The keys of a place; of those everywhere, what means something else here is left out."""
    head = [("", TITLES[place])]
    told = [k for k in PLACES[place] if place != "app" or k.keys.split(",")[0] not in taken]
    keys = head + [(spoken(key), key.title) for key in told]
    if place == "packets":
        keys += [("", ""), ("", "Letters before the info"), *legend()]
    if place == "ladder":
        keys += [
            (CLOSED, "encrypted, and not decrypted"),
            (OPEN, "was encrypted, and is decrypted"),
        ]
    return keys


class Help(Paper):
    """All keys, those of the screen below first."""

    def __init__(self, places: Sequence[str]) -> None:
        self.places = places
        super().__init__("Keys", ())

    def sheet(self, lines: Sequence[Piece]) -> Rows:
        """The keys."""
        return Columns(self.places)
