"""The lanes of a race on one clock: each packet as it crosses, and who is there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.session.racing import Flight, Lane, Race
from wirestep.session.racing import Part as Runner
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, amount, fit, width_of
from wirestep.ui.painting import Painted
from wirestep.ui.theme import Palette, badge_hue, style
from wirestep.ui.widgets.braille import Dots
from wirestep.ui.widgets.spans import rail

PLACES = ("1st", "2nd", "3rd", "4th")
COLOURS = ("good", "acc", "warn", "dim")
"""By place."""
AFTER = 1.06
"""Of the whole race: how far the clock goes."""
DROPPED = 0.62
"""How far a lost packet comes."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a lane is drawn with."""

    lane: Lane | None
    runner: Runner
    now: int
    whole: int
    """Nanoseconds from the left end of a lane to its right end."""
    place: int | None
    """From 0, once it is there."""
    chosen: bool
    number: int


def colour(look: Palette, place: int) -> str:
    """The colour of a place from 0."""
    named = {"good": look.good, "acc": look.acc, "warn": look.warn}
    return named.get(COLOURS[min(place, 3)], look.dim)


def places(race: Race, now: int) -> dict[int, int]:
    """By lane number: its place from 0, of those that are there by `now`."""
    ended = [lane for lane in race.placed() if lane.done is not None and lane.done <= now]
    return {lane.number: place for place, lane in enumerate(ended)}


class RaceView(Painted, can_focus=True):
    """All lanes, and the present as a line through them."""

    DEFAULT_CSS = "RaceView { height: 1fr; width: 1fr; background: $background; }"

    class Picked(Notice):
        """The user clicked on a lane."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, runners: Sequence[Runner]) -> None:
        super().__init__(id="race")
        self.runners = runners
        self.race: Race | None = None
        self.now = 0
        self.chosen = 1
        self._lines: list[Line] = []
        self._key: tuple[object, ...] = ()

    def set(self, race: Race | None, now: int, chosen: int) -> None:
        """What to show now."""
        if (race, now, chosen) != (self.race, self.now, self.chosen):
            self.race, self.now, self.chosen = race, now, chosen
            self.refresh()

    @property
    def framed(self) -> bool:
        """Whether there is room for frames."""
        return self.size.width >= 100 and self.size.height >= 7 * len(self.runners)

    def paint_line(self, y: int, look: Palette) -> Strip:
        """One line of the screen."""
        key = (self.race, self.now, self.chosen, self.size, look.name, self.has_focus)
        if key != self._key:
            self._key = key
            self._lines = self._lay(look)
        if y < len(self._lines):
            return self._lines[y].strip()
        return Line(self.size.width, style(look.fg, look.bg)).strip()

    def _lay(self, look: Palette) -> list[Line]:
        width, count = self.size.width, len(self.runners)
        height = max(3, self.size.height // count)
        lines = [Line(width, style(look.fg, look.bg)) for _ in range(height * count)]
        race = self.race
        whole = max(1, round(race.ends * AFTER)) if race is not None else 1
        ended = places(race, self.now) if race is not None else {}
        for at, runner in enumerate(self.runners):
            lane = race.lanes[at] if race is not None and at < len(race.lanes) else None
            chosen = self.chosen == at + 1
            frame = Frame(lane, runner, self.now, whole, ended.get(at + 1), chosen, at + 1)
            LaneDraw(lines[at * height : (at + 1) * height], frame, look, framed=self.framed).draw()
        if race is not None:
            low, high = span(width, self.framed)
            at = low + round((high - low - 1) * min(1.0, self.now / whole))
            for row, line in enumerate(lines):
                # Where there are no frames, a line of each lane is words.
                if not self.framed and row % height == 0:
                    continue
                line.put(at, "┃", style(look.warn, look.bg, bold=True))
        return lines

    def on_click(self, event: events.Click) -> None:
        """Chooses a lane."""
        height = max(3, self.size.height // len(self.runners))
        self.post_message(self.Picked(min(len(self.runners), event.y // height + 1)))


def span(width: int, framed: bool) -> tuple[int, int]:
    """Cells of a lane in which time passes."""
    return (25, width - 24) if framed else (1, width - 14)


class LaneDraw:
    """Draws one lane into its lines."""

    def __init__(self, lines: Sequence[Line], frame: Frame, look: Palette, *, framed: bool) -> None:
        self.lines, self.frame, self.look, self.framed = lines, frame, look, framed
        self.width = lines[0].width
        self.low, self.high = span(self.width, framed)
        self.top = 1
        self.bottom = len(lines) - 1 if framed else len(lines)
        """Lines [top, bottom) are inside."""

    def at(self, time: int) -> int:
        """The cell of a time."""
        share = min(1.0, time / self.frame.whole)
        return self.low + round((self.high - self.low - 1) * share)

    def draw(self) -> None:
        """All of it."""
        if self.framed:
            self._frame()
            self._badges()
        else:
            self._title()
        lane = self.frame.lane
        if lane is None:
            text = "running …"
            self.lines[(self.top + self.bottom) // 2].put(
                self.low, text, style(self.look.dim, self.look.bg)
            )
            return
        self._paths(lane)
        if self.framed:
            self._legs(lane)
            self._numbers(lane)
            self._base(lane)
        self._finish(lane)

    def _frame(self) -> None:
        look, frame = self.look, self.frame
        ink = style(look.acc if frame.chosen else look.faint, look.bg)
        self.lines[0].put(0, "╭" + "─" * (self.width - 2) + "╮", ink)
        title = f" {frame.number} {frame.runner.title} "
        bold = style(look.acc if frame.chosen else look.fg, look.bg, bold=True)
        self.lines[0].put(2, title, bold)
        for line in self.lines[1:-1]:
            line.put(0, "│", ink)
            line.put(self.width - 1, "│", ink)
        self.lines[-1].put(0, "╰" + "─" * (self.width - 2) + "╯", ink)

    def _badges(self) -> None:
        look, runner = self.look, self.frame.runner
        at = 3
        line = self.lines[2]
        for badge in runner.badges:
            hue = badge_hue(badge)
            ink = look.good if badge.startswith("0") else look.hue(hue)
            back = look.badge("green" if badge.startswith("0") else hue, look.bg)
            at = line.put(at, f" {badge} ", style(ink, back)) + 1
        if self.bottom > 3:
            self.lines[3].put(3, fit(runner.about, self.low - 5), style(look.dim, look.bg))

    def _title(self) -> None:
        look, frame, lane = self.look, self.frame, self.frame.lane
        line = self.lines[0]
        ink = look.acc if frame.chosen else look.fg
        sign = "▌" if frame.chosen else " "
        at = line.put(
            0, f"{sign}{frame.number} {frame.runner.title}", style(ink, look.bg, bold=True)
        )
        if lane is not None:
            sent = lane.sent(frame.now)
            said = (
                f"{frame.runner.about} · {len(sent)} packets · {amount(sum(f.size for f in sent))}"
            )
            line.put(at + 2, fit(said, self.width - at - 3), style(look.dim, look.bg))

    # what moves

    def _paths(self, lane: Lane) -> None:
        look = self.look
        top = self.top + 1 if self.framed else self.top
        rows = max(1, (self.bottom - 1 if self.framed else self.bottom) - top)
        dots = Dots(self.high - self.low, rows)
        for flight in lane.flights:
            self._path(dots, flight, rows, lane.ends)
        for row in range(rows):
            dots.put(self.lines[top + row], self.low, row, look.bg)
        for flight in lane.flights:
            if flight.lost:
                self._lost(flight, top, rows)

    def _path(self, dots: Dots, flight: Flight, rows: int, ends: int) -> None:
        """A packet from the client's side, the top, to the server's, or back; up to the finish."""
        look, now = self.look, self.frame.now
        scale = 2 * (self.high - self.low - 1) / self.frame.whole
        deep = 4 * rows - 1
        begin, end = (0.0, float(deep)) if flight.out else (float(deep), 0.0)
        length = max(1, flight.lands - flight.left)
        share = min(DROPPED if flight.lost else 1.0, (ends - flight.left) / length)

        def point(part: float) -> tuple[float, float]:
            time = flight.left + (flight.lands - flight.left) * part
            return time * scale, begin + (end - begin) * part

        ink = look.bad if flight.lost else look.hue(flight.hue) if flight.weighty else look.dim
        rank = 3 if flight.lost else 2 if flight.weighty else 1
        turn = max(0.0, min(share, (now - flight.left) / length))
        if turn < share:
            dots.line(point(turn), point(share), look.faint, 0)
        if turn > 0:
            dots.line(point(0.0), point(turn), ink, rank)

    def _lost(self, flight: Flight, top: int, rows: int) -> None:
        look = self.look
        when = flight.left + round((flight.lands - flight.left) * DROPPED)
        row = round((rows - 1) * (DROPPED if flight.out else 1 - DROPPED))
        ink = look.bad if when <= self.frame.now else look.faint
        self.lines[top + row].put(self.at(when), "×", style(ink, look.bg, bold=True))

    # what it means

    def _legs(self, lane: Lane) -> None:
        """Phases above the paths: a rail with names, the losses in their colour."""
        look, now = self.look, self.frame.now
        line = self.lines[self.top]
        for leg in lane.legs:
            start, stop = self.at(leg.start), self.at(leg.stop)
            if stop - start < 2:
                continue
            past = leg.start < now
            hue = look.bad if leg.lost else look.hue(leg.hue)
            turn = min(stop, max(start, self.at(now))) if past else start
            rail_ink = look.acc if leg.trips or leg.lost else look.dim
            line.fill(start, turn, "━", style(rail_ink, look.bg))
            line.fill(turn, stop, "─", style(look.faint, look.bg))
            name = "loss" if leg.lost else leg.phase if leg.trips else ""
            text = f" {name} "
            if name and stop - start >= len(text) + 2:
                ink = style(hue if past else look.faint, look.bg, bold=True)
                line.put((start + stop - width_of(text)) // 2, text, ink)

    def _base(self, lane: Lane) -> None:
        line = self.lines[self.bottom - 1]
        end = self.high - 1
        stop = self.at(lane.ends)
        share = (self.at(self.frame.now) - self.low) / max(1, stop - self.low)
        look = self.look
        last = [leg for leg in lane.legs if leg.start <= self.frame.now]
        ink = look.hue(last[-1].hue) if last else look.faint
        rail(line, self.low, stop, share, ink, look, look.bg)
        line.fill(stop, end, "─", style(look.faint, look.bg))

    def _finish(self, lane: Lane) -> None:
        look, place = self.look, self.frame.place
        if lane.done is None or place is None:
            return
        at, ink = self.at(lane.done), colour(look, place)
        for line in self.lines[self.top : self.bottom]:
            line.put(at, "┃", style(ink, look.bg, bold=True))
        text = f" {milliseconds(lane.done, 0)} ms "
        if at + 1 + len(text) < self.high:
            middle = (self.top + self.bottom) // 2
            self.lines[middle].put(at + 1, text, style(look.bg, ink, bold=True))

    def _numbers(self, lane: Lane) -> None:
        look, now, place = self.look, self.frame.now, self.frame.place
        start, end = self.high + 1, self.width - 3
        sent = lane.sent(now)
        lost = sum(1 for flight in sent if flight.lost)
        trips = sum(leg.trips for leg in lane.legs if leg.stop <= now)
        head = self.lines[1]
        if place is not None:
            ink = style(look.bg, colour(look, place), bold=True)
            head.put(start, f" {PLACES[min(place, 3)]} ", ink)
            time = f"{milliseconds(lane.done or 0, 0)} ms"
        else:
            failed = lane.done is None and now >= lane.ends
            word = " failed " if failed else " run "
            head.put(start, word, style(look.bad if failed else look.dim, look.panel))
            time = f"{milliseconds(now, 0)} ms"
        bold = style(look.fg if place is not None else look.dim, look.bg, bold=True)
        head.right(end, time, bold)
        over = place is not None
        rows = (
            ("RTT", str(trips) if over else f"{trips} of {lane.trips}", "fg"),
            ("packets", str(len(sent)) if over else f"{len(sent)} of {len(lane.flights)}", "fg"),
            ("bytes", amount(sum(flight.size for flight in sent)), "fg"),
            ("lost", str(lost), "bad" if lost else "fg"),
        )
        for line, (name, text, ink_name) in zip(self.lines[2 : self.bottom], rows, strict=False):
            line.put(start, name, style(look.dim, look.bg))
            line.right(end, text, style(look.bad if ink_name == "bad" else look.fg, look.bg))
