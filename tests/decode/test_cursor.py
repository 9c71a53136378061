"""Both gears of the cursor, read by one random decoder, against each other and by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import check_tree, flat

from wirestep.decode.cursor import Bits, Broken, Cursor, Short
from wirestep.decode.lean import LeanCursor
from wirestep.model import Source, Span

STEPS = st.recursive(
    st.one_of(
        st.tuples(st.sampled_from(("uint", "le", "take", "text")), st.integers(0, 5)),
        st.tuples(st.sampled_from(("line", "worked", "bits", "note", "over")), st.just(0)),
    ),
    lambda inner: st.tuples(
        st.just("group"), st.one_of(st.none(), st.integers(0, 12)), st.lists(inner, max_size=4)
    ),
    max_leaves=12,
)
NAMES = frozenset(
    {"uint", "le", "take", "text", "line", "worked", "bits", "high", "low", "group", "over"}
)


def perform(cursor: Cursor, steps: list[tuple[object, ...]]) -> None:
    """Read as the steps say; every choice is theirs, so both gears take the same road."""
    for kind, count, *inner in steps:
        if kind == "group":
            with cursor.group("group", count, value=count and 7) as group:  # type: ignore[arg-type]
                perform(cursor, inner[0])  # type: ignore[arg-type]
                group.shown = "closed"
        elif kind == "uint":
            cursor.uint("uint", max(1, count), minus=3)  # type: ignore[call-overload]
        elif kind == "le":
            cursor.uint_le("le", max(1, count))  # type: ignore[call-overload]
        elif kind == "bits":
            cursor.bits(2, Bits("bits", 9, (Bits("high", 4), Bits("low", 5))), Bits("low", 7))
        elif kind == "over":
            with cursor.over("over", Source("made", b"\x01\x02\x03")) as derived:
                derived.uint("uint", 2)
        elif kind == "line":
            cursor.line("line", b"\0")
        elif kind == "worked":
            cursor.worked("worked", 5, "five")
        elif kind == "note":
            cursor.note("odd", "said")
        else:
            getattr(cursor, str(kind))(kind, count)


@given(st.lists(STEPS, max_size=6), st.binary(max_size=30), st.sets(st.sampled_from(sorted(NAMES))))
def test_the_gears_agree(steps: list[tuple[object, ...]], data: bytes, some: set[str]) -> None:
    """Whatever is read, and wherever it breaks off: same values, same place, whole trees."""
    source = Source("any", data)
    full = Cursor(source)
    ends = []
    lean = LeanCursor(source, 0, len(data), NAMES | {"unread"})
    part = LeanCursor(source, 0, len(data), frozenset(some))
    for cursor in (full, lean, part):
        try:
            perform(cursor, steps)
            ends.append((cursor.at, ""))
        except Broken as error:
            ends.append((cursor.at, str(error)))
    assert len(set(ends)) == 1
    root = full.finish("root")
    check_tree(root, data)
    assert list(lean.finish_lean()) == flat(root)
    assert list(part.finish_lean()) == [kept for kept in flat(root) if kept[0] in some]


def test_values_and_spans() -> None:
    cursor = Cursor(Source("any", bytes.fromhex("81c2 a5 3412 61620d0a ff")))
    assert cursor.uint("a", 2) == 0x81C2
    assert cursor.bits(1, Bits("b", 3), Bits("c", 5, scale=4)) == [5, 20]
    assert cursor.uint_le("d", 2) == 0x1234
    assert cursor.line("e") == "ab"
    root = cursor.finish("root")
    assert [(field.name, field.span) for field in root.children] == [
        ("a", Span(0, 2)),
        ("b", Span(2, 3, 0xE0)),
        ("c", Span(2, 3, 0x1F)),
        ("d", Span(3, 5)),
        ("e", Span(5, 9)),
        ("unread", Span(9, 10)),
    ]


def test_what_is_not_there_is_short() -> None:
    cursor = Cursor(Source("any", b"abc"))
    with pytest.raises(Short, match="4 bytes wanted, 3 left"):
        cursor.uint("a", 4)
    with pytest.raises(Broken, match="below nothing"):
        cursor.take("a", -1)
    with pytest.raises(Short), cursor.group("g", 4):
        pass
    assert cursor.left() == 3


def test_a_group_keeps_its_bounds() -> None:
    cursor = Cursor(Source("any", b"abcdef"))
    with cursor.group("g", 4):
        cursor.uint("a", 1)
        with pytest.raises(Short):
            cursor.peek(4)
    assert cursor.at == 4
    group = cursor.finish("root").children[0]
    assert [field.name for field in group.children] == ["a", "unread"]


def test_wishes() -> None:
    lean = LeanCursor(Source("any", b""), 0, 0, frozenset({"tcp.flags.syn"}))
    assert lean.wants("tcp.flags.syn")
    assert not lean.wants("tcp.flags")
    assert lean.wants_under("tcp.")
    assert not lean.wants_under("udp.")
