"""Two branches compared: what is equal, what came at another time, what is only in one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen

from wirestep.session.comparing import Seat
from wirestep.session.lab_compare import ONLY_FIRST, ONLY_SECOND, SAME, Comparison, Pair
from wirestep.ui import screens
from wirestep.ui.canvas import Line, fit, many
from wirestep.ui.keys import bindings, footer
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bars import Footer, Header
from wirestep.ui.widgets.drawn import Drawn
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.too_small import TooSmall
from wirestep.ui.widgets.versus_view import VersusView

TURNED = {ONLY_FIRST: ONLY_SECOND, ONLY_SECOND: ONLY_FIRST}


class Totals(Drawn, can_focus=False):
    """Numbers of both."""

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(id="totals")
        self.comparison = comparison

    def lay(self, width: int, height: int, look: Palette) -> tuple[Sequence[Line], Sequence[Line]]:
        """What was decided in each, then the numbers."""
        both = self.comparison
        ink = style(look.dim, look.panel, bold=True)
        head = Line(width, ink)
        columns = [min(width - 1, 34 + 14 * at) for at in range(3)]
        wide = columns[-1] + 4 < width
        for at, name in zip(
            columns, (*both.names, f"{both.names[1]} - {both.names[0]}"), strict=True
        ):
            head.right(at, name, ink)
        lines = []
        for place, total in enumerate(both.totals):
            out = Line(width, style(look.fg, look.bg))
            out.put(1, fit(total.name, 14), style(look.dim, look.bg))
            out.right(columns[0], total.first, style(look.fg, look.bg))
            out.right(columns[1], total.second, style(look.fg, look.bg, bold=True))
            colour = {1: look.good, -1: look.bad}.get(total.better, look.dim)
            out.right(columns[2], total.change, style(colour, look.bg, bold=bool(total.better)))
            if wide and place < 2:
                text = f"{both.names[place]}: {both.told[place]}"
                room = width - columns[2] - 5
                out.put(columns[2] + 4, fit(text, room), style(look.warn, look.bg))
            lines.append(out)
        return [head], lines


class Versus(Screen[None]):
    """A comparison, open."""

    BINDINGS = bindings("versus")
    DEFAULT_CSS = """
    Versus { layers: below above top; background: $background; layout: vertical; }
    Versus #pane-versus { height: 1fr; }
    Versus #pane-totals { height: 10; }
    """

    def __init__(
        self, comparison: Comparison, name: str, seats: Callable[[], tuple[Seat, Seat]]
    ) -> None:
        """`seats` opens both as captures."""
        super().__init__()
        self._seats = seats
        self.comparison, self.title_text = comparison, name
        self.pairs = VersusView(comparison)
        self.totals = Totals(comparison)
        self.header, self.footer = Header(), Footer()

    def compose(self) -> ComposeResult:
        """Header, the pairs, the totals, footer."""
        yield self.header
        yield Pane("1 Aligned by what was said", self.pairs, id="pane-versus")
        yield Pane("2 Totals", self.totals, id="pane-totals")
        yield self.footer
        yield TooSmall()

    def on_mount(self) -> None:
        """The cursor stands on the first difference."""
        self.pairs.focus()
        self.footer.set([*footer("versus", "app")])
        self._tell()
        self.call_after_refresh(self._first)

    def _first(self) -> None:
        if self.pairs.count():
            self.pairs.show(0)
            if self.pairs.pairs[0].sign == SAME:
                self.pairs.next_difference(1)

    def _tell(self) -> None:
        both = self.comparison
        text = " ↔ ".join(f"{n}: {t}" for n, t in zip(both.names, both.told, strict=True))
        count = both.differences
        right = (f"{many(count, 'difference')} ", "warn" if count else "good", True)
        self.header.set("compare", f"{self.title_text} · {text}", (right,))

    @on(Footer.Pressed)
    def _pressed(self, event: Footer.Pressed) -> None:
        self.app.simulate_key(event.key)

    def action_next(self, by: int) -> None:
        """To the next difference."""
        if not self.pairs.next_difference(by):
            where = "after" if by > 0 else "before"
            self.footer.say(f"no difference {where} this line", "info")
            self.set_timer(3, lambda: self.footer.say("", "info"))

    def action_equal(self) -> None:
        """Hides what is equal, or shows it."""
        self.pairs.take(self.comparison, hiding=not self.pairs.hiding)

    def action_swap(self) -> None:
        """The right one to the left."""
        both = self.comparison
        pairs = tuple(
            Pair(pair.second, pair.first, TURNED.get(pair.sign, pair.sign)) for pair in both.pairs
        )
        totals = tuple(
            replace(t, first=t.second, second=t.first, change=_turned(t.change), better=-t.better)
            for t in both.totals
        )
        self.comparison = replace(
            both, names=both.names[::-1], told=both.told[::-1], pairs=pairs, totals=totals
        )
        self.totals.comparison = self.comparison
        self.totals.changed()
        self.pairs.take(self.comparison, hiding=self.pairs.hiding)
        self._tell()

    @on(VersusView.Entered)
    def action_decode(self) -> None:
        """Both by what was said, with the fields of their messages."""
        seats = self._seats()

        def close() -> None:
            for seat in seats:
                seat.session.close()

        self.app.push_screen(screens.CompareScreen(lambda: seats, close))

    def action_back(self) -> None:
        """Back to the lab."""
        self.dismiss(None)


def _turned(change: str) -> str:
    return change.translate(str.maketrans("+-", "-+"))
