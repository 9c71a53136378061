"""The inspector's ladder in time: sloped arrows on tiles of lines, or bars where there are many."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from math import ceil, floor

from rich.style import Style

from wirestep.timeline.ladder import Step
from wirestep.timeline.scale import Axis, Scale, Way, pace
from wirestep.ui.canvas import fit, number, width_of
from wirestep.ui.theme import Palette, mix, style
from wirestep.ui.widgets.ladder_bands import bands, draw_bands
from wirestep.ui.widgets.ladder_draw import (
    STROKES,
    WEIGHTY,
    Lanes,
    draw_lifelines,
    lane_hue,
    rounded,
    time_text,
    trouble,
    with_note,
)
from wirestep.ui.widgets.ladder_paths import Bundle, Cell, bundles, path, said, way_of
from wirestep.ui.widgets.ladder_sheet import Sheet, in_milliseconds

TILE = 32
"""Lines that are drawn at once."""
DENSE = 200
"""Arrows on a tile above which bars count them."""
LOST = 0.55
"""How far along its way the end of a lost packet is drawn."""
CLOCKS = ("a", "u", "e")
"""Forms of time that are not counted from a packet."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """One step with its way."""

    number: int
    """Its place among the steps that are drawn."""
    step: Step
    left: int
    lands: int
    known: bool
    """Both are known, not worked out."""
    sender: int
    target: int

    @property
    def never(self) -> bool:
        """It does not arrive."""
        return "lost" in self.step.marks

    @property
    def fate(self) -> str:
        """What befell it."""
        return trouble(self.step.marks)[1]

    @property
    def label(self) -> str:
        """What it says."""
        return self.step.label

    @property
    def hue(self) -> str:
        """Of its protocol."""
        return self.step.hue

    @property
    def weighty(self) -> bool:
        """It carries more than an acknowledgement."""
        return self.step.level != "packet" or self.step.weighty

    @property
    def marks(self) -> tuple[str, ...]:
        """What befell its packet."""
        return self.step.marks


def arrow_of(number: int, step: Step, scale: Scale) -> Arrow:
    """A step that took several packets ends with the last of them."""
    way: Way = scale.way(step.record, step.time)
    return Arrow(number, step, way.left, way.lands, way.known, step.sender, step.target)


class Course:
    """All arrows on their axis."""

    def __init__(self, steps: Sequence[Step], scale: Scale, zoom: int) -> None:
        """`zoom`: doublings (or halvings) of the usual rows for the same time."""
        self.by_row = [arrow_of(row, step, scale) for row, step in enumerate(steps)]
        self.arrows = sorted(
            (one for one in self.by_row if one.step.level != "note"),
            key=lambda one: (one.left, one.number),
        )
        now = steps[0].time if steps else 0
        self.unit = max(1, round(pace(self.arrows) * 2.0**-zoom))
        self.axis = Axis(self.arrows, now, self.unit)
        self.starts = [self.axis.row(one.left) for one in self.arrows]
        self.stops = sorted(self.axis.row(one.lands) for one in self.arrows)
        self.lines = ceil(self.axis.end) + 2
        self.bands = bands(steps, self.span)

    def crowd(self, low: float, high: float) -> int:
        """Arrows that touch rows [low, high)."""
        return bisect_left(self.starts, high) - bisect_left(self.stops, low)

    def dense(self, tile: int) -> bool:
        """Whether bars count the arrows of a tile."""
        return self.crowd(tile * TILE, (tile + 1) * TILE) > DENSE

    def span(self, row: int) -> tuple[int, int]:
        """First and last line of an arrow."""
        one = self.by_row[row]
        return floor(self.axis.row(one.left)), floor(self.axis.row(one.lands))

    def near(self, line: float) -> int:
        """The row of the arrow that leaves at a line, or next after it; -1 for none."""
        if not self.arrows:
            return -1
        at = min(bisect_left(self.starts, line), len(self.arrows) - 1)
        return self.arrows[at].number

    def tile(self, tile: int, where: Lanes, look: Palette, clock: tuple[str, int]) -> Tile:
        """Lines [tile * TILE, (tile + 1) * TILE). `clock`: form of time, and what counts as 0."""
        made = Tile(self, tile, where, look, clock)
        made.draw()
        return made


class Tile(Sheet):
    """TILE lines of a course."""

    def __init__(
        self, course: Course, tile: int, where: Lanes, look: Palette, clock: tuple[str, int]
    ) -> None:
        cells = [where.cell(lane) for lane in range(where.count)]
        size = where.width, TILE
        super().__init__(course.axis, tile * TILE, size, look, (cells, where.gutter))
        self.course, self.where, self.form, self.zero = course, where, clock[0], clock[1]
        self.found: list[Bundle[Arrow]] = []
        self.spots: dict[int, tuple[int, int, int]] = {}
        """By place in `found`: (row, first cell, cells) of its label."""

    def draw(self) -> None:
        """All but the selection."""
        alive = [True] * self.where.count
        for at, line in enumerate(self.lines):
            lit = 0 <= self.top + at <= self.axis.end
            draw_lifelines(
                line, self.where, alive if lit else [False] * len(alive), self.look, self.look.bg
            )
        if self.where.places:
            room = self.where.gutter, self.where.places[0] - 1
            for at, line in enumerate(self.lines):
                draw_bands(line, self.top + at, self.course.bands, room, self.look, self.look.bg)
        self.silences("idle")
        if self.form in CLOCKS:
            self.ticks(0, lambda time, digits: time_text(self.form, time, 0, 0))
        else:
            self.ticks(self.zero, in_milliseconds)
        if self.course.dense(self.top // TILE):
            self._bars()
            return
        low, high = self.top - 1.0, self.top + self.height + 1.0
        self.found = found = bundles(self.course.arrows, self.axis, low, high, frozenset())
        ways = [self._arrow(at, bundle) for at, bundle in enumerate(found)]
        for bundle, cells in zip(found, ways, strict=True):
            self._crown(bundle, cells)
        for at in reversed(range(len(found))):
            self._label(at, found[at], ways[at])

    # arrows

    def _ink(self, bundle: Bundle[Arrow]) -> Style:
        look = self.look
        colour = trouble(bundle.first.marks)[2]
        if colour:
            return style(look.bad if colour == "bad" else look.warn, look.bg)
        hue = look.hue(bundle.hue)
        if not bundle.weighty and look.tint:
            hue = mix(look.bg, hue, 0.7)
        return style(hue, look.bg, bold=bundle.first.step.level == "message")

    def _head(self, one: Arrow) -> str:
        packet = one.step.level == "packet"
        _, right, left = WEIGHTY if packet and one.weighty else STROKES[one.step.level]
        return right if self.cells[one.target] > self.cells[one.sender] else left

    def _arrow(self, at: int, bundle: Bundle[Arrow], ink: Style | None = None) -> list[Cell]:
        """Draws an arrow; its cells. What is estimated is dashed."""
        first = bundle.first
        start, stop = self.cells[first.sender], self.cells[first.target]
        cells = path(start, stop, bundle.start, bundle.stop)
        ink = ink or self._ink(bundle)
        end = way_of(cells, LOST) if first.never else len(cells)
        last = len(cells) - 1
        for place, cell in enumerate(cells[: end + 1]):
            line = self.line(cell.row)
            if line is None or not self.where.gutter <= cell.column < self.width:
                continue
            if any(low <= cell.column < high for low, high in self.taken[cell.row - self.top]):
                continue
            glyph = cell.glyph
            if place == end:
                glyph = "✗"
            elif place == last:
                glyph = self._head(first)
            elif glyph == "─" and not first.known:
                glyph = "╌"
            line.dot(cell.column, glyph, ink)
            self.own(at, cell)
        return cells

    def _crown(self, bundle: Bundle[Arrow], cells: Sequence[Cell]) -> None:
        """Draws the head once more: a reply that leaves at once may lie over it."""
        line = self.line(cells[-1].row) if cells else None
        if line is not None and not bundle.first.never and cells[-1].column < self.width:
            line.dot(cells[-1].column, self._head(bundle.first), self._ink(bundle))

    def _label(self, at: int, bundle: Bundle[Arrow], cells: Sequence[Cell]) -> None:
        room = abs(cells[-1].column - cells[0].column) - 3 if cells else 0
        note = next((one.step.note for one in bundle.passages if one.step.note), "")
        words = with_note(bundle.label, note, room)
        found = self.beside(at, cells, "", words)
        if found is None:
            return
        row, start, text = found
        look = self.look
        colour = trouble(bundle.first.marks)[2]
        ink = look.bad if colour == "bad" else look.warn if colour else look.fg
        bold = bundle.weighty and bundle.first.step.depth == 0
        ink = ink if bundle.weighty or colour else look.dim
        self.lines[row - self.top].put(start, f" {text} ", style(ink, look.bg, bold=bold))
        size = width_of(text) + 2
        self.taken[row - self.top].append((start, start + size))
        self.spots[at] = row, start, size

    # many arrows

    def _bars(self) -> None:
        """How many left in each row, by where from and which way."""
        low = bisect_left(self.course.starts, self.top)
        high = bisect_left(self.course.starts, self.top + self.height)
        counts: Counter[tuple[int, int, bool]] = Counter()
        troubled: Counter[tuple[int, int, bool]] = Counter()
        hues: dict[tuple[int, int, bool], str] = {}
        for at in range(low, high):
            one = self.course.arrows[at]
            key = floor(self.course.starts[at]) - self.top, one.sender, one.target > one.sender
            counts[key] += 1
            troubled[key] += bool(one.marks)
            if one.weighty or key not in hues:
                hues[key] = one.hue
        most = max(counts.values(), default=1)
        for key, count in counts.items():
            self._bar(key, count / most, (count, troubled[key]), hues[key])

    def _bar(
        self, key: tuple[int, int, bool], share: float, counts: tuple[int, int], hue: str
    ) -> None:
        at, sender, rightward = key
        look, line = self.look, self.lines[at]
        here = self.cells[sender]
        ends = [cell for cell in self.cells if (cell > here) == rightward and cell != here]
        other = (min(ends) if rightward else max(ends)) if ends else here
        count, bad = counts
        told = number(count) + (f" ↻{number(bad)}" if bad else "")
        room = abs(other - here) // 2 - width_of(told) - 3
        size = max(1, round(share * max(1, room)))
        ink = style(look.hue(hue), look.bg)
        text = style(look.warn if bad else look.dim, look.bg)
        if rightward:
            line.fill(here + 1, here + 1 + size, "━", ink)
            line.put(here + 1 + size, "▶", ink)
            line.put(here + 3 + size, told, text)
        else:
            line.fill(here - size, here, "━", ink)
            line.put(here - size - 1, "◀", ink)
            line.right(here - size - 2, told, text)

    # the selection

    def chosen(self, one: Arrow) -> Tile:
        """The tile with an arrow selected on it, and the line of its time."""
        over = copy(self)
        over.lines = [line.copy() for line in self.lines]
        over.taken = [list(taken) for taken in self.taken]
        over.owner = [dict(owner) for owner in self.owner]
        over._time_line(one.step.time)
        if one.step.level == "note" or self.course.dense(self.top // TILE):
            return over
        at = next((at for at, each in enumerate(self.found) if one in each.passages), -1)
        if at >= 0:
            over._lit(at, one)
        return over

    def _lit(self, at: int, one: Arrow) -> None:
        """Draws the selected arrow, and those that are drawn as one with it."""
        bundle, look = self.found[at], self.look
        more = len(bundle.passages) - 1
        text = said(one) + (f" +{number(more)}" if more else "")
        spot = self.spots.get(at)
        if spot is not None:
            row, start, size = spot
            self.taken[row - self.top].remove((start, start + size))
            self.lines[row - self.top].fill(start, start + size, " ", style(look.fg, look.bg))
        cells = self._arrow(at, bundle, style(look.warn, look.bg, bold=True))
        ink = style(look.selfg, look.sel, bold=True)
        if spot is not None:
            text = fit(with_note(text, one.step.note, size - 2), size - 2)
            start += (size - 2 - width_of(text)) // 2
            self.lines[row - self.top].put(start, f" {text} ", ink)
            return
        middle = cells[len(cells) // 2] if cells else None
        line = self.line(middle.row) if middle is not None else None
        if middle is not None and line is not None:
            text = f" {fit(text, max(4, len(cells) - 4))} "
            line.put(max(self.gutter, middle.column - width_of(text) // 2), text, ink)

    def _time_line(self, time: int) -> None:
        """The moment at which the selected packet passed the tap."""
        line = self.line(floor(self.axis.row(time)))
        if line is None:
            return
        look = self.look
        dots = style(mix(look.bg, look.fg, 0.35) if look.tint else look.faint, look.bg)
        for column in range(self.gutter - 1, self.width - 1):
            if line.cells[column] == " ":
                line.dot(column, "┄", dots)
        ink = style(look.selfg, look.sel, bold=True)
        line.fill(0, self.gutter - 1, " ", ink)
        text = time_text(self.form if self.form != "d" else "r", time, self.zero, time)
        line.right(self.gutter - 2, rounded(text, self.gutter - 3), ink)
        line.put(0, "▌", style(look.hue(lane_hue(0, 1)), look.sel))
