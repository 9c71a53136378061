"""The lab's foundation: its panes, and how a snapshot comes onto them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget

from wirestep.session.lab_views import Shelved, Snapshot
from wirestep.timeline.times import milliseconds
from wirestep.ui.canvas import fit, many
from wirestep.ui.keys import footer
from wirestep.ui.widgets.bars import Footer, Header, Overview, Tabs, Transport
from wirestep.ui.widgets.ends_view import EndsView
from wirestep.ui.widgets.held_pane import HeldPane
from wirestep.ui.widgets.held_view import HeldView
from wirestep.ui.widgets.lab_bars import LabStrip, LabTransport, state
from wirestep.ui.widgets.link_view import LinkView
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.prompt import Prompt
from wirestep.ui.widgets.timers_view import TimersView
from wirestep.ui.widgets.too_small import TooSmall
from wirestep.ui.widgets.wire_view import WireView

if TYPE_CHECKING:
    from textual.timer import Timer

    from wirestep.session.lab import Lab

NAMES = ("Wire", "Ends", "Timers", "Link")
SAID = 8.0
"""Seconds that a sentence stays in the footer."""


class LabBench(Screen[None]):
    """Four panes and the packet in hand; one pane in tabs where there is little room."""

    DEFAULT_CSS = """
    LabBench { layers: below above top; background: $background; }
    LabBench #body {
        layout: grid; grid-size: 2 3; grid-columns: 55fr 45fr; grid-rows: 1fr 7 8;
        height: 1fr; width: 1fr;
    }
    LabBench #pane-wire { row-span: 2; }
    LabBench.-huge #body { grid-columns: 60fr 40fr; grid-rows: 1fr 11 9; }
    LabBench #pane-held { border: round $warning; border-title-color: $warning; }
    LabBench.-narrow Tabs { display: block; }
    LabBench.-narrow #body { grid-size: 1 1; grid-columns: 1fr; grid-rows: 1fr; }
    LabBench.-narrow Pane { border: none; display: none; row-span: 1; }
    LabBench.-narrow.view-1 #pane-wire, LabBench.-narrow.view-2 #pane-ends,
    LabBench.-narrow.view-3 #pane-timers, LabBench.-narrow.view-4 #pane-link { display: block; }
    LabBench.-narrow #pane-held {
        display: block; dock: bottom; height: 3; border: none; border-top: solid $warning;
    }
    """

    def __init__(self, about: Shelved) -> None:
        super().__init__()
        self.about = about
        self.lab: Lab | None = None
        self.shown: Snapshot | None = None
        self.wire, self.ends = WireView(), EndsView()
        self.timers, self.link, self.held = TimersView(), LinkView(), HeldView()
        self.held_pane = HeldPane("Held", self.held, id="pane-held")
        self.panes: dict[str, Pane] = {
            "wire": Pane("1 Wire", self.wire, id="pane-wire"),
            "ends": Pane("2 Ends", self.ends, id="pane-ends"),
            "timers": Pane("3 Timers", self.timers, id="pane-timers"),
            "held": self.held_pane,
            "link": Pane("4 Link", self.link, id="pane-link"),
        }
        """In the order of the grid."""
        self.header, self.tabs = Header(), Tabs()
        self.strip, self.transport = LabStrip(), LabTransport()
        self.footer, self.prompt = Footer(), Prompt()
        self.number = 1
        self._hush: Timer | None = None

    def compose(self) -> ComposeResult:
        """Header, panes, strip, transport, footer, and the prompt above them."""
        self.tabs.names = NAMES
        yield self.header
        yield self.tabs
        with Container(id="body"):
            yield from self.panes.values()
        yield self.strip
        yield self.transport
        yield self.footer
        yield self.prompt
        yield TooSmall()

    def on_mount(self) -> None:
        """The wire has the keys."""
        self.action_pane(1)
        self.footer.set([*footer("lab", "app")])
        self.header.set(self.about.name, "lab · staging …", (("● STAGING", "dim", True),))

    def say(self, text: str, level: str = "info") -> None:
        """A sentence in the footer, for some seconds."""
        self.footer.say(text, level)
        if self._hush is not None:
            self._hush.stop()
        self._hush = self.set_timer(SAID, lambda: self.footer.say("", "info")) if text else None

    # panes

    @property
    def narrow(self) -> bool:
        """Whether only one pane fits."""
        return self.has_class("-narrow")

    def view(self, number: int) -> Widget:
        """What stands in a pane."""
        return (self.wire, self.ends, self.timers, self.link)[number - 1]

    def action_pane(self, number: int) -> None:
        """To a pane by its number."""
        for other in range(1, 5):
            self.set_class(other == number, f"view-{other}")
        self.number = number
        self.tabs.chosen = number
        self.tabs.refresh()
        self.view(number).focus()

    @on(Tabs.Picked)
    def _picked(self, event: Tabs.Picked) -> None:
        self.action_pane(event.number)

    @on(Footer.Pressed)
    def _pressed(self, event: Footer.Pressed) -> None:
        self.app.simulate_key(event.key)

    @on(Transport.Pressed)
    async def _button(self, event: Transport.Pressed) -> None:
        await self.run_action(event.action)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click on a pane goes there, too."""
        views = [self.view(number) for number in range(1, 5)]
        if event.widget in views:
            self.number = views.index(event.widget) + 1
            self.tabs.chosen = self.number
            self.tabs.refresh()

    def on_resize(self) -> None:
        """Lines of another length say more or less."""
        if self.shown is not None:
            self.call_after_refresh(self.draw)

    # a snapshot

    def news(self) -> None:
        """The lab has another snapshot."""
        if self.lab is None or not self.is_attached:
            return
        shown = self.lab.snapshot
        before = self.shown
        if before is not None and shown.version <= before.version:
            return
        self.shown = shown
        self.draw()
        if shown.tellings != (0 if before is None else before.tellings):
            self.say(shown.told, "warn" if shown.outcome.error else "info")

    def draw(self) -> None:
        """Shows the snapshot everywhere."""
        shown = self.shown
        if shown is None:
            return
        self.wire.show(shown)
        self.ends.show(shown)
        self.timers.show(shown)
        self.link.show(shown)
        self.held.show(shown)
        self.strip.show(shown)
        self.transport.show(shown)
        self._titles(shown)

    def _titles(self, shown: Snapshot) -> None:
        spoken = " · ".join(self.about.stack)
        hosts = many(len(shown.hosts), "host")
        about = f"lab · {spoken} · {hosts}, virtual wire"
        if self.narrow:
            about = "lab"
        if len(shown.branches) > 1:
            about = f"branch {shown.branch} of {len(shown.branches)} · {about}"
        right = (("t ", "dim", False), (f"{milliseconds(shown.now)} ms  ", "fg", True))
        self.header.set(shown.name, about, (*right, state(shown), (" ", "dim", False)))
        room = self.size.width - 30 if self.narrow else self.size.width // 2 - 8
        title = fit(self.held.title, max(10, room))
        flown = self.held.flown
        self.held_pane.name_it(f"{title} · {flown}" if self.narrow and flown else title)
        self.held_pane.tell(flown)
        said = shown.said[-1] if shown.said else None
        self.panes["wire"].tell(
            "" if said is None else f"{shown.hosts[said.host].name}: {said.text}"
        )
        self.panes["link"].tell(
            "l edit" if not self.link.has_focus else "←→ change · Enter type · Esc back"
        )
        self.call_after_refresh(self._belows)

    def _belows(self) -> None:
        for name, view in (("ends", self.ends), ("timers", self.timers)):
            self.panes[name].tell(f"{view.below} more below" if view.below else "")

    @on(Overview.Sought)
    def _sought(self, event: Overview.Sought) -> None:
        """To the moment under the column that was clicked."""
        if self.shown is not None and self.lab is not None:
            share = event.column / max(1, event.width - 1)
            self.lab.go(round(share * (self.shown.places - 1)) - self.shown.place)
