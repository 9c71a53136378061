"""Statistics of the open capture: tables and plots, live while it is still being read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen

from wirestep.session.statistics import Answer
from wirestep.timeline.statistics.tables import titled
from wirestep.timeline.times import seconds
from wirestep.ui.canvas import many, number
from wirestep.ui.keys import bindings, footer
from wirestep.ui.screens.statistics_views import VIEWS, View, ask_of, heading, plot_of
from wirestep.ui.widgets.bars import Footer, Header, Part, Tabs
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.plot_view import AXIS, SECOND, PlotView
from wirestep.ui.widgets.stat_table import StatTable
from wirestep.ui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from wirestep.session import Session

BEAT = 0.1
"""Seconds between two looks at what is known."""
WIDE = 94
"""Columns of a screen that holds the whole names of the tabs."""
FINEST = 1_000
"""Nanoseconds of the shortest interval."""


@dataclass(frozen=True, slots=True)
class Went:
    """Where to go from the statistics."""

    record: int = -1
    filter_text: str = ""


@dataclass(slots=True)
class Place:
    """What was looked at last: the screen opens there again."""

    view: int = 0
    forms: dict[str, int] | None = None
    shown: bool = True


class Statistics(Screen[Went | None]):
    """Chooses a packet, or a filter."""

    BINDINGS = bindings("statistics")
    DEFAULT_CSS = """
    Statistics { layers: below above top; background: $background; }
    Statistics Tabs { display: block; }
    Statistics Pane { display: none; }
    Statistics.-table #pane-table { display: block; }
    Statistics.-plot #pane-plot { display: block; }
    """

    def __init__(self, session: Session, record: int, place: Place) -> None:
        super().__init__()
        self.session, self.record, self.place = session, record, place
        self.table = StatTable()
        self.plot = PlotView()
        self.header, self.tabs, self.footer = Header(), Tabs(), Footer()
        self.flow = session.conversation_of(record) if record >= 0 else -1
        self.interval = 0
        """Nanoseconds of an interval, 0 for what fits."""
        self.answer: Answer | None = None
        self._form = ""

    def compose(self) -> ComposeResult:
        """Header, tabs, the table or the plot, footer."""
        yield self.header
        yield self.tabs
        yield Pane("", self.table, id="pane-table")
        yield Pane("", self.plot, id="pane-plot")
        yield self.footer
        yield TooSmall()

    def on_mount(self) -> None:
        """Opens the view of last time."""
        self.action_view(self.place.view + 1)
        self.set_interval(BEAT, self.beat)

    def on_unmount(self) -> None:
        """Nobody waits for the answers any more."""
        self.session.statistics.forget()

    # what is looked at

    @property
    def view(self) -> View:
        """The tab that is open."""
        return VIEWS[self.place.view]

    @property
    def form(self) -> str:
        """The level, or the unit."""
        chosen = (self.place.forms or {}).get(self.view.name, 0)
        return self.view.forms[chosen % len(self.view.forms)]

    @property
    def shown(self) -> bool:
        """Whether only what the display filter shows is counted."""
        return self.place.shown and bool(self.session.filter_text)

    def action_view(self, number: int) -> None:
        """Another tab."""
        self.place.view = number - 1
        self.session.statistics.forget()
        self.answer = None
        self.set_class(self.view.plotted, "-plot")
        self.set_class(not self.view.plotted, "-table")
        (self.plot if self.view.plotted else self.table).focus()
        self._title()
        self.footer.set([key for key in footer("statistics", "app") if self._useful(key.id)])
        self.beat()

    def _useful(self, key: str) -> bool:
        """Whether the footer should name a key here."""
        wanted = {
            "statistics.form": len(self.view.forms) > 1,
            "statistics.shown": bool(self.session.filter_text),
            "statistics.one": self.view.name == "conversations",
            "statistics.trips": self.view.name == "conversations",
            "statistics.finer": self.view.plotted,
        }
        tabled = key in ("statistics.sort", "statistics.turn", "statistics.filter")
        return wanted.get(key, not (tabled and self.view.plotted))

    def action_form(self, by: int) -> None:
        """The next level or unit."""
        forms = dict(self.place.forms or {})
        forms[self.view.name] = (forms.get(self.view.name, 0) + by) % len(self.view.forms)
        self.place.forms = forms
        self.action_view(self.place.view + 1)

    def action_shown(self) -> None:
        """All packets, or those that the filter shows."""
        if not self.session.filter_text:
            self.footer.say("there is no display filter: all packets are counted", "warn")
            return
        self.place.shown = not self.place.shown
        self.action_view(self.place.view + 1)

    def _title(self) -> None:
        names = [view.title if self.app.size.width >= WIDE else view.short for view in VIEWS]
        self.tabs.names, self.tabs.chosen = names, self.place.view + 1
        self.tabs.refresh()
        pane = self.query_one("#pane-plot" if self.view.plotted else "#pane-table", Pane)
        ends = self.session.statistics.ends(self.flow) if self.flow >= 0 else ""
        pane.border_title = Content(heading(self.view, self.form, ends))

    def on_resize(self) -> None:
        """Names of tabs get longer or shorter."""
        self._title()

    # the beat

    def beat(self) -> None:
        """Asks what is known by now, and shows it."""
        session = self.session
        columns = self.plot.size.width - AXIS - 1
        if self.view.plotted and columns < 2:
            self.call_after_refresh(self.beat)
            return
        asked = ask_of(
            self.view, self.form, shown=self.shown, columns=columns, interval=self.interval,
            flow=self.flow,
        )  # fmt: skip
        answer, busy = session.statistics.ask(asked)
        if answer is not None and answer is not self.answer:
            self._take(answer)
        elif answer is None and self.answer is None:
            self.table.empty = self.plot.empty = "working…"
        self._dress(busy)

    def _take(self, answer: Answer) -> None:
        first, self.answer = self.answer is None, answer
        if self.view.plotted:
            self.plot.empty = self._emptiness()
            start = self.session.time_of(self.record) if first and self.record >= 0 else None
            self.plot.set(plot_of(answer, self.form), start)
        elif answer.table is not None:
            self.table.empty = self._emptiness()
            self.table.set(answer.table, answer.findings, self.view.sort)

    def _emptiness(self) -> str:
        """Why there may be nothing to show."""
        if self.view.name == "throughput" and self.flow < 0:
            return "no conversation is chosen: t in Conversations shows its throughput"
        if self.view.name == "rtt":
            return "no segment was acknowledged while this was captured"
        if not self.session.progress().finished:
            return "reading…"
        what = {"conversations": "conversation of this level: tab shows the next",
                "endpoints": "endpoint of this level: tab shows the next",
                "expert": "remark on any packet"}.get(self.view.name, "packet")  # fmt: skip
        return f"no {what}"

    def _dress(self, busy: bool) -> None:
        session, answer = self.session, self.answer
        progress = session.progress()
        about = many(session.total, "packet")
        right: list[Part] = []
        if session.filter_text:
            whose = "shown: " if self.shown else "all, not only: "
            right.append((f"{whose}{session.filter_text}"[:40] + "  ", "warn", False))
        if not progress.finished:
            right.append(("reading ", "acc", True))
        if answer is not None and answer.share < 1 and busy:
            right.append((f"{answer.share:.0%} ", "acc", True))
        self.header.set(session.title, about, right)
        pane = self.query_one("#pane-plot" if self.view.plotted else "#pane-table", Pane)
        pane.tell(self._told())

    def _told(self) -> str:
        answer = self.answer
        if answer is None:
            return ""
        if self.view.plotted and self.plot.plot.count:
            plot = self.plot
            parts = [f"t = {seconds(plot.time - self._base())} s"]
            parts += [f"{name} {_said(value, unit)}" for name, value, unit in plot.told()]
            return " · ".join([*parts, f"interval {titled(plot.plot.interval / SECOND, 's')}"])
        whole = answer.totals
        rows = f"{number(self.table.table.count)} lines · " if self.table.table.count > 9 else ""
        rate = titled(whole.bit_rate, "bit/s")
        return f"{rows}{many(whole.packets, 'packet')} · {titled(whole.bytes, 'B')} · {rate}"

    def _base(self) -> int:
        return self.plot.plot.start

    # what can be done

    @on(Tabs.Picked)
    def _picked(self, event: Tabs.Picked) -> None:
        self.action_view(event.number)

    @on(Footer.Pressed)
    def _pressed(self, event: Footer.Pressed) -> None:
        self.app.simulate_key(event.key)

    @on(PlotView.Moved)
    def _moved(self) -> None:
        self._dress(False)

    @on(PlotView.Entered)
    def _at_interval(self) -> None:
        plot = self.plot
        found = self.session.statistics.first_at(plot.time, plot.time + plot.plot.interval)
        if found < 0:
            self.footer.say("no packet in this interval", "warn")
        else:
            self.dismiss(Went(found))

    @on(StatTable.Entered)
    def _entered(self, event: StatTable.Entered) -> None:
        if event.record >= 0:
            self.dismiss(Went(event.record))
        else:
            self.action_apply()

    def action_apply(self) -> None:
        """Filter by the row."""
        row = -1 if self.view.plotted else self.table.row()
        text = self.table.table.wish(row) if row >= 0 else ""
        if text:
            self.dismiss(Went(filter_text=text))
        else:
            self.footer.say("no filter shows just this", "warn")

    def action_one(self, number: int) -> None:
        """Throughput (or round trips) of the conversation under the cursor."""
        row = self.table.row()
        if self.view.name != "conversations" or row < 0:
            self.footer.say("choose a conversation first: 2", "warn")
            return
        self.flow = self.session.conversation_of(self.table.table.record(row))
        self.record = self.table.table.record(row)
        if VIEWS[number - 1].name == "rtt":
            self.place.forms = {**(self.place.forms or {}), "rtt": 1}
        self.action_view(number)

    def action_zoom(self, by: int) -> None:
        """Shorter or longer intervals."""
        if not self.view.plotted or not self.plot.plot.count:
            return
        size = self.plot.plot.interval
        digit = str(size)[0]
        if by > 0:
            size = max(FINEST, size // 2 if digit != "5" else size * 2 // 5)
        else:
            size = size * 5 // 2 if digit == "2" else size * 2
        self.interval = size
        self.beat()

    def action_sort(self) -> None:
        """By the next column."""
        self.table.sort_next()

    def action_turn(self) -> None:
        """The other way round."""
        self.table.turn()

    def action_unfold(self, wide: bool) -> None:
        """The packets of a remark."""
        if not self.view.plotted:
            self.table.open(wide)

    def action_back(self) -> None:
        """Without choosing."""
        self.dismiss(None)


def _said(value: float, unit: str) -> str:
    if value != value:
        return "–"
    if unit == "ms":
        return f"{value:.3f} ms"
    return titled(value, unit)
