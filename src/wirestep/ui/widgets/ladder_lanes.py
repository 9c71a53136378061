"""Which lifelines a ladder shows, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wirestep.timeline.ladder import Step

LEAST = 2
"""Lifelines that stay."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What the user moved and hid; hosts that are not named stay where they were."""

    order: tuple[str, ...] = ()
    """From left to right, where it is not the order of appearance."""
    hidden: frozenset[str] = frozenset()

    def of(self, hosts: Sequence[str]) -> tuple[str, ...]:
        """The hosts that are shown, from left to right."""
        known = [host for host in self.order if host in hosts]
        every = [*known, *(host for host in hosts if host not in known)]
        return tuple(host for host in every if host not in self.hidden)

    def moved(self, host: str, by: int, hosts: Sequence[str]) -> Arrangement:
        """A lifeline further right (1) or left (-1)."""
        shown = list(self.of(hosts))
        place = shown.index(host) + by
        if not 0 <= place < len(shown):
            return self
        shown.remove(host)
        shown.insert(place, host)
        return replace(self, order=tuple(shown))

    def without(self, host: str, hosts: Sequence[str]) -> Arrangement:
        """A lifeline is hidden, with its arrows; two stay."""
        if len(self.of(hosts)) <= LEAST:
            return self
        return replace(self, hidden=self.hidden | {host})

    def placed(self, steps: Sequence[Step], hosts: Sequence[str]) -> list[Step]:
        """The steps between lifelines that are shown."""
        shown = self.of(hosts)
        if shown == tuple(hosts):
            return list(steps)
        places = [shown.index(host) if host in shown else -1 for host in hosts]
        return [
            replace(step, sender=places[step.sender], target=places[step.target])
            for step in steps
            if places[step.sender] >= 0 and places[step.target] >= 0
        ]
