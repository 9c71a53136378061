"""Two branches side by side: what is the same, what came later, what is only in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from wirestep.timeline.times import milliseconds

from .lab_course import Course
from .lab_settings import settings
from .lab_views import Host, Passage
from .lab_words import AGAIN

MOST = 3_000
"""Packets of each branch that are compared."""
SAME, MOVED, ONLY_FIRST, ONLY_SECOND = "=", "~", "-", "+"


@dataclass(frozen=True, slots=True)
class Pair:
    """A line: a packet of each branch, or of one of them."""

    first: Passage | None
    second: Passage | None
    sign: str
    """SAME: at the same time; MOVED: at another, or it fared otherwise; or only in one."""


@dataclass(frozen=True, slots=True)
class Total:
    """A number of both, and how they differ."""

    name: str
    first: str
    second: str
    change: str
    better: int = 0
    """1: the second is better; -1: the first; 0: nobody can say."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two branches of a lab."""

    names: tuple[str, str]
    told: tuple[str, str]
    """What was decided in each."""
    hosts: tuple[Host, ...]
    pairs: tuple[Pair, ...]
    totals: tuple[Total, ...]

    @property
    def differences(self) -> int:
        """Lines that are not the same."""
        return sum(1 for pair in self.pairs if pair.sign != SAME)


def compared(first: Course, second: Course) -> Comparison:
    """Two branches as far as each has come, packet by packet in the order of leaving."""
    ours, theirs = tuple(first.passages[:MOST]), tuple(second.passages[:MOST])
    pairs: list[Pair] = []
    matcher = SequenceMatcher(None, _keys(ours), _keys(theirs), autojunk=False)
    for word, low, high, start, stop in matcher.get_opcodes():
        if word == "equal":
            both = zip(ours[low:high], theirs[start:stop], strict=True)
            pairs += [Pair(a, b, SAME if _alike(a, b) else MOVED) for a, b in both]
            continue
        pairs += [Pair(a, None, ONLY_FIRST) for a in ours[low:high]]
        pairs += [Pair(None, b, ONLY_SECOND) for b in theirs[start:stop]]
    hosts = tuple(Host(host.name, host.addresses[0]) for host in first.run.hosts)
    told = tuple(each.told() or "as it is" for each in (first, second))
    return Comparison(
        (first.name, second.name), (told[0], told[1]), hosts, tuple(pairs), _totals(first, second)
    )


def _keys(passages: tuple[Passage, ...]) -> list[tuple[int, int, str, bool]]:
    return [(p.sender, p.target, p.label, AGAIN in p.marks) for p in passages]


def _alike(first: Passage, second: Passage) -> bool:
    return (first.left, first.lands, first.fate) == (second.left, second.lands, second.fate)


def _totals(first: Course, second: Course) -> tuple[Total, ...]:
    ours, theirs = _counts(first), _counts(second)
    totals = [
        total(name, one, other, timed=timed)
        for (name, one, timed), (_, other, _) in zip(ours, theirs, strict=True)
    ]
    plans = zip(settings(first.plan, first.plan), settings(second.plan, second.plan), strict=True)
    totals += [Total(a.title, a.shown, b.shown, "") for a, b in plans if a.shown != b.shown]
    return tuple(totals)


def _counts(course: Course) -> list[tuple[str, int, bool]]:
    shown = course.passages
    heard = course.run.heard
    done = heard[-1].time if heard else course.run.now
    return [
        ("done ms" if course.run.outcome.over else "now ms", done, True),
        ("packets", len(shown), False),
        ("bytes", sum(p.size for p in shown), False),
        ("lost", sum(1 for p in shown if p.never), False),
        ("sent again", sum(1 for p in shown if AGAIN in p.marks), False),
    ]


def total(name: str, one: int, other: int, *, timed: bool) -> Total:
    """A number of both, fewer are better; `timed`: it is in nanoseconds."""

    def text(value: int) -> str:
        return milliseconds(value, 1) if timed else f"{value:,}".replace(",", " ")

    change = other - one
    sign = "+" if change > 0 else "-" if change < 0 else ""
    return Total(
        name,
        text(one),
        text(other),
        f"{sign}{text(abs(change))}" if change else "=",
        (change < 0) - (change > 0),
    )
