"""A list of lines with a cursor: only the lines on the screen are ever drawn, and drawn once."""

from __future__ import annotations

from collections.abc import Hashable

from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from wirestep.ui.canvas import Line, blank, fit, width_of
from wirestep.ui.keys import bindings
from wirestep.ui.painting import Painted
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.slider import Slider


class Rows(Painted, ScrollView, can_focus=True):
    """Rows 0 to count - 1 below HEAD fixed lines; the cursor is a row, or -1 for none."""

    DEFAULT_CSS = """
    Rows {
        height: 1fr; width: 1fr; overflow-x: hidden; overflow-y: scroll;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable; background: $background;
    }
    """
    BINDINGS = bindings("list")
    HEAD = 0
    """Lines on top that do not scroll."""
    MARGIN = 0
    """Rows that stay visible beyond the cursor."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.cursor = -1
        self.drawn: LRUCache[Hashable, Strip] = LRUCache(2048)

    # What a list must say

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One row."""
        raise NotImplementedError

    def line_count(self) -> int:
        """How many lines they take, where that is not one each."""
        return self.count()

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """One of the HEAD lines."""
        return blank(width, style(look.fg, look.panel))

    def draw_rest(self, line: int, width: int, look: Palette) -> Strip:
        """A line below the last row; `line` counts from there."""
        return blank(width, style(look.fg, look.bg))

    def draw_empty(self) -> str:
        """What to say where there are no rows."""
        return ""

    def chosen(self, row: int) -> None:
        """The cursor was moved to `row` by the user."""

    def entered(self, row: int) -> None:
        """The row was clicked on or entered."""

    # What all lists do

    def changed(self) -> None:
        """Rows have come or gone, or look different: draws again."""
        self.drawn.clear()
        self.grown()
        self.refresh()

    def grown(self) -> None:
        """Rows were added at the end; those drawn stay valid."""
        size = Size(1, self.line_count() + self.HEAD)
        if size != self.virtual_size:
            # Told as usual, each change of it would lay the whole screen out anew.
            self.set_reactive(ScrollView.virtual_size, size)
            self._scroll_update(size)
            self.refresh()

    def show(self, row: int) -> None:
        """Puts the cursor on `row` and scrolls it into view; tells nobody."""
        row = max(-1, min(self.count() - 1, row))
        old, self.cursor = self.cursor, row
        if row < 0:
            self.refresh()
            return
        top, height = int(self.scroll_offset.y), max(1, self.size.height - self.HEAD)
        margin = min(self.MARGIN, (height - 1) // 2)
        if self.count() + self.HEAD > self.virtual_size.height:
            self.grown()
        if row < top + margin:
            self.scroll_to(y=max(0, row - margin), animate=False, immediate=True, force=True)
        elif row >= top + height - margin:
            self.scroll_to(y=row - height + 1 + margin, animate=False, immediate=True, force=True)
        for line in {old, row}:
            at = line - top + self.HEAD
            if self.HEAD <= at < self.size.height:
                self.refresh(Region(0, at, self.size.width, 1))

    def go(self, row: int) -> None:
        """Moves the cursor as the user does."""
        count = self.count()
        if not count:
            return
        row = max(0, min(count - 1, row))
        if row != self.cursor:
            self.show(row)
            self.chosen(row)

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scroll bar, made when first asked for."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = Slider()
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def paint_line(self, y: int, look: Palette) -> Strip:
        """One line of the screen, up to the scroll bar."""
        width = self.room
        if y < self.HEAD:
            return self.draw_head(y, width, look)
        row = int(self.scroll_offset.y) + y - self.HEAD
        count = self.count()
        if row >= count:
            return self._rest(row - count, width, look, count)
        selected = row == self.cursor
        key = (row, selected, selected and self.has_focus, width, look.name)
        strip = self.drawn.get(key)
        if strip is None:
            strip = self.draw(row, width, look, selected)
            if self.lasting(row):
                self.drawn[key] = strip
        return strip

    @property
    def room(self) -> int:
        """Cells of a line; the last column of the widget is the scroll bar's, there or not."""
        return max(1, self.size.width - 1)

    def lasting(self, row: int) -> bool:
        """Whether the drawn row may be kept until `changed`."""
        return True

    def _rest(self, line: int, width: int, look: Palette, count: int) -> Strip:
        if not count and line == 1 and (text := self.draw_empty()):
            return _sentence(text, width, look)
        return self.draw_rest(line, width, look)

    def row_under(self, y: int) -> int:
        """The row at line `y` of the widget, or -1."""
        row = int(self.scroll_offset.y) + y - self.HEAD
        return row if y >= self.HEAD and 0 <= row < self.count() else -1

    def notify_style_update(self) -> None:
        """The theme has changed."""
        super().notify_style_update()
        self.drawn.clear()

    def on_mount(self) -> None:
        """Sets the size of what scrolls."""
        self.grown()

    def on_resize(self) -> None:
        """Keeps the cursor in view."""
        self.drawn.clear()
        if self.cursor >= 0:
            self.call_after_refresh(lambda: self.show(self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Moves the cursor there; a second click enters."""
        row = self.row_under(event.y)
        if row < 0:
            return
        self.go(row)
        if event.chain == 2:
            self.entered(row)

    def action_move(self, by: int) -> None:
        """Moves the cursor by rows."""
        self.go(max(0, self.cursor) + by if self.cursor >= 0 else 0)

    def action_page(self, by: int) -> None:
        """Moves the cursor by pages."""
        self.go(max(0, self.cursor) + by * max(1, self.size.height - self.HEAD - 1))

    def action_edge(self, end: bool) -> None:
        """To the first or the last row."""
        self.go(self.count() - 1 if end else 0)

    def action_enter(self) -> None:
        """Enters the row under the cursor."""
        if self.cursor >= 0:
            self.entered(self.cursor)


def _sentence(text: str, width: int, look: Palette) -> Strip:
    line = Line(width, style(look.fg, look.bg))
    text = fit(text, width - 2)
    line.put(max(1, (width - width_of(text)) // 2), text, style(look.dim, look.bg))
    return line.strip()
