"""Both ends of the wire: their state machines with the present state lit, and their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wirestep.session.lab_views import Fact, Panel, Snapshot
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.keys import bindings
from wirestep.ui.theme import Palette, badge_hue, mix, style
from wirestep.ui.widgets.drawn import Drawn, meter
from wirestep.ui.widgets.ladder_draw import lane_hue, rounded, squeezed

LEAST = 26
"""Cells of a column, at least."""
BAR = 7
"""Cells of a bar."""
MOST_STATES = (99, 5, 4, 3)
"""States of each machine that are shown, in turn, until all machines fit."""
LIT = 0.18
"""How much of its hue the background of the present state takes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a column: a rule with a title, a state, or a fact."""

    kind: str
    """"rule", "party", "past", "now", "ahead", "fact"."""
    text: str
    hue: str = ""
    time: int | None = None
    fact: Fact | None = None


class EndsView(Drawn):
    """A column for each of the two ends that matter now."""

    BINDINGS = bindings("ends")

    def __init__(self) -> None:
        super().__init__(id="ends")
        self.snapshot: Snapshot | None = None
        self.first = -1
        """The host of the left column, where the user chose it; -1: that of the packet in hand."""

    def show(self, snapshot: Snapshot) -> None:
        """Another moment."""
        self.snapshot = snapshot
        self.changed()

    def columns(self, width: int) -> tuple[int, ...]:
        """The hosts that are shown, from the left."""
        shown = self.snapshot
        if shown is None:
            return ()
        count = len(shown.hosts)
        fitting = max(1, min(count, width // LEAST))
        if fitting >= count:
            return tuple(range(count))
        first = self.first
        if first < 0:
            hand = shown.hand
            ends = sorted((hand.sender, hand.target)) if hand is not None else [0, 1]
            return tuple(ends[:fitting])
        return tuple((first + at) % count for at in range(fitting))

    def lay(self, width: int, height: int, look: Palette) -> tuple[Sequence[Line], Sequence[Line]]:
        """Heads, then the machines; states that are far from the present only where they fit."""
        shown = self.snapshot
        hosts = self.columns(width)
        if shown is None or not hosts:
            return (), ()
        room = height - 1
        every: list[list[Entry]] = []
        for most in MOST_STATES:
            every = [entries(shown, host, most) for host in hosts]
            longest = max(map(len, every))
            if longest <= room:
                break
            if longest > 2 * room:
                # No number of states makes all of this fit.
                every = [entries(shown, host, MOST_STATES[-1]) for host in hosts]
                break
        size = width // len(hosts)
        head = Line(width, style(look.dim, look.panel))
        count = max(map(len, every))
        # What is not seen is not drawn: an end may have many lines.
        top = max(0, min(self.top, count - room))
        seen = slice(top, top + room)
        empty = Line(width, style(look.fg, look.bg))
        shown_lines = range(count)[seen]
        lines = [
            Line(width, style(look.fg, look.bg)) if at in shown_lines else empty
            for at in range(count)
        ]
        for at, (host, column) in enumerate(zip(hosts, every, strict=True)):
            start, stop = at * size, (at + 1) * size - (1 if at + 1 < len(hosts) else 0)
            hue = look.hue(lane_hue(host, len(shown.hosts)))
            name = f" {squeezed(shown.hosts[host].name, size - 12)} "
            head.put(start + 1, name, style(look.bg, hue, bold=True))
            head.right(stop - 1, "since ms", style(look.dim, look.panel))
            for line, entry in zip(lines[seen], column[seen], strict=False):
                draw_entry(line, entry, start, stop, look)
            if at + 1 < len(hosts):
                for line in lines[seen]:
                    line.dot(stop, "│", style(look.faint, look.bg))
        if not any(every):
            lines = [Line(width, style(look.fg, look.bg)) for _ in range(3)]
            lines[1].put(2, "nobody has begun yet", style(look.dim, look.bg, italic=True))
        return [head], lines

    def action_move(self, by: int) -> None:
        """Scrolls."""
        self.scroll_by(by)

    def action_page(self, by: int) -> None:
        """Scrolls by a page."""
        self.scroll_by(by * max(1, self.size.height - 2))

    def action_turn(self, by: int) -> None:
        """Other hosts, where not all fit."""
        shown = self.snapshot
        if shown is not None and len(self.columns(self.size.width)) < len(shown.hosts):
            first = self.columns(self.size.width)[0]
            self.first = (first + by) % len(shown.hosts)
            self.changed()


def entries(shown: Snapshot, host: int, most: int) -> list[Entry]:
    """The lines of one host, with at most so many states of each machine."""
    parties = [party for party in shown.parties if party.host == host]
    lines: list[Entry] = []
    for party in parties:
        if len(parties) > 1 or not party.panels:
            lines.append(Entry("party", party.label))
        for place, panel in enumerate(party.panels):
            hue = badge_hue(panel.title.partition(" ")[0])
            if place or lines:
                lines.append(Entry("rule", panel.title, hue))
            lines += _states(panel, hue, most)
            lines += [Entry("fact", fact.name, hue, fact=fact) for fact in panel.facts]
    return lines


def _states(panel: Panel, hue: str, most: int) -> list[Entry]:
    since = dict(panel.since)
    met = [state for state, _ in sorted(since.items(), key=lambda entry: entry[1])]
    if panel.state and panel.state not in since:
        met.append(panel.state)
    # What is to come is what the usual way has after the present state.
    usual = panel.states
    start = usual.index(panel.state) + 1 if panel.state in usual else len(usual) if met else 0
    order = list(dict.fromkeys((*met, *usual[start:])))
    lines = []
    for state in order:
        kind = "now" if state == panel.state else "past" if state in since else "ahead"
        lines.append(Entry(kind, state, hue, since.get(state)))
    if len(lines) <= most:
        return lines
    at = next((place for place, line in enumerate(lines) if line.kind == "now"), 0)
    start = max(0, min(at - most // 2, len(lines) - most))
    return lines[start : start + most]


SIGNS = {"past": "●", "now": "◆", "ahead": "·"}


def draw_entry(out: Line, entry: Entry, start: int, stop: int, look: Palette) -> None:
    """One line of a column, in cells [start, stop)."""
    hue = look.hue(entry.hue)
    if entry.kind == "rule":
        out.fill(start + 1, stop - 1, "┄", style(look.faint, look.bg))
        text = f" {fit(entry.text, stop - start - 6)} "
        out.put(start + 2, text, style(hue, look.bg, bold=True))
        return
    if entry.kind == "party":
        out.put(start + 1, fit(entry.text, stop - start - 2), style(look.dim, look.bg, bold=True))
        return
    if entry.fact is not None:
        _draw_fact(out, entry.fact, (start, stop), look, hue)
        return
    lit = entry.kind == "now"
    back = (mix(look.bg, hue, LIT) if look.tint else look.sel) if lit else look.bg
    if lit:
        out.fill(start, stop, " ", style(look.fg, back))
    ink = look.faint if entry.kind == "ahead" else look.fg if lit else look.dim
    sign = look.faint if entry.kind == "ahead" else hue
    out.put(start + 1, SIGNS[entry.kind], style(sign, back, bold=lit))
    time = "" if entry.time is None else rounded(milliseconds(entry.time, 0), 9)
    room = stop - start - 5 - width_of(time)
    out.put(start + 3, fit(entry.text, room), style(ink, back, bold=lit))
    out.right(stop - 1, time, style(look.fg if lit else look.dim, back))


def _draw_fact(out: Line, fact: Fact, span: tuple[int, int], look: Palette, hue: str) -> None:
    start, stop = span
    room = stop - start - 2
    bar = BAR + 1 if fact.share is not None else 0
    name, value = fact.name, fact.value
    if width_of(name) + width_of(value) + bar + 1 > room:
        # What is added in brackets is the first to give way, then the bar.
        value = value.partition(" (")[0]
    if width_of(name) + width_of(value) + bar + 1 > room:
        bar = 0
    value = fit(value, room - min(width_of(name), 10) - 1)
    begin = out.right(stop - 1, value, style(look.fg, look.bg))
    name = fit(name, begin - start - 2)
    after = out.put(start + 1, name, style(look.dim, look.bg))
    if bar and fact.share is not None:
        # Bars of one column stand below each other where they can.
        at = max(after + 1, min(begin - bar, start + 13))
        meter(out, at, BAR, fact.share, look, hue)
