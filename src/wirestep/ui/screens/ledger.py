"""The ledger: where each round trip of an exchange went, what would save some."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget
from textual.worker import get_current_worker

from wirestep import session as sessions
from wirestep.session.billing import Bill, BillLine
from wirestep.session.comparing import Seat
from wirestep.session.falling import Waterfall
from wirestep.session.measuring import Measured, measured
from wirestep.ui import screens
from wirestep.ui.canvas import fit, many
from wirestep.ui.files import offer_paths
from wirestep.ui.keys import bindings
from wirestep.ui.screens.paned import Paned
from wirestep.ui.widgets.bars import Overview, Part
from wirestep.ui.widgets.bill_view import DOT, BillView, rounded, short
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.prompt import Prompt, Question
from wirestep.ui.widgets.sentence import Sentence
from wirestep.ui.widgets.too_small import TooSmall
from wirestep.ui.widgets.waterfall_view import WaterfallView
from wirestep.ui.widgets.whatif_view import WhatIfView

if TYPE_CHECKING:
    from wirestep.session import Session

MOMENT = 0.02
"""Seconds between two looks whether enough is decoded."""
MS = 1_000_000
PART = -2
"""Instead of a number of packets: not all of them are decoded yet, the bill will be asked again."""
BEAT = 1.0
"""Seconds between two looks whether the capture has grown."""


class LedgerScreen(Paned):
    """The bill of a conversation, or of all of them."""

    NAMES = ("Ledger", "What if", "Waterfall")
    PLACE = "ledger"
    BINDINGS = bindings("ledger")
    DEFAULT_CSS = """
    LedgerScreen #body {
        layout: grid; grid-size: 2 2; grid-columns: 65fr 35fr; grid-rows: 60fr 40fr; height: 1fr;
    }
    LedgerScreen #pane-waterfall { column-span: 2; }
    LedgerScreen #pane-whatif Sentence { height: 3; }
    """

    def __init__(self, session: Session, flow: int | None) -> None:
        super().__init__()
        self.session, self.flow = session, flow
        self.bill: Bill | None = None
        self.table = BillView()
        self.whatif = WhatIfView()
        self.requests = WaterfallView()
        self.about, self.why, self.notes = Sentence(), Sentence(), Sentence()
        self.strip, self.prompt = Overview(), Prompt()
        self._billed = -1
        """Packets that the bill knows."""
        self.measured: dict[int, Measured] = {}
        """By row of what-if: what the lab says."""

    def views(self) -> Sequence[Widget]:
        """The bill, what would change it, the requests."""
        return (self.table, self.whatif, self.requests)

    def compose(self) -> ComposeResult:
        """Header, panes, strip, footer."""
        yield self.header
        yield self.tabs
        with Container(id="body"):
            yield Pane("1 Ledger", self.table, id="pane-bill", below=self.about)
            yield Pane("2 What if", self.whatif, id="pane-whatif", below=self.why)
            yield Pane("3 Waterfall", self.requests, id="pane-waterfall", below=self.notes)
        yield self.strip
        yield self.footer
        yield self.prompt
        yield TooSmall()

    def on_mount(self) -> None:
        """Asks for the bill, and again while the capture grows."""
        for number, name in enumerate(("bill", "whatif", "waterfall"), 1):
            self.query_one(f"#pane-{name}").add_class(f"pane-{number}")
        self._tell()
        self._ask()
        self.set_interval(BEAT, self._look)

    # asking

    def _look(self) -> None:
        """The capture may have grown."""
        if self._billed not in (-1, self.session.total):
            self._ask()

    def _ask(self) -> None:
        self._billed = -1
        self.run_worker(self._work, thread=True, exclusive=True, group="bill")

    def _work(self) -> None:
        """In a thread: waits until enough is decoded."""
        worker, session, flow = get_current_worker(), self.session, self.flow
        while not worker.is_cancelled:
            total = session.total if session.progress().finished else PART
            bill = session.ledger(flow)
            fall = None if bill is None else session.waterfall(flow)
            if bill is not None and fall is not None:
                total = PART if session.progress().decoding else total
                self.app.call_from_thread(self._take, bill, fall, total)
                return
            time.sleep(MOMENT)

    def _take(self, bill: Bill, fall: Waterfall, total: int) -> None:
        if not self.is_attached:
            return
        same, self._billed = bill == self.bill, total
        if same:
            return
        self.bill = bill
        self.table.set(bill, line_parts(bill))
        self.measured = {}
        self.whatif.set(bill, {})
        self.requests.set(fall)
        self.notes.set([(note + "  ", "dim", False) for note in fall.notes])
        self.query_one("#pane-waterfall", Pane).tell(fall.title if fall.rows else "")
        pane = self.query_one("#pane-whatif", Pane)
        self.call_after_refresh(lambda: pane.tell(self.whatif.told()))
        self._tell()
        self._item()
        self._change()

    # telling

    def _tell(self) -> None:
        session = self.session
        whose = "all conversations" if self.flow is None else f"conversation {self.flow}"
        about = f"ledger · {many(session.total, 'packet')} · {whose}"
        right: list[Part] = []
        if self.bill is not None and self.bill.known:
            trip = min(trip.least for _, trip in self.bill.known)
            right = [("RTT ", "dim", False), (f"{short(trip)} ms  ", "fg", True)]
        right.append(("● BILLED ", "good", True) if self.bill else ("● READING ", "acc", True))
        self.header.set(session.title, about, right)

    @on(BillView.Chosen)
    def _item(self) -> None:
        """The sentence of what is under the cursor, and its place in time."""
        entry = self.table.entry
        if isinstance(entry, BillLine):
            said = [(f"{entry.label} {entry.name}", entry.hue, True)]
            self.about.set([*said, (f": {entry.about}", "dim", False)])
            self._head(entry.records[0])
        else:
            self.about.set([])
            self._head(-1 if entry is None else entry.record)

    def _head(self, record: int) -> None:
        """Packets over time; the playhead stands on a record."""
        room = self.strip.columns
        counts = tuple(self.session.overview(room, self.flow))
        place = self.session.overview_place(record, room) if record >= 0 else -1
        self.strip.set(counts, place, ())

    @on(WaterfallView.Chosen)
    def _request(self) -> None:
        """Where the request stands among the packets."""
        request = self.requests.request
        if request is not None:
            self._head(request.records[0])

    @on(WhatIfView.Chosen)
    def _change(self) -> None:
        """Why another way would take another time."""
        change = self.whatif.change
        if change is None:
            self.why.set([("nothing to foresee", "dim", False)])
            return
        said = [(f"{change.name}: ", "fg", True), (change.why, "dim", False)]
        found = self.measured.get(self.whatif.cursor)
        if found is not None:
            said = [("measured: ", "good", True), (_about(found), "dim", False)]
        self.why.set(said)

    @on(WhatIfView.Entered)
    def action_measure(self) -> None:
        """Runs the change under the cursor in the lab; from the first row all of them."""
        bill, place = self.bill, self.whatif.cursor
        if bill is None or len(bill.changes) < 2:
            self.say("the lab has nothing that shows this", "warn")
            return
        places = [place] if place else list(range(1, len(bill.changes)))
        self.say("running it in the lab …")
        self.run_worker(
            lambda: self._measure(bill, places), thread=True, exclusive=True, group="measure"
        )

    def _measure(self, bill: Bill, places: Sequence[int]) -> None:
        """In a thread."""
        worker = get_current_worker()
        shown = 0
        for place in places:
            found = measured(bill.changes[place], bill)
            if worker.is_cancelled:
                return
            if found is not None:
                shown += 1
                self.app.call_from_thread(self._measured, bill, place, found)
        if not shown:
            self.app.call_from_thread(self.say, "the lab has nothing that shows this", "warn")

    def _measured(self, bill: Bill, place: int, found: Measured) -> None:
        if bill is not self.bill:
            return
        self.measured[place] = found
        texts = {at: f"measured {rounded(one.first)}" for at, one in self.measured.items()}
        self.whatif.set(bill, texts)
        self.say(f"{bill.changes[place].name}: {_about(found)}")
        self._change()

    # what can be done

    @on(BillView.Entered)
    @on(WaterfallView.Entered)
    def _entered(self, event: BillView.Entered | WaterfallView.Entered) -> None:
        self.dismiss(event.record)

    def action_all(self) -> None:
        """All conversations, or the first one."""
        self._go(0 if self.flow is None else None)

    def action_other(self, by: int) -> None:
        """Another conversation."""
        count = self.session.conversation_count
        if count:
            self._go(
                (0 if by > 0 else count - 1) if self.flow is None else (self.flow + by) % count
            )

    def _go(self, flow: int | None) -> None:
        self.flow, self.bill = flow, None
        self.table.set(None, ())
        self.requests.set(None)
        self.table.empty = "reading…"
        self._tell()
        self._ask()

    def action_fold(self) -> None:
        """Short waits as one line, or each for itself."""
        self.table.fold()
        self._item()

    def action_compare(self) -> None:
        """Asks with what."""
        hint = "a capture's name or file, or the number of a conversation in this one"
        self.prompt.ask(Question("compare", "Compare with", "", hint, offer=offer_paths))

    @on(Prompt.Answered)
    def _answered(self, event: Prompt.Answered) -> None:
        self.views()[self.number - 1].focus()
        text = event.text.strip()
        if not text:
            return
        mine = Seat(self.session, self.flow, self._title(self.flow))
        if text.isdecimal():
            flow = int(text)
            if flow >= self.session.conversation_count:
                self.say(f"there is no conversation {flow}", "warn")
                return
            other = Seat(self.session, flow, self._title(flow))
            self.app.push_screen(screens.CompareScreen(lambda: (mine, other), lambda: None))
            return
        opened: list[Session] = []

        def seats() -> tuple[Seat, Seat]:
            session = sessions.Session.open(sessions.find_bundled(text) or text)
            opened.append(session)
            session.start()
            return mine, Seat(session, None, session.title)

        def close() -> None:
            for session in opened:
                session.close()

        self.app.push_screen(screens.CompareScreen(seats, close))

    @on(Prompt.Cancelled)
    def _cancelled(self) -> None:
        self.views()[self.number - 1].focus()

    def _title(self, flow: int | None) -> str:
        return self.session.title if flow is None else f"{self.session.title} {flow}"

    async def action_race(self) -> None:
        """A request over other protocols, over round trips as long as these."""
        known = self.bill.known if self.bill is not None else ()
        trip = max((trip.least for _, trip in known), default=0)
        words = f"rtt {max(1, round(trip / MS))}ms" if trip else ""
        await self.app.run_action(f"race('{words}')")

    def action_back(self) -> None:
        """Back to the packets."""
        self.dismiss(None)


def _about(found: Measured) -> str:
    """What the lab says of a change."""
    return f"the lab took {found.trips} RTT and {rounded(found.first)} ms, lookups as recorded"


def line_parts(bill: Bill) -> list[Part]:
    """The bill in one line, each phase in its hue."""
    if bill.goal is None:
        return [(bill.line, "dim", False)]
    hues = {line.phase: line.hue for line in bill.lines}
    parts: list[Part] = []
    for phase, count in bill.phases:
        if parts:
            parts.append((" + ", "dim", False))
        parts += [(f"{phase} ", hues.get(phase, "fg"), False), (str(count), "fg", True)]
    head, _, rest = bill.line.partition(" = ")
    trips, *others = (rest or head).split(" · ")
    parts += [(" = " if parts else "", "dim", False), (trips, "fg", True)]
    for place, other in enumerate(others):
        parts += [(DOT, "dim", False), (fit(other, 40), "fg" if place else "acc", not place)]
    return parts
