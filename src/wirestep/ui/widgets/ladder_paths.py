"""Arrows of a ladder in time as cells: elbows, bundles of packets that leave together, labels."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor
from typing import Generic, NamedTuple, Protocol, TypeVar

from wirestep.timeline.scale import Axis
from wirestep.ui.canvas import number
from wirestep.ui.widgets.ladder_draw import trouble

TOGETHER = 0.6
"""Rows; packets that leave and arrive no further apart are one arrow."""
EARLY = 0.1
"""Rows that an arrow ends above its time, so that its head survives the reply."""
MOST_WORDS = 3


class Cell(NamedTuple):
    """One letter of an arrow."""

    row: int
    column: int
    glyph: str


class Packet(Protocol):
    """What there is to know of an arrow."""

    @property
    def number(self) -> int:
        """Its place in the order of leaving, or its row."""
        ...

    @property
    def sender(self) -> int:
        """Its lifeline."""
        ...

    @property
    def target(self) -> int:
        """The lifeline that it goes to."""
        ...

    @property
    def left(self) -> int:
        """When it left, ns."""
        ...

    @property
    def lands(self) -> int:
        """When it arrives, or would."""
        ...

    @property
    def never(self) -> bool:
        """It does not arrive."""
        ...

    @property
    def fate(self) -> str:
        """What befell it; "" for nothing special."""
        ...

    @property
    def label(self) -> str:
        """What it says; safe."""
        ...

    @property
    def hue(self) -> str:
        """Of its protocol."""
        ...

    @property
    def weighty(self) -> bool:
        """It carries more than an acknowledgement."""
        ...

    @property
    def marks(self) -> tuple[str, ...]:
        """See model.Message.marks."""
        ...


P = TypeVar("P", bound=Packet)


@dataclass(frozen=True, slots=True)
class Bundle(Generic[P]):
    """Packets that are drawn as one arrow."""

    passages: tuple[P, ...]
    start: float
    """Row where the first leaves."""
    stop: float
    """Row where the first lands."""

    @property
    def first(self) -> P:
        """The one that left first."""
        return self.passages[0]

    @property
    def numbers(self) -> str:
        """As people see them: "5", "3-4"."""
        low, high = self.passages[0].number + 1, self.passages[-1].number + 1
        return str(low) if low == high else f"{low}-{high}"

    @property
    def label(self) -> str:
        """What they say, the same words counted."""
        return spoken(map(said, self.passages))

    @property
    def weighty(self) -> bool:
        """Whether one of them carries more than an acknowledgement."""
        return any(passage.weighty for passage in self.passages)

    @property
    def hue(self) -> str:
        """Of the one that says most."""
        return next((p.hue for p in self.passages if p.weighty), self.first.hue)


def said(passage: Packet) -> str:
    """What a packet says, with a sign of what befell it."""
    glyph, _, _ = trouble(passage.marks)
    return f"{glyph} {passage.label}" if glyph else passage.label


def spoken(labels: Iterable[str]) -> str:
    """Labels joined: "ACK + Client Hello", "1448 B ×20"."""
    runs: list[list[str]] = []
    for label in labels:
        if runs and runs[-1][0] == label:
            runs[-1].append(label)
        else:
            runs.append([label])
    words = [run[0] + (f" ×{number(len(run))}" if len(run) > 1 else "") for run in runs]
    if len(words) > MOST_WORDS:
        words = [*words[: MOST_WORDS - 1], f"{len(words) - MOST_WORDS + 1} more"]
    return " + ".join(words)


def bundles(
    passages: Sequence[P], axis: Axis, low: float, high: float, alone: frozenset[int]
) -> list[Bundle[P]]:
    """The arrows that touch rows [low, high), in order of leaving; those `alone` join no other."""
    found: list[Bundle[P]] = []
    open_at: dict[tuple[int, int], int] = {}
    """By way: place of its latest bundle in `found`."""
    early = axis.time(low) - axis.longest
    begin = bisect_left(passages, early, key=lambda passage: passage.left)
    for passage in passages[begin:]:
        start = axis.row(passage.left)
        if start >= high:
            break
        stop = axis.row(passage.lands)
        if stop < low:
            continue
        way = passage.sender, passage.target
        place = open_at.get(way, -1)
        if place >= 0 and _joins(found[place], passage, start, stop, alone):
            before = found[place]
            found[place] = Bundle((*before.passages, passage), before.start, before.stop)
            continue
        open_at[way] = len(found)
        found.append(Bundle((passage,), start, stop))
    return found


def _joins(bundle: Bundle[P], passage: P, start: float, stop: float, alone: frozenset[int]) -> bool:
    last = bundle.passages[-1]
    return (
        start - bundle.start < TOGETHER
        and abs(stop - bundle.stop) < TOGETHER
        and passage.fate == last.fate == ""
        and passage.never == last.never
        and passage.number not in alone
        and last.number not in alone
    )


def path(start: int, target: int, top: float, bottom: float) -> list[Cell]:
    """The cells from beside lifeline `start` to beside lifeline `target`, in the order of travel.

    It goes down by elbows, each turning within one column, so that lines connect.
    """
    step = 1 if target > start else -1
    room = abs(target - start) - 1
    bottom = max(top, bottom - EARLY)
    row, last = floor(top), floor(bottom)
    down = last - row
    turns = [_turn(row + at - top, bottom - top, room) for at in range(1, down + 1)]
    over, under = ("╮", "╰") if step > 0 else ("╭", "╯")
    cells: list[Cell] = []
    at = 0
    for place in range(room):
        column = start + step * (place + 1)
        if at == len(turns) or turns[at] != place:
            cells.append(Cell(row, column, "─"))
            continue
        cells.append(Cell(row, column, over))
        while at < len(turns) and turns[at] == place:
            row += 1
            at += 1
            more = at < len(turns) and turns[at] == place
            cells.append(Cell(row, column, "│" if more else under))
    return cells


def _turn(rows: float, span: float, room: int) -> int:
    """The place along the way where an arrow has come down so many rows of its span."""
    share = rows / span if span else 1.0
    return max(0, min(room - 2, round(share * room) - 1))


def way_of(cells: Sequence[Cell], share: float) -> int:
    """How many cells of a path lie behind a packet that has come so far (0 to 1)."""
    return max(0, min(len(cells), round(share * len(cells))))
