"""Yes, no and maybe for many rows at once (Kleene's logic of three values), as small numbers.

`and` is the least of its parts, `or` the greatest, `not` turns them round: one numpy call each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wirestep.capture.arrays import Array

from .select_tables import TCP, UDP, Rows, Table, Unplanned
from .select_types import Test

NO, MAYBE, YES = 0, 1, 2

Join = Callable[[Sequence[Array]], Array]


class Node(Protocol):
    """A part of a filter that judges rows by what the columns know."""

    @property
    def ends(self) -> bool:
        """Whether it judges the ends of conversations; else packets."""
        ...

    def judge(self, table: Table) -> Array:
        """uint8, NO, MAYBE or YES for every row of `table`."""
        ...


def truth(holds: Array) -> Array:
    """YES or NO for a bool of each row; changes nothing."""
    return holds.view(np.uint8) << 1


def every(parts: Sequence[Array]) -> Array:
    """All hold."""
    found = parts[0]
    for part in parts[1:]:
        found = np.minimum(found, part)
    return found


def either(parts: Sequence[Array]) -> Array:
    """One holds."""
    found = parts[0]
    for part in parts[1:]:
        found = np.maximum(found, part)
    return found


def odd(parts: Sequence[Array]) -> Array:
    """An odd number of them hold."""
    found = parts[0]
    for part in parts[1:]:
        known = (found != MAYBE) & (part != MAYBE)
        found = np.where(known, found ^ part, MAYBE).astype(np.uint8)
    return found


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same for all rows."""

    value: int
    ends: bool = False

    def judge(self, table: Table) -> Array:
        """As in Node."""
        return np.full(table.size, self.value, np.uint8)


@dataclass(frozen=True, slots=True)
class Asked:
    """A predicate; `sure` where even rows whose headers are not understood have an answer."""

    holds: Callable[[Table], Array]
    ends: bool
    sure: bool = False
    headers: bool = False
    """Whether it reads the frames' headers."""

    def judge(self, table: Table) -> Array:
        """As in Node."""
        try:
            found = truth(self.holds(table))
        except Unplanned:  # numbers too big for arrays, frames that are not read yet
            return np.full(table.size, MAYBE, np.uint8)
        if self.headers and isinstance(table, Rows):
            found[table.headers.unsure] = MAYBE
        if isinstance(table, Rows) and not self.sure:
            found[table.unsure] = MAYBE
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """What is judged of the ends of conversations, for each packet that they sent."""

    inner: Node
    ends: bool = False

    def judge(self, table: Table) -> Array:
        """As in Node."""
        assert isinstance(table, Rows)
        found = table.scope.of_ends(self, self.inner.judge).take(table.flow)
        found[table.unsure] = MAYBE
        return found


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts taken together by `every`, `either` or `odd`; all judge the same table."""

    join: Join
    parts: tuple[Node, ...]
    ends: bool

    def judge(self, table: Table) -> Array:
        """As in Node; where nothing can change any more, the parts left are not asked."""
        found = self.parts[0].judge(table)
        for part in self.parts[1:]:
            if self.join is every and not found.any():
                return found
            found = self.join((found, part.judge(table)))
        return found


@dataclass(frozen=True, slots=True)
class Contrary:
    """Not."""

    inner: Node
    ends: bool

    def judge(self, table: Table) -> Array:
        """As in Node."""
        return YES - self.inner.judge(table)


@dataclass(frozen=True, slots=True)
class Undecided:
    """A predicate on decoded fields: MAYBE where the packet could have them, else NO."""

    level: str
    """"above": only what TCP and UDP carry has them; "below": only what IP carries beside them, or
    what is not IP; "": anything may."""
    test: Test
    ends: bool = False

    def judge(self, table: Table) -> Array:
        """As in Node."""
        assert isinstance(table, Rows)
        if table.decoded is not None:
            found = np.zeros(table.size, np.uint8)
            for place, frame in table.decoded.items():
                found[place] = YES if self.test.holds(frame) else NO
            return found
        if self.level == "above":
            found = table.talking.astype(np.uint8)
        elif self.level == "below":
            found = ((table.transport != TCP) & (table.transport != UDP)).astype(np.uint8)
        else:
            return np.full(table.size, MAYBE, np.uint8)
        found[table.unsure] = MAYBE
        return found


@dataclass(frozen=True, slots=True)
class OfBytes:
    """A predicate on the bytes of the frame alone: MAYBE until they are read."""

    holds: Callable[[bytes], bool]
    part: bytes | None = None
    """Where it only asks whether a frame holds these bytes."""
    ends: bool = False

    def judge(self, table: Table) -> Array:
        """As in Node."""
        assert isinstance(table, Rows)
        if table.data is None:
            return np.full(table.size, MAYBE, np.uint8)
        holds = self.holds
        if self.part is not None:
            return truth(table.data.holding(self.part))
        return truth(np.fromiter((holds(data) for data in table.data), bool, table.size))


def on_rows(node: Node) -> Node:
    """The same, asked of packets."""
    return Gathered(node) if node.ends else node


def joined(join: Join, parts: Sequence[Node]) -> Node:
    """Parts taken together; those on ends are put together before packets are looked at."""
    ends = [part for part in parts if part.ends]
    rows = [part for part in parts if not part.ends]
    if not rows:
        return Joined(join, tuple(ends), True) if len(ends) > 1 else ends[0]
    if ends:
        first = Joined(join, tuple(ends), True) if len(ends) > 1 else ends[0]
        rows.insert(0, Gathered(first))
    return Joined(join, tuple(rows), False) if len(rows) > 1 else rows[0]
