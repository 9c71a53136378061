"""Which columns the packet list has: choose, put in order, size, add fields, reset."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message as Notice
from textual.screen import ModalScreen
from textual.strip import Strip

from wirestep.session.cells import KNOWN, SAME
from wirestep.session.choices import MAX_COLUMNS, WIDTHS, Choice, Choices, may_be_column
from wirestep.ui.canvas import Line, fit, width_of
from wirestep.ui.keys import bindings, footer, spoken
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.prompt import Offer, Prompt, Question, Verdict
from wirestep.ui.widgets.rows import Rows
from wirestep.ui.widgets.table import Slot

if TYPE_CHECKING:
    from wirestep.session import Session

BOX = 6
"""Cells at the left of a line in which a click turns the column on or off."""


class ColumnLines(Rows):
    """One column a line: those chosen in their order, then the others that are known."""

    class Toggled(Notice):
        """The column under the cursor shall come or go."""

    def __init__(self, session: Session, choices: Choices, slots: Callable[[], Sequence[Slot]]):
        super().__init__()
        self.session, self.slots = session, slots
        self.choices = choices
        self.names: list[str] = []
        self.take(choices)

    def take(self, choices: Choices) -> None:
        """Shows other choices."""
        self.choices = choices
        self.names = [*choices.names, *(name for name in KNOWN if name not in choices.names)]
        if self.is_mounted:
            self.changed()

    @property
    def name_here(self) -> str:
        """The column under the cursor."""
        return self.names[self.cursor] if 0 <= self.cursor < len(self.names) else ""

    def count(self) -> int:
        """Columns."""
        return len(self.names)

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """Whether it is shown, its title, its width, what stands in it."""
        name = self.names[row]
        on = row < len(self.choices.columns)
        back = look.sel if selected else look.bg
        out = Line(width, style(look.fg, back))
        out.put(0, "▌" if selected else " ", style(look.acc, back))
        out.put(2, "[x]" if on else "[ ]", style(look.good if on else look.dim, back, bold=on))
        ink = style(look.selfg if selected else look.fg if on else look.dim, back, bold=on)
        titles = [self.session.column(each).title for each in self.names]
        room = max(12, min(max(map(width_of, titles)), width - 40))
        out.put(BOX, fit(titles[row], room), ink)
        at = BOX + room + 1
        if on:
            out.put(at, fit(self._width(row), 14), style(look.dim, back))
        out.put(at + 15, fit(self.session.about_column(name), width - at - 16), ink)
        return out.strip()

    def _width(self, row: int) -> str:
        choice = self.choices.columns[row]
        slot = next((slot for slot in self.slots() if slot.name == choice.name), None)
        if slot is None:
            return "no room now"
        if choice.name == "info":
            return f"the rest: {slot.size}"
        return f"{slot.size} wide" if choice.width else f"automatic {slot.size}"

    def entered(self, row: int) -> None:
        """Comes or goes."""
        self.post_message(self.Toggled())

    def on_click(self, event: events.Click) -> None:
        """A click on the box turns a column on or off."""
        row = self.row_under(event.y)
        if row >= 0 and event.x < BOX:
            event.prevent_default()
            self.show(row)
            self.post_message(self.Toggled())


class ColumnsPanel(ModalScreen[None]):
    """The columns over the list, which changes with them."""

    BINDINGS = bindings("columns")
    DEFAULT_CSS = """
    ColumnsPanel {
        layers: below above top; align: center middle; background: $background 30%;
    }
    ColumnsPanel > Vertical {
        width: 90; max-width: 100%; height: 30; max-height: 100%; margin: 1 2;
        border: round $accent; background: $background; border-title-style: bold;
        border-title-color: $accent; border-subtitle-color: $foreground 60%;
    }
    """

    def __init__(
        self,
        session: Session,
        choices: Choices,
        slots: Callable[[], Sequence[Slot]],
        rearrange: Callable[[Choices], None],
        sort: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.session, self.rearrange, self.sort = session, rearrange, sort
        self.lines = ColumnLines(session, choices, slots)
        self.prompt = Prompt()
        self.past: list[Choices] = []
        """What can be undone, the latest last."""

    def compose(self) -> ComposeResult:
        """The frame, and the prompt for a field."""
        frame = Vertical(self.lines)
        frame.border_title = Content("Columns of the packet list")
        keys = [f"{spoken(key)} {key.short}" for key in footer("columns")]
        frame.border_subtitle = Content(" · ".join(keys))
        yield frame
        yield self.prompt

    def on_mount(self) -> None:
        """The cursor stands on the first."""
        self.lines.focus()
        self.lines.show(0)

    def _change(self, choices: Choices, name: str = "") -> None:
        if choices == self.lines.choices:
            return
        self.past.append(self.lines.choices)
        self._show(choices, name or self.lines.name_here)

    def _show(self, choices: Choices, name: str) -> None:
        self.rearrange(choices)
        self.lines.take(choices)
        if name in self.lines.names:
            self.lines.show(self.lines.names.index(name))

    @property
    def _columns(self) -> list[Choice]:
        return list(self.lines.choices.columns)

    def _with(self, columns: Sequence[Choice]) -> Choices:
        return replace(self.lines.choices, columns=tuple(columns))

    @on(ColumnLines.Toggled)
    def action_switch(self) -> None:
        """The column comes, or goes; the info stays."""
        name, columns = self.lines.name_here, self._columns
        names = self.lines.choices.names
        if name in names and name != "info" and len(names) > 2:
            self._change(self._with([choice for choice in columns if choice.name != name]))
        elif name and name not in names:
            self._add(name)

    def _add(self, name: str) -> None:
        columns = self._columns
        if len(columns) < MAX_COLUMNS and name not in self.lines.choices.names:
            columns.insert(self.lines.choices.names.index("info"), Choice(name))
            self._change(self._with(columns), name)

    def action_carry(self, by: int) -> None:
        """The column moves to the left or to the right in the list."""
        columns, at = self._columns, self.lines.cursor
        if 0 <= at < len(columns) and 0 <= at + by < len(columns):
            name = self.lines.name_here
            columns.insert(at + by, columns.pop(at))
            self._change(self._with(columns), name)

    def action_widen(self, by: int) -> None:
        """The column gets wider or narrower; 0 lets it find its width."""
        columns, at = self._columns, self.lines.cursor
        if not 0 <= at < len(columns) or columns[at].name == "info":
            return
        slot = next((s for s in self.lines.slots() if s.name == columns[at].name), None)
        size = columns[at].width or (slot.size if slot is not None else WIDTHS[0])
        width = max(WIDTHS[0], min(WIDTHS[1], size + by)) if by else 0
        columns[at] = replace(columns[at], width=width)
        self._change(self._with(columns))

    def action_sort(self) -> None:
        """Sorts the list by the column."""
        if self.lines.name_here:
            self.sort(self.lines.name_here)

    def action_reset(self) -> None:
        """The columns as they were at first; undo brings the others back."""
        self._change(replace(Choices(), colour=self.lines.choices.colour))

    def action_undo(self) -> None:
        """As it was before the last key."""
        if self.past:
            self._show(self.past.pop(), self.lines.name_here)

    async def action_help(self) -> None:
        """All keys."""
        await self.app.run_action("app.help")

    def action_back(self) -> None:
        """Closes it."""
        self.dismiss(None)

    # a field by its name

    def action_add(self) -> None:
        """Asks for the name of a field."""
        hint = "a field's filter name, as in http.host; tab completes"
        self.prompt.ask(Question("column", "Add a field", "", hint, self._judge, self._offer))

    def _judge(self, text: str, _: str) -> Verdict:
        name = text.strip()
        if not name or name in KNOWN or (may_be_column(name) and self.session.about_column(name)):
            return Verdict()
        return Verdict(False, "no field is called so")

    def _offer(self, text: str, at: int) -> list[Offer]:
        found = self.session.complete_filter(text, at)
        return [Offer(one.text, one.start, one.stop, one.title) for one in found[:200]]

    @on(Prompt.Answered)
    def _answered(self, event: Prompt.Answered) -> None:
        name = event.text.strip()
        if name:
            self._add(SAME.get(name, name))
        self.lines.focus()

    @on(Prompt.Cancelled)
    def _cancelled(self) -> None:
        self.lines.focus()
