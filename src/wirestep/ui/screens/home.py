"""The home screen: bundled captures and the lab's scenarios with a preview, and recent files."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import get_current_worker

from wirestep.session.lab_views import Shelved, Staged
from wirestep.session.views import Bundled
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import many
from wirestep.ui.doors import Doors, Preview
from wirestep.ui.files import offer_paths
from wirestep.ui.keys import bindings, footer
from wirestep.ui.theme import badge_hue
from wirestep.ui.widgets.bars import Footer, Header, Overview, Tabs
from wirestep.ui.widgets.glance import Details
from wirestep.ui.widgets.ladder_view import EMPTY, LadderView
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.prompt import Prompt, Question, Verdict
from wirestep.ui.widgets.shelf import Recents, Scenarios, Shelf
from wirestep.ui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from textual.timer import Timer

SETTLE = 0.12
"""Seconds that the cursor rests on a capture before it is looked into."""
NAMES = ("Captures", "Lab", "Recent", "Details", "Preview")


Entry = Bundled | Shelved


class Home(Screen[None]):
    """What there is to look at."""

    BINDINGS = bindings("home")
    DEFAULT_CSS = """
    Home { layers: below above top; background: $background; layout: vertical; }
    Home #body {
        layout: grid; grid-size: 3 2; grid-columns: 41fr 43fr 36fr; grid-rows: 1fr 14;
        height: 1fr; width: 1fr;
    }
    Home #pane-preview { row-span: 2; }
    Home.-huge #body { grid-columns: 58fr 60fr 80fr; grid-rows: 2fr 1fr; }
    Home.-narrow #body { grid-size: 2 1; grid-columns: 43 1fr; grid-rows: 1fr; }
    Home.-narrow Tabs { display: block; }
    Home.-narrow Pane { border: none; display: none; row-span: 1; }
    Home.-narrow.view-1 #pane-shelf, Home.-narrow.view-2 #pane-scenarios,
    Home.-narrow.view-1 #pane-preview, Home.-narrow.view-2 #pane-preview { display: block; }
    Home.-narrow.view-3 #body, Home.-narrow.view-4 #body, Home.-narrow.view-5 #body {
        grid-size: 1 1; grid-columns: 1fr;
    }
    Home.-narrow.view-3 #pane-recents, Home.-narrow.view-4 #pane-details,
    Home.-narrow.view-5 #pane-preview { display: block; }
    Home.-narrow.view-1 #pane-preview, Home.-narrow.view-2 #pane-preview {
        border-left: solid $border-blurred;
    }
    """

    def __init__(
        self,
        doors: Doors,
        opener: Callable[[str, bool], None],
        lab: Callable[[Staged], None],
        said: str = "",
    ) -> None:
        """`opener` takes a path, and whether the ladder comes first; `said`: a sentence."""
        super().__init__()
        self.doors, self.opener, self.lab = doors, opener, lab
        self.first_said = said
        self.names: dict[str, str] = {}
        self.shelf = Shelf(doors.bundled(), badge_hue)
        self.scenarios = Scenarios(badge_hue)
        self.recents = Recents(doors.recents(), int(time.time()))  # noqa: TID251
        self.details = Details()
        self.preview = LadderView(lambda host: self.names.get(host, host), id="preview")
        self.preview.quiet = True
        self.header = Header()
        self.tabs = Tabs()
        self.strip = Overview()
        self.footer = Footer()
        self.prompt = Prompt()
        self.number = 1
        self.known: dict[str, Preview] = {}
        self.pointed: Entry | None = None
        """What was pointed at last."""
        self._rest: Timer | None = None

    def compose(self) -> ComposeResult:
        """Header, panes, strip, footer, and the prompt above them."""
        self.tabs.names = NAMES
        yield self.header
        yield self.tabs
        with Container(id="body"):
            yield Pane("1 Captures", self.shelf, id="pane-shelf")
            yield Pane("2 Lab", self.scenarios, id="pane-scenarios")
            yield Pane("5 Preview", self.preview, id="pane-preview")
            yield Pane("3 Recent", self.recents, id="pane-recents")
            yield Pane("4 Details", self.details, id="pane-details")
        yield self.strip
        yield self.footer
        yield self.prompt
        yield TooSmall()

    def on_mount(self) -> None:
        """The cursor stands on the first capture."""
        self.add_class("view-1")
        self.shelf.focus()
        self.shelf.go(0)
        count = len(self.shelf.all)
        self.header.set("home", many(count, "capture"), (("● READY", "good", True),))
        self.footer.set([*footer("home", "app")])
        if self.first_said:
            self.say(self.first_said, "bad")
        self.call_after_refresh(self._find_scenarios)

    @work(thread=True, group="scenarios", exit_on_error=False)
    def _find_scenarios(self) -> None:
        """Beside the screen, which is shown before they are read."""
        found: Sequence[Shelved] = ()
        said = "no scenarios came with this installation"
        try:
            found = self.doors.scenarios()
        except ValueError as error:
            said = str(error)
        self.app.call_from_thread(self._take_scenarios, found, said)

    def _take_scenarios(self, found: Sequence[Shelved], said: str) -> None:
        self.scenarios.take(found, said)
        captures = many(len(self.shelf.all), "capture")
        told = f"{captures} · {many(len(found), 'scenario')}"
        self.header.set("home", told, (("● READY", "good", True),))

    def say(self, text: str, level: str = "info") -> None:
        """A sentence in the footer, until something else happens."""
        self.footer.say(text, level)
        if text:
            self.set_timer(8 if level == "info" else 20, lambda: self.footer.say("", "info"))

    def on_screen_resume(self) -> None:
        """Coming back: there may be more recent files."""
        self.recents.entries = list(self.doors.recents())
        self.recents.changed()

    # panes

    @property
    def narrow(self) -> bool:
        """Whether only some panes fit."""
        return self.has_class("-narrow")

    def _view(self, at: int) -> Widget:
        return (self.shelf, self.scenarios, self.recents, self.details, self.preview)[at - 1]

    def action_pane(self, at: int) -> None:
        """To a pane by its number."""
        if at > 3 and not self.narrow:
            return
        for other in range(1, 6):
            self.set_class(other == at, f"view-{other}")
        self.number = at
        self.tabs.chosen = at
        self.tabs.refresh()
        view = self._view(at)
        if view.can_focus:
            view.focus()

    def action_pane_next(self, by: int) -> None:
        """To the next pane."""
        count = 5 if self.narrow else 3
        self.action_pane((self.number - 1 + by) % count + 1)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Lists look different with the focus; what they point at is shown."""
        if event.widget is self.recents and self.recents.cursor < 0:
            self.recents.show(0)
        if event.widget is self.scenarios and self.scenarios.count():
            at = max(0, self.scenarios.cursor)
            self.scenarios.show(at)
            self.scenarios.chosen(at)
        elif event.widget is self.shelf and self.pointed is not self.shelf.entry():
            entry = self.shelf.entry()
            if entry is not None:
                self.shelf.post_message(Shelf.Chosen(entry))
        for number in (1, 2, 3):
            if event.widget is self._view(number):
                self.number = number
        self.scenarios.refresh()
        self.recents.refresh()

    @on(Tabs.Picked)
    def _picked(self, event: Tabs.Picked) -> None:
        self.action_pane(event.number)

    @on(Footer.Pressed)
    def _pressed(self, event: Footer.Pressed) -> None:
        self.app.simulate_key(event.key)

    # looking into captures

    @on(Shelf.Chosen)
    @on(Scenarios.Chosen)
    def _chosen(self, event: Shelf.Chosen | Scenarios.Chosen) -> None:
        self.pointed = event.entry
        self.details.show(event.entry)
        known = self.known.get(_key(event.entry))
        if known is not None:
            self._show(event.entry, known)
            return
        self.preview.waiting = True
        self.preview.set_ladder(EMPTY)
        self.query_one("#pane-preview", Pane).tell("")
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(SETTLE, lambda: self._look(event.entry))

    @work(thread=True, exclusive=True, group="preview", exit_on_error=False)
    def _look(self, entry: Entry) -> None:
        worker = get_current_worker()
        try:
            if isinstance(entry, Bundled):
                seen = self.doors.preview(entry.path)
            else:
                seen = self.doors.rehearsal(entry.name)
        except (ValueError, OSError) as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.say, str(error), "bad")
            return
        if not worker.is_cancelled:
            self.app.call_from_thread(self._seen, entry, seen)

    def _seen(self, entry: Entry, seen: Preview) -> None:
        self.known[_key(entry)] = seen
        if self.pointed == entry:
            self._show(entry, seen)

    def _show(self, entry: Entry, seen: Preview) -> None:
        self.names = dict(seen.names)
        self.preview.waiting = False
        self.preview.first_time = seen.first_time
        self.preview.set_preview(seen.ladder)
        self.preview.scroll_to(y=0, animate=False)
        text = f"{entry.name} · {milliseconds(seen.duration, 0)} ms"
        if isinstance(entry, Shelved):
            packets = many(sum(count for count, _ in seen.overview), "packet")
            self.details.show(entry, f"{packets}, {milliseconds(seen.duration, 0)} ms")
        self.query_one("#pane-preview", Pane).tell(text)
        self.strip.set(spread(seen.overview, self.strip.columns), 0, ())

    # opening

    @on(Shelf.Entered)
    @on(Recents.Entered)
    def _entered(self, event: Shelf.Entered | Recents.Entered) -> None:
        self.open(event.path)

    def open(self, path: str, *, ladder_first: bool = False) -> None:
        """Opens a capture, or says why not."""
        self.opener(path, ladder_first)

    @on(Scenarios.Entered)
    def _staged(self, event: Scenarios.Entered) -> None:
        self.lab(Staged(event.entry))

    def action_enter(self) -> None:
        """Opens what was pointed at last."""
        self._enter(ladder_first=False)

    def action_step(self) -> None:
        """Opens it at its ladder."""
        self._enter(ladder_first=True)

    def _enter(self, *, ladder_first: bool) -> None:
        entry = self.pointed
        if isinstance(entry, Shelved):
            self.lab(Staged(entry))
        elif entry is not None:
            self.open(entry.path, ladder_first=ladder_first)

    async def action_race(self) -> None:
        """One request over four stacks."""
        await self.app.run_action("race")

    def action_find(self) -> None:
        """Shows only captures and scenarios that have the words."""
        hint = "words of a name, a title, a protocol"
        if self.number > 2:
            self.action_pane(1)
        self.prompt.ask(Question("find", "Find", "", hint, self._narrow))

    def _narrow(self, text: str, _: str) -> Verdict:
        found, staged = self.shelf.narrow(text), self.scenarios.narrow(text)
        told = f"{many(found, 'capture')}, {many(staged, 'scenario')}"
        return Verdict(bool(found or staged), told if text else "")

    @property
    def _narrowed(self) -> bool:
        """Whether only some are shown."""
        captures, staged = self.shelf, self.scenarios
        return captures.entries != captures.all or staged.entries != staged.all

    def action_open_file(self) -> None:
        """Asks for a file."""
        hint = "the name of a capture file; tab completes"
        self.prompt.ask(Question("open", "Open a file", "", hint, offer=offer_paths))

    @on(Prompt.Answered)
    def _answered(self, event: Prompt.Answered) -> None:
        self._view(self.number).focus()
        if event.kind == "open" and event.text:
            self.open(event.text)

    @on(Prompt.Cancelled)
    def _cancelled(self) -> None:
        if self._narrowed:
            self._narrow("", "")
        self._view(self.number).focus()

    def action_back(self) -> None:
        """Shows all captures again, or leaves."""
        if self._narrowed:
            self._narrow("", "")
        else:
            self.app.exit(0)


def _key(entry: Entry) -> str:
    return entry.path if isinstance(entry, Bundled) else f"scenario {entry.name}"


def spread(counts: tuple[tuple[int, str], ...], columns: int) -> tuple[tuple[int, str], ...]:
    """An overview over another number of columns."""
    out = [(0, "")] * columns
    for at, (count, hue) in enumerate(counts):
        place = at * columns // max(1, len(counts))
        out[place] = (out[place][0] + count, hue or out[place][1])
    return tuple(out)
