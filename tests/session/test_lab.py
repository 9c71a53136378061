"""The lab: stepping, holding, dropping, branches, undo, and what is recorded."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from wirestep.session.lab import Lab
from wirestep.session.lab_ahead import Ahead, Ask
from wirestep.session.lab_views import MS, Consequence, Expected, Snapshot
from wirestep.wires.scenario import shelf

ECHO = "tcp-echo"
WAY = 20 * MS
"""One way across, in that scenario."""


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A word over TCP and back, at once and in this thread."""
    opened = Lab.open(ECHO)
    yield opened
    opened.close()


def labels(shown: Snapshot) -> list[str]:
    """What passed, up to the moment that is shown."""
    return [passage.label for passage in shown.passages[: shown.count]]


def finished(lab: Lab) -> Snapshot:
    """The run at its end."""
    lab.finish()
    assert lab.snapshot.outcome.over
    return lab.snapshot


# forward and back


def test_nothing_moves_until_it_is_told(lab: Lab) -> None:
    assert (lab.snapshot.now, lab.snapshot.count, lab.snapshot.hand) == (0, 0, None)


def test_a_step_brings_one_packet_half_way_and_under_the_hand(lab: Lab) -> None:
    lab.step()
    shown = lab.snapshot
    hand = shown.hand
    assert hand is not None
    assert (hand.label, hand.left, hand.lands) == ("SYN", 0, WAY)
    assert shown.now == WAY // 2
    assert shown.under_way == (0,)
    assert [party.panels[0].state for party in shown.parties] == ["SYN-SENT"]


def test_the_decoders_name_what_passes(lab: Lab) -> None:
    assert labels(finished(lab))[:2] == ["SYN", "SYN, ACK"]


def test_back_and_forward_show_the_ends_as_they_were(lab: Lab) -> None:
    seen = []
    for _ in range(5):
        lab.step()
        seen.append(lab.snapshot)
    lab.go(-3)
    assert lab.snapshot.now == seen[1].now
    assert lab.snapshot.parties == seen[1].parties
    assert lab.snapshot.timers == seen[1].timers
    assert not lab.snapshot.newest
    assert len(lab.snapshot.passages) > lab.snapshot.count
    lab.step()
    assert lab.snapshot.now == seen[2].now
    lab.go(99)
    assert lab.snapshot.newest
    assert lab.snapshot.now == seen[4].now
    lab.go(-99)
    assert lab.snapshot.now == 0


def test_a_flight_ends_where_somebody_else_sends() -> None:
    lab = Lab.open("tcp-bulk-reno")
    lab.step()
    senders = []
    for _ in range(4):
        lab.flight()
        hand = lab.snapshot.hand
        assert hand is not None
        senders.append(hand.sender)
    assert senders == [1, 0, 1, 0]
    lab.close()


def test_until_a_filter_or_a_state(lab: Lab) -> None:
    lab.until("server ESTABLISHED")
    assert any(p.host == 1 and p.panels[0].state == "ESTABLISHED" for p in lab.snapshot.parties)
    assert lab.snapshot.stopped == "server ESTABLISHED"
    lab.until("tcp.flags.fin == 1")
    hand = lab.snapshot.hand
    assert hand is not None
    assert "FIN" in hand.label
    assert not any("FIN" in label for label in labels(lab.snapshot)[:-1])


def test_until_something_that_is_neither_says_so(lab: Lab) -> None:
    lab.until("nonsense.field ==")
    assert "neither a state nor a display filter" in lab.snapshot.told
    assert lab.check_until("nonsense.field ==") is not None
    assert lab.check_until("ESTABLISHED") is None
    assert lab.check_until("tcp.flags.syn == 1") is None


def test_until_what_never_comes_says_so_at_the_end(lab: Lab) -> None:
    lab.until("server LATE")
    assert lab.snapshot.outcome.over
    assert lab.snapshot.told.startswith("server LATE did not come: the run is over")


# what is done to packets


def test_a_dropped_syn_costs_a_second(lab: Lab) -> None:
    lab.step()
    lab.act("drop")
    hand = lab.snapshot.hand
    assert hand is not None
    assert hand.never
    assert hand.fate == "dropped"
    lab.step()
    again = lab.snapshot.hand
    assert again is not None
    # RFC 6298, section 2.1: before any measurement the timeout is one second.
    assert (again.label, again.left) == ("SYN", 1_000 * MS)
    assert "retransmission" in again.marks


def test_a_delayed_packet_lands_a_round_trip_later(lab: Lab) -> None:
    lab.step()
    lab.act("delay")
    hand = lab.snapshot.hand
    assert hand is not None
    assert (hand.lands, hand.fate) == (WAY + 2 * WAY, "delayed")


def test_a_duplicate_is_a_packet_of_its_own(lab: Lab) -> None:
    for _ in range(3):
        lab.step()
    before = lab.snapshot.count
    lab.act("duplicate")
    copies = [p for p in lab.snapshot.passages if p.copy_of is not None]
    assert lab.snapshot.count == before + 1
    assert [p.copy_of for p in copies] == [before - 1]


def test_a_corrupted_packet_is_not_taken(lab: Lab) -> None:
    for _ in range(3):
        lab.step()
    lab.act("corrupt")
    hand = lab.snapshot.hand
    assert hand is not None
    assert hand.fate == "corrupted"
    said = labels(finished(lab))
    assert said.count(hand.label) >= 2
    assert lab.snapshot.outcome.error == ""


def test_edited_bytes_arrive_with_good_checksums(lab: Lab) -> None:
    lab.until("tcp.len > 0")
    hand = lab.snapshot.hand
    assert hand is not None
    lab.edit(hand.size - 1, b"!")
    shown = finished(lab)
    sent = [p for p in shown.passages if p.sender == 0 and p.label == hand.label]
    assert len(sent) == 1, "the server took it: nothing is sent again"
    echoed = [j.data for j in lab._desk.course.run.journeys if j.sender == 1]
    assert any(data.endswith(b"!") for data in echoed)


def test_a_packet_that_is_stopped_waits_while_others_pass(lab: Lab) -> None:
    lab.step()
    lab.hold()
    lab.step()
    hand = lab.snapshot.hand
    assert hand is not None
    assert hand.left == 1_000 * MS, "the SYN is stopped, so another one leaves"
    lab.go(-1)
    first = lab.snapshot.passages[0]
    assert first.stopped == WAY // 2


def test_what_cannot_be_done_is_a_sentence(lab: Lab) -> None:
    lab.act("drop")
    assert "no packet is under the hand" in lab.snapshot.told
    lab.finish()
    lab.act("drop")
    assert "no packet is under the hand" in lab.snapshot.told


def test_undo_takes_the_last_decision_back(lab: Lab) -> None:
    lab.step()
    untouched = lab.snapshot
    lab.act("drop")
    assert lab.snapshot.undoable == "#1 dropped"
    for _ in range(3):
        lab.step()
    lab.undo()
    shown = lab.snapshot
    assert (shown.now, shown.held, shown.parties) == (
        untouched.now,
        untouched.held,
        untouched.parties,
    )
    hand = shown.hand
    assert hand is not None
    assert not hand.never
    assert shown.undoable == ""
    lab.undo()
    assert "nothing was decided" in lab.snapshot.told


# branches


def test_another_choice_in_the_past_begins_a_branch(lab: Lab) -> None:
    first = finished(lab)
    lab.go(-99)
    lab.step()
    lab.act("drop")
    shown = lab.snapshot
    assert (shown.branch, len(shown.branches)) == ("B", 2)
    assert shown.newest
    assert shown.branches[1].origin == "A"
    second = finished(lab)
    assert second.now == first.now + 1_000 * MS
    lab.switch("A")
    assert labels(lab.snapshot) == labels(first)


def test_a_branch_is_equal_up_to_the_choice() -> None:
    lab = Lab.open("tls13-full")
    lab.finish()
    before = lab.snapshot
    lab.go(-99)
    for _ in range(4):
        lab.step()
    lab.act("drop")
    lab.finish()
    both = lab.compare("A", "B")
    signs = "".join(pair.sign for pair in both.pairs)
    assert signs.startswith("===~")
    assert "+" in signs
    totals = {total.name: (total.first, total.second) for total in both.totals}
    assert totals["lost"] == ("0", "1")
    assert float(totals["done ms"][1].replace("\N{NO-BREAK SPACE}", "").replace(" ", "")) > 0
    assert before.outcome.error == lab.snapshot.outcome.error == ""
    lab.close()


def test_the_link_is_changed_and_decisions_stay(lab: Lab) -> None:
    lab.step()
    lab.act("drop")
    for _ in range(2):
        lab.step()
    lab.set("rtt", "100ms")
    shown = lab.snapshot
    assert next(s for s in shown.settings if s.name == "rtt").shown == "100 ms"
    assert shown.passages[0].fate == "dropped"
    assert shown.passages[1].lands - shown.passages[1].left == 50 * MS
    lab.set("rtt", "soon")
    assert "soon" in lab.snapshot.told


@pytest.mark.parametrize("name", [scenario.name for scenario in shelf()][::4])
def test_stepping_comes_to_the_same_end_as_running(name: str) -> None:
    """Packet by packet with decoders beside, and at once without."""
    lab = Lab.open(name)
    lab.finish()
    run = next(scenario for scenario in shelf() if scenario.name == name).start()
    run.run()
    assert lab.snapshot.outcome == run.outcome
    assert len(lab.snapshot.passages) == len([j for j in run.journeys if j.left <= run.now])
    assert [p.left for p in lab.snapshot.passages] == sorted(j.left for j in run.journeys)
    lab.close()


# what will be


def foreseen(lab: Lab, action: str) -> tuple[Expected, Consequence | None]:
    """What the second thread would answer."""
    answers: list[tuple[Expected, Consequence | None]] = []
    ahead = Ahead(lambda expected, consequence: answers.append((expected, consequence)))
    desk = lab._desk
    hand = desk.hand
    assert hand is not None
    ask = Ask(
        desk.course.run,
        desk.moment.now,
        desk.moment.decided,
        hand.journey,
        desk.fate(action),
        action,
    )
    ahead.ask(ask)
    ahead._answer(ask)
    [answer] = answers
    return answer


def test_the_consequence_is_what_then_happens(lab: Lab) -> None:
    for _ in range(3):
        lab.step()
    expected, consequence = foreseen(lab, "drop")
    assert consequence is not None
    lab.act("drop")
    shown = finished(lab)
    again = next(p for p in shown.passages if "retransmission" in p.marks)
    assert f"client RTO at {again.left // MS}" in consequence.text
    assert f"lands {again.lands // MS} ms" in consequence.text
    assert f"{(again.lands - shown.passages[2].lands) // MS} ms late" in consequence.text
    assert expected.over


def test_what_is_expected_is_what_comes(lab: Lab) -> None:
    lab.step()
    expected, _ = foreseen(lab, "deliver")
    assert expected.packets == len(finished(lab).passages)


def test_an_acknowledgement_that_nobody_misses() -> None:
    lab = Lab.open("tcp-bulk-reno")
    for _ in range(40):
        lab.step()
        hand = lab.snapshot.hand
        if hand is not None and not hand.weighty and lab.snapshot.under_way[-1] != hand.number:
            break
    _, consequence = foreseen(lab, "drop")
    assert consequence is not None
    assert consequence.text
    lab.close()


# in threads


def settled(lab: Lab, seconds: float = 20.0) -> Snapshot:
    """Waits until what was wished is done."""
    end = time.monotonic() + seconds
    while lab.busy and time.monotonic() < end:
        time.sleep(0.005)
    assert not lab.busy
    return lab.snapshot


def test_wishes_are_done_in_order_in_a_thread(lab: Lab) -> None:
    lab.start()
    lab.step()
    lab.step()
    lab.act("drop")
    lab.step()
    assert labels(settled(lab))[:2] == ["SYN", "SYN, ACK"]
    assert lab.snapshot.passages[1].fate == "dropped"


def test_running_comes_to_the_end_and_can_be_paused(lab: Lab) -> None:
    lab.start()
    for _ in range(20):
        lab.faster(1)
    lab.run()
    shown = settled(lab)
    assert shown.outcome.over
    assert not shown.running


# what is recorded


def test_saved_with_secrets_for_the_owner_only(tmp_path: Path) -> None:
    lab = Lab.open("tls13-full")
    lab.finish()
    path = tmp_path / "run.pcapng"
    count = lab.save(str(path))
    assert count == len(lab.snapshot.passages)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    lab.close()


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_opens_what_was_saved_decrypted(tmp_path: Path) -> None:
    lab = Lab.open("tls13-full")
    for _ in range(4):
        lab.step()
    lab.act("drop")
    lab.finish()
    path = str(tmp_path / "run.pcapng")
    lab.save(path)
    argv = ["tshark", "-r", path, "-Y", "http", "-T", "fields", "-e", "http.request.method"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert "GET" in done.stdout
    lab.close()


def test_a_session_of_the_packets_so_far() -> None:
    lab = Lab.open("tls13-full")
    for _ in range(5):
        lab.step()
    session = lab.session()
    session.settle()
    assert session.total == lab.snapshot.count
    held = lab.snapshot.held
    assert held is not None
    assert "GET /" in session.row(lab.record_of(held)).info
    session.close()
    lab.close()


# what cannot be opened


def test_a_scenario_that_is_not_there_or_wrong(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no scenario 'nowhere'"):
        Lab.open("nowhere")
    path = tmp_path / "wrong.toml"
    path.write_text('title = "x"\nshows = "y"\nhots = 1\n')
    with pytest.raises(ValueError, match="host"):
        Lab.open(str(path))


def test_pausing_takes_what_is_under_way_into_the_hand(lab: Lab) -> None:
    lab._desk.run_to(WAY // 4)
    assert lab._desk.hand is None
    lab._running = True
    lab.run()
    hand = lab.snapshot.hand
    assert hand is not None
    assert hand.label == "SYN"
    lab.act("drop")
    assert lab.snapshot.passages[0].fate == "dropped"


def test_what_made_a_host_send_is_told(lab: Lab) -> None:
    lab.step()
    lab.act("drop")
    lab.step()
    hand = lab.snapshot.hand
    assert hand is not None
    assert hand.why == "RTO"
    lab.step()
    hand = lab.snapshot.hand
    assert hand is not None
    assert (hand.label, hand.why) == ("SYN, ACK", "#2")
