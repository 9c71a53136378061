"""Two exchanges compared: aligned by the steps of their protocols, or by time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget
from textual.worker import get_current_worker

from wirestep.session.comparing import Aligned, Comparison, Seat, compared, side
from wirestep.session.comparing_fields import FieldPair, field_pairs
from wirestep.ui.canvas import many
from wirestep.ui.keys import bindings
from wirestep.ui.screens.paned import Paned
from wirestep.ui.widgets.bars import Part
from wirestep.ui.widgets.bill_view import rounded
from wirestep.ui.widgets.compare_fields import FieldPairs, Totals
from wirestep.ui.widgets.compare_view import CompareView
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.too_small import TooSmall


class CompareScreen(Paned):
    """A comparison, open. Closes the captures that are its own."""

    NAMES = ("Aligned", "Fields", "Totals")
    PLACE = "compare"
    BINDINGS = bindings("compare")
    DEFAULT_CSS = """
    CompareScreen #body {
        layout: grid; grid-size: 2 2; grid-columns: 66fr 34fr; grid-rows: 1fr 14; height: 1fr;
    }
    CompareScreen.-huge #body { grid-rows: 1fr 20; }
    CompareScreen #pane-compare { column-span: 2; }
    """

    def __init__(self, seats: Callable[[], tuple[Seat, Seat]], close: Callable[[], None]) -> None:
        """`seats` opens what is compared, in a thread; raises ValueError with one sentence."""
        super().__init__()
        self._open, self._close = seats, close
        self.seats: tuple[Seat, Seat] | None = None
        self.comparison: Comparison | None = None
        self.pairs, self.fields, self.totals = CompareView(), FieldPairs(), Totals()

    def views(self) -> Sequence[Widget]:
        """The lines, the fields, the totals."""
        return (self.pairs, self.fields, self.totals)

    def compose(self) -> ComposeResult:
        """Header, panes, footer."""
        yield self.header
        yield self.tabs
        with Container(id="body"):
            yield Pane("1 Aligned", self.pairs, id="pane-compare")
            yield Pane("2 Fields", self.fields, id="pane-fields")
            yield Pane("3 Totals", self.totals, id="pane-totals")
        yield self.footer
        yield TooSmall()

    def on_mount(self) -> None:
        """Reads both."""
        for number, name in enumerate(("compare", "fields", "totals"), 1):
            self.query_one(f"#pane-{name}").add_class(f"pane-{number}")
        self._tell()
        self.run_worker(self._read, thread=True, group="read")

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._close()

    def _read(self) -> None:
        """In a thread."""
        worker, app = get_current_worker(), self.app
        try:
            seats = self._open()
        except (ValueError, OSError) as error:
            app.call_from_thread(self.say, str(error), "bad")
            return
        first, second = (side(seat, lambda: not worker.is_cancelled) for seat in seats)
        if first is not None and second is not None and not worker.is_cancelled:
            made = compared(first, second)
            app.call_from_thread(self._take, seats, made)

    def _take(self, seats: tuple[Seat, Seat], comparison: Comparison) -> None:
        if not self.is_attached:
            return
        self.seats, self.comparison = seats, comparison
        self.pairs.set(comparison)
        self.totals.set(comparison)
        self._tell()

    def _tell(self) -> None:
        both = self.comparison
        if both is None:
            self.header.set("compare", "reading both …", (("● READING ", "acc", True),))
            return
        names = " ↔ ".join(side.title for side in both.sides)
        count = both.differences
        right: list[Part] = [
            ("align ", "dim", False),
            ("by time  " if self.pairs.timed else "by step  ", "fg", True),
            (f"{many(count, 'difference').upper()} ", "warn" if count else "good", True),
        ]
        self.header.set("compare", names, right)
        for name, told in (("compare", self._sums(both)), ("fields", ""), ("totals", "")):
            self.query_one(f"#pane-{name}", Pane).tell(told)

    def _sums(self, both: Comparison) -> str:
        return " ↔ ".join(
            f"{side.bill.trips} RTT, {rounded(side.bill.total)} ms" for side in both.sides
        )

    # fields

    @on(CompareView.Chosen)
    def _chosen(self) -> None:
        pair, seats, both = self.pairs.pair, self.seats, self.comparison
        if pair is None or seats is None or both is None:
            return
        pane = self.query_one("#pane-fields", Pane)
        pane.border_title = f"2 Fields  {pair.either.label}".replace("[", "\\[")
        self.run_worker(lambda: self._decode(pair, seats), thread=True, exclusive=True, group="f")

    def _decode(self, pair: Aligned, seats: tuple[Seat, Seat]) -> None:
        """In a thread: both are taken apart."""
        found = field_pairs(pair, *seats)
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._decoded, pair, found)

    def _decoded(self, pair: Aligned, found: tuple[FieldPair, ...]) -> None:
        both = self.comparison
        if pair is self.pairs.pair and both is not None:
            titles = (both.sides[0].title, both.sides[1].title)
            self.fields.empty = "no fields"
            self.fields.set(found, titles)

    @on(CompareView.Entered)
    def _entered(self) -> None:
        self.action_pane(2)

    # what can be done

    def action_next(self, by: int) -> None:
        """To the next difference."""
        if not self.pairs.next_difference(by):
            self.say(f"no difference {'after' if by > 0 else 'before'} this line")

    def action_equal(self) -> None:
        """Hides what is equal, or shows it."""
        self.pairs.hiding = not self.pairs.hiding
        self._again()

    def action_time(self) -> None:
        """By time, or by step."""
        self.pairs.timed = not self.pairs.timed
        self._again()

    def _again(self) -> None:
        if self.comparison is not None:
            self.pairs.set(self.comparison)
            self._tell()

    def action_swap(self) -> None:
        """The right one to the left."""
        if self.comparison is not None and self.seats is not None:
            self._take(self.seats[::-1], self.comparison.swapped())

    def action_back(self) -> None:
        """To the lines, or away."""
        if self.number == 2 and not self.narrow:
            self.action_pane(1)
        elif len(self.app.screen_stack) > 2:
            self.dismiss(None)
        else:
            self.app.exit(0)
