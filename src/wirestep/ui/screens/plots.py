"""Plots of one conversation over time; a cursor that goes from packet to packet."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.worker import get_current_worker

from wirestep.session.plotting import BINS, Ask, plotted
from wirestep.timeline.plots import KINDS, Plot
from wirestep.timeline.times import seconds
from wirestep.ui.canvas import many
from wirestep.ui.keys import bindings, footer
from wirestep.ui.widgets.bars import Footer, Header, Part, Tabs
from wirestep.ui.widgets.graph_view import GraphView, Numbers
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from wirestep.session import Session

NAMES = ("RTT", "Window", "Stevens", "tcptrace", "Rate", "Streams")
"""Of the tabs, in the order of KINDS."""
MOMENT = 0.02
"""Seconds between two looks whether enough is judged."""
BEAT = 1.0
"""Seconds between two looks whether the capture has grown."""
WIDE = 110
"""Columns from which on there is room for notes."""
MOST_BINS = 100_000


@dataclass
class PlotPlace:
    """What was looked at last."""

    kind: int = 0
    """Place in KINDS."""
    flow: int = -1
    span: tuple[int, int] | None = None
    """What was shown of it: ns since the epoch."""


class PlotScreen(Screen[int | None]):
    """Chooses a packet."""

    BINDINGS = bindings("plots")
    DEFAULT_CSS = """
    PlotScreen { layers: below above top; background: $background; }
    PlotScreen Tabs { display: block; }
    """

    def __init__(self, session: Session, flow: int, record: int, place: PlotPlace) -> None:
        super().__init__()
        self.session, self.flow, self.record, self.place = session, flow, record, place
        self.graph = GraphView()
        self.pane = Pane("", self.graph, id="pane-graph")
        self.header, self.tabs, self.footer = Header(), Tabs(), Footer()
        self.side, self.bins = -1, BINS
        self.plot: Plot | None = None
        self._known = -1
        """Packets of the capture when the plot was asked for."""
        self._whole = True
        if place.flow != flow:
            place.span = None

    def compose(self) -> ComposeResult:
        """Header, tabs, the plot, footer."""
        self.tabs.names = NAMES
        yield self.header
        yield self.tabs
        yield self.pane
        yield self.footer
        yield TooSmall()

    def on_mount(self) -> None:
        """The plot that was looked at last."""
        self.footer.set([*footer("graph", "plots", "app")])
        self.graph.focus()
        self._show()
        self.set_interval(BEAT, self._look)

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return tuple(KINDS)[self.place.kind]

    # asking

    def _look(self) -> None:
        """The capture may have grown."""
        if self.plot is not None and self._known != self.session.total:
            self._whole = False
            self._ask()

    def _show(self) -> None:
        """Another plot from the beginning."""
        self.plot, self.bins, self._whole = None, BINS, True
        self.graph.set(None)
        self.tabs.chosen = self.place.kind + 1
        self.tabs.refresh()
        self._tell()
        self._ask()

    def _ask(self) -> None:
        self._known = self.session.total
        ask = Ask(self.kind, self.flow, self.side, self.bins)
        self.run_worker(lambda: self._work(ask), thread=True, exclusive=True, group="plot")

    def _work(self, ask: Ask) -> None:
        """In a thread: waits until enough is judged."""
        worker = get_current_worker()
        while not worker.is_cancelled:
            found = plotted(self.session, ask, lambda: not worker.is_cancelled)
            if found is not None and not worker.is_cancelled:
                self.app.call_from_thread(self._take, ask, found, found.samples)
            if found is not None:
                return
            time.sleep(MOMENT)

    def _take(self, ask: Ask, found: Plot, samples: tuple[Numbers, Numbers]) -> None:
        if not self.is_attached or ask != Ask(self.kind, self.flow, self.side, self.bins):
            return
        fresh, self.plot = self.plot is None, found
        record = self.record if fresh else self.graph.record
        if fresh and self.place.span is not None and self.place.flow == self.flow:
            self.graph.span, self._whole = self.place.span, False
        at = self.session.time_of(record) if record >= 0 else None
        self.graph.cursor = 0
        self.graph.set(found, samples, at, whole=self._whole)
        self._tell()

    # telling

    def _tell(self) -> None:
        session, plot = self.session, self.plot
        right: list[Part] = []
        if plot is None:
            right = [("● WORKING ", "acc", True)]
        elif plot.notes and self.app.size.width >= WIDE:
            right = [(f"{plot.notes[0]} ", "warn", False)]
        count = "" if plot is None or right else f" · {many(plot.packets, 'packet')}"
        self.header.set(session.title, f"plots · conversation {self.flow}{count}", right)
        title = KINDS[self.kind]
        if plot is not None and plot.packets and not plot.lanes:
            ends = session.capture.columns.flows.ends(self.flow)
            title += f" · {ends[plot.side]} → {ends[1 - plot.side]}"
        self.pane.border_title = Content(title)
        told = self.graph.told()
        if told and plot is not None:
            start, stop = self.graph.span
            told += f" · shown {seconds(stop - start)} s"
        self.pane.tell(told)

    @on(GraphView.Moved)
    def _moved(self) -> None:
        if self.plot is None:
            return
        self.record = self.graph.record
        self.place.flow, self.place.span = self.flow, self.graph.span
        start, stop = self.graph.span
        shown = max(1, stop - start) / max(1, self.plot.stop - self.plot.start)
        bins = min(MOST_BINS, BINS << max(0, round(1 / shown).bit_length() - 1))
        if self.kind == "throughput" and bins != self.bins:
            self.bins, self._whole = bins, False
            self._ask()
        self._tell()

    @on(GraphView.Entered)
    def _entered(self, event: GraphView.Entered) -> None:
        self.dismiss(event.record)

    @on(Tabs.Picked)
    def _picked(self, event: Tabs.Picked) -> None:
        self.action_kind(event.number)

    @on(Footer.Pressed)
    def _pressed(self, event: Footer.Pressed) -> None:
        self.app.simulate_key(event.key)

    # what can be done

    def action_kind(self, number: int) -> None:
        """Another plot."""
        self.place.kind, self.side = number - 1, -1
        self._show()

    def action_other(self, by: int) -> None:
        """The next plot."""
        self.action_kind((self.place.kind + by) % len(KINDS) + 1)

    def action_turn(self) -> None:
        """The other side's data."""
        if self.plot is not None and not self.plot.lanes:
            self.side = 1 - self.plot.side
            self._show()

    def action_flow(self, by: int) -> None:
        """Another conversation."""
        count = self.session.conversation_count
        if count > 1:
            self.flow, self.side, self.record = (self.flow + by) % count, -1, -1
            self.place.flow, self.place.span = self.flow, None
            self._show()

    def action_back(self) -> None:
        """Without choosing."""
        self.dismiss(None)
