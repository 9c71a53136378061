"""Opening a lab on the screen: its engines are imported beside it, while the screen says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from textual.app import App

from wirestep.session.lab_views import Staged
from wirestep.ui import screens

if TYPE_CHECKING:
    from wirestep.session import Lab, Session

Opener = Callable[[str, Mapping[str, object]], "Lab"]
"""Raises ValueError with one sentence."""


def open_lab(
    app: App[int],
    opener: Opener,
    staged: Staged,
    look: Callable[[Session, int], None],
    failed: Callable[[str], None],
) -> None:
    """Shows a lab at once, and stages it in a thread; `look` opens the inspector."""
    screen = screens.LabScreen(staged.about, look)

    def make() -> None:
        try:
            lab = opener(staged.path or staged.about.name, staged.overrides)
        except (ValueError, OSError) as error:
            app.call_from_thread(give_up, str(error))
            return
        app.call_from_thread(screen.adopt, lab)

    def give_up(text: str) -> None:
        if screen.is_current:
            app.pop_screen()
        failed(text)

    app.push_screen(screen)
    screen.run_worker(make, thread=True)
