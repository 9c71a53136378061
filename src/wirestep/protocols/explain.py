"""What every field means: the sentences of `explain.toml` beside each decoder.

    ["tls.handshake.random"]
    text = "Thirty-two bytes that no other handshake has …"
    spec = "RFC 8446 4.1.2"
    values = { 1 = "what this very value means" }      # where values need a sentence of their own

A key is a field's filter name, or the name of a protocol.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files

from wirestep.decode.contract import Protocol, Registry

FILE = "explain.toml"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a field, or a protocol, is for."""

    name: str
    """Filter name."""
    title: str
    protocol: str
    """As people say it."""
    text: str
    """One to three sentences."""
    spec: str
    """Where it is laid down: "RFC 8446 4.1.2"."""
    values: Mapping[str, str] = field(default_factory=dict)
    """By the value, in decimal or as text: a sentence on what this very value means."""


class Explanations:
    """The sentences of all protocols of a registry; a file is read when first asked for."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._read: dict[str, Mapping[str, Mapping[str, object]]] = {}

    def of(self, name: str) -> Explanation | None:
        """Of a field or a protocol, by its filter name; None where nobody has written one."""
        card = self._owner(name)
        entry = None if card is None else self._entries(card).get(name)
        if card is None or entry is None:
            return None
        values = entry.get("values", {})
        return Explanation(
            name,
            card.title if name == card.name else card.fields[name].title,
            card.label,
            str(entry["text"]),
            str(entry.get("spec", card.spec)),
            dict(values) if isinstance(values, dict) else {},
        )

    def is_read(self, name: str) -> bool:
        """Whether `of` can answer without reading a file."""
        card = self._owner(name)
        return card is None or _package(card) in self._read

    def written(self, card: Protocol) -> tuple[str, ...]:
        """All names that the protocol's file has an entry for, in its order."""
        return tuple(self._entries(card))

    def _owner(self, name: str) -> Protocol | None:
        """The card a name belongs to; of several, the one whose name it begins with."""
        cards = self._registry.cards
        if name in cards:
            return cards[name]
        holders = [card for card in cards.values() if name in card.fields]
        for card in holders:
            if name.startswith(f"{card.name}."):
                return card
        return holders[0] if holders else None

    def _entries(self, card: Protocol) -> Mapping[str, Mapping[str, object]]:
        package = _package(card)
        if package not in self._read:
            path = files(package) / FILE
            self._read[package] = tomllib.loads(path.read_text()) if path.is_file() else {}
        return self._read[package]


def _package(card: Protocol) -> str:
    """Where the protocol's file lies: beside its decoder."""
    decoder = card.decoder
    made: Callable[[], object] = decoder.func if isinstance(decoder, partial) else decoder
    return card.package or made.__module__.rpartition(".")[0]
