"""The inspector: packets, ladder, decode and bytes of one capture, side by side or in tabs."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget

from wirestep.session import Session
from wirestep.timeline.times import moment, seconds
from wirestep.ui.canvas import clean, number
from wirestep.ui.keys import Key, bindings, footer
from wirestep.ui.screens.asking import Asking
from wirestep.ui.screens.conversations import Conversations, Pick
from wirestep.ui.screens.follow import Follow
from wirestep.ui.screens.letters import Choice
from wirestep.ui.screens.paper import Paper
from wirestep.ui.theme import palette, style
from wirestep.ui.widgets.bars import Footer, Header, Tabs
from wirestep.ui.widgets.field_tree import FieldTree
from wirestep.ui.widgets.hex_view import HexView
from wirestep.ui.widgets.ladder_view import LadderView
from wirestep.ui.widgets.packet_list import PacketList
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.too_small import TooSmall

FORMS = ("r", "d", "a", "u", "e")
"""Time forms, in the order in which t goes through them."""
FORM_NAMES = {
    "r": "since the first packet",
    "d": "since the line before",
    "a": "as a clock here shows it",
    "u": "as a clock in UTC shows it",
    "e": "in seconds since 1970",
}
SHORT = {
    "ladder": ("ladder",),
    "tree": ("tree",),
    "bytes": ("bytes",),
    "packets": (),
}
TABS = ("Packets", "Ladder", "Decode", "Bytes")
SHARES = (26, 34, 40, 46, 52, 60, 68)
"""Hundredths of the width that the left pane may take."""


class Inspector(Asking):
    """One capture, open."""

    BINDINGS = bindings("transport", "inspector")
    DEFAULT_CSS = """
    Inspector { layers: below above top; background: $background; layout: vertical; }
    Inspector #body {
        layout: grid; grid-size: 2 2; grid-columns: 46fr 54fr; grid-rows: 1fr 14;
        height: 1fr; width: 1fr;
    }
    Inspector.-huge #body { grid-size: 3 2; grid-columns: 46fr 54fr 77; grid-rows: 3fr 2fr; }
    Inspector.-huge #pane-packets, Inspector.-huge #pane-ladder { row-span: 2; }
    Inspector.-stacked.-wide #body, Inspector.-stacked.-huge #body {
        grid-size: 2 2; grid-columns: 1fr 1fr; grid-rows: 1fr 1fr;
    }
    Inspector.-stacked #pane-packets { column-span: 2; row-span: 1; }
    Inspector.-stacked #pane-ladder { row-span: 1; }
    Inspector.-stacked #pane-tree { display: none; }

    Inspector.-zoomed #body, Inspector.-zoomed.-huge #body, Inspector.-zoomed.-wide #body {
        grid-size: 1 1; grid-columns: 1fr; grid-rows: 1fr;
    }
    Inspector.-zoomed Pane { display: none; row-span: 1; column-span: 1; }
    Inspector.-zoomed.view-1 #pane-packets, Inspector.-zoomed.view-2 #pane-ladder,
    Inspector.-zoomed.view-3 #pane-tree, Inspector.-zoomed.view-4 #pane-bytes { display: block; }

    Inspector.-narrow Tabs { display: block; }
    Inspector.-narrow #body { layout: vertical; }
    Inspector.-narrow Pane { border: none; display: none; height: 1fr; }
    Inspector.-narrow Pane.-second {
        display: block; border-top: solid $border-blurred; height: 6;
    }
    Inspector.-narrow Pane.-first { display: block; }
    Inspector.-narrow Pane.-half { height: 1fr; border-top: solid $border-blurred; }
    Inspector.-narrow.-short Pane.-second, Inspector.-narrow.-zoomed Pane.-second {
        display: none;
    }
    """

    def __init__(self, session: Session, filter_text: str = "", *, ladder_first: bool = False):
        super().__init__(session)
        self.first_filter = filter_text
        self.ladder_first = ladder_first
        self.tabs = Tabs()
        self.number = 1
        """The pane that has, or had last, the focus."""
        self.share = SHARES.index(46)
        self.digits = ""
        self.before_digits = 1
        self.panes: dict[int, Pane] = {}

    def compose(self) -> ComposeResult:
        """Header, panes, strip, transport, footer, and the prompt above them."""
        self.tabs.names = TABS
        views: tuple[Widget, ...] = (self.packets, self.ladder, self.decode, self.dump)
        names = ("packets", "ladder", "tree", "bytes")
        yield self.header
        yield self.tabs
        with Container(id="body"):
            for at, (view, name) in enumerate(zip(views, names, strict=True), 1):
                pane = Pane(f"{at} {TABS[at - 1]}", view, id=f"pane-{name}")
                self.panes[at] = pane
                yield pane
        yield self.strip
        yield self.transport
        yield self.footer
        yield self.prompt
        yield TooSmall()

    def on_mount(self) -> None:
        """The first pane gets the focus."""
        self.add_class("-inspector")
        self.focus_pane(2 if self.ladder_first else 1)
        if self.first_filter:
            self.apply_filter(self.first_filter)

    # panes

    def focus_pane(self, at: int) -> None:
        """Shows a pane and gives it the focus."""
        self.number = at
        self._arrange()
        self.panes[at].inside.focus()

    def _arrange(self) -> None:
        """Which panes are seen where only some fit."""
        for at in self.panes:
            self.set_class(at == self.number, f"view-{at}")
        seconds = {1: 3, 2: 4, 3: 4, 4: 0}
        for at, pane in self.panes.items():
            second = at == seconds[self.number]
            pane.set_class(at == self.number, "-first")
            pane.set_class(second, "-second")
            pane.set_class(second and self.number == 3, "-half")
        if self.tabs.chosen != self.number:
            self.tabs.chosen = self.number
            self.tabs.refresh()

    def refocus(self) -> None:
        """Gives the focus back to the pane that had it."""
        self.panes[self.number].inside.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Remembers which pane it was; the footer shows its keys."""
        for at, pane in self.panes.items():
            if pane.inside is event.widget:
                if at != self.number and not self._second(at):
                    self.number = at
                    self._arrange()
                elif at != self.number:
                    self.number = at
                self.footer.set(self._keys(event.widget.id or ""))

    def _second(self, at: int) -> bool:
        return self.panes[at].has_class("-second") and self.has_class("-narrow")

    def _keys(self, view: str) -> list[Key]:
        order = ("play.toggle", "step.message", "filter.edit", "find.start", "conversations.show")
        own = footer(*SHORT.get(view, ()))
        rest = footer("transport", "inspector", "app")
        first = [key for name in order for key in rest if key.id == name]
        return [*own, *first, *(key for key in rest if key not in first)]

    @on(Tabs.Picked)
    def _picked(self, event: Tabs.Picked) -> None:
        self.focus_pane(event.number)

    @on(Footer.Pressed)
    def _pressed_key(self, event: Footer.Pressed) -> None:
        self.app.simulate_key(event.key)

    @on(Header.FilterWanted)
    def _filter_wanted(self) -> None:
        self.action_filter()

    def action_pane(self, at: int) -> None:
        """To a pane by its number; digits before G are a packet's number."""
        if not self.digits:
            self.before_digits = self.number
        self.digits += str(at)
        self.focus_pane(at)

    def on_key(self, event: events.Key) -> None:
        """Digits gather for G; any other key forgets them. Escape stops what goes on."""
        if event.key in "567890" and event.key:
            if not self.digits:
                self.before_digits = self.number
            self.digits += event.key
        elif event.key == "G" and self.digits:
            found, self.digits = int(self.digits) - 1, ""
            self.focus_pane(self.before_digits)
            if 0 <= found < self.session.total:
                self.select(found)
            else:
                self.say(f"there are {number(self.session.total)} packets", "warn")
            event.stop()
            event.prevent_default()
        elif event.key not in "1234":
            self.digits = ""

    def action_pane_next(self, by: int) -> None:
        """To the next pane."""
        shown = [at for at in self.panes if self.has_class("-narrow") or self.panes[at].display]
        place = shown.index(self.number) if self.number in shown else 0
        self.focus_pane(shown[(place + by) % len(shown)])

    def action_zoom(self) -> None:
        """One pane only, and back."""
        self.toggle_class("-zoomed")
        self._columns()
        self._arrange()

    def action_layout(self) -> None:
        """Panes side by side, or the list over the whole width."""
        self.toggle_class("-stacked")
        self._columns()
        if self.number == 3 and self.has_class("-stacked"):
            self.focus_pane(1)

    def action_resize(self, by: int) -> None:
        """The left pane takes more or less."""
        self.share = max(0, min(len(SHARES) - 1, self.share + by))
        self._columns()

    def _columns(self) -> None:
        body = self.query_one("#body")
        left = SHARES[self.share]
        plain = not self.has_class("-zoomed") and not self.has_class("-stacked")
        if plain and self.has_class("-wide"):
            body.styles.grid_columns = f"{left}fr {100 - left}fr"  # type: ignore[assignment]
        elif plain and self.has_class("-huge"):
            body.styles.grid_columns = f"{left}fr {100 - left}fr 77"  # type: ignore[assignment]
        else:
            body.styles.clear_rule("grid_columns")

    def on_resize(self) -> None:
        """Other columns at other widths."""
        self.call_after_refresh(self._columns)
        self.call_after_refresh(self._dress)

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
        step = event.step
        self.select(step.record)
        # A record may have several arrows: the cursor stays on the one that was meant.
        self.ladder.show_step(step.number)

    @on(FieldTree.Chosen)
    def _field_chosen(self, event: FieldTree.Chosen) -> None:
        self.select_field(event.node)

    @on(HexView.Chosen)
    def _byte_chosen(self, event: HexView.Chosen) -> None:
        self.select_byte(event.buffer, event.offset)

    # conversations, streams, pages

    def action_conversations(self) -> None:
        """The list of conversations."""
        self.app.push_screen(Conversations(self.session, self.flow), self._conversation)

    def _conversation(self, pick: Pick | None) -> None:
        if pick is None:
            return
        self.flow = pick.flow
        self._take_ladder()
        if pick.act == "filter":
            self.apply_filter(pick.filter_text)
        if pick.first >= 0:
            self.select(pick.first)
        if pick.act == "follow" and pick.flow is not None:
            self.app.push_screen(Follow(self.session, pick.flow))
        else:
            self.focus_pane(2)

    def action_follow(self) -> None:
        """What both sides of this conversation said."""
        flow = self.session.conversation_of(self.record) if self.record >= 0 else -1
        if flow < 0:
            self.say("this packet belongs to no conversation", "warn")
        else:
            self.app.push_screen(Follow(self.session, flow))

    def action_about(self) -> None:
        """What is known of the file."""
        look = palette(self.app)
        session, plain = self.session, style(look.fg, look.bg)
        lines = [(session.title, style(look.acc, look.bg, bold=True))]
        if session.path:
            lines += [(clean(session.path), style(look.dim, look.bg))]
        lines += [("", plain), (f"{number(session.total)} packets", plain)]
        if session.total:
            last = session.row(session.total - 1).time
            lines += [
                (f"first  {moment(session.first_time, date=True)}", plain),
                (f"last   {moment(last, date=True)}", plain),
                (f"{seconds(last - session.first_time)} s", plain),
                (f"{number(len(session.conversations()))} conversations", plain),
            ]
        problem = session.progress().problem
        if problem:
            lines += [("", plain), (f"! {problem}", style(look.bad, look.bg, bold=True))]
        self.app.push_screen(Paper("About this file", lines))

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
        self.ask_to_leave(lambda: self.app.pop_screen())

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

        self.app.push_screen(Choice("Unsaved comments", question, answers), answered)

    def on_unmount(self) -> None:
        """Stops the session's thread."""
        self.session.close()
