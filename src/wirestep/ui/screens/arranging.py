"""The packet list as the user arranges it: columns, their order and widths, sorting, colours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on

from wirestep.session.cells import SAME
from wirestep.session.choices import (
    COLOURS,
    WIDTHS,
    Choice,
    Choices,
    load_choices,
    may_be_column,
    save_choices,
)
from wirestep.session.ordering import CannotSort, Order
from wirestep.session.views import Node
from wirestep.ui import screens
from wirestep.ui.screens.asking import Asking
from wirestep.ui.widgets.field_tree import FieldTree
from wirestep.ui.widgets.packet_list import PacketList
from wirestep.ui.widgets.signs import MODES

if TYPE_CHECKING:
    from wirestep.session import Session


class Arranging(Asking):
    """Keeps the list as the user left it last."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.choices, self._unread = load_choices()
        self._show_choices()

    def on_mount(self) -> None:
        """Says what is wrong with the file of the columns."""
        if self._unread:
            self.say(self._unread, "warn")

    # columns

    def rearrange(self, choices: Choices, *, keep: bool = True) -> None:
        """Shows the list so, and keeps that for the next time."""
        self.choices = choices
        self._show_choices()
        problem = save_choices(choices) if keep else ""
        if problem:
            self.say(problem, "warn")

    def _show_choices(self) -> None:
        session, names = self.session, self.choices.names
        session.show_columns(names)
        self.packets.set_columns(self.choices, [session.column(name) for name in names])

    def action_columns(self) -> None:
        """Asks which columns there shall be."""
        self.app.push_screen(
            screens.ColumnsPanel(
                self.session, self.choices, self.packets.slots, self.rearrange, self.sort_by
            )
        )

    @on(PacketList.Resized)
    def _resized(self, event: PacketList.Resized) -> None:
        width = max(WIDTHS[0], min(WIDTHS[1], event.width))
        columns = tuple(
            replace(choice, width=width) if choice.name == event.name else choice
            for choice in self.choices.columns
        )
        self.rearrange(replace(self.choices, columns=columns), keep=event.done)

    @on(FieldTree.ColumnWanted)
    def _column_wanted(self, event: FieldTree.ColumnWanted) -> None:
        """A field becomes a column, or is one no longer."""
        name = column_of(event.node)
        if not name:
            self.say("this line has no name that a column could have", "warn")
            return
        title = self.session.column(name).title
        if name in self.choices.names:
            left = tuple(choice for choice in self.choices.columns if choice.name != name)
            self.rearrange(replace(self.choices, columns=left))
            self.say(f"{title} is no column any more")
            return
        self.rearrange(with_column(self.choices, name))
        shown = any(slot.name == name for slot in self.packets.slots())
        hint = "" if shown else "; there is no room for it at this width"
        self.say(f"{title} is a column now: K takes it away, # shows all columns{hint}")

    # order

    @on(PacketList.SortWanted)
    def _sort_wanted(self, event: PacketList.SortWanted) -> None:
        self.sort_by(event.name)

    def sort_by(self, name: str) -> None:
        """Sorts by a column; the other way round; as in the file."""
        session, before = self.session, self.session.order
        again = before is not None and before.column == name
        order = Order(name, down=again)
        if again and before is not None and before.down:
            session.sort(None)
            self.say("in the order of the file")
        else:
            try:
                session.sort(order)
            except CannotSort as error:
                self.say(str(error), "warn")
                return
            way = "the greatest first" if order.down else "the least first"
            self.say(f"sorted by {session.column(name).title}, {way}; stepping keeps to time")
        self.beat()

    def beat(self) -> None:
        """Looks at the session; an order may have become impossible."""
        super().beat()
        problem = self.session.order_problem
        if problem:
            self.session.order_problem = ""
            self.say(problem, "warn")

    # colours

    def action_colour(self) -> None:
        """Lines are coloured by something else."""
        mode = COLOURS[(COLOURS.index(self.choices.colour) + 1) % len(COLOURS)]
        self.rearrange(replace(self.choices, colour=mode))
        self.say(f"lines are coloured {MODES[mode]}; ? tells the letters")


def column_of(node: Node) -> str:
    """The name of the column that shows a field; "" for a line that cannot be one."""
    if not node.name or len(node.path) < 2 or not may_be_column(node.name):
        return ""
    return SAME.get(node.name, node.name)


def with_column(choices: Choices, name: str) -> Choices:
    """A column more, to the left of the info."""
    columns = list(choices.columns)
    columns.insert(choices.names.index("info"), Choice(name))
    return replace(choices, columns=tuple(columns))
