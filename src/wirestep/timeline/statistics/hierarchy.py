"""The protocol hierarchy: which protocols frames hold, one inside the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from wirestep.model import Message

from .totals import Layer

Path = tuple[str, ...]
MAX_PATHS = 4096
"""Paths that are told apart; a hostile capture must not make the table grow without end."""
MAX_DEPTH = 24


class Hierarchy:
    """Counts frames by the paths of their protocols; a frame counts once for each of its paths.

    A protocol that directly carries itself (one record after the other, a message of a record) is
    one line: `family` says which name a card goes by.
    """

    def __init__(self, family: Callable[[str], str], title: Callable[[str], str]) -> None:
        self._family, self._title = family, title
        self._packets: dict[Path, int] = {}
        self._bytes: dict[Path, int] = {}
        self._shapes: dict[tuple[tuple[str, int], ...], frozenset[Path]] = {}
        self.frames = 0
        """Counted so far."""

    def add(self, messages: Sequence[Message], length: int) -> None:
        """Count one frame; `messages` are those it completed, `length` its bytes on the wire."""
        self.frames += 1
        if not messages:
            return
        base = messages[0].number
        shape = tuple((m.protocol, -1 if m.inside is None else m.inside - base) for m in messages)
        paths = self._shapes.get(shape)
        if paths is None:
            paths = self._paths(shape)
            if len(self._shapes) < MAX_PATHS:
                self._shapes[shape] = paths
        for path in paths:
            if path in self._packets or len(self._packets) < MAX_PATHS:
                self._packets[path] = self._packets.get(path, 0) + 1
                self._bytes[path] = self._bytes.get(path, 0) + length

    def _paths(self, shape: tuple[tuple[str, int], ...]) -> frozenset[Path]:
        """The path of each message; what is carried by a message of another frame stands below
        the message before it."""
        made: list[Path] = []
        for place, (protocol, inside) in enumerate(shape):
            if protocol == "frame":
                made.append(())
                continue
            above = made[inside] if 0 <= inside < place else made[-1] if made else ()
            name = self._family(protocol)
            path = above if above and above[-1] == name else (*above, name)
            made.append(path[:MAX_DEPTH])
        return frozenset(path for path in made if path)

    def layers(self) -> tuple[Layer, ...]:
        """The table, depth first, the larger branch first."""
        inside: dict[Path, list[Path]] = {}
        for path in self._packets:
            inside.setdefault(path[:-1], []).append(path)
        out: list[Layer] = []
        waiting = self._sorted(inside.get((), []))[::-1]
        while waiting:
            path = waiting.pop()
            name = path[-1]
            packets, size = self._packets[path], self._bytes[path]
            out.append(Layer(name, self._title(name), len(path) - 1, packets, size))
            waiting.extend(self._sorted(inside.get(path, []))[::-1])
        return tuple(out)

    def _sorted(self, paths: list[Path]) -> list[Path]:
        return sorted(paths, key=lambda path: (-self._packets[path], path))
