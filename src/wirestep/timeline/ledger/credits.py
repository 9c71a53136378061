"""Round trips that an exchange did not need: connections, sessions and names that were known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wirestep.model import Message

from .goals import Stage
from .passing import Passing

CERTIFICATE = "Certificate"
"""Begins the brief words of the unit that a server leaves out where it knows the client."""
FINISHED = "Finished"
OLD = "1.2"
"""Ends the label of the handshake that resumption makes a round trip shorter."""


@dataclass(frozen=True, slots=True)
class Credit:
    """Round trips saved, or that could have been."""

    kind: str
    """"reuse", "resumption", "0-RTT" or "DNS cache"."""
    name: str
    times: int
    trips: int
    """Saved each time."""
    granted: bool = True
    """False: it could have been."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A connection's opening on the clocks of both ends, nanoseconds after it began.

    The client may send after one round trip; that it is heard the server knows half one later.
    """

    peer: str
    client: int
    server: int
    """An estimate: both halves of the way are taken as equal."""
    records: tuple[int, int]


def credits(passed: Sequence[Passing], stage: Stage) -> tuple[Credit, ...]:
    """What was saved on all conversations, the same kinds added up."""
    flows: dict[int, list[Passing]] = defaultdict(list)
    for passing in passed:
        flows[passing.flow].append(passing)
    found: dict[tuple[str, str, int, bool], int] = {}
    named = any(stage(m.protocol)[1] == "lookup" for p in passed for m in p.messages)
    connections = 0
    for flow in flows.values():
        for one in _of(flow, stage):
            key = (one.kind, one.name, one.trips, one.granted)
            found[key] = found.get(key, 0) + one.times
        connections += any(_wanted(passing, stage) for passing in flow)
    if named and connections > 1:
        found["DNS cache", "name known from before", 1, True] = connections - 1
    return tuple(Credit(kind, name, n, trips, ok) for (kind, name, trips, ok), n in found.items())


def _of(flow: Sequence[Passing], stage: Stage) -> Iterator[Credit]:
    asked = [passing for passing in flow if _wanted(passing, stage)]
    if not asked:
        return
    units = [(p, m) for p in flow for m in p.messages if stage(m.protocol)[1] == "handshake"]
    heard = [m for p, m in units if not p.out]
    opened = any(passing.opens for passing in flow)
    known = bool(heard) and not any(_said(m).startswith(CERTIFICATE) for m in heard)
    resumed = known and any(_said(m).startswith(FINISHED) for m in heard)
    old = any(m.label.endswith(OLD) for m in heard)
    shook = (2 if old and not resumed else 1) if heard else 0
    requests = sum(_requests(passing, stage) for passing in asked)
    if requests > 1 and opened + shook:
        yield Credit("reuse", "connection used again", requests - 1, opened + shook)
    if resumed and old:
        yield Credit("resumption", "session resumed", 1, 1)
    elif resumed:
        yield Credit("resumption", "session resumed, no certificate", 1, 0)
    if heard:
        first = next(p for p, _ in units if not p.out)
        early = any(passing.out and passing.place < first.place for passing in asked)
        if early:
            yield Credit("0-RTT", "request in the first flight", 1, 1)
        else:
            name = "not used" if resumed else "no ticket"
            yield Credit("0-RTT", name, 1, 1, granted=False)


def _said(message: Message) -> str:
    return message.brief or message.summary


def _wanted(passing: Passing, stage: Stage) -> bool:
    return passing.out and _requests(passing, stage) > 0


def _requests(passing: Passing, stage: Stage) -> int:
    return sum(m.level == "message" and not stage(m.protocol)[1] for m in passing.messages)


def clocks(passed: Sequence[Passing]) -> tuple[Clock, ...]:
    """Each opening of a connection that is seen whole; times are the party's."""
    began: dict[int, Passing] = {}
    opened: set[int] = set()
    found = []
    for passing in passed:
        if not passing.opens or passing.flow in opened:
            continue
        if passing.out:
            began.setdefault(passing.flow, passing)
        elif passing.flow in began:
            opened.add(passing.flow)
            first = began[passing.flow]
            trip = passing.time - first.time
            sent = next(
                (
                    p
                    for p in reversed(passed)
                    if p.flow == passing.flow and p.out and p.opens and p.place < passing.place
                ),
                first,
            )
            half = (passing.time - sent.time) // 2
            found.append(Clock(passing.peer, trip, trip + half, (first.record, passing.record)))
    return tuple(found)
