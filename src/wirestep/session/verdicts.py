"""Whether conversations could be decrypted, and if not, what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wirestep.decode.contract import OPENED, Registry
from wirestep.model import Message, safe


@dataclass(frozen=True, slots=True)
class Verdict:
    """On the encrypted units of one protocol in one conversation. All text is safe."""

    flow: int
    """Conversation."""
    protocol: str
    """As people say it."""
    opened: int
    """Units that were decrypted."""
    closed: int
    """Units that were not."""
    why: str
    """Why not, in a sentence; of the first unit where there were several reasons."""

    @property
    def text(self) -> str:
        """For people: "decrypted", or the reason."""
        if not self.closed:
            return OPENED
        if not self.opened:
            return self.why
        total = self.opened + self.closed
        return f"{OPENED} but for {self.closed} of {total}: {self.why}"


class Verdicts:
    """Gathers what the decoders say of each unit."""

    def __init__(self, registry: Registry) -> None:
        self._labels = {
            card.verdict: card.label for card in registry.cards.values() if card.verdict
        }
        self._found: dict[tuple[int, str], Verdict] = {}

    @property
    def names(self) -> frozenset[str]:
        """Fields that must be kept for `add`."""
        return frozenset(self._labels)

    def add(self, flow: int, messages: Iterable[Message]) -> None:
        """Take in what a record of conversation `flow` completed."""
        for message in messages:
            for name, value, _ in message.values:
                if name in self._labels:
                    self._one(flow, name, str(value))

    def _one(self, flow: int, name: str, said: str) -> None:
        old = self._found.get((flow, name), Verdict(flow, self._labels[name], 0, 0, ""))
        opened = said.startswith(OPENED)
        self._found[flow, name] = Verdict(
            flow,
            old.protocol,
            old.opened + opened,
            old.closed + (not opened),
            old.why or ("" if opened else safe(said)),
        )

    def all(self) -> tuple[Verdict, ...]:
        """In the order in which the conversations were met."""
        return tuple(self._found.values())
