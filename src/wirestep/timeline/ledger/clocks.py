"""How long a round trip is, and what the party's own clock said when a packet passed the tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .passing import Passing

AWAY = 0.15
"""A tap that hears the party's answers this share of a round trip late does not sit beside it."""
NOTICEABLE = 5_000_000
"""ns; what is less may be the party's own thinking."""


@dataclass(frozen=True, slots=True)
class Trip:
    """Round trips between the party and one peer, nanoseconds."""

    least: int
    """What the wire takes: the shortest that was seen."""
    median: int
    most: int
    samples: int
    away: int = 0
    """Of `least`: from the tap to the party and back."""
    handshake: int | None = None
    """The first: from the opening packet to what answered it."""
    deviation: int = 0
    """Mean distance of the samples from their median."""


def trips(passings: Sequence[Passing], away: int | None = None) -> dict[str, Trip]:
    """By peer: its round trips, from handshakes, acknowledgments and answers.

    `away`: ns from the tap to the party and back, where it is known; else it is estimated.
    """
    far: dict[str, list[int]] = {}
    near: dict[str, list[int]] = {}
    spare: dict[str, list[int]] = {}
    """Answers on streams, for peers of whom nothing better is known."""
    asked: dict[int, int] = {}
    """By message number: when it passed."""
    opened: dict[int, Passing] = {}
    """By conversation without acknowledgments of its own: its first packet."""
    replied: set[tuple[int, bool]] = set()
    repeated: list[int] = []
    opening: set[int] = set()
    """Conversations whose last packet was part of their opening."""
    for passing in passings:
        told = passing.told
        if passing.again:
            repeated.append(passing.time)
        if told.trip is not None and not passing.again:
            if not passing.out and not _of_copy(passing.time - told.trip, repeated):
                far.setdefault(passing.peer, []).append(told.trip)
            # Of its own end only what is answered at once: later ACKs may be delayed.
            if passing.out and passing.flow in opening:
                near.setdefault(passing.peer, []).append(told.trip)
        opening.discard(passing.flow)
        if passing.opens:
            opening.add(passing.flow)
        for message in passing.messages:
            asked.setdefault(message.number, passing.time)
            # On streams answers may wait for what was lost before them; acknowledgments do not.
            if message.answers in asked and not passing.out:
                wait = passing.time - asked[message.answers]
                (spare if told.stream else far).setdefault(passing.peer, []).append(wait)
        if not told.stream:
            first = opened.setdefault(passing.flow, passing)
            if passing.out != first.out and (passing.flow, passing.out) not in replied:
                replied.add((passing.flow, passing.out))
                samples = far if first.out else near
                samples.setdefault(passing.peer, []).append(passing.time - first.time)
    far = {**spare, **far}
    return {peer: _trip(found, near.get(peer, []), away) for peer, found in far.items()}


def _trip(far: list[int], near: list[int], away: int | None) -> Trip:
    first = far[0]
    far = sorted(far)
    least = far[0]
    if away is None:
        away = min(near, default=0)
        if away < max(NOTICEABLE, AWAY * least):
            away = 0
    median = far[len(far) // 2]
    spread = sum(abs(sample - median) for sample in far) // len(far)
    sizes = (least + away, median + away, far[-1] + away)
    return Trip(*sizes, len(far), away, first + away, spread)


def _of_copy(sent: int, repeated: Sequence[int]) -> bool:
    """A round trip that began with a packet sent again tells nothing (RFC 6298 section 3)."""
    return any(abs(sent - time) < NOTICEABLE // 50 for time in repeated[-8:])


def lines(passings: Sequence[Passing], known: Mapping[str, Trip]) -> dict[str, int]:
    """By peer: ns that 1,000 bytes from it take on the narrowest line, where packets follow each
    other at even distances; nothing where they come together."""
    found: dict[str, list[int]] = {}
    last: dict[int, Passing] = {}
    for passing in passings:
        if passing.out or passing.told.payload < FULL:
            continue
        before = last.get(passing.flow)
        last[passing.flow] = passing
        trip = known.get(passing.peer)
        gap = passing.time - before.time if before is not None else -1
        if trip is not None and 0 <= gap <= max(trip.least // 2, LONGEST):
            found.setdefault(passing.peer, []).append(gap * 1000 // (passing.told.payload + HEAD))
    return {
        peer: gaps[len(gaps) // 2]
        for peer, unsorted in found.items()
        if len(gaps := sorted(unsorted)) >= MOST_OFTEN
    }


FULL = 1000
"""Bytes: smaller packets tell little of the line."""
HEAD = 40
LONGEST = 8_000_000
"""ns between two packets that may still follow each other on a narrow line."""
MOST_OFTEN = 3


def heard(passings: Sequence[Passing], known: dict[str, Trip]) -> list[Passing]:
    """The passings on the party's clock: when it sent them, when they reached it.

    An estimate where the tap is elsewhere: both halves of the way there are taken as equal.
    """
    shifted = []
    for passing in passings:
        trip = known.get(passing.peer)
        half = trip.away // 2 if trip is not None else 0
        time = passing.time - half if passing.out else passing.time + half
        shifted.append(replace(passing, time=time) if half else passing)
    shifted.sort(key=lambda passing: passing.time)
    return [
        passing if passing.place == place else replace(passing, place=place)
        for place, passing in enumerate(shifted)
    ]
