"""The ladder to scale: when each packet left and arrived, and where a moment stands on the screen.

Time runs evenly, save where nothing is under way: a long silence takes only a few rows, and says
how long it is, so that slopes never lie.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from wirestep.model import Message

from .ledger import Told
from .ledger.clocks import Trip, trips
from .ledger.passing import Passing, passings

SILENCE = 4
"""Rows that a silence takes at most."""
STEPS = (1, 2, 5)
PART = 10
"""Rows that a usual round trip takes."""


class Way(NamedTuple):
    """When a packet left and when it arrived, nanoseconds on the clock of its record."""

    left: int
    lands: int
    known: bool
    """Both are known; else they are worked out from half of the round trip."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What is known of the ways of a ladder's packets."""

    ways: Mapping[int, Way]
    """By record."""
    trips: tuple[tuple[str, str, int], ...] = ()
    """(host, peer, round trip in ns) of the estimates."""

    def way(self, record: int, time: int) -> Way:
        """Of one packet; where nothing is known it takes no time."""
        return self.ways.get(record) or Way(time, time, False)

    @property
    def known(self) -> bool:
        """Whether all ways are known."""
        return bool(self.ways) and all(way.known for way in self.ways.values())


UNKNOWN = Scale({})


def estimated(
    frames: Sequence[Sequence[Message]],
    tell: Callable[[int], Told],
    known: Mapping[int, Way] | None = None,
) -> Scale:
    """Departures and arrivals at a tap, from half of each round trip; `known` ways stay.

    Frames are what one record completed each, outermost first, as for the ladder. Who opened a
    conversation is the party whose round trips count. An estimate: both halves of a way are taken
    as equal, and all packets as equally fast (see `ledger.clocks`).
    """
    known = known or {}
    ways: dict[int, Way] = dict(known)
    rounds = []
    for party, own in _by_party(frames, tell).items():
        passed = passings(own, party, tell)
        found = trips(passed)
        rounds += [(party, peer, trip.least) for peer, trip in found.items()]
        for passing in passed:
            if passing.record not in ways and passing.peer in found:
                ways[passing.record] = _way(passing, found[passing.peer])
    return Scale(ways, tuple(rounds))


def _by_party(
    frames: Sequence[Sequence[Message]], tell: Callable[[int], Told]
) -> dict[str, list[Sequence[Message]]]:
    """The frames by the host that opened their conversation."""
    opened: dict[int, str] = {}
    found: dict[str, list[Sequence[Message]]] = {}
    for messages in frames:
        sender = next((m.sender for m in messages if m.level and m.sender is not None), None)
        flow = tell(messages[0].record).flow if sender is not None else -1
        if sender is not None and flow >= 0:
            found.setdefault(opened.setdefault(flow, sender.host), []).append(messages)
    return found


def _way(passing: Passing, trip: Trip) -> Way:
    near, far = trip.away // 2, max(0, trip.least - trip.away) // 2
    before, after = (near, far) if passing.out else (far, near)
    return Way(passing.time - before, passing.time + after, False)


class Flight(Protocol):
    """Something that is under way for a while."""

    @property
    def left(self) -> int:
        """When it left, ns."""
        ...

    @property
    def lands(self) -> int:
        """When it arrives, or would, ns."""
        ...


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch in which nothing was under way."""

    start: int
    stop: int
    row: float
    """Where it begins; it is SILENCE rows long."""


class Axis:
    """Maps ns to rows, for flights in order of leaving."""

    def __init__(self, flights: Iterable[Flight], now: int, scale: int) -> None:
        """`scale`: ns of a row. `now` is covered, too."""
        self.scale = max(1, scale)
        self._times: list[int] = []
        self._rows: list[float] = []
        self.silences: list[Silence] = []
        self.longest = 0
        """The longest way of a packet, ns."""
        first = True
        covered, row = 0, 0.0
        for flight in flights:
            left = flight.left
            self.longest = max(self.longest, flight.lands - left)
            if first:
                first = False
                covered = left
                self._knot(left, row)
            if left > covered:
                row = self._silent(covered, left, row)
                covered = left
            if flight.lands > covered:
                row += (flight.lands - covered) / self.scale
                covered = flight.lands
        if first:
            covered = now
            self._knot(now, row)
        if now > covered:
            row = self._silent(covered, now, row)
            covered = now
        self._knot(covered, row)
        self.end = row

    def _knot(self, time: int, row: float) -> None:
        self._times.append(time)
        self._rows.append(row)

    def _silent(self, start: int, stop: int, row: float) -> float:
        size = (stop - start) / self.scale
        if size > SILENCE:
            self._knot(start, row)
            self.silences.append(Silence(start, stop, row))
            size = SILENCE
            self._knot(stop, row + size)
        return row + size

    def row(self, time: int) -> float:
        """The row of a time; times beyond the ends go on evenly."""
        times, rows = self._times, self._rows
        at = bisect_right(times, time)
        if at == 0:
            return rows[0] - (times[0] - time) / self.scale
        if at == len(times):
            return rows[-1] + (time - times[-1]) / self.scale
        low, high = times[at - 1], times[at]
        share = (time - low) / (high - low) if high > low else 0.0
        return rows[at - 1] + share * (rows[at] - rows[at - 1])

    def time(self, row: float) -> int:
        """The time at a row."""
        times, rows = self._times, self._rows
        at = bisect_right(rows, row)
        if at == 0:
            return times[0] + round((row - rows[0]) * self.scale)
        if at == len(rows):
            return times[-1] + round((row - rows[-1]) * self.scale)
        low, high = rows[at - 1], rows[at]
        share = (row - low) / (high - low) if high > low else 0.0
        return times[at - 1] + round(share * (times[at] - times[at - 1]))


def nice(value: int) -> int:
    """The largest of 1, 2, 5, 10, 20 ... that is not above `value`."""
    power = 1
    while power * 10 <= value:
        power *= 10
    return max(step * power for step in STEPS if step * power <= max(1, value))


def pace(flights: Sequence[Flight]) -> int:
    """Ns of a row at first: a usual round trip takes PART rows, and all of it is not endless."""
    if not flights:
        return 1_000_000
    ways = sorted(flight.lands - flight.left for flight in flights if flight.lands > flight.left)
    if ways:
        return nice(max(1, 2 * ways[len(ways) // 2] // PART))
    span = max(flight.lands for flight in flights) - min(flight.left for flight in flights)
    return nice(max(1, span // (2 * len(flights))))
