"""What is wrong with TCP: marks of every segment, beside those that tshark makes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from bench import Bench, Contenders, Figures, Target, at_least, installed, median, number, table
from processes import Failed, run

PREFIX = "tcp.analysis."
JUDGED = ("retransmission", "out_of_order", "lost_segment", "duplicate_ack")
NAMES = (
    *JUDGED,
    "fast_retransmission",
    "spurious_retransmission",
    "ack_lost_segment",
    "keep_alive",
    "keep_alive_ack",
    "window_update",
    "window_full",
    "zero_window",
    "zero_window_probe",
    "zero_window_probe_ack",
    "reused_ports",
)
KINDS = ("mixed", "bulk")
REAL = "lossy"


class Tcp:
    """Time and agreement."""

    name, title, rounds = "tcp", "TCP analysis", 3

    def contenders(self, bench: Bench) -> Contenders:
        """Both programs, each on the captures that were made and on a recorded one."""
        if not installed("tshark"):
            raise Failed("tshark is not installed")
        paths = {kind: bench.capture(kind) for kind in KINDS}
        try:
            paths[REAL], _ = bench.real(REAL)
        except Failed as error:
            bench.skip(f"{self.title}: {error}")
        entered: Contenders = {}
        for kind, path in paths.items():
            marks = str(bench.folder / f"marks-{kind}.npz")
            fields = str(bench.folder / f"marks-{kind}.txt")
            entered[f"wirestep, {kind}"] = partial(bench.inside, "marks", path, marks)
            entered[f"tshark, {kind}"] = partial(_tshark, bench, path, fields)
        return entered

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """Times; then counts."""
        rows = []
        for kind in (*KINDS, REAL):
            own, other = (median(found, f"{who}, {kind}", "s") for who in ("wirestep", "tshark"))
            if own and other:
                extra = number(median(found, f"wirestep, {kind}", "analysis"))
                rows.append((kind, number(own), extra, number(other), number(other / own)))
        head = ("capture", "wirestep, s", "of it the analysis", "tshark, s", "tshark / wirestep")
        lines = table(head, rows)
        counted = self._compared(bench, found)
        rows = [
            (f"{kind}: {PREFIX}{name}", f"{other:,}", f"{own:,}", f"{both:,}", f"{alike:.3f} %")
            for (kind, name), (other, own, both, alike) in counted.items()
            if other or own
        ]
        return lines + table(("mark", "tshark", "wirestep", "both", "alike"), rows)

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """The marks of the issue on what was recorded; the time on what was made."""
        counted = self._compared(bench, found)
        made = [
            at_least(
                "TCP analysis, 1 M packets, against tshark",
                found,
                "tshark, mixed",
                "wirestep, mixed",
                1,
            )
        ]
        for kind in (REAL, "mixed"):
            one, other, both = (
                sum(counted[kind, name][place] for name in JUDGED if (kind, name) in counted)
                for place in range(3)
            )
            what = f"retransmission, out-of-order, lost, duplicate-ACK marks, {kind} capture"
            if not counted or not one + other:
                made.append(Target(what, "at least 99.9 % alike", "not measured", None))
                continue
            alike = 100 * both / (one + other - both)
            made.append(Target(what, "at least 99.9 % alike", f"{alike:.3f} %", alike >= 99.9))
        return made

    def _compared(
        self, bench: Bench, found: Mapping[str, Figures]
    ) -> dict[tuple[str, str], tuple[int, int, int, float]]:
        """By capture and mark: of tshark, of wirestep, of both, share of all that is of both."""
        counted = {}
        for kind in (*KINDS, REAL):
            if f"wirestep, {kind}" not in found or f"tshark, {kind}" not in found:
                continue
            theirs = _read(bench.folder / f"marks-{kind}.txt")
            done = subprocess.run(
                [sys.executable, "-c", UNPACK, str(bench.folder / f"marks-{kind}.npz")],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            ours = _lines(done.stdout)
            for name in NAMES:
                one, other = theirs.get(name, set()), ours.get(name, set())
                every = len(one | other)
                alike = 100 * len(one & other) / every if every else 100.0
                counted[kind, name] = len(one), len(other), len(one & other), alike
        return counted


UNPACK = """
import sys
import numpy as np
found = np.load(sys.argv[1])
for name, bit in zip(found["names"], found["bits"]):
    for row in np.flatnonzero(found["marks"] & bit):
        print(row + 1, name)
"""
"""numpy is not imported by who measures: it would make the process large."""


def _tshark(bench: Bench, path: str, out: str) -> Figures:
    """Print the number of each packet that is marked, and its marks."""
    names = [word for name in NAMES for word in ("-e", PREFIX + name)]
    argv = ["tshark", "-n", "-r", path, "-Y", "tcp.analysis.flags", "-T", "fields"]
    took = run([*argv, "-e", "frame.number", *names], bench.env, output=out)
    return bench.figures(took)


def _read(path: Path) -> dict[str, set[int]]:
    """By mark: packets that have it, as tshark printed them."""
    found: dict[str, set[int]] = {name: set() for name in NAMES}
    with path.open(encoding="ascii", errors="replace") as file:
        for line in file:
            row, *values = line.rstrip("\n").split("\t")
            for name, value in zip(NAMES, values, strict=False):
                if value:
                    found[name].add(int(row))
    return found


def _lines(text: str) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for line in text.splitlines():
        row, _, name = line.partition(" ")
        found.setdefault(name.removeprefix(PREFIX), set()).add(int(row))
    return found
