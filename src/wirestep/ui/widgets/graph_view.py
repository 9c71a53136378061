"""One plot of a conversation: dots of braille, axes, a cursor, and what it reads."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from textual import events
from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.timeline.plots import Plot, Reading
from wirestep.timeline.plots_grid import Picture, picture
from wirestep.timeline.plots_words import mark_text, reading_text, time_text
from wirestep.ui.canvas import Line, blank, fit, number, width_of
from wirestep.ui.keys import bindings
from wirestep.ui.painting import Painted
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bars import tone

AXIS = 11
"""Cells left of the plot."""
DEEPEST = 1_000
"""Nanoseconds that the plot shows at least."""
SECOND = 1_000_000_000
Numbers = npt.NDArray[np.int64]
NONE = np.zeros(0, np.int64)


class GraphView(Painted, can_focus=True):
    """Draws a `Plot`; the cursor is a sample."""

    DEFAULT_CSS = "GraphView { height: 1fr; width: 1fr; background: $background; }"
    BINDINGS = bindings("graph")

    class Moved(Notice):
        """The cursor stands on another sample, or more or less is shown."""

    class Entered(Notice):
        """The user wants a packet."""

        def __init__(self, record: int) -> None:
            super().__init__()
            self.record = record

    def __init__(self) -> None:
        super().__init__()
        self.plot: Plot | None = None
        self.empty = "working…"
        self.span = (0, 1)
        """What is shown: ns since the epoch."""
        self.cursor = 0
        """The sample."""
        self._times: Numbers = NONE
        self._rows: Numbers = NONE
        self._drawn: tuple[object, Picture] | None = None

    # what is shown

    def set(
        self,
        plot: Plot | None,
        samples: tuple[Numbers, Numbers] = (NONE, NONE),
        at: int | None = None,
        *,
        whole: bool = True,
    ) -> None:
        """Shows a plot; the cursor goes to the time `at`; with `whole` all of it is shown.

        `samples` are those of the plot: of a long one they take a while to be put together.
        """
        self.plot, self._drawn = plot, None
        if plot is None or plot.empty:
            self.empty = "working…" if plot is None else plot.empty
            self._times = self._rows = NONE
        else:
            self._times, self._rows = samples
            if whole or not plot.start <= self.span[0] < self.span[1]:
                self.span = (plot.start, max(plot.stop, plot.start + 1))
            if at is not None:
                self.go(self._near(at), told=False)
        self.refresh()

    def _near(self, time: int) -> int:
        """The last sample by a time, or the first."""
        return max(0, int(np.searchsorted(self._times, time, "right")) - 1)

    @property
    def time(self) -> int:
        """Nanoseconds since the epoch of the sample under the cursor."""
        return int(self._times[self.cursor]) if len(self._times) else 0

    @property
    def record(self) -> int:
        """The packet of the sample under the cursor, or of the nearest one before; -1 for none."""
        if not len(self._rows):
            return -1
        known = np.flatnonzero(self._rows[: self.cursor + 1] >= 0)
        return int(self._rows[known[-1]]) if len(known) else -1

    @property
    def columns(self) -> int:
        """Cells of the plot."""
        return max(2, self.size.width - AXIS - 1)

    # moving

    def go(self, sample: int, *, told: bool = True) -> None:
        """The cursor to a sample; what is shown follows it."""
        if not len(self._times) or self.plot is None:
            return
        self.cursor = max(0, min(len(self._times) - 1, sample))
        start, stop = self.span
        if not start <= self.time <= stop:
            self._show(self.time - (stop - start) // 2, stop - start)
        self.refresh()
        if told:
            self.post_message(self.Moved())

    def _show(self, start: int, size: int) -> None:
        """Shows `size` ns from `start` on, or what there is."""
        assert self.plot is not None
        whole = max(self.plot.stop - self.plot.start, 1)
        size = max(min(DEEPEST, whole), min(whole, size))
        start = max(self.plot.start, min(self.plot.start + whole - size, start))
        self.span = start, start + size

    def action_move(self, by: int) -> None:
        """By samples."""
        self.go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """By a quarter of what is shown, by one sample at least."""
        if not len(self._times):
            return
        wanted = self._near(self.time + by * (self.span[1] - self.span[0]) // 4)
        self.go(max(wanted, self.cursor + 1) if by > 0 else min(wanted, self.cursor - 1))

    def action_edge(self, end: bool) -> None:
        """To the first or the last sample."""
        self.go(len(self._times) - 1 if end else 0)

    def action_zoom(self, by: int) -> None:
        """Half as much, twice as much, or (0) all, around the cursor."""
        if self.plot is None or not len(self._times):
            return
        start, stop = self.span
        size = stop - start
        share = (self.time - start) / size
        size = size // 2 if by > 0 else size * 2 if by else self.plot.stop - self.plot.start
        self._show(self.time - int(size * share), size)
        self.refresh()
        self.post_message(self.Moved())

    def action_mark(self, by: int) -> None:
        """To the next sample of a trace of what went wrong."""
        traces = () if self.plot is None else self.plot.traces
        found = [one.time for one in traces if one.hue == "bad" or one.name == "SACK"]
        if not found or not len(self._times):
            return
        times = np.unique(np.concatenate(found))
        later = times[times > self.time] if by > 0 else times[times < self.time][::-1]
        if len(later):
            self.go(int(np.searchsorted(self._times, later[0])))

    def action_enter(self) -> None:
        """Tells the screen."""
        if self.record >= 0:
            self.post_message(self.Entered(self.record))

    def on_click(self, event: events.Click) -> None:
        """The cursor goes there; a second click enters."""
        self.focus()
        if event.x < AXIS or not len(self._times):
            return
        start, stop = self.span
        self.go(self._near(start + (event.x - AXIS + 1) * (stop - start) // self.columns))
        if event.chain == 2:
            self.action_enter()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zooms in."""
        event.stop()
        self.action_zoom(1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zooms out."""
        event.stop()
        self.action_zoom(-1)

    # drawing

    def readings(self) -> list[Reading]:
        """What each trace says under the cursor."""
        if self.plot is None or not len(self._times):
            return []
        return self.plot.read(self.time, int(self._rows[self.cursor]))

    def _picture(self, plot: Plot, height: int) -> Picture:
        key = (id(plot), self.columns, height, self.span)
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = key, picture(plot, (self.columns, height), self.span)
        return self._drawn[1]

    @property
    def legend(self) -> int:
        """Lines of the legend."""
        return 2 if self.size.height < 26 else 3

    def paint_line(self, y: int, look: Palette) -> Strip:
        """One line of the widget."""
        width, height = self.size
        out = Line(width, style(look.fg, look.bg))
        plot = self.plot
        if plot is None or plot.empty:
            if y == height // 3:
                text = fit(self.empty, width - 2)
                out.put(max(1, (width - width_of(text)) // 2), text, style(look.dim, look.bg))
            return out.strip()
        room = height - self.legend - 2
        if room < 2:
            return blank(width, style(look.fg, look.bg))
        drawn = self._picture(plot, room)
        if y < room:
            self._cells(out, plot, drawn, y, look)
        elif y == room:
            self._axis(out, look)
        elif y == room + 1:
            self._marks(out, drawn, look)
        else:
            self._legend(out, plot, y - room - 2, look)
        return out.strip()

    @property
    def column(self) -> int:
        """The column of the cursor."""
        start, stop = self.span
        return min(self.columns - 1, (self.time - start) * self.columns // (stop - start))

    def _cells(self, out: Line, plot: Plot, drawn: Picture, y: int, look: Palette) -> None:
        marks = dict(drawn.places(plot, len(drawn.lines)))
        mark = y in marks
        if mark:
            text = mark_text(plot, marks[y], drawn.up.step)
            out.right(AXIS - 2, text, style(look.dim, look.bg))
        out.put(AXIS - 1, "┤" if mark else "│", style(look.faint, look.bg))
        line, inks = drawn.lines[y], drawn.inks[y].tolist()
        here = self.column
        hues = [tone(look, one.hue) for one in plot.traces]
        if mark and not plot.lanes:
            out.fill(AXIS, AXIS + self.columns, "┈", style(look.faint, look.bg))
        for at, (letter, ink) in enumerate(zip(line, inks, strict=True)):
            back = look.sel if at == here else look.bg
            if letter != " ":
                bold = letter.isalpha()
                out.dot(AXIS + at, letter, style(hues[max(0, ink)], back, bold=bold))
            elif at == here:
                out.dot(AXIS + at, "┊", style(look.warn, back))

    def _axis(self, out: Line, look: Palette) -> None:
        """The line below, with the cursor on it."""
        out.put(AXIS - 1, "└", style(look.faint, look.bg))
        out.fill(AXIS, AXIS + self.columns, "─", style(look.faint, look.bg))
        out.dot(AXIS + self.column, "▲", style(look.warn, look.bg, bold=True))

    def _marks(self, out: Line, drawn: Picture, look: Palette) -> None:
        """Times below the axis."""
        end = 0
        for column, value, step in drawn.times(self.columns):
            text = time_text(value, step)
            at = min(out.width - len(text), max(AXIS, AXIS + column - len(text) // 2))
            if at > end:
                end = out.put(at, text, style(look.dim, look.bg)) + 1

    def _legend(self, out: Line, plot: Plot, line: int, look: Palette) -> None:
        """Letters, names and what they say under the cursor."""
        for row, at, (text, hue, bold) in self._words(plot):
            if row == line:
                out.put(at, text, style(tone(look, hue), look.bg, bold=bold))

    def _words(self, plot: Plot) -> Iterator[tuple[int, int, tuple[str, str, bool]]]:
        """(line, cell, part) of the legend; entries are kept whole."""
        told = {id(one.trace): one for one in self.readings()}
        row, at = 0, 1
        for trace in plot.traces:
            found = told.get(id(trace))
            text = "" if found is None else f" {reading_text(plot, found)}"
            whole = f"{trace.letter} {trace.name}{text}"
            if at > 1 and at + width_of(whole) > self.size.width - 1:
                row, at = row + 1, 1
            yield row, at, (trace.letter, trace.hue, True)
            yield row, at + 2, (trace.name, "dim", False)
            yield row, at + 2 + width_of(trace.name), (text, "fg", bool(found and found.here))
            at += width_of(whole) + 3

    def told(self) -> str:
        """Where the cursor stands."""
        plot = self.plot
        if plot is None or not len(self._times):
            return ""
        row = int(self._rows[self.cursor])
        packet = f"packet {number(row + 1)} · " if row >= 0 else ""
        after = (self.time - plot.start) / SECOND
        count = number(len(self._times))
        return f"{packet}{after:.6f} s · sample {number(self.cursor + 1)} of {count}"
