"""How the lab's ladder is drawn: lifelines, time, arrows with what they say, the packet in hand."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

from rich.style import Style

from wirestep.session.lab_views import Passage, Snapshot
from wirestep.timeline.scale import Axis
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, number, width_of
from wirestep.ui.theme import Palette, mix, style
from wirestep.ui.widgets.ladder_draw import lane_hue, rounded, squeezed
from wirestep.ui.widgets.ladder_paths import Bundle, Cell, bundles, path, way_of
from wirestep.ui.widgets.ladder_sheet import Sheet

GUTTER = 12
"""Cells of the time column."""
LOST = 0.55
"""How far along its way the end of a lost packet is drawn."""
FAINT = 0.45
"""How much of its colour what has not happened keeps."""
NOTES = {
    "lost": "✗ lost",
    "dropped": "✗ dropped",
    "delayed": "↷ delayed",
    "duplicate": "×2 copy",
    "corrupted": "≠ corrupted",
    "edited": "✎ edited",
    "queue full": "✗ queue full",
    "too large": "✗ too large",
}


def lanes(width: int, count: int) -> list[int]:
    """The cell of each lifeline."""
    half = 6 if width >= 60 else 4
    left, right = GUTTER + half - 2, width - half - 1
    if count < 2:
        return [left] * count
    return [round(left + (right - left) * at / (count - 1)) for at in range(count)]


def draw_names(snapshot: Snapshot, width: int, look: Palette, scale: str) -> Line:
    """The names above their lifelines, and how much time a row is."""
    out = Line(width, style(look.dim, look.panel))
    out.put(1, fit(scale, GUTTER - 2), style(look.dim, look.panel))
    cells = lanes(width, len(snapshot.hosts))
    apart = cells[1] - cells[0] if len(cells) > 1 else width - GUTTER
    end = GUTTER - 1
    for lane, (cell, host) in enumerate(zip(cells, snapshot.hosts, strict=True)):
        text = f" {squeezed(host.name, max(2, apart - 2))} "
        start = max(end, min(width - width_of(text), cell - width_of(text) // 2))
        hue = look.hue(lane_hue(lane, len(cells)))
        end = 1 + out.put(start, text, style(look.bg, hue, bold=True))
    return out


class Picture(Sheet):
    """Rows [top, top + height) of a snapshot's ladder in time."""

    def __init__(
        self, snapshot: Snapshot, axis: Axis, top: int, size: tuple[int, int], look: Palette
    ) -> None:
        super().__init__(axis, top, size, look, (lanes(size[0], len(snapshot.hosts)), GUTTER))
        self.shown = snapshot
        self.now_row = floor(axis.row(snapshot.now))

    def draw(self) -> list[Line]:
        """The lines, top down."""
        self._lifelines()
        self.silences("nothing under way")
        self.ticks()
        self._now_line()
        shown = self.shown
        held = shown.held
        stopped = {n for n in shown.under_way if shown.passages[n].stopped is not None}
        alone = frozenset(stopped | ({held} if held is not None else set()))
        low, high = self.top - 1.0, self.top + self.height + 1.0
        found = bundles(shown.passages, self.axis, low, high, alone)
        found.sort(key=lambda bundle: (bundle.first.number == held, bundle.first.number))
        ways = [self._arrow(at, bundle) for at, bundle in enumerate(found)]
        for bundle, way in zip(found, ways, strict=True):
            self._crown(bundle, way)
        for at in reversed(range(len(found))):
            self._label(at, found[at], ways[at])
        return self.lines

    # what stands behind the arrows

    def _lifelines(self) -> None:
        begun = self._begun()
        for lane, cell in enumerate(self.cells):
            lit = style(self.look.hue(lane_hue(lane, len(self.cells))), self.look.bg, bold=True)
            thin = style(self.look.faint, self.look.bg)
            for at, line in enumerate(self.lines):
                alive = begun[lane] <= self.top + at <= self.now_row
                line.dot(cell, "┃" if alive else "│", lit if alive else thin)

    def _begun(self) -> list[float]:
        """By lifeline: the row from which on it takes part."""
        begun: list[float] = [float("inf")] * len(self.cells)
        waiting = len(begun)
        for passage in self.shown.passages[: self.shown.count]:
            ends = (passage.sender, passage.left), (passage.target, passage.lands)
            for lane, time in ends:
                if begun[lane] == float("inf") and not (passage.never and time != passage.left):
                    begun[lane] = floor(self.axis.row(time))
                    waiting -= 1
            if not waiting:
                break
        return begun

    def _now_line(self) -> None:
        line = self.line(self.now_row)
        if line is None:
            return
        dots = style(mix(self.look.bg, self.look.warn, FAINT), self.look.bg)
        line.fill(GUTTER - 2, self.width - 1, "┄", dots)
        for lane, cell in enumerate(self.cells):
            hue = self.look.hue(lane_hue(lane, len(self.cells)))
            line.put(cell, "┃", style(hue, self.look.bg, bold=True))
        text = rounded(milliseconds(self.shown.now), GUTTER - 3)
        line.fill(0, GUTTER - 1, " ", style(self.look.bg, self.look.warn, bold=True))
        line.right(GUTTER - 2, text, style(self.look.bg, self.look.warn, bold=True))

    # arrows

    def _arrow(self, at: int, bundle: Bundle[Passage]) -> list[Cell]:
        """Draws an arrow; its cells."""
        first = bundle.first
        cells = path(self.cells[first.sender], self.cells[first.target], bundle.start, bundle.stop)
        done, rest = self._inks(bundle)
        behind = self._behind(first, cells)
        for place, cell in enumerate(cells):
            line = self.line(cell.row)
            if line is None:
                continue
            ahead = place >= behind
            if ahead and first.never:
                if place == behind:
                    line.put(cell.column, "✗", style(self.look.bad, self.look.bg, bold=True))
                    self.own(at, cell)
                break
            last = place == len(cells) - 1
            glyph = self._head(first, hollow=ahead) if last else cell.glyph
            line.dot(cell.column, glyph, rest if ahead else done)
            self.own(at, cell)
        return cells

    def _crown(self, bundle: Bundle[Passage], cells: Sequence[Cell]) -> None:
        """Draws the head once more: a reply that leaves at once may lie over it."""
        first = bundle.first
        line = self.line(cells[-1].row) if cells else None
        if line is not None and not first.never:
            done, rest = self._inks(bundle)
            ahead = self._behind(first, cells) < len(cells)
            line.put(cells[-1].column, self._head(first, hollow=ahead), rest if ahead else done)

    def _head(self, passage: Passage, *, hollow: bool) -> str:
        if self.cells[passage.target] > self.cells[passage.sender]:
            return "▷" if hollow else "▶"
        return "◁" if hollow else "◀"

    def _behind(self, passage: Passage, cells: Sequence[Cell]) -> int:
        """How many cells of its path the packet has behind it."""
        now = self.shown.now
        if passage.number >= self.shown.count:
            return 0
        share = 1.0
        if passage.lands > passage.left:
            share = min(1.0, (now - passage.left) / (passage.lands - passage.left))
        if passage.never:
            share = min(share, LOST)
        return way_of(cells, share)

    def _inks(self, bundle: Bundle[Passage]) -> tuple[Style, Style]:
        """(of the part that lies behind it, of the part that is to come)."""
        look, first = self.look, bundle.first
        colour = look.hue(bundle.hue)
        if first.never:
            colour = look.bad
        elif first.number == self.shown.held:
            colour = look.warn
        elif not bundle.weighty:
            colour = mix(look.bg, colour, 0.7) if look.tint else colour
        faint = mix(look.bg, colour, FAINT) if look.tint else look.faint
        return style(colour, look.bg), style(faint, look.bg)

    # what they say

    def _label(self, at: int, bundle: Bundle[Passage], cells: Sequence[Cell]) -> None:
        first, shown, look = bundle.first, self.shown, self.look
        held = first.number == shown.held
        if held:
            self._held_label(bundle, cells)
            return
        ahead = first.number >= shown.count
        note = NOTES.get(first.fate, "")
        bad = first.never or first.fate in ("corrupted", "edited")
        front = f"{bundle.numbers} "
        text = bundle.label + (f"  {note}" if note else "")
        found = self.beside(at, cells, front, text)
        if found is None:
            return
        row, start, text = found
        size = width_of(front) + width_of(text) + 2
        line = self.lines[row - self.top]
        dim = look.faint if ahead else look.dim
        ink = look.faint if ahead else look.bad if bad else look.fg
        after = line.put(start, f" {front}", style(dim, look.bg))
        bold = bundle.weighty and not ahead
        ink = ink if bundle.weighty or bad or ahead else look.dim
        after = line.put(after, text, style(ink, look.bg, bold=bold))
        line.put(after, " ", style(look.fg, look.bg))
        self.taken[row - self.top].append((start, start + size))

    def _held_label(self, bundle: Bundle[Passage], cells: Sequence[Cell]) -> None:
        """The packet in hand, on the line of the present."""
        first, look = bundle.first, self.look
        line = self.line(self.now_row)
        if line is None or not cells:
            return
        where = cells[min(len(cells) - 1, self._behind(first, cells))]
        note = NOTES.get(first.fate, "")
        text = f" {bundle.numbers} {bundle.label} {note or f'{number(first.size)} B'} "
        text = f" {fit(text.strip(), self.width - GUTTER - 4)} "
        size = width_of(text)
        start = max(GUTTER, min(where.column - size // 2, self.width - size - 1))
        colour = look.bad if first.never else look.warn
        line.put(start, text, style(look.bg, colour, bold=True))
        self.taken[self.now_row - self.top].append((start, start + size))
        self._landing(first, cells)

    def _landing(self, passage: Passage, cells: Sequence[Cell]) -> None:
        """When it lands if nobody does anything to it."""
        end = cells[-1]
        line = self.line(end.row + 1)
        if line is None or passage.never or end.row < self.now_row or not self.shown.newest:
            return
        text = f"lands {milliseconds(passage.lands, 0)} if let go"
        right = self.cells[passage.target] > self.cells[passage.sender]
        start = end.column - 1 - width_of(text) if right else end.column + 2
        span = start - 1, start + width_of(text) + 1
        taken = self.taken[end.row + 1 - self.top]
        if any(span[0] < stop and begin < span[1] for begin, stop in taken):
            return
        ink = style(mix(self.look.bg, self.look.warn, 0.75), self.look.bg, italic=True)
        line.put(start, text, ink)
        taken.append(span)
