"""One branch of a lab: a run, what was decided in it, and every moment at which it stood."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import NamedTuple

from wirestep.decode.contract import Registry
from wirestep.model import safe
from wirestep.wires.contract import Fate, Journey, Outcome, Party, Timer
from wirestep.wires.plan import Plan
from wirestep.wires.run import Decision, Run

from .lab_views import Passage
from .lab_words import AGAIN, Reader, Word

LONELY = ("lost", "dropped", "queue full", "too large", "no such host")
"""Fates of packets that do not arrive."""
MOST_MOMENTS = 4000
"""Moments that are kept; of a longer run the oldest are let go."""
FAR = 200
"""Packets among which one that is sent again is looked for."""
DID = {
    "deliver": "delivered",
    "drop": "dropped",
    "delay": "delayed",
    "duplicate": "duplicated",
    "corrupt": "corrupted",
    "edit": "edited",
}


class Moment(NamedTuple):
    """The run as it stood once."""

    now: int
    held: int | None
    """The passage under the hand."""
    left: int
    """Passages that had left."""
    under: tuple[Passage, ...]
    """Those under way, as they were then."""
    parties: tuple[Party, ...]
    timers: tuple[Timer, ...]
    said: int
    """Lines said by then."""
    decided: int
    """Decisions made by then."""
    outcome: Outcome


class Course:
    """A run and its record. Steps only forward; what was, is kept as moments."""

    def __init__(self, name: str, plan: Plan, registry: Registry, run: Run | None = None) -> None:
        self.name, self.plan, self.registry = name, plan, registry
        self.origin = ""
        self.run = run or Run(plan)
        self.reader = Reader(registry)
        self.passages: list[Passage] = []
        self._words: list[Word] = []
        self._place: dict[int, int] = {}
        """By the wire's number: place among the passages."""
        self._waiting: list[tuple[int, int]] = []
        """(when it leaves, number) of packets in a queue."""
        self._known = 0
        self._stopped: dict[int, int] = {}
        """By the wire's number: when a packet was stopped on its way."""
        self._moving: set[int] = set()
        """By the wire's number: those that may still change."""
        self.moments: list[Moment] = []
        self.missed = 0
        """Moments that were let go."""
        self.record(None)

    # forward

    def step(self) -> bool:
        """To the next packet; False where the run is over."""
        if not self.run.step_packet():
            self.record(None)
            return False
        self.record(self.run.under_hand)
        return True

    def run_to(self, time: int) -> bool:
        """On to a time; it is a moment of its own where a packet has left or landed meanwhile."""
        before = self.moments[-1]
        going = self.run.run_to(time)
        alike = before.held is None and before.left == self._leaving()
        if alike and len(self.moments) > 1:
            self.moments.pop()
        self.record(None)
        return going

    def _leaving(self) -> int:
        """How many packets have left, whether they were looked at or not."""
        now, journeys = self.run.now, self.run.journeys
        waiting = sum(1 for left, _ in self._waiting if left <= now)
        fresh = sum(1 for journey in journeys[self._known :] if journey.left <= now)
        return len(self.passages) + waiting + fresh

    def record(self, hand: int | None) -> None:
        """Keep the present as a moment; `hand`: the packet under the hand, as the wire counts."""
        self._look()
        moment = self._moment(None if hand is None else self._place[hand])
        self.moments.append(moment)
        if len(self.moments) > MOST_MOMENTS:
            self.missed += len(self.moments) - MOST_MOMENTS
            del self.moments[: len(self.moments) - MOST_MOMENTS]

    def _moment(self, held: int | None) -> Moment:
        run = self.run
        under = tuple(self.passages[self._place[n]] for n in run.under_way if n in self._place)
        return Moment(
            run.now,
            held,
            len(self.passages),
            under,
            run.parties(),
            run.timers(),
            len(run.said),
            len(run.decisions),
            run.outcome,
        )

    def _look(self) -> None:
        """Takes in packets that have left, and what became of those before."""
        run, journeys = self.run, self.run.journeys
        self.reader.learn(run.secrets)
        for journey in journeys[self._known :]:
            heapq.heappush(self._waiting, (journey.left, journey.number))
        self._known = len(journeys)
        for number in self._moving:
            self.passages[self._place[number]] = self._passage(journeys[number])
        under = set(run.under_way)
        self._moving &= under
        while self._waiting and self._waiting[0][0] <= run.now:
            _, number = heapq.heappop(self._waiting)
            self._place[number] = len(self.passages)
            self._words.append(self._named(journeys[number], self.reader.read(journeys[number])))
            self.passages.append(self._passage(journeys[number]))
            self._moving.add(number)

    def _named(self, journey: Journey, word: Word) -> Word:
        """What is sent again is called what it was called before."""
        if AGAIN not in word.marks or word.whole:
            return word
        way, size = (journey.sender, journey.target), len(journey.data)
        for passage in reversed(self.passages[-FAR:]):
            alike = (passage.sender, passage.target) == way and passage.size == size
            if alike and passage.weighty:
                return word._replace(label=passage.label, hue=passage.hue)
        return word

    def _passage(self, journey: Journey) -> Passage:
        place = self._place[journey.number]
        word = self._words[place]
        stopped = self._stopped.get(journey.number)
        would = 2 * journey.middle - journey.left
        copied = None if journey.copy_of is None else self._place.get(journey.copy_of)
        return Passage(
            place,
            journey.number,
            journey.sender,
            journey.target,
            journey.left,
            would if journey.lands is None else journey.lands,
            journey.fate in LONELY,
            stopped,
            safe(journey.fate),
            word.label,
            word.hue,
            len(journey.data),
            word.weighty,
            word.marks,
            self._why(journey.cause),
            copied,
        )

    def _why(self, cause: int | str | None) -> str:
        """What made a host send a packet: another one that landed, or a timer that rang."""
        if isinstance(cause, str):
            return safe(cause)
        place = None if cause is None else self._place.get(cause)
        return "" if place is None else f"#{place + 1}"

    def completes(self, passage: int) -> bool:
        """Whether a packet completes a message, not only a part of one."""
        return self._words[passage].whole

    # what is decided

    def decide(self, passage: int, fate: Fate) -> None:
        """Choose what becomes of a packet under way.

        Raises:
            ValueError: it is not under way any more.
        """
        self.run.decide(self.passages[passage].journey, fate)
        self._again(passage)

    def hold(self, passage: int) -> bool:
        """Stop a packet on its way, or let it go; whether it is stopped now.

        Raises:
            ValueError: it is not under way any more.
        """
        number = self.passages[passage].journey
        stops = number not in self._stopped
        if stops:
            self.run.hold(number)
            self._stopped[number] = self.run.now
        else:
            self.run.release(number)
            del self._stopped[number]
        self._again(passage)
        return stops

    def _again(self, held: int | None) -> None:
        """The present is looked at anew: its moment takes the place of the last."""
        self._look()
        self.moments[-1] = self._moment(held)

    # elsewhere

    def forked(self, name: str, place: int) -> Course:
        """Another branch, equal to this one up to one of its moments; its record begins with it."""
        at = self.moments[place]
        decisions = self.run.decisions[: at.decided]
        course = self._replayed(name, decisions, place, at.held)
        course.origin = self.name
        return course

    def without_last(self) -> Course:
        """This branch as it was before the last decision was made in it."""
        *decisions, last = self.run.decisions
        place = max(n for n, moment in enumerate(self.moments) if moment.now <= last.time)
        course = self._replayed(self.name, decisions, place, self._place.get(last.number))
        course.origin = self.origin
        return course

    def _replayed(
        self, name: str, decisions: Sequence[Decision], place: int, held: int | None
    ) -> Course:
        """The same run once more, up to a moment of this one, with these decisions only."""
        course = Course(name, self.plan, self.registry)
        for decision in decisions:
            course.run.run_to(decision.time)
            course._look()
            course.repeat(decision)
        course.run.run_to(self.moments[place].now)
        course.missed, course.moments = self.missed, self.moments[: place + 1]
        course._look()
        course._again(held if held is not None and held < len(course.passages) else None)
        return course

    def repeat(self, decision: Decision) -> None:
        """Do what was decided in another run; what is not under way here is left alone."""
        passage = self._place.get(decision.number)
        if passage is None or decision.number not in self.run.under_way:
            return
        if decision.fate is not None:
            self.decide(passage, decision.fate)
        elif decision.held == (decision.number not in self._stopped):
            self.hold(passage)

    def anew(self, plan: Plan) -> Course:
        """The same decisions about the same packets over another plan, as far in packets."""
        course = Course(self.name, plan, self.registry)
        course.origin = self.origin
        wanted = {decision.number: decision for decision in self.run.decisions}
        while len(course.passages) < self.moments[-1].left and course.step():
            for number in [n for n in wanted if n in course._place]:
                course.repeat(wanted.pop(number))
        return course

    def told(self) -> str:
        """What was decided, in words: "#5 dropped"."""
        texts = []
        for decision in self.run.decisions:
            place = self._place.get(decision.number)
            number = "#?" if place is None else f"#{place + 1}"
            texts.append(f"{number} {_did(decision)}")
        return ", ".join(texts)

    @property
    def last_told(self) -> str:
        """The last decision in words; "" where there is none."""
        return self.told().rsplit(", ", 1)[-1]


def _did(decision: Decision) -> str:
    if decision.fate is None:
        return "stopped" if decision.held else "let go"
    return DID[decision.fate.kind]
