"""The engine on streams with trouble: gaps, ends that overtake, snapped and overlong units."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import pytest
from frames import ACK, FIN, PSH, RST, TcpWire, numbered, udp_records

from wirestep.decode import engine, units
from wirestep.decode.contract import Payload, Protocol, Reading, Registry, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.engine import MAX_DEPTH, Engine
from wirestep.decode.fields import table
from wirestep.model import Message, Record, Side
from wirestep.protocols import ALL, REGISTRY

C, S = Side.CLIENT, Side.SERVER
PORT = 47123


class Lines:
    """A protocol for these tests: a length byte, '#', that many bytes."""

    def measure(self, data: memoryview, side: Side) -> int | None:
        return 2 + data[0]

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        cursor.uint("line.length", 1)
        cursor.take("line.hash", 1)
        text = cursor.text("line.text", cursor.left())
        switch = "letters" if text == "switch" else None
        return Reading(text + ("" if where.whole else "…"), switch=switch)

    def lost(self, side: Side) -> None: ...

    def copy(self) -> Self:
        return self


class Letters(Lines):
    """One letter a unit."""

    def measure(self, data: memoryview, side: Side) -> int | None:
        return 1

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        return Reading(cursor.text("line.text", 1))


class Failing(Lines):
    """A decoder with a fault of its own."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        cursor.uint("line.length", 1)
        raise KeyError("of ours")


class Endless(Lines):
    """Hands its bytes to itself for ever."""

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        return Reading("again", (Payload(cursor.source, start, stop, "endless"),))


class Boxes(Lines):
    """Carries lines, in pieces."""

    def __init__(self) -> None:
        self.sent = [0, 0]

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        cursor.uint("line.length", 1)
        cursor.take("line.hash", 1)
        start, stop, cursor.stop = cursor.at, cursor.stop, cursor.at
        offset = self.sent[where.side]
        self.sent[where.side] += stop - start
        inside = Payload(cursor.source, start, stop, "lines", flow="inside", offset=offset)
        return Reading("box", (inside,))

    def copy(self) -> Self:
        other = type(self)()
        other.sent = list(self.sent)
        return other


class Asking(Lines):
    """'?' asks, '!' answers."""

    def measure(self, data: memoryview, side: Side) -> int | None:
        return len(data)

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        text = cursor.text("line.text", 2)
        mark, name = text[0], text[1]
        return Reading(
            text, asks=name if mark == "?" else None, answers=name if mark == "!" else None
        )


def claims(data: memoryview, side: Side) -> bool | None:
    return None if len(data) < 2 else data[1] == ord("#")


FIELDS = table("""
line.length uint Length
line.hash bytes Hash
line.text str Text
""")


def card(name: str, decoder: Callable[[], Lines], port: int) -> Protocol:
    mine = claims if name == "lines" else None
    return Protocol(
        name, name, name, "", decoder, FIELDS, {"tcp.port": (port,), "udp.port": (port,)}, mine
    )


EXTRA = (
    card("lines", Lines, PORT),
    card("letters", Letters, 1),
    card("failing", Failing, 47124),
    card("endless", Endless, 47125),
    card("boxes", Boxes, 47126),
    card("asking", Asking, 47127),
)
OURS = Registry((*(c for c in ALL if c.claims is None), *EXTRA))


def line(text: str) -> bytes:
    return bytes((len(text), ord("#"))) + text.encode()


def box(inside: bytes) -> bytes:
    return bytes((len(inside), ord("+"))) + inside


def read(records: list[Record], registry: Registry = OURS) -> list[Message]:
    engine = Engine(registry)
    return [message for record in records for message in engine.feed(record, full=True)]


def said(messages: list[Message]) -> list[tuple[str, str, int]]:
    return [(m.protocol, m.summary, m.record) for m in messages if m.flow >= 0]


@pytest.fixture
def wire() -> TcpWire:
    made = TcpWire(PORT)
    made.open()
    return made


def test_a_unit_belongs_to_the_record_that_completes_it(wire: TcpWire) -> None:
    whole = line("first") + line("second")
    wire.put(C, whole[:3])
    wire.put(C, whole[3:10])
    wire.put(C, whole[10:])
    found = [m for m in read(wire.records) if m.flow >= 0]
    assert [(m.summary, m.record, m.records) for m in found] == [
        ("first", 4, (3, 4)),
        ("second", 5, (4, 5)),
    ]


def test_the_end_of_the_capture_completes_nothing(wire: TcpWire) -> None:
    wire.put(C, line("unfinished")[:-1])
    assert said(read(wire.records)) == []


@pytest.mark.parametrize("end", [FIN | ACK, RST | ACK])
def test_the_end_of_the_flow_completes_what_there_is(wire: TcpWire, end: int) -> None:
    wire.put(C, line("unfinished")[:-1])
    wire.put(C, flags=end)
    assert said(read(wire.records)) == [("lines", "unfinishe…", 4)]


def test_an_end_that_overtakes_its_bytes_waits_for_them(wire: TcpWire) -> None:
    data = line("unfinished")[:-1]
    wire.put(C, data[6:], FIN | ACK, at=7)
    wire.put(C, data[:6], at=1)
    assert said(read(wire.records)) == [("lines", "unfinishe…", 4)]


def test_a_gap_waits_until_the_other_side_has_its_bytes(wire: TcpWire) -> None:
    """What was acknowledged and not captured will not come; reading starts again behind it."""
    wire.put(C, line("one"))
    wire.sent[C] += 7
    wire.put(C, line("three"))
    wire.put(S, acked=6)
    before = len(wire.records)
    wire.put(S)
    found = read(wire.records)
    assert said(found) == [("lines", "one", 3), ("lines", "three", before)]
    assert "gap" in next(m for m in found if m.record == before and m.protocol == "tcp").marks


def test_a_gap_inside_a_unit_ends_it(wire: TcpWire) -> None:
    """What follows the gap belongs to it as far as it would have gone; then the next begins."""
    whole = line("a long one, cut in the middle")
    wire.put(C, whole[:10])
    wire.sent[C] += 5
    wire.put(C, whole[15:])
    wire.put(C, line("next"))
    wire.put(S)
    assert [(p, s) for p, s, _ in said(read(wire.records))] == [
        ("lines", "a long o…"),
        ("data", f"{len(whole) - 15} bytes"),
        ("lines", "next"),
    ]


def test_snapped_segments_are_read_as_far_as_they_go(wire: TcpWire) -> None:
    """Their rest is known not to come: nobody waits for an acknowledgment."""
    wire.put(C, line("cut by the capture") + line("lost"))
    cut = wire.records[-1]
    wire.records[-1] = Record(cut.number, cut.time, cut.data[:-10], cut.length)
    wire.put(C, line("after"))
    assert said(read(wire.records)) == [("lines", "cut by the cap…", 3), ("lines", "after", 4)]


def test_other_bytes_at_the_same_place_are_told(wire: TcpWire) -> None:
    wire.put(C, line("abcdef")[:5])
    wire.put(C, b"XYZ" + line("abcdef")[5:], at=3)
    found = read(wire.records)
    assert said(found) == [("lines", "abcdef", 4)]
    assert [m.record for m in found if "overlap" in m.marks] == [4]


def test_a_switch_holds_for_both_sides_from_the_next_byte(wire: TcpWire) -> None:
    wire.put(C, line("switch") + b"xy")
    wire.put(S, b"z")
    assert said(read(wire.records)) == [
        ("lines", "switch", 3),
        ("letters", "x", 3),
        ("letters", "y", 3),
        ("letters", "z", 4),
    ]


def test_overlong_units_are_cut(wire: TcpWire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "MAX_UNIT", 50)
    wire.put(C, line("x" * 100))
    wire.put(C, line("short"))
    assert [s for _, s, _ in said(read(wire.records))] == ["x" * 48 + "…", "short"]


def test_many_gaps_are_given_up(wire: TcpWire) -> None:
    """A hostile sender leaves a hole before each byte; what waits is bounded."""
    for place in range(3000, 3000 + 2 * 4200, 2):
        wire.put(C, b"x", at=place)
    found = read(wire.records)
    assert any("gap" in m.marks for m in found if m.record >= 4000)


def test_ports_used_again_are_another_flow(wire: TcpWire) -> None:
    wire.put(C, line("one"))
    wire.bases = (5_000, 6_000)
    wire.sent = [0, 0]
    wire.open()
    wire.put(C, line("two"))
    found = [m for m in read(wire.records) if m.flow >= 0]
    assert [(m.summary, m.flow) for m in found] == [("one", 0), ("two", 1)]


def test_a_fault_of_ours_is_a_note_and_not_the_end() -> None:
    records = udp_records(((C, b"\x01?a"), (C, b"\x01?b")), 47124)
    found = [m for m in read(records) if m.protocol == "failing"]
    assert [m.marks for m in found] == [("broken", "bug")] * 2
    root = found[0].root
    assert root is not None
    assert [note.level for note in root.notes] == ["bug"]
    assert [field.name for field in root.children] == ["line.length", "unread"]


def test_layers_are_bounded() -> None:
    found = read(udp_records(((C, b"abc"),), 47125))
    assert [m.protocol for m in found].count("endless") <= MAX_DEPTH
    roots = [m.root for m in found if m.root is not None]
    assert [len(root.notes) for root in roots] == [0] * (len(roots) - 1) + [1]
    assert roots[-1].notes[0].text == f"over {MAX_DEPTH} layers: the rest is not read"


def test_rules_of_the_user_come_first() -> None:
    registry = Registry(ALL, {("udp.port", 53): "data"})
    records = udp_records(((C, b"\x12\x34\x01\x00" + bytes(8)),), 53)
    assert [m.protocol for m in read(records, registry)][-1] == "data"
    assert [m.protocol for m in read(records, REGISTRY)][-1] == "dns"


def test_times_may_be_told_from_outside(wire: TcpWire) -> None:
    record = numbered(wire.records)[2]
    wanted = frozenset({"frame.time_delta", "frame.time_relative"})
    message = Engine(OURS).feed(record, wanted=wanted, times=(record.time - 30, record.time - 4))[0]
    assert {name: value for name, value, _ in message.values} == {
        "frame.time_delta": 4,
        "frame.time_relative": 30,
    }


def test_transport_messages_know_ends_and_sides(wire: TcpWire) -> None:
    wire.put(S, b"x", ACK | PSH)
    found = [m for m in read(wire.records) if m.protocol == "tcp"]
    assert [m.side for m in found] == [C, S, C, S]
    assert str(found[-1].sender) == f"{wire.hosts[1]}:{PORT}"


def test_reading_starts_anew_where_a_record_begins(wire: TcpWire) -> None:
    """Behind a gap stands the rest of a unit; the next one starts with a later segment."""
    whole = line("one that is torn")
    wire.put(C, line("first"))
    wire.sent[C] += 9
    wire.put(C, whole[9:])
    wire.put(C, line("next") + line("and one more"))
    wire.put(S)
    assert [(p, s) for p, s, _ in said(read(wire.records))] == [
        ("lines", "first"),
        ("data", f"{len(whole) - 9} bytes"),
        ("lines", "next"),
        ("lines", "and one more"),
    ]


def test_the_units_of_a_record_are_bounded(wire: TcpWire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MAX_UNITS", 3)
    wire.put(C, line("") * 5)
    wire.put(C, line("next"))
    found = read(wire.records)
    assert said(found) == [("lines", "", 3)] * 3 + [("data", "4 bytes", 3), ("lines", "next", 4)]
    loose = next(m for m in found if m.protocol == "data")
    assert loose.root is not None
    assert [note.level for note in loose.root.notes] == ["odd"]


@pytest.mark.parametrize("copied", [False, True])
def test_flows_inside_end_with_the_flow_that_carries_them(wire: TcpWire, copied: bool) -> None:
    wire.port = 47126
    wire.records.clear()
    wire.sent = [0, 0]
    wire.open()
    wire.put(C, box(line("whole")) + box(line("unfinished")[:-4]))
    wire.put(S, box(line("answer")[:-2]))
    wire.put(C, flags=FIN | ACK)
    reader, found = Engine(OURS), []
    for record in wire.records:
        reader = reader.copy() if copied else reader
        found += reader.feed(record)
    inner = [(m.summary, m.record) for m in found if m.protocol == "lines"]
    assert inner == [("whole", 3), ("unfini…", 5)]


def test_a_question_may_have_several_answers() -> None:
    records = udp_records(((C, b"?a"), (S, b"!a"), (S, b"!a"), (S, b"!b")), 47127)
    found = [m for m in read(records) if m.protocol == "asking"]
    assert [m.answers for m in found] == [None, found[0].number, found[0].number, None]
