"""The lab on the screen: keys, panes, branches, what is said where something cannot be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from screenplay import text_of
from textual.pilot import Pilot
from textual.widgets import Input

from wirestep.session import Session, scenarios
from wirestep.session.lab_views import Snapshot, Staged
from wirestep.ui.app import Wirestep
from wirestep.ui.doors import doors
from wirestep.ui.screens.compare import CompareScreen
from wirestep.ui.screens.home import Home
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.screens.lab import LabScreen
from wirestep.ui.screens.lab_branches import Branches
from wirestep.ui.screens.lab_versus import Versus

ECHO, TLS, WALK = "tcp-echo", "tls13-full", "dns-walk"


@asynccontextmanager
async def staged(
    name: str, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[int], LabScreen]]:
    """The program with a scenario open."""
    about = next(one for one in scenarios() if one.name == name)
    app = Wirestep(doors(Session.open), staged=Staged(about))
    async with app.run_test(size=size) as pilot:
        for _ in range(400):
            await pilot.pause(0.02)
            screen = app.screen
            if isinstance(screen, LabScreen) and screen.shown is not None:
                break
        assert isinstance(screen, LabScreen)
        await still(pilot, screen)
        yield pilot, screen


async def still(pilot: Pilot[int], screen: LabScreen) -> Snapshot:
    """Waits until the lab has done what was wished, and the screen shows it."""
    for _ in range(500):
        await pilot.pause(0.01)
        lab = screen.lab
        if lab is not None and not lab.busy and screen.shown is not None:
            screen.news()
            if screen.shown.version == lab.snapshot.version:
                break
    assert screen.shown is not None
    return screen.shown


async def press(pilot: Pilot[int], screen: LabScreen, *keys: str) -> Snapshot:
    """Presses keys, one after the other has been answered."""
    shown = await still(pilot, screen)
    for key in keys:
        await pilot.press(key)
        shown = await still(pilot, screen)
    return shown


DOT = "full_stop"
BACK = "left_square_bracket"


async def test_a_step_is_drawn_up_to_where_the_packet_is() -> None:
    async with staged(ECHO) as (pilot, screen):
        assert "nothing has left yet" in text_of(pilot)
        await press(pilot, screen, DOT)
        text = text_of(pilot)
        assert " 1 SYN 60 B " in text
        assert "10.000" in text
        assert "lands 20 if let go" in text
        assert "■ HELD" in text
        assert "SYN-SENT" in text
        assert "client RTO" in text
        assert "10 of 20 ms flown" in text


async def test_dropping_and_waiting_for_the_recovery() -> None:
    async with staged(TLS) as (pilot, screen):
        shown = await press(pilot, screen, *[DOT] * 4, "x")
        assert "✗" in text_of(pilot)
        assert shown.undoable == "#4 dropped"
        await press(pilot, screen, DOT)
        assert "nothing under way" in text_of(pilot)
        shown = await press(pilot, screen, "E")
        assert shown.outcome.over
        assert shown.outcome.error == ""
        assert "● OVER" in text_of(pilot)


async def test_the_consequence_of_the_action_pointed_at() -> None:
    async with staged(ECHO) as (pilot, screen):
        await press(pilot, screen, DOT)
        for _ in range(300):
            await pilot.pause(0.02)
            if "drop" in (screen.shown.consequences if screen.shown else {}):
                break
        assert "if dropped client RTO at 1 000 → lands 1 020 ms, 1 000 ms late" in text_of(pilot)
        await press(pilot, screen, "right")
        assert screen.held.chosen == "delay"
        assert "if delayed" in text_of(pilot)


async def test_back_in_time_another_choice_and_the_comparison() -> None:
    async with staged(TLS) as (pilot, screen):
        await press(pilot, screen, "E", *[BACK] * 6)
        assert "◂ EARLIER" in text_of(pilot)
        shown = await press(pilot, screen, "x")
        assert shown.branch == "B"
        await press(pilot, screen, "E", "C")
        await pilot.pause(0.2)
        versus = pilot.app.screen
        assert isinstance(versus, Versus)
        text = text_of(pilot)
        assert "#4 dropped" in text
        assert "differences" in text
        first = versus.pairs.cursor
        assert versus.pairs.pairs[first].sign != "="
        await pilot.press("n")
        assert versus.pairs.cursor > first
        whole = versus.pairs.count()
        await pilot.press("equals_sign")
        assert versus.pairs.count() < whole
        await pilot.press("s")
        assert versus.comparison.names == ("B", "A")
        await pilot.press("equals_sign", "enter")
        for _ in range(100):
            await pilot.pause(0.02)
            decoded = pilot.app.screen
            if isinstance(decoded, CompareScreen) and decoded.comparison is not None:
                break
        assert isinstance(decoded, CompareScreen)
        assert "branch B" in text_of(pilot)
        assert decoded.comparison is not None
        await pilot.press("q", "q")
        await pilot.pause(0.1)
        assert pilot.app.screen is screen


async def test_the_list_of_branches() -> None:
    async with staged(ECHO) as (pilot, screen):
        await press(pilot, screen, "E", *[BACK] * 3, "x")
        await pilot.press("B")
        await pilot.pause(0.1)
        assert isinstance(pilot.app.screen, Branches)
        assert "dropped" in text_of(pilot)
        await pilot.press("up", "enter")
        await pilot.pause(0.1)
        shown = await still(pilot, screen)
        assert shown.branch == "A"


async def test_undo_takes_a_wrong_key_back() -> None:
    async with staged(ECHO) as (pilot, screen):
        shown = await press(pilot, screen, DOT, "u", "backspace")
        assert shown.undoable == ""
        assert shown.count == 1
        assert "taken back: #1 duplicated" in text_of(pilot)


async def test_running_until_a_state() -> None:
    async with staged(ECHO) as (pilot, screen):
        await pilot.press("b")
        typed = screen.prompt.query_one(Input)
        typed.value = "server ESTABLISHED"
        await pilot.press("enter")
        shown = await still(pilot, screen)
        assert shown.stopped == "server ESTABLISHED"
        await pilot.press("b")
        typed.value = "tcp.port =="
        await pilot.pause(0.1)
        assert screen.prompt.has_class("wrong")
        await pilot.press("escape")


async def test_space_runs_and_pauses() -> None:
    async with staged(ECHO) as (pilot, screen):
        await pilot.press(*["right_curly_bracket"] * 12, "space")
        shown = await still(pilot, screen)
        assert shown.outcome.over


async def test_the_link_runs_anew() -> None:
    async with staged(ECHO) as (pilot, screen):
        await press(pilot, screen, DOT, "l")
        assert screen.link.has_focus
        shown = await press(pilot, screen, "right")
        assert shown.passages[0].lands > 20_000_000
        assert "RTT*" in text_of(pilot)
        await pilot.press("enter")
        screen.prompt.query_one(Input).value = "1 s"
        await pilot.press("enter")
        shown = await still(pilot, screen)
        assert shown.passages[0].lands == 500_000_000
        screen.link.focus()
        await pilot.press("escape")
        assert screen.wire.has_focus


async def test_saving_and_looking_into(tmp_path: Path) -> None:
    async with staged(ECHO) as (pilot, screen):
        await press(pilot, screen, DOT, DOT, "w")
        assert screen.prompt.open
        screen.prompt.query_one(Input).value = str(tmp_path / "out.pcapng")
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert (tmp_path / "out.pcapng").exists()
        assert "2 packets written" in text_of(pilot)
        await pilot.press("enter")
        for _ in range(100):
            await pilot.pause(0.02)
            inspector = pilot.app.screen
            if isinstance(inspector, Inspector) and inspector.record == 1:
                break
        assert isinstance(inspector, Inspector)
        assert (inspector.session.total, inspector.record) == (2, 1)
        await pilot.press("q")
        await pilot.pause(0.2)
        assert pilot.app.screen is screen


async def test_five_hosts_and_rows() -> None:
    async with staged(WALK) as (pilot, screen):
        await press(pilot, screen, *[DOT] * 5)
        text = text_of(pilot)
        for name in ("client", "root", "tld"):
            assert f" {name} " in text
        await press(pilot, screen, "t")
        assert "left ms" in text_of(pilot)


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (200, 60)])
async def test_every_size(size: tuple[int, int]) -> None:
    async with staged(TLS, size) as (pilot, screen):
        await press(pilot, screen, *[DOT] * 4)
        narrow = size[0] < 100
        assert "2 Ends" in text_of(pilot)
        assert screen.narrow == narrow
        assert "drop" in text_of(pilot)
        for pane in ("2", "3", "4", "1"):
            await press(pilot, screen, pane)
            assert screen.view(int(pane)).size.width > 20
        await press(pilot, screen, "d", "E")
        assert screen.shown is not None
        assert screen.shown.outcome.over


async def test_the_light_theme_by_the_palette_not_by_its_key() -> None:
    """Here d delays; the palette still offers the theme."""
    async with staged(ECHO) as (pilot, screen):
        titles = {c.title: c.callback for c in pilot.app.get_system_commands(screen)}
        titles["Dark or light theme"]()
        await pilot.pause(0.2)
        assert pilot.app.theme == "wirestep-light"
        assert screen.shown is not None
        assert screen.shown.undoable == ""


async def test_help_tells_the_keys_of_the_lab() -> None:
    async with staged(ECHO, (120, 60)) as (pilot, _):
        await pilot.press("question_mark")
        await pilot.pause(0.2)
        text = text_of(pilot)
        assert "Drop the packet" in text
        assert "Take the last decision back" in text


async def test_a_scenario_that_is_wrong_is_a_sentence(tmp_path: Path) -> None:
    about = next(one for one in scenarios() if one.name == ECHO)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("title = 3\n")
    app = Wirestep(doors(Session.open), staged=Staged(about, {}, str(wrong)))
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(100):
            await pilot.pause(0.02)
            if isinstance(app.screen, Home) and app.screen.footer.said:
                break
        assert isinstance(app.screen, Home)
        assert "wrong.toml: title" in app.screen.footer.said


async def test_the_home_screen_lists_and_opens_scenarios() -> None:
    app = Wirestep(doors(Session.open))
    async with app.run_test(size=(120, 40)) as pilot:
        for _ in range(200):
            await pilot.pause(0.02)
            home = app.screen
            if isinstance(home, Home) and home.scenarios.count():
                break
        assert isinstance(home, Home)
        assert home.scenarios.count() == len(scenarios())
        await pilot.press("2")
        await pilot.pause(0.1)
        entry = home.scenarios.entry()
        assert entry is not None
        assert entry.about.split()[0] in text_of(pilot)
        await pilot.press("slash", *"echo", "enter")
        await pilot.pause(0.1)
        assert all("echo" in one.name for one in home.scenarios.entries[:1])
        await pilot.press("down", "up", "enter")
        for _ in range(200):
            await pilot.pause(0.02)
            lab = app.screen
            if isinstance(lab, LabScreen) and lab.shown is not None:
                break
        assert isinstance(lab, LabScreen)
        await pilot.press("q")
        await pilot.pause(0.1)
        assert app.screen is home
