"""A race: one question over several stacks, each run by the lab, all on one clock from 0."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import NamedTuple

from wirestep.exchange.contract import Done, Response
from wirestep.model import safe
from wirestep.protocols import registry
from wirestep.wires.contract import MS, START
from wirestep.wires.run import Run
from wirestep.wires.scenario import load

from .billing import Bill, BillLine
from .lab_course import LONELY
from .lab_record import session_of
from .lab_words import Reader
from .racing_wish import RaceWish
from .session import Session

MOST_PACKETS = 20_000
"""Of a lane; a longer one is stopped."""
LOST = ("timeout", "loss")
"""Kinds of wait that a lost packet made."""


class Flight(NamedTuple):
    """One packet of a lane; times are ns since the race began."""

    left: int
    lands: int
    """When it arrives, or would have arrived."""
    out: bool
    """The client sent it."""
    lost: bool
    weighty: bool
    """It carries more than an acknowledgment."""
    hue: str
    size: int
    """Bytes of the IP packet."""
    label: str


class Leg(NamedTuple):
    """A stretch of a lane, charged to one phase."""

    phase: str
    hue: str
    start: int
    stop: int
    trips: int
    lost: bool
    """It was spent on a lost packet."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One runner, at the end of the race. All text is safe."""

    number: int
    """From 1."""
    title: str
    badges: tuple[str, ...]
    about: str
    flights: tuple[Flight, ...]
    legs: tuple[Leg, ...]
    done: int | None
    """Ns, when the whole answer was there; None: it never was."""
    error: str
    """Why not."""
    bill: Bill | None

    @property
    def ends(self) -> int:
        """When nothing more is to be seen."""
        last = max((flight.lands for flight in self.flights), default=0)
        return last if self.done is None else self.done

    @property
    def trips(self) -> int:
        """Round trips to the last byte."""
        return sum(leg.trips for leg in self.legs)

    def round_trips(self) -> list[tuple[str, str, int, bool]]:
        """(phase, hue, round trips, whether it was the wait for what was lost), in order."""
        paid = [leg for leg in self.legs if leg.trips or leg.lost]
        found = []
        for (phase, lost), legs in groupby(paid, key=lambda leg: (leg.phase, leg.lost)):
            alike = list(legs)
            found.append((phase, alike[0].hue, sum(leg.trips for leg in alike), lost))
        return found

    def sent(self, now: int) -> list[Flight]:
        """Packets that have left by `now`."""
        return [flight for flight in self.flights if flight.left <= now]


@dataclass(frozen=True, slots=True)
class Race:
    """All lanes that have been run so far."""

    wish: RaceWish
    lanes: tuple[Lane, ...]
    over: bool = False
    """All of them have been run."""

    @property
    def ends(self) -> int:
        """When the last lane ends."""
        return max((lane.ends for lane in self.lanes), default=0)

    def placed(self) -> list[Lane]:
        """The lanes, the fastest first; those that never end last."""
        return sorted(self.lanes, key=lambda lane: (lane.done is None, lane.ends, -lane.number))


class Part(NamedTuple):
    """A lane before the race."""

    title: str
    badges: tuple[str, ...]
    about: str
    scenario: str
    version: str | None


@cache
def parts() -> tuple[Part, ...]:
    """The lanes of every race."""
    table = tomllib.loads(files(__package__).joinpath("racing.toml").read_text("utf-8"))
    return tuple(
        Part(one["title"], tuple(one["badges"]), one["about"], one["scenario"], one.get("version"))
        for one in table["lane"]
    )


class Racing:
    """Runs a race in whatever thread calls `run`, and keeps the runs to look into."""

    def __init__(self, wish: RaceWish) -> None:
        self.wish = wish
        self._runs: dict[int, Run] = {}

    def run(self, told: Callable[[Race], None], going: Callable[[], bool] = lambda: True) -> Race:
        """Run lane by lane; `told` gets the race after each; stops where `going` says False.

        Raises:
            ValueError: the wish cannot be fulfilled: one sentence.
        """
        lanes: list[Lane] = []
        for number, part in enumerate(parts(), 1):
            run = Run(load(part.scenario).plan(self.wish.overrides(part.version)))
            run.step_until(
                lambda run: finished(run) or not going() or len(run.journeys) > MOST_PACKETS
            )
            if not going():
                break
            self._runs[number] = run
            lanes.append(_lane(number, part, run))
            told(Race(self.wish, tuple(lanes), len(lanes) == len(parts())))
        return Race(self.wish, tuple(lanes), len(lanes) == len(parts()))

    def session(self, number: int) -> Session:
        """What a lane's client saw, as a capture.

        Raises:
            KeyError: this lane was not run.
        """
        run = self._runs[number]
        return session_of(run, parts()[number - 1].title, run.hosts[0].name)


def finished(run: Run) -> bool:
    """Whether the client has all it wanted, or gave up."""
    return any(isinstance(told.value, Done) for told in run.heard if told.host == 0)


def answered(run: Run) -> list[int]:
    """When each answer was there, ns."""
    return [told.time for told in run.heard if told.host == 0 and isinstance(told.value, Response)]


def _lane(number: int, part: Part, run: Run) -> Lane:
    heard = [told for told in run.heard if told.host == 0]
    answers = answered(run)
    error = next((told.value.error for told in heard if isinstance(told.value, Done)), "")
    if not answers and not error:
        error = run.outcome.reason or "no answer came"
    done = max(answers) if answers and not error else None
    ends = run.now if done is None else done
    bill = bill_of(run, part.title, ends)
    legs = tuple(_legs(bill))
    flights = tuple(
        flight._replace(hue=_hue(legs, flight))
        for flight in _flights(run)
        if flight.left < ends or not flight.left
    )
    return Lane(
        number, safe(part.title), part.badges, safe(part.about), flights, legs,
        done, safe(error), bill,
    )  # fmt: skip


def _hue(legs: tuple[Leg, ...], flight: Flight) -> str:
    """That of the leg in which it left."""
    return next((leg.hue for leg in legs if leg.start <= flight.left < leg.stop), flight.hue)


def _flights(run: Run) -> Iterator[Flight]:
    """All packets, read in the order in which they left."""
    reader = Reader(registry({}))
    reader.learn(run.secrets)
    for journey in sorted(run.journeys, key=lambda one: (one.left, one.number)):
        word = reader.read(journey)
        lost = journey.fate in LONELY
        lands = 2 * journey.middle - journey.left if journey.lands is None else journey.lands
        yield Flight(
            journey.left, lands, journey.sender == 0, lost, word.weighty, word.hue,
            len(journey.data), word.label,
        )  # fmt: skip


def bill_of(run: Run, title: str, ends: int) -> Bill | None:
    """The bill up to the last packet that the client got in time."""
    session = session_of(run, title, run.hosts[0].name)
    try:
        session.naming = False
        session.settle()
        last = None
        for record in range(session.total):
            row = session.row(record)
            if row.time <= START + ends and not _own(run, row.source):
                last = record
        bill = session.ledger(None, last)
        while bill is None:
            session.settle()
            bill = session.ledger(None, last)
        return bill if bill.goal is not None else None
    finally:
        session.close()


def _own(run: Run, source: str) -> bool:
    return source in run.hosts[0].addresses


def _legs(bill: Bill | None) -> Iterator[Leg]:
    """Items of the bill, those that follow each other and are alike as one."""
    if bill is None:
        return
    for line in bill.lines:
        yield _leg(line)


def _leg(line: BillLine) -> Leg:
    stop = line.start + line.length
    return Leg(line.phase, line.hue, line.start, stop, line.trips, line.kind in LOST)


__all__ = ["MS", "Flight", "Lane", "Leg", "Race", "RaceWish", "Racing", "parts"]
