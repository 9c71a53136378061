"""The inspector's foundation: one session, one selection, and the panes that follow both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.widget import Widget

from wirestep.session.views import FrameView, Node, Row
from wirestep.timeline.ladder import Step
from wirestep.ui.painting import Later, pulse
from wirestep.ui.playback import Playback
from wirestep.ui.screens.drafting import Drafter
from wirestep.ui.screens.framing import Framer
from wirestep.ui.screens.telling import Scene, about, emptiness, place_of_bytes, reading, state
from wirestep.ui.selection import Selection, layer_of
from wirestep.ui.widgets.bars import Footer, Header, Overview, Transport
from wirestep.ui.widgets.field_tree import FieldTree
from wirestep.ui.widgets.hex_view import HexView
from wirestep.ui.widgets.ladder_view import EMPTY, LadderView
from wirestep.ui.widgets.packet_list import PacketList
from wirestep.ui.widgets.pane import Pane

if TYPE_CHECKING:
    from textual.timer import Timer

    from wirestep.session import Session

BEAT, NEWEST = 1 / 30, 1 / 45
"""Seconds between two looks at the session; and where the newest packet is followed."""
SAID = 6.0
"""Seconds that a sentence stays in the footer."""
LATE = 0.15
"""Seconds; so long the ladder of the conversation before stays while another is drawn, and the
tree of the packet before without a word."""
FOLLOW, FOLLOW_AT_LAST = 0.004, 0.04
"""Seconds after which tree, bytes and ladder follow the list: after the last key; and at most,
while keys keep coming."""
LEVELS = {"phase": "phases", "message": "messages", "record": "records", "packet": "packets"}


class Bench(Screen[None]):
    """Keeps the panes in step with the session and the selection."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.ready = True  # False while a first look stands in: nothing can be decoded yet
        self.selection = Selection()
        self.playback = Playback()
        self.flow: int | None = None
        """The conversation that the ladder shows, None for all."""
        self.breakpoint = ""
        self.newest = False
        """Whether the selection follows the newest packet."""
        self.view: FrameView | None = None
        self.packets = PacketList(self._fetch, id="packets")
        self.ladder = LadderView(session.host_name, id="ladder")
        self.decode = FieldTree(id="tree")
        self.dump = HexView(id="bytes")
        self.header = Header()
        self.strip = Overview()
        self.transport = Transport()
        self.footer = Footer()
        self._seen: tuple[int, str, bool, int] = (-1, "", True, 0)
        self._drafter = Drafter(session, self._beside)
        self._ladder_flow: int | None = -2
        self._lanes: Mapping[int, int] = {}
        """By record: the step that shows it."""
        self._framer = Framer(self._show_frame, self._lost)
        self._others = Later(self, self._follow, FOLLOW, FOLLOW_AT_LAST)
        self.arrow: Step | None = None
        """The arrow that was chosen, where the selection came from the ladder."""
        self.remark = ""
        """The comments on the selected packet."""
        self.stops: tuple[int, ...] = ()
        """Packets at which the breakpoint has stopped playing."""
        self._strip_key: tuple[object, ...] = ()
        self._said_problem = ""
        self._hush: Timer | None = None

    def on_mount(self) -> None:
        """Starts looking at the session."""
        pulse(self, self.beat, lambda: NEWEST if self.newest else BEAT)

    def _fetch(self, start: int, stop: int) -> Sequence[Row]:
        try:
            return self.session.rows(start, stop)
        except OSError:
            return ()

    # what there is to say

    def say(self, text: str, level: str = "info") -> None:
        """A sentence in the footer, for some seconds."""
        self.footer.say(text, level)
        if self._hush is not None:
            self._hush.stop()
        self._hush = self.set_timer(SAID, lambda: self.footer.say("", "info")) if text else None

    # the selection

    @property
    def record(self) -> int:
        """The selected packet."""
        return self.selection.record

    def select(self, record: int, path: tuple[int, ...] | None = None) -> None:
        """Selects a packet everywhere."""
        if not 0 <= record < self.session.total:
            return
        self.selection = Selection(record, path)
        self.arrow = None
        if self.session.count:
            self.packets.show(self.session.place_of(record))
        self._dress()
        self._others.wish()

    def _follow(self) -> None:
        """The list goes ahead; the other panes follow when no key comes for a moment."""
        if self.is_attached and self.ready:
            if self.arrow is None:
                self._aim_ladder()
            self._take_frame()
            self._dress()

    def select_arrow(self, step: Step) -> None:
        """Selects the packet of an arrow, and of its layers the one that the arrow stands for."""
        self.select(step.record)
        # A packet may have several arrows: the cursor stays on the one that was meant.
        self.ladder.show_step(step.number)
        self.arrow = step
        if self.view is not None and self.view.record == step.record:
            self._point(self.view)

    def _point(self, view: FrameView) -> None:
        layer = layer_of(view, self.arrow) if self.arrow is not None else None
        if layer is not None:
            self.decode.show_layer(layer)
            self.select_field(layer)

    def select_field(self, node: Node, offset: int | None = None) -> None:
        """Selects a field of the packet everywhere."""
        self.selection = Selection(self.record, node.path, offset)
        self.dump.show_node(node, offset)
        self._dress()

    def select_byte(self, buffer: int, offset: int) -> None:
        """Selects the field that says a byte."""
        node = self.view.at(buffer, offset) if self.view is not None else None
        if node is None:
            self.selection = Selection(self.record, None, offset)
            return
        self.decode.show_path(node.path)
        self.select_field(node, offset)

    def field(self) -> Node | None:
        """The selected field."""
        if self.view is None or self.selection.path is None:
            return None
        return self.view.node(self.selection.path)

    def row(self) -> Row | None:
        """The selected packet's line."""
        if not 0 <= self.record < self.session.total:
            return None
        # From what the list has already: the session may be busy.
        item = self.packets.item(self.session.place_of(self.record)) if self.session.count else None
        return item if item and item.record == self.record else self.session.row(self.record)

    # the beat

    def beat(self) -> None:
        """Looks whether the session knows more, and shows it."""
        try:
            self._look()
        except OSError as error:
            self._lost(error)

    def _lost(self, error: OSError) -> None:
        """The file is gone, or its disk is: what was read stays on the screen."""
        self.say(f"{self.session.title}: {error.strerror or error}", "bad")

    def _look(self) -> None:
        session = self.session
        seen = (session.version, session.filter_text, session.naming, session.order_version)
        if seen != self._seen:
            whole = seen[1:] != self._seen[1:]
            self._seen = seen
            self._take_rows(whole)
        if self.ready:
            self._take_ladder()
            self._take_frame()
        self._dress()

    def _take_rows(self, whole: bool) -> None:
        session, rows = self.session, self.packets
        rows.first_time = self.ladder.first_time = session.first_time
        empty = emptiness(session)
        if empty != rows.empty:
            rows.empty = empty
            rows.refresh()
        more = session.count != rows.shown
        rows.set_rows(session.count, session.total)
        rows.set_order(session.order, sorting=session.sorting)
        # What a filter finds may belong between the rows that are there.
        rows.forget(all_rows=whole or (more and bool(session.filter_text)))
        if self.newest and session.count and (more or self.record < 0):
            self.select(session.in_time(session.count - 1))
        elif self.record < 0 and session.count:
            self.select(session.record_at(0))
        elif session.filter_text and session.count and self.record >= 0:
            self._stay_shown()
        elif whole and self.record >= 0:
            rows.show(session.place_of(self.record))
        exchange = session.exchange
        failed = exchange is not None and exchange.state == "failed"
        problem = exchange.text if exchange and failed else session.progress().problem
        if problem and problem != self._said_problem:
            self._said_problem = problem
            self.say(problem, "bad")

    def _stay_shown(self) -> None:
        """A filter may hide the selected packet: then the next one that it shows is selected."""
        session = self.session
        nearest = session.record_at(session.place_of(self.record))
        if nearest == self.record or session.progress().filtering is None:
            if nearest != self.record:
                self.select(nearest)
            else:
                self.packets.show(session.place_of(nearest))

    def _beside(self, work: Callable[[], None]) -> None:
        """Runs `work` in a thread."""
        self.run_worker(work, thread=True, group="ladder")

    def _take_ladder(self) -> None:
        """Shows the ladder that is newly there; it is drawn beside, for it may be dear."""
        fresh = self.flow != self._ladder_flow
        draft = self._drafter.look(self.flow, max(0, self.record))
        drawn = draft.ladder if draft is not None else None
        if draft is not None and draft.problem:
            self.say(draft.problem, "bad")
        waiting = drawn is None and fresh and bool(self.session.total)
        if waiting != self.ladder.waiting:
            self.ladder.waiting = waiting
            self.ladder.refresh()
        if waiting and self._drafter.late > LATE and self.ladder.ladder is not EMPTY:
            self._lanes = {}
            self.ladder.set_ladder(EMPTY)
        if draft is None or drawn is None or (drawn is self.ladder.ladder and not fresh):
            return
        self._ladder_flow = self.flow
        before, after = self.ladder.ladder.steps[:1], drawn.steps[:1]
        # Of a long capture another stretch may be drawn: its steps count anew.
        same = bool(before and after) and before[0].record == after[0].record
        self.ladder.set_ladder(drawn, keep=not fresh and same)
        self._lanes = draft.lanes
        self._aim_ladder()

    def _aim_ladder(self) -> None:
        """Points at the arrow of the selected packet, or at the one before it."""
        step = self._lanes.get(self.record)
        if step is None and self.ladder.ladder.steps and self.record >= 0:
            step = self.session.step_of(self.ladder.ladder, self.record)
        if step is not None and step >= 0:
            self.ladder.show_step(step)

    def _take_frame(self) -> None:
        """Asks for the selected packet, taken apart; it is shown when it is there."""
        if self.record >= 0:
            self._framer.look(self.app, self.session, self.record, self.view)

    def _show_frame(self, view: FrameView) -> None:
        if not self.is_attached or view.record != self.record:
            return
        if self.view is not None and self.view.record == view.record and not view.settled:
            return
        self.view = view
        self.remark = " ".join(self.session.comments(self.record))
        self.decode.set_view(view)
        self.dump.set_view(view)
        path = self.selection.path
        node = view.node(path) if path else None
        if node is not None and path is not None:
            self.decode.show_path(path)
        else:
            node = self.decode.node()
        if node is not None:
            self.select_field(node)
        self._point(view)
        self._dress()

    # what is written around the panes

    def _dress(self) -> None:
        session = self.session
        progress = session.progress()
        scene = self._scene()
        self.header.set(session.title, about(session), state(scene))
        self._dress_strip()
        self.transport.set(reading(scene))
        _tell(self.packets, self.packets.summary())
        whose = "all" if self.flow is None else f"conversation {self.flow + 1}"
        waiting = " · decoding…" if progress.decoding else ""
        _tell(self.ladder, f"{whose} · {LEVELS[self.ladder.fold]}{waiting}")
        node = self.field()
        late = self._framer.late(self.view) > LATE
        _tell(self.decode, "decoding…" if late else node.name if node is not None else "")
        _tell(self.dump, place_of_bytes(node))

    def _scene(self) -> Scene:
        return Scene(
            self.session,
            self.playback,
            self.app.size.width,
            self.record,
            self.row(),
            self.field(),
            self.remark,
            self.breakpoint,
            self.newest,
        )

    def _dress_strip(self) -> None:
        """The overview is dear over millions of packets: only where something has changed."""
        session, width = self.session, self.strip.columns
        marked = (*((at, "■") for at in self.stops), *session.marks.items())
        key = (session.total, self.record, width, self.flow, marked)
        if key == self._strip_key:
            return
        self._strip_key = key
        counts = session.overview(width, self.flow) if session.total else []
        head = session.overview_place(self.record, width) if self.record >= 0 else -1
        marks = [(session.overview_place(at, width), letter) for at, letter in marked]
        self.strip.set(counts, head, marks)


def _tell(view: Widget, text: str) -> None:
    """What to show at the bottom of the frame around a view."""
    if isinstance(view.parent, Pane):
        view.parent.tell(text)
