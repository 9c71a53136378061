"""What the inspector asks for in the prompt, and what it does with the answers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on

from wirestep.session.opening import BadSearch
from wirestep.session.views import Node
from wirestep.timeline.select_types import BadFilter
from wirestep.ui.canvas import number
from wirestep.ui.files import offer_paths
from wirestep.ui.screens.bench import BEAT
from wirestep.ui.screens.stepping import Stepping
from wirestep.ui.widgets.field_tree import FieldTree
from wirestep.ui.widgets.hex_view import HexView
from wirestep.ui.widgets.prompt import Offer, Prompt, Question, Verdict

if TYPE_CHECKING:
    from wirestep.session import Session

MODES = {
    "info": ("text", "info"),
    "info regex": ("regex", "info"),
    "bytes": ("text", "bytes"),
    "hex": ("hex", "bytes"),
    "fields": ("text", "tree"),
}
"""How to find, by the word in the prompt: (kind, where) of Session.find."""
SLICE = 0.008
"""Seconds of finding between two looks at the keyboard."""


class Asking(Stepping):
    """Filter, find, go to, breakpoint, comment, save."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.prompt = Prompt()
        self.histories: dict[str, list[str]] = {}
        self.looked_for: tuple[str, str] | None = None
        """(text, mode) of the last find."""
        self._finding: Iterator[int | None] | None = None

    def on_mount(self) -> None:
        """Starts the beat in which finding goes on."""
        self.set_interval(BEAT, self._find_on)

    def _ask(self, question: Question, mode: str = "") -> None:
        question.history[:] = self.histories.setdefault(question.kind, [])
        self.prompt.ask(question, mode)

    @on(Prompt.Answered)
    def _answered(self, event: Prompt.Answered) -> None:
        self.histories[event.kind] = list(self.prompt.question.history)
        self.refocus()
        act = {
            "filter": lambda: self.apply_filter(event.text),
            "find": lambda: self._look_for(event.text, event.mode),
            "go": lambda: self._go_to(event.text),
            "break": lambda: self._set_break(event.text),
            "comment": lambda: self._set_comment(event.text),
            "save": lambda: self._save(event.text),
        }.get(event.kind)
        if act is not None:
            act()

    @on(Prompt.Cancelled)
    def _cancelled(self) -> None:
        self.refocus()

    def refocus(self) -> None:
        """Gives the focus back to the pane that had it."""
        raise NotImplementedError

    # filter

    def _judge_filter(self, text: str, _: str) -> Verdict:
        wrong = self.session.check_filter(text)
        if wrong is None:
            return Verdict()
        return Verdict(False, wrong.message, wrong.start)

    def _offer_filter(self, text: str, at: int) -> list[Offer]:
        found = self.session.complete_filter(text, at)
        return [Offer(one.text, one.start, one.stop, one.title) for one in found[:200]]

    def action_filter(self) -> None:
        """Asks for a display filter."""
        self._ask(
            Question(
                "filter",
                "Display filter",
                self.session.filter_text,
                "a field and a value, as in  tcp.port == 443 && !dns ; empty shows all",
                self._judge_filter,
                self._offer_filter,
            )
        )

    def apply_filter(self, text: str) -> None:
        """Filters; what is wrong with the filter is said."""
        try:
            self.session.set_filter(text)
        except BadFilter as error:
            self.say(str(error), "bad")
            return
        history = self.histories.setdefault("filter", [])
        if text and text not in history:
            history.append(text)
        self.beat()

    @on(FieldTree.Wanted)
    def _wanted(self, event: FieldTree.Wanted) -> None:
        node = event.node
        if event.what == "copy":
            self._copy(node.plain or node.shown)
            return
        text = field_filter(node)
        if not text:
            self.say("this line has no name to filter by", "warn")
        elif event.what == "copy-filter":
            self._copy(text)
        else:
            self.apply_filter(text if event.what == "apply" else f"!({text})")

    @on(HexView.Copied)
    def _copied(self, event: HexView.Copied) -> None:
        self._copy(event.data.hex(" "))

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.say(f"copied {text}")

    # find

    def _judge_find(self, text: str, mode: str) -> Verdict:
        kind, where = MODES[mode]
        try:
            self.session.find(text, 0, 1, kind, where)
        except BadSearch as error:
            return Verdict(False, str(error))
        return Verdict()

    def action_find(self) -> None:
        """Asks what to find."""
        text, mode = self.looked_for or ("", "info")
        hint = "tab changes where: info, info regex, bytes, hex, fields; n and N go on"
        question = Question("find", "Find", text, hint, self._judge_find, modes=tuple(MODES))
        self._ask(question, mode)

    def _look_for(self, text: str, mode: str) -> None:
        if text:
            self.looked_for = (text, mode)
            self._start_finding(1)

    def action_find_next(self, step: int) -> None:
        """The next one, or the one before."""
        if self.looked_for is None:
            self.action_find()
        else:
            self._start_finding(step)

    def _start_finding(self, step: int) -> None:
        if self.looked_for is None or self.record < 0:
            return
        text, mode = self.looked_for
        kind, where = MODES[mode]
        self._finding = self.session.find(text, self.record, step, kind, where)
        self._find_on()

    def _find_on(self) -> None:
        """Finds for a little while."""
        if self._finding is None or self.looked_for is None:
            return
        until = time.monotonic() + SLICE
        text = self.looked_for[0]
        for found in self._finding:
            if found is not None:
                self._finding = None
                self._hold()
                self.select(found)
                self.say(f"found {text} in packet {number(found + 1)}")
                return
            if time.monotonic() > until:
                self.say(f"looking for {text}… (esc stops)")
                return
        self._finding = None
        self.say(f"no further {text}", "warn")

    def stop_finding(self) -> bool:
        """Stops looking; False where nothing was looked for."""
        if self._finding is None:
            return False
        self._finding = None
        self.say("stopped looking")
        return True

    # go to, breakpoint, comment

    def action_go_to(self) -> None:
        """Asks for a packet's number, or a time."""
        hint = "a number, +10, -10, 50%, or seconds since the first as in 1.5s"
        self._ask(Question("go", "Go to packet", "", hint, self._judge_go))

    def _judge_go(self, text: str, _: str) -> Verdict:
        if not text or place(text, self.session, self.record) is not None:
            return Verdict()
        return Verdict(False, f"not a packet: 1 to {number(self.session.total)}, or 50%, or 1.5s")

    def _go_to(self, text: str) -> None:
        found = place(text, self.session, self.record) if text else None
        if found is not None:
            self._hold()
            self.select(found)

    def action_breakpoint(self) -> None:
        """Asks for the filter at which playing stops."""
        self._ask(
            Question(
                "break",
                "Breakpoint",
                self.breakpoint,
                "playing stops at a packet that passes this filter; empty takes it off",
                self._judge_filter,
                self._offer_filter,
            )
        )

    def _set_break(self, text: str) -> None:
        self.breakpoint, self.stops = text.strip(), ()
        self.say(f"playing stops at {text}" if self.breakpoint else "no breakpoint")

    def action_comment(self) -> None:
        """Asks for a comment on the packet."""
        if self.record >= 0:
            text = " ".join(self.session.comments(self.record))
            title = f"Comment on packet {self.record + 1}"
            self._ask(Question("comment", title, text, "empty takes it off; s saves it"))

    def _set_comment(self, text: str) -> None:
        self.session.comment(self.record, text.strip())
        self.remark = " ".join(self.session.comments(self.record))
        self.packets.forget(all_rows=True)
        self.say("the comment waits to be saved: s" if text.strip() else "no comment")

    # save

    def action_save(self) -> None:
        """Asks where to save all packets."""
        name = Path(self.session.path or "capture").name.split(".")[0]
        text = f"{name}-saved.pcapng"
        hint = "a file name; with comments and key log"
        self._ask(Question("save", "Save as pcapng", text, hint, self._judge_save, offer_paths))

    def _judge_save(self, text: str, _: str) -> Verdict:
        path = Path(text).expanduser()
        if not text or path.is_dir():
            return Verdict(False, "a file name")
        if not path.parent.is_dir():
            return Verdict(False, f"there is no folder {path.parent}")
        if self.session.path and path.exists() and path.samefile(self.session.path):
            return Verdict(False, "this file is being read; choose another name")
        return Verdict(True, "this file is there and will be replaced" if path.exists() else "")

    def _save(self, text: str) -> None:
        try:
            count = self.session.save(str(Path(text).expanduser()))
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            self.say(f"not saved: {reason or error}", "bad")
            return
        self.say(f"saved {number(count)} packets to {text}")


def field_filter(node: Node) -> str:
    """The filter that a field passes; "" for a line without a name."""
    if not node.name:
        return ""
    if not node.plain:
        return node.name
    if re.fullmatch(r"[0-9A-Fa-f.:x/-]+", node.plain):
        return f"{node.name} == {node.plain}"
    text = node.plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'{node.name} == "{text}"'


def place(text: str, session: Session, record: int) -> int | None:
    """The record that a number, a step, a share or a time names; None for anything else."""
    text = text.strip().replace(" ", "")
    found = re.fullmatch(r"([+-]?)(\d+(?:\.\d+)?)(%|s|ms)?", text)
    if found is None or not session.total:
        return None
    sign, digits, unit = found.groups()
    value = float(digits)
    if unit == "%":
        return min(session.total - 1, int(value / 100 * session.total))
    if unit:
        return _at_time(session, int(value * (1e9 if unit == "s" else 1e6)))
    if "." in digits:
        return None
    target = record + int(sign + digits) if sign else int(digits) - 1
    return target if 0 <= target < session.total else None


def _at_time(session: Session, since: int) -> int | None:
    """The first record at or after `since` ns from the first one; records are in order of time."""
    low, high = 0, session.total
    while low < high:
        middle = (low + high) // 2
        if session.time_of(middle) - session.first_time < since:
            low = middle + 1
        else:
            high = middle
    return low if low < session.total else None
