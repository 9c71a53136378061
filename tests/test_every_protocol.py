"""What every protocol owes: run over the registry, so a new one is tested by being listed."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from frames import numbered
from hypothesis import given, settings
from hypothesis import strategies as st
from material import TALKS, Talk
from trees import check_names, check_tree, flat, said

from wirestep.decode.contract import Decoder, Protocol, Reading, Where
from wirestep.decode.cursor import Broken, Cursor
from wirestep.decode.engine import Engine
from wirestep.decode.lean import LeanCursor
from wirestep.model import Address, Message, Record, Side, Source
from wirestep.protocols import ALL, REGISTRY

EVERY_NAME = frozenset(REGISTRY.fields) | {"unread"}
RECORD = Record(4, 1_700_000_000_123_456_789, b"", 0)

cards = pytest.mark.parametrize("card", ALL, ids=lambda card: card.name)
BORROWED = tuple(card for card in ALL if card.spec == "scapy")
"""Read through another project's layers: slow, many, and all by one decoder of ours."""
OURS = tuple(card for card in ALL if card not in BORROWED)
ours = pytest.mark.parametrize("card", OURS, ids=lambda card: card.name)
claiming = pytest.mark.parametrize(
    "card", [card for card in ALL if card.claims is not None], ids=lambda card: card.name
)
talks = pytest.mark.parametrize("talk", TALKS, ids=lambda talk: talk.name)
streams = pytest.mark.parametrize(
    "talk", [talk for talk in TALKS if talk.stream], ids=lambda talk: talk.name
)


def where(side: Side, size: int, *, stream: bool, whole: bool) -> Where:
    return Where(
        side,
        RECORD,
        Address("192.0.2.17", 0),
        Address("198.51.100.201", 0),
        stream=stream,
        whole=whole,
        length=size,
        first=RECORD.time - 5,
        previous=RECORD.time - 3,
    )


def attempt(decoder: Decoder, cursor: Cursor, place: Where) -> Reading | str:
    """What the engine would get: a reading, or why there is none."""
    try:
        return decoder.decode(cursor, place)
    except Broken as error:
        return str(error)


def unit(decoder: Decoder, data: bytes, side: Side, stream: bool) -> tuple[int, bool]:
    """Size of the front unit as the engine would cut it, and whether it is whole."""
    size = decoder.measure(memoryview(data), side) if stream and data else len(data)
    if size is None or size > len(data):
        return len(data), False
    return size, True


# any bytes


@ours
@given(data=st.data())
@settings(max_examples=120)
def test_no_bytes_break_a_decoder(card: Protocol, data: st.DataObject) -> None:
    check_any_bytes(card, data)


@pytest.mark.skipif(not BORROWED, reason="no borrowed layers")
@given(card=st.sampled_from(BORROWED or ALL), data=st.data())
@settings(max_examples=150)
def test_no_bytes_break_a_borrowed_decoder(card: Protocol, data: st.DataObject) -> None:
    check_any_bytes(card, data)


def check_any_bytes(card: Protocol, data: st.DataObject) -> None:
    """Two units of anything, both gears: only Broken, whole trees, known names, equal values."""
    first = card.decoder()
    second = card.decoder()
    frugal = card.decoder()
    some = frozenset(data.draw(st.sets(st.sampled_from(sorted(EVERY_NAME)), max_size=20)))
    for _ in range(2):
        bytes_ = data.draw(st.binary(max_size=120))
        side, stream = data.draw(st.sampled_from(Side)), data.draw(st.booleans())
        size, whole = unit(first, bytes_, side, stream)
        place = where(side, size, stream=stream, whole=whole)
        source = Source("anything", bytes_)
        full = Cursor(source, 0, size)
        reading = attempt(first, full, place)
        root = full.finish(card.name)
        check_tree(root, bytes_)
        check_names(root, REGISTRY)
        lean = LeanCursor(source, 0, size, EVERY_NAME | {name for name, _, _ in flat(root)})
        assert attempt(second, lean, place) == reading
        assert list(lean.finish_lean()) == flat(root)
        partly = LeanCursor(source, 0, size, some)
        assert attempt(frugal, partly, place) == reading
        assert list(partly.finish_lean()) == [kept for kept in flat(root) if kept[0] in some]


@ours
@given(data=st.binary(min_size=1, max_size=90), side=st.sampled_from(Side))
@settings(max_examples=150)
def test_measure_looks_only_at_the_front(card: Protocol, data: bytes, side: Side) -> None:
    check_measure(card.decoder, data, side)


@talks
def test_measure_looks_only_at_the_front_of_real_streams(talk: Talk) -> None:
    for side, data in talk.turns:
        check_measure(REGISTRY[talk.protocol].decoder, data, side)


def check_measure(fresh: Callable[[], Decoder], data: bytes, side: Side) -> None:
    """Once exact, always the same, with a decoder that saw the bytes grow and with a new one."""
    growing = fresh()
    answers = []
    for size in range(1, len(data) + 1):
        answer = growing.measure(memoryview(data)[:size], side)
        assert answer == fresh().measure(memoryview(data)[:size], side), "it remembers too much"
        assert answer is None or answer >= 1, "a unit has at least one byte"
        answers.append(answer)
    if answers == list(range(1, len(data) + 1)):
        return  # datagrams: what came is the unit
    exact = [
        (size, answer)
        for size, answer in enumerate(answers, 1)
        if answer is not None and answer <= size
    ]
    if exact:
        told = exact[0][1]
        assert all(answer == told for _, answer in exact), f"it changed its mind: {answers}"
        assert answers[exact[0][0] - 1 :] == [told] * (len(answers) - exact[0][0] + 1)
        assert all(answer is None or answer <= told for answer in answers), "a bound too high"


# real conversations


def read(records: list[Record], full: bool = True) -> list[Message]:
    engine = Engine(REGISTRY)
    wanted = frozenset() if full else EVERY_NAME
    return [
        message for record in records for message in engine.feed(record, full=full, wanted=wanted)
    ]


def above(messages: list[Message]) -> list[Message]:
    """Messages of flows: what was said, without the layers that carried it."""
    return [message for message in messages if message.flow >= 0]


def story(messages: list[Message]) -> list[list[object]]:
    """What each side said, without when and in how many pieces."""
    sides: list[list[object]] = [[], []]
    for message in above(messages):
        assert message.root is not None
        sides[message.side].append((message.protocol, message.summary, said(message.root)))
    return sides


@talks
def test_a_whole_conversation_is_read_whole(talk: Talk) -> None:
    messages = read(talk.records())
    assert any(message.protocol == talk.protocol for message in messages)
    for message in messages:
        assert message.root is not None
        assert message.source is not None
        check_tree(message.root, message.source.data)
        check_names(message.root, REGISTRY)
        assert "broken" not in message.marks
        for field in message.root.walk():
            assert field.name != "unread", message
            assert not any(note.level in ("broken", "bug") for note in field.notes), message


@talks
def test_both_gears_agree(talk: Talk) -> None:
    full, lean = read(talk.records((7,))), read(talk.records((7,)), full=False)
    assert len(full) == len(lean)
    for one, other in zip(full, lean, strict=True):
        assert one.root is not None
        assert flat(one.root) == list(other.values)
        for name in ("number", "protocol", "label", "flow", "side", "record", "summary", "length"):
            assert getattr(one, name) == getattr(other, name)
        assert (one.records, one.inside, one.answers, one.marks, one.level) == (
            other.records,
            other.inside,
            other.answers,
            other.marks,
            other.level,
        )


@streams
def test_any_cut_of_a_stream_reads_the_same(talk: Talk) -> None:
    whole = story(read(talk.records()))
    assert story(read(talk.records((1,)))) == whole
    rng = random.Random(20)
    for _ in range(10):
        cuts = tuple(rng.choice((1, 2, 3, 5, 17, 64, 300)) for _ in range(7))
        assert story(read(talk.records(cuts))) == whole


@streams
def test_segments_in_any_order_read_the_same(talk: Talk) -> None:
    """Later segments overtake earlier ones of their side, and some come twice."""
    whole = story(read(talk.records()))
    rng = random.Random(21)
    for _ in range(10):
        records = talk.records((11, 40, 3))
        start, body, end = records[:3], records[3:-3], records[-3:]
        first = len(body)
        for place in range(1, len(body)):
            if body[place].data[26:30] != body[0].data[26:30]:
                first = min(first, place)
        sides = [body[:first], body[first:]] if len(talk.turns) == 2 else [body]
        mixed: list[Record] = []
        for side in sides:
            if len(talk.turns) == 2:
                side = side + rng.sample(side, len(side) // 3)
                rng.shuffle(side)
            else:
                side = [copy for record in side for copy in [record] * rng.choice((1, 1, 2))]
            mixed += side
        assert story(read(numbered([*start, *mixed, *end]))) == whole


@talks
def test_a_copy_is_a_checkpoint(talk: Talk) -> None:
    """A copy taken anywhere tells the rest as if nothing had been read in between."""
    records = talk.records((90,))
    rest = read(records)
    engine = Engine(REGISTRY)
    for place, record in enumerate(records):
        copy = engine.copy()
        again = [message for later in records[place:] for message in copy.feed(later, full=True)]
        assert again == [message for message in rest if message.record >= place]
        engine.feed(record)


def hurt(rng: random.Random, records: list[Record]) -> list[Record]:
    """Flip, cut and drop, above the link header."""
    left = []
    for record in records:
        data = bytearray(record.data)
        first = rng.choice((14, 34, 54))
        if rng.random() < 0.4 and len(data) > first:
            for _ in range(rng.choice((1, 1, 2, 8))):
                data[rng.randrange(first, len(data))] = rng.choice(
                    (rng.randrange(256), 0, 255, 13, 10, 48)
                )
        if rng.random() < 0.1:
            del data[rng.randrange(14, len(data)) :]
        if rng.random() > 0.05:
            left.append(Record(record.number, record.time, bytes(data), record.length))
    return numbered(left)


@talks
def test_damaged_conversations_are_read_to_the_end(talk: Talk) -> None:
    rng = random.Random(talk.name)
    records = talk.records((120, 30, 500))
    for _ in range(60):
        damaged = hurt(rng, records)
        full, lean = read(damaged), read(damaged, full=False)
        assert [message.summary for message in full] == [message.summary for message in lean]
        for message, other in zip(full, lean, strict=True):
            assert message.root is not None
            assert message.source is not None
            assert "bug" not in message.marks, message.summary
            check_tree(message.root, message.source.data)
            told = [kept for kept in flat(message.root) if kept[0] in EVERY_NAME]
            assert told == list(other.values)


# cards


@cards
def test_cards_are_complete(card: Protocol) -> None:
    assert card.name
    assert card.label
    assert card.title
    assert card.level in ("packet", "record", "message", "")
    assert card.hue in ("blue", "purple", "teal", "yellow", "orange", "green", "pink", "grey")
    for name, of in card.aliases.items():
        assert set(of) <= set(REGISTRY.fields), name


def test_names_and_keys_are_given_once() -> None:
    names = [card.name for card in ALL]
    assert len(set(names)) == len(names)
    keys = [(table, key) for card in ALL for table in card.on for key in card.on[table]]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []


@claiming
@given(data=st.binary(max_size=40), side=st.sampled_from(Side))
@settings(max_examples=60)
def test_claims_stand(card: Protocol, data: bytes, side: Side) -> None:
    """A claim once made or refused is not taken back by bytes that come later."""
    assert card.claims is not None
    answers = [card.claims(memoryview(data)[:size], side) for size in range(1, len(data) + 1)]
    sure = [answer for answer in answers if answer is not None]
    assert len({bool(answer) for answer in sure}) <= 1
    assert answers[len(answers) - len(sure) :] == sure
