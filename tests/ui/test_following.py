"""The levels of a conversation, and the objects of a capture, on the screen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from screenplay import settled, text_of
from textual.pilot import Pilot
from textual.widgets import Input

from wirestep.ui.screens.follow import Follow
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.screens.objects import ObjectList

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]


async def test_levels_are_gone_through(stage: Open) -> None:
    async with stage("http2-streams") as (pilot, _):
        await pilot.press("v")
        await pilot.pause(0.3)
        screen = pilot.app.screen
        assert isinstance(screen, Follow)
        assert "TCP (1/8)" in text_of(pilot)
        await pilot.press("l")
        await pilot.pause(0.05)
        assert screen.level.name == "tls"
        assert "PRI * HTTP/2.0" in text_of(pilot)
        await pilot.press("l")
        await pilot.pause(0.05)
        text = text_of(pilot)
        assert ":path: /1.txt" in text
        first, second = screen.talk.turns[:2]
        assert f"+{(second.began - first.time) / 1e9:.6f}"[:7] in text
        await pilot.press("h", "h", "h")
        assert screen.level.name == "http2:11"


async def test_objects_are_listed_saved_and_gone_to(stage: Open, tmp_path: Path) -> None:
    async with stage("http2-streams") as (pilot, screen):
        await pilot.press("X")
        objects = pilot.app.screen
        assert isinstance(objects, ObjectList)
        for _ in range(40):
            await pilot.pause(0.1)
            if objects.list.done:
                break
        text = text_of(pilot)
        assert "6 objects" in text
        assert "/3.txt" in text
        await pilot.press("a")
        objects.prompt.query_one("#typed", Input).value = str(tmp_path / "out")
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
            f"{number}.txt" for number in range(1, 7)
        ]
        record = objects.list.found[0].record
        await pilot.press("enter")
        await settled(pilot)
        assert pilot.app.screen is screen
        assert screen.record == record
