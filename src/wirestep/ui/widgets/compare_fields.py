"""The fields of two messages side by side, and the totals of two exchanges."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip

from wirestep.session.comparing import Comparison
from wirestep.session.comparing_fields import FieldPair
from wirestep.session.lab_compare import SAME
from wirestep.ui.canvas import Line, fit
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bill_view import rounded
from wirestep.ui.widgets.compare_view import sign_colour
from wirestep.ui.widgets.drawn import Drawn
from wirestep.ui.widgets.rows import Rows
from wirestep.ui.widgets.spans import block, cells_of


class FieldPairs(Rows):
    """A line for each field."""

    HEAD = 1

    def __init__(self) -> None:
        super().__init__(id="field-pairs")
        self.pairs: Sequence[FieldPair] = ()
        self.names = ("A", "B")
        self.empty = ""

    def set(self, pairs: Sequence[FieldPair], names: tuple[str, str]) -> None:
        """Shows fields, from the first one that differs on."""
        self.pairs, self.names = pairs, names
        self.changed()
        first = next((n for n, pair in enumerate(pairs) if pair.sign != SAME), 0)
        self.show(min(first, len(pairs) - 1))

    def count(self) -> int:
        """Lines."""
        return len(self.pairs)

    def draw_empty(self) -> str:
        """Why there are none."""
        return self.empty

    def _columns(self, width: int) -> tuple[int, int, int]:
        """Where the first value begins, the sign, the second value."""
        title = max(16, min(34, width * 32 // 100))
        half = (width - title - 4) // 2
        return title + 1, title + half, title + half + 3

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """Titles."""
        ink = style(look.dim, look.panel, bold=True)
        out = Line(width, ink)
        first, sign, second = self._columns(width)
        out.put(1, "field", ink)
        out.put(first, fit(f"A  {self.names[0]}", sign - first - 1), ink)
        out.put(second, fit(f"B  {self.names[1]}", width - second), ink)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """A field of each."""
        pair = self.pairs[row]
        back = look.sel if selected else look.bg
        out = Line(width, style(look.fg, back))
        first, sign, second = self._columns(width)
        colour = sign_colour(look, pair.sign)
        out.put(0, "▌" if selected else " ", style(colour, back))
        same = pair.sign == SAME
        name, value = (look.dim, look.dim) if same else (look.fg, look.fg)
        indent = min(6, 2 * pair.depth)
        title = fit(pair.title, first - indent - 2)
        out.put(1 + indent, title, style(name, back, bold=selected))
        out.put(first, fit(pair.first or "·", sign - first - 1), style(value, back))
        out.put(sign, pair.sign, style(colour, back, bold=True))
        after = value if same or not pair.second else look.fg
        out.put(second, fit(pair.second or "·", width - second - 1), style(after, back))
        return out.strip()


class Totals(Drawn):
    """Numbers of both, and where their time went."""

    def __init__(self) -> None:
        super().__init__(id="totals")
        self.comparison: Comparison | None = None

    def set(self, comparison: Comparison) -> None:
        """What to show now."""
        self.comparison = comparison
        self.changed()

    def lay(self, width: int, height: int, look: Palette) -> tuple[Sequence[Line], Sequence[Line]]:
        """A line for each number, then a bar for each exchange."""
        ink = style(look.dim, look.panel, bold=True)
        head = Line(width, ink)
        ends = (width - 20, width - 10, width - 1)
        for end, text in zip(ends, ("A", "B", "B - A"), strict=True):
            head.right(end, text, ink)
        both = self.comparison
        lines: list[Line] = []
        for total in both.totals if both is not None else ():
            out = Line(width, style(look.fg, look.bg))
            out.put(1, fit(total.name, width - 28), style(look.fg, look.bg))
            out.right(ends[0], total.first, style(look.dim, look.bg))
            out.right(ends[1], total.second, style(look.fg, look.bg, bold=True))
            colour = {1: look.good, -1: look.bad}.get(total.better, look.dim)
            out.right(ends[2], total.change, style(colour, look.bg, bold=bool(total.better)))
            lines.append(out)
        if both is not None:
            lines += self._bars(both, width, look)
        return [head], lines

    def _bars(self, both: Comparison, width: int, look: Palette) -> list[Line]:
        rule = Line(width, style(look.fg, look.bg))
        rule.fill(1, width - 1, "╌", style(look.faint, look.bg))
        lines = [rule]
        most = max(1, *(side.bill.total for side in both.sides))
        room = width - 5
        for name, side in zip("AB", both.sides, strict=True):
            out = Line(width, style(look.fg, look.bg))
            out.put(1, name, style(look.fg, look.bg, bold=True))
            for hue, start, length in side.spans:
                place = cells_of(start, length, most, room)
                if place[1] - place[0] >= 0.1:
                    block(out, (3 + place[0], 3 + place[1]), look.hue(hue), look.bg)
            left = most - side.bill.total
            text = f"-{rounded(left)}"
            gap = room - round(cells_of(0, side.bill.total, most, room)[1])
            if gap > len(text) + 2:
                out.right(width - 2, text, style(look.good, look.bg, bold=True))
            lines += [out, Line(width, style(look.fg, look.bg))]
        return lines[:-1]
