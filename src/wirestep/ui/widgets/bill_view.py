"""The bill of an exchange: an item a line, where it stands in time, and which packets it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.session.billing import Bill, BillLine
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, many, number, width_of
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bars import Part, put_parts_on
from wirestep.ui.widgets.rows import Rows
from wirestep.ui.widgets.spans import block, cells_of, rail

PHASE, NAME, TRIPS, MS, PACKETS = 8, 22, 5, 9, 11
"""Cells of the columns; names take what is left where there is much."""
LEAST_BAR = 12
DOT = " · "
"""Between parts of the line."""
SHORT = 150
"""A wait of less than this part of the whole is short."""
LOSSES = ("timeout", "loss")
"""Kinds that a lost packet made."""
QUIET = ("server", "client", "transfer", "queue", "delayed ACK")
"""Kinds that are drawn dim: nobody waits for the network there."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A line that adds up what stands above it."""

    name: str
    time: int
    trips: int
    record: int
    quiet: bool = False
    """It stands for lines that are folded."""


Entry = BillLine | Sum


def entries(bill: Bill, *, folded: bool) -> list[Entry]:
    """The lines of a bill and its sums, in order; short waits as one line where they are folded."""
    found: list[Entry] = []
    least = bill.total // SHORT if folded else 0
    trips = 0
    for title, lines, moment in bill.groups():
        kept = [line for line in lines if line.trips or line.length >= least]
        found += kept
        rest = [line for line in lines if line not in kept]
        if rest:
            spent = sum(line.length for line in rest)
            found.append(Sum(many(len(rest), "short wait"), spent, 0, rest[-1].records[1], True))
        trips = moment.trips
        found.append(Sum(title, moment.time, trips, moment.record))
    return found


def told_records(records: tuple[int, int]) -> str:
    """Packets as people count them: "3-5"."""
    first, last = (number(record + 1) for record in records)
    return first if first == last else f"{first}-{last}"


class BillView(Rows):
    """A row for each item; the cursor tells the screen which is looked at."""

    HEAD = 2

    class Chosen(Notice):
        """Another line is under the cursor."""

    class Entered(Notice):
        """The user wants the packets of a line; `record` is the first of them."""

        def __init__(self, record: int) -> None:
            super().__init__()
            self.record = record

    def __init__(self) -> None:
        super().__init__(id="bill")
        self.bill: Bill | None = None
        self.rows: Sequence[Entry] = ()
        self.parts: Sequence[Part] = ()
        """The bill in one line."""
        self.empty = "reading…"
        self.folded = True

    def set(self, bill: Bill | None, parts: Sequence[Part]) -> None:
        """Shows a bill; the cursor stays where it was."""
        self.bill, self.parts = bill, parts
        self.rows = entries(bill, folded=self.folded) if bill is not None else ()
        self.empty = "nothing came back: there is nothing to bill"
        self.changed()
        self.show(max(0, min(self.cursor, len(self.rows) - 1)) if self.rows else -1)

    @property
    def entry(self) -> Entry | None:
        """What is under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def fold(self) -> None:
        """Short waits as one line, or each for itself."""
        self.folded = not self.folded
        entry = self.entry
        self.set(self.bill, self.parts)
        self.show(self.rows.index(entry) if entry in self.rows else self.cursor)

    def count(self) -> int:
        """Lines."""
        return len(self.rows)

    def draw_empty(self) -> str:
        """Why there are none."""
        return self.empty

    def chosen(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Chosen())

    def entered(self, row: int) -> None:
        """Tells the screen where the first packet is."""
        entry = self.rows[row]
        record = entry.records[0] if isinstance(entry, BillLine) else entry.record
        self.post_message(self.Entered(record))

    # drawing

    def _columns(self, width: int) -> tuple[int, int, int, int, int]:
        """Ends of the names, of the round trips, of the milliseconds; where the bars begin, end."""
        spare = width - 1 - PHASE - TRIPS - MS - PACKETS
        name = max(NAME, min(52, spare * 45 // 100)) if spare >= NAME + LEAST_BAR else spare - 1
        name = max(12, name)
        trips = 1 + PHASE + name + TRIPS
        start = trips + MS + 2
        stop = width - PACKETS - 1
        return 1 + PHASE + name, trips, trips + MS, start, stop if stop - start >= 6 else start

    def _fitting(self, room: int) -> Sequence[Part]:
        """The parts of the line as far as they fit whole, up to a dot between two of them."""
        last, used = 0, 0
        for place, (text, _, _) in enumerate(self.parts):
            if text == DOT:
                last = place
            used += width_of(text)
            if used > room:
                return self.parts[:last]
        return self.parts

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The bill in one line, then the titles of the columns."""
        if line == 0:
            out = Line(width, style(look.fg, look.bg))
            put_parts_on(out, 1, self._fitting(width - 2), look, look.bg)
            return out.strip()
        ink = style(look.dim, look.panel, bold=True)
        out = Line(width, ink)
        _, trips, ms, start, stop = self._columns(width)
        out.put(1, "item", ink)
        out.right(trips, "RTT", ink)
        out.right(ms, "ms", ink)
        if stop > start:
            out.put(start, "timeline", ink)
        out.right(width - 1, "packets", ink)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """An item, or a sum."""
        entry = self.rows[row]
        back = look.sel if selected else look.panel if _strong(entry) else look.bg
        out = Line(width, style(look.fg, back))
        if isinstance(entry, BillLine):
            self._item(out, row, look, back, selected)
        else:
            self._sum(out, entry, look, back)
        return out.strip()

    def _item(self, out: Line, row: int, look: Palette, back: str, selected: bool) -> None:
        entry, bill = self.rows[row], self.bill
        assert isinstance(entry, BillLine)
        assert bill is not None
        name, trips, ms, start, stop = self._columns(out.width)
        lost = entry.kind in LOSSES
        hue = look.bad if lost else look.hue(entry.hue)
        quiet = entry.kind in QUIET
        out.put(0, "▌" if selected else " ", style(hue, back, bold=True))
        if lost:
            out.put(1, "LOSS", style(look.bad, back, bold=True))
        elif not quiet:
            out.put(1, fit(entry.phase, PHASE - 1), style(hue, back, bold=True))
        ink = style(look.selfg if selected else look.dim if quiet else look.fg, back)
        text = f"{entry.label} {entry.name}" if quiet or lost else entry.name
        out.put(1 + PHASE, fit(text, name - PHASE - 2), ink)
        out.right(trips, str(entry.trips) if entry.trips else "·", ink)
        out.right(ms, short(entry.length), ink)
        shade = style(look.fg if selected else look.dim, back)
        out.right(out.width - 1, told_records(entry.records), shade)
        if stop > start:
            place = cells_of(entry.start, entry.length, bill.total, stop - start)
            pen = look.dim if quiet else hue
            block(out, (start + place[0], start + place[1]), pen, back)

    def _sum(self, out: Line, entry: Sum, look: Palette, back: str) -> None:
        bill = self.bill
        assert bill is not None
        _, trips, ms, start, stop = self._columns(out.width)
        if entry.quiet:
            dim = style(look.dim, back)
            out.put(1 + PHASE, entry.name, dim)
            out.right(trips, "·", dim)
            out.right(ms, short(entry.time), dim)
            return
        bold = style(look.fg, back, bold=True)
        out.put(1, entry.name, bold)
        out.right(trips, str(entry.trips), bold)
        out.right(ms, short(entry.time), style(look.acc, back, bold=True))
        out.right(out.width - 1, number(entry.record + 1), style(look.dim, back))
        if stop > start:
            rail(out, start, stop, entry.time / max(1, bill.total), look.acc, look, back)


def _strong(entry: Entry) -> bool:
    """It is a sum of all above it."""
    return isinstance(entry, Sum) and not entry.quiet


def short(span: int) -> str:
    """Nanoseconds as milliseconds in few letters: "1 403", "0.45"."""
    digits = 0 if span >= 99_500_000 else 1 if span >= 1_000_000 else 2
    return rounded(span, digits)


def rounded(span: int, digits: int = 0) -> str:
    """Nanoseconds as milliseconds, rounded, where the clock's writing would cut."""
    return milliseconds(span + 5 * 10 ** (5 - digits), digits)


__all__ = ["DOT", "BillView", "Entry", "Sum", "rounded", "short", "told_records"]
