"""All conversations of a capture: sort, find, and choose one for the ladder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.message import Message as Notice
from textual.screen import Screen
from textual.strip import Strip

from wirestep.session.views import Flowline
from wirestep.timeline.times import seconds
from wirestep.ui.canvas import Line, amount, fit, many, number
from wirestep.ui.keys import bindings, footer
from wirestep.ui.theme import Palette, style
from wirestep.ui.widgets.bars import Footer, Header
from wirestep.ui.widgets.pane import Pane
from wirestep.ui.widgets.prompt import Prompt, Question, Verdict
from wirestep.ui.widgets.rows import Rows
from wirestep.ui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from wirestep.session import Session
    from wirestep.session.judging import Judging


@dataclass(frozen=True, slots=True)
class Pick:
    """What was chosen."""

    flow: int | None
    """None for all conversations."""
    act: str = "show"
    """ "show", "filter" or "follow"."""
    filter_text: str = ""
    first: int = -1
    """Its first record."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list."""

    title: str
    width: int
    right: bool
    text: Callable[[Flowline], str]
    order: Callable[[Flowline], object]


AGAIN = 0.5
"""Seconds after which the verdicts found since are shown."""
SECRETS = "Decrypted"
OPENED = {"": ("", ""), "all": ("✓", "yes"), "part": ("~", "partly"), "none": ("E", "no")}
"""By Flowline.opened: what is shown where there is little room."""


def _columns(width: int, base: int) -> list[Column]:
    verdict = 1 if width < 110 else 9 if width < 160 else 60
    fixed = (38 if width < 90 else 49 if width < 96 else 61) + verdict + 1
    ends = max(12, min(44, (width - fixed) // 2))
    shown = [
        Column("No", 6, True, lambda line: str(line.number + 1), lambda line: line.number),
        Column("Protocol", 9, False, lambda line: line.protocol, lambda line: line.protocol),
        Column("Client", ends, False, lambda line: line.client, lambda line: line.client),
        Column("Server", ends, False, lambda line: line.server, lambda line: line.server),
        Column("Packets", 8, True, lambda line: number(line.packets), lambda line: line.packets),
        Column("Bytes", 8, True, lambda line: amount(line.bytes), lambda line: line.bytes),
        Column(
            "Start/s", 11, True, lambda line: seconds(line.start - base, 3), lambda line: line.start
        ),
        Column(
            "Lasts/s", 10, True, lambda line: seconds(line.duration, 3), lambda line: line.duration
        ),
        Column(
            SECRETS,
            verdict,
            False,
            lambda line: _secrets(line, verdict),
            lambda line: line.verdict,
        ),
    ]
    least = {"Start/s": 96, "Lasts/s": 90}
    return [column for column in shown if width >= least.get(column.title, 0)]


def _secrets(line: Flowline, width: int) -> str:
    """Whether a conversation was decrypted, and why not where there is room for that."""
    if width > len(SECRETS):
        return line.verdict
    sign, word = OPENED[line.opened]
    return sign if width == 1 else word


class FlowList(Rows):
    """One conversation a line; the first line is all of them."""

    HEAD = 1

    class Entered(Notice):
        """Enter was pressed."""

    def __init__(self, lines: Sequence[Flowline], base: int) -> None:
        super().__init__()
        self.lines = list(lines)
        self.base = base
        self.shown = self.lines
        self.sorted = 0
        self.turned = False
        self.wanted = ""

    def count(self) -> int:
        """Conversations shown, and the line for all."""
        return len(self.shown) + 1

    def sort_lines(self) -> None:
        """Sorts and filters."""
        order = _columns(120, self.base)[self.sorted].order
        words = self.wanted.lower().split()
        self.shown = sorted(
            (line for line in self.lines if _has(line, words)),
            key=order,  # type: ignore[arg-type]
            reverse=self.turned,
        )
        self.changed()
        self.show(min(max(0, self.cursor), len(self.shown)))

    def tell(self, verdicts: Mapping[int, tuple[str, str]]) -> None:
        """New verdicts by conversation; the cursor stays on its conversation."""
        for at, line in enumerate(self.lines):
            opened, text = verdicts.get(line.number, (line.opened, line.verdict))
            if (opened, text) != (line.opened, line.verdict):
                self.lines[at] = replace(line, opened=opened, verdict=text)
        here = self.shown[self.cursor - 1].number if 0 < self.cursor <= len(self.shown) else -1
        self.sort_lines()
        found = [at for at, line in enumerate(self.shown, 1) if line.number == here]
        if found:
            self.show(found[0])

    def draw_head(self, line: int, width: int, look: Palette) -> Strip:
        """The titles; the one sorted by bears an arrow."""
        out = Line(width, style(look.dim, look.panel, bold=True))
        at = 1
        by = _columns(120, self.base)[self.sorted].title
        for column in _columns(width, self.base):
            chosen = column.title == by
            ink = style(look.acc if chosen else look.dim, look.panel, bold=True)
            arrow = ("▼" if self.turned else "▲") if chosen else ""
            room = column.width - len(arrow)
            text = (fit(column.title, room) if room > 1 else "") + arrow
            if column.right:
                out.right(at + column.width, text, ink)
            else:
                out.put(at, text, ink)
            at += column.width + 1
        return out.strip()

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One conversation."""
        back = look.sel if selected else look.bg
        out = Line(width, style(look.fg, back))
        ink = style(look.selfg if selected else look.fg, back, bold=selected)
        if not row:
            out.put(0, "▌" if selected else " ", style(look.acc, back))
            out.put(8, f"all {number(len(self.lines))} conversations", ink)
            return out.strip()
        line = self.shown[row - 1]
        hue = style(look.hue(line.hue), back, bold=True)
        out.put(0, "▌" if selected else "▏", hue)
        at = 1
        for column in _columns(width, self.base):
            text = fit(column.text(line), column.width)
            tone = hue if column.title == "Protocol" else ink
            if column.title == SECRETS and not selected:
                tone = style(look.dim if line.opened == "all" else look.warn, back)
            if column.right:
                out.right(at + column.width, text, tone)
            else:
                out.put(at, text, tone)
            at += column.width + 1
        return out.strip()

    def on_click(self, event: events.Click) -> None:
        """A click on a title sorts by it; on the same one again, the other way round."""
        if event.y:
            return
        event.prevent_default()
        titles = [column.title for column in _columns(120, self.base)]
        at = 1
        for column in _columns(self.room, self.base):
            at += column.width + 1
            if event.x < at:
                chosen = titles.index(column.title)
                self.turned = chosen == self.sorted and not self.turned
                self.sorted = chosen
                self.sort_lines()
                return

    def show(self, row: int) -> None:
        """Puts the cursor on a line; the frame tells whether it was decrypted."""
        super().show(row)
        line = self.shown[self.cursor - 1] if 0 < self.cursor <= len(self.shown) else None
        if isinstance(self.parent, Pane):
            closed = line is not None and line.opened == "none"
            said = line.verdict if line is not None else ""
            self.parent.tell(f"not decrypted: {said}" if closed else said)

    def entered(self, row: int) -> None:
        """Tells the screen."""
        self.post_message(self.Entered())


def _has(line: Flowline, words: Sequence[str]) -> bool:
    text = f"{line.protocol} {line.client} {line.server} {line.transport}".lower()
    return all(word in text for word in words)


class Conversations(Screen[Pick | None]):
    """Chooses a conversation."""

    BINDINGS = bindings("conversations")
    DEFAULT_CSS = "Conversations { layers: below above top; background: $background; }"

    def __init__(self, session: Session, current: int | None) -> None:
        super().__init__()
        self.session = session
        self.list = FlowList(session.conversations(), session.first_time)
        self.current = current
        self.judging: Judging | None = None
        self._judged = 0
        """Packets whose verdicts are shown."""
        self.header = Header()
        self.footer = Footer()
        self.prompt = Prompt()

    def compose(self) -> ComposeResult:
        """Header, list, footer."""
        yield self.header
        yield Pane("Conversations", self.list, id="pane-conversations")
        yield self.footer
        yield self.prompt
        yield TooSmall()

    def on_mount(self) -> None:
        """The cursor stands on the conversation that is shown."""
        self.list.sort_lines()
        self.list.focus()
        lines = self.list.shown
        found = [at for at, line in enumerate(lines, 1) if line.number == self.current]
        self.list.show(found[0] if found else 0)
        self.header.set(self.session.title, many(len(lines), "conversation"), ())
        self.footer.set(footer("conversations", "app"))
        self.judging = self.session.judging()
        if self.judging is not None:
            self.set_interval(AGAIN, self._judge)

    def on_unmount(self) -> None:
        """Nobody looks on."""
        self.session.unjudge()

    def _judge(self) -> None:
        """Shows the verdicts that have been found since."""
        if self.judging is None or self.judging.done == self._judged:
            return
        self._judged = self.judging.done
        self.list.tell(self.judging.told())

    def _line(self) -> Flowline | None:
        at = self.list.cursor
        return self.list.shown[at - 1] if 0 < at <= len(self.list.shown) else None

    def _pick(self, act: str) -> None:
        line = self._line()
        if line is None:
            if act == "show":
                self.dismiss(Pick(None))
            return
        kind = line.transport
        text = f"{kind}.stream == {line.stream}" if kind and line.stream >= 0 else ""
        self.dismiss(Pick(line.number, act, text, line.first))

    @on(FlowList.Entered)
    def _entered(self) -> None:
        self._pick("show")

    @on(Footer.Pressed)
    def _pressed(self, event: Footer.Pressed) -> None:
        self.app.simulate_key(event.key)

    @on(Prompt.Answered)
    @on(Prompt.Cancelled)
    def _done(self, event: Notice) -> None:
        if isinstance(event, Prompt.Cancelled):
            self.list.wanted = ""
            self.list.sort_lines()
        self.list.focus()

    def action_apply(self) -> None:
        """Filter by the conversation."""
        self._pick("filter")

    def action_follow(self) -> None:
        """Follow its stream."""
        self._pick("follow")

    def action_find(self) -> None:
        """Shows only those that have the words."""
        hint = "words of the protocol, the client or the server"
        self.prompt.ask(Question("find", "Find", self.list.wanted, hint, self._narrow))

    def _narrow(self, text: str, _: str) -> Verdict:
        self.list.wanted = text
        self.list.sort_lines()
        found = len(self.list.shown)
        return Verdict(bool(found) or not text, many(found, "conversation"))

    def action_sort(self) -> None:
        """Sorts by the next column."""
        self.list.sorted = (self.list.sorted + 1) % len(_columns(120, 0))
        self.list.sort_lines()

    def action_turn(self) -> None:
        """Turns the order round."""
        self.list.turned = not self.list.turned
        self.list.sort_lines()

    def action_back(self) -> None:
        """Without choosing."""
        self.dismiss(None)
