"""Plots on the screen: keys, cursor and selection, sizes, the lab."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from screenplay import text_of
from textual.pilot import Pilot

from wirestep.session import Session, scenarios
from wirestep.session.lab_views import Staged
from wirestep.timeline.plots import KINDS
from wirestep.ui.app import Wirestep
from wirestep.ui.doors import doors
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.screens.lab import LabScreen
from wirestep.ui.screens.plots import PlotScreen

SIZES = ((80, 24), (120, 40), (200, 60))


async def known(pilot: Pilot[int], ready: Callable[[], bool]) -> None:
    """Waits until something is there."""
    for _ in range(400):
        await pilot.pause(0.02)
        if ready():
            await pilot.pause(0.02)
            return
    raise AssertionError("it never came")


async def plots(pilot: Pilot[int], *keys: str) -> PlotScreen:
    """The plots, when the one that was asked for is drawn."""
    await pilot.press("P", *keys)
    screen = pilot.app.screen
    assert isinstance(screen, PlotScreen)
    await known(pilot, lambda: screen.plot is not None)
    return screen


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_plot_is_drawn(stage: Callable, size: tuple[int, int]) -> None:  # type: ignore[type-arg]
    words = (
        "H handshake 81.131 ms",
        "W receiver's window",
        "D data",
        "A acknowledged",
        "G goodput",
        "no streams can be read",
    )
    async with stage("tcp-loss", size) as (pilot, inspector):
        screen = await plots(pilot)
        for number, (kind, word) in enumerate(zip(KINDS, words, strict=True), 1):
            await pilot.press(str(number))
            await known(pilot, lambda: screen.plot is not None)
            assert screen.kind == kind
            text = text_of(pilot)
            assert word in text, kind
            assert KINDS[kind] in text
            assert max(map(len, text.splitlines())) == size[0]
        await pilot.press("escape")
        assert pilot.app.screen is inspector


async def test_the_cursor_reads_values_and_goes_to_the_packet(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("tcp-loss") as (pilot, inspector):
        inspector.select(73)
        screen = await plots(pilot, "1")
        assert screen.graph.record == 73
        assert "R RTT of a segment 81.079 ms" in text_of(pilot)
        await pilot.press("left")
        assert screen.graph.record == 4
        text = text_of(pilot)
        assert "R RTT of a segment 80.701 ms" in text
        assert "packet 5 · 0.161978 s · sample 2 of 3" in text
        await pilot.press("plus", "plus")
        whole = screen.plot.stop - screen.plot.start  # type: ignore[union-attr]
        shown = screen.graph.span
        assert shown[1] - shown[0] == whole // 4
        assert shown[0] <= screen.graph.time <= shown[1]
        await pilot.press("enter")
        await known(pilot, lambda: pilot.app.screen is inspector)
        assert inspector.record == 4
        screen = await plots(pilot)
        assert (screen.kind, screen.graph.record, screen.graph.span) == ("rtt", 4, shown)
        await pilot.press("minus", "minus")
        assert screen.graph.span[1] - screen.graph.span[0] >= whole - 4


async def test_marks_the_other_side_and_the_next_conversation(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("tcp-loss") as (pilot, inspector):
        inspector.select(0)
        screen = await plots(pilot, "3")
        assert screen.plot is not None
        assert screen.plot.side == 1
        [again] = [one for one in screen.plot.traces if one.letter == "R"]
        await pilot.press("n")
        assert screen.graph.record == int(again.rows[0])
        await pilot.press("r")
        await known(pilot, lambda: screen.plot is not None and screen.plot.side == 0)
        await pilot.press("q")
    async with stage("page-load") as (pilot, _):
        screen = await plots(pilot)
        before = screen.flow
        await pilot.press("right_square_bracket")
        await known(pilot, lambda: screen.plot is not None)
        assert screen.flow == before + 1


async def test_zoom_makes_intervals_shorter(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("tcp-loss") as (pilot, _):
        screen = await plots(pilot, "5")
        assert screen.plot is not None
        before = len(screen.plot.traces[0])
        await pilot.press("plus", "plus", "plus")
        await known(pilot, lambda: len(screen.plot.traces[0]) > before)  # type: ignore[union-attr]
        assert screen.graph.span[1] - screen.graph.span[0] < screen.plot.stop - screen.plot.start


async def test_streams_have_lanes(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("http2-streams") as (pilot, _):
        screen = await plots(pilot, "6")
        await pilot.press("home", "right")
        text = text_of(pilot)
        assert "stream 1 ┤" in text
        assert "stream 11 ┤" in text
        assert "C from the client HTTP/2 stream" in text
        assert screen.graph.told() in text.replace("─", " ") or "sample 2 of" in text


async def test_the_lab_plots_what_its_tcp_knows() -> None:
    about = next(one for one in scenarios() if one.name == "tcp-echo")
    app = Wirestep(doors(Session.open), staged=Staged(about))
    async with app.run_test(size=(120, 40)) as pilot:
        await known(
            pilot, lambda: isinstance(app.screen, LabScreen) and app.screen.shown is not None
        )
        lab = app.screen
        assert isinstance(lab, LabScreen)
        await pilot.press("E")
        await known(pilot, lambda: lab.shown is not None and lab.shown.count > 5)
        screen = await plots(pilot, "2")
        await known(pilot, lambda: screen.plot is not None and bool(screen.plot.traces))
        assert "cwnd is what the sender itself knows" in text_of(pilot)
        await pilot.press("escape")
        await known(pilot, lambda: app.screen is lab)
        await plots(pilot, "3")
        await pilot.press("end", "enter")
        await known(pilot, lambda: isinstance(app.screen, Inspector))
