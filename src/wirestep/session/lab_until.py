"""Until when a run is to go on: a display filter, or a state that an end comes to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wirestep.wires.contract import Party

LIKE = re.compile(r"[a-z0-9][a-z0-9 _-]*")
"""What a state may look like: an end has states only from when it begins."""


@dataclass(frozen=True, slots=True)
class StateWish:
    """A state of a panel, of one host or of any."""

    state: str
    host: str = ""

    def met(self, parties: Iterable[Party], hosts: tuple[str, ...]) -> bool:
        """Whether an end stands there."""
        return any(
            panel.state.lower() == self.state
            for party in parties
            if not self.host or hosts[party.host].lower() == self.host
            for panel in party.panels
        )


def states(parties: Iterable[Party]) -> list[str]:
    """The states that can be named, in the order of the panels."""
    found: dict[str, None] = {}
    for party in parties:
        for panel in party.panels:
            found.update(dict.fromkeys((*panel.states, panel.state)))
    return [state for state in found if state]


def state_wish(text: str, hosts: tuple[str, ...]) -> StateWish | None:
    """What "ESTABLISHED" or "server ESTABLISHED" names; None for what can be no state."""
    plain = " ".join(text.lower().split())
    for host in hosts:
        front = host.lower() + " "
        if plain.startswith(front) and LIKE.fullmatch(plain.removeprefix(front)):
            return StateWish(plain.removeprefix(front), host.lower())
    return StateWish(plain) if LIKE.fullmatch(plain) else None
