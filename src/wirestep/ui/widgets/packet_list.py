"""The packet list over any number of rows: asks for those on the screen only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.session.views import Row
from wirestep.timeline.times import written
from wirestep.ui.canvas import Line, blank, fit, number
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.rows import Rows

PROBLEMS = {
    "lost": ("L", "bad"),
    "gap": ("G", "bad"),
    "broken": ("B", "bad"),
    "reset": ("X", "bad"),
    "retransmission": ("R", "warn"),
    "out-of-order": ("O", "warn"),
    "zero-window": ("Z", "warn"),
    "duplicate-ack": ("D", "warn"),
}
"""Letter and colour of what befell a packet; the first that fits is shown."""


BLOCK = 64
MOST_BLOCKS = 64


def problem(marks: Sequence[str]) -> tuple[str, str]:
    """The letter for these marks and the name of its colour; ("", "") where nothing is wrong."""
    for mark, shown in PROBLEMS.items():
        if mark in marks:
            return shown
    return ("", "") if not marks else (marks[0][:1].upper(), "warn")


def columns(width: int, total: int) -> dict[str, int]:
    """The widths of the columns at this width of the list; 0 leaves a column out."""
    no = max(4, len(str(total)) + 1) + 1
    ends = 0 if width < 66 else 15 if width < 104 else 18 if width < 140 else 24
    second = ends if width >= 84 else 0
    time = 10 if width < 66 else 11
    return {
        "no": no,
        "time": time,
        "source": ends,
        "destination": second,
        "protocol": 9 if width >= 52 else 8,
        "length": 5 if width >= 48 else 0,
    }


class PacketList(Rows):
    """All packets that the filter shows, one a line."""

    HEAD = 1
    MARGIN = 1

    class Chosen(Notice):
        """The user moved to a shown row."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    class Entered(Notice):
        """The user wants to see more of the packet."""

    def __init__(self, fetch: Callable[[int, int], Sequence[Row]], *, id: str | None = None):
        super().__init__(id=id)
        self.fetch = fetch
        self.blocks: dict[int, Sequence[Row]] = {}
        """Rows as the session gave them, BLOCK at a time: one question a block, not one a row."""
        self.shown = 0
        """Rows there are."""
        self.total = 0
        """Packets there are; decides how wide their numbers are."""
        self.form = "r"
        self.first_time = 0
        self.reference: int | None = None
        """Time in ns that counts as 0, or None for the first packet's."""
        self.empty = ""

    def count(self) -> int:
        """Rows after the filter."""
        return self.shown

    def item(self, row: int) -> Row | None:
        """One row, or None where there is none."""
        number, place = divmod(row, BLOCK)
        block = self.blocks.get(number)
        if block is None or place >= len(block):
            if len(self.blocks) > MOST_BLOCKS:
                self.blocks.clear()
            block = self.blocks[number] = self.fetch(number * BLOCK, (number + 1) * BLOCK)
        return block[place] if place < len(block) else None

    def forget(self, *, all_rows: bool) -> None:
        """The session knows more: asks again for all rows, or for those that were not settled."""
        if all_rows:
            self.blocks.clear()
            self.changed()
            return
        unsettled = [n for n, rows in self.blocks.items() if not all(row.settled for row in rows)]
        for block in unsettled:
            del self.blocks[block]
        if unsettled:
            self.refresh()

    def set_rows(self, shown: int, total: int) -> None:
        """There are now `shown` rows out of `total` packets."""
        wider = len(str(total)) != len(str(self.total))
        self.shown, self.total = shown, total
        if self.cursor >= shown:
            self.cursor = shown - 1
        if wider:
            self.drawn.clear()
        self.grown()

    def draw_empty(self) -> str:
        """Why there are no rows."""
        return self.empty

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The titles of the columns."""
        sizes = columns(width, self.total)
        title = style(look.dim, look.panel, bold=True)
        out = Line(width, title)
        at = 1 + sizes["no"]
        out.right(at, "No", title)
        at += 1 + sizes["time"]
        out.right(
            at, {"d": "Delta", "a": "Clock", "u": "UTC", "e": "Epoch"}.get(self.form, "Time"), title
        )
        at += 2
        for name in ("source", "destination"):
            if sizes[name]:
                at = out.put(at, name.title().ljust(sizes[name]) + " ", title)
        at = out.put(at, "Protocol".ljust(sizes["protocol"]) + " ", title)
        at += sizes["length"]
        if sizes["length"]:
            out.right(at, "Len", title)
        out.put(at + 3, "Info", title)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One packet."""
        item = self.item(row)
        back = look.sel if selected else look.bg
        if item is None:
            return blank(width, style(look.fg, back))
        sizes = columns(width, self.total)
        hue = look.hue(item.hue)
        plain, quiet = style(look.fg, back), style(look.dim, back)
        out = Line(width, plain)
        out.put(0, "▌" if selected else "▏", style(hue, back))
        if item.mark or item.commented:
            out.put(1, item.mark or "✎", style(look.warn, back, bold=True))
        at = 1 + sizes["no"]
        out.right(at, str(item.record + 1), quiet)
        at += 1 + sizes["time"]
        out.right(at, self._time(row, item, sizes["time"]), style(look.fg, back, bold=selected))
        at += 2
        for name, text in (("source", item.source), ("destination", item.destination)):
            if sizes[name]:
                out.put(at, fit(text, sizes[name]), plain)
                at += sizes[name] + 1
        out.put(at, fit(item.protocol, sizes["protocol"]), style(hue, back, bold=True))
        at += sizes["protocol"] + 1 + sizes["length"]
        if sizes["length"]:
            out.right(at, str(item.length), quiet)
        letter, colour = problem(item.marks)
        if letter:
            tone = look.bad if colour == "bad" else look.warn
            out.put(at + 1, letter, style(tone, back, bold=True))
            info = style(tone, back, bold=selected)
        else:
            info = style(look.selfg if selected else look.fg, back)
        if not item.settled:
            info = style(look.dim, back, italic=True)
        out.put(at + 3, fit(item.info, width - at - 3), info)
        return out.strip()

    def lasting(self, row: int) -> bool:
        """Rows that are not settled will look different soon."""
        item = self.item(row)
        return item is not None and item.settled

    def _time(self, row: int, item: Row, width: int) -> str:
        previous = item.time
        if self.form in ("d", "dd") and row:
            before = self.item(row - 1)
            previous = before.time if before else item.time
        form = "ref" if self.form == "r" and self.reference is not None else self.form
        text = written(
            form,
            item.time,
            first=self.first_time,
            previous=previous,
            reference=self.reference,
        )
        # What is cut is the finest part: it is at the right.
        return text[:width] if self.form != "e" else text[-width:]

    def draw_rest(self, line: int, width: int, look: Palette) -> Strip:
        """Below the last packet nothing is drawn."""
        return blank(width, style(look.fg, look.bg))

    def chosen(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Chosen(row))

    def entered(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Entered())

    def summary(self) -> str:
        """How many of how many, for the border."""
        if self.shown == self.total:
            return number(self.total)
        return f"{number(self.shown)} of {number(self.total)}"
