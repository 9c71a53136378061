"""A screen of some panes: all beside each other, or one at a time in tabs where little fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events, on
from textual.screen import Screen
from textual.widget import Widget

from wirestep.ui.keys import footer
from wirestep.ui.widgets.bars import Footer, Header, Tabs, Transport

if TYPE_CHECKING:
    from textual.timer import Timer

SAID = 8.0
"""Seconds that a sentence stays in the footer."""


class Paned(Screen[int | None]):
    """Goes between its views; says what there is to say. Its result is a packet to go to."""

    NAMES: Sequence[str] = ()
    """Of the tabs."""
    PLACE = ""
    """Whose keys the footer shows."""
    DEFAULT_CSS = """
    Paned { layers: below above top; background: $background; }
    Paned.-narrow Tabs { display: block; }
    Paned.-narrow #body { layout: vertical; }
    Paned.-narrow Pane { border: none; display: none; height: 1fr; }
    Paned.-narrow.view-1 .pane-1, Paned.-narrow.view-2 .pane-2,
    Paned.-narrow.view-3 .pane-3 { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.header, self.tabs, self.footer = Header(), Tabs(), Footer()
        self.number = 1
        self._hush: Timer | None = None

    def views(self) -> Sequence[Widget]:
        """What has the keys, by number from 1."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """The first view has the keys."""
        self.tabs.names = self.NAMES
        self.footer.set([*footer(self.PLACE, "app")])
        self.action_pane(1)

    def say(self, text: str, level: str = "info") -> None:
        """A sentence in the footer, for some seconds."""
        self.footer.say(text, level)
        if self._hush is not None:
            self._hush.stop()
        self._hush = self.set_timer(SAID, lambda: self.footer.say("", "info")) if text else None

    @property
    def narrow(self) -> bool:
        """Whether only one pane fits."""
        return self.has_class("-narrow")

    def action_pane(self, number: int) -> None:
        """To a pane by its number."""
        self._mark(number)
        self.views()[number - 1].focus()

    def action_pane_next(self, by: int) -> None:
        """To the next pane."""
        self.action_pane((self.number - 1 + by) % len(self.views()) + 1)

    def _mark(self, number: int) -> None:
        for other in range(1, len(self.views()) + 1):
            self.set_class(other == number, f"view-{other}")
        self.number = number
        self.tabs.chosen = number
        self.tabs.refresh()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click on a pane goes there, too."""
        views = list(self.views())
        if event.widget in views:
            self._mark(views.index(event.widget) + 1)

    @on(Tabs.Picked)
    def _tab(self, event: Tabs.Picked) -> None:
        self.action_pane(event.number)

    @on(Footer.Pressed)
    def _key(self, event: Footer.Pressed) -> None:
        self.app.simulate_key(event.key)

    @on(Transport.Pressed)
    async def _button(self, event: Transport.Pressed) -> None:
        await self.run_action(event.action)
