"""Ladders, bytes, trees and lists at every width, without a terminal."""

from __future__ import annotations

import pytest
from rich.color import ColorSystem

from wirestep.timeline.ladder import Step
from wirestep.ui.theme import DARK, DARK16, HUES, LIGHT, LIGHT16, Palette, mix, style
from wirestep.ui.widgets.hex_view import grid
from wirestep.ui.widgets.ladder_draw import (
    TROUBLES,
    Rung,
    draw_heads,
    draw_rung,
    lanes,
    squeezed,
    time_text,
)
from wirestep.ui.widgets.signs import SIGNS

MS = 1_000_000


LABEL = "GET /index.html HTTP/1.1"


def step(sender: int, target: int, level: str = "message", depth: int = 0, *marks: str) -> Step:
    """An arrow."""
    return Step(
        5, level, depth, 5, sender, target, LABEL if depth < 2 else "漢字" * 6, "X", "teal",
        12 * MS, 12 * MS, 7, (7,), 3, marks, True,
    )  # fmt: skip


@pytest.mark.parametrize("hosts", [1, 2, 3, 8, 20])
@pytest.mark.parametrize("width", [12, 20, 36, 45, 64, 120, 300])
def test_every_arrow_at_every_width(hosts: int, width: int) -> None:
    names = [f"host-{at}.example.org" for at in range(hosts)]
    for first in (0, hosts - 1):
        where = lanes(width, hosts, "r", first)
        assert draw_heads(where, names, DARK, "r").cell_length == width
        for sender in {0, hosts // 2, hosts - 1}:
            for target in {0, hosts - 1}:
                for level, depth in (("message", 0), ("record", 1), ("packet", 2), ("packet", 0)):
                    for marks in ((), ("lost",), ("retransmission",)):
                        rung = Rung(
                            step(sender, target, level, depth, *marks),
                            "12.000", (True,) * hosts, True, "a",
                        )  # fmt: skip
                        drawn = draw_rung(rung, where, LIGHT, selected=True)
                        assert sum(segment.cell_length for segment in drawn) == width


def test_heads_point_at_the_target_and_labels_are_whole_where_they_fit() -> None:
    where = lanes(120, 2, "r")
    right = draw_rung(Rung(step(0, 1), "1.0", (True, True), None), where, DARK, selected=False)
    left = draw_rung(Rung(step(1, 0), "1.0", (True, True), None), where, DARK, selected=False)
    assert right.text[where.places[1] - 1] == "▶"
    assert left.text[where.places[0] + 1] == "◀"
    assert LABEL in right.text


@pytest.mark.parametrize(("mark", "shown"), TROUBLES.items())
def test_what_went_wrong_is_said_by_glyph_and_word(mark: str, shown: tuple[str, str, str]) -> None:
    for width in (120, 40):
        rung = Rung(step(0, 1, "packet", 0, mark), "1.0", (True, True), None)
        text = draw_rung(rung, lanes(width, 2, "r"), DARK, selected=False).text
        assert shown[0] in text
        assert shown[1] in text or mark == "lost"


def test_letters_of_problems_are_unique() -> None:
    letters = [shown.letter for shown in SIGNS.values()]
    assert len(letters) == len(set(letters))
    assert set(TROUBLES) <= set(SIGNS)


@pytest.mark.parametrize(("width", "per_line"), [(40, 4), (50, 8), (74, 16), (140, 32)])
def test_bytes_a_line(width: int, per_line: int) -> None:
    where = grid(width, 100)
    assert where.per_line == per_line
    for place in range(per_line):
        assert where.place(where.cell(place)) == place
        assert where.place(where.cell(place) + 1) == place
        assert where.place(where.text + place) == place
    assert where.place(0) == -1
    assert where.text + per_line <= max(width, 30)


@pytest.mark.parametrize(
    ("form", "text"),
    [("r", "1 012.000"), ("d", "12.000"), ("u", "22:13:21.012"), ("e", "1700000001.012")],
)
def test_times_in_the_gutter(form: str, text: str) -> None:
    first = 1_700_000_000_000 * MS
    assert time_text(form, first + 1012 * MS, first, first + 1000 * MS) == text


def test_a_long_name_loses_its_middle() -> None:
    assert squeezed("static.example.org", 11) == "stati…e.org"
    assert squeezed("short", 11) == "short"


@pytest.mark.parametrize("look", [DARK, LIGHT, DARK16, LIGHT16], ids=lambda look: look.name)
def test_palettes_tell_things_apart(look: Palette) -> None:
    for colour in (look.fg, look.dim, look.acc, look.warn, look.bad, look.good):
        assert colour not in (look.bg, look.panel)
    assert len({look.hue(name) for name in HUES}) == len(HUES)
    assert look.hue("no such hue") == look.hue("grey")
    assert look.sel != look.bg
    assert look.hl != look.bg


@pytest.mark.parametrize("look", [DARK16, LIGHT16], ids=lambda look: look.name)
def test_sixteen_colours_are_those_of_the_terminal(look: Palette) -> None:
    colours = {*look.hues.values(), look.fg, look.bg, look.sel, look.acc, look.warn, look.bad}
    for colour in colours:
        exact = style(colour, look.bg).color
        assert exact is not None
        few = exact.downgrade(ColorSystem.STANDARD)
        assert few.number is not None
    numbers = {
        style(look.hue(name), look.bg).color.downgrade(ColorSystem.STANDARD).number  # type: ignore[union-attr]
        for name in HUES
    }
    assert len(numbers) == len(HUES)


def test_mixing() -> None:
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert mix("#102030", "#ffffff", 0.0) == "#102030"
