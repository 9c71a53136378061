"""Flows of many streams: each is put in order and measured apart, one decoder reads them all."""

from __future__ import annotations

from typing import Self

import pytest
from frames import udp_records

from wirestep.decode import talk
from wirestep.decode.contract import Decoder, Payload, Protocol, Reading, Registry, Where
from wirestep.decode.cursor import Cursor
from wirestep.decode.engine import Engine
from wirestep.decode.fields import table
from wirestep.model import Message, Side, Source
from wirestep.protocols import stack

C, S = Side.CLIENT, Side.SERVER
PORT = 47199


class Pieces:
    """Datagrams of: stream, offset, whether it is the last, bytes; handed up as computed ones."""

    def measure(self, data: memoryview, side: Side) -> int | None:
        return len(data)

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        stream, offset, last = (cursor.uint("piece.number", 1) for _ in range(3))
        data = cursor.rest("piece.data")
        source = Source("computed", data, made_from=cursor.source.records)
        above = Payload(
            source,
            0,
            len(data),
            "words",
            flow="all",
            offset=offset,
            side=where.side,
            last=bool(last),
            tag=stream,
        )
        return Reading("piece", (above,))

    def lost(self, side: Side) -> None: ...

    def copy(self) -> Self:
        return self


class Branch:
    """Units of stream n have n bytes."""

    def __init__(self, tag: int) -> None:
        self._tag = tag

    def measure(self, data: memoryview, side: Side) -> int | None:
        return self._tag


class Words(Pieces):
    """Counts the units of all streams."""

    def __init__(self) -> None:
        self.count = 0

    def branch(self, tag: int) -> Branch:
        return Branch(tag)

    def decode(self, cursor: Cursor, where: Where) -> Reading:
        self.count += 1
        whole = "" if where.whole else "…"
        return Reading(f"{self.count}:{where.tag}:{cursor.text('word', cursor.left())}{whole}")

    def copy(self) -> Self:
        other = type(self)()
        other.count = self.count
        return other


def card(name: str, decoder: type[Decoder], fields: str, ports: tuple[int, ...] = ()) -> Protocol:
    return Protocol(
        name, name, name, "none", decoder, table(fields), on={"udp.port": ports} if ports else {}
    )


REGISTRY = Registry(
    (
        *stack.PROTOCOLS,
        card("pieces", Pieces, "piece.number uint Number\npiece.data bytes Data", (PORT,)),
        card("words", Words, "word str Word"),
    )
)


def words(*turns: tuple[Side, bytes]) -> list[Message]:
    """What is said; each record is read by a copy of the engine that read those before it."""
    engine, found = Engine(REGISTRY), []
    for record in udp_records(turns, PORT):
        engine = engine.copy()
        found += [message for message in engine.feed(record) if message.protocol == "words"]
    return found


def test_each_stream_is_put_in_order_and_measured_apart() -> None:
    messages = words(
        (C, b"\x02\x00\x00aab"),
        (C, b"\x03\x03\x00xyz"),
        (S, b"\x02\x00\x00zz"),
        (C, b"\x03\x00\x00uvw"),
        (C, b"\x02\x03\x00bc"),
        (C, b"\x02\x05\x01c"),
    )
    assert [message.summary for message in messages] == [
        *("1:2:aa", "2:2:zz", "3:3:uvw", "4:3:xyz", "5:2:bb", "6:2:cc"),
    ]
    assert [message.records for message in messages] == [(0,), (2,), (3,), (1,), (0, 4), (4, 5)]
    assert {message.flow for message in messages} == {messages[0].flow}


def test_a_stream_that_has_ended_is_not_read_again() -> None:
    messages = words((C, b"\x02\x00\x01aab"), (C, b"\x02\x00\x01aab"), (C, b"\x02\x03\x00bb"))
    assert [message.summary for message in messages] == ["1:2:aa", "2:2:b…"]


def test_streams_that_never_end_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(talk, "MAX_BRANCHES", 2)
    turns = [(C, bytes((number, 0, 0)) + b"a") for number in (5, 6, 7)]
    messages = words(*turns, (C, b"\x05\x01\x00aaaa"), (C, b"\x07\x01\x00aaaaaa"))
    assert [message.summary for message in messages] == ["1:7:aaaaaaa"]
