"""What will be: runs ahead of the one that is held, in a thread of their own, and compared.

A run cannot be copied, but the same plan with the same decisions makes the same run again.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wirestep.model import safe
from wirestep.timeline.times import milliseconds
from wirestep.wires.contract import Fate, Journey
from wirestep.wires.run import Run

from .lab_views import Consequence, Expected

MOST = 20_000
"""Packets that are looked ahead; what comes after is not worth the time."""
REST = 0.12
"""Seconds without another question until one is answered: keys come first."""
MOST_LEFTS = 5_000
"""Times of leaving that are told."""
NOTHING = "nobody misses it: everything else happens as it would have"


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: what becomes of a run, and what if something is done to a packet?"""

    run: Run
    now: int
    decided: int
    """Decisions made by then."""
    journey: int | None
    """The packet; None where only the run is asked for."""
    fate: Fate | None
    action: str


@dataclass(frozen=True, slots=True)
class Future:
    """A run at its end."""

    run: Run
    done: int
    """When the client was done, or the last packet landed."""


Tell = Callable[[Expected, Consequence | None], None]


class Ahead:
    """Answers the latest question; those before it are let go."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._news = threading.Event()
        self._asked: Ask | None = None
        self._closed = False
        self._known: tuple[Run, int, Future] | None = None
        """Of a run and so many decisions: how it ends if nobody does more."""
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to work in a thread."""
        self._thread = threading.Thread(target=self._work, name="lab ahead", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread soon."""
        self._closed = True
        self._news.set()
        if self._thread is not None:
            self._thread.join()

    def ask(self, asked: Ask) -> None:
        """Ask something else."""
        self._asked = asked
        self._news.set()

    def _work(self) -> None:
        while not self._closed:
            self._news.wait()
            self._news.clear()
            if self._news.wait(REST):
                # Somebody steps on: nobody reads what would become of this packet.
                continue
            asked = self._asked
            if asked is not None and not self._closed:
                # An engine of other people may fail in a future that nobody wished for.
                with contextlib.suppress(Exception):
                    self._answer(asked)

    def _stale(self, asked: Ask) -> bool:
        return self._closed or asked is not self._asked

    def _answer(self, asked: Ask) -> None:
        usual = self._usual(asked)
        if usual is None:
            return
        expected = _expected(usual)
        if asked.journey is None or asked.fate is None:
            self._tell(expected, None)
            return
        other = replayed(asked.run, asked.decided, asked.now)
        try:
            other.decide(asked.journey, asked.fate)
        except ValueError:
            self._tell(expected, None)
            return
        future = self._to_its_end(other, asked)
        if future is not None:
            parts = told(asked, usual, future)
            text = "".join(text for text, _ in parts)
            self._tell(expected, Consequence(asked.action, text, parts))

    def _usual(self, asked: Ask) -> Future | None:
        """How it ends if nobody does more."""
        known = self._known
        if known is not None and known[0] is asked.run and known[1] == asked.decided:
            return known[2]
        found = self._to_its_end(replayed(asked.run, asked.decided, asked.now), asked)
        if found is not None:
            self._known = asked.run, asked.decided, found
        return found

    def _to_its_end(self, run: Run, asked: Ask) -> Future | None:
        """None where somebody asks something else meanwhile."""
        while run.step_packet() and len(run.journeys) < MOST:
            if self._stale(asked):
                return None
        lands = [j.lands for j in run.journeys if j.lands is not None]
        heard = [one.time for one in run.heard]
        return Future(run, heard[-1] if heard else max(lands, default=run.now))


def replayed(run: Run, decided: int, until: int) -> Run:
    """The same run once more up to a time, with only so many of its decisions."""
    again = Run(run.plan)
    for decision in run.decisions[:decided]:
        again.run_to(decision.time)
        again.repeat(decision)
    again.run_to(until)
    return again


def _expected(future: Future) -> Expected:
    journeys = future.run.journeys
    lefts = sorted(journey.left for journey in journeys[:MOST_LEFTS])
    ends = max((j.left if j.lands is None else j.lands for j in journeys), default=0)
    return Expected(len(journeys), ends, tuple(lefts), future.run.outcome.over)


Parts = tuple[tuple[str, bool], ...]


def told(asked: Ask, usual: Future, other: Future) -> Parts:
    """What differs, in pieces: (text, whether it is a number worth seeing)."""
    assert asked.journey is not None
    parts: list[tuple[str, bool]] = []
    before = usual.run.journeys[asked.journey]
    answer = _first_new(asked, usual.run, other.run, before)
    outcome = other.run.outcome
    if answer is not None:
        parts += _resent(asked, before, answer, other.run)
    error = outcome.error or outcome.reason
    if error and error != (usual.run.outcome.error or usual.run.outcome.reason):
        return (*_comma(parts), (safe(error), True))
    late = other.done - usual.done
    said = f"{_ms(abs(late))} late"
    if late and not any(said in text for text, _ in parts):
        word = "later" if late > 0 else "sooner"
        parts = [*_comma(parts), ("all is done ", False), (_ms(abs(late)), True)]
        parts.append((f" {word}", False))
    return tuple(parts) or ((NOTHING, False),)


def _comma(parts: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The pieces with a comma after the last, where there is one."""
    return [*parts[:-1], (parts[-1][0] + ", ", parts[-1][1])] if parts else []


def _resent(asked: Ask, before: Journey, answer: Journey, run: Run) -> Parts:
    """What the first packet is that would not have been there, and why it comes."""
    names = [host.name for host in run.hosts]
    at = replayed(run, len(run.decisions), answer.left - 1)
    due = [timer for timer in at.timers() if timer.due == answer.left]
    who = safe(names[answer.sender])
    front: Parts = ((f"{who} sends another packet at ", False), (_ms(answer.left), True))
    if due:
        front = ((f"{who} {due[0].name} at ", False), (milliseconds(answer.left, 0), True))
    same = (answer.sender, answer.target) == (before.sender, before.target)
    if not (due and same) or answer.lands is None or before.lands is None:
        return front
    late = f", {_ms(answer.lands - before.lands)} late"
    return (*front, (" → lands ", False), (_ms(answer.lands), True), (late, False))


def _first_new(asked: Ask, usual: Run, other: Run, before: Journey) -> Journey | None:
    """The packet that says the same again; else the first that would not have left then."""

    def shape(journey: Journey) -> tuple[int, int, int, int]:
        return journey.left, journey.sender, journey.target, len(journey.data)

    known = {shape(journey) for journey in usual.journeys}
    later = sorted(other.journeys, key=lambda journey: journey.left)
    fresh = [
        journey
        for journey in later
        if journey.left > asked.now and journey.copy_of is None and shape(journey) not in known
    ]
    again = (journey for journey in fresh if shape(journey)[1:] == shape(before)[1:])
    return next(again, fresh[0] if fresh else None)


def _ms(ns: int) -> str:
    return f"{milliseconds(ns, 0)} ms"
