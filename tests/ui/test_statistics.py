"""The statistics screen, driven by keys and the mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from screenplay import settled, text_of
from textual.pilot import Pilot

from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.screens.statistics import Statistics
from wirestep.ui.screens.statistics_views import VIEWS

SIZES = ((80, 24), (200, 60))


async def opened(pilot: Pilot[int], *keys: str) -> Statistics:
    """The statistics, when an answer to the last key is there."""
    await pilot.press("S", *keys)
    screen = pilot.app.screen
    assert isinstance(screen, Statistics)
    await known(pilot, lambda: screen.answer is not None and screen.answer.share >= 1)
    return screen


async def known(pilot: Pilot[int], ready: Callable[[], bool]) -> None:
    """Waits until something is there."""
    for _ in range(200):
        await pilot.pause(0.02)
        if ready():
            await pilot.pause(0.02)
            return
    raise AssertionError("it never came")


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_view_shows_something(stage: Callable, size: tuple[int, int]) -> None:  # type: ignore[type-arg]
    wanted = (
        "Transport Layer",
        "47360",
        "198.51.100.81",
        "all packets",
        "mean",
        "A→B",
        "40-79",
        "SYN",
    )
    async with stage("page-load", size) as (pilot, inspector):
        inspector.select(30)
        screen = await opened(pilot)
        for number, (view, word) in enumerate(zip(VIEWS, wanted, strict=True), 1):
            await pilot.press(str(number))
            assert screen.view is view
            await known(pilot, lambda: screen.answer is not None and screen.answer.share >= 1)
            text = text_of(pilot)
            assert word in text, view.name
            assert max(map(len, text.splitlines())) == size[0]
        await pilot.press("escape")
        assert pilot.app.screen is inspector


async def test_rows_lead_to_their_packets(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("tcp-loss") as (pilot, inspector):
        screen = await opened(pilot, "8")
        assert screen.table.findings[screen.table.row()].severity == "warn"
        await pilot.press("right", "down", "enter")
        assert pilot.app.screen is inspector
        assert inspector.record == 29


async def test_intervals_lead_to_their_packets(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("tcp-loss") as (pilot, inspector):
        screen = await opened(pilot, "4", "G")
        assert screen.plot.cursor == screen.plot.plot.count - 1
        last = screen.plot.time
        await pilot.press("enter")
        assert pilot.app.screen is inspector
        assert inspector.session.time_of(inspector.record) >= last
        screen = await opened(pilot)  # where it was left, at the packet that is selected
        assert screen.view.name == "io"
        assert screen.plot.time <= inspector.session.time_of(inspector.record)
        assert screen.plot.cursor == screen.plot.plot.count - 1


async def test_a_row_becomes_the_filter_and_the_filter_is_counted(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("page-load") as (pilot, inspector):
        await opened(pilot, "2")
        await pilot.press("f")
        assert pilot.app.screen is inspector
        assert inspector.session.filter_text == "tcp.stream == 0"
        await settled(pilot)
        screen = await opened(pilot, "1")
        await known(pilot, lambda: screen.answer is not None and screen.answer.totals.packets == 28)
        await pilot.press("a")
        await known(pilot, lambda: screen.answer is not None and screen.answer.totals.packets == 63)


async def test_titles_sort(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("page-load") as (pilot, _):
        screen = await opened(pilot, "2", "tab")
        assert screen.form == "udp"
        await known(pilot, lambda: screen.table.table.count == 6)
        assert screen.table.sorted == "bytes"
        await pilot.click(screen.table, offset=(14, 0))
        assert screen.table.sorted == "a_port"
        ports = [screen.table.table.cells(screen.table.line(at)[0])[1] for at in range(6)]
        assert ports == sorted(ports, reverse=True)  # type: ignore[type-var]
        await pilot.press("r")
        assert screen.table.table.cells(screen.table.line(0)[0])[1] == min(ports)  # type: ignore[type-var]
        await pilot.press("s")
        assert screen.table.sorted != "a_port"


async def test_intervals_get_shorter_and_longer(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("tcp-loss") as (pilot, _):
        screen = await opened(pilot, "4")
        first = screen.plot.plot.interval
        await pilot.press("plus")
        await known(pilot, lambda: screen.plot.plot.interval < first)
        assert screen.plot.plot.count > screen.plot.columns
        await pilot.press("G")
        assert screen.plot.first + screen.plot.columns == screen.plot.plot.count
        await pilot.press("minus", "minus")
        await known(pilot, lambda: screen.plot.plot.interval > first)


async def test_a_conversations_throughput(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("page-load") as (pilot, _):
        screen = await opened(pilot, "2", "t")
        assert screen.view.name == "throughput"
        await known(pilot, lambda: screen.plot.plot.count > 0)
        assert "192.0.2.10:47360" in text_of(pilot)
        sizes = [int(one.bytes.sum()) for _, one in screen.answer.lines] if screen.answer else []
        assert sum(sizes) > 1000


async def test_where_there_is_nothing_it_says_why(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("arp-ping") as (pilot, _):
        screen = await opened(pilot, "2")
        await known(pilot, lambda: "no conversation of this level" in text_of(pilot))
        await pilot.press("5")
        await known(pilot, lambda: "no segment was acknowledged" in text_of(pilot))
        await pilot.press("6")
        await known(pilot, lambda: screen.answer is not None)
        assert "no conversation is chosen" in text_of(pilot)


async def test_help_and_palette_know_its_keys(stage: Callable) -> None:  # type: ignore[type-arg]
    async with stage("tcp-loss") as (pilot, inspector):
        screen = await opened(pilot)
        titles = [command.title for command in pilot.app.get_system_commands(screen)]
        assert "Protocol hierarchy" in titles
        assert isinstance(inspector, Inspector)
        await pilot.press("question_mark")
        await pilot.pause(0.1)
        assert "Shorter intervals" in text_of(pilot)
