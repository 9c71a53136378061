"""The ladder of 10,000 arrows: how long a frame takes, in rows and to scale."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from bench import Bench, Contenders, Figures, Target, at_most, number, share, table
from screens import spread

FRAME = 1000 / 30
"""Milliseconds of a frame at 30 a second."""


class LadderFrames:
    """Keys held down in each mode, in turn, within one process."""

    name, title, rounds = "ladder", "A ladder of 10,000 arrows", 3

    def contenders(self, bench: Bench) -> Contenders:
        """One download on the virtual wire, all of its packets drawn."""
        size, presses = ("1000000", "30") if bench.quick else ("10600000", "240")
        return {"ladder": partial(bench.inside, "ladder", size, presses)}

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """By mode: frames after a key that selects, and after one that pans."""
        figures = found.get("ladder", {})
        rows = []
        for name, values in figures.items():
            if name != "arrows" and values:
                rows.append((name, *spread(values), number(1000 / share(sorted(values), 0.95))))
        arrows = max(figures.get("arrows", [0]))
        head = (f"frame of 120 x 40, {arrows:,.0f} arrows, ms", "median", "95th percentile")
        return table((*head, "worst", "frames", "frames/s at the 95th"), rows)

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """The slowest mode."""
        figures = found.get("ladder", {})
        tails = [
            share(sorted(values), 0.95) for name, values in figures.items() if name != "arrows"
        ]
        tail = max(tails) if tails else None
        what = "ladder of 10,000 arrows, a frame in the slowest mode, 95th percentile"
        return [at_most(what, FRAME, tail, "ms")]
