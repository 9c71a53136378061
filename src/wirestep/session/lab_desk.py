"""What lies on the desk of a lab: the branches of a run, which moment is looked at, what is wished.

All here happens at once, in the caller's thread; `lab.Lab` keeps the screen waiting for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from wirestep.decode.contract import Registry
from wirestep.model import safe
from wirestep.timeline.select import BadFilter
from wirestep.wires.contract import MS, Fate
from wirestep.wires.frames import repaired
from wirestep.wires.plan import Plan

from .lab_course import Course, Moment
from .lab_settings import changes, put, settings
from .lab_until import StateWish, state_wish, states
from .lab_views import Branch, Consequence, Expected, Host, Passage, Shelved, Snapshot

MOST_BRANCHES = 26
ROWS, MOST_ROWS = 5, 12
"""Rows of the slowest way across: usually; and at most, where others are much quicker."""
Going = Callable[[], bool]
"""Whether to go on with something that may take long."""


class Desk:
    """The branches of one scenario; one of them, at one moment, is looked at."""

    def __init__(self, about: Shelved, plan: Plan, registry: Registry) -> None:
        self.about, self.usual, self.registry = about, plan, registry
        self.course = Course("A", plan, registry)
        self.courses: dict[str, Course] = {"A": self.course}
        self.place = 0
        self.version = 0

    # where we are

    @property
    def moment(self) -> Moment:
        """The one that is looked at."""
        return self.course.moments[self.place]

    @property
    def newest(self) -> bool:
        """Whether the present of the run is looked at."""
        return self.place == len(self.course.moments) - 1

    @property
    def hand(self) -> Passage | None:
        """The packet under the hand, as it is now."""
        held = self.moment.held
        return None if held is None else self.course.passages[held]

    @property
    def way(self) -> int:
        """What one way across takes, as the link says."""
        links = list(self.course.plan.links.values()) or [self.course.plan.link]
        return max(link.delay for link in links)

    @property
    def pace(self) -> int:
        """Ns that a row of the ladder should stand for: slow ways in a few rows, quick in two."""
        links = list(self.course.plan.links.values()) or [self.course.plan.link]
        ways = sorted(link.delay for link in links if link.delay)
        if not ways:
            return MS
        usual = ways[-1] // ROWS
        return max(1000, min(usual, max(ways[0] // 2, ways[-1] // MOST_ROWS)))

    def host_names(self) -> tuple[str, ...]:
        """By place."""
        return tuple(host.name for host in self.course.run.hosts)

    # forward and back

    def step(self) -> bool:
        """To the next packet, in the record or beyond it; False where the run is over."""
        if not self.newest:
            self.place += 1
            return True
        going = self.course.step()
        self.place = len(self.course.moments) - 1
        return going

    def flight(self, going: Going) -> bool:
        """To the first packet that somebody else sends."""
        before = self.hand
        while going() and self.step():
            hand = self.hand
            if before is None or (hand is not None and hand.sender != before.sender):
                return True
        return False

    def message(self, going: Going) -> bool:
        """To the next packet that completes a message."""
        while going() and self.step():
            held = self.moment.held
            if held is not None and self.course.completes(held):
                return True
        return False

    def finish(self, going: Going) -> bool:
        """To the end of the run."""
        while going() and self.step():
            pass
        return self.course.run.outcome.over

    def until(self, text: str, going: Going) -> bool:
        """On until a packet passes a display filter, or an end comes to a state.

        Raises:
            BadFilter: it is neither.
        """
        wish = self.wished(text)
        self.place = len(self.course.moments) - 1
        reader = self.course.reader
        if wish is None:
            reader.watch(text)
        try:
            while going() and self.step():
                if reader.matched if wish is None else self._stands(wish):
                    return True
        finally:
            reader.watch("")
        return False

    def _stands(self, wish: StateWish) -> bool:
        return wish.met(self.moment.parties, self.host_names())

    def wished(self, text: str) -> StateWish | None:
        """The state that `text` names; None where it is a display filter.

        Raises:
            BadFilter: it is neither.
        """
        wish = state_wish(text, self.host_names())
        known = {state.lower() for state in self.known_states()}
        if wish is not None and wish.state in known:
            return wish
        try:
            self.course.reader.check(text)
        except BadFilter:
            if wish is None:
                raise
            return wish
        return None

    def known_states(self) -> list[str]:
        """States that can be waited for."""
        return states(self.course.run.parties())

    def go(self, by: int) -> None:
        """Through the record."""
        self.place = max(0, min(len(self.course.moments) - 1, self.place + by))

    def run_to(self, time: int) -> bool:
        """On to a time; False where the run is over."""
        self.place = len(self.course.moments) - 1
        going = self.course.run_to(time)
        self.place = len(self.course.moments) - 1
        return going

    # what is done to packets

    def grab(self) -> None:
        """Take a packet under way into the hand, where there is none: the one that left last."""
        if self.moment.held is None and self.moment.under:
            self.pick(-1)

    def pick(self, by: int) -> None:
        """Another packet under way comes under the hand."""
        under = [passage.number for passage in self.moment.under]
        if not under:
            return
        held = self.moment.held
        at = (under.index(held) + by) % len(under) if held in under else min(0, by)
        self.course.moments[self.place] = self.moment._replace(held=under[at])

    def fate(self, action: str, data: bytes | None = None) -> Fate:
        """What an action does to the packet under the hand."""
        hand = self.hand
        if action == "delay":
            return Fate("delay", delay=max(MS, 2 * self.way))
        if action == "duplicate":
            return Fate("duplicate", delay=max(MS, self.way // 4))
        if action == "corrupt" and hand is not None:
            return Fate("corrupt", bit=4 * hand.size)
        if action == "edit" and data is not None:
            return Fate("edit", data=repaired(data))
        return Fate("drop") if action == "drop" else Fate()

    def decide(self, fate: Fate) -> str:
        """Do something to the packet under the hand; in the past this begins a branch.

        Raises:
            ValueError: there is none, or it is not under way any more; one sentence.
        """
        held = self.moment.held
        if held is None:
            raise ValueError("no packet is under the hand: . lets the next one come half way")
        if held not in {passage.number for passage in self.moment.under}:
            raise ValueError(f"packet {held + 1} is not under way at this moment")
        forked = "" if self.newest else self._fork()
        self.course.decide(held, fate)
        self.place = len(self.course.moments) - 1
        return forked

    def hold(self) -> bool:
        """Stop the packet under the hand on its way, or let it go; whether it is stopped now.

        Raises:
            ValueError: there is none, or it is not under way any more; one sentence.
        """
        held = self.moment.held
        if held is None:
            raise ValueError("no packet is under the hand: . lets the next one come half way")
        if not self.newest:
            self._fork()
        stopped = self.course.hold(held)
        self.place = len(self.course.moments) - 1
        return stopped

    def _fork(self) -> str:
        if len(self.courses) >= MOST_BRANCHES:
            raise ValueError(f"there are {MOST_BRANCHES} branches already")
        name = chr(ord(max(self.courses)) + 1)
        self.course = self.courses[name] = self.course.forked(name, self.place)
        self.place = len(self.course.moments) - 1
        return name

    def undo(self) -> str:
        """Take the last decision of the branch back; what it was, "" where there is none."""
        told = self.course.last_told
        if not told:
            return ""
        self._replace(self.course.without_last())
        return told

    def set(self, name: str, value: int | float) -> None:
        """Another number of the link: the branch is run anew with the same decisions.

        Raises:
            BadSetting: there is no such setting.
        """
        plan = put(self.course.plan, name, value)
        if plan != self.course.plan:
            self._replace(self.course.anew(plan))

    def _replace(self, course: Course) -> None:
        self.course = self.courses[course.name] = course
        self.place = len(course.moments) - 1

    def switch(self, name: str) -> None:
        """Look at another branch, at its newest moment."""
        self.course = self.courses[name]
        self.place = len(self.course.moments) - 1

    def patched(self, offset: int, data: bytes) -> bytes:
        """The packet under the hand with other bytes from `offset` on.

        Raises:
            ValueError: it is not that long; one sentence.
        """
        hand = self.hand
        if hand is None:
            raise ValueError("no packet is under the hand")
        whole = self.course.run.journeys[hand.journey].data
        if offset + len(data) > len(whole):
            raise ValueError(f"the packet has {len(whole)} bytes")
        return whole[:offset] + data + whole[offset + len(data) :]

    # what there is to see

    def snapshot(
        self,
        *,
        running: bool = False,
        speed: str = "",
        stopped: str = "",
        told: str = "",
        tellings: int = 0,
        expected: Expected | None = None,
        consequences: Mapping[str, Consequence] = MappingProxyType({}),
    ) -> Snapshot:
        """The desk as it is."""
        self.version += 1
        course, moment = self.course, self.moment
        run = course.run
        return Snapshot(
            version=self.version,
            name=self.about.name,
            title=self.about.title,
            about=self.about.about,
            branch=course.name,
            now=moment.now,
            place=self.place,
            places=len(course.moments),
            hosts=tuple(Host(safe(host.name), host.addresses[0]) for host in run.hosts),
            passages=self._passages(moment),
            count=moment.left,
            under_way=tuple(passage.number for passage in moment.under),
            way=self.way,
            pace=self.pace,
            held=moment.held,
            parties=moment.parties,
            timers=moment.timers,
            said=tuple(replace(said, text=safe(said.text)) for said in run.said[: moment.said]),
            outcome=moment.outcome,
            settings=settings(course.plan, self.usual),
            branches=tuple(self._branch(each) for each in self.courses.values()),
            undoable=course.last_told,
            running=running,
            speed=speed,
            stopped=stopped,
            told=told,
            tellings=tellings,
            expected=expected,
            consequences=consequences,
        )

    def _passages(self, moment: Moment) -> tuple[Passage, ...]:
        """All packets of the branch; those under way as they were at the moment."""
        if self.newest:
            return tuple(self.course.passages)
        shown = list(self.course.passages)
        for passage in moment.under:
            shown[passage.number] = passage
        return tuple(shown)

    def _branch(self, course: Course) -> Branch:
        outcome = course.run.outcome
        return Branch(
            course.name,
            course.origin,
            course.told(),
            len(course.passages),
            course.run.now,
            outcome.over,
            safe(outcome.error or outcome.reason),
            changes(course.plan, self.usual),
        )


__all__ = ["BadFilter", "Desk", "Going"]
