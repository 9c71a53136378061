"""The list of conversations of a large capture tells by and by which were decrypted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from textual.pilot import Pilot

from wirestep.session import groups
from wirestep.ui.screens.conversations import Conversations
from wirestep.ui.screens.inspector import Inspector

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]


async def test_verdicts_come_while_somebody_looks(
    stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "WHOLE", 0)
    async with stage("page-load") as (pilot, screen):
        await pilot.press("C", "end")
        chooser = pilot.app.screen
        assert isinstance(chooser, Conversations)
        chosen = chooser.list.shown[chooser.list.cursor - 1].number
        for _ in range(100):
            await pilot.pause(0.1)
            if chooser.judging is not None and chooser.judging.done == screen.session.total:
                break
        await pilot.pause(0.7)
        told = {line.number: line.opened for line in chooser.list.shown if line.opened}
        assert told == {
            line.number: line.opened for line in screen.session.conversations() if line.opened
        }
        assert "all" in told.values()
        assert chooser.list.shown[chooser.list.cursor - 1].number == chosen
        await pilot.press("q")
        assert pilot.app.screen is screen
