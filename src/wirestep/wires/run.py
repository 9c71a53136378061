"""A run: hosts on a virtual wire. Nothing moves unless it is told to; time is nanoseconds from 0.

After each call all that happens up to `now` has happened, so what is decided then is decided at
one place of one story, and the same decisions at the same times make the same run again.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from wirestep.exchange.contract import Done, Response

from .contract import SECOND, Fate, Journey, Outcome, Party, Said, Timer
from .faults import Script
from .frames import version
from .host import Host
from .plan import Plan
from .virtual import VirtualWire
from .world import Stuck, World


class Decision(NamedTuple):
    """What somebody chose to do with a packet, and when."""

    time: int
    number: int
    fate: Fate | None
    """None: it was held, or released."""
    held: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What a program told."""

    time: int
    host: int
    value: object


class Run:
    """One run of a plan, as far as it has gone."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.world = World(plan.seed)
        self.said: list[Said] = []
        self.secrets: list[str] = []
        """Lines of a key log; each is here before the first packet that needs it."""
        self.heard: list[Heard] = []
        """What the programs told: a Response for each request, Done at the end."""
        self.decisions: list[Decision] = []
        self.under_hand: int | None = None
        """The packet that the last step stopped at; None where it was no step of a packet."""
        self._known: set[str] = set()
        self._middles: list[tuple[int, int]] = []
        self._reason, self._running = "", 0
        self.wire = VirtualWire(plan, self.world)
        self.wire.met = self._met
        actors = plan.cast(self.world.chance)
        self.hosts = [Host(place, actor, self) for place, actor in enumerate(actors)]
        self.wire.join(self.hosts)
        if plan.faults:
            names = [host.name for host in self.hosts]
            self.wire.judge = Script(plan.faults, names, lambda: self.secrets).judge
        self._running = sum(len(actor.programs) for actor in actors)
        self.world.at(0, self._start)

    def _start(self) -> None:
        for host in self.hosts:
            host.start()

    # what hosts ask of their surroundings

    def send(self, place: int, data: bytes, note: str = "") -> int:
        """Put an IP packet on the wire; gives its number."""
        return self.wire.send(place, data, note)

    def say(self, place: int, text: str) -> None:
        """Something for the people watching."""
        self.said.append(Said(self.world.now, place, text))

    def secret(self, line: str) -> None:
        """A line of a key log; both ends tell theirs, it is kept once."""
        if line not in self._known:
            self._known.add(line)
            self.secrets.append(line)

    def hear(self, place: int, value: object) -> None:
        """What a program tells."""
        self.heard.append(Heard(self.world.now, place, value))
        if isinstance(value, Done):
            self._running -= 1

    def address(self, name: str) -> str | None:
        """The address of a host that is called by its name; addresses are their own."""
        if any(name in host.addresses for host in self.hosts):
            return name
        named = (host for host in self.hosts if name in (host.name, *host.actor.called))
        return next((host.addresses[0] for host in named), name if _is_address(name) else None)

    def _met(self, journey: Journey) -> None:
        heapq.heappush(self._middles, (journey.middle, journey.number))

    # as it stands

    @property
    def now(self) -> int:
        """Nanoseconds since the run began."""
        return self.world.now

    @property
    def journeys(self) -> list[Journey]:
        """All packets that were sent, by number; it only grows, entries are replaced."""
        return self.wire.journeys

    @property
    def under_way(self) -> list[int]:
        """Packets that left and have not landed, the oldest first; lost ones until they would."""
        return self.wire.under_way

    def parties(self) -> tuple[Party, ...]:
        """All conversations of all hosts."""
        return tuple(party for host in self.hosts for party in host.parties())

    def timers(self) -> tuple[Timer, ...]:
        """What will happen if nothing else does."""
        return tuple(timer for host in self.hosts for timer in host.timers())

    @property
    def responses(self) -> list[Response]:
        """What the client got, in the order in which it came."""
        return [told.value for told in self.heard if isinstance(told.value, Response)]

    @property
    def outcome(self) -> Outcome:
        """How it ended, or that it has not."""
        done = [told.value for told in self.heard if isinstance(told.value, Done)]
        return Outcome(
            self._over(), self._reason, next((one.error for one in done if one.error), "")
        )

    def _over(self) -> bool:
        return bool(self._reason) or self._next is None

    @property
    def _next(self) -> int | None:
        """When something happens next that anybody waits for."""
        return self.world.next if self.world.busy or self._running > 0 else None

    # time passes

    def _step(self) -> bool:
        """The next event; False where the run is over."""
        time = self._next
        if self._reason or time is None:
            return False
        if time > self.plan.most_time:
            self._reason = f"it was not over after {self.plan.most_time // SECOND:,} s"
            return False
        try:
            return self.world.step()
        except Stuck as stuck:
            self._reason = str(stuck)
            return False

    def step_packet(self) -> bool:
        """Go on until the next packet is half way, and is under the hand; False: it is over."""
        self.under_hand = None
        while True:
            middle = self._middles[0] if self._middles else None
            time = None if self._reason else self._next
            if middle is not None and (time is None or middle[0] < time):
                heapq.heappop(self._middles)
                self.world.pass_until(middle[0])
                self.under_hand = middle[1]
                return True
            if not self._step():
                return False

    def step_flight(self) -> bool:
        """Go on to the last packet of the next flight: what one host sends without hearing more."""
        if not self.step_packet():
            return False
        assert self.under_hand is not None
        first = self.journeys[self.under_hand]
        while self._middles:
            following = self.journeys[self._middles[0][1]]
            if following.sender != first.sender or following.left > first.middle:
                return True
            self.step_packet()
        return True

    def step_until(self, wanted: Callable[[Run], bool]) -> bool:
        """Go on, event by event, until `wanted` holds; False: it is over before that."""
        self.under_hand = None
        while not wanted(self):
            if not self._step():
                return False
            self._forget_middles()
        return True

    def run_to(self, time: int) -> bool:
        """Go on to `time`; False: it is over."""
        self.under_hand = None
        while not self._over() and (self._next or 0) <= time:
            if not self._step():
                break
        going = not self._over()
        self.world.pass_until(time)
        self._forget_middles()
        return going

    def run(self) -> Outcome:
        """Go on to the end; what is held stays where it is."""
        self.under_hand = None
        while self._step():
            pass
        self._forget_middles()
        return self.outcome

    def _forget_middles(self) -> None:
        while self._middles and self._middles[0][0] <= self.now:
            heapq.heappop(self._middles)

    # what is decided

    def decide(self, number: int, fate: Fate) -> None:
        """Choose what becomes of a packet that is under way; the last choice counts.

        Raises:
            ValueError: the packet is not under way.
        """
        self.wire.decide(number, fate)
        self.decisions.append(Decision(self.now, number, fate))

    def hold(self, number: int) -> None:
        """Stop a packet where it is, while time goes on for the rest.

        Raises:
            ValueError: the packet is not under way.
        """
        self.wire.hold(number)
        self.decisions.append(Decision(self.now, number, None, True))

    def release(self, number: int) -> None:
        """Let a packet that is held fly on.

        Raises:
            ValueError: the packet is not held.
        """
        self.wire.release(number)
        self.decisions.append(Decision(self.now, number, None))

    def again(self, until: int) -> Run:
        """The same run from its start to `until`, ns, with the decisions made by then."""
        run = Run(self.plan)
        for decision in self.decisions:
            if decision.time > until:
                break
            run.run_to(decision.time)
            run.repeat(decision)
        run.run_to(until)
        return run

    def repeat(self, decision: Decision) -> None:
        """Do what was decided in another run of the same plan."""
        if decision.fate is not None:
            self.decide(decision.number, decision.fate)
        elif decision.held:
            self.hold(decision.number)
        else:
            self.release(decision.number)

    def branch(self, at: int, fate: Fate) -> Run:
        """Another run, equal to this one until packet `at` is half way, and there decided anew.

        Raises:
            ValueError: there is no such packet yet.
        """
        if not 0 <= at < len(self.journeys):
            raise ValueError(f"there is no packet {at + 1} yet")
        run = self.again(self.journeys[at].middle)
        run.decide(at, fate)
        return run


def _is_address(name: str) -> bool:
    try:
        version(name)
    except ValueError:
        return False
    return True
