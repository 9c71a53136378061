"""The packet list over any number of rows: asks for those on the screen only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.style import Style
from textual import events
from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.session.choices import Choice, Choices
from wirestep.session.ordering import Order
from wirestep.session.views import Column, Row
from wirestep.timeline.times import written
from wirestep.ui.canvas import Line, blank, fit, number
from wirestep.ui.keys import bindings
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.rows import Rows
from wirestep.ui.widgets.signs import inks, sign
from wirestep.ui.widgets.table import Slot, slots

BLOCK = 64
MOST_BLOCKS = 64
TIMES = {"d": "Delta", "a": "Clock", "u": "UTC", "e": "Epoch"}
"""Titles of the time, by its form."""


class PacketList(Rows):
    """All packets that the filter shows, one a line."""

    BINDINGS = bindings("packets")
    HEAD = 1
    MARGIN = 1

    class Chosen(Notice):
        """The user moved to a shown row."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    class Entered(Notice):
        """The user wants to see more of the packet."""

    class SortWanted(Notice):
        """The user wants the list in the order of a column, or the other way round."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Resized(Notice):
        """The user drags the border of a column, or has let it go."""

        def __init__(self, name: str, width: int, *, done: bool) -> None:
            super().__init__()
            self.name, self.width, self.done = name, width, done

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
        self.choices: tuple[Choice, ...] = ()
        self.columns: tuple[Column, ...] = ()
        """What the chosen ones are."""
        self._slots: dict[tuple[int, int], tuple[Slot, ...]] = {}
        """By width and digits of the total: where they stand."""
        self.colour = "protocol"
        self.order: Order | None = None
        """By what the rows are sorted."""
        self.sorting = False
        """The order is being worked out."""
        self.aimed = ""
        """The column that the keys sort by."""
        self._drag: tuple[Slot, int] | None = None
        """The column whose border is held, and the cell where it was taken."""
        self._dragged = False
        """The click that ends dragging is still to come."""

    def count(self) -> int:
        """Rows after the filter."""
        return self.shown

    def set_columns(self, choices: Choices, columns: Sequence[Column]) -> None:
        """Shows other columns, or in other widths or colours."""
        if choices.columns != self.choices:
            self.blocks.clear()
        self.choices, self.columns = choices.columns, tuple(columns)
        self._slots.clear()
        self.colour = choices.colour
        if self.aimed not in choices.names:
            self.aimed = ""
        self.changed()

    def set_order(self, order: Order | None, *, sorting: bool) -> None:
        """The rows are sorted by this; the arrow in the head says so."""
        if (order, sorting) != (self.order, self.sorting):
            self.order, self.sorting = order, sorting
            self.refresh()

    def slots(self, width: int | None = None) -> tuple[Slot, ...]:
        """The columns that fit, where they stand; in a list as wide as it is, or as `width`."""
        key = (self.room if width is None else width, len(str(self.total)))
        found = self._slots.get(key)
        if found is None:
            found = self._slots[key] = slots(*key, self.choices, self.columns)
        return found

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
        """The titles of the columns; the one sorted by bears an arrow."""
        out = Line(width, style(look.dim, look.panel, bold=True))
        for slot in self.slots(width):
            text = TIMES.get(self.form, slot.title) if slot.name == "time" else slot.title
            by = self.order is not None and self.order.column == slot.name
            if by and self.order is not None:
                arrow = "…" if self.sorting else "▼" if self.order.down else "▲"
                text = fit(text, slot.size - 1) + arrow
            aimed = slot.name == self.aimed and self.has_focus
            ink = style(
                look.acc if by or aimed else look.dim, look.panel, bold=True, underline=aimed
            )
            _put(out, slot, text, ink)
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One packet."""
        item = self.item(row)
        back = look.sel if selected else look.bg
        if item is None:
            return blank(width, style(look.fg, back))
        shown = sign(item.marks)
        fg = look.selfg if selected else look.fg
        ink = inks(self.colour, item, shown, look, fg)
        out = Line(width, style(look.fg, back))
        out.put(0, "▌" if selected else "▏", style(ink.edge, back))
        tones = {
            "number": style(look.dim, back),
            "length": style(look.dim, back),
            "time": style(look.fg, back, bold=selected),
            "protocol": style(ink.name, back, bold=True),
            "info": style(ink.info, back, bold=selected and bool(shown.letter))
            if item.settled
            else style(ink.sign or look.dim, back, italic=True),
        }
        plain = style(ink.text, back)
        for slot in self.slots(width):
            if slot.name == "info" and shown.letter:
                out.put(slot.start - 2, shown.letter, style(ink.sign, back, bold=True))
            _put(out, slot, self._text(slot, row, item), tones.get(slot.name, plain))
        if item.mark or item.commented:
            out.put(1, item.mark or "✎", style(look.warn, back, bold=True))
        return out.strip()

    def _text(self, slot: Slot, row: int, item: Row) -> str:
        """What stands in a cell."""
        match slot.name:
            case "number":
                return str(item.record + 1)
            case "time":
                return self._time(row, item, slot.size)
            case "length":
                return str(item.length)
            case "source" | "destination" | "protocol" | "info" as name:
                text: str = getattr(item, name)
                return text
        return item.cells[slot.place] if slot.place < len(item.cells) else ""

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
        self.screen.post_message(self.Chosen(row))

    def entered(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Entered())

    def summary(self) -> str:
        """The order and the colours where they are not the usual ones; how many of how many."""
        parts = []
        if self.order is not None:
            titles = {column.name: column.title for column in self.columns}
            title = titles.get(self.order.column, self.order.column)
            arrow = "…" if self.sorting else "▼" if self.order.down else "▲"
            parts.append(f"by {title} {arrow}")
        if self.colour != "protocol":
            parts.append(f"colour: {self.colour}")
        whole = self.shown == self.total
        count = number(self.total)
        parts.append(count if whole else f"{number(self.shown)} of {count}")
        return " · ".join(parts)

    def action_aim(self, by: int) -> None:
        """The next column, or the one before, is the one that the keys sort by."""
        names = [slot.name for slot in self.slots()]
        if names:
            at = names.index(self.aimed) + by if self.aimed in names else 0 if by > 0 else -1
            self.aimed = names[at % len(names)]
            self.refresh()

    def action_sort(self) -> None:
        """Sorts by the column aimed at, or by the one sorted by already."""
        name = self.aimed or (self.order.column if self.order is not None else "")
        if name:
            self.post_message(self.SortWanted(name))
        else:
            self.action_aim(1)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Takes hold of the border behind a column."""
        self._dragged = False
        held = self._border(event.x) if event.y == 0 else None
        if held is not None:
            self._drag = (held, event.x)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Draws the border along."""
        if self._drag is not None:
            slot, taken = self._drag
            self.post_message(self.Resized(slot.name, slot.size + event.x - taken, done=False))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Lets it go."""
        if self._drag is not None:
            slot, taken = self._drag
            self._drag = None
            self.release_mouse()
            self._dragged = event.x != taken
            if self._dragged:
                self.post_message(self.Resized(slot.name, slot.size + event.x - taken, done=True))

    def _border(self, x: int) -> Slot | None:
        """The column that ends at a cell: the gap behind it is its border."""
        return next((s for s in self.slots() if s.stop == x and s.name != "info"), None)

    def on_click(self, event: events.Click) -> None:
        """A click on a title sorts by it; on the same one again, the other way round."""
        if self._dragged or event.y or self._border(event.x) is not None:
            if self._dragged:
                event.prevent_default()
            self._dragged = False
            return
        event.prevent_default()
        found = next((s for s in self.slots() if s.start <= event.x < s.stop), None)
        if found is not None:
            self.post_message(self.SortWanted(found.name))


def _put(out: Line, slot: Slot, text: str, ink: Style) -> None:
    """Writes into a column, at the side where it belongs."""
    text = fit(text, slot.size)
    if slot.right:
        out.right(slot.stop, text, ink)
    else:
        out.put(slot.start, text, ink)
