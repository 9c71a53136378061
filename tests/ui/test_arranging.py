"""The packet list arranged by keys and mouse: columns, widths, orders, colours."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from screenplay import settled, text_of
from textual.pilot import Pilot

from wirestep.session.cells import DEFAULT
from wirestep.session.choices import choices_file
from wirestep.session.ordering import Order
from wirestep.ui.screens.columns import ColumnsPanel
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.widgets.packet_list import PacketList

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]
PAGE = "page-load"


def kept() -> list[tuple[str, int]]:
    found = tomllib.loads(choices_file().read_text(encoding="utf-8"))
    return [(column["name"], column["width"]) for column in found["column"]]


async def sorted_out(pilot: Pilot[int], screen: Inspector) -> None:
    """Waits for the order that was asked for."""
    for _ in range(100):
        await pilot.pause(0.03)
        if not screen.session.sorting and not screen.packets.sorting:
            return


def head(screen: Inspector) -> str:
    return screen.packets.render_line(0).text


def start(packets: PacketList, name: str) -> int:
    return next(slot for slot in packets.slots() if slot.name == name).start


async def test_titles_sort_and_the_selection_stays(stage: Open) -> None:
    async with stage(PAGE, (160, 40)) as (pilot, screen):
        await pilot.press(*["down"] * 9, "z")
        await pilot.pause(0.2)
        record = screen.record
        at = start(screen.packets, "length") + 3
        for order, arrow in ((Order("length"), "Len▲"), (Order("length", down=True), "Len▼")):
            await pilot.click("#packets", offset=(at, 0))
            await sorted_out(pilot, screen)
            assert screen.session.order == order
            assert arrow in head(screen)
            assert screen.record == record
            rows = screen.session.rows(0, screen.session.count)
            lengths = [row.length for row in rows]
            assert lengths == sorted(lengths, reverse=order.down)
            assert screen.packets.cursor == [row.record for row in rows].index(record)
        # Moving goes by the list, stepping by time.
        place = screen.packets.cursor
        await pilot.press("up")
        assert screen.record == rows[place - 1].record
        await pilot.press("shift+right")
        assert screen.record == rows[place - 1].record + 1
        await pilot.click("#packets", offset=(at, 0))
        await pilot.pause(0.1)
        assert screen.session.order is None
        assert screen.packets.cursor == screen.record


async def test_keys_sort_by_the_column_aimed_at(stage: Open) -> None:
    async with stage(PAGE, (160, 40)) as (pilot, screen):
        await pilot.press("left", "O")
        await sorted_out(pilot, screen)
        assert screen.session.order == Order("info")
        infos = [row.info.casefold() for row in screen.session.rows(0, screen.session.count)]
        assert infos == sorted(infos)
        await pilot.press("right", "right", "O")
        await sorted_out(pilot, screen)
        assert screen.session.order == Order("time")


async def test_a_border_is_dragged(stage: Open) -> None:
    async with stage(PAGE, (160, 40)) as (pilot, screen):
        await pilot.press("z")
        await pilot.pause(0.2)
        slot = next(slot for slot in screen.packets.slots() if slot.name == "protocol")
        await pilot.mouse_down("#packets", offset=(slot.stop, 0))
        await pilot.hover("#packets", offset=(slot.stop + 6, 0))
        await pilot.mouse_up("#packets", offset=(slot.stop + 6, 0))
        await pilot.pause(0.1)
        wide = next(slot for slot in screen.packets.slots() if slot.name == "protocol")
        assert wide.size == slot.size + 6
        assert ("protocol", wide.size) in kept()
        assert screen.session.order is None


async def test_the_panel_chooses_moves_sizes_resets_and_undoes(stage: Open) -> None:
    async with stage(PAGE, (160, 40)) as (pilot, screen):
        await pilot.press("number_sign")
        await pilot.pause(0.2)
        panel = pilot.app.screen
        assert isinstance(panel, ColumnsPanel)
        await pilot.press("down", "down", "space")
        assert "source" not in screen.choices.names
        await pilot.press("home", "J", "greater_than_sign")
        await pilot.pause(0.1)
        names = ("time", "number", "destination", "protocol", "length", "info")
        assert screen.choices.names == names
        assert [name for name, _ in kept()] == list(names)
        assert dict(kept())["number"] > 0
        await pilot.press("r")
        assert screen.choices.names == DEFAULT
        await pilot.press("u", "u", "u", "u")
        assert screen.choices.names == DEFAULT
        assert not panel.past
        # A click on the box turns one on; a field is added by its name.
        stream = panel.lines.names.index("stream")
        await pilot.click(panel.lines, offset=(3, stream))
        assert screen.choices.names[-2:] == ("stream", "info")
        await pilot.press("a", *"dns.id", "enter")
        await pilot.pause(0.1)
        if panel.prompt.open:
            await pilot.press("enter")
        assert screen.choices.names[-2:] == ("dns.id", "info")
        await pilot.press("escape")
        await settled(pilot)
        assert "dns.id" in head(screen)


async def test_a_field_of_the_tree_becomes_a_column(stage: Open) -> None:
    async with stage("dns-records", (200, 50)) as (pilot, screen):
        await pilot.press("3", "down")
        await settled(pilot)
        node = screen.field()
        assert node is not None
        assert node.name == "dns.id"
        await pilot.press("K")
        await settled(pilot)
        assert "dns.id" in head(screen)
        row = screen.packets.item(screen.packets.cursor)
        assert row is not None
        assert row.cells[screen.choices.names.index("dns.id")] == node.plain
        assert node.plain in screen.packets.render_line(1 + screen.packets.cursor).text
        await pilot.press("K")
        assert "dns.id" not in head(screen)


async def test_colours_go_round_and_letters_stay(stage: Open) -> None:
    async with stage("tcp-loss", (120, 40)) as (pilot, screen):
        found = next(
            row
            for row in screen.session.rows(0, screen.session.count)
            if "retransmission" in row.marks
        )
        screen.select(found.record)
        await pilot.pause(0.1)
        line = 1 + screen.packets.cursor - int(screen.packets.scroll_offset.y)
        drawn = []
        for mode in ("problem", "conversation", "off", "protocol"):
            await pilot.press("c")
            await pilot.pause(0.1)
            assert screen.choices.colour == mode
            strip = screen.packets.render_line(line)
            assert " R " in strip.text or " F " in strip.text or " S " in strip.text
            drawn.append([segment.style for segment in strip])
        assert all(drawn.count(styles) == 1 for styles in drawn)


async def test_a_broken_file_is_told_and_ignored(stage: Open) -> None:
    path: Path = choices_file()
    path.parent.mkdir(parents=True)
    path.write_text("[[column", encoding="utf-8")
    async with stage(PAGE) as (pilot, screen):
        assert screen.choices.names == DEFAULT
        assert "columns.toml is ignored" in text_of(pilot)


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_the_panel_fits_small_screens(stage: Open, size: tuple[int, int]) -> None:
    async with stage(PAGE, size) as (pilot, _):
        await pilot.press("number_sign")
        await pilot.pause(0.2)
        assert "[x] No" in text_of(pilot)
        await pilot.press("question_mark")
        await pilot.pause(0.2)
        assert "Keys" in text_of(pilot)
