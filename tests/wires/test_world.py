"""Order of events, and runs that would never end."""

from __future__ import annotations

import pytest

from wirestep.wires.world import MOST_AT_ONCE, Stuck, World


def test_events_come_in_order_of_time_then_of_planning() -> None:
    world, seen = World(0), []
    for time, name in ((5, "d"), (1, "a"), (1, "b"), (3, "c"), (5, "e")):
        world.at(time, lambda name=name, time=time: seen.append((world.now, time, name)))
    while world.step():
        pass
    assert seen == [(1, 1, "a"), (1, 1, "b"), (3, 3, "c"), (5, 5, "d"), (5, 5, "e")]


def test_what_is_called_off_does_not_happen() -> None:
    world, seen = World(0), []
    first = world.at(1, lambda: seen.append(1))
    world.at(2, lambda: seen.append(2))
    assert world.busy == 2
    first.cancel()
    first.cancel()
    assert (world.busy, world.next) == (1, 2)
    while world.step():
        pass
    assert (seen, world.busy, world.next) == ([2], 0, None)


def test_the_past_is_now() -> None:
    world, seen = World(0), []
    world.at(10, lambda: world.at(3, lambda: seen.append(world.now)))
    while world.step():
        pass
    assert seen == [10]


def test_time_that_does_not_pass_is_noticed() -> None:
    world = World(0)

    def again() -> None:
        world.at(world.now, again)

    world.at(7, again)
    for _ in range(MOST_AT_ONCE):
        world.step()
    with pytest.raises(Stuck, match="without time passing"):
        world.step()


def test_streams_of_chance_are_apart_and_repeatable() -> None:
    one, two = World(4), World(4)
    one.chance("a").randbytes(5)
    assert one.chance("b").randbytes(8) == two.chance("b").randbytes(8)
    assert one.chance("a").randbytes(8) != one.chance("b").randbytes(8)
    assert World(5).chance("b").randbytes(8) != two.chance("b").randbytes(8)
