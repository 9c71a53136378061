"""The ledger of an exchange as the screen and the command line show it: safe words, one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wirestep.capture import Columns
from wirestep.decode.contract import Registry
from wirestep.model import Message, safe
from wirestep.timeline.analysis import TcpView
from wirestep.timeline.ledger import Item, Ledger, Told, Trip, ledger

TCP = 6


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a capture besides its messages."""

    columns: Columns
    view: TcpView | None
    registry: Registry
    name_of: Callable[[str], str]
    """What a host is called."""

    def tell(self, record: int) -> Told:
        """Of one record; the analysis has judged it."""
        columns = self.columns
        flow = int(columns.flow[record])
        payload = int(columns.payload_length[record])
        if columns.transport[record] != TCP or self.view is None:
            return Told(flow >> 1, payload)
        trip = float(self.view.ack_rtt[record])
        return Told(
            flow >> 1,
            payload,
            int(columns.seq[record]),
            None if trip != trip else round(trip * 1e9),
            True,
        )

    def stage(self, protocol: str) -> tuple[str, str]:
        """See timeline.ledger.Stage."""
        card = self.registry[protocol]
        return card.label, card.stage


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


@dataclass(frozen=True, slots=True)
class Bill:
    """Where the time of one exchange went; all text is safe to show."""

    party: str
    """Whose waiting it is."""
    lines: tuple[BillLine, ...]
    phases: tuple[tuple[str, int], ...]
    """(phase, round trips), in order."""
    known: tuple[tuple[str, Trip], ...]
    """(peer, its round trips)."""
    goal: int | None
    """The record that ended it; None where nothing came back."""
    total: int
    """Nanoseconds; the lengths of all lines add up to it."""

    @property
    def trips(self) -> int:
        """Round trips, all."""
        return sum(count for _, count in self.phases)

    def spent(self, *kinds: str) -> int:
        """Nanoseconds of all lines of these kinds."""
        return sum(line.length for line in self.lines if line.kind in kinds)

    @property
    def line(self) -> str:
        """The whole bill in one line: "TCP 1 + TLS 2 + HTTP 1 = 4 RTT · 1,120 ms"."""
        if self.goal is None:
            return "nothing came back: there is nothing to bill"
        parts = " + ".join(f"{phase} {count}" for phase, count in self.phases)
        said = [f"{parts} = {self.trips} RTT" if parts else "0 RTT", milliseconds(self.total)]
        said += [
            f"{word} {milliseconds(spent)}"
            for word, kinds in WORDS
            if (spent := self.spent(*kinds)) >= LEAST
        ]
        return " · ".join(said)


WORDS = (
    ("server", ("server",)),
    ("client", ("client",)),
    ("lost", ("timeout", "loss")),
    ("transfer", ("transfer",)),
)
LEAST = 500_000
"""ns: less than this is not worth a word in the line."""


def milliseconds(span: int) -> str:
    """Nanoseconds as "1,403 ms"; short spans with decimals."""
    return f"{span / 1e6:,.0f} ms" if span >= 100_000_000 else f"{span / 1e6:,.1f} ms"


def bill(frames: Sequence[Sequence[Message]], facts: Facts, goal: int | None) -> Bill:
    """The bill of what `frames` tell, up to the record `goal` or the first byte of an answer."""
    made = ledger(frames, facts.tell, facts.stage, goal=goal)
    hues = {card.label: card.hue for card in facts.registry.cards.values()}
    start = made.items[0].start if made.items else 0
    return Bill(
        safe(facts.name_of(made.party)),
        tuple(_line(item, start, hues) for item in made.items),
        tuple(_joined(made)),
        tuple((safe(facts.name_of(peer)), trip) for peer, trip in made.known.items()),
        made.goal,
        made.total,
    )


def _line(item: Item, start: int, hues: dict[str, str]) -> BillLine:
    return BillLine(
        safe(item.phase),
        hues.get(item.phase, "grey"),
        item.kind,
        safe(item.name),
        item.start - start,
        item.length,
        item.trips,
        item.records,
    )


def _joined(made: Ledger) -> Iterator[tuple[str, int]]:
    yield from ((safe(phase), count) for phase, count in made.phases())
