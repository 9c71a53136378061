"""The home screen."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from screenplay import CAPTURES, settled, text_of
from textual.pilot import Pilot

from wirestep.session import Session
from wirestep.ui.app import Wirestep
from wirestep.ui.doors import doors
from wirestep.ui.screens.home import Home
from wirestep.ui.screens.inspector import Inspector


@asynccontextmanager
async def home(size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Pilot[int], Home]]:
    """The program without a file."""
    app = Wirestep(doors(Session.open))
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.2)
        screen = app.screen
        assert isinstance(screen, Home)
        yield pilot, screen


async def previewed(pilot: Pilot[int], screen: Home) -> None:
    """Waits for the preview of the capture under the cursor."""
    for _ in range(100):
        await pilot.pause(0.05)
        if screen.preview.steps:
            return


async def test_every_bundled_capture_is_on_the_shelf() -> None:
    async with home((120, 100)) as (pilot, screen):
        text = text_of(pilot)
        names = sorted(path.stem for path in CAPTURES.glob("*.pcapng"))
        assert sorted(entry.name for entry in screen.shelf.entries) == names
        for name in names:
            assert name in text


async def test_moving_previews_the_capture_and_tells_of_it() -> None:
    async with home() as (pilot, screen):
        await pilot.press("down")
        await previewed(pilot, screen)
        entry = screen.shelf.entry()
        assert entry is not None
        assert entry == screen.shelf.entries[1]
        text = text_of(pilot)
        assert f"{entry.packets} packets" in text
        assert entry.about.split()[0] in text
        assert screen.preview.count()
        assert max(count for count, _ in screen.strip.counts) > 0


async def test_enter_opens_and_q_comes_back() -> None:
    async with home() as (pilot, screen):
        await pilot.press("down", "enter")
        await pilot.pause(0.3)
        await settled(pilot)
        inspector = pilot.app.screen
        assert isinstance(inspector, Inspector)
        entry = screen.shelf.entry()
        assert entry is not None
        assert inspector.session.total == entry.packets
        await pilot.press("q")
        await pilot.pause(0.1)
        assert pilot.app.screen is screen


async def test_finding_a_capture() -> None:
    async with home() as (pilot, screen):
        await pilot.press("slash", *"resum")
        await pilot.pause(0.1)
        assert [entry.name for entry in screen.shelf.entries] == ["tls13-resumed-0rtt"]
        await pilot.press("enter", "q")
        await pilot.pause(0.1)
        assert len(screen.shelf.entries) > 10


async def test_opening_a_file_by_name_with_completion(tmp_path: Path) -> None:
    data = (CAPTURES / "dns-records.pcapng").read_bytes()
    (tmp_path / "somewhere").mkdir()
    (tmp_path / "somewhere" / "asked.pcapng").write_bytes(data)
    async with home() as (pilot, screen):
        await pilot.press("o")
        typed = screen.prompt.query_one("#typed")
        typed.value = f"{tmp_path}/some"  # type: ignore[attr-defined]
        typed.cursor_position = len(f"{tmp_path}/some")  # type: ignore[attr-defined]
        await pilot.pause(0.1)
        await pilot.press("tab")
        assert typed.value == f"{tmp_path}/somewhere/"  # type: ignore[attr-defined]
        await pilot.press("tab")
        assert typed.value.endswith("asked.pcapng")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await pilot.pause(0.3)
        await settled(pilot)
        assert isinstance(pilot.app.screen, Inspector)
        await pilot.press("q")
        await pilot.pause(0.1)
        assert [entry.path for entry in screen.recents.entries] == [
            f"{tmp_path}/somewhere/asked.pcapng"
        ]


async def test_a_recent_file_opens(tmp_path: Path) -> None:
    state = Path(os.environ["XDG_STATE_HOME"]) / "wirestep"
    state.mkdir(parents=True)
    path = tmp_path / "before.pcapng"
    path.write_bytes((CAPTURES / "dns-records.pcapng").read_bytes())
    entry = {"path": str(path), "packets": 30, "opened": 1_700_000_000}
    (state / "recent.json").write_text(json.dumps([entry]))
    async with home() as (pilot, screen):
        assert "before.pcapng" in text_of(pilot)
        path.unlink()
        await pilot.press("3", "enter")
        await pilot.pause(0.2)
        assert pilot.app.screen is screen
        assert "No such file" in text_of(pilot)


async def test_tabs_where_it_is_narrow() -> None:
    async with home((80, 24)) as (pilot, screen):
        await previewed(pilot, screen)
        assert screen.shelf.size.height > 15
        assert screen.preview.size.width > 20
        await pilot.press("4")
        await pilot.pause(0.1)
        assert screen.details.size.width > 60
        await pilot.press("5")
        await pilot.pause(0.1)
        assert screen.preview.size.width > 60
        await pilot.press("1")
        for size in ((40, 10), (50, 12), (300, 100), (39, 9), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause(0.05)
        assert screen.shelf.size.height > 20


async def test_q_leaves() -> None:
    async with home() as (pilot, _):
        await pilot.press("q")
        await pilot.pause(0.1)
        assert pilot.app.return_code == 0
