"""The inspector, driven by keys and clicks over real captures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from screenplay import settled, text_of
from textual import events
from textual.pilot import Pilot

from wirestep.session import Session
from wirestep.ui.screens.conversations import Conversations
from wirestep.ui.screens.follow import Follow
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.screens.letters import Choice, Letters

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]
HTTP = "http1-keepalive"


async def typed(pilot: Pilot[int], text: str) -> None:
    """Types a text, letter by letter."""
    names = {" ": "space", "=": "equals_sign", ".": "full_stop", "!": "exclamation_mark"}
    for letter in text:
        await pilot.press(names.get(letter, letter))
    await pilot.pause(0.1)


async def test_moving_in_the_list_moves_every_pane(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press(*["down"] * 7)
        await settled(pilot)
        assert screen.record == 7
        assert screen.packets.cursor == 7
        step = screen.ladder.steps[screen.ladder.cursor]
        assert 7 in (step.record, *step.records)
        assert screen.view is not None
        assert screen.view.record == 7
        assert screen.dump.view is screen.view
        node = screen.field()
        assert node is not None
        assert screen.decode.node() == node
        assert screen.dump.span == (node.start, node.stop)
        assert "packet 8 / 43" in text_of(pilot)


async def test_an_arrow_moves_every_pane(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("2", "down", "down", "down")
        await settled(pilot)
        step = screen.ladder.steps[3]
        assert screen.ladder.cursor == 3
        assert screen.record == step.record
        assert screen.packets.cursor == step.record
        assert screen.view is not None
        assert screen.view.record == step.record


async def test_arrows_of_one_packet_choose_their_layers(stage: Open) -> None:
    async with stage("tls13-full") as (pilot, screen):
        await pilot.press("2", "plus")
        steps = screen.ladder.steps
        hello = next(at for at, step in enumerate(steps) if step.label == "Server Hello")
        screen.ladder.go(hello)
        await settled(pilot)
        for at in range(hello, hello + 4):
            screen.ladder.go(at)
            await pilot.pause(0.1)
            assert steps[at].record == steps[hello].record
            node = screen.field()
            assert node is not None
            assert len(node.path) == 1
            assert steps[at].label in node.shown
            assert screen.ladder.cursor == at
            assert screen.dump.span == (node.start, node.stop)


async def test_a_click_on_an_arrow_chooses_it(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.click("#ladder", offset=(30, 5))
        await settled(pilot)
        assert screen.ladder.cursor == 4
        assert screen.record == screen.ladder.steps[4].record


async def test_a_click_on_a_byte_chooses_its_field(stage: Open) -> None:
    async with stage("dns-records") as (pilot, screen):
        grid = screen.dump.grid()
        screen.dump.scroll_to(y=0, animate=False, immediate=True)
        await pilot.pause()
        # Byte 0x17 of an Ethernet and IPv4 frame is the protocol of IPv4.
        line, place = divmod(0x17, grid.per_line)
        await pilot.click("#bytes", offset=(grid.cell(place), 1 + line))
        await settled(pilot)
        node = screen.field()
        assert node is not None
        assert node.name == "ip.proto"
        assert (node.start, node.stop) == (0x17, 0x18)
        assert screen.decode.node() == node
        assert screen.dump.span == (0x17, 0x18)
        assert "ip.proto" in text_of(pilot)


async def test_a_field_highlights_its_bytes_in_its_buffer(stage: Open) -> None:
    async with stage("dns-records") as (pilot, screen):
        await pilot.press("3", "down", "down")
        await settled(pilot)
        node = screen.decode.node()
        assert node is not None
        assert node.stop > node.start
        assert screen.dump.buffer == node.buffer
        assert screen.dump.span == (node.start, node.stop)


async def test_folding_and_unfolding_the_tree(stage: Open) -> None:
    async with stage("dns-records") as (pilot, screen):
        await pilot.press("3", "g")
        before = screen.decode.count()
        node = screen.decode.node()
        assert node is not None
        assert node.path == (0,)
        await pilot.press("right")
        assert screen.decode.count() > before or not node.children
        await pilot.press("left")
        assert screen.decode.count() == before
        await pilot.press("asterisk")
        assert screen.decode.count() > before
        await pilot.press("asterisk")
        assert screen.decode.count() == len(screen.decode.view.nodes)  # type: ignore[union-attr]


async def test_stepping_by_message_and_in_the_conversation(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        session = screen.session
        await pilot.press("full_stop")
        assert screen.record == session.next_message(0, 1)
        first = screen.record
        await pilot.press("full_stop", "comma")
        assert screen.record == first
        await pilot.press("right_square_bracket")
        assert screen.record == session.in_conversation(first, 1)
        await pilot.press("shift+right")
        assert screen.record == first + 2
        await pilot.press("shift+left", "shift+left")
        assert screen.record == first


async def test_a_number_before_capital_g(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("2", "7", "G")
        assert screen.record == 26
        await pilot.press("g")
        await pilot.press("9", "9", "9", "G")
        assert screen.record == 0
        assert "there are 43 packets" in text_of(pilot)


async def test_a_number_typed_faster_than_the_screen_works(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        before = screen.number
        for key in "33G":
            pilot.app.post_message(events.Key(key, key))
        await settled(pilot)
        assert screen.record == 32
        assert screen.number == before


@pytest.mark.parametrize(
    ("text", "record"),
    [("12", 11), ("+3", 3), ("50%", 21), ("100%", 42), ("0.1s", 4), ("100ms", 4)],
)
async def test_go_to(stage: Open, text: str, record: int) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("ctrl+g")
        screen.prompt.query_one("#typed").value = text  # type: ignore[attr-defined]
        await pilot.press("enter")
        assert screen.record == record


async def test_a_place_that_is_none_is_refused_with_a_sentence(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("ctrl+g")
        await typed(pilot, "44")
        assert "not a packet: 1 to 43" in text_of(pilot)
        await pilot.press("enter")
        assert screen.prompt.open
        await pilot.press("escape")
        assert not screen.prompt.open


async def test_the_filter_is_judged_while_it_is_typed(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("f")
        await typed(pilot, "tcp.port == x")
        assert screen.prompt.has_class("wrong")
        assert "▴" in text_of(pilot)
        await pilot.press("enter")
        assert screen.prompt.open
        await pilot.press("backspace")
        await typed(pilot, "80 && http")
        assert screen.prompt.has_class("good")
        await pilot.press("escape") if screen.prompt.query_one("Offers").chosen >= 0 else None  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settled(pilot)
        assert screen.session.filter_text == "tcp.port == 80 && http"
        assert 0 < screen.session.count < 43
        assert screen.packets.count() == screen.session.count
        assert f"{screen.session.count} of 43" in text_of(pilot)
        # The packet that was selected is hidden: the next one shown is selected.
        assert screen.record == screen.session.record_at(screen.packets.cursor)


async def test_completion_and_history(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("f")
        await typed(pilot, "http.request.meth")
        await pilot.press("tab")
        typed_in = screen.prompt.query_one("#typed")
        assert typed_in.value == "http.request.method"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await settled(pilot)
        assert screen.session.filter_text == "http.request.method"
        screen.apply_filter("")
        await pilot.press("f")
        await pilot.press("up")
        assert typed_in.value == "http.request.method"  # type: ignore[attr-defined]


async def test_a_filter_that_passes_nothing(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        screen.apply_filter("tcp.port == 9")
        await settled(pilot)
        assert screen.packets.count() == 0
        assert "no packet passes the filter" in text_of(pilot)
        await pilot.press("full_stop", "shift+right", "space", "G")
        screen.apply_filter("")
        await settled(pilot)
        assert screen.packets.count() == 43


async def test_filter_by_the_selected_field(stage: Open) -> None:
    async with stage("dns-records") as (pilot, screen):
        await pilot.press("3", "down", "a")
        await settled(pilot)
        node = screen.decode.node()
        assert node is not None
        assert screen.session.filter_text.startswith(f"{node.name} == ")
        assert screen.session.check_filter(screen.session.filter_text) is None
        assert 0 < screen.session.count < screen.session.total


async def test_copying_a_value(stage: Open) -> None:
    async with stage("dns-records") as (pilot, screen):
        await pilot.press("3", "down", "y")
        node = screen.decode.node()
        assert node is not None
        assert pilot.app.clipboard == (node.plain or node.shown)


async def test_finding(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("slash")
        await typed(pilot, "304")
        await pilot.press("enter")
        await settled(pilot)
        found = screen.record
        assert "304" in screen.session.row(found).info
        await pilot.press("n")
        await settled(pilot)
        assert screen.record == found
        assert "no further 304" in text_of(pilot)


async def test_playing_moves_the_selection_and_a_breakpoint_stops_it(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        screen.breakpoint = "http.response.code == 304"
        screen.playback.place = 9
        await pilot.press("space")
        for _ in range(200):
            await pilot.pause(0.02)
            if not screen.playback.playing:
                break
        assert screen.playback.stopped == "BREAK"
        assert "304" in screen.session.row(screen.record).info
        assert "stopped at packet" in text_of(pilot)
        assert "HELD" in text_of(pilot)


async def test_a_click_on_the_strip_seeks(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.click(screen.strip, offset=(60, 0))
        assert 10 < screen.record < 33
        place = screen.session.overview_place(screen.record, screen.strip.columns)
        assert screen.strip.head == place


async def test_marks(stage: Open) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("down", "down", "m")
        assert isinstance(pilot.app.screen, Letters)
        await pilot.press("k")
        assert screen.session.marks == {2: "k"}
        await pilot.press("G", "apostrophe", "k")
        assert screen.record == 2
        await settled(pilot)
        assert screen.strip.marks[0][1] == "k"


async def test_comments_are_saved_and_asked_about(stage: Open, tmp_path: Path) -> None:
    async with stage(HTTP) as (pilot, screen):
        await pilot.press("down", "semicolon")
        await typed(pilot, "look here")
        await pilot.press("enter", "q")
        assert isinstance(pilot.app.screen, Choice)
        await pilot.press("escape", "s")
        screen.prompt.query_one("#typed").value = str(tmp_path / "a.pcapng")  # type: ignore[attr-defined]
        await pilot.pause()
        await pilot.press("enter")
        assert not screen.session.changed
    again = Session.open(str(tmp_path / "a.pcapng"))
    again.settle()
    assert again.total == 43
    assert again.comments(1) == ("look here",)
    again.close()


async def test_conversations_and_following_one(stage: Open) -> None:
    async with stage("page-load") as (pilot, screen):
        await pilot.press("C")
        chooser = pilot.app.screen
        assert isinstance(chooser, Conversations)
        lines = screen.session.conversations()
        assert chooser.list.count() == len(lines) + 1
        await pilot.press("s", "s", "s", "s", "r")
        packets = [line.packets for line in chooser.list.shown]
        assert packets == sorted(packets, reverse=True)
        await pilot.press("g", "down", "enter")
        await settled(pilot)
        assert screen.flow == chooser.list.shown[0].number
        flows = {screen.session.conversation_of(step.record) for step in screen.ladder.steps}
        assert flows == {screen.flow}
        await pilot.press("v")
        assert isinstance(pilot.app.screen, Follow)
        await pilot.press("t", "b", "q")
        assert pilot.app.screen is screen


async def test_following_shows_what_was_said(stage: Open) -> None:
    async with stage(HTTP) as (pilot, _):
        await pilot.press("v")
        await pilot.pause(0.1)
        text = text_of(pilot)
        assert "▶ client" in text
        assert "GET / HTTP/1.1" in text
        assert "◀ server" in text
