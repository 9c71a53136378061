"""Timers that are running: for what, how much has passed, when they fire."""

from __future__ import annotations

from collections.abc import Sequence

from wirestep.session.lab_views import Snapshot, Timer
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.keys import bindings
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.drawn import Drawn, meter
from wirestep.ui.widgets.ladder_draw import lane_hue, rounded

BAR = 6


class TimersView(Drawn):
    """A line a timer, the soonest first."""

    BINDINGS = bindings("ends")

    def __init__(self) -> None:
        super().__init__(id="timers")
        self.snapshot: Snapshot | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Another moment."""
        self.snapshot = snapshot
        self.changed()

    def lay(self, width: int, height: int, look: Palette) -> tuple[Sequence[Line], Sequence[Line]]:
        """Head and timers."""
        ink = style(look.dim, look.panel, bold=True)
        head = Line(width, ink)
        head.put(1, "armed for", ink)
        at_ms, fires = width - 1, width - 10
        bar = fires - 10 - BAR
        if bar > 20:
            head.right(bar + BAR, "elapsed", ink)
        head.right(fires, "fires in", ink)
        head.right(at_ms, "at ms", ink)
        shown = self.snapshot
        timers = () if shown is None else tuple(sorted(shown.timers, key=lambda t: t.due))
        if shown is None or not timers:
            empty = [Line(width, style(look.fg, look.bg)) for _ in range(2)]
            empty[0].put(1, "· no timer runs", style(look.dim, look.bg, italic=True))
            return [head], empty
        lines = []
        for timer in timers:
            out = Line(width, style(look.fg, look.bg))
            self._draw(out, timer, shown, (bar, fires, at_ms), look)
            lines.append(out)
        return [head], lines

    def _draw(
        self,
        out: Line,
        timer: Timer,
        shown: Snapshot,
        cells: tuple[int, int, int],
        look: Palette,
    ) -> None:
        bar, fires, at_ms = cells
        soon = look.warn
        hue = look.hue(lane_hue(timer.host, len(shown.hosts)))
        out.put(1, "●", style(hue, look.bg))
        numbers = [
            p.number + 1 for p in shown.passages[: shown.count] if p.journey in timer.packets
        ]
        tags = " ".join(f"#{number}" for number in numbers[:2]) + (" …" if numbers[2:] else "")
        name = f"{shown.hosts[timer.host].name} {timer.name}"
        left, whole = timer.due - shown.now, max(1, timer.due - timer.armed)
        end = (bar if bar > 20 else fires - 9) - 1
        at = out.put(3, fit(name, end - 4), style(look.fg, look.bg))
        if tags and at + 1 + width_of(tags) < end:
            out.put(at + 1, tags, style(look.dim, look.bg))
        if bar > 20:
            meter(out, bar, BAR, (shown.now - timer.armed) / whole, look, soon)
        text = rounded(milliseconds(max(0, left), 0), 8)
        out.right(fires, f"{text} ms", style(look.fg, look.bg, bold=True))
        out.right(at_ms, rounded(milliseconds(timer.due, 0), 9), style(look.dim, look.bg))

    def action_move(self, by: int) -> None:
        """Scrolls."""
        self.scroll_by(by)

    def action_page(self, by: int) -> None:
        """Scrolls by a page."""
        self.scroll_by(by * max(1, self.size.height - 2))

    def action_turn(self, by: int) -> None:
        """Nothing lies beside them."""
