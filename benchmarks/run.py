"""Measures wirestep beside other programs: python benchmarks/run.py [--rounds 5] [--quick] [WHAT].

Each round runs every contender once, in turn, so that whatever else the machine does hits all of
them alike; the figures are medians. Prints Markdown; --write puts it into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from bench import SOURCE, Bench, Section, Target, measure, table
from bulk import Bulk
from filters import Filters
from lab import Lab
from ladder import LadderFrames
from live import Live
from screens import Screens
from tcp import Tcp
from whole import Memory, Whole
from wire import Wire

SECTIONS: tuple[Section, ...] = (
    Whole("open", "A million packets, whole process", "mixed"),
    Whole("small", "Five million small packets, whole process", "small"),
    Whole("flow", "One bulk flow, whole process", "bulk"),
    Screens(),
    Filters(),
    Tcp(),
    Live(),
    Memory(),
    Bulk(),
    Wire(),
    Lab(),
    LadderFrames(),
)
PAPER = Path(__file__).resolve().parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
VERDICTS = {True: "met", False: "**missed**", None: "-"}


def main() -> int:
    """The command line; 2 where the arguments are wrong."""
    options = _options()
    sections = [one for one in SECTIONS if not options.what or one.name in options.what]
    with tempfile.TemporaryDirectory(prefix="wirestep-benchmarks-") as scratch:
        folder = Path(options.dir or scratch).resolve()
        bench = Bench(folder, options.quick, str(Path(options.source).resolve()))
        lines, targets = [], []
        begun = time.monotonic()
        for section in sections:
            start = time.monotonic()
            found = measure(section, bench, options.rounds)
            if found:
                lines += [f"### {section.title}", "", *section.lines(bench, found)]
                targets += section.targets(bench, found)
            bench.say(f"{section.name}: {time.monotonic() - start:.0f} s in all")
        head = _head(bench, options.rounds, time.monotonic() - begun)
        text = "\n".join([*head, "", *_targets(targets), *lines, *_notes(bench)]).rstrip() + "\n"
    print(text)
    if options.write:
        _write(text)
    return 0


def _options() -> argparse.Namespace:
    names = [section.name for section in SECTIONS]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(names))
    parser.add_argument("--rounds", type=int, default=0, help="5; with --quick 1")
    parser.add_argument("--quick", action="store_true", help="small captures: does it run at all?")
    parser.add_argument("--dir", help="where captures are made and kept; else they are not kept")
    parser.add_argument("--source", default=SOURCE, help="the src folder that is measured")
    parser.add_argument("--write", action="store_true", help="put the result into the document")
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    for name in options.what:
        if name not in names:
            parser.error(f"there is no {name!r}; there are {', '.join(names)}")
    return options


def _head(bench: Bench, rounds: int, seconds: float) -> list[str]:
    """When, where, with what."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    quick = " Small captures only: these figures say that it runs, nothing else." * bench.quick
    busy = os.getloadavg()[1]
    return [
        f"{time.strftime('%Y-%m-%d')}, {cores} cores, {memory:.0f} GB, Python "
        f"{platform.python_version()}; rounds: {rounds}, {seconds / 60:.0f} minutes; about "
        f"{busy:.1f} programs ready to run, these included.{quick}"
    ]


def _targets(targets: list[Target]) -> list[str]:
    rows = [(one.what, one.wanted, one.measured, VERDICTS[one.met]) for one in targets]
    return table(("target", "wanted", "measured", ""), rows) if rows else []


def _notes(bench: Bench) -> list[str]:
    return ["Not measured:", "", *(f"- {note}" for note in bench.notes)] if bench.notes else []


def _write(text: str) -> None:
    """Put it between the marks in the document."""
    paper = PAPER.read_text(encoding="utf-8")
    head, begin, rest = paper.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{PAPER.name} has no marks {BEGIN} and {END}")
    PAPER.write_text(f"{head}{BEGIN}\n\n{text}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
