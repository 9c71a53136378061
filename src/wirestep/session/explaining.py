"""What the field under the cursor means: the sentences of its protocol, ready to show."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from wirestep.decode.contract import Registry
from wirestep.model import safe
from wirestep.protocols.explain import Explanations

MAX_WAITING = 16


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a field is for. All text is safe."""

    name: str
    """Filter name of the field, or name of the protocol, that is explained."""
    title: str
    text: str
    """One to three sentences; "" where nobody has written any."""
    spec: str
    """Where it is laid down: "RFC 8446 4.1.2"."""
    sentence: str = ""
    """On this very value; "" where there is none."""


class Explainer:
    """Explains fields; a protocol's file is read in the background when first asked for."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._book = Explanations(registry)
        self._waiting: list[str] = []
        """Names whose files are to be read."""
        self._lock = threading.Lock()

    def of(self, name: str, value: str = "") -> Meaning | None:
        """What is written of a field (or a protocol) and of its value, as a filter has it.

        None while the file is being read, which `step` does.
        """
        if self._book.is_read(name):
            return self.at_once(name, value)
        with self._lock:
            if name not in self._waiting:
                self._waiting.append(name)
                del self._waiting[:-MAX_WAITING]
        return None

    def at_once(self, name: str, value: str = "") -> Meaning:
        """The same, with the file read here and now."""
        found = self._book.of(name)
        if found is None:
            return Meaning(safe(name), safe(self._title(name)), "", "")
        said = next((found.values[key] for key in _keys(value) if key in found.values), "")
        return Meaning(
            safe(name), safe(found.title), safe(found.text), safe(found.spec), safe(said)
        )

    def _title(self, name: str) -> str:
        if name in self._registry.cards:
            return self._registry[name].title
        info = self._registry.fields.get(name)
        return info.title if info is not None else name

    def step(self) -> bool:
        """Reads the file of one name that waits; False where none does."""
        with self._lock:
            if not self._waiting:
                return False
            name = self._waiting.pop()
        self._book.of(name)
        return True


def _keys(value: str) -> Sequence[str]:
    """How a value may be written in explain.toml: as it is, or in decimal."""
    try:
        return value, str(int(value, 0))
    except ValueError:
        return (value,)
