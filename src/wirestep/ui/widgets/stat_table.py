"""A statistic as a list: sorted by any column, with a bar where there is room for one."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.timeline.statistics.expert import Finding
from wirestep.timeline.statistics.plot import bar
from wirestep.timeline.statistics.tables import Column, Table, written
from wirestep.ui.canvas import Line, amount, fit, number, width_of
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bars import tone
from wirestep.ui.widgets.rows import Rows

NOTHING = Table("", "", (), 0)
SAMPLE = 200
"""Rows that the widths of the columns are measured on."""
WIDEST = 62
"""Cells of a column of text, at most."""
BAR = 14
"""Cells that a bar needs to be worth it."""
OPENED = 500
"""Packets listed under one line, at most."""
SEVERITY = {"error": "bad", "warn": "warn", "note": "acc", "chat": "dim"}
LAST = {
    "conversations": (
        "stream",
        "bits_b",
        "bits_a",
        "packets_b",
        "packets_a",
        "bytes_b",
        "bytes_a",
        "duration",
        "start",
    ),
    "endpoints": ("packets_received", "packets_sent"),
    "hierarchy": ("bits", "byte_share", "protocol"),
    "lengths": ("rate",),
    "expert": ("field", "group"),
}
"""By statistic: columns that go where there is no room, the first of them first."""


class StatTable(Rows):
    """The rows of a `Table`; lines that have packets of their own can be opened."""

    HEAD = 1

    class Entered(Notice):
        """The user wants the packets of a row; `record` is the first of them, or -1."""

        def __init__(self, record: int) -> None:
            super().__init__()
            self.record = record

    def __init__(self) -> None:
        super().__init__()
        self.table = NOTHING
        self.findings: Sequence[Finding] = ()
        self.empty = ""
        self.sorted = ""
        self.down = True
        self.opened: set[tuple[str, str]] = set()
        self._order: Sequence[int] = ()
        self._lines: Sequence[tuple[int, int]] = ()
        """(row of the table, packet below it or -1)."""
        self._columns: list[tuple[Column, int]] = []

    # what is shown

    def set(self, table: Table, findings: Sequence[Finding], sort: str) -> None:
        """Shows a table; another statistic begins at the top, sorted by `sort`."""
        other = table.title != self.table.title
        self.table, self.findings = table, findings
        if other:
            self.sorted, self.down, self.opened = sort, True, set()
        self.lay()
        if other:
            self.show(0 if self.count() else -1)

    def lay(self) -> None:
        """Sorts, and lists the packets of the lines that are opened."""
        self._order = self.table.order(self.sorted, down=self.down)
        if self.opened:
            self._lines = [line for row in self._order for line in self._unfolded(row)]
        else:
            self._lines = ()
        self._columns = self._measured()
        self.changed()
        if self.cursor >= self.count():
            self.show(self.count() - 1)

    def _unfolded(self, row: int) -> list[tuple[int, int]]:
        lines = [(row, -1)]
        if self._remark(row) in self.opened:
            lines += [(row, record) for record in self.findings[row].rows()[:OPENED].tolist()]
        return lines

    def _remark(self, row: int) -> tuple[str, str]:
        found = self.findings[row]
        return found.summary, found.protocol

    def line(self, at: int) -> tuple[int, int]:
        """(row of the table, packet below it or -1) of a line."""
        return self._lines[at] if self._lines else (self._order[at], -1)

    def count(self) -> int:
        """Lines shown."""
        return len(self._lines) or len(self._order)

    def draw_empty(self) -> str:
        """Why there is nothing."""
        return self.empty

    def row(self) -> int:
        """The row of the table under the cursor, -1 for none."""
        return self.line(self.cursor)[0] if 0 <= self.cursor < self.count() else -1

    # drawing

    def _measured(self) -> list[tuple[Column, int]]:
        """The columns that fit, and how wide each is."""
        shown = [column for column in self.table.columns if column.key != "depth"]
        sample = list(self._order[:SAMPLE])
        sizes = {
            column.key: min(
                WIDEST,
                max(
                    width_of(column.title) + 1,
                    *(width_of(self._text(column, row)) for row in sample),
                    1,
                ),
            )
            for column in shown
        }
        for key in LAST.get(self.table.name, ()):
            if sum(sizes[column.key] + 2 for column in shown) < self.room:
                break
            shown = [column for column in shown if column.key != key]
        return [(column, sizes[column.key]) for column in shown]

    def _text(self, column: Column, row: int) -> str:
        value = column.at(row)
        if column.kind == "bytes" and isinstance(value, int) and self.room < 100:
            return amount(value)
        text = written(column.kind, value)
        first = column is self.table.columns[0]
        return "  " * self.table.depth(row) + text if first else text

    def _places(self) -> list[tuple[Column, int, int]]:
        """(column, first cell, width)."""
        at, out = 1, []
        for column, size in self._columns:
            out.append((column, at, size))
            at += size + 2
        return out

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The titles; the one sorted by bears an arrow."""
        out = Line(width, style(look.dim, look.panel, bold=True))
        for column, at, size in self._places():
            chosen = column.key == self.sorted
            ink = style(look.acc if chosen else look.dim, look.panel, bold=True)
            text = column.title + (("▼" if self.down else "▲") if chosen else "")
            if column.right:
                out.right(at + size, text, ink)
            else:
                out.put(at, text, ink)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One line."""
        back = look.sel if selected else look.bg
        out = Line(width, style(look.fg, back))
        ink = style(look.selfg if selected else look.fg, back, bold=selected)
        place, record = self.line(row)
        hue = tone(look, self._hue(place))
        out.put(0, "▌" if selected else "▏", style(hue, back, bold=True))
        if record >= 0:
            out.put(4, f"packet {number(record + 1)}", ink)
            return out.strip()
        end = 1
        for column, at, size in self._places():
            text = fit(self._text(column, place), min(size, out.width - at))
            first = column is self.table.columns[0]
            pen = style(hue, back, bold=True) if first and self._hue(place) != "fg" else ink
            if column.right:
                out.right(at + size, text, pen)
            else:
                out.put(at, text, pen)
            end = at + size
        self._bar(out, end + 2, place, look, back)
        return out.strip()

    def _bar(self, out: Line, at: int, row: int, look: Palette, back: str) -> None:
        column = self.table.column("share")
        room = out.width - at - 1
        if column is None or room < BAR:
            return
        share = column.at(row)
        whole = self.table.name == "lengths" and self.table.cells(row)[0] == "all"
        if isinstance(share, float) and not whole:
            name = self._hue(row)
            hue = look.acc if name == "fg" else tone(look, name)
            out.put(at, bar(share, 1.0, room), style(hue, back))

    def _hue(self, row: int) -> str:
        if self.findings and row < len(self.findings):
            return SEVERITY[self.findings[row].severity]
        return self.table.hue(row) or "fg"

    # sorting, opening

    def sort_by(self, key: str) -> None:
        """By a column; by the same again: the other way round."""
        if self.table.column(key) is None:
            return
        self.down = not self.down if key == self.sorted else True
        self.sorted = key
        self.lay()

    def sort_next(self) -> None:
        """By the next column to the right."""
        keys = [column.key for column, _ in self._columns]
        if keys:
            at = keys.index(self.sorted) + 1 if self.sorted in keys else 0
            self.sorted, self.down = keys[at % len(keys)], True
            self.lay()

    def turn(self) -> None:
        """The other way round."""
        self.down = not self.down
        self.lay()

    def open(self, wide: bool) -> None:
        """Lists the packets of the line under the cursor below it, or folds them away."""
        row = self.row()
        if row < 0 or row >= len(self.findings):
            return
        name = self._remark(row)
        (self.opened.add if wide else self.opened.discard)(name)
        self.lay()
        lines = [at for at in range(self.count()) if self.line(at) == (row, -1)]
        if not wide and lines:
            self.show(lines[0])

    def on_resize(self) -> None:
        """Other columns may fit now."""
        self._columns = self._measured()
        super().on_resize()

    def on_click(self, event: events.Click) -> None:
        """A click on a title sorts by it."""
        if event.y:
            return
        event.prevent_default()
        for column, at, size in self._places():
            if event.x < at + size + 1:
                self.sort_by(column.key)
                return

    def entered(self, row: int) -> None:
        """Tells the screen where the first packet is."""
        place, record = self.line(row)
        self.post_message(self.Entered(record if record >= 0 else self.table.record(place)))
