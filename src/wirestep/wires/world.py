"""A clock made of arithmetic: time passes when nothing is left to do now."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable

from wirestep.exchange.contract import Chance

from .contract import SECOND

MOST_AT_ONCE = 20_000
"""Events of one instant; more say that two parties keep each other busy without time passing."""


class Stuck(Exception):
    """A run that would never end; the text says why."""


class Appointment:
    """Something that will be done at a time, unless it is called off."""

    __slots__ = ("_world", "action", "idle", "time")

    def __init__(self, world: World, time: int, action: Callable[[], None], idle: bool) -> None:
        self._world, self.time, self.idle = world, time, idle
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """It will not be done."""
        if self.action is not None:
            self.action = None
            self._world.busy -= not self.idle


class World:
    """Events in order of time; those of one instant in the order in which they were planned."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.now = 0
        """Nanoseconds since the run began."""
        self.cause: int | str | None = None
        """Of what happens now: the packet that landed, or the name of the timer that rang."""
        self.busy = 0
        """Appointments that are not idle."""
        self._events: list[tuple[int, int, Appointment]] = []
        self._order = 0
        self._instant, self._done = -1, 0

    def chance(self, name: str) -> Chance:
        """A stream of random numbers of its own: what others draw does not shift it."""
        return random.Random(f"{self.seed} {name}")

    def at(self, time: int, action: Callable[[], None], idle: bool = False) -> Appointment:
        """Do `action` at `time`, or now where that has passed; nobody waits for what is `idle`."""
        appointment = Appointment(self, max(time, self.now), action, idle)
        self.busy += not idle
        heapq.heappush(self._events, (appointment.time, self._order, appointment))
        self._order += 1
        return appointment

    @property
    def next(self) -> int | None:
        """When something happens next; None where nothing ever will."""
        events = self._events
        while events and events[0][2].action is None:
            heapq.heappop(events)
        return events[0][0] if events else None

    def step(self) -> bool:
        """Do the next event; False where there is none.

        Raises:
            Stuck: too much happens in this instant.
        """
        if self.next is None:
            return False
        time, _, appointment = heapq.heappop(self._events)
        self.cause = None
        if time != self._instant:
            self._instant, self._done = time, 0
        self._done += 1
        if self._done > MOST_AT_ONCE:
            raise Stuck(
                f"more than {MOST_AT_ONCE:,} events at {time / SECOND:.3f} s: they go on "
                "without time passing"
            )
        self.now = time
        action = appointment.action
        assert action is not None
        appointment.cancel()
        action()
        return True

    def pass_until(self, time: int) -> None:
        """Nothing happens before `time`: it is then."""
        self.now = max(self.now, time)
