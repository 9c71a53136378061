"""What is written past Textual's compositor is what Textual would have drawn."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.strip import Segment, Strip
from textual.widgets import Static

from wirestep.ui import painting
from wirestep.ui.painting import Painted, Painter
from wirestep.ui.theme import Palette


class Lines(Painted):
    """Lines of one text."""

    DEFAULT_CSS = "Lines { width: 20; height: 4; offset: 3 2; }"
    words = "before"

    def paint_line(self, y: int, look: Palette) -> Strip:
        """The text and the number of the line."""
        return Strip([Segment(f"{self.words} {y}", Style(color="red", bold=True))])


class Stage(App[None]):
    """A list, and a lid that may lie over its second line."""

    CSS = "Screen { layers: below above; } #lid { layer: above; offset: 5 3; width: 4; height: 1; }"

    def compose(self) -> ComposeResult:
        """The list below the lid."""
        yield Lines()
        lid = Static("lid", id="lid")
        lid.display = False
        yield lid


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What goes to the terminal; one that nobody sees counts as settled all the same."""
    out: list[str] = []
    monkeypatch.setattr(HeadlessDriver, "write", lambda self, data: out.append(data))
    monkeypatch.setattr(painting, "_settled", lambda app, screen: not screen._layout_required)
    return out


async def test_lines_are_written_where_they_stand_as_textual_draws_them(written: list[str]) -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        lines = app.query_one(Lines)
        painter = Painter(app)
        lines.words = "after"
        written.clear()
        painter.take(lines, [1, 3])
        painter.paint()
        # What Textual draws of the same lines, from the same state.
        strips = app.screen._compositor.render_strips(app.size)
        drawn = {y: strips[2 + y].crop(3, 23).render(app.console) for y in (1, 3)}
        for y, line in drawn.items():
            assert f"\x1b[{2 + y + 1};4H" in "".join(written)
            assert line.rstrip() in "".join(written)
        assert "after 0" not in "".join(written)
        assert "after 2" not in "".join(written)


async def test_what_stands_there_is_not_written_again(written: list[str]) -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        lines = app.query_one(Lines)
        painter = Painter(app)
        painter.take(lines, [0])
        painter.paint()
        assert "before 0" in "".join(written)
        written.clear()
        painter.take(lines, [0])
        painter.paint()
        assert not written
        painter.forget(lines, 0, 1)
        painter.take(lines, [0])
        painter.paint()
        assert "before 0" in "".join(written)


async def test_what_lies_below_something_is_left_to_textual(written: list[str]) -> None:
    app = Stage()
    async with app.run_test(size=(40, 10)) as pilot:
        app.query_one("#lid").display = True
        await pilot.pause()
        lines = app.query_one(Lines)
        painter = Painter(app)
        lines.words = "after"
        written.clear()
        painter.take(lines, [1])
        painter.paint()
        assert not written
        await pilot.pause()
        strips = app.screen._compositor.render_strips(app.size)
        assert "af" in strips[3].text
        assert "lid" in strips[3].text
