"""The ladder, one arrow a row; folds to messages, records or packets, or arrow by arrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import events
from textual.message import Message as Notice
from textual.strip import Strip

from wirestep.timeline.ladder import FOLDS, Ladder, Step
from wirestep.ui.canvas import Line
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.ladder_bands import Slots, bands, draw_bands
from wirestep.ui.widgets.ladder_draw import (
    Lanes,
    Rung,
    draw_heads,
    draw_lifelines,
    draw_rung,
    lanes,
    time_text,
)
from wirestep.ui.widgets.ladder_lanes import Arrangement
from wirestep.ui.widgets.rows import Rows

EMPTY = Ladder((), ())


class LadderRows(Rows):
    """Lifelines of the hosts and the arrows between them."""

    HEAD = 1
    MARGIN = 1

    class Chosen(Notice):
        """The user moved to an arrow."""

        def __init__(self, step: Step) -> None:
            super().__init__()
            self.step = step

    class Entered(Notice):
        """The user wants to see more of the arrow's packet."""

    def __init__(self, naming: Callable[[str], str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.naming = naming
        """The name of a host, by its address."""
        self.ladder = EMPTY
        self.fold = "message"
        self.opened: frozenset[int] = frozenset()
        self.steps: list[Step] = []
        self.place: dict[int, int] = {}
        """By number of a step: its row."""
        self.lanes = Arrangement()
        self.bands: Slots = ()
        self.hosts: tuple[str, ...] = ()
        """Those whose lifelines are shown, from left to right."""
        self.spans: list[tuple[int, int]] = []
        """By lifeline: its first and last row."""
        self.form = "r"
        self.first_time = 0
        self.reference: int | None = None
        """Time in ns that counts as 0, or None for the first packet's."""
        self.marks: Mapping[int, str] = {}
        self.window = 0
        """The leftmost lifeline shown."""
        self.waiting = False
        self.quiet = False
        """A preview: no tags, no cursor; as fine as fits."""
        self.digits = 3
        """Decimals of the milliseconds."""

    def count(self) -> int:
        """Arrows that are not folded away."""
        return len(self.steps)

    def draw_empty(self) -> str:
        """Why there are no arrows."""
        return "drawing…" if self.waiting else "no exchange between hosts here"

    def set_ladder(self, ladder: Ladder, *, keep: bool = False) -> None:
        """Draws another ladder; `keep` where it is the old one, grown."""
        self.ladder = ladder
        if not keep:
            self.opened = frozenset()
            self.window = 0
            self.lanes = Arrangement()
        self._fold()

    def set_preview(self, ladder: Ladder) -> None:
        """Draws a ladder as fine as there is room for."""
        self.ladder, self.window = ladder, 0
        rows = self.size.height - self.HEAD
        # Where the messages alone say little, some scrolling is worth the packets.
        usual = FOLDS[1:]
        most = 2 * rows if len(ladder.folded(usual[0])) < rows // 2 else rows
        fitting = [f for f in usual if len(ladder.folded(f)) <= most]
        self.fold = fitting[-1] if fitting else usual[0]
        times = [step.time for step in ladder.steps]
        self.digits = 0 if times and max(times) - min(times) > 100_000_000 else 2
        self._fold()

    def _fold(self) -> None:
        current = self.steps[self.cursor] if 0 <= self.cursor < len(self.steps) else None
        # Where nobody reads more than packets, the packets are what there is to see.
        drawn = self.ladder.folded(self.fold, self.opened)
        self.hosts = self.lanes.of(self.ladder.hosts)
        drawn = drawn or self.ladder.folded(FOLDS[-1])
        self.steps = self.lanes.placed(drawn, self.ladder.hosts)
        self.place = {step.number: row for row, step in enumerate(self.steps)}
        spans: list[list[int]] = [[-1, -1] for _ in self.hosts]
        for row, step in enumerate(self.steps):
            for lane in (step.sender, step.target):
                if spans[lane][0] < 0:
                    spans[lane][0] = row
                spans[lane][1] = row
        self.spans = [(first, last) for first, last in spans]
        self.bands = bands(self.steps, lambda row: (row, row))
        self.cursor = -1
        self.changed()
        if current is not None and not self.quiet:
            self.show_step(current.number)

    def row_of(self, number: int) -> int:
        """The row of a step, or of the step that it is folded into; -1 for none."""
        if number in self.place:
            return self.place[number]
        if not 0 <= number < len(self.ladder.steps):
            return -1
        parent = self.ladder.steps[number].parent
        phase = self.ladder.phases.inside.get(parent, -1)
        for around in (parent, phase):
            if around in self.place:
                return self.place[around]
        earlier = [row for known, row in self.place.items() if known < number]
        return max(earlier, default=0 if self.steps else -1)

    def show_step(self, number: int) -> None:
        """Puts the cursor on a step; tells nobody."""
        row = self.row_of(number)
        if row >= 0:
            self._reach(self.steps[row])
        self.show(row)

    def show_layer(self, record: int, layer: int) -> None:
        """Puts the cursor on the arrow of one layer of a record, where one is drawn."""
        for row, step in enumerate(self.steps):
            if step.record == record and step.layer == layer:
                self._reach(step)
                self.show(row)
                return

    def _reach(self, step: Step) -> None:
        """Scrolls sideways so that both ends of the arrow can be seen."""
        where = self.where(self.room)
        low, high = min(step.sender, step.target), max(step.sender, step.target)
        if len(where.places) >= where.count:
            return
        if low < where.first:
            self.window = low
        elif high >= where.last:
            self.window = max(0, min(low, high - len(where.places) + 1))
        else:
            return
        self.drawn.clear()
        self.refresh()

    def where(self, width: int) -> Lanes:
        """The lifelines at this width."""
        return lanes(width, len(self.hosts), self.form, self.window, quiet=self.quiet)

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The names of the hosts."""
        names = [self.naming(host) for host in self.hosts]
        form = "ref" if self.form == "r" and self.reference is not None else self.form
        return draw_heads(self.where(width), names, look, form, self.unit())

    def unit(self) -> str:
        """What stands above the times; "" for the usual."""
        return ""

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One arrow."""
        step = self.steps[row]
        previous = self.steps[row - 1].time if row else step.time
        start = self.first_time if self.reference is None else self.reference
        opened = step.number in self.opened or self.fold == "packet"
        if not step.below or self.quiet:
            folded: bool | None = None
        else:
            folded = opened or (row + 1 < len(self.steps) and self.steps[row + 1].depth > 0)
        rung = Rung(
            step,
            time_text(self.form, step.time, start, previous, self.digits),
            tuple(first <= row <= last for first, last in self.spans),
            folded,
            self.marks.get(step.record, ""),
            lambda out, back: self.draw_behind(out, row, look, back),
        )
        return draw_rung(rung, self.where(width), look, selected=selected and not self.quiet)

    def draw_behind(self, out: Line, row: int, look: Palette, back: str) -> None:
        """What stands at the left of the lifelines."""
        where = self.where(out.width)
        if where.places and not self.quiet:
            room = where.gutter, where.places[0] - 1
            draw_bands(out, row, self.bands, room, look, back)

    def draw_rest(self, line: int, width: int, look: Palette) -> Strip:
        """Below the last arrow the lifelines go on for two lines."""
        out = Line(width, style(look.fg, look.bg))
        if line < 2:
            alive = [False] * len(self.hosts)
            draw_lifelines(out, self.where(width), alive, look, look.bg)
        return out.strip()

    def chosen(self, row: int) -> None:
        """Tells the screen."""
        self._reach(self.steps[row])
        self.post_message(self.Chosen(self.steps[row]))

    def entered(self, row: int) -> None:
        """Folds or unfolds; an arrow that nothing carried is looked into."""
        step = self.steps[row]
        top = self.ladder.step(step.parent)
        if top.below:
            self._open(top, top.number not in self.opened)
        else:
            self.post_message(self.Entered())

    def on_click(self, event: events.Click) -> None:
        """A click on the fold sign folds, elsewhere it chooses."""
        row = self.row_under(event.y)
        if row >= 0 and event.x == self.where(self.room).gutter - 1:
            event.prevent_default()
            event.stop()
            self.go(row)
            self.entered(row)

    def action_kin(self) -> None:
        """To the arrow that this one resumes, or that resumes it."""
        kin = self.steps[self.cursor].kin if 0 <= self.cursor < len(self.steps) else None
        if kin is not None and (row := self.row_of(kin)) >= 0:
            self.go(row)

    def _open(self, step: Step, wide: bool) -> None:
        self.opened = self.opened | {step.number} if wide else self.opened - {step.number}
        self._fold()

    def action_unfold(self, wide: bool) -> None:
        """Shows or hides what carried the arrow."""
        if not 0 <= self.cursor < len(self.steps):
            return
        top = self.ladder.step(self.steps[self.cursor].parent)
        if not wide and top.number not in self.opened:
            # Out of a message goes to the phase that it is in.
            phase = self.ladder.phases.inside.get(top.number, -1)
            top = self.ladder.step(phase) if phase in self.opened else top
        if wide == (top.number in self.opened) or not top.below:
            return
        if not wide:
            self.show(self.place[top.number])
        self._open(top, wide)

    def action_depth(self, by: int) -> None:
        """Coarser (-1), finer (1), or the next depth round (0)."""
        place = FOLDS.index(self.fold)
        place = (place + 1) % len(FOLDS) if not by else max(0, min(len(FOLDS) - 1, place + by))
        self.set_fold(FOLDS[place])

    def set_fold(self, fold: str) -> None:
        """Draws down to this level: one of FOLDS."""
        if fold != self.fold:
            self.fold = fold
            self.opened = frozenset()
            self._fold()
            self.post_message(self.Folded(fold))

    class Folded(Notice):
        """Another depth is drawn now."""

        def __init__(self, fold: str) -> None:
            super().__init__()
            self.fold = fold
