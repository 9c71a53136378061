"""The inspector's ladder to scale: keys, the selection, lifelines, many arrows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from screenplay import settled
from textual.pilot import Pilot

from wirestep.timeline.ladder import Ladder, Step
from wirestep.timeline.scale import Scale, Way
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.theme import DARK
from wirestep.ui.widgets.ladder_draw import lanes
from wirestep.ui.widgets.ladder_lanes import Arrangement
from wirestep.ui.widgets.ladder_time import DENSE, Course
from wirestep.ui.widgets.ladder_view import LadderView

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]
MS = 1_000_000
STEP = Step(0, "message", 0, 0, 0, 1, "hello", "X", "blue", 0, 0, 0, (0,), 0, (), weighty=True)


def text_of(view: LadderView) -> list[str]:
    """The lines of the widget."""
    return ["".join(part.text for part in view.render_line(y)) for y in range(view.size.height)]


async def test_t_changes_between_rows_and_time_and_keeps_the_selection(stage: Open) -> None:
    async with stage("http1-keepalive") as (pilot, screen):
        await pilot.press("2", "down", "down", "down")
        before = screen.record
        await pilot.press("t")
        await settled(pilot)
        lines = text_of(screen.ladder)
        assert "ms/row" in lines[0]
        assert "estimate" in lines[1]
        assert "half of the RTT" in lines[1]
        assert any("╌" in line and "╮" in line for line in lines)
        assert screen.record == before
        await pilot.press("down")
        assert screen.record > before
        await pilot.press("t")
        assert "time/ms" in text_of(screen.ladder)[0]
        assert screen.record > before


async def test_plus_and_minus_zoom_in_time_and_fold_in_rows(stage: Open) -> None:
    async with stage("http1-keepalive") as (pilot, screen):
        view = screen.ladder
        await pilot.press("2", "t", "down")
        lines, fold = view.line_count(), view.fold
        await pilot.press("plus")
        assert view.line_count() > lines
        await pilot.press("minus", "minus")
        assert view.line_count() < lines
        assert view.fold == fold
        await pilot.press("t", "plus")
        assert view.fold == "record"


async def test_panning_leaves_the_selection(stage: Open) -> None:
    async with stage("http1-keepalive") as (pilot, screen):
        await pilot.press("2", "t", "down")
        before, top = screen.record, screen.ladder.scroll_offset.y
        await pilot.press("J", "J")
        assert screen.ladder.scroll_offset.y > top
        assert screen.record == before


async def test_a_lifeline_is_moved_hidden_and_brought_back(stage: Open) -> None:
    async with stage("page-load") as (pilot, screen):
        view = screen.ladder
        await pilot.press("2")
        hosts, count = view.hosts, len(view.steps)
        await pilot.press("L")
        assert view.hosts == (hosts[0], hosts[2], hosts[1], *hosts[3:])
        await pilot.press("D")
        assert hosts[1] not in view.hosts
        assert len(view.steps) < count
        await pilot.press("A")
        assert (view.hosts, len(view.steps)) == (hosts, count)


def test_two_lifelines_stay() -> None:
    hosts = ("a", "b", "c")
    one = Arrangement().without("b", hosts)
    assert one.of(hosts) == ("a", "c")
    assert one.without("a", hosts) == one
    assert [s.target for s in one.placed([replace(STEP, target=2), STEP], hosts)] == [1]


def sheet(count: int, apart: int) -> tuple[Course, list[str]]:
    """The first tile of some arrows of 50 ms, so many ns apart."""
    steps = [replace(STEP, number=at, time=at * apart, record=at) for at in range(count)]
    ways = {at: Way(at * apart, at * apart + 50 * MS, True) for at in range(count)}
    course = Course(Ladder(("a", "b"), tuple(steps), Scale(ways)).steps, Scale(ways), 0)
    tile = course.tile(0, lanes(80, 2, "r"), DARK, ("r", 0))
    return course, ["".join(line.cells) for line in tile.lines]


def test_an_arrow_takes_the_rows_of_its_way() -> None:
    course, lines = sheet(1, 0)
    assert course.span(0) == (0, 5)
    assert "▶" in lines[4]
    assert "hello" in "".join(lines[:5])
    assert not any("╌" in line for line in lines)


def test_many_arrows_are_counted_instead_of_drawn() -> None:
    course, lines = sheet(4 * DENSE, MS // 4)
    assert course.dense(0)
    assert any("━" in line and " 40" in line for line in lines)
    assert not any("hello" in line for line in lines)
