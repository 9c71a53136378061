"""What the tests of the screen share: captures to open, and the program opened on them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from screenplay import CAPTURES, settled
from textual.pilot import Pilot

from wirestep.session import Session
from wirestep.ui.app import Wirestep
from wirestep.ui.doors import doors
from wirestep.ui.screens.inspector import Inspector

Stage = tuple[Pilot[int], Inspector]
Open = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same screen whatever the terminal, and nobody's list of recent files."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("WIRESTEP_ASCII", "0")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def stage() -> Open:
    """Opens a capture (the name of a bundled one, or a path) in the inspector."""

    @asynccontextmanager
    async def opened(
        capture: str, size: tuple[int, int] = (120, 40), filter_text: str = ""
    ) -> AsyncIterator[Stage]:
        path = capture if "/" in capture else str(CAPTURES / f"{capture}.pcapng")
        app = Wirestep(doors(Session.open), path, filter_text)
        async with app.run_test(size=size) as pilot:
            for _ in range(100):
                await pilot.pause(0.02)
                if isinstance(app.screen, Inspector):
                    break
            screen = app.screen
            assert isinstance(screen, Inspector)
            await settled(pilot)
            yield pilot, screen

    return opened
