"""What was sent as files: a list, and saving of one or all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.style import Style
from textual import on
from textual.app import ComposeResult
from textual.message import Message as Notice
from textual.screen import Screen
from textual.strip import Strip

from wirestep.session.objects import Object, save
from wirestep.ui.canvas import Line, amount, fit, many, number
from wirestep.ui.files import offer_paths
from wirestep.ui.keys import bindings, footer
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bars import Footer, Header
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.prompt import Prompt, Question, Verdict
from wirestep.ui.widgets.rows import Rows
from wirestep.ui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from wirestep.session import Session

AGAIN = 0.25
"""Seconds after which what has been found is shown."""
COLUMNS = (("Packet", 8, True), ("Bytes", 9, True), ("Type", 26, False), ("Host", 24, False))
"""Title, width, whether it ends at the right; the path takes what is left."""


class ObjectLines(Rows):
    """One object a line."""

    HEAD = 1

    class Entered(Notice):
        """Enter was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Sequence[Object] = ()
        self.done = False

    def count(self) -> int:
        """Objects found so far."""
        return len(self.found)

    def draw_empty(self) -> str:
        """Why there are none."""
        return "nothing was sent as a file here" if self.done else "reading…"

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The titles."""
        titles = [title for title, _, _ in COLUMNS]
        return self._line((*titles, "Path"), width, look, style(look.dim, look.panel, bold=True))

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """Where it is, how long, what, from whom."""
        one = self.found[row]
        size = amount(len(one.data)) + (" +" if one.cut else "")
        sign = "▶ " if one.client else ""
        texts = (number(one.record + 1), size, one.kind, one.host, sign + one.path)
        ink = style(look.selfg if selected else look.fg, look.sel if selected else look.bg)
        return self._line(texts, width, look, ink)

    def _line(self, texts: Sequence[str], width: int, look: Palette, ink: Style) -> Strip:
        out = Line(width, ink)
        at = 1
        for text, (_, room, right) in zip(texts, COLUMNS, strict=False):
            room = room if width >= 100 or right else room * 2 // 3
            shown = fit(text, room)
            out.put(at + (room - len(shown) if right else 0), shown, ink)
            at += room + 1
        out.put(at, fit(texts[-1], max(1, width - at)), ink)
        return out.strip()

    def entered(self, row: int) -> None:
        """To its packet."""
        self.post_message(self.Entered())


class ObjectList(Screen[int | None]):
    """All objects of a capture; gives back the record to go to."""

    BINDINGS = bindings("objects")
    DEFAULT_CSS = "ObjectList { layers: below above top; background: $background; }"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.finder = session.finding()
        self.list = ObjectLines()
        self.header = Header()
        self.footer = Footer()
        self.prompt = Prompt()
        self._shown = (0, 0, False)
        """Objects found, passes, whether all is read: as they are shown."""
        self._chosen: Sequence[Object] = ()
        """What the question is about."""

    def compose(self) -> ComposeResult:
        """Header, the list, footer."""
        yield self.header
        yield Pane("Objects", self.list, id="pane-objects")
        yield self.footer
        yield self.prompt
        yield TooSmall()

    def on_mount(self) -> None:
        """From the start; what is found comes by and by."""
        self.list.focus()
        self.footer.set(footer("objects", "app"))
        self._grow()
        self.set_interval(AGAIN, self._grow)

    def on_unmount(self) -> None:
        """Nobody looks on."""
        self.session.unfind()

    def _grow(self) -> None:
        found = self.finder.found
        state = len(found), self.finder.passes, self.finder.done
        if state == self._shown:
            return
        self._shown = state
        self.list.found, self.list.done = found[:], self.finder.done
        self.list.changed()
        if self.list.cursor < 0:
            self.list.show(0)
        about = many(len(found), "object") + ("" if self.finder.done else ", reading…")
        if self.finder.cut:
            about += ", no more are kept"
        self.header.set(self.session.title, about, ())

    @on(Footer.Pressed)
    def _pressed(self, event: Footer.Pressed) -> None:
        self.app.simulate_key(event.key)

    @on(ObjectLines.Entered)
    def _entered(self, event: Notice) -> None:
        if 0 <= self.list.cursor < self.list.count():
            self.dismiss(self.list.found[self.list.cursor].record)

    def action_save(self, everything: bool) -> None:
        """Asks for the folder."""
        found = self.list.found
        here = found[self.list.cursor : self.list.cursor + 1] if self.list.cursor >= 0 else ()
        self._chosen = found if everything else here
        if not self._chosen:
            return
        text = f"{Path(self.session.title).stem}-objects"
        hint = "a folder; files get safe names and replace nothing"
        title = "Save all" if everything else f"Save {self._chosen[0].name}"
        self.prompt.ask(Question("save", title, text, hint, _judge, offer_paths))

    @on(Prompt.Answered)
    def _answered(self, event: Prompt.Answered) -> None:
        self.list.focus()
        folder = Path(event.text).expanduser()
        try:
            paths = [save(one, folder) for one in self._chosen]
        except OSError as error:
            self.footer.say(f"not saved: {error.strerror or error}", "bad")
            return
        told = str(paths[0]) if len(paths) == 1 else f"{number(len(paths))} files in {folder}"
        self.footer.say(f"saved {told}", "info")

    @on(Prompt.Cancelled)
    def _cancelled(self, event: Notice) -> None:
        self.list.focus()

    def action_back(self) -> None:
        """Back to the inspector."""
        self.dismiss(None)


def _judge(text: str, _: str) -> Verdict:
    path = Path(text).expanduser()
    if not text or (path.exists() and not path.is_dir()):
        return Verdict(False, "a folder")
    if not path.parent.is_dir():
        return Verdict(False, f"there is no folder {path.parent}")
    return Verdict(True, "" if path.exists() else "this folder will be made")
