"""What if: the same exchange under other conditions, foreseen; and measured where it was run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from textual import events
from textual.message import Message as Notice

from wirestep.session.billing import Bill, Change
from wirestep.ui.canvas import Line, fit, many
from wirestep.ui.keys import bindings
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bill_view import rounded
from wirestep.ui.widgets.drawn import Drawn
from wirestep.ui.widgets.spans import rail

NONE: Mapping[int, str] = MappingProxyType({})
MARK = 18
"""Cells beside a bar."""
TALL = 2
"""Lines of a row with its bar."""


class WhatIfView(Drawn):
    """A row for each change: round trips, first byte, all there; below it what it saves."""

    BINDINGS = bindings("list")

    class Chosen(Notice):
        """Another row is under the cursor."""

    class Entered(Notice):
        """The user wants to see it run."""

    def __init__(self) -> None:
        super().__init__(id="whatif")
        self.bill: Bill | None = None
        self.cursor = 0
        self.measured: Mapping[int, str] = NONE
        """By row: what the lab says."""

    def set(self, bill: Bill | None, measured: Mapping[int, str]) -> None:
        """What to show now."""
        self.bill, self.measured = bill, measured
        self.cursor = max(0, min(self.cursor, len(self.rows) - 1))
        self.changed()

    @property
    def rows(self) -> Sequence[Change]:
        """What is compared."""
        return () if self.bill is None else self.bill.changes

    @property
    def change(self) -> Change | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    # drawing

    def lay(self, width: int, height: int, look: Palette) -> tuple[Sequence[Line], Sequence[Line]]:
        """The titles; then the changes, and what was saved already."""
        ink = style(look.dim, look.panel, bold=True)
        head = Line(width, ink)
        trips, first, page = self._columns(width)
        paged = any(row.complete is not None for row in self.rows)
        head.right(trips, "RTT", ink)
        head.right(first, "first", ink)
        if paged:
            head.right(page, "page", ink)
        lines: list[Line] = []
        credits = self._credits(width, look)
        tall = TALL * len(self.rows) < height
        # Each is marked: beside its bar, or where there are no bars, by the title.
        head.put(1, fit("change" if tall else "change (predicted)", trips - 5), ink)
        for place, row in enumerate(self.rows):
            lines += self._row(place, row, width, look, tall=tall)
        if credits and lines:
            rule = Line(width, style(look.fg, look.bg))
            rule.fill(1, width - 1, "╌", style(look.faint, look.bg))
            apart = len(lines) + len(credits) + 1 < height
            lines += [*([rule] if apart else []), *credits]
        return [head], lines

    def _columns(self, width: int) -> tuple[int, int, int]:
        """Where the numbers end."""
        return width - 16, width - 8, width - 1

    def _row(
        self, place: int, row: Change, width: int, look: Palette, *, tall: bool
    ) -> Sequence[Line]:
        chosen = place == self.cursor
        back = look.sel if chosen and self.has_focus else look.bg
        out, below = Line(width, style(look.fg, back)), Line(width, style(look.fg, look.bg))
        trips, first, page = self._columns(width)
        bold = not row.predicted
        name = ("  " if row.deeper else "") + (row.name if row.predicted else "now: as recorded")
        out.put(0, "▌" if chosen else " ", style(look.acc, back))
        out.put(1, fit(name, trips - 5), style(look.fg, back, bold=bold or chosen))
        out.right(trips, str(row.trips), style(look.fg, back))
        ink = look.acc if bold else look.good if row.saved > 0 else look.warn
        out.right(first, rounded(row.first), style(ink, back, bold=True))
        if row.complete is not None:
            out.right(page, rounded(row.complete), style(look.dim, back))
        if not tall:
            return [out]
        most = max(one.complete or one.first for one in self.rows)
        share = (row.complete or row.first) / max(1, most)
        rail(below, 1, width - MARK - 1, share, ink, look, look.bg)
        if row.predicted:
            said = self.measured.get(place)
            word = style(look.dim, look.bg)
            if said:
                below.right(page, said, style(look.good, look.bg, bold=True))
            else:
                sign = "-" if row.saved > 0 else "+"
                text = f" {sign}{rounded(abs(row.saved))}" if row.saved else ""
                below.right(page, f"predicted{text}", word)
        return [out, below]

    def _credits(self, width: int, look: Palette) -> list[Line]:
        bill = self.bill
        lines = []
        for credit in bill.credits if bill is not None else ():
            out = Line(width, style(look.fg, look.bg))
            sign, ink = ("✓", look.good) if credit.granted else ("·", look.dim)
            out.put(1, sign, style(ink, look.bg, bold=True))
            name = credit.name if credit.granted else f"{credit.kind}: {credit.name}"
            times = f" ×{credit.times}" if credit.times > 1 else ""
            end = width - 1
            said = f"-{credit.trips} RTT" + (" each" if credit.times > 1 else "")
            out.right(end, said if credit.granted else "0", style(ink, look.bg))
            text = style(look.fg if credit.granted else look.dim, look.bg)
            out.put(3, fit(f"{name}{times}", width - 5 - len(said)), text)
            lines.append(out)
        return lines

    def told(self) -> str:
        """What stands at the bottom of the pane."""
        count = len(self.rows) - 1
        parts = [f"{many(count, 'change')} predicted"] if count > 0 else []
        return " · ".join([*parts, *([f"{self.below} more below"] if self.below else [])])

    # moving

    def action_move(self, by: int) -> None:
        """Another row."""
        self._to(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Some rows on."""
        self._to(self.cursor + by * max(1, self.size.height // TALL))

    def action_edge(self, end: bool) -> None:
        """The first, or the last."""
        self._to(len(self.rows) - 1 if end else 0)

    def action_enter(self) -> None:
        """Runs it."""
        if self.change is not None:
            self.post_message(self.Entered())

    def _to(self, row: int) -> None:
        row = max(0, min(row, len(self.rows) - 1))
        if row == self.cursor:
            return
        self.cursor = row
        self.changed()
        height = max(1, self.size.height - 1)
        line = row * TALL
        if line < self.top:
            self.scroll_by(line - self.top)
        elif line + TALL > self.top + height:
            self.scroll_by(line + TALL - self.top - height)
        self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Chooses the row."""
        self._to((event.y - 1 + self.top) // TALL)
