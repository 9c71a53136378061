"""The inspector's forms of time, folds, layouts, and what it shows where there is little."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from screenplay import CAPTURES, settled, text_of, write_pcap
from textual.pilot import Pilot

from wirestep.timeline.times import seconds
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.screens.paper import Help, Paper
from wirestep.ui.widgets.prompt import Prompt

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]
HTTP = "http1-keepalive"


async def test_time_forms_and_reference(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("down", "down", "down", "ctrl+t")
        await settled(pilot)
        assert screen.session.reference == 3
        reference = screen.session.row(3).time
        first = screen.session.row(0).time
        assert f" {seconds(first - reference)} " in text_of(pilot)
        await pilot.press("t")
        assert "Delta" in text_of(pilot)
        await pilot.press("t")
        assert "Clock" in text_of(pilot)


async def test_folding_the_ladder(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("2")
        await settled(pilot)
        coarse = screen.ladder.count()
        await pilot.press("plus", "plus")
        fine = screen.ladder.count()
        assert fine > coarse
        assert all(step in screen.ladder.steps for step in screen.ladder.ladder.steps)
        await pilot.press("minus", "minus", "down", "down", "right")
        top = screen.ladder.steps[screen.ladder.cursor]
        assert top.below
        assert screen.ladder.count() == coarse + top.below
        await pilot.press("left")
        assert screen.ladder.count() == coarse


async def test_zoom_layout_and_widths(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        wide = screen.packets.size.width
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert screen.packets.size.width > wide
        await pilot.press("backslash")
        await pilot.pause()
        assert screen.packets.size.width == 118
        assert not screen.ladder.is_on_screen or not screen.ladder.size.width
        await pilot.press("q")
        await pilot.pause()
        assert pilot.app.screen is screen
        await pilot.press("vertical_line")
        await pilot.pause()
        assert screen.packets.size.width == 118


async def test_help_tells_all_keys_of_the_inspector(stage: Open) -> None:
    async with stage(HTTP, (200, 100)) as (pilot, screen):
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Help)
        text = text_of(pilot)
        for title in ("Display filter", "Next in the conversation", "Filter by this field"):
            assert title in text
        await pilot.press("escape")
        assert pilot.app.screen is screen
        await pilot.press("i")
        assert isinstance(pilot.app.screen, Paper)


async def test_tabs_where_it_is_narrow(stage: Open) -> None:
    async with stage(HTTP, (80, 24)) as (pilot, screen):
        assert screen.packets.size.height > 5
        await pilot.press("2")
        await pilot.pause()
        assert screen.ladder.size.height > 5
        assert screen.panes[1].size.height == 0 or not screen.panes[1].display
        await pilot.press("4")
        await pilot.pause()
        assert screen.dump.size.height > 15
        await pilot.click(screen.tabs, offset=(2, 0))
        await pilot.pause()
        assert screen.number == 1


async def test_no_packets_at_all(stage: Open, tmp_path: Path) -> None:
    async with stage(write_pcap(tmp_path / "none.pcap", ())) as (pilot, screen):
        assert "this capture holds no packets" in text_of(pilot)
        for key in ("down", "full_stop", "space", "m", "n", "t", "ctrl+t", "v", "2", "3", "4", "G"):
            await pilot.press(key)
        assert screen.record == -1


async def test_a_capture_that_is_cut(stage: Open, tmp_path: Path) -> None:
    data = (CAPTURES / f"{HTTP}.pcapng").read_bytes()
    path = tmp_path / "cut.pcapng"
    path.write_bytes(data[: len(data) // 2])
    async with stage(str(path)) as (pilot, screen):
        assert 0 < screen.session.total < 43
        assert screen.session.progress().problem
        text = text_of(pilot)
        assert "DAMAGED" in text
        assert screen.session.progress().problem[:20] in text


async def test_the_prompt_leaves_the_panes_where_they_are(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        before = screen.packets.region
        await pilot.press("f")
        await pilot.pause()
        assert screen.query_one(Prompt).open
        assert screen.packets.region == before
