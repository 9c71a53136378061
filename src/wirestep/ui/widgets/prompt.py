"""The one line to type into: filter, find, go to, comment, breakpoint, file names.

It lies over the panes, so that opening it moves nothing. What is typed is judged as it is typed;
the sentence below points at the place that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message as Notice
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from wirestep.ui.canvas import Line, clean, fit
from wirestep.ui.theme import palette, style

MOST = 8
"""Completions shown at once."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of the text so far."""

    good: bool = True
    text: str = ""
    at: int | None = None
    """Where it is wrong."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A completion: `text` for [start, stop) of what is typed."""

    text: str
    start: int
    stop: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What the prompt asks, and how it helps."""

    kind: str
    """Comes back with the answer."""
    title: str
    text: str = ""
    """To start with."""
    hint: str = ""
    judge: Callable[[str, str], Verdict] = lambda text, mode: Verdict()
    """Of (text, mode)."""
    offer: Callable[[str, int], Sequence[Offer]] = lambda text, at: ()
    modes: Sequence[str] = ()
    """Ways to read the text; Tab or ctrl+t goes through them."""
    history: list[str] = field(default_factory=list)
    """Answers before, the newest last; the answer joins them."""


class Offers(Widget):
    """The completions, the chosen one filled."""

    DEFAULT_CSS = "Offers { height: auto; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.offers: Sequence[Offer] = ()
        self.chosen = -1

    def set(self, offers: Sequence[Offer]) -> None:
        """What to offer now."""
        self.offers, self.chosen = offers, -1
        self.styles.height = min(MOST, len(offers))
        self.refresh(layout=True)

    def move(self, by: int) -> None:
        """To another one."""
        if self.offers:
            low = 0 if self.chosen >= 0 else -1 if by > 0 else 0
            self.chosen = (self.chosen + by) % len(self.offers) if not low else 0
            self.refresh()

    def first(self) -> int:
        """The offer on the first line."""
        return max(0, min(self.chosen - MOST + 2, len(self.offers) - MOST))

    def render_line(self, y: int) -> Strip:
        """One offer."""
        look, width = palette(self.app), self.size.width
        place = self.first() + y
        out = Line(width, style(look.fg, look.panel))
        if place < len(self.offers):
            offer = self.offers[place]
            back = look.sel if place == self.chosen else look.panel
            out = Line(width, style(look.fg, back))
            out.put(0, "▌" if place == self.chosen else " ", style(look.acc, back))
            wide = min(max(24, width // 2), width - 4)
            out.put(2, fit(offer.text, wide), style(look.fg, back, bold=place == self.chosen))
            out.put(3 + wide, fit(offer.title, width - wide - 4), style(look.dim, back))
        return out.strip()

    def on_click(self, event: events.Click) -> None:
        """Takes the offer."""
        self.chosen = self.first() + event.y
        prompt = self.query_ancestor(Prompt)
        prompt.take()


class Prompt(Vertical):
    """Shown by `ask`; answers by Answered or Cancelled."""

    DEFAULT_CSS = """
    Prompt {
        display: none; layer: above; dock: top; height: auto; margin: 1 0 0 0; width: 100%;
        border: round $accent; background: $panel; border-title-style: bold;
        border-title-color: $accent; border-subtitle-color: $foreground 60%;
    }
    Prompt #verdict, Prompt Horizontal { min-width: 12; }
    Prompt Horizontal { height: 1; }
    Prompt Input { height: 1; border: none; padding: 0 1; background: $panel; width: 1fr; }
    Prompt Input:focus { border: none; background-tint: $foreground 0%; }
    Prompt #mode {
        width: auto; color: $accent; padding: 0 0 0 1; margin: 0 1 0 0; text-style: bold;
    }
    Prompt #verdict { height: 1; padding: 0 1; }
    Prompt.good Input { color: $success; }
    Prompt.wrong Input { color: $error; }
    """

    class Answered(Notice):
        """Enter was pressed on a text that is good."""

        def __init__(self, kind: str, text: str, mode: str) -> None:
            super().__init__()
            self.kind = kind
            self.text = text
            self.mode = mode

    class Cancelled(Notice):
        """Escape was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.question = Question("", "")
        self.mode = ""
        self.recalled = 0
        """How far back in the history."""
        self.dead = ""
        """The text for which completions were sent away."""

    def compose(self) -> ComposeResult:
        """Input, verdict, offers."""
        with Horizontal():
            yield Static("", id="mode", markup=False)
            yield Input(id="typed", select_on_focus=False, compact=True)
        yield Static("", id="verdict", markup=False)
        yield Offers()

    def ask(self, question: Question, mode: str = "") -> None:
        """Opens the prompt."""
        self.question = question
        self.mode = mode or (question.modes[0] if question.modes else "")
        self.recalled = 0
        self.border_title = Text(question.title)
        keys = "enter · esc · ↑↓" + (" · tab: how" if question.modes else " · tab: complete")
        self.border_subtitle = keys
        typed = self.query_one(Input)
        typed.value = question.text
        typed.cursor_position = len(question.text)
        self.dead = question.text
        self._judge()
        self.display = True
        typed.focus()

    @property
    def open(self) -> bool:
        """Whether it is shown."""
        return bool(self.display)

    def close(self) -> None:
        """Hides it."""
        self.display = False

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.open:
            self._judge()

    def _judge(self) -> None:
        typed = self.query_one(Input)
        text = typed.value
        verdict = self.question.judge(text, self.mode)
        self.set_class(verdict.good and bool(text), "good")
        self.set_class(not verdict.good, "wrong")
        self.query_one("#mode", Static).update(Text(self.mode))
        said = self.query_one("#verdict", Static)
        said.update(self._sentence(verdict, len(self.mode) + 2 if self.mode else 0))
        offers = () if text == self.dead else self.question.offer(text, typed.cursor_position)
        self.query_one(Offers).set(offers)

    def _sentence(self, verdict: Verdict, indent: int) -> Text:
        look = palette(self.app)
        if verdict.good:
            words = verdict.text or (self.question.hint if not self.query_one(Input).value else "")
            return Text(
                clean(words or "✓"), style(look.good if not words else look.dim, look.panel)
            )
        bad = style(look.bad, look.panel, bold=True)
        text = clean(verdict.text)
        if verdict.at is None:
            return Text(f"! {text}", bad)
        at = min(verdict.at + indent, max(0, self.size.width - 4))
        if at + len(text) + 2 < self.size.width - 2:
            return Text(" " * at + "▴ " + text, bad)
        return Text((text + " ▴").rjust(at + 1)[-(at + 1) :], bad)

    def take(self) -> bool:
        """Takes the chosen completion into the text; False where none is chosen."""
        offers = self.query_one(Offers)
        if not 0 <= offers.chosen < len(offers.offers):
            return False
        offer = offers.offers[offers.chosen]
        typed = self.query_one(Input)
        value = typed.value[: offer.start] + offer.text + typed.value[offer.stop :]
        # A folder, or a name that is only begun, goes on being completed.
        self.dead = "" if offer.text.endswith(("/", ".")) else value
        typed.value = value
        typed.cursor_position = offer.start + len(offer.text)
        typed.focus()
        self._judge()
        return True

    async def on_key(self, event: events.Key) -> None:
        """Keys that the input does not know."""
        acts: dict[str, Callable[[], None]] = {
            "escape": self._escape,
            "enter": self._enter,
            "tab": self._tab,
            "ctrl+t": self._turn,
            "up": lambda: self._up(-1),
            "down": lambda: self._up(1),
        }
        act = acts.get(event.key)
        if act is not None:
            event.stop()
            event.prevent_default()
            act()

    def _escape(self) -> None:
        offers = self.query_one(Offers)
        if offers.offers and offers.chosen >= 0:
            self.dead = self.query_one(Input).value
            self._judge()
            return
        self.close()
        self.post_message(self.Cancelled())

    def _enter(self) -> None:
        if self.take():
            return
        text = self.query_one(Input).value
        if not self.question.judge(text, self.mode).good:
            return
        if text and text in self.question.history:
            self.question.history.remove(text)
        if text:
            self.question.history.append(text)
        self.close()
        self.post_message(self.Answered(self.question.kind, text, self.mode))

    def _tab(self) -> None:
        offers = self.query_one(Offers)
        if offers.offers:
            offers.chosen = max(0, offers.chosen)
            self.take()
        elif self.question.modes:
            self._turn()
        else:
            self.dead = ""
            self._judge()

    def _turn(self) -> None:
        modes = list(self.question.modes)
        if modes:
            self.mode = modes[(modes.index(self.mode) + 1) % len(modes)]
            self._judge()

    def _up(self, by: int) -> None:
        offers, history = self.query_one(Offers), self.question.history
        if offers.offers:
            offers.move(by)
            return
        self.recalled = max(0, min(len(history), self.recalled - by))
        typed = self.query_one(Input)
        value = history[-self.recalled] if self.recalled else self.question.text
        self.dead = value
        typed.value = value
        typed.cursor_position = len(value)
