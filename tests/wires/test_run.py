"""A run in the hand: steps, what is decided, branches; nothing moves by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from ladders import ladder

from wirestep.exchange.contract import (
    Chance,
    Done,
    Endpoint,
    Input,
    Open,
    Output,
    Started,
    Tell,
    Wish,
)
from wirestep.exchange.errand import Errand, Leg
from wirestep.exchange.raw import Ask, Echo, Source, Take, Talk
from wirestep.model import Address
from wirestep.wires import frames
from wirestep.wires.contract import MS, SECOND, Fate, Link
from wirestep.wires.plan import Actor, Chances, Plan
from wirestep.wires.run import Run
from wirestep.wires.scenario import load
from wirestep.wires.tcp import Options

CLIENT, SERVER = ("192.0.2.1", "2001:db8::1"), ("198.51.100.2", "2001:db8::2")
RTT = 100 * MS
LINK = Link(delay=RTT // 2)


def plan(
    client: Callable[[Wish, Chance], Endpoint],
    server: Callable[[Chance], Endpoint],
    *,
    transport: str = "tcp",
    wish: Wish | None = None,
    port: int = 7,
    to: str = "server",
    link: Link = LINK,
    options: Options | None = None,
    **more: object,
) -> Plan:
    """A client and a server, without a file."""
    wish = wish or Wish("server")
    options = options or Options(nodelay=True)

    def cast(chances: Chances) -> list[Actor]:
        served = {7: lambda: server(chances("server"))}
        leg = Leg(lambda: client(wish, chances("client")), transport, Address(to, port))
        return [
            Actor("client", CLIENT, programs=(lambda: Errand([leg]),), options=options),
            Actor(
                "server",
                SERVER,
                tcp=served if transport == "tcp" else {},
                udp=served if transport == "udp" else {},
                options=options,
            ),
        ]

    return Plan(cast, link, **more)


def echo(**more: object) -> Run:
    return Run(plan(Talk, lambda chance: Echo(None, chance, {}), **more))


def question(**more: object) -> Run:
    return Run(plan(Ask, lambda chance: Echo(None, chance, {}), transport="udp", **more))


def bulk(size: int = 100_000, **more: object) -> Run:
    source = {"bytes": size}
    return Run(plan(Take, lambda chance: Source(None, chance, source), **more))


def times(run: Run) -> list[tuple[int, int | None]]:
    return [
        (one.left // MS, None if one.lands is None else one.lands // MS) for one in run.journeys
    ]


def test_nothing_has_happened_before_the_first_step() -> None:
    run = echo()
    assert (run.now, run.journeys, run.outcome.over) == (0, [], False)


def test_a_step_stops_where_the_packet_is_half_way() -> None:
    run = question()
    assert run.step_packet()
    assert (run.under_hand, run.now, run.under_way) == (0, 25 * MS, [0])
    assert [timer.name for timer in run.timers()] == ["echo timer"]
    assert run.step_packet()
    assert (run.under_hand, run.now, run.under_way) == (1, 75 * MS, [1])
    assert not run.step_packet()
    assert (run.under_hand, run.now, run.outcome.over) == (None, 100 * MS, True)


def test_every_packet_comes_under_the_hand_once() -> None:
    run, seen, clock = bulk(60_000), [], -1
    while run.step_packet():
        assert run.now >= clock
        assert run.now == run.journeys[run.under_hand].middle
        clock = run.now
        seen.append(run.under_hand)
    assert sorted(seen) == list(range(len(run.journeys)))
    straight = bulk(60_000)
    straight.run()
    assert ladder(straight) == ladder(run)


def test_a_flight_is_what_leaves_together() -> None:
    run = bulk(60_000)
    flights = []
    while run.step_flight():
        flights.append((run.journeys[run.under_hand].sender, run.now // MS))
    assert flights[:4] == [(0, 25), (1, 75), (0, 125), (1, 175)]
    # The whole initial window is one flight: ten segments.
    window = [one for one in run.journeys if one.sender == 1 and one.left == 150 * MS]
    assert len(window) == 10


def test_steps_until_something_holds() -> None:
    run = echo()
    assert run.step_until(lambda now: len(now.journeys) == 3)
    assert run.now == RTT
    assert not run.step_until(lambda now: len(now.journeys) == 300)
    assert run.outcome.over


def test_time_goes_where_it_is_told() -> None:
    run = echo()
    assert run.run_to(70 * MS)
    assert (run.now, len(run.journeys)) == (70 * MS, 2)
    assert run.run_to(70 * MS)
    assert not run.run_to(10 * SECOND)
    assert run.now == 10 * SECOND


def test_what_is_dropped_never_arrives() -> None:
    run = echo()
    run.step_packet()
    run.decide(0, Fate("drop"))
    assert (run.journeys[0].lands, run.journeys[0].fate) == (None, "dropped")
    run.run()
    assert times(run)[:3] == [(0, None), (1000, 1050), (1050, 1100)]
    assert run.journeys[1].note == "retransmission"


def test_the_last_decision_counts() -> None:
    run = echo()
    run.step_packet()
    for fate in (Fate("drop"), Fate("duplicate"), Fate("corrupt"), Fate("deliver")):
        run.decide(0, fate)
    assert (run.journeys[0].lands, run.journeys[0].fate) == (50 * MS, "")
    # The copy that an earlier choice made does not arrive.
    assert (run.journeys[1].copy_of, run.journeys[1].fate) == (0, "dropped")
    run.run()
    calm = echo()
    calm.run()
    assert [one for one in times(run) if one[1]] == times(calm)


def test_a_packet_that_the_link_loses_can_be_saved() -> None:
    run = echo(links={("client", "server"): replace(LINK, lose=(1,))})
    run.step_packet()
    assert run.journeys[0].fate == "lost"
    run.decide(0, Fate("deliver"))
    run.run()
    assert run.journeys[0].lands == 50 * MS
    assert run.heard[0].time == 2 * RTT


def test_delay_and_duplicate() -> None:
    run = question()
    run.step_packet()
    run.decide(0, Fate("delay", delay=30 * MS))
    assert run.journeys[0].lands == 80 * MS
    run.decide(0, Fate("duplicate", delay=10 * MS))
    assert (run.journeys[0].lands, run.journeys[1].lands) == (50 * MS, 60 * MS)
    run.run()
    # Both are echoed. The client takes the first, and has closed its port when the other lands.
    assert [(one.sender, one.lands // MS) for one in run.journeys[2:]] == [
        (1, 100),
        (1, 110),
        (0, 160),
    ]
    assert frames.read(run.journeys[4].data).protocol == frames.ICMP


def test_a_turned_bit_is_noticed_by_the_checksum() -> None:
    run = question()
    run.step_packet()
    run.decide(0, Fate("corrupt", bit=70))
    run.run()
    assert run.journeys[0].arrived is not None
    assert [one.text for one in run.said][:1] == ["dropped a packet with a wrong checksum"]
    assert times(run)[1] == (1000, 1050)


def test_an_edited_packet_says_something_else() -> None:
    run = echo(wish=Wish("server"), to="server")
    run.step_until(lambda now: len(now.journeys) == 3)
    data = run.journeys[2].data
    assert data.endswith(b"/")
    run.decide(2, Fate("edit", data=frames.repaired(data[:-1] + b"!")))
    run.run()
    assert run.journeys[3].data.endswith(b"!")
    assert run.responses[0].body == b"!"


def test_what_is_held_waits_and_the_rest_goes_on() -> None:
    run = echo()
    run.step_packet()
    run.hold(0)
    run.run_to(700 * MS)
    assert (run.journeys[0].lands, run.journeys[0].fate, run.under_way) == (None, "held", [0])
    run.release(0)
    assert run.journeys[0].lands == 725 * MS
    run.run()
    assert run.heard[0].time == (725 + 150) * MS


def test_decisions_about_what_is_not_there_are_refused() -> None:
    run = echo()
    run.step_packet()
    with pytest.raises(ValueError, match="packet 3 is not under way"):
        run.decide(2, Fate("drop"))
    with pytest.raises(ValueError, match="packet 1 is not held"):
        run.release(0)
    with pytest.raises(ValueError, match="there is no packet 9 yet"):
        run.branch(8, Fate("drop"))
    run.run_to(60 * MS)
    with pytest.raises(ValueError, match="packet 1 is not under way"):
        run.hold(0)


def test_a_branch_is_the_same_story_until_it_parts() -> None:
    run = bulk(40_000, link=replace(LINK, jitter=3 * MS))
    run.run()
    branch = run.branch(7, Fate("drop"))
    assert branch.now == run.journeys[7].middle
    branch.run()
    parts = run.journeys[7].middle
    before = [one for one in run.journeys if one.left < parts]
    assert [(one.left, one.data) for one in branch.journeys[: len(before)]] == [
        (one.left, one.data) for one in before
    ]
    assert branch.heard[-1].time > run.heard[-1].time
    assert branch.outcome.error == ""
    assert run.branch(7, Fate("deliver")).run() == run.outcome


def test_going_back_is_the_same_run_with_the_same_decisions() -> None:
    run = bulk(40_000)
    for _ in range(6):
        run.step_packet()
    run.decide(5, Fate("drop"))
    for _ in range(6):
        run.step_packet()
    run.hold(11)
    run.run_to(run.now + 400 * MS)
    run.release(11)
    run.run()
    again = run.again(run.now)
    assert again.decisions == run.decisions
    assert again.journeys == run.journeys
    early = run.again(run.journeys[5].middle - 1)
    assert early.decisions == []
    assert early.now == run.journeys[5].middle - 1


@pytest.mark.parametrize("name", ["tls13-full", "http3-1rtt", "websocket-echo", "dns-walk"])
def test_engines_tell_the_same_story_again(name: str) -> None:
    run = load(name).start()
    for _ in range(4):
        run.step_packet()
    run.decide(run.under_hand, Fate("drop"))
    run.run()
    again = run.again(run.now)
    assert ladder(again) == ladder(run)
    assert again.heard[-1] == run.heard[-1]


def test_nobody_at_this_port() -> None:
    run = question(port=9)
    run.run()
    assert run.outcome.error == "The server refuses: nobody listens there."
    assert run.heard[-1].time == RTT
    run = echo(port=9)
    run.run()
    assert run.outcome.error == "The server refuses: nobody listens there."


def test_nobody_at_this_address_and_no_such_name() -> None:
    run = question(to="192.0.2.99")
    run.run()
    assert {one.fate for one in run.journeys} == {"no such host"}
    assert run.outcome.error == "Nobody answered."
    for name in ("nobody.test", "1.2", "::g"):
        run = echo(to=name)
        run.run()
    assert run.outcome.error == "There is no host of this name."
    assert run.journeys == []


def test_ipv6_works_alike() -> None:
    four, six = (
        bulk(30_000),
        bulk(30_000, to="2001:db8::2", options=Options(mss=1440, nodelay=True)),
    )
    assert six.run().error == four.run().error == ""
    assert all(frames.sound(one.data) for one in six.journeys)
    assert {one.data[0] >> 4 for one in six.journeys} == {6}


def test_a_run_that_never_ends_is_stopped_with_a_reason() -> None:
    run = echo(link=replace(LINK, loss=1.0), most_time=20 * SECOND)
    assert run.run().reason == "it was not over after 20 s"
    run = bulk(1_000_000, most_packets=200)
    assert run.run().reason == "more than 200 packets"
    assert len(run.journeys) == 200
    assert not run.step_packet() or run.step_packet() is not None


def test_what_an_engine_throws_stops_the_run_and_is_told() -> None:
    class Faulty:
        def handle(self, event: object, now: int) -> list[object]:
            raise KeyError("oops")

        def panels(self) -> tuple[()]:
            return ()

    run = Run(plan(lambda wish, chance: Faulty(), lambda chance: Echo(None, chance, {})))
    assert run.run().reason == "client, TCP 50000 → 7: KeyError: 'oops'"


def test_endpoints_that_only_talk_with_each_other_are_stopped() -> None:
    class Chatter:
        def handle(self, event: Input, now: int) -> list[Output]:
            opened: list[Output] = [Open(1, "udp", Address("server", 7), Chatter())]
            return opened if event == Started() else [Tell(None, 1), Tell(1, 1)]

        def panels(self) -> tuple[()]:
            return ()

    def cast(chances: Chances) -> list[Actor]:
        return [Actor("client", CLIENT, programs=(Chatter,)), Actor("server", SERVER)]

    reason = Run(Plan(cast, LINK)).run().reason
    assert reason == "the endpoints of client tell each other without end"


def test_the_parties_and_their_timers_are_told() -> None:
    run = bulk(100_000)
    run.run_to(160 * MS)
    labels = [(party.host, party.label) for party in run.parties()]
    assert labels == [(0, "TCP 50000 → 7"), (1, "TCP 7 → 50000")]
    assert [panel.title for panel in run.parties()[0].panels] == ["TCP", "bulk"]
    (timer,) = run.timers()
    assert (timer.host, timer.name, timer.armed) == (1, "RTO", 150 * MS)
    first = [one.number for one in run.journeys if one.sender == 1 and one.left == 150 * MS]
    assert timer.packets == tuple(first)


def test_what_made_a_packet_leave_is_told() -> None:
    run = echo(links={("server", "client"): replace(LINK, lose=(2,))})
    run.run()
    told = [(one.sender, one.note, one.cause) for one in run.journeys[:6]]
    assert told == [
        (0, "", None),  # SYN: the program began
        (1, "", 0),  # SYN ACK, because the SYN landed
        (0, "", 1),  # the word
        (1, "", 2),  # the echo, which is lost with its acknowledgment
        (0, "retransmission", "RTO"),
        (1, "retransmission", "RTO"),
    ]


def test_the_program_tells_the_end_once() -> None:
    run = bulk(5000)
    run.run()
    assert [heard.value for heard in run.heard if isinstance(heard.value, Done)] == [Done("")]
    assert run.outcome.over
