"""The dialog that exports, driven by its keys."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from screenplay import text_of
from textual.pilot import Pilot
from textual.widgets import Input

from wirestep.ui.screens.export import ExportPanel
from wirestep.ui.screens.inspector import Inspector

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]


async def written(pilot: Pilot[int], panel: ExportPanel, path: Path) -> None:
    """Presses enter, gives that name, and waits until it is over."""
    await pilot.press("enter")
    panel.prompt.query_one("#typed", Input).value = str(path)
    await pilot.press("enter")
    for _ in range(100):
        await pilot.pause(0.05)
        if pilot.app.screen is not panel or panel.exporting is None:
            return


async def test_what_is_shown_is_exported(stage: Open, tmp_path: Path) -> None:
    async with stage("http2-streams", filter_text="http2.headers.path") as (pilot, _):
        await pilot.press("x")
        panel = pilot.app.screen
        assert isinstance(panel, ExportPanel)
        text = text_of(pilot)
        assert "what the filter shows" in text
        assert "redacted" in text
        await pilot.press("j", "j")
        await written(pilot, panel, tmp_path / "x.ndjson")
        assert isinstance(pilot.app.screen, Inspector)
        rows = [json.loads(line) for line in (tmp_path / "x.ndjson").read_text().splitlines()]
        assert {row["frame"] for row in rows} == set(range(10, 16))


async def test_one_conversation_with_its_secrets(stage: Open, tmp_path: Path) -> None:
    async with stage("page-load") as (pilot, screen):
        screen.select(17)
        await pilot.pause(0.1)
        await pilot.press("x", "space", "r")
        panel = pilot.app.screen
        assert isinstance(panel, ExportPanel)
        flow = screen.session.conversation_of(17)
        assert f"this conversation ({flow})" in text_of(pilot)
        assert "kept as they were sent" in text_of(pilot)
        await written(pilot, panel, tmp_path / "x.har")
        log = json.loads((tmp_path / "x.har").read_text())["log"]
        assert {entry["connection"].partition(":")[0] for entry in log["entries"]} == {str(flow)}
        assert stat.S_IMODE((tmp_path / "x.har").stat().st_mode) == 0o600


async def test_no_file_is_replaced_and_escape_closes(stage: Open, tmp_path: Path) -> None:
    there = tmp_path / "there.har"
    there.write_text("mine")
    async with stage("tls13-full") as (pilot, _):
        await pilot.press("x")
        panel = pilot.app.screen
        assert isinstance(panel, ExportPanel)
        await written(pilot, panel, there)
        assert "already" in text_of(pilot)
        assert there.read_text() == "mine"
        await pilot.press("escape")
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, Inspector)
