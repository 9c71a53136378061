"""A stream puts segments in order, keeps first copies, and knows where every byte came from."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirestep.decode import stream as module
from wirestep.decode.stream import Stream
from wirestep.model import Piece, Source

HEAD = b"\xaa\xbb\xcc"
"""Stands before the bytes in each record, so that offsets in records are not those in segments."""


def record(number: int, data: bytes) -> Source:
    """A record that holds `data` behind a header."""
    whole = HEAD + data
    return Source(f"Frame {number}", whole, (Piece(0, number, 0, len(whole)),))


def add(stream: Stream, number: int, offset: int, data: bytes) -> module.Added:
    return stream.add(offset, record(number, data), len(HEAD), len(HEAD) + len(data))


Parts = list[tuple[int, bytes]]


@st.composite
def journeys(draw: st.DrawFn) -> tuple[bytes, Parts]:
    """Bytes, and segments that cover them: cut, overlapping, repeated, in any order."""
    data = draw(st.binary(min_size=1, max_size=80))
    size = len(data)
    edges = sorted({0, size, *draw(st.lists(st.integers(0, size), max_size=8))})
    parts = [(low, data[low:high]) for low, high in pairwise(edges)]
    for _ in range(draw(st.integers(0, 6))):
        low = draw(st.integers(0, size - 1))
        parts.append((low, data[low : draw(st.integers(low + 1, size))]))
    random.Random(draw(st.integers())).shuffle(parts)
    return data, parts


@given(journeys())
def test_segments_in_any_order_give_the_bytes(journey: tuple[bytes, Parts]) -> None:
    data, parts = journey
    stream = Stream()
    new = 0
    for number, (offset, part) in enumerate(parts):
        added = add(stream, number, offset, part)
        assert not added.conflict
        new += added.new
    assert new == len(data)
    assert (bytes(stream.data), stream.end, stream.early) == (data, len(data), len(data))


@given(journeys(), st.data())
def test_every_byte_is_traced_to_a_record_that_holds_it(
    journey: tuple[bytes, Parts], draw: st.DataObject
) -> None:
    """Whatever units are cut, whenever: each piece points at bytes that are the same."""
    data, parts = journey
    stream = Stream()
    seen = b""
    for number, (offset, part) in enumerate(parts):
        add(stream, number, offset, part)
        if stream.data and draw.draw(st.booleans()):
            source = stream.cut(draw.draw(st.integers(1, len(stream.data))), "unit")
            check_pieces(source, parts)
            seen += source.data
    if stream.data:
        source = stream.cut(len(stream.data), "unit")
        check_pieces(source, parts)
        seen += source.data
    assert seen == data


def check_pieces(source: Source, parts: Parts) -> None:
    at = 0
    for piece in source.pieces:
        assert piece.start == at, "pieces lie end to end"
        assert piece.length > 0
        held = HEAD + parts[piece.record][1]
        assert (
            held[piece.offset : piece.offset + piece.length] == source.data[at : at + piece.length]
        )
        at += piece.length
    assert at == len(source.data)


@given(st.lists(st.tuples(st.integers(-20, 60), st.binary(min_size=1, max_size=20)), max_size=25))
def test_the_first_copy_of_each_byte_wins(parts: Parts) -> None:
    """Against a model that writes byte by byte into a dictionary."""
    stream = Stream()
    model: dict[int, int] = {}
    for number, (offset, part) in enumerate(parts):
        clash = any(model.get(offset + i, byte) != byte for i, byte in enumerate(part))
        fresh = [i for i in range(len(part)) if offset + i >= 0 and offset + i not in model]
        model.update({offset + i: part[i] for i in fresh})
        added = add(stream, number, offset, part)
        assert (added.new, added.conflict) == (len(fresh), clash)
    end = next(i for i in range(100) if i not in model)
    assert bytes(stream.data) == bytes(model[i] for i in range(end))
    waiting = [i for i in model if i > end]
    assert stream.early == (min(waiting) if waiting else end)


def test_what_is_cut_off_counts_as_seen() -> None:
    stream = Stream()
    add(stream, 0, 0, b"abcdef")
    assert stream.cut(4, "unit").data == b"abcd"
    assert add(stream, 1, 0, b"ABCDEFgh") == module.Added(2, True)
    assert stream.cut(4, "rest").pieces == (Piece(0, 0, 7, 2), Piece(2, 1, 9, 2))


def test_a_gap_is_skipped_and_counted() -> None:
    stream = Stream()
    add(stream, 0, 10, b"later")
    add(stream, 1, 20, b"last")
    assert stream.skip_gap() == 10
    assert bytes(stream.data) == b"later"
    stream.cut(5, "unit")
    assert stream.skip_to(18) == 3
    assert (stream.end, stream.early) == (18, 20)
    assert stream.skip_to(99) == 2
    assert stream.cut(4, "unit").data == b"last"


def test_copies_part_ways() -> None:
    stream = Stream()
    add(stream, 0, 0, b"ab")
    add(stream, 1, 5, b"fg")
    copy = stream.copy()
    add(stream, 2, 2, b"cde")
    assert bytes(stream.data) == b"abcdefg"
    assert (bytes(copy.data), copy.early) == (b"ab", 5)


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SEGMENTS", 3)
    stream = Stream()
    for place in range(4):
        assert not stream.crowded
        add(stream, place, 10 + 3 * place, b"x")
    assert stream.crowded
    other = Stream()
    monkeypatch.setattr(module, "MAX_WAITING", 5)
    add(other, 0, 10, b"123456")
    assert other.crowded


def test_what_stands_too_far_ahead_is_not_kept() -> None:
    stream = Stream()
    assert add(stream, 0, module.MAX_AHEAD + 1, b"far") == module.Added(0)
    assert stream.early == stream.end == 0
