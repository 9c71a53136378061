"""A state machine that is a table, and remembers when it entered each state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .contract import Fact, Panel

Table = Mapping[tuple[str, str], str]
"""{(state, event): next state}; what is not in it changes nothing."""


class Machine:
    """Where one party stands; `Panel`s are made of it."""

    def __init__(self, table: Table, state: str, now: int = 0) -> None:
        self.table = table
        self.state = state
        self._entered = {state: now}

    def go(self, event: str, now: int) -> bool:
        """Take `event` at `now` (ns); False where the table has no such step."""
        following = self.table.get((self.state, event))
        if following is None:
            return False
        if following != self.state:
            self._entered[following] = now
            self.state = following
        return True

    @property
    def since(self) -> tuple[tuple[str, int], ...]:
        """(state, ns when it was last entered), of those that were."""
        return tuple(self._entered.items())

    def panel(self, title: str, states: tuple[str, ...], facts: Iterable[Fact] = ()) -> Panel:
        """A panel of this machine; `states`: the usual way through it, in order."""
        return Panel(title, states, self.state, self.since, tuple(facts))
