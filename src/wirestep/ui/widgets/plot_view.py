"""Plots over time: areas one before the other, ranges with their means; a cursor reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from textual import events
from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.timeline.statistics.plot import EIGHTHS, Scale, scale
from wirestep.timeline.statistics.tables import titled
from wirestep.ui.canvas import Line, blank, width_of
from wirestep.ui.keys import bindings
from wirestep.ui.painting import Painted
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bars import tone

Values = npt.NDArray[np.float64]
AXIS = 12
"""Cells left of the plot: the marks of the axis, and the axis."""
FEET = 3
"""Lines below the last panel: the axis, its marks, the legend."""
CROWD = 3
"""Where one interval in so many is marked, marks say nothing, and none is drawn."""
SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """What is drawn: a value an interval; NaN where there is none."""

    name: str
    hue: str
    values: Values
    least: Values | None = None
    """With `most`: the range around each value, drawn as a line."""
    most: Values | None = None
    marked: bool = False
    """Whether intervals in which it is above 0 are pointed at below the axis."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Curves that share an axis."""

    unit: str
    curves: tuple[Curve, ...]

    def top(self) -> float:
        """The largest value drawn."""
        drawn = [one.values if one.most is None else one.most for one in self.curves]
        return max(
            (float(np.nanmax(v)) for v in drawn if v.size and not np.isnan(v).all()), default=0
        )


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """Panels one below the other, over the same intervals."""

    panels: tuple[Panel, ...]
    start: int
    """Nanoseconds since the epoch of the first interval's beginning."""
    interval: int
    """Nanoseconds."""
    count: int
    """Intervals."""


NOTHING = Plot((), 0, 1, 0)


class PlotView(Painted, can_focus=True):
    """Draws a `Plot`; the cursor is an interval.

    An interval is one column, or several where there are fewer intervals than columns.
    """

    DEFAULT_CSS = "PlotView { height: 1fr; width: 1fr; background: $background; }"
    BINDINGS = bindings("plot")

    class Moved(Notice):
        """The cursor stands on another interval."""

    class Entered(Notice):
        """The user wants the packets of the interval under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.plot = NOTHING
        self.cursor = 0
        self.first = 0
        """The leftmost interval drawn."""
        self.empty = ""

    @property
    def columns(self) -> int:
        """Intervals that can be seen at once."""
        return max(1, self.size.width - AXIS - 1)

    def set(self, plot: Plot, at: int | None = None) -> None:
        """Shows a plot; the cursor stays at its time, or goes to the time `at` (ns)."""
        if at is None and self.plot.count:
            at = self.time
        self.plot = plot
        self.go((at - plot.start) // plot.interval if at is not None else 0, told=False)

    def place(self, column: int) -> int:
        """The interval that a column shows."""
        if self.plot.count < self.columns:
            return column * self.plot.count // self.columns
        return self.first + column

    def column(self, place: int) -> int:
        """The first column that shows an interval."""
        if self.plot.count < self.columns:
            return -(-place * self.columns // self.plot.count)
        return place - self.first

    @property
    def time(self) -> int:
        """Nanoseconds since the epoch: where the interval under the cursor begins."""
        return self.plot.start + self.cursor * self.plot.interval

    def go(self, interval: int, *, told: bool = True) -> None:
        """Moves the cursor."""
        self.cursor = max(0, min(self.plot.count - 1, interval))
        last = max(0, self.plot.count - self.columns)
        if not self.first <= self.cursor < self.first + self.columns:
            self.first = self.cursor - self.columns // 2
        self.first = max(0, min(last, self.first))
        self.refresh()
        if told:
            self.post_message(self.Moved())

    def action_move(self, by: int) -> None:
        """By intervals."""
        self.go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """By a quarter of what can be seen."""
        self.go(self.cursor + by * max(1, self.columns // 4))

    def action_edge(self, end: bool) -> None:
        """To the first or the last interval."""
        self.go(self.plot.count - 1 if end else 0)

    def action_peak(self, by: int) -> None:
        """To the next interval (or the one before) in which a marked curve is above 0."""
        marked = [c.values for panel in self.plot.panels for c in panel.curves if c.marked]
        if not marked:
            return
        places = np.flatnonzero(np.sum(marked, axis=0) > 0)
        later = places[places > self.cursor] if by > 0 else places[places < self.cursor][::-1]
        if len(later):
            self.go(int(later[0]))

    def action_enter(self) -> None:
        """Tells the screen."""
        self.post_message(self.Entered())

    def on_click(self, event: events.Click) -> None:
        """The cursor goes there; a second click enters."""
        self.focus()
        if event.x >= AXIS:
            self.go(self.place(event.x - AXIS))
            if event.chain == 2:
                self.action_enter()

    def on_resize(self) -> None:
        """Keeps the cursor in view."""
        self.go(self.cursor, told=False)

    # drawing

    def paint_line(self, y: int, look: Palette) -> Strip:
        """One line of the widget."""
        width, height = self.size
        if not self.plot.count:
            return self._sentence(y, look)
        heights = self._heights(height - FEET)
        out = Line(width, style(look.fg, look.bg))
        for panel, (top, size) in zip(self.plot.panels, heights, strict=True):
            if top <= y < top + size:
                self._panel(out, panel, size, top + size - 1 - y, look)
                return out.strip()
        foot = y - (height - FEET)
        if foot == 0:
            self._axis(out, look)
        elif foot == 1:
            self._times(out, look)
        elif foot == 2:
            self._legend(out, look)
        return out.strip()

    def _sentence(self, y: int, look: Palette) -> Strip:
        if y != self.size.height // 3:
            return blank(self.size.width, style(look.fg, look.bg))
        out = Line(self.size.width, style(look.fg, look.bg))
        at = max(1, (self.size.width - width_of(self.empty)) // 2)
        out.put(at, self.empty, style(look.dim, look.bg))
        return out.strip()

    def _heights(self, room: int) -> list[tuple[int, int]]:
        """(first line, lines) of each panel."""
        count = max(1, len(self.plot.panels))
        each = max(1, room // count)
        return [(at * each, each if at < count - 1 else room - at * each) for at in range(count)]

    def _panel(self, out: Line, panel: Panel, size: int, up: int, look: Palette) -> None:
        """A line of a panel; `up` counts from its lowest line."""
        axis = scale(panel.top(), max(1, size // 4))
        mark = self._mark(axis, size, up, panel.unit)
        dim = style(look.dim, look.bg)
        out.right(AXIS - 1, mark, dim)
        out.put(AXIS - 1, "┤" if mark else "│", style(look.faint, look.bg))
        for at in range(self.columns):
            place = self.place(at)
            back = look.sel if place == self.cursor else look.bg
            self._cell(out, AXIS + at, panel, (place, size, up), axis, (look, back))

    def _mark(self, axis: Scale, size: int, up: int, unit: str) -> str:
        for value in axis.marks:
            if round(value / axis.top * (size - 1)) == up:
                return titled(value, unit)
        return ""

    def _cell(
        self,
        out: Line,
        at: int,
        panel: Panel,
        where: tuple[int, int, int],
        axis: Scale,
        colours: tuple[Palette, str],
    ) -> None:
        place, size, up = where
        look, back = colours
        under = back
        out.put(at, " ", style(look.fg, back))
        for curve in panel.curves:
            ink = tone(look, curve.hue)
            if curve.most is not None:
                letter = self._range(curve, place, size, up, axis)
                if letter:
                    shown = ink if letter == "●" else look.dim
                    out.put(at, letter, style(shown, back, bold=letter == "●"))
                continue
            eighths = _eighths(float(curve.values[place]), size, axis.top) - 8 * up
            if eighths > 0:
                filled = min(8, eighths)
                out.put(at, EIGHTHS[filled], style(ink, under))
                # What stands before this one lets it be seen above itself.
                under = ink if filled == 8 else back

    def _range(self, curve: Curve, place: int, size: int, up: int, axis: Scale) -> str:
        value = float(curve.values[place])
        if value != value or curve.least is None or curve.most is None:
            return ""
        low, middle, high = (
            min(size - 1, int(part / axis.top * size))
            for part in (float(curve.least[place]), value, float(curve.most[place]))
        )
        if up == middle:
            return "●"
        return "│" if low <= up <= high else ""

    def _axis(self, out: Line, look: Palette) -> None:
        """The line below; it points at the intervals that are marked."""
        out.put(AXIS - 1, "└", style(look.faint, look.bg))
        out.fill(AXIS, AXIS + self.columns, "─", style(look.faint, look.bg))
        for panel in self.plot.panels:
            for curve in panel.curves:
                if curve.marked:
                    stop = min(self.plot.count, self.first + self.columns)
                    found = np.flatnonzero(curve.values[self.first : stop] > 0) + self.first
                    if len(found) * CROWD > stop - self.first:
                        continue
                    for place in found.tolist():
                        ink = style(tone(look, curve.hue), look.bg, bold=True)
                        out.put(AXIS + self.column(place), "▲", ink)
        here = AXIS + self.column(self.cursor)
        out.put(here, "┃", style(look.warn, look.bg, bold=True))

    def _times(self, out: Line, look: Palette) -> None:
        """Times below the axis, about every twenty cells."""
        digits = max(0, 9 - len(str(self.plot.interval)) + 1)
        if self.plot.count < self.columns:
            digits += 1
        end = AXIS
        step = max(1, self.columns // max(1, self.columns // 20))
        for at in range(0, self.columns + 1, step):
            seconds = self._since(at) * self.plot.interval / SECOND
            text = f"{seconds:.{min(6, digits)}f} s"
            place = AXIS + at - (0 if not at else len(text) // 2)
            if (place > end and place + len(text) <= out.width) or not at:
                end = out.put(place, text, style(look.dim, look.bg)) + 1

    def _since(self, column: int) -> float:
        """Intervals from the first one to the left edge of a column."""
        if self.plot.count < self.columns:
            return column * self.plot.count / self.columns
        return float(self.first + column)

    def _legend(self, out: Line, look: Palette) -> None:
        """What each colour is."""
        at = AXIS
        for panel in self.plot.panels:
            for curve in panel.curves:
                if at + width_of(curve.name) + 2 > out.width:
                    return
                sign = "●" if curve.most is not None else "▲" if curve.marked else "■"
                at = out.put(at, sign, style(tone(look, curve.hue), look.bg, bold=True))
                at = out.put(at, f" {curve.name}   ", style(look.dim, look.bg))

    def told(self) -> Sequence[tuple[str, float, str]]:
        """(name, value, unit) of every curve in the interval under the cursor."""
        if not self.plot.count:
            return ()
        return [
            (curve.name, float(curve.values[self.cursor]), panel.unit)
            for panel in self.plot.panels
            for curve in panel.curves
        ]


def _eighths(value: float, height: int, top: float) -> int:
    if not value > 0 or top <= 0:
        return 0
    return max(1, min(8 * height, round(value / top * 8 * height)))
