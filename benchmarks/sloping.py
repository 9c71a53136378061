"""Frames of a ladder of 10,000 arrows at 120 x 40, in rows and in time, measured in turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from textual.app import App, ComposeResult

from wirestep.session.lab_record import session_of
from wirestep.timeline.ladder import Ladder
from wirestep.ui.theme import palette
from wirestep.ui.widgets.ladder_view import LadderView
from wirestep.wires.run import Run

Figures = dict[str, list[float]]
MODES = {
    "rows": (False, 0),
    "in time": (True, 0),
    "in time, zoomed in": (True, 5),
    "in time, zoomed out": (True, -5),
    "in time, zoomed out far": (True, -9),
}
"""By name: whether in time, and doublings of the rows for the same time."""


class Bare(App[None]):
    """A ladder and nothing else."""

    def __init__(self, ladder: Ladder, modes: int) -> None:
        super().__init__()
        self.drawn = ladder
        self.views = [LadderView(str) for _ in range(modes)]

    def compose(self) -> ComposeResult:
        """One view for each mode, one above the other: only one has room."""
        yield from self.views


def frames(run: Run, presses: int) -> Figures:
    """Milliseconds from a key to the lines of the whole view, as they go to the terminal."""
    run.run()
    session = session_of(run, "bulk", run.hosts[0].name)
    session.settle()
    drawn = session.ladder(None)
    assert drawn is not None
    found = asyncio.run(_frames(drawn, presses))
    found["arrows"] = [len(drawn.steps)]
    session.close()
    return found


async def _frames(drawn: Ladder, presses: int) -> Figures:
    app = Bare(drawn, len(MODES))
    found: Figures = {}
    async with app.run_test(size=(120, 40 * len(MODES))) as pilot:
        scrolls = []
        for (name, (in_time, zoom)), view in zip(MODES.items(), app.views, strict=True):
            view.set_ladder(drawn)
            view.set_fold("packet")
            if in_time:
                view.action_form()
            view.zoom = zoom
            view._rescale()
            view.changed()
            await pilot.pause()
            assert view.size.height == 40, name
            found[name], found[f"{name}, pan"] = [], []
            scrolls.append((name, _scrolled(view, found[name], found[f"{name}, pan"], presses)))
        for _ in range(presses):
            for _, scroll in scrolls:
                next(scroll)
    return found


def _scrolled(
    view: LadderView, moved: list[float], panned: list[float], presses: int
) -> Iterator[None]:
    """A row down, a page down, and a pan: each with all the lines that are then drawn."""
    console, look = view.app.console, palette(view.app)
    view.go(0)
    for press in range(presses):
        start = time.process_time()
        if press % 3:
            view.action_move(1)
        else:
            view.action_page(1)
        for y in range(view.size.height):
            view.paint_line(y, look).render(console)
        moved.append((time.process_time() - start) * 1000)
        start = time.process_time()
        view.action_pan(1)
        for y in range(view.size.height):
            view.paint_line(y, look).render(console)
        panned.append((time.process_time() - start) * 1000)
        yield
