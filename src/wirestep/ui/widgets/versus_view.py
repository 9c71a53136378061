"""Two branches of a lab line by line: equal packets beside each other, others marked."""

from __future__ import annotations

from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.session.lab_compare import MOVED, ONLY_FIRST, ONLY_SECOND, SAME, Comparison, Pair
from wirestep.session.lab_views import Passage
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.theme import Palette, mix, style
from wirestep.ui.widgets.ladder_draw import lane_hue, rounded, squeezed
from wirestep.ui.widgets.ladder_paths import said
from wirestep.ui.widgets.rows import Rows
from wirestep.ui.widgets.wire_draw import NOTES

TIME = 11
TINT = 0.16
"""How much of its colour the background of a line that is only in one branch takes."""


class VersusView(Rows):
    """The pairs of a comparison, or only those that differ."""

    HEAD = 1

    class Entered(Notice):
        """The user wants to see both taken apart."""

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(id="versus")
        self.comparison = comparison
        self.hiding = False
        self.pairs: tuple[Pair, ...] = comparison.pairs

    def take(self, comparison: Comparison, *, hiding: bool) -> None:
        """Shows another comparison, or other lines of it."""
        self.comparison, self.hiding = comparison, hiding
        pairs = comparison.pairs
        self.pairs = tuple(p for p in pairs if p.sign != SAME) if hiding else pairs
        self.changed()
        self.show(0 if self.pairs else -1)

    def count(self) -> int:
        """Lines."""
        return len(self.pairs)

    def entered(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Entered())

    def draw_empty(self) -> str:
        """What to say instead."""
        return "the two are equal" if self.comparison.pairs else "nothing has left yet"

    def next_difference(self, by: int) -> bool:
        """To the next line that differs; whether there is one."""
        row = self.cursor + by
        while 0 <= row < len(self.pairs):
            if self.pairs[row].sign != SAME:
                self.go(row)
                return True
            row += by
        return False

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The branches, and their hosts above their lifelines."""
        out = Line(width, style(look.dim, look.panel))
        names = self.comparison.names
        for side in (0, 1):
            start, stop = _span(side, width)
            out.right(start + TIME - 2, "ms", style(look.dim, look.panel))
            low, high = start + TIME, stop
            hosts = self.comparison.hosts
            for at, host in ((low, hosts[0]), (high, hosts[-1])):
                text = f" {squeezed(host.name, 10)} "
                left = at if at == low else at - width_of(text)
                lane = 0 if at == low else len(hosts) - 1
                hue = look.hue(lane_hue(lane, len(hosts)))
                out.put(left, text, style(look.bg, hue, bold=True))
            out.put((low + high) // 2, names[side], style(look.fg, look.panel, bold=True))
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """A packet of each, and how they differ."""
        pair = self.pairs[row]
        back = look.sel if selected else look.bg
        out = Line(width, style(look.fg, back))
        out.put(0, "▌" if selected else " ", style(look.acc, back))
        colours = {SAME: look.faint, MOVED: look.warn, ONLY_FIRST: look.bad, ONLY_SECOND: look.good}
        for side, passage in enumerate((pair.first, pair.second)):
            only = pair.sign in (ONLY_FIRST, ONLY_SECOND) and passage is not None
            tint = mix(back, colours[pair.sign], TINT) if only and look.tint else back
            self._half(out, passage, side, (back, tint), look)
        out.put(_middle(width), pair.sign, style(colours[pair.sign], back, bold=True))
        return out.strip()

    def _half(
        self, out: Line, passage: Passage | None, side: int, backs: tuple[str, str], look: Palette
    ) -> None:
        start, stop = _span(side, out.width)
        low, high = start + TIME, stop - 1
        hosts = len(self.comparison.hosts)
        for lane, cell in ((0, low), (hosts - 1, high)):
            out.put(cell, "┃", style(look.hue(lane_hue(lane, hosts)), backs[0], bold=True))
        if passage is None:
            out.put((low + high) // 2, "·", style(look.faint, backs[0]))
            return
        back = backs[1]
        time = rounded(milliseconds(passage.left, 1), TIME - 2)
        out.right(low - 2, time, style(look.fg if passage.weighty else look.dim, backs[0]))
        ink = look.bad if passage.never else look.hue(passage.hue)
        right = passage.target > passage.sender
        out.fill(low + 1, high, "─" if passage.weighty else "╌", style(ink, back))
        if passage.never:
            out.put(
                (low + 2 * high) // 3 if right else (2 * low + high) // 3, "✗", style(ink, back)
            )
        else:
            out.put(high - 1 if right else low + 1, "▷" if right else "◁", style(ink, back))
        note = NOTES.get(passage.fate, "")
        text = fit(said(passage) + (f" {note}" if note else ""), high - low - 7)
        at = (low + high + 1 - width_of(text)) // 2 - 1
        bold = passage.weighty
        out.put(at, f" {text} ", style(look.fg if bold else look.dim, back, bold=bold))


def _middle(width: int) -> int:
    return width // 2


def _span(side: int, width: int) -> tuple[int, int]:
    """Cells of one side."""
    middle = _middle(width)
    return (1, middle - 1) if side == 0 else (middle + 2, width)
