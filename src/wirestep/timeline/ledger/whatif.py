"""The same exchange under other conditions, predicted from the items of its ledger.

A change takes away the round trips that it makes unnecessary, with the time they took; all else is
left as it was. Thinking, timeouts and transfers are not foreseen anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .ledger import Item, Ledger

OLD = " old"
RESUMED_OLD = "resumed" + OLD
NEW_TLS = "1.3"
"""How the label of a handshake ends that needs one round trip only (RFC 8446)."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One change and what it would make of the exchange."""

    key: str
    """"now", "rtt", "lookup", "tls13", "h3", "resumed" or "0rtt"."""
    name: str
    why: str
    """A sentence."""
    trips: int
    """Round trips to the first byte."""
    first: int
    """Nanoseconds to the first byte."""
    complete: int | None
    """Nanoseconds until all is there; None where that is not known."""
    saved: int = 0
    """Nanoseconds less than now, or than at the new round trip."""
    deeper: bool = False
    """Together with the change above it."""
    old: bool = False
    """It keeps the older handshake."""


def foreseen(made: Ledger, rtt: int | None = None) -> tuple[Foreseen, ...]:
    """What is now, then each change that would matter; under another round trip, ns, if given."""
    if made.first is None:
        return ()
    items = made.items if rtt is None else tuple(_under(made, rtt))
    now = _row(items, made, "now", "now", "As it was recorded.")
    rows = [now]
    if rtt is not None:
        rows = [replace(now, key="rtt", name=f"RTT {rtt / 1e6:g} ms", why=RTT)]
    main = _main(items)
    lookups = [item for item in items if item.stage == "lookup" and not item.page]
    opening = [item for item in main if item.stage == "open"]
    shaking = [item for item in main if item.stage == "handshake"]
    for key, name, why, dropped in _changes(opening, shaking):
        rows.append(_without(items, made, rows[0], (key, name, why), dropped))
    last = rows[-1] if len(rows) > 1 else None
    if lookups:
        gone = ("lookup", "DNS cached", "The name is known already: nobody is asked.")
        rows.append(_without(items, made, rows[0], gone, lookups))
    if lookups and last is not None:
        _, _, _, dropped = list(_changes(opening, shaking))[-1]
        both = ("lookup", "and DNS cached", f"{last.name}, and the name is known already.")
        made_both = _without(items, made, rows[0], both, [*dropped, *lookups])
        rows[-1:] = [replace(made_both, deeper=True), rows[-1]]
    return tuple(rows)


RTT = "Round trips as long as that; thinking and timeouts as they were."
_Change = tuple[str, str, str, Sequence[Item]]


def _changes(opening: Sequence[Item], shaking: Sequence[Item]) -> Iterator[_Change]:
    """Each change that would save round trips, and the items it does without; best last."""
    tcp = bool(opening)
    old = [item for item in shaking if not item.label.endswith(NEW_TLS)]
    paid = _paid(shaking)
    if tcp and len(_paid(old)) > 1:
        one = old[old.index(_paid(old)[1]) :]
        why = "The key travels in the hellos, so that one round trip is enough (RFC 8446)."
        yield "tls13", "TLS 1.3", why, one
        why = "A known session needs no key exchange: one round trip (RFC 5246 section 7.3)."
        yield RESUMED_OLD, "TLS 1.2, resumed", why, one
    if not paid:
        return
    if tcp:
        why = "The request travels with the ClientHello (early data, RFC 8446 section 2.3)."
        yield "resumed", "TLS 1.3 resumed, 0-RTT", why, shaking
        why = "Connection and keys in one round trip (RFC 9001)."
        yield "h3", "HTTP/3", why, [*opening, *shaking[shaking.index(paid[0]) + 1 :]]
    why = "The request travels in the first packet (RFC 9001 section 4.6)."
    yield "0rtt", "HTTP/3 0-RTT", why, [*opening, *shaking]


def _paid(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.trips]


def _main(items: Sequence[Item]) -> list[Item]:
    """Those of the connection on which the first byte came."""
    early = [item for item in items if not item.page]
    return [item for item in early if item.flow == early[-1].flow]


def _under(made: Ledger, rtt: int) -> Iterator[Item]:
    """The items with other round trips; lookups go to somebody else and stay."""
    moved = made.items[0].start
    for item in made.items:
        trip = made.known.get(item.peer)
        length = item.length
        if item.trips and item.stage != "lookup" and trip is not None and trip.least:
            length = round(length * rtt / trip.least)
        yield replace(item, start=moved, stop=moved + length)
        moved += length


def _row(items: Sequence[Item], made: Ledger, key: str, name: str, why: str) -> Foreseen:
    first = sum(item.length for item in items if not item.page)
    rest = sum(item.length for item in items if item.page)
    complete = first + rest if made.complete is not None else None
    trips = sum(item.trips for item in items if not item.page)
    return Foreseen(key, name, why, trips, first, complete)


def _without(
    items: Sequence[Item],
    made: Ledger,
    now: Foreseen,
    said: tuple[str, str, str],
    dropped: Sequence[Item],
) -> Foreseen:
    kept = [item for item in items if not any(item is one for one in dropped)]
    row = _row(kept, made, said[0].removesuffix(OLD), said[1], said[2])
    return replace(row, saved=now.first - row.first, old=said[0].endswith(OLD))
