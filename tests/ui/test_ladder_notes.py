"""Notes behind the labels of arrows: stalled windows, and what waited behind a loss."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import pytest
from screenplay import settled
from textual.pilot import Pilot

from wirestep.session.lab_record import session_of
from wirestep.timeline.ladder import Step
from wirestep.timeline.scale import Scale, Way
from wirestep.ui.screens.inspector import Inspector
from wirestep.ui.theme import DARK
from wirestep.ui.widgets.ladder_draw import Rung, draw_rung, lanes
from wirestep.ui.widgets.ladder_time import Course
from wirestep.wires.scenario import load

Open = Callable[..., AbstractAsyncContextManager[tuple[Pilot[int], Inspector]]]
MS = 1_000_000
NOTE = "held 201 ms behind packet 44"
STEP = Step(0, "message", 0, 0, 0, 1, "200 OK", "X", "blue", 0, 0, 0, (0,), 0, (), weighty=True)


def steps_of(name: str) -> tuple[Step, ...]:
    """The ladder's steps of a scenario."""
    run = load(name).start()
    run.run()
    session = session_of(run, name, run.hosts[0].name)
    session.settle()
    drawn = session.ladder()
    assert drawn is not None
    return drawn.steps


def test_what_waited_behind_a_lost_packet_says_so() -> None:
    """Streams over one connection: the lost packet was the 11th of the server; all but one wait."""
    notes = {step.label: (step.note, step.record) for step in steps_of("http2-one-loss")}
    assert notes["200 OK [1]"] == (NOTE, 43)
    assert notes["200 OK [5]"][0] == ""
    assert sum("held" in note for note, _ in notes.values()) == 5


def test_streams_that_do_not_wait_for_each_other_have_no_note() -> None:
    assert not any("held" in step.note for step in steps_of("http3-one-loss"))


@pytest.mark.parametrize("in_time", [False, True])
async def test_a_stalled_window_is_told_behind_the_label(stage: Open, in_time: bool) -> None:
    """Marked as by the list: packet 17 fills the window of the receiver, 18 tells that it did."""
    async with stage("tcp-tiny-window") as (pilot, screen):
        view = screen.ladder
        await pilot.press("2", "plus", "plus", *("t" if in_time else ""))
        await settled(pilot)
        notes = {step.record + 1: step.note for step in view.steps if step.note}
        assert notes == {
            17: "fills the window",
            18: "takes no more",
            20: "takes no more",
            22: "takes no more",
        }
        screen.ladder.show(next(row for row, step in enumerate(view.steps) if step.record == 17))
        lines = [
            "".join(part.text for part in view.render_line(y)) for y in range(view.size.height)
        ]
        assert any("ACK · takes no more" in line for line in lines)


@pytest.mark.parametrize("width", [24, 40, 60, 80, 120])
def test_a_note_takes_no_room_from_the_label(width: int) -> None:
    """Where both do not fit, the arrow is drawn as if it had no note."""
    bare, noted = drawings(STEP, width), drawings(replace(STEP, note=NOTE), width)
    if width < 80:
        assert noted == bare
    else:
        assert all(f"200 OK · {NOTE}" in text for text in noted)


def drawings(step: Step, width: int) -> tuple[str, str]:
    """A step as a row, and to scale."""
    where = lanes(width, 2, "r")
    row = draw_rung(Rung(step, "1.000", (True, True), None), where, DARK, selected=False).text
    course = Course([step], Scale({0: Way(0, 50 * MS, True)}), 0)
    tile = course.tile(0, where, DARK, ("r", 0))
    return row, "\n".join("".join(line.cells) for line in tile.lines)


@pytest.mark.parametrize("in_time", [False, True])
async def test_a_resumed_session_leads_to_its_ticket_and_back(stage: Open, in_time: bool) -> None:
    """The second connection shows a ticket of the first one; the packets are those tshark names."""
    async with stage("tls13-resumed-0rtt", size=(80, 24)) as (pilot, screen):
        view = screen.ladder
        await pilot.press("2", *("t" if in_time else ""))
        notes = {step.record + 1: (step.label, step.note) for step in view.steps if step.note}
        assert notes == {
            12: ("New Session Ticket", "resumed by packet 24"),
            24: ("Client Hello", "resumes packet 12"),
        }
        view.go(next(row for row, step in enumerate(view.steps) if step.record == 23))
        await settled(pilot)
        lines = [
            "".join(part.text for part in view.render_line(y)) for y in range(view.size.height)
        ]
        assert any(re.search(r"Client Hello.* · resumes packet 12", line) for line in lines)
        await pilot.press("T")
        assert (screen.record, view.steps[view.cursor].label) == (11, "New Session Ticket")
        await pilot.press("T")
        assert screen.record == 23
        await pilot.press("down", "T")
        assert screen.record != 11
