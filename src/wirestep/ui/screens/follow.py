"""What both sides of a conversation said, one turn after the other, at each of its levels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.message import Message as Notice
from textual.screen import Screen
from textual.strip import Strip

from wirestep.session.views import Turn
from wirestep.timeline.times import seconds
from wirestep.ui.canvas import Line, amount, number
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

SIDES = {"both sides": None, "client only": True, "server only": False}
MOST_LINES = 200_000
"""Lines that are laid out; what goes beyond is said to be missing."""
AT_FIRST = 0.05
"""Seconds that are read before the first picture."""
AGAIN = 0.25
"""Seconds after which what has come is shown."""


class Talk(Rows):
    """The turns as lines of text, or of hex."""

    def __init__(self, turns: Sequence[Turn], base: int) -> None:
        super().__init__()
        self.turns = turns
        self.base = base
        self.hex = False
        self.side: bool | None = None
        self.lines: list[tuple[int, int, int]] = []
        """(turn, start, stop); start -1 is the head of a turn."""

    def count(self) -> int:
        """Lines."""
        return len(self.lines)

    def draw_empty(self) -> str:
        """Why there are none."""
        return "nothing was said here"

    def on_resize(self) -> None:
        """Other lines at another width."""
        self.lay()

    def per_line(self) -> int:
        """Bytes a line of hex."""
        return 8 if self.room < 75 else 16 if self.room < 141 else 32

    def lay(self) -> None:
        """Cuts the turns into lines."""
        self.lines = []
        width = max(8, self.room - 3)
        for place, turn in enumerate(self.turns):
            if self.side is not None and turn.client != self.side:
                continue
            self.lines.append((place, -1, 0))
            if self.hex:
                step = self.per_line()
                cuts = [(at, at + step) for at in range(0, len(turn.data), step)]
            else:
                cuts = _text_lines(turn.data, width)
            self.lines += [(place, start, stop) for start, stop in cuts]
            if len(self.lines) > MOST_LINES:
                break
        self.changed()

    def delta(self, place: int) -> str:
        """Seconds from the end of the turn before to the start of this one."""
        before = self.turns[place - 1].time if place else self.turns[place].began
        return seconds(self.turns[place].began - before, 6)

    def draw(self, row: int, width: int, look: Palette, selected: bool) -> Strip:
        """One line; the client's and the server's differ by colour and by sign."""
        place, start, stop = self.lines[row]
        turn = self.turns[place]
        back = look.sel if selected else look.bg if start >= 0 else look.panel
        hue = look.hue("blue" if turn.client else "teal")
        sign = "▶" if turn.client else "◀"
        out = Line(width, style(hue, back))
        if start < 0:
            who = "client" if turn.client else "server"
            time = seconds(turn.began - self.base, 6)
            text = f"{sign} {who}   packet {number(turn.record + 1)}   {time} s   "
            text += f"+{self.delta(place)} s   {amount(len(turn.data))}"
            out.put(1, text, style(hue, back, bold=True))
            return out.strip()
        data = turn.data[start:stop]
        ink = style(look.fg if not self.hex else hue, back)
        out.put(0, "▏", style(hue, back))
        if not self.hex:
            out.put(2, data.rstrip(b"\r\n").decode("utf-8", "replace").replace("\t", "    "), ink)
            return out.strip()
        step = self.per_line()
        out.put(2, f"{start:06x}", style(look.dim, back))
        for at, byte in enumerate(data):
            out.put(9 + at * 3 + at // 8, f"{byte:02x}", ink)
            letter = chr(byte) if 32 <= byte < 127 else "·"
            tone = style(look.fg if letter != "·" else look.faint, back)
            out.put(9 + step * 3 + step // 8 + at, letter, tone)
        return out.strip()


def _text_lines(data: bytes, width: int) -> list[tuple[int, int]]:
    """Where the lines of a text begin and end: at newlines, and where it is too wide."""
    cuts: list[tuple[int, int]] = []
    start = 0
    while start < len(data):
        newline = data.find(b"\n", start, start + width + 1)
        stop = newline + 1 if newline >= 0 else min(len(data), start + width)
        # A letter of several bytes is not cut in two.
        while newline < 0 and start + 1 < stop < len(data) and data[stop] & 0xC0 == 0x80:
            stop -= 1
        cuts.append((start, stop))
        start = stop
    return cuts


class Follow(Screen[None]):
    """The stream of one conversation."""

    BINDINGS = bindings("follow")
    DEFAULT_CSS = "Follow { layers: below above top; background: $background; }"

    def __init__(self, session: Session, flow: int) -> None:
        super().__init__()
        self.session = session
        self.flow = flow
        self.following = session.following(flow)
        until = monotonic() + AT_FIRST
        while monotonic() < until and self.following.step():
            pass
        self.version = self.following.version
        self.level = self.following.levels()[0]
        self.talk = Talk(self._turns(), session.first_time)
        self.header = Header()
        self.footer = Footer()
        self.prompt = Prompt()

    def compose(self) -> ComposeResult:
        """Header, the talk, footer."""
        yield self.header
        yield Pane("Follow stream", self.talk, id="pane-follow")
        yield self.footer
        yield self.prompt
        yield TooSmall()

    def on_mount(self) -> None:
        """From the start."""
        self.talk.lay()
        self.talk.focus()
        self.talk.show(0)
        self.footer.set(footer("follow", "app"))
        self._dress()
        self.set_interval(AGAIN, self._grow)

    def on_unmount(self) -> None:
        """Nobody reads on."""
        self.session.unfollow()

    def _turns(self) -> list[Turn]:
        return self.following.turns(self.level.key)

    def _grow(self) -> None:
        """Shows what has come since."""
        if self.version == self.following.version:
            return
        self.version = self.following.version
        turns = self._turns()
        known = self.talk.turns
        if len(turns) != len(known) or (turns and turns[-1].data != known[-1].data):
            self.talk.turns = turns
            self.talk.lay()
        self._dress()

    def _dress(self) -> None:
        turns = self.talk.turns
        client = sum(len(turn.data) for turn in turns if turn.client)
        server = sum(len(turn.data) for turn in turns if not turn.client)
        levels = self.following.levels()
        place = next((i for i, one in enumerate(levels) if one.key == self.level.key), 0)
        about = f"{self.level.title} ({place + 1}/{len(levels)})  conversation {self.flow + 1}  "
        about += f"▶ {amount(client)}  ◀ {amount(server)}"
        if self.following.cut:
            about += "  only the start"
        side = next(name for name, value in SIDES.items() if value == self.talk.side)
        form = "hex" if self.talk.hex else "text"
        right = ((f"{form} · {side}", "fg", False),)
        self.header.set(self.session.title, about, right)

    @on(Footer.Pressed)
    def _pressed(self, event: Footer.Pressed) -> None:
        self.app.simulate_key(event.key)

    def action_level(self, step: int) -> None:
        """What carries it, or what is said in it: TLS, one stream, messages."""
        levels = self.following.levels()
        place = next((i for i, one in enumerate(levels) if one.key == self.level.key), 0)
        self.level = levels[(place + step) % len(levels)]
        self.talk.turns = self._turns()
        self._again()

    def action_form(self) -> None:
        """Text or hex."""
        self.talk.hex = not self.talk.hex
        self._again()

    def action_side(self) -> None:
        """Both sides, the client's, the server's."""
        values = list(SIDES.values())
        self.talk.side = values[(values.index(self.talk.side) + 1) % len(values)]
        self._again()

    def _again(self) -> None:
        self.talk.lay()
        self.talk.show(0)
        self._dress()

    def action_save(self) -> None:
        """Asks where to save the bytes."""
        level = self.level.name.replace(":", "-")
        text = f"{Path(self.session.title).stem}-stream{self.flow + 1}-{level}.bin"
        hint = "a file name; the bytes of the sides shown"
        self.prompt.ask(Question("save", "Save the bytes", text, hint, _judge, offer_paths))

    @on(Prompt.Answered)
    def _answered(self, event: Prompt.Answered) -> None:
        self.talk.focus()
        side = self.talk.side
        data = b"".join(t.data for t in self._turns() if side is None or t.client == side)
        try:
            Path(event.text).expanduser().write_bytes(data)
        except OSError as error:
            self.footer.say(f"not saved: {error.strerror or error}", "bad")
            return
        self.footer.say(f"saved {number(len(data))} bytes to {event.text}", "info")

    @on(Prompt.Cancelled)
    def _cancelled(self, event: Notice) -> None:
        self.talk.focus()

    def action_back(self) -> None:
        """Back to the inspector."""
        self.dismiss(None)


def _judge(text: str, _: str) -> Verdict:
    path = Path(text).expanduser()
    if not text or path.is_dir():
        return Verdict(False, "a file name")
    if not path.parent.is_dir():
        return Verdict(False, f"there is no folder {path.parent}")
    return Verdict(True, "this file is there and will be replaced" if path.exists() else "")
