"""Where the columns of the packet list stand at a width, and which there is no room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wirestep.session.choices import Choice
from wirestep.session.views import Column

LEAST_INFO = 10
"""Cells that the info column keeps; others go before it is narrower."""
SIGNS = 3
"""Cells before the info column, with the letter of a problem in the middle."""
ENDS = ((140, 24), (104, 18), (66, 15))
"""(from this width of the list on, cells of an address)."""
FROM = {"length": 48, "source": 66, "destination": 84}
"""Widths of the list from which on these are shown, where the user has not sized them."""
SIZES = {
    "delta": 10,
    "conversation": 6,
    "stream": 6,
    "source-port": 8,
    "destination-port": 8,
    "seq": 10,
    "ack": 10,
    "tcp-length": 7,
    "window": 6,
    "flags": 14,
    "kept": 6,
    "interface": 10,
    "cumulative": 12,
    "ack-rtt": 9,
    "in-flight": 9,
    "problem": 18,
}
FIELDS = ((84, 10, 20), (0, 8, 12))
"""(from this width of the list on, least and most cells of a column that is a field)."""
FIRST = ("info", "number", "protocol", "time")
"""What stays longest where there is little room, then what the user added, then the others."""
LAST = ("source", "destination", "length")


@dataclass(frozen=True, slots=True)
class Slot:
    """A column on the screen: cells [start, start + size)."""

    name: str
    title: str
    right: bool
    start: int
    size: int
    place: int
    """Among the columns chosen."""

    @property
    def stop(self) -> int:
        """The cell behind it."""
        return self.start + self.size


def automatic(name: str, width: int, total: int) -> int:
    """The cells of a column that the user has not sized, in a list of `total` packets."""
    if name == "number":
        return max(4, len(str(total)) + 1) + 1
    if name == "time":
        return 10 if width < 66 else 11
    if name in ("source", "destination"):
        return next((size for least, size in ENDS if width >= least), ENDS[-1][1])
    if name == "protocol":
        return 9 if width >= 52 else 8
    if name == "length":
        return 5
    if name in SIZES:
        return SIZES[name]
    least, most = next(sizes for start, *sizes in FIELDS if width >= start)
    return max(least, min(most, len(name)))


def slots(
    width: int, digits: int, choices: tuple[Choice, ...], columns: tuple[Column, ...]
) -> tuple[Slot, ...]:
    """The columns that fit, from left to right; `digits` has the total's number of packets.

    Cell 0 is left for the mark of the line that is selected.
    """
    total = 10 ** (digits - 1)
    kept = {
        choice.name: choice.width or automatic(choice.name, width, total)
        for choice in choices
        if choice.width or width >= FROM.get(choice.name, 0)
    }
    titles = {column.name: column for column in columns}
    if "info" in kept:
        kept["info"] = LEAST_INFO
    for name in _dispensable([choice.name for choice in choices]):
        if 1 + _taken(kept, titles) <= width or len(kept) <= 1:
            break
        kept.pop(name, None)
    spare = width - 1 - _taken(kept, titles)
    if "info" in kept:
        kept["info"] += spare
    return _placed(kept, titles, [choice.name for choice in choices])


def _dispensable(names: Sequence[str]) -> list[str]:
    """In which order columns go: first what is worth least."""
    added = [name for name in names if name not in FIRST and name not in LAST]
    return [*reversed(LAST), *reversed(added), *reversed(FIRST)]


def _gap(name: str, before: str | None, titles: dict[str, Column]) -> int:
    """Cells between a column and the one before it."""
    if name == "info":
        return SIGNS
    if before is None:
        return 0
    # Numbers end where a text would begin: they need a cell more.
    return 2 if titles[before].right and not titles[name].right else 1


def _taken(kept: dict[str, int], titles: dict[str, Column]) -> int:
    before, taken = None, 0
    for name, size in kept.items():
        taken += size + _gap(name, before, titles)
        before = name
    return taken


def _placed(
    kept: dict[str, int], titles: dict[str, Column], names: Sequence[str]
) -> tuple[Slot, ...]:
    out: list[Slot] = []
    at, before = 1, None
    for name, size in kept.items():
        at += _gap(name, before, titles)
        column = titles[name]
        out.append(Slot(name, column.title, column.right, at, max(0, size), names.index(name)))
        at += size
        before = name
    return tuple(out)
