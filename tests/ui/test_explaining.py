"""The explanation below the tree, and what is told of decryption, over real captures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from screenplay import CAPTURES, text_of, write_pcap
from textual.pilot import Pilot

from wirestep.capture import load, open_capture
from wirestep.protocols import REGISTRY
from wirestep.protocols.explain import Explanations
from wirestep.session.explaining import Meaning
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.widgets.explanation import NOTHING, UNTOLD, Explanation

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]
BOOK = Explanations(REGISTRY)


async def told(pilot: Pilot[int], screen: Inspector) -> str:
    """What the panel shows, once its file is read."""
    for _ in range(100):
        await pilot.pause(0.02)
        meaning, path = screen.explanation.meaning, screen.selection.path
        assert screen.view is not None
        assert path is not None
        if meaning is not None and meaning.name == screen.view.named(path)[0]:
            break
    panel = screen.explanation.region
    lines = text_of(pilot).splitlines()[panel.y : panel.bottom]
    return " ".join(" ".join(line[panel.x : panel.right] for line in lines).split())


async def go_to(pilot: Pilot[int], screen: Inspector, name: str) -> None:
    """Selects the first line of a field, as the user does."""
    await pilot.press("3", "asterisk")
    row = next(at for at, twig in enumerate(screen.decode.twigs) if twig.node.name == name)
    screen.decode.go(row)
    await pilot.pause()


@pytest.mark.parametrize("name", ["tcp.flags.syn", "ip.proto", "eth"])
async def test_it_says_what_the_selected_field_is_for(stage: Open, name: str) -> None:
    entry = BOOK.of(name)
    assert entry is not None
    async with stage("http1-keepalive") as (pilot, screen):
        await go_to(pilot, screen, name)
        shown = await told(pilot, screen)
        assert entry.text in shown
        assert entry.spec in shown


async def test_it_follows_the_selection(stage: Open) -> None:
    async with stage("http1-keepalive") as (pilot, screen):
        await go_to(pilot, screen, "ip.ttl")
        first = await told(pilot, screen)
        await pilot.press("down")
        second = await told(pilot, screen)
        assert first != second
        node = screen.field()
        assert node is not None
        entry = BOOK.of(node.name)
        assert entry is not None
        assert entry.text in second


async def test_it_says_what_this_value_means(stage: Open) -> None:
    entry = BOOK.of("tls.record.content_type")
    assert entry is not None
    async with stage("tls13-full", (200, 60)) as (pilot, screen):
        await pilot.press(*["down"] * 3)
        await pilot.pause(0.1)
        await go_to(pilot, screen, "tls.record.content_type")
        assert f"{entry.values['22']} {entry.text}" in await told(pilot, screen)


async def test_a_key_hides_it_and_shows_it_again(stage: Open) -> None:
    async with stage("http1-keepalive") as (pilot, screen):
        assert screen.explanation.region.height
        tall = screen.decode.size.height
        await pilot.press("M")
        await pilot.pause(0.1)
        assert not screen.explanation.display
        assert screen.decode.size.height > tall
        await pilot.press("M")
        await pilot.pause(0.1)
        assert screen.decode.size.height == tall


async def test_a_small_screen_shows_it_when_asked(stage: Open) -> None:
    entry = BOOK.of("ip.ttl")
    assert entry is not None
    async with stage("http1-keepalive", (80, 24)) as (pilot, screen):
        await go_to(pilot, screen, "ip.ttl")
        assert not screen.explanation.display
        await pilot.press("M")
        await pilot.pause(0.1)
        assert entry.text in await told(pilot, screen)
        assert screen.decode.size.height >= 3
        await pilot.press("1")
        await pilot.pause(0.1)
        assert not screen.explanation.region.height  # no room below the packets
        await pilot.press("3")
        await pilot.pause(0.1)
        assert screen.explanation.region.height


def test_long_texts_are_cut_where_the_room_ends() -> None:
    panel = Explanation()
    panel.meaning = Meaning("x", "X", "word " * 60 + "end.", "RFC 1 2", "This one.")
    whole = panel.lines(40, 100)
    assert whole[0] == ("This one.", True)
    assert " ".join(text for text, _ in whole[1:]) == panel.meaning.text
    assert not any(special for _, special in whole[1:])
    cut = panel.lines(40, 3)
    assert len(cut) == 3
    assert cut[:2] == whole[:2]
    assert cut[2][0].endswith("…")
    assert all(len(text) <= 40 for text, _ in cut)


def test_it_says_where_there_is_nothing_to_say() -> None:
    panel = Explanation()
    assert panel.lines(40, 3) == [(NOTHING, False)]
    panel.meaning = Meaning("x", "X", "", "")
    assert panel.lines(40, 3) == [(UNTOLD, False)]


@pytest.fixture
def closed(tmp_path: Path) -> str:
    """A capture of a TLS 1.3 connection without its secrets."""
    capture = open_capture(str(CAPTURES / "tls13-full.pcapng"))
    for _ in load(capture):
        pass
    return write_pcap(tmp_path / "closed.pcap", capture.records(range(capture.count)))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=lambda size: str(size[0]))
async def test_what_stays_encrypted_says_so(
    stage: Open, closed: str, size: tuple[int, int]
) -> None:
    async with stage(closed, size) as (pilot, screen):
        lines = text_of(pilot).splitlines()
        assert any("Application Da" in line and " E " in line for line in lines)
        await pilot.press("2")
        await pilot.pause(0.1)
        shown = text_of(pilot)
        assert "not decrypted: no SERVER_HANDSHAKE_TRAFFIC_SE" in shown
        assert "ENC" in shown
        note = next(row for row, step in enumerate(screen.ladder.steps) if step.level == "note")
        screen.ladder.go(note)
        await pilot.pause(0.1)
        assert screen.record == screen.ladder.steps[note].record
        assert screen.ladder.cursor == note
        await pilot.press("C", "down")
        await pilot.pause(0.2)
        shown = text_of(pilot)
        told = shown.splitlines()
        assert any("for client random 7" in line for line in told) or size[0] < 100
        assert "not decrypted: no SERVER_HANDSHAKE_TRAFFIC_SECRET" in shown
        row = next(line for line in told if "192.0.2.10:" in line)
        assert row.rstrip(" │").endswith({80: "E", 120: "no", 200: "…"}[size[0]])


async def test_what_is_decrypted_says_so_quietly(stage: Open) -> None:
    async with stage("tls13-full") as (pilot, _):
        shown = text_of(pilot)
        assert "MSG✓" in shown
        assert "ENC" not in shown
        await pilot.press("C")
        await pilot.pause(0.2)
        row = next(line for line in text_of(pilot).splitlines() if "192.0.2.10:" in line)
        assert row.rstrip(" │").endswith("yes")
