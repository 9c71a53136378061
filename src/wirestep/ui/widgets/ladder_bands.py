"""Connections and sessions as bands at the left of a ladder: how long each was spoken in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from wirestep.timeline.ladder import Step
from wirestep.ui.canvas import Line, width_of
from wirestep.ui.theme import Palette, style

SLOTS = 6
"""Bands beside each other, at most."""
SPARE = 3
"""Lines of a band that its name leaves free, at least."""


class Band(NamedTuple):
    """Lines [first, last] of one protocol in one conversation."""

    first: int
    last: int
    hue: str
    name: str = ""
    """What is spoken in it: written down it, where it is long enough."""

    def glyph(self, row: int) -> str:
        """What stands at one of its lines: an end, a letter of its name, or the line itself."""
        if row == self.first:
            return "╭"
        if row == self.last:
            return "╰"
        at = row - self.first - 1
        # Below its last letter some of the line is left, so that it is seen to be a line.
        fits = self.last - self.first > len(self.name) + SPARE
        return self.name[at] if fits and at < len(self.name) else "│"


VERSION = re.compile(r"v[0-9.]+$")
LONGEST = 9
"""Letters of a name, at most."""
Slots = tuple[tuple[Band, ...], ...]
"""By column: its bands, which do not overlap, from top to bottom."""


def bands(steps: Sequence[Step], span: Callable[[int], tuple[int, int]]) -> Slots:
    """The bands of steps; `span`: first and last line of the arrow at a place among them.

    A session that began with a handshake lasts as long as its conversation is spoken in.
    """
    found: dict[tuple[int, str], list[int]] = {}
    ends: dict[int, int] = {}
    lasting: set[tuple[int, str]] = set()
    names: dict[tuple[int, str], str] = {}
    for place, step in enumerate(steps):
        if step.conversation < 0 or step.level == "note" or step.stage == "lookup":
            continue
        first, last = span(place)
        key = step.conversation, step.hue
        known = found.setdefault(key, [first, last])
        names[key] = step.protocol
        known[0], known[1] = min(known[0], first), max(known[1], last)
        ends[key[0]] = max(ends.get(key[0], last), last)
        if step.stage == "handshake" or step.level == "packet":
            lasting.add(key)
    slots: list[list[Band]] = []
    spoken = [
        Band(first, ends[key[0]] if key in lasting else last, key[1], written(names[key]))
        for key, (first, last) in found.items()
    ]
    for band in sorted(spoken, key=lambda band: (band.first, -band.last)):
        slot = next((slot for slot in slots if slot[-1].last < band.first), None)
        if band.last - band.first < 2:
            continue
        if slot is not None:
            slot.append(band)
        elif len(slots) < SLOTS:
            slots.append([band])
    return tuple(tuple(slot) for slot in slots)


def written(name: str) -> str:
    """A protocol's name down a band: without what only tells its versions apart, and short."""
    bare = VERSION.sub("", name)
    return bare if bare.isascii() and width_of(bare) <= LONGEST else ""


def draw_bands(
    out: Line, row: int, slots: Slots, room: tuple[int, int], look: Palette, back: str
) -> None:
    """The bands that pass a line, in cells [room), the outermost first."""
    start, stop = room
    for column, slot in zip(range(start, stop), slots, strict=False):
        at = bisect_right(slot, row, key=lambda band: band.first) - 1
        if at < 0 or row > slot[at].last:
            continue
        band = slot[at]
        out.dot(column, band.glyph(row), style(look.hue(band.hue), back))
