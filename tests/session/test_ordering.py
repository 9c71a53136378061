"""Orders of rows: against Python's own sort."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirestep.session.ordering import Basis, Sorted, order_of, order_of_values

KINDS = ("u1", "u2", "i4", "u4", "i8")


def python_order(keys: np.ndarray) -> list[int]:
    return sorted(range(len(keys)), key=lambda place: int(keys[place]))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_numbers_are_put_in_order_and_equal_ones_keep_theirs(
    kind: str, data: st.DataObject
) -> None:
    info = np.iinfo(kind)
    few = st.integers(max(info.min, -3), 3)
    numbers = data.draw(st.lists(st.one_of(few, st.integers(info.min, info.max)), max_size=40))
    keys = np.array(numbers, kind)
    order = order_of(keys)
    assert order.dtype == np.int32
    assert order.tolist() == python_order(keys)


@pytest.mark.parametrize("bits", [1, 15, 16, 17, 31, 33, 48, 62])
def test_many_numbers_of_any_size(bits: int) -> None:
    made = np.random.default_rng(bits)
    keys = made.integers(0, 1 << bits, 5000) - (1 << bits - 1)
    assert order_of(keys).tolist() == np.argsort(keys, kind="stable").tolist()


@given(st.lists(st.one_of(st.just(math.nan), st.floats(0, 1e6, width=32)), max_size=40))
def test_what_is_no_number_comes_first(values: list[float]) -> None:
    keys = np.array(values, np.float32)
    expected = sorted(
        range(len(values)), key=lambda at: -1.0 if math.isnan(values[at]) else values[at]
    )
    assert order_of(keys).tolist() == expected


def test_values_of_all_kinds() -> None:
    values = ["b", None, 7, "A", "", 2, "a", 1.5]
    order = order_of_values(values)
    assert [values[place] for place in order] == [None, "", 1.5, 2, 7, "A", "a", "b"]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.booleans(), st.booleans())
def test_places_and_records_are_each_others_inverse(
    numbers: list[int], down: bool, some: bool
) -> None:
    keys = np.array(numbers)
    shown = np.arange(len(keys)) * 3 + 1 if some else None
    made = Sorted.made("length", Basis(None, 0), shown, order_of(keys))
    records = [made.record_at(place, down=down) for place in range(len(made))]
    known = range(len(keys)) if shown is None else shown.tolist()
    assert sorted(records) == list(known)
    assert [made.place_of(record, down=down) for record in records] == list(range(len(made)))
    by = dict(zip(known, numbers, strict=True))
    expected = sorted(known, key=by.__getitem__)
    assert records == (expected[::-1] if down else expected)


def test_a_record_that_was_not_sorted_has_no_place() -> None:
    made = Sorted.made("length", Basis(None, 0), np.array([2, 5, 9]), order_of(np.array([3, 1, 2])))
    assert [made.place_of(record, down=False) for record in (1, 2, 3, 5, 9, 10)] == [
        -1, 2, -1, 0, 1, -1,
    ]  # fmt: skip
    whole = Sorted.made("length", Basis(None, 0), None, order_of(np.array([3, 1, 2])))
    assert whole.place_of(3, down=False) == -1


def test_rows_that_came_since() -> None:
    made = Sorted.made("length", Basis(None, 0), np.array([2, 5, 9]), order_of(np.array([3, 1, 2])))
    assert made.behind(np.array([2, 5, 9])).tolist() == []
    assert made.behind(np.array([0, 2, 4, 5, 9, 12])).tolist() == [0, 4, 12]
    nothing = Sorted.made("length", Basis(None, 0), np.zeros(0, np.int64), order_of(np.zeros(0)))
    assert nothing.behind(np.array([4, 5])).tolist() == [4, 5]
