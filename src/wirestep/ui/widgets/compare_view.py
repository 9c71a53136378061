"""Two exchanges line by line: what plays the same part stands beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.session.comparing import Aligned, Comparison, Stride
from wirestep.session.lab_compare import MOVED, ONLY_FIRST, ONLY_SECOND, SAME
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.theme import Palette, mix, style
from wirestep.ui.widgets.bill_view import rounded
from wirestep.ui.widgets.rows import Rows

STEP, TIME = 16, 8
"""Cells of the names of steps, and of a time."""
WIDE = 90
"""Cells of a list that has room for the names of steps."""
TINT = 0.16
"""How much of its colour the background of a step that is only in one takes."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Where another protocol begins."""

    phase: str
    hue: str
    trips: tuple[int, int]


Entry = Aligned | Heading


def entries(comparison: Comparison, *, hiding: bool, timed: bool) -> list[Entry]:
    """The lines with headings; `hiding` leaves out what is equal."""
    found: list[Entry] = []
    said: set[str] = set()
    phase = ""
    for pair in comparison.by_time() if timed else comparison.pairs:
        if hiding and pair.sign == SAME:
            continue
        stride = pair.either
        if stride.phase != phase and not timed:
            phase = stride.phase
            first, second = (0, 0) if phase in said else _trips(comparison, phase)
            found.append(Heading(phase, stride.hue, (first, second)))
            said.add(phase)
        found.append(pair)
    return found


def _trips(comparison: Comparison, phase: str) -> tuple[int, int]:
    first, second = comparison.sides
    return first.trips(phase), second.trips(phase)


def sign_colour(look: Palette, sign: str) -> str:
    """The colour of a difference."""
    return {MOVED: look.warn, ONLY_FIRST: look.bad, ONLY_SECOND: look.good}.get(sign, look.faint)


class CompareView(Rows):
    """The pairs of a comparison, or only those that differ."""

    HEAD = 1

    class Chosen(Notice):
        """Another line is under the cursor."""

    class Entered(Notice):
        """The user wants to see both taken apart."""

    def __init__(self) -> None:
        super().__init__(id="compare")
        self.comparison: Comparison | None = None
        self.hiding = self.timed = False
        self.rows: Sequence[Entry] = ()

    def set(self, comparison: Comparison) -> None:
        """Shows a comparison; the cursor stays on its pair where it is still shown."""
        before = self.pair
        self.comparison = comparison
        self.rows = entries(comparison, hiding=self.hiding, timed=self.timed)
        self.changed()
        place = self.rows.index(before) if before in self.rows else self._first()
        self.show(place)
        self.post_message(self.Chosen())

    def _first(self) -> int:
        """The first difference, else the first line."""
        pairs = [n for n, row in enumerate(self.rows) if isinstance(row, Aligned)]
        other = (n for n in pairs if self._differs(n))
        return next(other, pairs[0] if pairs else -1)

    def _differs(self, row: int) -> bool:
        entry = self.rows[row]
        return isinstance(entry, Aligned) and entry.sign != SAME

    @property
    def pair(self) -> Aligned | None:
        """What is under the cursor."""
        row = self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None
        return row if isinstance(row, Aligned) else None

    def next_difference(self, by: int) -> bool:
        """To the next line that differs; whether there is one."""
        row = self.cursor + by
        while 0 <= row < len(self.rows):
            if self._differs(row):
                self.go(row)
                return True
            row += by
        return False

    def count(self) -> int:
        """Lines."""
        return len(self.rows)

    def draw_empty(self) -> str:
        """What to say instead."""
        return "reading…" if self.comparison is None else "the two are equal"

    def chosen(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Chosen())

    def entered(self, row: int) -> None:
        """Tells the screen."""
        if self.pair is not None:
            self.post_message(self.Entered())

    # drawing

    def _spans(self, width: int) -> tuple[int, tuple[int, int], tuple[int, int]]:
        """(cells of the step's name, the lifelines of the first, those of the second)."""
        step = STEP if width >= WIDE else 0
        low = 1 + step + TIME + 1
        half = (width - low - TIME - 6) // 2
        second = low + half + TIME + 5
        return step, (low, low + half), (second, min(width - 2, second + half))

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The two, and their ends above their lifelines."""
        ink = style(look.dim, look.panel, bold=True)
        out = Line(width, ink)
        step, *spans = self._spans(width)
        if step:
            out.put(1, "step", ink)
        for place, (low, high) in enumerate(spans):
            out.right(low - 1, "ms", ink)
            for at, text, hue in ((low, " client ", "blue"), (high, " server ", "teal")):
                if high - low < 34:
                    text = f" {text.strip()[0]} "
                left = at if at == low else at + 1 - len(text)
                out.put(left, text, style(look.bg, look.hue(hue), bold=True))
            if self.comparison is not None:
                title = f"{'AB'[place]}  {self.comparison.sides[place].title}"
                text = fit(title, high - low - (20 if high - low >= 34 else 8))
                at = (low + high - width_of(text)) // 2
                out.put(at, text, style(look.fg, look.panel, bold=True))
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """A heading, or a step of each."""
        entry = self.rows[row]
        back = look.sel if selected else look.bg
        out = Line(width, style(look.fg, back))
        step, *spans = self._spans(width)
        for low, high in spans:
            for at, hue in ((low, "blue"), (high, "teal")):
                out.put(at, "┃", style(look.hue(hue), back, bold=True))
        if isinstance(entry, Heading):
            self._heading(out, entry, look, back)
            return out.strip()
        out.put(0, "▌" if selected else " ", style(look.acc, back))
        colour = sign_colour(look, entry.sign)
        if step:
            ink = look.dim if entry.sign == SAME else look.fg
            bold = selected or entry.sign != SAME
            out.put(1, fit(entry.either.name, step - 1), style(ink, back, bold=bold and selected))
        for place, stride in enumerate((entry.first, entry.second)):
            only = entry.sign in (ONLY_FIRST, ONLY_SECOND) and stride is not None
            tint = mix(back, colour, TINT) if only and look.tint else back
            self._half(out, stride, spans[place], (back, tint), look)
        middle = (spans[0][1] + spans[1][0] - TIME) // 2 + 1
        out.put(middle, entry.sign, style(colour, back, bold=True))
        return out.strip()

    def _heading(self, out: Line, entry: Heading, look: Palette, back: str) -> None:
        step, *spans = self._spans(out.width)
        hue = look.hue(entry.hue)
        out.put(1, fit(entry.phase, max(step, TIME)), style(hue, back, bold=True))
        for (low, high), trips in zip(spans, entry.trips, strict=True):
            out.fill(low + 1, high, "╌", style(look.faint, back))
            text = f" {trips} RTT "
            if trips:
                at = (low + high - len(text)) // 2 + 1
                out.put(at, text, style(hue, back, italic=True))

    def _half(
        self,
        out: Line,
        stride: Stride | None,
        span: tuple[int, int],
        backs: tuple[str, str],
        look: Palette,
    ) -> None:
        low, high = span
        if stride is None:
            out.put((low + high) // 2, "·", style(look.faint, backs[0]))
            return
        back = backs[1]
        out.right(low - 1, rounded(stride.time), style(look.dim, backs[0]))
        ink = look.bad if stride.again else look.hue(stride.hue)
        out.fill(low + 1, high, "─" if stride.weighty else "╌", style(ink, back))
        head = high - 1 if stride.out else low + 1
        out.put(head, "▷" if stride.out else "◁", style(ink, back))
        label = f"{stride.label} ↻" if stride.again else stride.label
        text = fit(label, high - low - 7)
        at = (low + high + 1 - width_of(text)) // 2 - 1
        text_ink = look.fg if stride.weighty else look.dim
        out.put(at, f" {text} ", style(text_ink, back, bold=stride.weighty))
