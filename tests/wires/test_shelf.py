"""Every scenario of the shelf does what its file says is to be seen."""

from __future__ import annotations

import pytest
from expectations import complaints

from wirestep.wires.scenario import Scenario, shelf


@pytest.mark.parametrize("scenario", shelf(), ids=lambda scenario: scenario.name)
def test_what_is_expected_is_seen(scenario: Scenario) -> None:
    run = scenario.start()
    run.run()
    assert list(complaints(scenario, run)) == []


@pytest.mark.parametrize("scenario", shelf(), ids=lambda scenario: scenario.name)
def test_people_are_told_what_it_is_about(scenario: Scenario) -> None:
    assert 4 < len(scenario.title) <= 60
    assert scenario.shows.endswith(".")
    assert 30 < len(scenario.shows) < 260
    assert scenario.expect


def test_there_are_many_and_no_two_are_called_alike() -> None:
    assert len(shelf()) >= 25
    assert len({scenario.title for scenario in shelf()}) == len(shelf())
