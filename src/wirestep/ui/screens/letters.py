"""A small question over the screen that one key answers."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from wirestep.ui.canvas import fit
from wirestep.ui.theme import palette, style


class _Box(ModalScreen[str | None]):
    """A box in the middle."""

    DEFAULT_CSS = """
    _Box { align: center middle; background: $background 60%; }
    _Box > Vertical {
        width: 70; max-width: 90%; min-width: 16; height: auto; max-height: 80%; padding: 1 2;
        border: round $accent; background: $panel; border-title-style: bold;
        border-title-color: $accent;
    }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.heading = title

    def lines(self) -> Text:
        """What stands in the box."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """The box."""
        box = Vertical(Static(self.lines(), markup=False))
        box.border_title = Content(self.heading)
        yield box


class Letters(_Box):
    """Asks for a letter: a mark to set, or to go to."""

    def __init__(self, title: str, known: Sequence[str]) -> None:
        super().__init__(title)
        self.known = known

    def lines(self) -> Text:
        """The marks that there are, and what to press."""
        look = palette(self.app)
        text = Text(no_wrap=True)
        for line in self.known:
            text.append(line[:1], style(look.warn, look.panel, bold=True))
            text.append(fit(line[1:], 60) + "\n", style(look.fg, look.panel))
        text.append("a letter · space: without a letter · esc", style(look.dim, look.panel))
        return text

    def on_key(self, event: events.Key) -> None:
        """The letter."""
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.dismiss(None)
        elif event.character and (event.character.isalnum() or event.character in " '"):
            self.dismiss(event.character)


class Choice(_Box):
    """Asks a question that some letters answer."""

    def __init__(self, title: str, question: str, answers: Sequence[tuple[str, str]]) -> None:
        super().__init__(title)
        self.question = question
        self.answers = answers
        """(letter, what it does)."""

    def lines(self) -> Text:
        """The question and its answers."""
        look = palette(self.app)
        text = Text(self.question + "\n\n", style(look.fg, look.panel))
        for letter, meaning in self.answers:
            text.append(f"{letter} ", style(look.acc, look.panel, bold=True))
            text.append(f"{meaning}   ", style(look.fg, look.panel))
        text.append("esc ", style(look.acc, look.panel, bold=True))
        text.append("stay", style(look.fg, look.panel))
        return text

    def on_key(self, event: events.Key) -> None:
        """The answer."""
        event.stop()
        event.prevent_default()
        if event.key == "escape":
            self.dismiss(None)
        elif event.character in {letter for letter, _ in self.answers}:
            self.dismiss(event.character)
