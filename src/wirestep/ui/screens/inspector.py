"""The inspector: packets, ladder, decode and bytes of one capture, side by side or in tabs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from textual import events, on

from wirestep.timeline.times import moment, seconds
from wirestep.ui import screens
from wirestep.ui.canvas import clean, many
from wirestep.ui.screens.drafting import Drafter
from wirestep.ui.screens.panes import Panes
from wirestep.ui.theme import palette, style
from wirestep.ui.widgets.field_tree import FieldTree
from wirestep.ui.widgets.hex_view import HexView
from wirestep.ui.widgets.ladder_view import LadderView
from wirestep.ui.widgets.packet_list import PacketList

if TYPE_CHECKING:
    from wirestep.session import Session

FORMS = ("r", "d", "a", "u", "e")
"""Time forms, in the order in which t goes through them."""
FORM_NAMES = {
    "r": "since the first packet",
    "d": "since the line before",
    "a": "as a clock here shows it",
    "u": "as a clock in UTC shows it",
    "e": "in seconds since 1970",
}


class Inspector(Panes):
    """One capture, open."""

    make: Callable[[], None] | None = None
    """Makes the session in a thread, while a first look stands in for it."""

    @cached_property
    def held(self) -> list[str]:
        """Keys that wait for the session."""
        return []

    def on_mount(self) -> None:
        """The first packets are drawn before the session is made."""
        self.ready = self.make is None

    def pictured(self) -> None:
        """The screen can be seen: the session is made now."""
        if self.make is not None and self.packets.size:
            make, self.make = self.make, None
            self.run_worker(make, thread=True)

    def adopt(self, session: Session) -> None:
        """The session is there: it takes over from the first look."""
        if not self.is_attached:
            session.close()
            return
        self.session.close()
        self.session, self.ready = session, True
        self._drafter = Drafter(session, self._beside)
        self.ladder.naming = session.host_name
        self._seen = (-1, "", True, 0)
        self._show_choices()
        self.beat()
        while self.held:
            self.app.simulate_key(self.held.pop(0))

    def on_key(self, event: events.Key) -> None:
        """What is more than moving in the list waits until the session is there."""
        if not self.ready:
            self.held.append(event.key)
            event.stop()
            event.prevent_default()

    def _forward_event(self, event: events.Event) -> None:
        if self.ready or not isinstance(event, events.MouseEvent):
            super()._forward_event(event)

    @cached_property
    def statistics(self) -> screens.Place:
        """Where the statistics were looked at last."""
        return screens.Place()

    @cached_property
    def plot_place(self) -> screens.PlotPlace:
        """Which plot was looked at last."""
        return screens.PlotPlace()

    # the shared selection

    @on(PacketList.Chosen)
    def _packet_chosen(self, event: PacketList.Chosen) -> None:
        self._hold()
        self.select(self.session.record_at(event.place))

    @on(PacketList.Entered)
    @on(LadderView.Entered)
    def _packet_entered(self) -> None:
        self.focus_pane(3)

    @on(LadderView.Chosen)
    def _step_chosen(self, event: LadderView.Chosen) -> None:
        self._hold()
        self.select_arrow(event.step)

    @on(FieldTree.Chosen)
    def _field_chosen(self, event: FieldTree.Chosen) -> None:
        self.select_field(event.node)
        self.ladder.show_layer(self.record, event.node.path[0])

    @on(HexView.Chosen)
    def _byte_chosen(self, event: HexView.Chosen) -> None:
        self.select_byte(event.buffer, event.offset)

    # conversations, streams, pages

    def action_conversations(self) -> None:
        """The list of conversations."""
        self.app.push_screen(screens.Conversations(self.session, self.flow), self._conversation)

    def _conversation(self, pick: screens.Pick | None) -> None:
        if pick is None:
            return
        self.flow = pick.flow
        self._take_ladder()
        if pick.act == "filter":
            self.apply_filter(pick.filter_text)
        if pick.first >= 0:
            self.select(pick.first)
        if pick.act == "follow" and pick.flow is not None:
            self.app.push_screen(screens.Follow(self.session, pick.flow))
        else:
            self.focus_pane(2)

    def action_statistics(self) -> None:
        """Tables and plots of the whole capture."""
        screen = screens.Statistics(self.session, self.record, self.statistics)
        self.app.push_screen(screen, self._statistic)

    def _statistic(self, went: screens.Went | None) -> None:
        if went is None:
            return
        if went.filter_text:
            self.apply_filter(went.filter_text)
        if went.record >= 0:
            self._hold()
            self.select(went.record)
            self.focus_pane(1)

    def action_ledger(self) -> None:
        """Where each round trip of this conversation, or of all, went."""
        self.app.push_screen(screens.LedgerScreen(self.session, self.flow), self._to_packet)

    def action_plots(self) -> None:
        """Plots of this packet's conversation, or of the first one."""
        flow = self.session.conversation_of(self.record) if self.record >= 0 else -1
        chosen = flow if self.flow is None else self.flow
        screen = screens.PlotScreen(self.session, max(0, chosen), self.record, self.plot_place)
        self.app.push_screen(screen, self._to_packet)

    def action_follow(self) -> None:
        """What both sides of this conversation said."""
        flow = self.session.conversation_of(self.record) if self.record >= 0 else -1
        if flow < 0:
            self.say("this packet belongs to no conversation", "warn")
        else:
            self.app.push_screen(screens.Follow(self.session, flow))

    def action_objects(self) -> None:
        """What was sent as files."""
        self.app.push_screen(screens.ObjectList(self.session), self._to_packet)

    def _to_packet(self, record: int | None) -> None:
        if record is not None:
            self._hold()
            self.select(record)
            self.focus_pane(1)

    def action_export(self) -> None:
        """What other programs read: all, what is shown, or the conversation."""
        flow = self.session.conversation_of(self.record) if self.record >= 0 else -1
        self.app.push_screen(screens.ExportPanel(self.session, flow), self._exported)

    def _exported(self, text: str | None) -> None:
        if text:
            self.say(text, "bad" if text.startswith("not") else "info")

    def action_about(self) -> None:
        """What is known of the file."""
        look = palette(self.app)
        session, plain = self.session, style(look.fg, look.bg)
        lines = [(session.title, style(look.acc, look.bg, bold=True))]
        if session.path:
            lines += [(clean(session.path), style(look.dim, look.bg))]
        lines += [("", plain), (many(session.total, "packet"), plain)]
        if session.total:
            last = session.row(session.total - 1).time
            lines += [
                (f"first  {moment(session.first_time, date=True)}", plain),
                (f"last   {moment(last, date=True)}", plain),
                (f"{seconds(last - session.first_time)} s", plain),
                (many(session.conversation_count, "conversation"), plain),
            ]
        problem = session.progress().problem
        if problem:
            lines += [("", plain), (f"! {problem}", style(look.bad, look.bg, bold=True))]
        self.app.push_screen(screens.Paper("About this file", lines))

    # time, names, back

    def action_time_form(self) -> None:
        """The next way to write times."""
        form = FORMS[(FORMS.index(self.packets.form) + 1) % len(FORMS)]
        self.packets.form = self.ladder.form = form
        self.packets.changed()
        self.ladder.changed()
        self.say(f"times {FORM_NAMES[form]}")

    def action_reference(self) -> None:
        """Counts time from this packet, or from the first again."""
        session = self.session
        session.set_reference(None if session.reference == self.record else self.record)
        row = self.row()
        self.packets.reference = row.time if row and session.reference is not None else None
        self.packets.form = self.ladder.form = "r"
        self.ladder.reference = self.packets.reference
        self.packets.forget(all_rows=True)
        self.ladder.changed()
        self.say("times count from this packet" if session.reference is not None else "as before")

    def action_names(self) -> None:
        """Names of hosts, or addresses."""
        self.session.naming = not self.session.naming
        self.ladder.changed()
        self.say("names" if self.session.naming else "addresses")

    def action_back(self) -> None:
        """Out of what is going on: a search, a zoomed pane, the capture."""
        if self.stop_finding():
            return
        if self.has_class("-zoomed"):
            self.action_zoom()
            return
        self.ask_to_leave(self.go_home)

    def go_home(self) -> None:
        """To the home screen."""
        raise NotImplementedError

    def ask_to_leave(self, leave: object) -> None:
        """Leaves at once, or asks where comments are not saved."""
        assert callable(leave)
        if not self.session.changed:
            leave()
            return
        question = "Comments on this capture are not saved."
        answers = (("s", "save them"), ("y", "leave them unsaved"))

        def answered(letter: str | None) -> None:
            if letter == "y":
                leave()
            elif letter == "s":
                self.action_save()

        self.app.push_screen(screens.Choice("Unsaved comments", question, answers), answered)

    def on_unmount(self) -> None:
        """Stops the session's thread."""
        self.session.close()
