"""The branches of a lab: one a line, to look at or to compare."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip

from wirestep.session.lab_views import Branch, Snapshot
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, number
from wirestep.ui.keys import bindings
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.rows import Rows

Wish = tuple[str, str]
"""("switch" or "compare", name of a branch)."""


class BranchLines(Rows):
    """Name, what was decided, packets, how it stands."""

    HEAD = 1

    def __init__(self, shown: Snapshot) -> None:
        super().__init__()
        self.branches = shown.branches
        self.current = shown.branch

    def count(self) -> int:
        """Branches."""
        return len(self.branches)

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The titles."""
        ink = style(look.dim, look.panel, bold=True)
        out = Line(width, ink)
        out.put(2, "branch", ink)
        out.put(11, "decided", ink)
        out.right(width - 22, "packets", ink)
        out.right(width - 10, "at ms", ink)
        out.right(width - 1, "state", ink)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One branch."""
        branch: Branch = self.branches[row]
        back = look.sel if selected else look.bg
        out = Line(width, style(look.fg, back))
        out.put(0, "▌" if selected else " ", style(look.acc, back))
        here = branch.name == self.current
        out.put(2, f"{branch.name}{' ◆' if here else ''}", style(look.warn, back, bold=True))
        if branch.origin:
            out.put(6, f"← {branch.origin}", style(look.dim, back))
        words = branch.told or "as it is"
        text = f"{words} · {branch.link}" if branch.link else words
        out.put(11, fit(text, width - 42), style(look.fg, back, bold=here))
        out.right(width - 22, number(branch.packets), style(look.dim, back))
        out.right(width - 10, milliseconds(branch.now, 1), style(look.dim, back))
        state = ("✗ ended", look.bad) if branch.error else ("● over", look.good)
        text, colour = state if branch.over else ("■ held", look.warn)
        out.right(width - 1, text, style(colour, back))
        return out.strip()

    def entered(self, row: int) -> None:
        """Tells the panel."""
        screen = self.screen
        assert isinstance(screen, Branches)
        screen.dismiss(("switch", self.branches[row].name))


class Branches(ModalScreen[Wish | None]):
    """The list over the lab."""

    BINDINGS = bindings("branches")
    DEFAULT_CSS = """
    Branches { align: center middle; background: $background 40%; }
    Branches > Vertical {
        width: 90; max-width: 100%; height: 16; max-height: 100%; margin: 1 2;
        border: round $accent; background: $background; border-title-style: bold;
        border-title-color: $accent; border-subtitle-color: $foreground 60%;
    }
    """

    def __init__(self, shown: Snapshot) -> None:
        super().__init__()
        self.lines = BranchLines(shown)

    def compose(self) -> ComposeResult:
        """The frame."""
        frame = Vertical(self.lines)
        frame.border_title = Content("Branches")
        frame.border_subtitle = "enter look at it · c compare with the one shown · esc"
        yield frame

    def on_mount(self) -> None:
        """The cursor stands on the one shown."""
        self.lines.focus()
        names = [branch.name for branch in self.lines.branches]
        self.lines.show(names.index(self.lines.current))

    def action_compare(self) -> None:
        """The one under the cursor and the one shown."""
        if self.lines.cursor >= 0:
            self.dismiss(("compare", self.lines.branches[self.lines.cursor].name))

    def action_back(self) -> None:
        """Closes it."""
        self.dismiss(None)
