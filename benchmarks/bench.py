"""What all measurements share: the captures they read, the rounds, what is reported."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from processes import TIMEOUT, Failed, Run, run

HERE = Path(__file__).resolve().parent
SOURCE = str(HERE.parent / "src")
FULL = {"mixed": 1_000_000, "small": 5_000_000, "bulk": 300_000, "part": 50_000}
QUICK = {"mixed": 20_000, "small": 40_000, "bulk": 5_000, "part": 2_000}
"""Packets of the captures that are made; `part` is a mixed one for who is slow."""
REAL_FULL, REAL_QUICK = 40_000, 1_500
"""Packets of each capture that is recorded, about."""

SLOW, ROUNDS_OF_SLOW = 12.0, 3
"""Who takes longer than so many seconds takes part in so many rounds only."""

Figures = dict[str, list[float]]
"""By what was measured, the values of all rounds."""
Contenders = dict[str, Callable[[], Figures]]
"""By name: what runs once and measures."""


class Target(NamedTuple):
    """One line of the list of targets."""

    what: str
    wanted: str
    measured: str
    met: bool | None
    """None: it could not be measured."""


class Section(Protocol):
    """Some contenders that are measured side by side."""

    name: str
    title: str
    rounds: int
    """At most."""

    def contenders(self, bench: Bench) -> Contenders:
        """Who takes part; captures are made here."""

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """What is to be said of it, as Markdown."""

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """How it stands to the targets."""


@dataclass
class Bench:
    """Where the captures are and how programs are run."""

    folder: Path
    quick: bool
    source: str = SOURCE
    notes: list[str] = field(default_factory=list)
    """What could not be measured, and why."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "home").mkdir(exist_ok=True)

    @property
    def env(self) -> dict[str, str]:
        """Nobody's settings: an empty home, and the source that is measured."""
        home = str(self.folder / "home")
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        folders = {f"XDG_{name}_HOME": home for name in ("STATE", "CONFIG", "CACHE", "DATA")}
        return {
            "LC_ALL": "C.UTF-8",
            **kept,
            **folders,
            "HOME": home,
            "PYTHONPATH": self.source,
        }

    def packets(self, kind: str) -> int:
        """How many packets a capture of this kind has."""
        return (QUICK if self.quick else FULL)[kind]

    def capture(self, kind: str, form: str = "pcap") -> str:
        """The path of a capture that is made once (`traffic`) and kept in the folder.

        Raises:
            Failed: it cannot be made.
        """
        count = self.packets(kind)
        path = self.folder / f"{kind}-{count}.{form}"
        if not path.exists():
            self.say(f"making {path.name} ...")
            made = path.with_suffix(".part")
            kinds = {"part": "mixed"}
            words = [sys.executable, str(HERE / "traffic.py"), kinds.get(kind, kind), str(made)]
            words += ["--packets", str(count), "--form", form]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                raise Failed(f"{path.name} cannot be made: {done.stderr.strip()[-300:]}")
            made.rename(path)
        return str(path)

    def real(self, kind: str, packets: int = REAL_FULL) -> tuple[str, str]:
        """The paths of a recorded capture (`real`) and of its key log, "" for none.

        `packets`: about so many, where it is not a quick run.

        Raises:
            Failed: it cannot be recorded.
        """
        count = REAL_QUICK if self.quick else packets
        path = self.folder / f"real-{kind}-{count}.pcap"
        if not path.exists():
            self.say(f"recording {path.name} ...")
            words = [sys.executable, str(HERE / "real.py"), kind, str(path)]
            words += ["--packets", str(count)]
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=180)
            if done.returncode:
                raise Failed(f"{kind} cannot be recorded: {done.stderr.strip()[-300:]}")
        keys = path.with_suffix(".keys")
        return str(path), str(keys) if keys.exists() else ""

    def wirestep(self, *words: str) -> list[str]:
        """The command line of the program that is measured."""
        return [sys.executable, "-m", "wirestep", *words]

    def measured(self, argv: Sequence[str], *, scale: float = 1) -> Figures:
        """Run a program to its end; `scale` says how much of the whole its file is."""
        took = run(argv, self.env)
        return self.figures(took, scale)

    @staticmethod
    def figures(took: Run, scale: float = 1) -> Figures:
        """A run as figures."""
        found = {"s": [took.wall * scale], "cpu": [took.cpu * scale]}
        name = "under" if took.peak <= took.floor else "peak"
        return {**found, name: [max(took.peak, took.floor)]}

    def inside(self, what: str, *words: str) -> Figures:
        """Measure within a process that has wirestep imported (`inside`).

        Raises:
            Failed: it ended badly; the last line of what it said.
        """
        argv = [sys.executable, str(HERE / "inside.py"), what, *words]
        try:
            done = subprocess.run(
                argv, env=self.env, capture_output=True, text=True, timeout=TIMEOUT, check=False
            )
        except subprocess.TimeoutExpired:
            raise Failed(f"{what} took longer than {TIMEOUT:.0f} s") from None
        if done.returncode:
            raise Failed((done.stderr.strip().splitlines() or ["no word of why"])[-1])
        figures: Figures = json.loads(done.stdout)
        return figures

    def say(self, text: str) -> None:
        """Tell whoever waits."""
        print(text, file=sys.stderr, flush=True)

    def skip(self, text: str) -> None:
        """Note once that something could not be measured."""
        if text not in self.notes:
            self.notes.append(text)
            self.say("skipped: " + text)


def installed(name: str) -> bool:
    """A program can be run."""
    return shutil.which(name) is not None


def measure(section: Section, bench: Bench, rounds: int) -> dict[str, Figures]:
    """All rounds of a section, its contenders in turn; who fails is left out and noted."""
    found: dict[str, Figures] = {}
    try:
        entered = section.contenders(bench)
    except Failed as error:
        bench.skip(f"{section.title}: {error}")
        return found
    rounds = min(rounds, section.rounds)
    for number in range(rounds):
        for name, contender in list(entered.items()):
            begun = time.monotonic()
            try:
                measured = contender()
            except Failed as error:
                bench.skip(f"{section.title}, {name}: {error}")
                del entered[name]
                found.pop(name, None)
                continue
            if time.monotonic() - begun > SLOW and number + 1 >= ROUNDS_OF_SLOW:
                del entered[name]
            for what, values in measured.items():
                found.setdefault(name, {}).setdefault(what, []).extend(values)
        bench.say(f"{section.name}: round {number + 1} of {rounds}")
    return found


def median(found: Mapping[str, Figures], name: str, what: str) -> float | None:
    """The median of a figure; None where there is none."""
    values = found.get(name, {}).get(what)
    return statistics.median(values) if values else None


def share(values: Sequence[float], part: float) -> float:
    """The value below which this part of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def number(value: float | None) -> str:
    """With three digits that count."""
    if value is None:
        return ""
    size = abs(value)
    return f"{value:.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table; what is not the first column stands right."""
    lines = ["| " + " | ".join(head) + " |"]
    lines.append("|---|" + "---:|" * (len(head) - 1))
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def times_table(found: Mapping[str, Figures], base: str, digits: str = "s") -> list[str]:
    """Medians, where they lay, how many times the base they are, memory."""
    own = median(found, base, "s")
    rows = []
    for name, figures in found.items():
        values = figures["s"]
        middle = statistics.median(values)
        peak, under = median(found, name, "peak"), median(found, name, "under")
        rows.append(
            (
                name,
                number(middle),
                f"{number(min(values))}, {number(max(values))}",
                number(middle / own) if own else "",
                number(median(found, name, "cpu")),
                number(peak) if peak else f"under {number(under)}" if under else "",
            )
        )
    return table(("program", digits, "from, to", "ratio", "processor, s", "peak, MB"), rows)


def at_least(
    what: str, found: Mapping[str, Figures], slow: str, fast: str, times: float, of: str = "s"
) -> Target:
    """`fast` is to be at least so many times better than `slow`."""
    one, other = median(found, slow, of), median(found, fast, of)
    if not one or not other:
        return Target(what, f"at least {times:g}x", "not measured", None)
    return Target(what, f"at least {times:g}x", f"{number(one / other)}x", one / other >= times)


def at_most(what: str, limit: float, value: float | None, unit: str) -> Target:
    """A value that is to stay under a limit."""
    if value is None:
        return Target(what, f"at most {limit:g} {unit}", "not measured", None)
    return Target(what, f"at most {limit:g} {unit}", f"{number(value)} {unit}", value <= limit)
