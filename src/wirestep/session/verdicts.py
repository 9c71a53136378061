"""Whether conversations could be decrypted, and if not, what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

from wirestep.capture.arrays import Array
from wirestep.decode.contract import OPENED, Registry
from wirestep.model import Message, safe

from .reading import Reading


def verdict_fields(registry: Registry) -> frozenset[str]:
    """The fields in which decoders say whether an encrypted unit was opened."""
    return frozenset(card.verdict for card in registry.cards.values() if card.verdict)


def judged(message: Message, names: frozenset[str]) -> tuple[bool, str] | None:
    """Whether the encrypted units of a message were all opened, and why not, as its decoder says.

    None for a message without encrypted units; `names` are the fields of `verdict_fields`.
    """
    found = None
    for name, value, _ in message.values:
        if name in names:
            found = str(value)
            if not found.startswith(OPENED):
                return False, found
    return None if found is None else (True, "")


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

    def take(self, flows: Sequence[int], frames: Sequence[Sequence[Message]]) -> None:
        """Take in what many records completed; by record: its conversation, and what that was."""
        for flow, messages in zip(flows, frames, strict=True):
            for message in messages:
                if message.values:
                    self.add(flow, messages)
                    break

    def add(self, flow: int, messages: Iterable[Message]) -> None:
        """Take in what a record of conversation `flow` completed."""
        for message in messages:
            for name, value, _ in message.values:
                if name in self._labels:
                    self._one(flow, name, str(value))

    def merge(self, found: Iterable[Verdict]) -> None:
        """Take in what was gathered elsewhere, later."""
        names = {label: name for name, label in self._labels.items()}
        for one in found:
            key = one.flow, names[one.protocol]
            old = self._found.get(key)
            self._found[key] = one if old is None else _sum(old, one)

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


class Surveyed:
    """The verdicts on all conversations that are decoded; each record is looked at once."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._known: WeakKeyDictionary[Reading, tuple[int, Verdicts]] = WeakKeyDictionary()

    def of(self, readings: Iterable[Reading], flows: Array) -> Mapping[int, tuple[str, str]]:
        """By conversation: Flowline.opened and verdict; `flows` are the sides of all records."""
        merged: dict[tuple[int, str], Verdict] = {}
        for reading in readings:
            for found in self._of(reading, flows).all():
                old = merged.get((found.flow, found.protocol))
                merged[found.flow, found.protocol] = _sum(old, found) if old else found
        return told(merged.values())

    def _of(self, reading: Reading, flows: Array) -> Verdicts:
        seen, found = self._known.get(reading, (0, Verdicts(self._registry)))
        done = reading.done
        if seen < done:
            numbers = flows[reading.rows[seen:done]] >> 1
            found.take(numbers.tolist(), reading.frames[seen:done])
            self._known[reading] = done, found
        return found


def told(verdicts: Iterable[Verdict]) -> dict[int, tuple[str, str]]:
    """By conversation: Flowline.opened and verdict."""
    by_flow: dict[int, list[Verdict]] = {}
    for found in verdicts:
        by_flow.setdefault(found.flow, []).append(found)
    return {flow: (_opened(found), _text(found)) for flow, found in by_flow.items()}


def _sum(one: Verdict, other: Verdict) -> Verdict:
    """Of two parts of a conversation."""
    return replace(
        one,
        opened=one.opened + other.opened,
        closed=one.closed + other.closed,
        why=one.why or other.why,
    )


def _opened(found: Sequence[Verdict]) -> str:
    if not any(one.closed for one in found):
        return "all"
    return "part" if any(one.opened for one in found) else "none"


def _text(found: Sequence[Verdict]) -> str:
    return "; ".join(dict.fromkeys(one.text for one in found))
