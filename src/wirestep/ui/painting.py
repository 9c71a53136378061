"""Lines that go to the terminal as soon as they have changed, past Textual's compositor.

Textual draws up to a sixtieth of a second after a change, and then cuts every widget that lies
in the box around all changes into pieces: most of what a key cost. A `Painted` widget knows its
lines; a `Painter` writes those that have changed where they stand. Where that could be wrong (the
layout is about to change, something lies over the widget, another screen is shown) the widget is
drawn by Textual, from the same lines.

Of Textual, names that begin with an underscore are used here only.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from wirestep.ui.theme import Palette, palette

BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
"""Around what a terminal is to show at once, where it knows how to."""


def soon(app: App[Any], work: Callable[[], None], seconds: float = 0.0) -> asyncio.TimerHandle:
    """Do some work when the message at work is done and so many seconds have passed.

    Cheaper than a timer of Textual's, which is a task of its own.
    """
    return asyncio.get_running_loop().call_later(seconds, _careful(app, work))


def from_thread(app: App[Any]) -> Callable[[Callable[[], None]], None]:
    """By what another thread has work done in this one, as `soon` does it; it does not wait."""
    loop, context = asyncio.get_running_loop(), contextvars.copy_context()

    def hand(work: Callable[[], None]) -> None:
        # Where the loop is closed, the program has ended: nobody is left to be told.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_careful(app, work), context=context)

    return hand


def _careful(app: App[Any], work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        except Exception as error:
            app._handle_exception(error)

    return run


BREATH = 0.005
"""Seconds for other work between two beats of a pulse, at least."""


def pulse(node: Widget, work: Callable[[], None], rate: Callable[[], float]) -> None:
    """Do some work now and every so many seconds, for as long as a widget is there.

    A timer of Textual's leaves the next beat out when one has come late.
    """
    if not node.is_attached:
        return
    started = time.monotonic()
    work()
    rest = max(BREATH, rate() - (time.monotonic() - started))
    soon(node.app, lambda: pulse(node, work, rate), rest)


Places = Mapping[Widget, tuple[Region, Region]]
"""By widget: where it is and what of it can be seen, the widget on top first."""


class Later:
    """Does some work a moment after the last wish for it, while wishes come only now and then."""

    def __init__(
        self, node: Widget, work: Callable[[], None], moment: float, at_last: float
    ) -> None:
        """`moment`: seconds after the last wish; `at_last`: after the first, at most."""
        self._node, self._work, self._moment, self._at_last = node, work, moment, at_last
        self._waiting: asyncio.TimerHandle | None = None
        self._by = 0.0

    def wish(self) -> None:
        """There is reason to do it."""
        now = asyncio.get_running_loop().time()
        if self._waiting is None:
            self._by = now + self._at_last
        else:
            self._waiting.cancel()
        self._waiting = soon(self._node.app, self._do, max(0.0, min(self._moment, self._by - now)))

    def _do(self) -> None:
        self._waiting = None
        self._work()


class Lined(Widget):
    """A widget that can say some of its lines, and have them drawn at once."""

    def paint_line(self, y: int, look: Palette) -> Strip:
        """Line `y`, as wide as the widget."""
        raise NotImplementedError

    def paint_lines(self, start: int, stop: int) -> list[Strip]:
        """Lines [start, stop) as they go to the terminal."""
        look = palette(self.app)
        strips = [self.paint_line(y, look) for y in range(start, stop)]
        for each in self.get_line_filters():
            _, background = self.background_colors
            strips = [strip.apply_filter(each, background) for strip in strips]
        return strips

    def paint(self, lines: Iterable[int]) -> None:
        """Draws lines at once where that can be, else as usual."""
        painter = getattr(self.app, "painter", None) if self.is_mounted else None
        if isinstance(painter, Painter):
            painter.take(self, lines)
        else:
            self.paint_later(lines)

    def paint_later(self, lines: Iterable[int]) -> None:
        """Leaves the drawing to Textual."""
        width, height = self.outer_size
        inset = self.content_offset
        super().refresh(
            *(
                Region(-inset.x, start - inset.y, width, stop - start)
                for start, stop in _runs(lines, height)
            )
        )

    def drawn_by_textual(self, start: int, stop: int) -> None:
        """What the painter knows of these lines is no longer what the terminal shows."""
        painter = getattr(self.app, "painter", None)
        if isinstance(painter, Painter):
            painter.forget(self, start, stop)


class Painted(Lined):
    """A widget without border and padding that can say all of its lines."""

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        return self.paint_line(y, palette(self.app))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part of the widget, for Textual."""
        self.drawn_by_textual(crop.y, crop.bottom)
        start, stop = crop.column_span
        strips = self.paint_lines(crop.y, crop.bottom)
        # What scrolls says its lines up to the scroll bar.
        return [strip.adjust_cell_length(self.size.width).crop(start, stop) for strip in strips]

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """As usual, save that lines are drawn at once where they can be."""
        if layout or recompose or not (repaint and self.is_mounted and self.size):
            return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        parts = regions or (self.size.region,)
        self.paint([y for part in parts for y in part.line_range])
        return self


class Painter:
    """Gathers the lines that have changed until the message at work is done, then writes them."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._wet: dict[Lined, set[int]] = {}
        self._planned: asyncio.TimerHandle | None = None
        self._places: Places = {}
        self._written: dict[Lined, dict[int, str]] = {}
        """By widget and line: what the terminal shows, where the painter was the last to write."""

    def take(self, widget: Lined, lines: Iterable[int]) -> None:
        """Draw these lines of a widget soon."""
        self._wet.setdefault(widget, set()).update(lines)
        if self._planned is None:
            self._planned = soon(self._app, self.paint)

    def forget(self, widget: Lined, start: int, stop: int) -> None:
        """Somebody else has drawn these lines."""
        written = self._written.get(widget)
        if written:
            for y in range(start, stop):
                written.pop(y, None)

    def paint(self) -> None:
        """Write what waits."""
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None
        wet, self._wet = self._wet, {}
        screen = self._app.screen_stack[-1] if self._app.screen_stack else None
        if screen is None or not _settled(self._app, screen):
            for widget, lines in wet.items():
                widget.paint_later(lines)
            return
        places = screen._compositor.visible_widgets
        if places is not self._places:
            # Another layout: what stood where may have been drawn over.
            self._places = places
            self._written.clear()
        text: list[str] = []
        for widget, lines in wet.items():
            if widget.is_attached and not self._draw(widget, lines, text):
                widget.paint_later(lines)
        if text:
            self._write(screen, "".join(text))

    def _draw(self, widget: Lined, lines: Iterable[int], text: list[str]) -> bool:
        """Draw lines of a widget; False where something lies over them, or they are cut."""
        place = self._places.get(widget)
        if place is None:
            # What is not seen need not be drawn, and will be when it is: then the layout changes.
            return True
        region, clip = place
        # The last column of what scrolls is its scroll bar, a widget of its own.
        width = widget.outer_size.width - widget.scrollbar_size_vertical
        runs = _runs(lines, region.height)
        for start, stop in runs:
            part = Region(region.x, region.y + start, width, stop - start)
            if not clip.contains_region(part) or _covered(widget, part, self._places):
                return False
        written = self._written.setdefault(widget, {})
        console = self._app.console
        for start, stop in runs:
            for y, strip in enumerate(widget.paint_lines(start, stop), start):
                line = strip.adjust_cell_length(width).render(console)
                if written.get(y) != line:
                    written[y] = line
                    text.append(f"\x1b[{region.y + y + 1};{region.x + 1}H{line}")
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


def _covered(widget: Widget, part: Region, places: Places) -> bool:
    for other, (where, clip) in places.items():
        if other is widget:
            return False
        if part.overlaps(where.intersection(clip)):
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
