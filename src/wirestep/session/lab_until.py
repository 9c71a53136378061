"""Until when a run is to go on: a display filter, or a state that an end comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wirestep.wires.contract import Party


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


def state_wish(text: str, known: Iterable[str], hosts: tuple[str, ...]) -> StateWish | None:
    """ "ESTABLISHED", "server ESTABLISHED"; None where it is no state that is known."""
    plain = " ".join(text.lower().split())
    lowered = {state.lower() for state in known}
    if plain in lowered:
        return StateWish(plain)
    for host in hosts:
        front = host.lower() + " "
        if plain.startswith(front) and plain.removeprefix(front) in lowered:
            return StateWish(plain.removeprefix(front), host.lower())
    return None
