"""Fragments in any order, overlapping, missing; bounds."""

from __future__ import annotations

from itertools import permutations

import pytest

from wirestep.decode.fragments import (
    MAX_HELD,
    MAX_SIZE,
    MAX_WAITING,
    PATIENCE,
    Datagram,
    Fragment,
    Fragments,
)
from wirestep.model import Piece, Source

WHOLE = bytes(range(100, 124))


def fragment(
    offset: int, data: bytes, more: bool = True, record: int = 0, time: int = 0, number: int = 0
) -> Fragment:
    """A fragment that stands at byte 5 of its frame."""
    frame = b"head:" + data + b"tail"
    source = Source(f"Frame {record + 1}", frame, (Piece(0, record, 0, len(frame)),))
    return Fragment(source, 5, 5 + len(data), offset, more, record, time, number)


def parts() -> list[Fragment]:
    return [
        fragment(0, WHOLE[:8], record=3, number=17),
        fragment(8, WHOLE[8:16], record=5),
        fragment(16, WHOLE[16:], more=False, record=9),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_any_order_gives_the_same_bytes(order: tuple[int, ...]) -> None:
    table = Fragments()
    some = parts()
    for place in order[:-1]:
        assert not table.add("key", some[place]).whole
    datagram = table.add("key", some[order[-1]])
    source = datagram.source("whole")
    assert datagram.whole
    assert source.data == WHOLE
    assert source.pieces == (Piece(0, 3, 5, 8), Piece(8, 5, 5, 8), Piece(16, 9, 5, 8))
    assert datagram.next == 17
    assert not any((datagram.overlap, datagram.conflict, datagram.tails, datagram.beyond))
    assert (table.waiting, table.held) == ({}, 0)


def test_the_bytes_that_came_first_stay() -> None:
    table = Fragments()
    table.add("key", fragment(8, b"BBBBBBBB", record=1))
    datagram = table.add("key", fragment(0, b"aaaaaaaaBBBBbbbbcccc", more=False, record=2))
    assert datagram.source("").data == b"aaaaaaaaBBBBBBBBcccc"
    assert (datagram.overlap, datagram.conflict) == (True, True)
    assert datagram.source("").pieces == (
        Piece(0, 2, 5, 8),
        Piece(8, 1, 5, 8),
        Piece(16, 2, 21, 4),
    )


def test_a_copy_of_a_fragment_overlaps_and_does_not_conflict() -> None:
    table = Fragments()
    first, second, last = parts()
    table.add("key", first)
    table.add("key", first)
    table.add("key", second)
    datagram = table.add("key", last)
    assert (datagram.overlap, datagram.conflict) == (True, False)
    assert [part.record for part in datagram.parts] == [3, 3, 5, 9]
    assert datagram.source("").data == WHOLE


def test_a_hole_is_not_filled() -> None:
    table = Fragments()
    first, _, last = parts()
    table.add("key", first)
    datagram = table.add("key", last)
    assert not datagram.whole
    assert (datagram.held, datagram.size) == (16, 24)


def test_keys_do_not_mix() -> None:
    table = Fragments()
    first, second, last = parts()
    table.add("one", first)
    table.add("other", second)
    assert not table.add("one", last).whole
    assert table.add("one", second).whole


def test_two_ends_are_told_and_the_first_counts() -> None:
    table = Fragments()
    table.add("key", fragment(8, WHOLE[8:16], more=False))
    datagram = table.add("key", fragment(16, WHOLE[16:], more=False))
    assert (datagram.tails, datagram.beyond, datagram.size) == (True, True, 16)
    assert table.add("key", fragment(0, WHOLE[:8])).source("").data == WHOLE[:16]


def test_what_waits_too_long_is_forgotten() -> None:
    table = Fragments()
    first, second, last = parts()
    table.add("key", first)
    table.add("key", second)
    late = last._replace(time=PATIENCE + 1)
    assert not table.add("key", late).whole
    assert table.held == 8


def test_the_table_is_bounded() -> None:
    table = Fragments()
    for number in range(MAX_WAITING + 7):
        table.add(number, fragment(0, b"12345678"))
    assert len(table.waiting) == MAX_WAITING
    assert 6 not in table.waiting
    assert MAX_WAITING + 6 in table.waiting
    table = Fragments()
    big = bytes(60_000)
    for number in range(MAX_HELD // len(big) + 3):
        table.add(number, fragment(0, big))
    assert table.held <= MAX_HELD
    assert table.held == sum(datagram.held for datagram in table.waiting.values())


def test_nothing_is_longer_than_a_datagram() -> None:
    table = Fragments()
    datagram = table.add("key", fragment(MAX_SIZE - 3, b"12345678", more=False))
    assert (datagram.beyond, datagram.held, datagram.size) == (True, 0, None)


def test_a_copy_is_independent() -> None:
    table = Fragments()
    first, second, last = parts()
    table.add("key", first)
    other = table.copy()
    table.add("key", second)
    assert table.add("key", last).whole
    assert not other.add("key", last).whole
    assert isinstance(other.waiting["key"], Datagram)
    assert other.held == 16
