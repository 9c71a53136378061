"""What is worked out beside the screen, and where many things share little room."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from screenplay import CAPTURES, settled, text_of
from textual.pilot import Pilot

from wirestep.session import Session
from wirestep.session.views import Buffer
from wirestep.timeline.ladder import Ladder
from wirestep.ui.canvas import width_of
from wirestep.ui.screens.drafting import Drafter
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.widgets.hex_view import tab_row
from wirestep.ui.widgets.ladder_draw import rounded

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]


def test_a_ladder_is_asked_for_once_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session.open(str(CAPTURES / "tcp-lost-syn.pcapng"))
    drawn = Ladder(("a", "b"), ())
    asked: list[tuple[int | None, int]] = []

    def ladder(flow: int | None, record: int) -> Ladder:
        asked.append((flow, record))
        return drawn

    monkeypatch.setattr(session, "ladder", ladder)
    monkeypatch.setattr(Session, "total", 11)
    waiting: list[Callable[[], None]] = []
    drafter = Drafter(session, waiting.append)
    assert drafter.look(None, 4) is None
    assert drafter.look(None, 4) is None
    assert len(waiting) == 1, "one at a time"
    waiting.pop()()
    draft = drafter.look(None, 4)
    assert draft is not None
    assert draft.ladder is drawn
    assert drafter.look(None, 4) is None
    assert not waiting, "nothing is new"
    assert drafter.look(3, 4) is None
    waiting.pop()()
    late = drafter.look(None, 4)
    assert late is None, "the screen wants another conversation by now"
    assert asked == [(None, 4), (3, 4)]
    session.close()


def test_a_file_that_is_gone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session.open(str(CAPTURES / "tcp-lost-syn.pcapng"))

    def ladder(flow: int | None, record: int) -> Ladder:
        raise OSError(5, "the disk is gone")

    monkeypatch.setattr(session, "ladder", ladder)
    monkeypatch.setattr(Session, "total", 11)
    drafter = Drafter(session, lambda work: work())
    drafter.look(None, 0)
    draft = drafter.look(None, 0)
    assert draft is not None
    assert draft.ladder is None
    assert draft.problem == "tcp-lost-syn.pcapng: the disk is gone"
    session.close()


@pytest.mark.parametrize("width", [30, 60, 77, 200])
@pytest.mark.parametrize("chosen", [0, 1, 5, 11])
def test_the_frame_and_the_chosen_buffer_have_tabs(width: int, chosen: int) -> None:
    names = ["Frame 2", "Decrypted QUIC", *["Handshake message"] * 4, *["Reassembled HTTP3"] * 6]
    buffers = [Buffer(name, bytes(100 + at), ()) for at, name in enumerate(names)]
    texts, low, high = tab_row(buffers, chosen, width)
    assert low <= chosen < high
    assert names[chosen] in texts[chosen]
    drawn = {0, *range(low, high)}
    if drawn != {0, chosen}:
        assert sum(width_of(texts[at]) for at in drawn) <= width
    if width == 200:
        assert len(drawn) == len(names)


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("512.250", 8, "512.250"),
        ("1 000.125", 8, "1 000.12"),
        ("21 000.125", 7, "21 000"),
        ("123.456s", 7, "123.45s"),
        ("12:34:56.789", 12, "12:34:56.789"),
        ("1234567", 5, "1234…"),
    ],
)
def test_a_time_that_is_too_long_loses_decimals(text: str, room: int, shown: str) -> None:
    assert rounded(text, room) == shown


async def test_labels_of_short_arrows_stand_beside_them(stage: Open) -> None:
    async with stage("page-load") as (pilot, _):
        lines = text_of(pilot).split("\n")
        assert any("━▶┃ HTTPS www.example.org" in line for line in lines)
        assert any("━ Client Hello ━" in line for line in lines)


async def test_the_ladder_follows_the_layer_of_the_tree(stage: Open) -> None:
    async with stage("http2-streams") as (pilot, screen):
        screen.select(18)
        await settled(pilot)
        await pilot.press("3", "end")
        await pilot.pause(0.1)
        step = screen.ladder.steps[screen.ladder.cursor]
        assert (step.record, step.label) == (18, "200 OK [11]")
        assert "│▌ 251.505" in text_of(pilot)
