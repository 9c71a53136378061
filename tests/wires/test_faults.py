"""Scripts of faults: by place, by what is said, by what only the key log shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pytest

from wirestep.wires.contract import MS, Fate
from wirestep.wires.frames import sound
from wirestep.wires.plan import Fault
from wirestep.wires.run import Run
from wirestep.wires.scenario import load


def struck(name: str, *faults: Fault) -> Run:
    run = replace(load(name), faults=faults).start()
    run.run()
    return run


def fates(run: Run) -> list[tuple[int, str]]:
    return [(one.number, one.fate) for one in run.journeys if one.fate]


def test_by_place_in_a_direction_and_on_the_wire() -> None:
    assert fates(struck("tcp-echo", Fault(Fate("drop"), "server", 2))) == [(3, "dropped")]
    assert fates(struck("tcp-echo", Fault(Fate("drop"), None, 2))) == [(1, "dropped")]


def test_some_in_a_row() -> None:
    run = struck("tcp-echo", Fault(Fate("drop"), "client", 1, times=3))
    assert [number for number, _ in fates(run)] == [0, 1, 2]
    assert [one.left // MS for one in run.journeys[:4]] == [0, 1000, 3000, 7000]


@pytest.mark.parametrize(
    ("match", "sender", "number"),
    [
        ({"tcp.flags.syn": 1, "tcp.flags.ack": 1}, None, 1),
        ({"tls.handshake.type": 1}, None, 2),
        ({"tls.handshake.type": 2}, None, 3),
        ({"tls.handshake.type": 20}, "server", 3),
        ({"tls.handshake.type": 20}, "client", 4),
        ({"http.request.method": "GET"}, None, 4),
        ({"http.response.code": 200}, "server", 5),
    ],
    ids=lambda value: (
        " ".join(map(str, value.items())) if isinstance(value, Mapping) else str(value)
    ),
)
def test_by_what_is_said_in_the_clear_or_not(
    match: Mapping[str, object], sender: str | None, number: int
) -> None:
    """Packets of tls13-full: SYN, SYN ACK, ClientHello, ServerHello..Finished, Finished + GET."""
    run = struck("tls13-full", Fault(Fate("drop"), sender, match=match))
    assert fates(run) == [(number, "dropped")]
    assert run.outcome.error == ""


def test_by_what_is_said_in_quic() -> None:
    run = struck("http3-1rtt", Fault(Fate("drop"), "server", match={"quic.long.packet_type": 2}))
    assert fates(run) == [(1, "dropped")]
    assert run.responses[0].status == "200"


def test_what_never_comes_is_never_struck() -> None:
    assert fates(struck("tcp-echo", Fault(Fate("drop"), match={"tls.handshake.type": 2}))) == []


@pytest.mark.parametrize(
    ("fate", "told"),
    [
        (Fate("delay", delay=30 * MS), "delayed"),
        (Fate("duplicate"), "duplicate"),
        (Fate("corrupt"), "corrupted"),
    ],
    ids=lambda value: value.kind if isinstance(value, Fate) else value,
)
def test_other_fates(fate: Fate, told: str) -> None:
    run = struck("tcp-echo", Fault(fate, "client", 2))
    assert [what for _, what in fates(run)] == [told]
    assert run.outcome.error == ""


def test_each_lost_syn_costs_twice_as_much_as_the_one_before() -> None:
    for count, first in ((1, 1000), (2, 3000), (3, 7000)):
        run = struck("tcp-echo", Fault(Fate("drop"), "client", 1, times=count))
        assert run.heard[0].time == (first + 80) * MS


def test_the_gaps_of_backoff_are_one_two_four_rto() -> None:
    """The client's word is lost again and again; RTO = SRTT + 4 RTTVAR (RFC 6298 section 2.2)."""
    run = struck("tcp-echo", Fault(Fate("drop"), "client", 2, times=4))
    # Nothing else of the client's ends so: what the server repeats meanwhile is acknowledged only.
    sent = [one.left for one in run.journeys if one.sender == 0 and one.data.endswith(b"hello")]
    rto = 200 * MS  # RTT 40 ms: SRTT 40, RTTVAR 20, which gives 120; this TCP waits 200 at least
    gaps = [after - before for before, after in pairwise(sent)]
    assert gaps[:3] == [rto, 2 * rto, 4 * rto]


def test_an_edit_makes_checksums_hold() -> None:
    run = struck(
        "tcp-echo",
        Fault(Fate("edit"), "client", match={"tcp.len": 5}, swap=(b"hello", b"jello")),
    )
    (edited,) = [one for one in run.journeys if one.fate == "edited"]
    assert edited.arrived is not None
    assert sound(edited.arrived)
    assert run.responses[0].body == b"jello"
    assert b"jello" in run.journeys[edited.number + 1].data
