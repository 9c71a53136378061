"""Sizes, themes, few colours, no Unicode, the palette, and leaving."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from screenplay import CAPTURES, settled, text_of
from textual.pilot import Pilot

from wirestep.session import FirstLook, Session
from wirestep.ui.app import Wirestep
from wirestep.ui.doors import doors
from wirestep.ui.keys import PLACES
from wirestep.ui.screens.home import Home
from wirestep.ui.screens.inspector import Inspector

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]
SIZES = [(120, 40), (80, 24), (200, 60), (40, 10), (41, 60), (300, 12), (99, 19), (100, 20)]


def widths(pilot: Pilot[int]) -> set[int]:
    """How wide the lines of the screen are."""
    screen = pilot.app.screen
    return {strip.cell_length for strip in screen._compositor.render_strips(screen.size)}


async def test_any_size_at_any_time(stage: Open) -> None:
    async with stage("page-load") as (pilot, screen):
        for size in [*SIZES, (39, 9), (20, 5), (1, 1), (120, 40)]:
            await pilot.resize_terminal(*size)
            await pilot.press("2", "down", "3", "down", "4", "down", "1", "down")
            await pilot.pause(0.05)
            assert widths(pilot) == {size[0]}, size
        assert screen.packets.size.height > 10


@pytest.mark.parametrize("size", [(39, 20), (60, 9)])
async def test_too_small_is_said(stage: Open, size: tuple[int, int]) -> None:
    async with stage("dns-records", size) as (pilot, _):
        assert "too small" in text_of(pilot)
        assert f"{size[0]}×{size[1]}" in text_of(pilot)
        await pilot.resize_terminal(80, 24)
        await pilot.pause(0.1)
        assert "too small" not in text_of(pilot)


async def test_the_theme_changes_what_is_drawn(stage: Open) -> None:
    async with stage("dns-records") as (pilot, screen):

        def back() -> object:
            style = screen.packets.render_line(3)._segments[-2].style
            return style.bgcolor if style else None

        dark = back()
        await pilot.press("d")
        await pilot.pause(0.1)
        assert pilot.app.theme == "wirestep-light"
        assert back() != dark
        await pilot.press("d")
        await pilot.pause(0.1)
        assert back() == dark


async def test_without_colours_nothing_breaks(stage: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage("tcp-loss") as (pilot, screen):
        await pilot.press("2", "plus", "plus", "G", *["up"] * 3)
        await pilot.pause(0.1)
        lines = screen._compositor.render_strips(screen.size)
        background = pilot.app.screen.background_colors[1]
        for line in lines:
            segments = list(line)
            for one in pilot.app.get_line_filters():
                segments = one.apply(segments, background)
            for segment in segments:
                if segment.style is not None and segment.style.color is not None:
                    red, green, blue = segment.style.color.get_truecolor()
                    assert red == green == blue
        # What is wrong with a packet is said by letters and words as well.
        assert "RTX" in text_of(pilot)


async def test_without_unicode_only_ascii_is_drawn(
    stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRESTEP_ASCII", "1")
    async with stage("page-load") as (pilot, screen):

        async def ascii_only() -> bool:
            await pilot.pause(0.1)
            top = pilot.app.screen
            lines = top._compositor.render_strips(top.size)
            background = top.background_colors[1]
            for line in lines:
                segments = list(line)
                for one in pilot.app.get_line_filters():
                    segments = one.apply(segments, background)
                assert sum(segment.cell_length for segment in segments) == 120
                if not all(segment.text.isascii() for segment in segments):
                    return False
            return True

        assert await ascii_only()
        for key in (
            "2",
            "plus",
            "question_mark",
            "escape",
            "c",
            "C",
            "escape",
            "f",
            "escape",
            "ctrl+p",
        ):
            await pilot.press(key)
            assert await ascii_only(), key
        assert screen.session.total


async def test_the_palette_has_our_commands(stage: Open) -> None:
    async with stage("dns-records") as (pilot, screen):
        titles = [command.title for command in pilot.app.get_system_commands(screen)]
        assert "Display filter" in titles
        assert "Next in the conversation" in titles
        assert len(titles) == len(set(titles))
        await pilot.press("ctrl+p")
        await pilot.press(*"display", "space", *"filter")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert screen.prompt.open
        assert screen.prompt.question.kind == "filter"


async def test_back_and_quit(stage: Open) -> None:
    async with stage("dns-records") as (pilot, screen):
        await pilot.press("q")
        await pilot.pause(0.1)
        assert isinstance(pilot.app.screen, Home)
        await pilot.press("ctrl+q")
        await pilot.pause(0.1)
        assert pilot.app.return_code == 0
        assert screen.session.capture.closed


@pytest.mark.parametrize(
    ("data", "said"),
    [(None, "No such file"), (b"this is no capture at all", ""), (b"", "")],
)
async def test_a_file_that_cannot_be_opened(tmp_path: Path, data: bytes | None, said: str) -> None:
    path = tmp_path / "x.pcap"
    if data is not None:
        path.write_bytes(data)
    app = Wirestep(doors(Session.open), str(path))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        assert isinstance(app.screen, Home)
        last = text_of(pilot).split("\n")[-1]
        assert "!" in last
        assert said in last
        assert "Traceback" not in text_of(pilot)


async def test_opening_another_file_from_the_inspector(stage: Open) -> None:
    async with stage("dns-records") as (pilot, screen):
        await pilot.press("o")
        path = CAPTURES / "tcp-loss.pcapng"
        screen.prompt.query_one("#typed").value = str(path)  # type: ignore[attr-defined]
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause(0.3)
        await settled(pilot)
        assert isinstance(pilot.app.screen, Inspector)
        assert pilot.app.screen.session.title == "tcp-loss.pcapng"
        assert screen.session.capture.closed


@pytest.mark.parametrize(("capture", "seed"), [("page-load", 3), ("tcp-tiny-window", 8)])
async def test_any_keys_at_any_size(stage: Open, capture: str, seed: int) -> None:
    dice = random.Random(seed)
    leaving = ("app.quit", "app.open", "screen.back", "file.save", "file.export", "follow.save")
    known = [key for keys in PLACES.values() for key in keys if key.id not in leaving]
    names = [name for key in known for name in key.keys.split(",")]
    async with stage(capture) as (pilot, screen):
        for turn in range(120):
            key = dice.choice([*names, *"tcp.=1", *["down"] * 8, *["escape"] * 4])
            inside = not isinstance(pilot.app.screen, Inspector)
            if inside or key not in ("q", "escape", "s", "x", "o"):
                pilot.app.simulate_key(key)
            await pilot.pause(0.01)
            if turn % 30 == 0:
                await pilot.resize_terminal(dice.randint(1, 200), dice.randint(1, 60))
        assert pilot.app.return_code is None
        assert screen.session.total


async def test_the_first_look_gives_way_to_the_session() -> None:
    """What is asked for before the session is there is done when it is."""
    path = str(CAPTURES / "http1-keepalive.pcapng")
    waits = threading.Event()

    def late(name: str) -> Session:
        assert waits.wait(30)
        return Session.open(name)

    app = Wirestep(replace(doors(late), first=FirstLook.open), path)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause(0.2)
        screen = app.screen
        assert isinstance(screen, Inspector)
        assert not screen.ready
        assert screen.packets.item(0) is not None
        await pilot.press("j", "j", "f")
        await pilot.pause(0.1)
        assert screen.record == 2
        assert not screen.prompt.open
        waits.set()
        for _ in range(200):
            await pilot.pause(0.02)
            if screen.ready and screen.prompt.open:
                break
        assert screen.prompt.open
        assert screen.record == 2
        assert isinstance(screen.session, Session)
