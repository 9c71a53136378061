"""Lines that go to the terminal as soon as they have changed, past Textual's compositor.

Textual draws up to a sixtieth of a second after a change, and then cuts every widget that lies
in the box around all changes into pieces: most of what a key cost. A `Painted` widget knows its
lines; a `Painter` writes those that have changed where they stand. Wherever that could be wrong (the
layout is about to change, something lies over the widget, another screen is shown) the widget is
drawn by Textual, from the same lines.

What is used of Textual's own names is used here only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from wirestep.ui.theme import Palette, palette

BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
"""Around what a terminal is to show at once, where it knows how to."""

Places = Mapping[Widget, tuple[Region, Region]]
"""By widget: where it is and what of it can be seen, the widget on top first."""


class Painted(Widget):
    """A widget without border and padding that can say each of its lines."""

    def paint_line(self, y: int, look: Palette) -> Strip:
        """Line `y`, as wide as the widget."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        return self.paint_line(y, palette(self.app))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the widget."""
        look = palette(self.app)
        strips = [self.paint_line(y, look) for y in crop.line_range]
        filters = self.get_line_filters()
        if filters:
            _, background = self.background_colors
            for each in filters:
                strips = [strip.apply_filter(each, background) for strip in strips]
        if crop.column_span != (0, self.size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """As usual, save that lines are drawn at once where they can be."""
        if self.is_mounted and repaint and not layout and not recompose:
            painter = getattr(self.app, "painter", None)
            if isinstance(painter, Painter):
                painter.take(self, regions)
                return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def refresh_later(self, *regions: Region) -> None:
        """Leaves the drawing to Textual."""
        super().refresh(*regions)


class Painter:
    """Gathers the lines that have changed until the message at work is done, then writes them."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._wet: dict[Painted, set[int]] = {}
        self._planned: asyncio.Handle | None = None

    def take(self, widget: Painted, regions: Sequence[Region]) -> None:
        """Draw these parts of a widget soon, or all of it where none is named."""
        lines = self._wet.setdefault(widget, set())
        for region in regions or (widget.size.region,):
            lines.update(region.line_range)
        if self._planned is None:
            self._planned = asyncio.get_running_loop().call_soon(self.paint)

    def paint(self) -> None:
        """Write what waits."""
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None
        wet, self._wet = self._wet, {}
        screen = self._app.screen_stack[-1] if self._app.screen_stack else None
        if screen is None or not _settled(self._app, screen):
            for widget in wet:
                widget.refresh_later()
            return
        places = screen._compositor.visible_widgets
        written: list[str] = []
        for widget, lines in wet.items():
            if widget.is_attached and not self._draw(widget, lines, places, written):
                widget.refresh_later(*(Region(0, y, widget.size.width, 1) for y in lines))
        if written:
            self._write(screen, "".join(written))

    def _draw(
        self, widget: Painted, lines: Iterable[int], places: Places, written: list[str]
    ) -> bool:
        """Draw lines of a widget; False where something lies over it, or it is partly hidden."""
        place = places.get(widget)
        if place is None:
            # What is not seen need not be drawn, and will be when it is: then the layout changes.
            return True
        region, clip = place
        width, height = widget.size
        whole = Region(region.x, region.y, width, height)
        if not clip.contains_region(whole) or _covered(widget, whole, places):
            return False
        console = self._app.console
        for start, stop in _runs(lines, height):
            strips = widget.render_lines(Region(0, start, width, stop - start))
            for y, strip in enumerate(strips, region.y + start + 1):
                written.append(f"\x1b[{y};{region.x + 1}H{strip.render(console)}")
        return True

    def _write(self, screen: Screen[Any], text: str) -> None:
        app, driver = self._app, self._app._driver
        if driver is None:
            return
        # The cursor is hidden, but input methods open where it stands.
        x, y = screen.outer_size.clamp_offset(app.cursor_position)
        text += f"\x1b[{y + 1};{x + 1}H"
        driver.write(f"{BEGIN}{text}{END}" if app._sync_available else text)
        driver.flush()


def _settled(app: App[Any], screen: Screen[Any]) -> bool:
    """Whether what is on the screen stands where it stood, and nothing but lines has changed."""
    waits = screen._layout_required or screen._scroll_required or screen._repaint_required
    return (
        not waits
        and app._running
        and app._driver is not None
        and not (app.is_headless or app.is_inline or app._batch_count)
    )


def _covered(widget: Widget, region: Region, places: Places) -> bool:
    for other, (where, clip) in places.items():
        if other is widget:
            return False
        if region.overlaps(where.intersection(clip)):
            return True
    return True


def _runs(lines: Iterable[int], height: int) -> list[tuple[int, int]]:
    """Lines [start, stop) that follow each other."""
    runs: list[tuple[int, int]] = []
    for y in sorted(lines):
        if not 0 <= y < height:
            continue
        if runs and runs[-1][1] == y:
            runs[-1] = (runs[-1][0], y + 1)
        else:
            runs.append((y, y + 1))
    return runs
