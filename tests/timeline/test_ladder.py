"""Arrows are made of messages: coarse first, what carried them below."""

from __future__ import annotations

from frames import ACK, PSH, TcpWire, tcp_records, udp_records

from wirestep.decode.engine import Engine
from wirestep.model import Address, Message, Record, Side
from wirestep.protocols import REGISTRY
from wirestep.timeline.ladder import Ladder, Step, ladder

A, B = Address("192.0.2.1", 5000), Address("192.0.2.2", 80)


def message(
    number: int,
    level: str,
    record: int,
    *,
    records: tuple[int, ...] = (),
    inside: int | None = None,
    summary: str = "",
    marks: tuple[str, ...] = (),
    side: Side = Side.CLIENT,
    label: str = "TCP",
) -> Message:
    ends = (A, B) if side is Side.CLIENT else (B, A)
    return Message(
        number,
        "tcp" if level == "packet" else "dns",
        label,
        level,
        0,
        side,
        *ends,
        record,
        record * 1000,
        summary or f"m{number}",
        10,
        records or (record,),
        inside=inside,
        marks=marks,
    )


def drawn(frames: list[list[Message]], most: int = 8) -> Ladder:
    return ladder(frames, lambda name: name, most)


def shape(steps: list[Step] | tuple[Step, ...]) -> list[tuple[str, int, int]]:
    return [(step.level, step.depth, step.record) for step in steps]


def of(records: list[Record]) -> Ladder:
    engine = Engine(REGISTRY)
    return ladder([engine.feed(record) for record in records], lambda name: REGISTRY[name].hue)


def test_a_message_stands_above_the_record_and_the_packet_that_carried_it() -> None:
    frame = [
        message(0, "packet", 0),
        message(1, "record", 0, inside=0),
        message(2, "message", 0, inside=1),
    ]
    assert shape(drawn([frame]).steps) == [("message", 0, 0), ("record", 1, 0), ("packet", 2, 0)]


def test_packets_that_carried_parts_go_below_the_message_they_completed() -> None:
    frames = [
        [message(0, "packet", 0)],
        [message(1, "packet", 1)],
        [message(2, "packet", 2), message(3, "message", 2, records=(0, 1, 2), inside=2)],
    ]
    steps = drawn(frames).steps
    assert shape(steps) == [
        ("message", 0, 2),
        ("packet", 1, 0),
        ("packet", 1, 1),
        ("packet", 1, 2),
    ]
    assert steps[0].below == 3
    assert (steps[0].began, steps[0].time) == (0, 2000)


def test_a_second_message_of_a_packet_gets_no_second_packet() -> None:
    frame = [
        message(0, "packet", 0),
        message(1, "message", 0, inside=0),
        message(2, "message", 0, inside=0),
    ]
    assert shape(drawn([frame]).steps) == [("message", 0, 0), ("packet", 1, 0), ("message", 0, 0)]


def test_folding_keeps_what_opens_closes_and_mends() -> None:
    frames = [
        [message(0, "packet", 0, summary="1 → 2 [SYN] Seq=0")],
        [message(1, "packet", 1, summary="1 → 2 [ACK] Seq=1")],
        [message(2, "packet", 2, marks=("retransmission",))],
        [message(3, "packet", 3), message(4, "message", 3, inside=3)],
    ]
    whole = drawn(frames)
    assert [step.record for step in whole.folded("message")] == [0, 2, 3]
    assert [step.record for step in whole.folded("packet")] == [0, 1, 2, 3, 3]
    opened = frozenset({whole.steps[3].number})
    assert [step.record for step in whole.folded("message", opened)] == [0, 2, 3, 3]


def test_an_answer_points_to_its_question() -> None:
    query = message(0, "message", 0)
    reply = message(1, "message", 1, side=Side.SERVER)._replace(answers=0)
    steps = drawn([[query], [reply]]).steps
    assert steps[1].answers == steps[0].number
    assert (steps[0].sender, steps[1].sender) == (0, 1)


def test_hosts_beyond_the_most_share_a_lifeline() -> None:
    frames = []
    for number in range(6):
        target = Address(f"198.51.100.{number}")
        frames.append([message(number, "message", number)._replace(target=target)])
    whole = drawn(frames, most=3)
    assert whole.hosts == ("192.0.2.1", "198.51.100.0", "198.51.100.1", "others")
    assert {step.target for step in whole.steps[2:]} == {3}


def test_a_real_exchange() -> None:
    request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + b"x" * 3000
    steps = of(tcp_records([(Side.CLIENT, request), (Side.SERVER, response)], 80)).steps
    tops = [step for step in steps if step.depth == 0]
    assert [step.level for step in tops] == ["packet"] * 3 + ["message"] * 2 + ["packet"] * 3
    answer = tops[4]
    assert answer.below == 3
    assert answer.answers == tops[3].number


def test_datagrams_have_their_packet_below() -> None:
    query = bytes.fromhex("3a7d01000001000000000000") + b"\3www\0\0\1\0\1"
    steps = of(udp_records([(Side.CLIENT, query)], 53)).steps
    assert shape(steps) == [("message", 0, 0), ("packet", 1, 0)]


def test_a_retransmitted_part_stays_a_step_of_its_own() -> None:
    wire = TcpWire()
    wire.open()
    wire.put(Side.CLIENT, b"GET / HT", ACK | PSH)
    wire.put(Side.SERVER)
    again = wire.put(Side.CLIENT, b"GET / HT", ACK | PSH, at=1)
    wire.put(Side.CLIENT, b"TP/1.1\r\n\r\n", ACK | PSH)
    steps = of(wire.records).steps
    mine = [step for step in steps if step.record == again.number]
    assert [(step.depth, "retransmission" in step.marks) for step in mine] == [(0, True)]


def test_what_was_mended_shows_below_the_message_that_it_completes() -> None:
    frames = [
        [message(0, "packet", 0)],
        [
            message(1, "packet", 1, marks=("retransmission",)),
            message(2, "message", 1, records=(0, 1), inside=1),
        ],
    ]
    assert shape(drawn(frames).folded("message")) == [("message", 0, 1), ("packet", 1, 1)]


def test_a_step_knows_its_layer() -> None:
    frame = [message(0, "", 0), message(1, "packet", 0), message(2, "message", 0, inside=1)]
    assert [(step.level, step.layer) for step in drawn([frame]).steps] == [
        ("message", 2),
        ("packet", 1),
    ]


def test_two_programs_on_one_host_have_a_lifeline_each() -> None:
    here, there = Address("127.0.0.1", 5000), Address("127.0.0.1", 80)
    ask = message(0, "message", 0)._replace(sender=here, target=there)
    answer = message(1, "message", 1)._replace(sender=there, target=here)
    whole = drawn([[ask], [answer]])
    assert whole.hosts == ("127.0.0.1:5000", "127.0.0.1:80")
    assert [(step.sender, step.target) for step in whole.steps] == [(0, 1), (1, 0)]


def judged(message: Message) -> tuple[bool, str] | None:
    """Records with "open" in their summary were opened, those with "shut" were not."""
    if "open" in message.summary:
        return True, ""
    return (False, "no SECRET") if "shut" in message.summary else None


def test_a_note_says_why_a_conversation_stays_closed() -> None:
    frames = [
        [message(0, "record", 0, summary="shut")],
        [message(1, "record", 1, summary="shut")],
        [message(2, "record", 2, summary="shut")._replace(flow=7)],
    ]
    steps = ladder(frames, lambda name: name, judge=judged).steps
    assert [(step.level, step.record) for step in steps] == [
        ("record", 0),
        ("note", 0),
        ("record", 1),
        ("record", 2),
        ("note", 2),
    ]
    assert steps[1].label == "not decrypted: no SECRET"
    assert steps[1].parent == 0
    assert steps[0].below == 0
    assert [step.opened for step in steps] == [False] * 5


def test_what_was_in_an_opened_unit_was_decrypted() -> None:
    frames = [
        [message(0, "record", 0, summary="open"), message(1, "message", 0, inside=0)],
        [message(2, "record", 1, summary="shut"), message(3, "message", 1, inside=2)],
        [message(4, "message", 2)],
    ]
    steps = ladder(frames, lambda name: name, judge=judged).steps
    found = {(step.level, step.record): step.opened for step in steps}
    assert found == {
        ("message", 0): True,
        ("record", 0): True,
        ("message", 1): None,
        ("record", 1): False,
        ("note", 1): False,
        ("message", 2): None,
    }
    drawn_coarse = ladder(frames, lambda name: name, judge=judged).folded("message")
    assert [step.level for step in drawn_coarse] == ["message", "message", "note", "message"]
