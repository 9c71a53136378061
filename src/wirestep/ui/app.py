"""The program on the screen: its screens, its themes, and what can be done from everywhere."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, cast

from textual import events
from textual.app import App, SystemCommand
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen

from wirestep import session as sessions
from wirestep.session.lab_views import Staged
from wirestep.ui import screens
from wirestep.ui.doors import Doors, doors
from wirestep.ui.files import offer_paths
from wirestep.ui.glyphs import Plain, wanted
from wirestep.ui.keys import PLACES, TITLES, Key, bindings, spoken
from wirestep.ui.labs import open_lab
from wirestep.ui.painting import Painter
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.theme import DARK_THEME, LIGHT_THEME, looks, theme
from wirestep.ui.widgets.prompt import Question
from wirestep.ui.widgets.too_small import TooSmall

HELP = {
    "Inspector": ("inspector", "transport", "packets", "ladder", "tree", "bytes", "list", "app"),
    "ColumnsPanel": ("columns", "list", "app"),
    "Home": ("home", "list", "app"),
    "Conversations": ("conversations", "list", "app"),
    "Statistics": ("statistics", "plot", "list", "app"),
    "Follow": ("follow", "list", "app"),
    "ObjectList": ("objects", "list", "app"),
    "ExportPanel": ("export", "list"),
    "LabBench": ("lab", "wire", "ends", "link", "app"),
    "Branches": ("branches", "list", "app"),
    "Versus": ("versus", "list", "app"),
    "LedgerScreen": ("ledger", "list", "app"),
    "PlotScreen": ("graph", "plots", "app"),
    "RaceScreen": ("race", "app"),
    "CompareScreen": ("compare", "list", "app"),
}

MOMENT = 0.002
"""Seconds between two looks whether the session has read as far as the first look."""
SWITCH = 0.001
"""Seconds that a thread in the background goes on while the screen waits for its turn."""
SELDOM = (1_000, 10, 500)
"""When unreachable cycles are looked for: the last number is for looking through everything, which
holds the keyboard up for as long as it takes."""


class Opened(Inspector):
    """The inspector, able to open another file."""

    def go_home(self) -> None:
        """To the home screen."""
        app = self.app
        assert isinstance(app, Wirestep)
        app.go_home()

    def action_open_file(self) -> None:
        """Asks for a file."""
        hint = "the name of a capture file; tab completes"
        self.prompt.ask(Question("open", "Open a file", "", hint, offer=offer_paths))

    def on_prompt_answered(self, event: object) -> None:
        """Opens what was asked for."""
        kind, text = getattr(event, "kind", ""), getattr(event, "text", "")
        app = self.app
        if kind == "open" and text and isinstance(app, Wirestep):
            self.ask_to_leave(lambda: app.inspect(text, instead=True))


class Wirestep(App[int]):
    """Home, inspector, help."""

    TITLE = "wirestep"
    CSS = """
    CommandPalette > Vertical {
        margin-top: 2; width: 76; max-width: 96%; min-width: 24;
        background: $panel; &:dark { background: $panel; }
    }
    CommandPalette #--input { border: round $accent; background: $panel; }
    CommandPalette #--input.--list-visible { border: round $accent; }
    CommandPalette CommandInput, CommandPalette CommandInput:focus {
        border: none; height: 1; margin: 0 1; background: $panel;
    }
    CommandPalette SearchIcon { display: none; }
    CommandPalette CommandList, CommandPalette CommandList:focus {
        background: $panel; border: round $accent; max-height: 60vh; min-width: 20;
        scrollbar-size-vertical: 1;
    }
    """
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-narrow"),
        (100, "-wide"),
        (180, "-huge"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-short"),
        (20, "-tall"),
    ]
    BINDINGS = bindings("app")
    COMMAND_PALETTE_BINDING = "f24"
    """Ours is in the table of keys."""

    def __init__(
        self,
        ways: Doors,
        path: str | None = None,
        filter_text: str = "",
        *,
        ladder_first: bool = False,
        staged: Staged | None = None,
        race: str | None = None,
    ) -> None:
        self._plain = Plain() if wanted() else None
        super().__init__()
        self.painter = Painter(self)
        self._pictured = False
        """Whether something can be seen."""
        self.ways = ways
        self.path = path
        self.filter_text = filter_text
        self.ladder_first = ladder_first
        self.staged, self.raced = staged, race
        for look in looks(self):
            self.register_theme(theme(look))
        self.theme = LIGHT_THEME if os.environ.get("WIRESTEP_THEME") == "light" else DARK_THEME

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Ours comes last, so that nothing is drawn after it.

        The colours of a terminal's own table are used nowhere, so none need to be looked for.
        """
        filters = [f for f in super().get_line_filters() if not isinstance(f, ANSIToTruecolor)]
        return filters if self._plain is None else [*filters, self._plain]

    def on_mount(self) -> None:
        """The capture or the lab that was asked for, or home."""
        if self.staged is not None:
            self.lab(self.staged)
        elif self.raced is not None:
            self.action_race(self.raced)
        elif self.path is None:
            self.push_screen(self._home())
        else:
            self.inspect(self.path, self.filter_text, ladder_first=self.ladder_first)

    def post_display_hook(self) -> None:
        """After each picture; Textual calls it."""
        screen = self.screen_stack[-1] if self.screen_stack else None
        if screen is not None and not self._pictured:
            self._pictured = any(child.size for child in screen.children)
            if self._pictured:
                _settle_down()
        if self._pictured and isinstance(screen, Inspector):
            screen.pictured()

    def inspect(
        self,
        path: str,
        filter_text: str = "",
        *,
        ladder_first: bool = False,
        instead: bool = False,
    ) -> None:
        """Opens a capture; where that fails, the screen says why."""
        path = os.path.expanduser(path)
        try:
            first = None if filter_text else self.ways.first(path)
            session = first or self.ways.open(path)
        except (ValueError, OSError) as error:
            self.tell(str(error))
            return
        session.start()
        screen = Opened(cast("sessions.Session", session), filter_text, ladder_first=ladder_first)
        screen.newest = session.exchange is not None
        if first is not None:
            least = first.total
            screen.make = lambda: self._make(path, screen, least)
        if instead:
            self.switch_screen(screen)
        else:
            self.push_screen(screen)
        if first is None and session.path:
            self.ways.remember(session.path, session.total, int(time.time()))  # noqa: TID251

    def _make(self, path: str, screen: Inspector, least: int) -> None:
        """In a thread: what the decoders need is imported here; then the session takes over."""
        try:
            session = self.ways.open(path)
        except (ValueError, OSError) as error:
            self.call_from_thread(self._give_up, screen, str(error))
            return
        session.start()
        while session.total < least and not session.progress().finished:
            time.sleep(MOMENT)
        self.call_from_thread(screen.adopt, session)
        self.ways.remember(path, session.total, int(time.time()))  # noqa: TID251

    def _give_up(self, screen: Inspector, text: str) -> None:
        """The first packets could be read, but no more."""
        if screen.is_current:
            self.switch_screen(self._home(text))

    def _home(self, text: str = "") -> screens.Home:
        def opener(path: str, ladder_first: bool) -> None:
            self.inspect(path, ladder_first=ladder_first)

        return screens.Home(self.ways, opener, self.lab, text)

    def lab(self, staged: Staged) -> None:
        """Opens a scenario; where that fails, the screen says why."""
        open_lab(self, self.ways.lab, staged, self.look_into, self.tell)

    def action_race(self, words: str = "") -> None:
        """One request over several stacks; `words`: see session.racing_wish."""
        self.push_screen(screens.RaceScreen(words, self.look_into))

    def look_into(self, session: sessions.Session, record: int) -> None:
        """Opens what is a session already, at one of its packets."""
        session.start()
        screen = Opened(session)
        self.push_screen(screen)
        screen.call_after_refresh(lambda: screen.select(record))

    def tell(self, text: str) -> None:
        """A sentence on whatever screen is shown."""
        screen = self.screen
        if isinstance(screen, screens.Home | Inspector):
            screen.say(text, "bad")
        else:
            self.push_screen(self._home(text))

    def go_home(self) -> None:
        """From the inspector to what it was opened from, or to the home screen."""
        if len(self.screen_stack) > 2:
            self.pop_screen()
        else:
            self.switch_screen(self._home())

    # from everywhere

    def action_help(self) -> None:
        """All keys."""
        if isinstance(self.screen, screens.Paper):
            return
        names = [kind.__name__ for kind in type(self.screen).__mro__]
        places = next((HELP[name] for name in names if name in HELP), ("app",))
        self.push_screen(screens.Help(places))

    def action_theme(self) -> None:
        """Dark or light."""
        self.theme = LIGHT_THEME if self.current_theme.dark else DARK_THEME

    def action_open_file(self) -> None:
        """Asks for a file, where the screen can."""
        ask = getattr(self.screen, "action_open_file", None)
        if ask is not None:
            ask()

    def action_leave(self) -> None:
        """Quits; unsaved comments are asked about."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Inspector):
                screen.ask_to_leave(lambda: self.exit(0))
                return
        self.exit(0)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: our keys, by their titles."""
        names = [kind.__name__ for kind in type(screen).__mro__]
        places = next((HELP[name] for name in names if name in HELP), ("app",))
        taken: set[str] = set()
        for place in places:
            if place in ("list", "wire", "ends", "link"):
                continue
            for key in PLACES[place]:
                if key.id != "app.palette":
                    yield self._command(key, place, taken)
                taken.update(key.keys.split(","))

    def _command(self, key: Key, place: str, taken: set[str]) -> SystemCommand:
        """Presses the key, save where it means something else here."""
        pressed = next((name for name in key.keys.split(",") if name not in taken), "")
        told = f"{spoken(key) if pressed else ''}   {TITLES[place]}".replace("[", "\\[")
        act = (lambda: self.simulate_key(pressed)) if pressed else (lambda: self._run(key.action))
        return SystemCommand(key.title, told, act)

    def _run(self, action: str) -> None:
        self.call_later(self.run_action, action)

    def on_resize(self, event: events.Resize) -> None:
        """Covers all screens where nothing fits."""
        for screen in self.screen_stack:
            for cover in screen.query(TooSmall):
                cover.judge(event.size)


def _settle_down() -> None:
    """What start-up has made stays; it need not be looked through for what is unreachable."""
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()


def run(
    path: str | None,
    *,
    rules: Mapping[tuple[str, int], str] | None = None,
    keylog: str = "",
    keys: Sequence[str] = (),
    filter_text: str = "",
    stream: BinaryIO | None = None,
    follow: bool = False,
    exchange: sessions.Session | None = None,
    staged: Staged | None = None,
    race: str | None = None,
) -> int:
    """Runs the screen until the user leaves; the exit code.

    `rules` say what is spoken on a port, `keylog` names a file of TLS secrets, `keys` files with
    private keys, `filter_text` is the display filter to start with. "-" is read from `stream`; a
    file to `follow` still grows. An `exchange` that is under way is shown under the name `path`;
    of a scenario that is `staged`, the lab; of a `race` (its words), the lanes.
    """

    def opener(name: str) -> sessions.Session:
        if exchange is not None and name == path:
            return exchange
        source = stream if name == "-" else None
        grows = follow and name == path
        return sessions.Session.open(
            name, rules=rules or {}, keylog=keylog, keys=keys, stream=source, follow=grows
        )

    sys.setswitchinterval(SWITCH)
    ways = doors(opener, first_look=exchange is None)
    app = Wirestep(
        ways, path, filter_text, ladder_first=exchange is not None, staged=staged, race=race
    )
    app.run()
    return app.return_code or 0
