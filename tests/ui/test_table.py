"""Where columns stand: nothing overlaps, the info takes the rest, the least worth go first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirestep.session.cells import DEFAULT, KNOWN
from wirestep.session.choices import Choice
from wirestep.session.views import Column
from wirestep.ui.widgets.table import LEAST_INFO, Slot, slots


def laid(width: int, choices: tuple[Choice, ...], digits: int = 7) -> tuple[Slot, ...]:
    columns = [
        Column(c.name, c.name, "", c.name in KNOWN and KNOWN[c.name].right, True) for c in choices
    ]
    return slots(width, digits, choices, tuple(columns))


USUAL = tuple(Choice(name) for name in DEFAULT)


@pytest.mark.parametrize(
    ("width", "missing"),
    [
        (40, {"source", "destination", "length", "time"}),
        (53, {"source", "destination"}),
        (70, {"destination"}),
        (90, set()),
        (200, set()),
    ],
)
def test_the_usual_columns_at_some_widths(width: int, missing: set[str]) -> None:
    found = laid(width, USUAL)
    assert set(DEFAULT) - {slot.name for slot in found} == missing
    assert found[-1].stop == width
    assert found[-1].size >= LEAST_INFO


names = st.lists(st.sampled_from([*KNOWN, "dns.id", "http.host"]), unique=True, max_size=12)


@given(names, st.integers(4, 220), st.integers(1, 8), st.integers(0, 30))
def test_columns_never_overlap_nor_leave_the_line(
    chosen: list[str], width: int, digits: int, size: int
) -> None:
    order = [name for name in chosen if name != "info"]
    order.insert(len(order) // 2, "info")
    choices = tuple(Choice(name, size if at % 3 == 0 else 0) for at, name in enumerate(order))
    found = laid(width, choices, digits)
    assert [slot.name for slot in found] == [n for n in order if n in {s.name for s in found}]
    assert all(order[slot.place] == slot.name for slot in found)
    at = 1
    for slot in found:
        assert slot.start >= at
        at = slot.stop
    if width >= 40:
        assert at <= width
        [info] = [slot for slot in found if slot.name == "info"]
        assert info.size >= LEAST_INFO
        assert at == width


def test_a_wide_number_goes_before_the_info() -> None:
    choices = (Choice("number", 27), Choice("info"), Choice("time"))
    assert [slot.name for slot in laid(40, choices)] == ["info"]


def test_what_was_added_stays_longer_than_the_addresses() -> None:
    choices = (*USUAL[:-1], Choice("stream"), Choice("window"), USUAL[-1])
    narrow = {slot.name for slot in laid(66, choices)}
    assert {"stream", "window"} <= narrow
    assert not narrow & {"source", "destination", "length"}
    assert {slot.name for slot in laid(110, choices)} == {choice.name for choice in choices}
