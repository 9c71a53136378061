"""The ladder in rows or to scale: one selection in both."""

from __future__ import annotations

from textual import events
from textual.strip import Strip

from wirestep.ui.canvas import blank
from wirestep.ui.keys import bindings
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.ladder_lanes import Arrangement
from wirestep.ui.widgets.ladder_rows import EMPTY as EMPTY
from wirestep.ui.widgets.ladder_rows import LadderRows
from wirestep.ui.widgets.ladder_sheet import legend
from wirestep.ui.widgets.ladder_time import TILE, Course, Tile

MS = 1_000_000
CLOSEST, FARTHEST = 14, -16
"""Doublings of the usual scale."""
PAN = 4
"""Lines that a key pans."""


class LadderView(LadderRows):
    """An arrow a row, or sloped arrows on an axis of time."""

    BINDINGS = bindings("ladder")
    in_time = False
    zoom = 0
    """Doublings (or halvings) of the rows for the same time."""
    course: Course | None = None

    # what is drawn

    def _fold(self) -> None:
        self._rescale()
        super()._fold()

    def _rescale(self) -> None:
        """The arrows have another scale, or are others."""
        self.course = None
        self.tiles: dict[tuple[object, ...], tuple[Tile, list[Strip]]] = {}

    def timed(self) -> Course:
        """The arrows on their axis."""
        if self.course is None:
            self.course = Course(self.steps, self.ladder.scale, self.zoom)
        return self.course

    def changed(self) -> None:
        """Draws all anew."""
        self.tiles = {}
        super().changed()

    def line_count(self) -> int:
        """Lines of all rows, or of the time that they take."""
        return self.timed().lines if self.in_time and self.steps else self.count()

    def unit(self) -> str:
        """How much time a line is."""
        if not self.in_time:
            return ""
        unit = self.timed().unit
        return f"{unit / MS:.3g}ms/row" if unit >= MS // 10 else f"{unit / 1000:.3g}µs/row"

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The hosts, and what the arrows stand on."""
        if line == 0:
            return super().draw_head(line, width, look)
        course = self.timed()
        top = int(self.scroll_offset.y)
        shown = range(top // TILE, (top + self.size.height) // TILE + 1)
        dense = any(course.dense(tile) for tile in shown)
        return legend(self.ladder.scale, dense, width, look).strip()

    def paint_line(self, y: int, look: Palette) -> Strip:
        """One line of the screen."""
        if not self.in_time or y < self.HEAD or not self.steps:
            return super().paint_line(y, look)
        line = int(self.scroll_offset.y) + y - self.HEAD
        if line >= self.timed().lines:
            return blank(self.room, style(look.fg, look.bg))
        return self._tile(line // TILE, look)[line % TILE]

    def _tile(self, tile: int, look: Palette) -> list[Strip]:
        """The lines of a tile, with the selection where it is on it."""
        where = self.where(self.room)
        zero = self.first_time if self.reference is None else self.reference
        plain = self._kept((tile, look.name, where), -1)
        if plain is None:
            made = self.timed().tile(tile, where, look, (self.form, zero))
            plain = made, [line.strip() for line in made.lines]
            self._keep((tile, look.name, where, -1), plain)
        course = self.timed()
        if self.cursor < 0 or self.quiet:
            return plain[1]
        first, last = course.span(self.cursor)
        seen = first - 1 < (tile + 1) * TILE and last + 1 >= tile * TILE
        if not seen:
            return plain[1]
        kept = self._kept((tile, look.name, where), self.cursor)
        if kept is None:
            over = plain[0].chosen(course.by_row[self.cursor])
            kept = over, [line.strip() for line in over.lines]
            self._keep((tile, look.name, where, self.cursor), kept)
        return kept[1]

    def _kept(self, key: tuple[object, ...], row: int) -> tuple[Tile, list[Strip]] | None:
        return self.tiles.get((*key, row))

    def _keep(self, key: tuple[object, ...], made: tuple[Tile, list[Strip]]) -> None:
        if len(self.tiles) > 64:
            self.tiles.clear()
        self.tiles[key] = made

    # the selection

    def show(self, row: int) -> None:
        """Puts the cursor on an arrow and scrolls it into view; tells nobody."""
        if not self.in_time:
            super().show(row)
            return
        self.cursor = max(-1, min(self.count() - 1, row))
        if self.cursor >= 0:
            self._bring(*self.timed().span(self.cursor))
        self.refresh()

    def _bring(self, first: int, last: int) -> None:
        """Scrolls so that these lines are seen, the first of them where not all fit."""
        self.grown()
        top, height = int(self.scroll_offset.y), max(1, self.size.height - self.HEAD)
        room = min(3, height // 4)
        if first - room < top:
            self._scroll(first - room)
        elif last + room >= top + height:
            self._scroll(min(first - room, last + room - height + 1))

    def _scroll(self, line: int) -> None:
        self.scroll_to(y=max(0, line), animate=False, immediate=True, force=True)

    def row_under(self, y: int) -> int:
        """The arrow at a line of the widget: in time the next that leaves."""
        if not self.in_time:
            return super().row_under(y)
        line = int(self.scroll_offset.y) + y - self.HEAD
        return self.timed().near(line) if y >= self.HEAD else -1

    def on_click(self, event: events.Click) -> None:
        """The arrow under the pointer."""
        if not self.in_time:
            super().on_click(event)
            return
        line = int(self.scroll_offset.y) + event.y - self.HEAD
        event.prevent_default()
        if event.y < self.HEAD or line >= self.timed().lines:
            return
        self.go(self.timed().near(line))

    def action_page(self, by: int) -> None:
        """By a page of rows, or of time."""
        if not self.in_time or self.cursor < 0:
            super().action_page(by)
            return
        height = max(1, self.size.height - self.HEAD - 1)
        row = self.timed().near(self.timed().span(self.cursor)[0] + by * height)
        self.go(row if row != self.cursor else self.cursor + by)

    # keys

    def action_form(self) -> None:
        """An arrow a row, or to scale."""
        self.in_time = not self.in_time
        self.HEAD = 2 if self.in_time else 1
        self.drawn.clear()
        self._settle(None)

    def action_closer(self, by: int) -> None:
        """In time more or fewer rows for the same time; else finer or coarser."""
        if not self.in_time:
            self.action_depth(by)
            return
        zoom = max(FARTHEST, min(CLOSEST, self.zoom + by))
        if zoom != self.zoom:
            at = None
            if self.cursor >= 0:
                at = self.timed().span(self.cursor)[0] - int(self.scroll_offset.y)
            self.zoom = zoom
            self._rescale()
            self._settle(at)

    def _settle(self, at: int | None) -> None:
        """Draws anew; the selected arrow stays `at` a line of the widget where it can."""
        self.grown()
        if self.cursor >= 0:
            if at is not None:
                self._scroll(self.timed().span(self.cursor)[0] - at)
            self.show(self.cursor)
        self.refresh()

    def action_pan(self, by: int) -> None:
        """Looks elsewhere; the selection stays."""
        self._scroll(int(self.scroll_offset.y) + by * PAN)
        self.refresh()

    def action_lane(self, by: int) -> None:
        """Moves the lifeline that the selected arrow goes to; 0 hides it."""
        if not 0 <= self.cursor < len(self.steps):
            return
        host, all_hosts = self.hosts[self.steps[self.cursor].target], self.ladder.hosts
        if by:
            self._arrange(self.lanes.moved(host, by, all_hosts))
        else:
            self._arrange(self.lanes.without(host, all_hosts))

    def action_lanes_back(self) -> None:
        """All lifelines, in the order of appearance."""
        self._arrange(Arrangement())

    def _arrange(self, lanes: Arrangement) -> None:
        if lanes != self.lanes:
            self.lanes = lanes
            self._fold()
