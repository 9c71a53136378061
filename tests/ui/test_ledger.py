"""Ledger, race and comparison on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from screenplay import CAPTURES, text_of
from textual.pilot import Pilot

from wirestep.session import Session
from wirestep.ui.app import Wirestep
from wirestep.ui.doors import doors
from wirestep.ui.screens.compare import CompareScreen
from wirestep.ui.screens.home import Home
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.screens.ledger import LedgerScreen
from wirestep.ui.screens.race import RaceScreen

WIDE, SMALL, HUGE = (120, 40), (80, 24), (200, 60)


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Waits, some seconds at most."""
    for _ in range(400):
        await pilot.pause(0.02)
        if true():
            return
    raise AssertionError(text_of(pilot))


@asynccontextmanager
async def billed(
    name: str, size: tuple[int, int] = WIDE
) -> AsyncIterator[tuple[Pilot[int], LedgerScreen]]:
    """The ledger of a capture."""
    app = Wirestep(doors(Session.open), str(CAPTURES / f"{name}.pcapng"))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Inspector))
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, LedgerScreen))
        screen = app.screen
        assert isinstance(screen, LedgerScreen)
        await until(pilot, lambda: screen.bill is not None)
        await pilot.pause(0.05)
        yield pilot, screen


@asynccontextmanager
async def racing(
    words: str = "", size: tuple[int, int] = WIDE
) -> AsyncIterator[tuple[Pilot[int], RaceScreen]]:
    """A race that has been run, paused at its begin."""
    app = Wirestep(doors(Session.open), race=words)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, RaceScreen))
        screen = app.screen
        assert isinstance(screen, RaceScreen)
        await until(pilot, lambda: screen.race is not None and screen.race.over)
        await pilot.press("home")
        yield pilot, screen


async def test_the_bill_of_a_page() -> None:
    async with billed("tls12-full") as (pilot, screen):
        text = text_of(pilot)
        assert "TCP 1 + TLS 2 + HTTP 1 = 4 RTT · 410 ms" in text
        assert "Finished → Finished" in text
        assert "8-9" in text
        assert screen.bill is not None
        assert "predicted -102" in text
        assert "HTTP/3 0-RTT" in text


async def test_enter_goes_to_the_packets_of_an_item() -> None:
    async with billed("tls12-full") as (pilot, _):
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, Inspector))
        inspector = pilot.app.screen
        assert isinstance(inspector, Inspector)
        assert inspector.record == 3


async def test_short_waits_are_one_line_or_each_for_itself() -> None:
    async with billed("tls12-full") as (pilot, screen):
        assert "7 short waits" in text_of(pilot)
        folded = screen.table.count()
        await pilot.press("f")
        assert screen.table.count() == folded + 6
        assert "short wait" not in text_of(pilot)


async def test_the_sentence_says_what_the_line_is() -> None:
    async with billed("tls12-full") as (pilot, _):
        assert "round trip SYN → SYN, ACK:" in text_of(pilot)
        await pilot.press("tab", "down")
        await pilot.pause()
        assert "The key travels in the" in text_of(pilot)


async def test_a_change_is_measured_in_the_lab() -> None:
    async with billed("tls12-full") as (pilot, screen):
        await pilot.press("tab", "down", "w")
        await until(pilot, lambda: bool(screen.measured))
        await pilot.pause()
        assert screen.bill is not None
        found, change = screen.measured[1], screen.bill.changes[1]
        assert found.trips == 3
        assert abs(found.first - change.first) < 9_000_000
        assert "measured 30" in text_of(pilot)
        await pilot.press("up", "w")
        await until(pilot, lambda: len(screen.measured) == len(screen.whatif.rows) - 1)
        changes = screen.bill.changes
        assert all(abs(m.first - changes[n].first) < 9_000_000 for n, m in screen.measured.items())


async def test_what_the_lab_cannot_show() -> None:
    async with billed("dns-records") as (pilot, _):
        await pilot.press("w")
        await until(pilot, lambda: "nothing that shows this" in text_of(pilot))


async def test_streams_that_waited_behind_a_loss_are_hatched() -> None:
    async with billed("http2-streams") as (pilot, screen):
        assert "6 requests, 1 connection" in text_of(pilot)
        await pilot.press("3")
        assert screen.requests.has_focus
        text = text_of(pilot)
        assert "╱" in text
        assert "head-of-line blocked" in text


async def test_one_conversation_after_the_other() -> None:
    async with billed("page-load") as (pilot, screen):
        assert "all conversations" in text_of(pilot)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: screen.bill is not None)
        assert screen.flow == 0
        assert "conversation 0" in text_of(pilot)
        await pilot.press("a")
        await until(pilot, lambda: screen.bill is not None)
        assert screen.flow is None


@pytest.mark.parametrize("size", [SMALL, WIDE, HUGE], ids=str)
async def test_all_sizes_show_the_bill(size: tuple[int, int]) -> None:
    async with billed("http1-keepalive", size) as (pilot, _):
        text = text_of(pilot)
        assert "TCP 1 + HTTP 1 = 2 RTT" in text
        assert "first byte" in text


async def test_what_cannot_be_billed_says_so() -> None:
    async with billed("arp-ping") as (pilot, screen):
        assert screen.bill is not None
        assert "nothing" in text_of(pilot) or screen.bill.goal is not None


async def test_race_from_home_plays_and_ends() -> None:
    app = Wirestep(doors(Session.open))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Home))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen))
        screen = app.screen
        assert isinstance(screen, RaceScreen)
        await until(pilot, lambda: screen.playing)
        await pilot.press("end")
        text = text_of(pilot)
        assert "● FINISH" in text
        assert "1 120 ms" in text
        assert "+840" in text
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, Home))


async def test_scrubbing_the_future_has_no_place_yet() -> None:
    async with racing() as (pilot, screen):
        assert screen.now == 0
        assert "1st" not in text_of(pilot)
        for _ in range(20):
            await pilot.press("right")
        text = text_of(pilot)
        assert "1st" in text
        assert "2nd" not in text
        assert "HTTP/3 finishes in" in text
        assert "3 of 8" in text or "2 of 8" in text


async def test_a_lane_opens_in_the_inspector() -> None:
    async with racing() as (pilot, _):
        await pilot.press("3")
        await until(pilot, lambda: isinstance(pilot.app.screen, Inspector))
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, RaceScreen))


async def test_another_link_and_another_seed_run_anew() -> None:
    async with racing("rtt 100ms") as (pilot, screen):
        assert screen.race is not None
        assert screen.race.ends == 400_000_000
        await pilot.press("s")
        await until(pilot, lambda: screen.race is not None and screen.race.over)
        assert screen.wish.seed == 2
        await pilot.press("e")
        await pilot.press("ctrl+u", *"rtt 10ms", "enter")
        await until(pilot, lambda: screen.race is not None and screen.race.over)
        assert screen.race is not None
        assert screen.race.ends == 40_000_000


async def test_the_ledger_and_the_comparison_of_a_lane() -> None:
    async with racing() as (pilot, _):
        await pilot.press("l")
        await until(pilot, lambda: "TCP 1 + TLS 2 + HTTP 1 = 4 RTT" in text_of(pilot))
        await pilot.press("q", "c")
        await until(pilot, lambda: "DIFFERENCES" in text_of(pilot))
        assert isinstance(pilot.app.screen, CompareScreen)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, RaceScreen))


@pytest.mark.parametrize("size", [SMALL, HUGE], ids=str)
async def test_all_sizes_show_the_lanes(size: tuple[int, int]) -> None:
    async with racing("", size) as (pilot, _):
        await pilot.press("end")
        assert "1 120 ms" in text_of(pilot)
        await pilot.press("tab")
        assert "place" in text_of(pilot)


async def test_two_captures_compared() -> None:
    async with billed("tls12-full") as (pilot, _):
        await pilot.press("c", *"tls13-full", "enter")
        await until(pilot, lambda: "15 DIFFERENCES" in text_of(pilot))
        screen = pilot.app.screen
        assert isinstance(screen, CompareScreen)
        assert "Client Key Exchange" in text_of(pilot)
        first = screen.pairs.cursor
        await pilot.press("n")
        assert screen.pairs.cursor > first
        await pilot.press("N")
        assert screen.pairs.cursor == first
        whole = screen.pairs.count()
        await pilot.press("equals_sign")
        assert screen.pairs.count() < whole
        await pilot.press("equals_sign", "t")
        assert "by time" in text_of(pilot)
        await pilot.press("t", "s")
        await pilot.pause()
        assert "tls13-full ↔ tls12-full" in text_of(pilot)


async def test_enter_takes_both_apart() -> None:
    async with billed("tls12-full") as (pilot, _):
        await pilot.press("c", *"tls13-full", "enter")
        await until(pilot, lambda: "DIFFERENCES" in text_of(pilot))
        screen = pilot.app.screen
        assert isinstance(screen, CompareScreen)
        await until(pilot, lambda: screen.fields.count() > 0)
        await pilot.press("enter")
        assert screen.fields.has_focus


async def test_a_capture_that_is_not_there() -> None:
    async with billed("tls12-full") as (pilot, _):
        await pilot.press("c", *"nowhere", "enter")
        await until(pilot, lambda: "nowhere" in text_of(pilot).splitlines()[-1])
