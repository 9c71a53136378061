"""The lab: a wire in the hand. Nothing moves until a key is pressed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import on

from wirestep.session.lab_settings import BadSetting, typed
from wirestep.session.lab_views import Setting, Shelved
from wirestep.ui import screens
from wirestep.ui.files import offer_paths
from wirestep.ui.keys import bindings
from wirestep.ui.painting import from_thread
from wirestep.ui.screens.lab_bench import LabBench
from wirestep.ui.widgets.held_view import HeldView
from wirestep.ui.widgets.link_view import LinkView
from wirestep.ui.widgets.prompt import Offer, Prompt, Question, Verdict
from wirestep.ui.widgets.wire_view import WireView

if TYPE_CHECKING:
    from wirestep.session import Session
    from wirestep.session.lab import Lab

Look = Callable[["Session", int], None]
"""Opens a capture at a packet."""
FAR = 1 << 30


class LabScreen(LabBench):
    """One scenario, open."""

    BINDINGS = bindings("lab")

    def __init__(self, about: Shelved, look: Look) -> None:
        """`look` opens the inspector."""
        super().__init__(about)
        self._look = look
        self._events: list[str] = []
        """What was run until before."""

    def adopt(self, lab: Lab) -> None:
        """The lab is there."""
        if not self.is_attached:
            lab.close()
            return
        hand = from_thread(self.app)
        self.lab = lab
        lab.told = lambda: hand(self.news)
        lab.start()

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        if self.lab is not None:
            self.lab.close()

    def _do(self, wish: Callable[[Lab], None]) -> None:
        if self.lab is not None:
            wish(self.lab)

    # forward and back

    def action_step(self) -> None:
        """The packet goes on; the next one comes half way."""
        self._do(lambda lab: lab.step())

    def action_flight(self) -> None:
        """To the next flight."""
        self._do(lambda lab: lab.flight())

    def action_message(self) -> None:
        """To the next message."""
        self._do(lambda lab: lab.message())

    def action_finish(self) -> None:
        """To the end."""
        self._do(lambda lab: lab.finish())

    def action_run(self) -> None:
        """Runs, or pauses."""
        self._do(lambda lab: lab.run())

    def action_faster(self, by: int) -> None:
        """Another speed."""
        self._do(lambda lab: lab.faster(by))

    def action_go(self, by: int) -> None:
        """Through the record."""
        self._do(lambda lab: lab.go(by))

    def action_edge(self, by: int) -> None:
        """To the begin of the record, or to the present."""
        self._do(lambda lab: lab.go(by * FAR))

    @on(WireView.Moved)
    def _moved(self, event: WireView.Moved) -> None:
        self.action_go(event.by)

    # what is done to packets

    def action_act(self, action: str) -> None:
        """Does something to the packet under the hand."""
        self.held.chosen = action
        self._do(lambda lab: lab.act(action))

    def action_hold(self) -> None:
        """Stops it, or lets it go."""
        self._do(lambda lab: lab.hold())

    def action_pick(self, by: int) -> None:
        """Another one under way."""
        self._do(lambda lab: lab.pick(by))

    def action_highlight(self, by: int) -> None:
        """The consequence of another action."""
        self.held.choose(by)

    @on(HeldView.Highlighted)
    def _highlighted(self, event: HeldView.Highlighted) -> None:
        self._do(lambda lab: lab.highlight(event.action))

    @on(HeldView.Chosen)
    def _chosen(self, event: HeldView.Chosen) -> None:
        if event.action == "deliver":
            self.action_step()
        elif event.action == "edit":
            self.action_edit()
        else:
            self.action_act(event.action)

    def action_undo(self) -> None:
        """Takes the last decision back."""
        self._do(lambda lab: lab.undo())

    # the form of the wire

    def action_form(self) -> None:
        """In time, or a line for each packet."""
        self.wire.action_form()

    def action_zoom(self, by: int) -> None:
        """More or fewer rows."""
        self.wire.action_zoom(by)

    # the link

    def action_link(self) -> None:
        """To the numbers of the link."""
        self.action_pane(4)
        if self.shown is not None:
            self.draw()

    @on(LinkView.Left)
    def _left(self) -> None:
        self.action_pane(1)
        self.draw()

    @on(LinkView.Nudged)
    def _nudged(self, event: LinkView.Nudged) -> None:
        self._do(lambda lab: lab.nudge(event.name, event.by))

    @on(LinkView.Typed)
    def _typed(self, event: LinkView.Typed) -> None:
        setting: Setting = event.setting

        def judge(text: str, mode: str) -> Verdict:
            try:
                typed(setting.name, text)
            except BadSetting as error:
                return Verdict(False, str(error))
            return Verdict()

        hint = f"now {setting.shown}; the run begins anew with the same decisions"
        self.prompt.ask(Question(f"set {setting.name}", setting.title, "", hint, judge))

    # questions

    def action_until(self) -> None:
        """Asks for an event."""
        lab = self.lab
        if lab is None:
            return

        def judge(text: str, mode: str) -> Verdict:
            error = lab.check_until(text) if text.strip() else None
            return Verdict() if error is None else Verdict(False, str(error))

        def offer(text: str, at: int) -> list[Offer]:
            known = lab.states()
            known += [f"{host} {state}" for host in lab.hosts() for state in known]
            found = [s for s in known if text and s.lower().startswith(text.lower())]
            return [Offer(state, 0, len(text), "a state") for state in found[:8]]

        hint = "a state: server CLOSE-WAIT; or a display filter: tcp.flags.fin == 1"
        question = Question("until", "Run until", "", hint, judge, offer, (), self._events)
        self.prompt.ask(question)

    def action_edit(self) -> None:
        """Asks for bytes."""
        shown = self.shown
        if shown is None or shown.hand is None:
            self.say("no packet is under the hand", "warn")
            return
        hint = f"offset: bytes in hex, as in 40: 00 ff (IP packet of {shown.hand.size} bytes)"
        self.prompt.ask(Question("edit", "Edit bytes", "", hint, _judge_patch))

    def action_save(self) -> None:
        """Asks for a name."""
        hint = "a new pcapng file, with the secrets, readable by you only"
        name = f"{self.about.name}.pcapng"
        self.prompt.ask(Question("save", "Save the branch", name, hint, offer=offer_paths))

    @on(Prompt.Answered)
    def _answered(self, event: Prompt.Answered) -> None:
        self.view(self.number).focus()
        kind, text = event.kind, event.text.strip()
        if self.lab is None or not text:
            return
        if kind == "until":
            self.lab.until(text)
        elif kind == "edit":
            self.lab.edit(*_patch(text))
        elif kind == "save":
            self._save(os.path.expanduser(text))
        elif kind.startswith("set "):
            self.lab.set(kind.removeprefix("set "), text)

    @on(Prompt.Cancelled)
    def _cancelled(self) -> None:
        self.view(self.number).focus()

    def _save(self, path: str) -> None:
        assert self.lab is not None
        try:
            count = self.lab.save(path)
        except OSError as error:
            self.say(f"{path}: {error.strerror or error}", "bad")
            return
        self.say(f"{count} packets written to {path}, with their secrets")

    # elsewhere

    def action_inspect(self) -> None:
        """The packets so far in the inspector, at the one in hand."""
        shown, lab = self.shown, self.lab
        if shown is None or lab is None or not shown.count:
            self.say("nothing has left yet", "warn")
            return
        passage = shown.count - 1 if shown.held is None else shown.held
        self._look(lab.session(), lab.record_of(passage))

    def action_plots(self) -> None:
        """Plots of the packets so far, with what each TCP knows of itself."""
        shown, lab = self.shown, self.lab
        if shown is None or lab is None or not shown.count:
            self.say("nothing has left yet", "warn")
            return
        session, place = lab.session(), screens.PlotPlace()
        session.start()
        record = lab.record_of(shown.count - 1 if shown.held is None else shown.held)

        def chosen(found: int | None) -> None:
            if found is None:
                session.close()
            else:
                self._look(session, found)

        flow = max(0, session.conversation_of(record))
        self.app.push_screen(screens.PlotScreen(session, flow, record, place), chosen)

    def action_branches(self) -> None:
        """The branches."""
        if self.shown is None:
            return

        def chosen(wish: tuple[str, str] | None) -> None:
            if wish is None or self.lab is None:
                return
            kind, name = wish
            if kind == "switch":
                self.lab.switch(name)
            else:
                self._compare(name)

        self.app.push_screen(screens.Branches(self.shown), chosen)

    def action_compare(self) -> None:
        """This branch and the one it left, or the one before it in the list."""
        shown = self.shown
        if shown is None or len(shown.branches) < 2:
            self.say("there is one branch: [ goes back, another choice there begins a second")
            return
        names = [branch.name for branch in shown.branches]
        origin = next(b.origin for b in shown.branches if b.name == shown.branch)
        other = origin if origin in names else names[names.index(shown.branch) - 1]
        self._compare(other)

    def _compare(self, other: str) -> None:
        shown, lab = self.shown, self.lab
        if shown is None or lab is None or other == shown.branch:
            self.say("choose another branch than the one shown", "warn")
            return
        first, second = sorted((other, shown.branch))
        comparison = lab.compare(first, second)
        seats = lab.seats
        self.app.push_screen(
            screens.Versus(comparison, self.about.name, lambda: seats(first, second))
        )

    def action_back(self) -> None:
        """Ends what takes long, or leaves."""
        if self.lab is not None and self.shown is not None and self.shown.running:
            self.lab.run()
        elif len(self.app.screen_stack) > 2:
            self.app.pop_screen()
        else:
            self.app.exit(0)


def _judge_patch(text: str, mode: str) -> Verdict:
    if not text.strip():
        return Verdict()
    try:
        _patch(text)
    except ValueError:
        return Verdict(False, "offset: bytes in hex, as in 40: 00 ff")
    return Verdict()


def _patch(text: str) -> tuple[int, bytes]:
    """(offset, bytes) of "40: 00 ff"; raises ValueError."""
    front, colon, rest = text.partition(":")
    data = bytes.fromhex(rest)
    if not colon or not data:
        raise ValueError(text)
    return int(front, 0), data
