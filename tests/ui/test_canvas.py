"""Lines of cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from wirestep.ui.canvas import Line, amount, fit, number, width_of
from wirestep.ui.theme import style

INK = style("#ffffff", "#000000")
OTHER = style("#ff0000", "#000000")


@given(st.text(), st.integers(-5, 30), st.integers(1, 25))
def test_a_line_is_as_wide_as_it_was_made(text: str, at: int, width: int) -> None:
    line = Line(width, INK)
    line.put(at, text, OTHER)
    line.put(at + 1, "x", INK)
    strip = line.strip()
    assert sum(cell_len(segment.text) for segment in strip) == width
    assert strip.cell_length == width


@given(st.text())
def test_no_control_character_gets_onto_a_line(text: str) -> None:
    line = Line(80, INK)
    line.put(0, text, INK)
    drawn = line.strip().text
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or 0x202A <= ord(c) <= 0x202E for c in drawn)


@given(st.text(), st.integers(0, 20))
def test_fit_fits(text: str, width: int) -> None:
    cut = fit(text, width)
    assert width_of(cut) <= width
    if width_of(text) > width > 1:
        assert cut.endswith("…")


def test_what_is_outside_is_cut_at_both_ends() -> None:
    line = Line(4, INK)
    assert line.put(-2, "abcdefgh", INK) == 6
    assert line.strip().text == "cdef"
    assert line.right(3, "xy", INK) == 1
    assert line.strip().text == "cxyf"


def test_half_of_a_wide_letter_does_not_stay() -> None:
    line = Line(4, INK)
    line.put(0, "漢字", INK)
    line.put(1, "x", INK)
    assert line.strip().text == " x字"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (26828, "27 kB"), (4_200_000, "4.2 MB")],
)
def test_amounts(size: int, text: str) -> None:
    assert amount(size) == text


def test_numbers_have_gaps() -> None:
    assert number(1234567) == "1 234 567"
