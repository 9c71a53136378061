"""What a scenario's file says is to be seen, held against a run of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ladders import messages

from wirestep.exchange.contract import Done, Response
from wirestep.exchange.raw import whole_body
from wirestep.exchange.site_pages import digest
from wirestep.wires.run import Run
from wirestep.wires.scenario import Scenario
from wirestep.wires.units import nanoseconds

KEYS = frozenset(
    {
        *("first_response", "done", "error", "error_begins", "statuses", "packets"),
        *("sealed", "messages", "late", "says"),
    }
)


def complaints(scenario: Scenario, run: Run) -> Iterator[str]:
    """What is not as the file says; and what must hold in every run."""
    expect = scenario.expect
    if unknown := expect.keys() - KEYS:
        yield f"nobody checks {', '.join(sorted(unknown))}"
    told = {key: _told(run, key) for key in expect if key not in ("error_begins", "messages")}
    for key, value in told.items():
        wanted = nanoseconds(expect[key]) if key in ("first_response", "done") else expect[key]
        if value != wanted and key != "late":
            yield f"{key}: {value}, not {wanted}"
    outcome = run.outcome
    begins = str(expect.get("error_begins", ""))
    if not outcome.error.startswith(begins) or (
        not begins and "error" not in expect and outcome.error
    ):
        yield f"the client says: {outcome.error}"
    if outcome.reason or not outcome.over:
        yield f"it was stopped: {outcome.reason or 'it is not over'}"
    if "late" in expect:
        late = _late(scenario, run)
        if late != expect["late"]:
            yield f"late: {late}, not {expect['late']}"
    yield from _unseen(scenario, run)
    yield from wrong_bodies(run)


def _told(run: Run, key: str) -> object:
    if key == "first_response":
        return _time(run, Response)
    if key == "done":
        return _time(run, Done)
    if key == "packets":
        return len(run.journeys)
    if key == "statuses":
        return [response.status for response in run.responses]
    if key == "says":
        return run.responses[0].body.decode()
    if key == "sealed":
        return all(whole_body(response.body) for response in run.responses)
    return run.outcome.error


def _time(run: Run, kind: type) -> int | None:
    return next((heard.time for heard in run.heard if isinstance(heard.value, kind)), None)


def _late(scenario: Scenario, run: Run) -> int:
    """How many responses came later than without the faults."""
    calm = replace(scenario, faults=()).start()
    calm.run()
    times = [
        {
            heard.value.request: heard.time
            for heard in one.heard
            if isinstance(heard.value, Response)
        }
        for one in (run, calm)
    ]
    return sum(times[0][request] > time for request, time in times[1].items())


def _unseen(scenario: Scenario, run: Run) -> Iterator[str]:
    """Fields that were to be seen on the wire, and were not."""
    wanted = scenario.expect.get("messages", {})
    assert isinstance(wanted, dict)
    if not wanted:
        return
    seen = {
        pair[:2]
        for said in messages(run, "wire", frozenset(wanted))
        for message in said
        for pair in message.values
    }
    for name, value in wanted.items():
        if (name, value) not in seen:
            found = sorted(str(one) for key, one in seen if key == name)
            yield f"{name} == {value} was not seen, but {', '.join(found) or 'nothing'}"


def wrong_bodies(run: Run) -> Iterator[str]:
    """Bodies that are not what their server says they are."""
    for response in run.responses:
        said = dict(response.headers).get("repr-digest")
        carried = dict(response.headers).get("content-encoding") is None
        if said is not None and carried and response.body and digest(response.body) != said:
            yield f"response {response.request}: {len(response.body)} bytes with a wrong digest"
