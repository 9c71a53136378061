"""The protocol hierarchy: which protocols frames hold, one inside the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from wirestep.capture.arrays import Array
from wirestep.model import Message

from .totals import Layer

Path = tuple[str, ...]
MOST = 4096
"""Shapes that are told apart; a hostile capture must not make the table grow without end."""
DEEPEST = 24
"""Protocols in a path; the rest is cut."""
SURE = 3
"""Protocols of the path that stands for a frame once there are too many shapes."""


class Hierarchy:
    """Gives each frame the number of its shape: the set of the paths of its protocols.

    A frame counts once for each path. A protocol that directly carries itself (one record after
    the other, a message of a record) is one line: `family` says which name a card goes by.
    """

    def __init__(self, family: Callable[[str], str], title: Callable[[str], str]) -> None:
        self._family, self._title = family, title
        self._known: dict[tuple[tuple[str, int], ...], int] = {}
        self._carried: dict[tuple[frozenset[Path], tuple[tuple[str, int], ...]], int] = {}
        self._numbers: dict[frozenset[Path], int] = {frozenset(): 0}

    def shape(self, messages: Sequence[Message]) -> int:
        """The shape of a frame, from the messages it completed; 0 for one without any."""
        if not messages:
            return 0
        seen = _seen(messages)
        number = self._known.get(seen)
        if number is None:
            number = self._number(self._paths(seen))
            if len(self._known) < MOST:
                self._known[seen] = number
        return number

    def paths(self, messages: Sequence[Message]) -> frozenset[Path]:
        """The paths of a frame's messages."""
        return self._paths(_seen(messages)) if messages else frozenset()

    def carried(self, below: frozenset[Path], messages: Sequence[Message]) -> int:
        """The shape of a frame: `below` are the paths of its headers, the longest one leads to
        `messages`, which count by themselves."""
        places = {message.number: place for place, message in enumerate(messages)}
        seen = tuple(
            (m.protocol, places.get(-1 if m.inside is None else m.inside, -1)) for m in messages
        )
        number = self._carried.get((below, seen))
        if number is None:
            top = max(below, key=len, default=())
            number = self._number(below | self._paths(seen, top))
            if len(self._carried) < MOST:
                self._carried[below, seen] = number
        return number

    def _number(self, paths: frozenset[Path]) -> int:
        if paths not in self._numbers and len(self._numbers) >= MOST:
            first = max(paths, key=len, default=())[:SURE]
            paths = frozenset(first[: size + 1] for size in range(len(first)))
            if paths not in self._numbers and len(self._numbers) >= 2 * MOST:
                return 0
        return self._numbers.setdefault(paths, len(self._numbers))

    def _paths(self, seen: tuple[tuple[str, int], ...], top: Path = ()) -> frozenset[Path]:
        """The path of each message; what a message of another frame carries stands below `top`, or
        the message before it."""
        made: list[Path] = []
        for place, (protocol, inside) in enumerate(seen):
            if protocol == "frame":
                made.append(())
                continue
            above = made[inside] if 0 <= inside < place else top or (made[-1] if made else ())
            name = self._family(protocol)
            path = above if above and above[-1] == name else (*above, name)
            made.append(path[:DEEPEST])
        return frozenset(path for path in made if path)

    def layers(self, shapes: Array, lengths: Array) -> tuple[Layer, ...]:
        """The table of some frames, depth first, the larger branch first.

        `shapes` are their shapes, `lengths` their bytes on the wire.
        """
        packets = np.bincount(shapes, minlength=len(self._numbers)).tolist()
        sizes = np.bincount(shapes, lengths, minlength=len(self._numbers)).tolist()
        counts: dict[Path, list[int]] = {}
        for paths, number in self._numbers.items():
            for path in paths if packets[number] else ():
                counted = counts.setdefault(path, [0, 0])
                counted[0] += packets[number]
                counted[1] += int(sizes[number])
        return self._listed(counts)

    def _listed(self, counts: dict[Path, list[int]]) -> tuple[Layer, ...]:
        inside: dict[Path, list[Path]] = {}
        for path in sorted(counts, key=lambda path: (counts[path][0], path), reverse=True):
            inside.setdefault(path[:-1], []).append(path)
        out: list[Layer] = []
        waiting = inside.get((), [])[::-1]
        while waiting:
            path = waiting.pop()
            title = self._title(path[-1])
            out.append(Layer(path[-1], title, len(path) - 1, *counts[path]))
            waiting.extend(inside.get(path, [])[::-1])
        return tuple(out)


def _seen(messages: Sequence[Message]) -> tuple[tuple[str, int], ...]:
    """(protocol, which message of the frame carries it; below 0: none of them) of each message."""
    base = messages[0].number
    return tuple((m.protocol, -1 if m.inside is None else m.inside - base) for m in messages)
