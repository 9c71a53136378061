"""What of a capture other programs shall get: in which form, which part, with which secrets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message as Notice
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from wirestep.session import Session
from wirestep.session.exporting import FORMS, Wish, ending, told
from wirestep.session.exporting_thread import Exporting
from wirestep.ui.canvas import Line, fit
from wirestep.ui.files import offer_paths
from wirestep.ui.keys import bindings, footer, spoken
from wirestep.ui.theme import Palette, palette, style
from wirestep.ui.widgets.prompt import Prompt, Question, Verdict
from wirestep.ui.widgets.rows import Rows

AGAIN = 0.1
"""Seconds between two looks at how far it is."""
NAME = 10
BAR = 24


@dataclass(frozen=True, slots=True)
class Part:
    """What of the capture is written."""

    title: str
    flow: int | None = None
    shown: bool = False


class FormLines(Rows):
    """One form a line."""

    class Chosen(Notice):
        """The form under the cursor shall be written."""

    def __init__(self) -> None:
        super().__init__()
        self.forms = tuple(FORMS)

    def count(self) -> int:
        """Forms."""
        return len(self.forms)

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """Its name, and what it is."""
        back = look.sel if selected else look.bg
        out = Line(width, style(look.fg, back))
        out.put(0, "▌" if selected else " ", style(look.acc, back))
        ink = style(look.selfg if selected else look.fg, back, bold=True)
        out.put(2, fit(self.forms[row], NAME), ink)
        about = FORMS[self.forms[row]]
        out.put(NAME + 3, fit(about, max(1, width - NAME - 4)), style(look.fg, back))
        return out.strip()

    def entered(self, row: int) -> None:
        """It is chosen."""
        self.post_message(self.Chosen())


class ExportPanel(ModalScreen[str | None]):
    """The dialog; gives back what came of it, or None."""

    BINDINGS = bindings("export")
    DEFAULT_CSS = """
    ExportPanel {
        layers: below above top; align: center middle; background: $background 30%;
    }
    ExportPanel > Vertical {
        width: 84; max-width: 100%; height: 17; max-height: 100%; margin: 1 2;
        border: round $accent; background: $background; border-title-style: bold;
        border-title-color: $accent; border-subtitle-color: $foreground 60%;
    }
    ExportPanel FormLines { height: 1fr; }
    ExportPanel Static { height: 4; padding: 1 2 0 2; }
    """

    def __init__(self, session: Session, flow: int) -> None:
        """`flow`: the conversation that is looked at, -1 for none."""
        super().__init__()
        self.session = session
        self.lines = FormLines()
        self.about = Static(markup=False)
        self.prompt = Prompt()
        self.parts = [Part("all packets")]
        if session.filter_text:
            self.parts.insert(0, Part("what the filter shows", shown=True))
        if flow >= 0:
            self.parts.append(Part(f"this conversation ({flow})", flow))
        self.keep = False
        """Secrets leave, too."""
        self.exporting: Exporting | None = None

    def compose(self) -> ComposeResult:
        """The frame, and the prompt for the file."""
        frame = Vertical(self.lines, self.about)
        frame.border_title = Content("Export")
        keys = [f"{spoken(key)} {key.short}" for key in footer("export")]
        frame.border_subtitle = Content(" · ".join(keys))
        yield frame
        yield self.prompt

    def on_mount(self) -> None:
        """The cursor stands on the first."""
        self.lines.focus()
        self.lines.show(0)
        self._tell()
        self.set_interval(AGAIN, self._look)

    def on_unmount(self) -> None:
        """What is under way is left."""
        if self.exporting is not None and self.exporting.under_way:
            self.exporting.stop()

    @property
    def wish(self) -> Wish:
        """What would be written now."""
        part = self.parts[0]
        rows = self.session.shown() if part.shown else None
        return Wish(self.lines.forms[max(0, self.lines.cursor)], part.flow, rows, self.keep)

    def _tell(self) -> None:
        look = palette(self.app)
        text = f"{self.parts[0].title}\n{told(self.wish)}"
        if self.exporting is not None and self.exporting.under_way:
            share = max(0.0, min(1.0, self.exporting.share))
            done = "█" * int(share * BAR)
            text = f"writing {Path(self.exporting.path).name}\n{done:░<{BAR}} {100 * share:3.0f} %"
        self.about.update(Content(text))
        self.about.styles.color = look.warn if self.keep else look.fg

    def _look(self) -> None:
        running = self.exporting
        if running is not None and not running.under_way:
            self.dismiss(("not exported: " if running.failed else "exported ") + running.text)
            return
        self._tell()

    def action_part(self) -> None:
        """The next part of the capture."""
        self.parts.append(self.parts.pop(0))
        self._tell()

    def action_secrets(self) -> None:
        """Secrets are kept, or not."""
        self.keep = not self.keep
        self._tell()

    @on(FormLines.Chosen)
    def action_write(self) -> None:
        """Asks where."""
        if self.exporting is not None:
            return
        stem = Path(self.session.path or "capture").name.split(".")[0]
        name = f"{stem}-export.{ending(self.wish.form)}"
        hint = told(self.wish)
        title = f"Export as {self.wish.form}"
        self.prompt.ask(Question("export", title, name, hint, _judge, offer_paths))

    @on(Prompt.Answered)
    def _answered(self, event: Prompt.Answered) -> None:
        self.lines.focus()
        path = str(Path(event.text).expanduser())
        self.exporting = Exporting(self.session, self.wish, path)
        self._tell()

    @on(Prompt.Cancelled)
    def _cancelled(self) -> None:
        self.lines.focus()

    async def action_help(self) -> None:
        """All keys."""
        await self.app.run_action("app.help")

    def action_back(self) -> None:
        """Stops what is under way, or closes."""
        if self.exporting is not None and self.exporting.under_way:
            self.exporting.stop()
            return
        self.dismiss(None)


def _judge(text: str, _: str) -> Verdict:
    path = Path(text).expanduser()
    if not text or path.is_dir():
        return Verdict(False, "a file name")
    if not path.parent.is_dir():
        return Verdict(False, f"there is no folder {path.parent}")
    return Verdict(not path.exists(), "this file is there already" if path.exists() else "")
