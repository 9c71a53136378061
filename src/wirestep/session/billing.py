"""The ledger of an exchange as the screen and the command line show it: safe words, one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wirestep.model import Message, safe
from wirestep.timeline.ledger import (
    Clock,
    Credit,
    Foreseen,
    Item,
    Ledger,
    Moment,
    Trip,
    foreseen,
    ledger,
)

from .exchanges import Facts

LABELS = {
    "round trip": "round trip",
    "server": "server think",
    "client": "client think",
    "timeout": "timeout, sent again",
    "loss": "lost, sent again",
    "window": "window full",
    "queue": "queue",
    "transfer": "transfer",
    "delayed ACK": "delayed ACK",
}
"""By kind: what it is called where people read it."""
ABOUT = {
    "round trip": "A question there and its answer back: as long as the way is.",
    "server": "The way takes less: the rest of the time the other end had it.",
    "client": "All that was needed had come: this end took its time.",
    "timeout": "Nothing came back, so it was sent again when the timer rang.",
    "loss": "A packet was lost; what it carried came later, and what followed it had to wait.",
    "window": "As much was under way as was allowed: the next had to wait for acknowledgments.",
    "queue": "Others were before it on the line.",
    "transfer": "The bytes went past, one packet after the other.",
    "delayed ACK": "This end waited for a second packet before it said that the first had come.",
}
"""By kind: a sentence."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One item."""

    phase: str
    hue: str
    """Of the phase."""
    kind: str
    """One of timeline.ledger.KINDS."""
    name: str
    start: int
    """Nanoseconds since the exchange began."""
    length: int
    """Nanoseconds."""
    trips: int
    records: tuple[int, int]
    """The record that began the wait, and the one that ended it."""
    page: bool
    """It came after the first byte."""
    stage: str = ""
    """"lookup", "open", "handshake", or "": what was wanted."""
    trip: int = 0
    """Nanoseconds: the shortest round trip to whom it was with."""

    @property
    def label(self) -> str:
        """The kind, for people."""
        return LABELS[self.kind]

    @property
    def about(self) -> str:
        """A sentence about the kind."""
        return ABOUT[self.kind]


@dataclass(frozen=True, slots=True)
class Change:
    """What if: one row; see timeline.ledger.Foreseen."""

    key: str
    name: str
    why: str
    trips: int
    first: int
    complete: int | None
    saved: int
    deeper: bool
    predicted: bool
    """Foreseen, not recorded."""
    old: bool = False
    """It keeps the older handshake."""


@dataclass(frozen=True, slots=True)
class Bill:
    """Where the time of one exchange went; all text is safe to show. Times count from its begin."""

    party: str
    """Whose waiting it is."""
    lines: tuple[BillLine, ...]
    phases: tuple[tuple[str, int], ...]
    """(phase, round trips) up to the first byte, in order."""
    known: tuple[tuple[str, Trip], ...]
    """(peer, its round trips)."""
    first: Moment | None
    """The first byte, or the goal that somebody set; None where nothing came back."""
    complete: Moment | None
    """All was there; None where that is the first byte, or a goal was set."""
    credits: tuple[Credit, ...]
    clocks: tuple[Clock, ...]
    changes: tuple[Change, ...]

    @property
    def goal(self) -> int | None:
        """The record that ended it; None where nothing came back."""
        end = self.complete or self.first
        return end.record if end is not None else None

    @property
    def total(self) -> int:
        """Nanoseconds; the lengths of all lines add up to it."""
        return sum(line.length for line in self.lines)

    @property
    def trips(self) -> int:
        """Round trips, all."""
        return sum(line.trips for line in self.lines)

    def groups(self) -> tuple[tuple[str, tuple[BillLine, ...], Moment], ...]:
        """(title, lines, what ended them): up to the first byte, then until all was there."""
        found = []
        if self.first is not None:
            early = tuple(line for line in self.lines if not line.page)
            found.append(("first byte" if self.complete else "total", early, self.first))
        if self.complete is not None:
            late = tuple(line for line in self.lines if line.page)
            found.append(("page complete", late, self.complete))
        return tuple(found)

    def spent(self, *kinds: str) -> int:
        """Nanoseconds of all lines of these kinds."""
        return sum(line.length for line in self.lines if line.kind in kinds)

    @property
    def line(self) -> str:
        """The bill to the first byte in one line: "TCP 1 + TLS 2 + HTTP 1 = 4 RTT · 1,120 ms"."""
        if self.first is None:
            return "nothing came back: there is nothing to bill"
        parts = " + ".join(f"{phase} {count}" for phase, count in self.phases)
        early = [line for line in self.lines if not line.page]
        trips = self.first.trips
        said = [f"{parts} = {trips} RTT" if parts else "0 RTT", milliseconds(self.first.time)]
        for word, kinds in WORDS:
            spent = sum(line.length for line in early if line.kind in kinds)
            if spent >= LEAST:
                said.append(f"{word} {milliseconds(spent)}")
        return " · ".join(said)


WORDS = (
    ("server", ("server",)),
    ("client", ("client", "delayed ACK")),
    ("lost", ("timeout", "loss")),
    ("transfer", ("transfer", "queue")),
)
LEAST = 500_000
"""ns: less than this is not worth a word in the line."""


def milliseconds(span: int) -> str:
    """Nanoseconds as "1,403 ms"; short spans with decimals."""
    return f"{span / 1e6:,.0f} ms" if span >= 100_000_000 else f"{span / 1e6:,.1f} ms"


def made_ledger(
    frames: Sequence[Sequence[Message]], facts: Facts, goal: int | None, away: int | None
) -> Ledger:
    """The ledger of what `frames` tell; see timeline.ledger.ledger."""
    return ledger(frames, facts.tell, facts.stage, goal=goal, away=away)


def bill(made: Ledger, facts: Facts, rtt: int | None = None) -> Bill:
    """The bill of a ledger; its changes under another round trip (ns), if one is given."""
    hues = {card.label: card.hue for card in facts.registry.cards.values()}
    start = made.items[0].start if made.items else 0
    return Bill(
        safe(facts.name_of(made.party)),
        tuple(_line(item, start, hues, made) for item in made.items),
        tuple((safe(phase), count) for phase, count in made.phases()),
        tuple((safe(facts.name_of(peer)), trip) for peer, trip in made.known.items()),
        _since(made.first, start),
        _since(made.complete, start),
        made.saved,
        tuple(replace(clock, peer=safe(facts.name_of(clock.peer))) for clock in made.clocks),
        tuple(_change(row) for row in foreseen(made, rtt)),
    )


def _since(moment: Moment | None, start: int) -> Moment | None:
    return None if moment is None else replace(moment, time=moment.time - start)


def _change(row: Foreseen) -> Change:
    figures = (row.trips, row.first, row.complete, row.saved, row.deeper)
    return Change(row.key, row.name, row.why, *figures, row.key != "now", row.old)


def _line(item: Item, start: int, hues: dict[str, str], made: Ledger) -> BillLine:
    trip = made.known.get(item.peer)
    return BillLine(
        safe(item.phase),
        hues.get(item.phase, "grey"),
        item.kind,
        safe(item.name),
        item.start - start,
        item.length,
        item.trips,
        item.records,
        item.page,
        item.stage,
        trip.least if trip is not None else 0,
    )
