"""The inspector's panes: which are seen at which size, which has the focus, how wide they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget

from wirestep.ui.canvas import number
from wirestep.ui.keys import Key, bindings, footer
from wirestep.ui.screens.explaining import Explaining
from wirestep.ui.widgets.bars import Footer, Header, Tabs
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from wirestep.session import Session

SHORT = {
    "ladder": ("ladder",),
    "tree": ("tree",),
    "bytes": ("bytes",),
    "packets": ("packets",),
}
TABS = ("Packets", "Ladder", "Decode", "Bytes")
SOON = 1.5
"""Seconds in which digits make one number, and G makes it a packet's."""
SHARES = (26, 34, 40, 46, 52, 60, 68)
"""Hundredths of the width that the left pane may take."""


class Panes(Explaining):
    """Four views of one capture, side by side or in tabs."""

    BINDINGS = bindings("transport", "inspector")
    DEFAULT_CSS = """
    Panes { layers: below above top; background: $background; layout: vertical; }
    Panes #body {
        layout: grid; grid-size: 2 2; grid-columns: 46fr 54fr; grid-rows: 1fr 14;
        height: 1fr; width: 1fr;
    }
    Panes.-huge #body { grid-size: 3 2; grid-columns: 46fr 54fr 77; grid-rows: 3fr 2fr; }
    Panes.-huge #pane-packets, Panes.-huge #pane-ladder { row-span: 2; }
    Panes.-stacked.-wide #body, Panes.-stacked.-huge #body {
        grid-size: 2 2; grid-columns: 1fr 1fr; grid-rows: 1fr 1fr;
    }
    Panes.-stacked #pane-packets { column-span: 2; row-span: 1; }
    Panes.-stacked #pane-ladder { row-span: 1; }
    Panes.-stacked #pane-tree { display: none; }

    Panes.-zoomed #body, Panes.-zoomed.-huge #body, Panes.-zoomed.-wide #body {
        grid-size: 1 1; grid-columns: 1fr; grid-rows: 1fr;
    }
    Panes.-zoomed Pane { display: none; row-span: 1; column-span: 1; }
    Panes.-zoomed.view-1 #pane-packets, Panes.-zoomed.view-2 #pane-ladder,
    Panes.-zoomed.view-3 #pane-tree, Panes.-zoomed.view-4 #pane-bytes { display: block; }

    Panes.-narrow Tabs { display: block; }
    Panes.-narrow #body { layout: vertical; }
    Panes.-narrow Pane { border: none; display: none; height: 1fr; }
    Panes.-narrow Pane.-second {
        display: block; border-top: solid $border-blurred; height: 6;
    }
    Panes.-narrow Pane.-first { display: block; }
    Panes.-narrow Pane.-half { height: 1fr; border-top: solid $border-blurred; }
    Panes.-narrow.-short Pane.-second, Panes.-narrow.-zoomed Pane.-second {
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
        self.typed_at = 0.0
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
                below = self.explanation if name == "tree" else None
                pane = Pane(f"{at} {TABS[at - 1]}", view, id=f"pane-{name}", below=below)
                self.panes[at] = pane
                yield pane
        yield self.strip
        yield self.transport
        yield self.footer
        yield self.prompt
        yield TooSmall()

    def on_mount(self) -> None:
        """The first pane gets the focus."""
        self.focus_pane(2 if self.ladder_first else 1)
        if self.first_filter:
            self.apply_filter(self.first_filter)

    # panes

    def focus_pane(self, at: int) -> None:
        """Shows a pane and gives it the focus."""
        self.number = at
        self._arrange()
        self.set_focus(self.panes[at].inside)

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
        if event.widget is not self.focused:
            return  # the focus has moved on since
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
        taken = {key.keys for key in own}
        left = [key for key in rest if key not in first and key.keys not in taken]
        return [*own, *first, *left]

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
        """To a pane by its number."""
        self.focus_pane(at)

    def select(self, record: int, path: tuple[int, ...] | None = None) -> None:
        """Selects a packet everywhere; digits typed before were meant for nothing else."""
        self.digits = ""
        super().select(record, path)

    def _gather(self, digit: str, at: float) -> None:
        """A digit soon after another belongs to the same number; `at`: when it was typed."""
        if not self.digits or at - self.typed_at > SOON:
            self.digits, self.before_digits = "", self.number
        self.digits += digit
        self.typed_at = at

    def on_key(self, event: events.Key) -> None:
        """Digits gather for G; any other key forgets them. Escape stops what goes on.

        Panes are changed here, not by their bindings: those come a turn later, and of a number that
        is typed fast G would be seen before its digits.
        """
        if event.key in "0123456789":
            self._gather(event.key, event.time)
            if int(event.key) in self.panes:
                self.action_pane(int(event.key))
            event.stop()
        elif event.key == "G" and self.digits and event.time - self.typed_at < SOON:
            found, self.digits = int(self.digits) - 1, ""
            self.focus_pane(self.before_digits)
            if 0 <= found < self.session.total:
                self.select(found)
            else:
                self.say(f"there are {number(self.session.total)} packets", "warn")
            event.stop()
            event.prevent_default()
        else:
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
            body.styles.grid_columns = f"{left}fr {100 - left}fr"
        elif plain and self.has_class("-huge"):
            body.styles.grid_columns = f"{left}fr {100 - left}fr 77"
        else:
            body.styles.clear_rule("grid_columns")

    def on_resize(self) -> None:
        """Other columns at other widths."""
        self.call_after_refresh(self._columns)
        self.call_after_refresh(self._dress)
