"""How one line of a ladder is drawn: where the lifelines stand, and the arrow between two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.style import Style
from textual.strip import Strip

from wirestep.timeline.ladder import Step
from wirestep.timeline.times import milliseconds, moment, seconds
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.theme import LANES, Palette, mix, style

STROKES = {
    "phase": ("━", "▶", "◀"),
    "message": ("━", "▶", "◀"),
    "record": ("─", "▷", "◁"),
    "packet": ("╌", "›", "‹"),
}
"""By level: the line, the head to the right, the head to the left."""
WEIGHTY = ("─", "▷", "◁")
"""A packet that opens, closes or mends a connection."""
OPEN, CLOSED = "✓", "ENC"
"""Of what came encrypted: after the tag where it is decrypted, instead of it where it is not."""
TAGS = {"phase": "PHS", "message": "MSG", "record": "REC", "packet": "PKT"}
TOPS = ("phase", "message")
"""Levels that stand out."""
TROUBLES = {
    "lost": ("✗", "LST", "bad"),
    "gap": ("✗", "GAP", "bad"),
    "broken": ("!", "BRK", "bad"),
    "reset": ("✗", "RST", "bad"),
    "retransmission": ("↻", "RTX", "warn"),
    "out-of-order": ("⇄", "OOO", "warn"),
    "zero-window": ("■", "ZWN", "warn"),
    "duplicate-ack": ("↻", "DUP", "warn"),
}
"""By mark: glyph, tag and colour."""
LEAST = 11
"""Cells between two lifelines, at least; what does not fit is scrolled to."""


def trouble(marks: Sequence[str]) -> tuple[str, str, str]:
    """Glyph, tag and colour of the gravest mark; empty texts where there is none."""
    return next((shown for mark, shown in TROUBLES.items() if mark in marks), ("", "", ""))


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where the lifelines stand at one width."""

    width: int
    gutter: int
    """Cells of the time column."""
    tail: int
    """Cells at the right for the tag of the level."""
    first: int
    """The leftmost lifeline shown."""
    places: tuple[int, ...]
    """The cell of each lifeline shown."""
    count: int
    """Lifelines there are."""

    @property
    def last(self) -> int:
        """The lifeline after the rightmost shown."""
        return self.first + len(self.places)

    def cell(self, lane: int) -> int:
        """The cell of a lifeline; beyond the edge for those not shown."""
        if lane < self.first:
            return self.gutter - 2
        if lane >= self.last:
            return self.width - self.tail
        return self.places[lane - self.first]


def lanes(width: int, count: int, form: str, first: int = 0, *, quiet: bool = False) -> Lanes:
    """Lifelines spread over `width` cells, from the one counted `first` on."""
    gutter = 15 if form in ("a", "u", "e") else 8 if quiet else 11 if width >= 44 else 10
    tail = 5 if width >= 46 and not quiet else 1
    room = max(1, width - gutter - tail)
    fitting = max(2, min(count, room // LEAST))
    first = max(0, min(first, count - fitting))
    shown = min(fitting, count)
    half = max(2, min(8, room // (3 * max(1, shown))))
    left, right = gutter + half - 1, width - tail - half + 1
    if shown < 2:
        return Lanes(width, gutter, tail, first, (left + room // 4,) * shown, count)
    places = tuple(round(left + (right - left) * at / (shown - 1)) for at in range(shown))
    return Lanes(width, gutter, tail, first, places, count)


def lane_hue(lane: int, count: int) -> str:
    """The hue of a lifeline; of two, the second is the server's."""
    return LANES[2 * lane if count == 2 else lane % len(LANES)]


def squeezed(name: str, width: int) -> str:
    """A host's name in `width` cells: what is left out is left out in the middle."""
    if width_of(name) <= width:
        return name
    if width < 5 or not name.isascii():
        return fit(name, width)
    tail = (width - 1) // 2
    return name[: width - 1 - tail] + "…" + name[-tail:]


def draw_heads(
    where: Lanes, names: Sequence[str], look: Palette, form: str, unit: str = ""
) -> Strip:
    """The names of the hosts, above their lifelines; `unit`: what stands above the times."""
    quiet = style(look.dim, look.panel)
    out = Line(where.width, quiet)
    label = {"d": "delta/ms", "a": "clock", "u": "UTC", "e": "epoch/s", "ref": "ref/ms"}
    after = out.put(1, unit or label.get(form, "ms" if where.gutter < 10 else "time/ms"), quiet)
    cells = where.places
    apart = cells[1] - cells[0] if len(cells) > 1 else where.width - where.gutter
    end = max(where.gutter - 2, after + 1)
    reserve = 3 if where.last < where.count else 0
    for at, cell in enumerate(cells):
        lane = where.first + at
        # The outer heads may reach to the edges; two neighbours never touch.
        most = apart - 1 if 0 < at < len(cells) - 1 else min(28, apart - 1)
        text = f" {squeezed(names[lane], max(1, most - 2))} "
        size = width_of(text)
        start = max(end, min(where.width - size - reserve, cell - size // 2))
        if start + size > where.width - reserve:
            text = f" {squeezed(names[lane], where.width - reserve - start - 2)} "
            size = width_of(text)
        out.put(start, text, style(look.bg, look.hue(lane_hue(lane, where.count)), bold=True))
        end = start + size + 1
    if where.first:
        out.put(where.gutter - 3, f"‹{where.first}", style(look.warn, look.panel, bold=True))
    if where.last < where.count:
        out.right(
            where.width, f"{where.count - where.last}›", style(look.warn, look.panel, bold=True)
        )
    return out.strip()


def draw_lifelines(
    out: Line, where: Lanes, alive: Sequence[bool], look: Palette, back: str
) -> None:
    """Thick where the host takes part, thin before and after."""
    for at, cell in enumerate(where.places):
        if alive[where.first + at]:
            tone = style(look.hue(lane_hue(where.first + at, where.count)), back, bold=True)
            out.put(cell, "┃", tone)
        else:
            out.put(cell, "│", style(look.faint, back))


def time_text(form: str, time: int, first: int, previous: int, digits: int = 3) -> str:
    """A time for the gutter: milliseconds with `digits` decimals, or what a clock shows."""
    if form in ("a", "u"):
        return moment(time, utc=form == "u", digits=3)
    if form == "e":
        return seconds(time, 3)
    since = time - (previous if form == "d" else first)
    if abs(since) < 100_000_000_000:
        return milliseconds(since, digits if abs(since) < 10_000_000_000 else min(digits, 1))
    return seconds(since, 3 if abs(since) < 1_000_000_000_000 else 1) + "s"


def rounded(text: str, room: int) -> str:
    """A time in `room` cells: its finest decimals go first."""
    whole, dot, part = text.partition(".")
    if len(text) <= room or not dot:
        return fit(text, room)
    unit = "s" if part.endswith("s") else ""
    left = room - len(whole) - len(unit) - 1
    return f"{whole}.{part[:left]}{unit}" if left > 0 else fit(whole + unit, room)


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of the ladder as it is to be drawn."""

    step: Step
    time: str
    alive: tuple[bool, ...]
    opened: bool | None
    """Whether what carried it is shown; None where nothing did."""
    mark: str = ""
    """The user's mark on its packet."""
    behind: Callable[[Line, str], None] | None = None
    """Draws what stands behind its arrow, on a line and a background."""


def draw_rung(rung: Rung, where: Lanes, look: Palette, *, selected: bool) -> Strip:
    """One arrow, with its time, its label and the tag of its level."""
    step = rung.step
    back = look.sel if selected else look.bg
    out = Line(where.width, style(look.fg, back))
    _, tag, colour = trouble(step.marks)
    tone = {"bad": look.bad, "warn": look.warn, "": look.hue(step.hue)}[colour]
    draw_lifelines(out, where, rung.alive, look, back)
    if rung.behind is not None:
        rung.behind(out, back)
    top = step.depth == 0
    out.put(0, "▌" if selected else " ", style(look.hue(step.hue), back))
    clock = style(look.selfg if selected else look.fg if top else look.dim, back, bold=selected)
    if not top and not selected:
        clock = style(mix(look.dim, back, 0.35) if look.tint else look.faint, back)
    out.right(where.gutter - 2, rounded(rung.time, where.gutter - 3), clock)
    if rung.mark:
        out.put(1, rung.mark, style(look.warn, back, bold=True))
    if step.level == "note":
        tone = look.selfg if selected else look.warn
        out.put(
            where.gutter,
            fit(f" {step.label} ", where.width - where.gutter - 1),
            style(tone, back, italic=True),
        )
        return out.strip()
    if rung.opened is not None:
        ink = style(look.dim if rung.opened or selected else look.faint, back)
        out.put(where.gutter - 1, "▾" if rung.opened else "▸", ink)
    _draw_arrow(out, rung, where, look, back, tone, selected)
    if where.tail > 1:
        quiet = look.dim if selected else look.faint
        heavy = step.level in TOPS or tag
        usual = CLOSED if step.opened is False else TAGS[step.level]
        out.put(where.width - 4, tag or usual, style(tone if heavy else quiet, back))
        if step.opened:
            out.put(where.width - 1, OPEN, style(quiet, back))
    return out.strip()


def _draw_arrow(
    out: Line, rung: Rung, where: Lanes, look: Palette, back: str, tone: str, selected: bool
) -> None:
    step = rung.step
    top = step.depth == 0
    ink = style(tone, back, bold=step.level in TOPS)
    start, stop = where.cell(step.sender), where.cell(step.target)
    label_tone = look.selfg if selected else look.fg if _loud(step) else look.dim
    label = style(label_tone, back, bold=selected or (top and step.level in TOPS))
    glyph, tag, _ = trouble(step.marks)
    # Without the column at the right the word stands in the label.
    told = not tag or where.tail > 1 or tag in step.label
    word = "" if told else f"{tag} "
    text = (f"{glyph} " if glyph and "lost" not in step.marks else "") + word + step.label
    if step.sender == step.target:
        _draw_self(out, start, where, text, ink, label)
        return
    line, right, left = WEIGHTY if _loud(step) and step.level == "packet" else STROKES[step.level]
    rightward = stop > start
    low, high = min(start, stop) + 1, max(start, stop) - 1
    inset = step.depth * (2 if high - low > 34 else 1)
    elbow = style(look.faint, back)
    first, last = (low + inset, high) if rightward else (low, high - inset)
    out.fill(first, last + 1, line, ink)
    if inset:
        out.put(first - 1 if rightward else last + 1, "╰" if rightward else "╯", elbow)
    out.put(last if rightward else first, right if rightward else left, ink)
    inner = (first + 1, last - 1) if rightward else (first + 1, last)
    if "lost" in step.marks:
        inner = _draw_lost(out, first, last, rightward, style(look.bad, back, bold=True))
    text = with_note(text, step.note, inner[1] - inner[0] - 2)
    if width_of(text) > inner[1] - inner[0] - 2 and _draw_beside(
        out, where, (min(start, stop), max(start, stop)), text, label
    ):
        return
    _draw_label(out, *inner, text, label)


def with_note(text: str, note: str, room: int) -> str:
    """A label with the note behind it, where both fit; else the label."""
    both = f"{text} · {note}"
    return both if note and width_of(both) <= room else text


def _draw_beside(out: Line, where: Lanes, ends: tuple[int, int], text: str, label: Style) -> bool:
    """Writes a label next to an arrow that is too short for it; False where there is no more room.

    Only one arrow stands in a line, so what is beside it is free but for the lifelines.
    """
    low, high = ends
    left, right = low - where.gutter - 1, where.width - where.tail - high - 2
    if max(left, right) < min(width_of(text), high - low + 8):
        return False
    if right >= left:
        out.put(high + 1, f" {fit(text, right)} ", label)
    else:
        out.right(low, f" {fit(text, left)} ", label)
    return True


def _loud(step: Step) -> bool:
    return step.level != "packet" or (step.depth == 0 and step.weighty)


def _draw_label(out: Line, low: int, high: int, text: str, label: Style) -> None:
    room = high - low - 2
    if room < 2:
        return
    text = f" {fit(text, room)} "
    start = low + max(1, (high - low + 1 - width_of(text)) // 2)
    out.put(start, text, label)


def _draw_lost(out: Line, first: int, last: int, rightward: bool, tone: Style) -> tuple[int, int]:
    """Ends the arrow at two thirds of its way; the cells left for the label."""
    reach = (last - first) * 2 // 3
    middle = first + reach if rightward else last - reach
    clear = (middle, last + 1) if rightward else (first, middle + 1)
    out.fill(*clear, " ", tone)
    out.put(middle, "✗", tone)
    return (first, middle - 1) if rightward else (middle + 1, last)


def _draw_self(out: Line, cell: int, where: Lanes, text: str, ink: Style, label: Style) -> None:
    """A host that speaks to itself: a hook at its lifeline."""
    room = where.width - where.tail - cell - 4
    hook, start = ("├◂─ ", cell) if room >= 12 else (" ─▸┤", max(where.gutter, cell - 3))
    out.put(start, hook, ink)
    if room >= 12:
        out.put(cell + 4, fit(text, room), label)
    else:
        out.right(start, fit(text, start - where.gutter), label)
