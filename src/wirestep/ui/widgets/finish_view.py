"""How the race ended, or stands: place, round trips, time, what it took, how far behind."""

from __future__ import annotations

from collections.abc import Sequence

from wirestep.session.racing import Lane, Race
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, amount, fit, number
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.drawn import Drawn
from wirestep.ui.widgets.race_view import PLACES, colour, places
from wirestep.ui.widgets.spans import rail

LANE, TRIPS = 8, 30
BAR = 12


class FinishView(Drawn):
    """A line for each lane, the fastest first; those still running are drawn faint."""

    def __init__(self) -> None:
        super().__init__(id="finish")
        self.race: Race | None = None
        self.now = 0

    def set(self, race: Race | None, now: int) -> None:
        """What to show now."""
        if (race, now) != (self.race, self.now):
            self.race, self.now = race, now
            self.changed()

    def lay(self, width: int, height: int, look: Palette) -> tuple[Sequence[Line], Sequence[Line]]:
        """The head, and the lanes."""
        ink = style(look.dim, look.panel, bold=True)
        head = Line(width, ink)
        columns = self._columns(width)
        for at, text in ((1, "place"), (LANE, "lane"), (TRIPS, "round trips")):
            head.put(at, text, ink)
        for end, text in zip(columns, ("RTT", "ms", "packets", "bytes", "behind"), strict=True):
            head.right(end, text, ink)
        race = self.race
        if race is None:
            return [head], []
        lines = [self._lane(lane, race, width, look) for lane in race.placed()]
        last = Line(width, style(look.fg, look.bg))
        at = last.put(1, "same seed, so the same random draws", style(look.dim, look.bg))
        if said := self._ahead(race):
            last.put(last.put(at, "; ", style(look.dim, look.bg)), said, style(look.fg, look.bg))
        return [head], [*lines, last]

    def _columns(self, width: int) -> tuple[int, int, int, int, int]:
        """Where the numbers end; the round trips take what is left."""
        rest = width - TRIPS - BAR - 4
        low = TRIPS + max(8, min(44, rest - 38))
        return low + 3, low + 11, low + 20, low + 29, low + 38

    def _ahead(self, race: Race) -> str:
        running = [lane for lane in race.placed() if lane.done is not None and lane.done > self.now]
        if not race.over or not running:
            return ""
        lane = running[0]
        return f"{lane.title} finishes in {milliseconds((lane.done or 0) - self.now, 0)} ms more"

    def _lane(self, lane: Lane, race: Race, width: int, look: Palette) -> Line:
        out = Line(width, style(look.fg, look.bg))
        place = places(race, self.now).get(lane.number)
        there = place is not None
        plain = style(look.fg if there else look.dim, look.bg)
        bold = style(look.fg if there else look.dim, look.bg, bold=there)
        mark = PLACES[min(place, 3)] if place is not None else "–"
        ink = colour(look, place) if place is not None else look.dim
        out.put(1, mark, style(ink, look.bg, bold=True))
        out.put(LANE, fit(lane.title, TRIPS - LANE - 1), bold)
        columns = self._columns(width)
        if lane.error:
            out.put(TRIPS, fit(lane.error, width - TRIPS - 1), style(look.bad, look.bg))
            return out
        self._trips(out, lane, columns[0] - 4, look, there)
        best = min(one.done for one in race.lanes if one.done is not None)
        behind = (lane.done or best) - best
        texts = (
            str(lane.trips),
            milliseconds(lane.ends, 0),
            number(len(lane.flights)),
            amount(sum(flight.size for flight in lane.flights)),
            f"+{milliseconds(behind, 0)}" if behind else "·",
        )
        for place_of, (end, text) in enumerate(zip(columns, texts, strict=True)):
            out.right(end, text, bold if place_of < 2 else plain)
        start = columns[-1] + 3
        if width - 2 - start >= 6:
            share = lane.ends / max(1, race.ends)
            rail(out, start, width - 2, share, ink if there else look.dim, look, look.bg)
        return out

    def _trips(self, out: Line, lane: Lane, stop: int, look: Palette, there: bool) -> None:
        at = TRIPS
        for place, (phase, hue, count, lost) in enumerate(lane.round_trips()):
            name = "loss" if lost else phase
            if at + len(name) + 5 > stop:
                out.put(at, "…", style(look.dim, look.bg))
                return
            if place:
                at = out.put(at, " + ", style(look.dim, look.bg))
            ink = look.bad if lost else look.hue(hue)
            gap = " " if count else ""
            at = out.put(at, f"{name}{gap}", style(ink if there else look.dim, look.bg))
            at = out.put(at, str(count or ""), style(look.fg if there else look.dim, look.bg))
