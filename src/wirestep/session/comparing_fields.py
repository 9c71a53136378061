"""The fields of two messages side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from .comparing import Aligned, Seat, Stride
from .lab_compare import MOVED, ONLY_FIRST, ONLY_SECOND, SAME
from .views import Node

MOST = 400
"""Fields of each message that are compared."""


@dataclass(frozen=True, slots=True)
class FieldPair:
    """A field of both, or of one of them. All text is safe."""

    title: str
    depth: int
    first: str
    second: str
    sign: str


def field_pairs(pair: Aligned, first: Seat, second: Seat) -> tuple[FieldPair, ...]:
    """The fields of the two messages of a line, aligned by their names."""
    ours = list(_fields(first, pair.first))[:MOST]
    theirs = list(_fields(second, pair.second))[:MOST]
    found: list[FieldPair] = []
    keys = [[(one.name or one.title, depth) for one, depth in each] for each in (ours, theirs)]
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    for word, low, high, start, stop in matcher.get_opcodes():
        if word == "equal":
            for (a, depth), (b, _) in zip(ours[low:high], theirs[start:stop], strict=True):
                sign = SAME if a.shown == b.shown else MOVED
                found.append(FieldPair(a.title, depth, a.shown, b.shown, sign))
            continue
        found += [FieldPair(a.title, d, a.shown, "", ONLY_FIRST) for a, d in ours[low:high]]
        found += [FieldPair(b.title, d, "", b.shown, ONLY_SECOND) for b, d in theirs[start:stop]]
    return tuple(found)


def _fields(seat: Seat, stride: Stride | None) -> Iterator[tuple[Node, int]]:
    """(line, depth) of the message's layer, without its bytes that say nothing."""
    if stride is None:
        return
    nodes = seat.session.frame(stride.record).nodes
    if stride.layer < len(nodes):
        for child in nodes[stride.layer].children:
            yield from _below(child, 0)


def _below(node: Node, depth: int) -> Iterator[tuple[Node, int]]:
    yield node, depth
    for child in node.children:
        yield from _below(child, depth + 1)
