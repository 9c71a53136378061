"""A capture that grows while it is open: packets come through a pipe at a steady rate."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from itertools import pairwise

from bench import HERE, Bench, Contenders, Figures, Target, at_most, median, number, share, table
from processes import Failed
from screens import grouped, spread
from terminal import Gone, Terminal

RATE = 100_000
FULL, QUICK = 300_000, 30_000
"""Packets that are written."""
SCREEN = r"packet [0-9][^/\n]* / "
"""Told at the foot of the screen, as soon as it stands."""
BEAT = 0.035
"""Seconds between two keys."""
GAP = 0.004
"""Seconds without output between two pictures."""
PATIENCE, TRIED = 30.0, 8.0
"""Seconds for what must come, and for a screen that may not."""
NAMED = "a screen for what comes by standard input: there was none; it came by a named pipe instead"


class NoScreen(Exception):
    """This version shows no screen of what comes by standard input."""


class Live:
    """100,000 packets a second."""

    name, title, rounds = "live", "A growing capture", 99

    def contenders(self, bench: Bench) -> Contenders:
        """Small packets, and as large as they come."""
        count = QUICK if bench.quick else FULL
        return {
            shown: partial(_fed, bench, bench.capture(kind), min(count, bench.packets(kind)))
            for shown, kind in (("small packets", "small"), ("mixed packets", "mixed"))
        }

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """Losses, keys, pictures, work."""
        rows = [
            (
                name,
                f"{sum(figures['written']):,.0f}",
                f"{sum(figures['written']) - sum(figures['shown']):,.0f}",
                number(max(figures["late"])),
                number(max(figures["behind"])),
                number(median(found, name, "cpu")),
                number(max(figures["peak"])),
            )
            for name, figures in found.items()
        ]
        head = ("100,000 a second", "written", "lost", "writer held up by, ms at most")
        tail = ("shown after the last, ms at most", "processor, % of a core", "peak, MB")
        lines = table((*head, *tail), rows)
        told = []
        for name, figures in found.items():
            told.append((f"{name}, key to frame", *spread(figures["keys"])))
            told.append((f"{name}, from picture to picture", *spread(figures["pictures"])))
        return lines + table(
            ("while it grows, ms", "median", "95th percentile", "worst", "of"), told
        )

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """No loss, and answers."""
        lost = sum(sum(f["written"]) - sum(f["shown"]) for f in found.values()) if found else None
        keys = [value for figures in found.values() for value in figures["keys"]]
        tail = share(keys, 0.95) if keys else None
        return [
            at_most("growing by 100,000 packets/s, lost", 0, lost, "packets"),
            at_most("growing by 100,000 packets/s, key to frame, 95th percentile", 33, tail, "ms"),
        ]


def _fed(bench: Bench, path: str, count: int) -> Figures:
    """Write into a pipe that the program reads; press keys meanwhile."""
    if NAMED not in bench.notes:
        try:
            return _through(bench, path, count, None)
        except NoScreen:
            bench.skip(NAMED)
    fifo = bench.folder / "fifo"
    fifo.unlink(missing_ok=True)
    os.mkfifo(fifo)
    return _through(bench, path, count, str(fifo))


def _through(bench: Bench, path: str, count: int, fifo: str | None) -> Figures:
    """By standard input, or by a named pipe."""
    inlet, out = (-1, os.open(fifo, os.O_RDWR)) if fifo else os.pipe()
    argv = [sys.executable, str(HERE / "feeder.py"), path, str(RATE), str(count)]
    pipes = {"stdin": subprocess.PIPE, "stdout": out, "stderr": subprocess.PIPE}
    with ExitStack() as left:
        feeder = subprocess.Popen(argv, **pipes, text=True)  # type: ignore[call-overload]
        left.callback(feeder.wait)
        left.callback(feeder.kill)
        terminal = Terminal(bench.wirestep("-r", fifo or "-"), bench.env, stdin=inlet)
        left.callback(terminal.close)
        try:
            terminal.wait(SCREEN, PATIENCE if fifo else TRIED)
        except Gone as error:
            raise Failed(str(error).splitlines()[0]) if fifo else NoScreen() from None
        finally:
            for side in (inlet, out):
                if side >= 0:
                    os.close(side)
        try:
            found = _watched(terminal, feeder, count)
            told = json.loads(feeder.stderr.read())
        except (Gone, ValueError) as error:
            raise Failed(str(error).splitlines()[0]) from None
    return {**found, "written": [told["packets"]], "late": [told["late"]]}


def _watched(terminal: Terminal, feeder: subprocess.Popen[str], count: int) -> Figures:
    terminal.rest(1.0)
    assert feeder.stdin is not None
    feeder.stdin.write("go\n")
    feeder.stdin.flush()
    keys: list[float] = []
    place, work, start = 1, terminal.work(), terminal.clock()
    while feeder.poll() is None:
        place += 1
        pressed = terminal.send(b"j")
        keys.append((terminal.wait(rf"packet {grouped(place)} / ") - pressed) * 1000)
        terminal.rest(BEAT)
        if terminal.clock() - start > PATIENCE:
            raise Gone("the writer was held up")
    ended, spent = terminal.clock(), terminal.work() - work
    times = [at for at in terminal.written if start <= at <= ended]
    starts = [at for before, at in pairwise(times) if at - before > GAP]
    pictures = [(after - before) * 1000 for before, after in pairwise(starts)]
    total = rf"\b{grouped(count)} packets"
    try:
        done = terminal.wait(total, PATIENCE)
        shown = count
    except Gone:
        told = re.search(r"([0-9][0-9\D]{0,12}?) packets", terminal.screen.text())
        shown = int(re.sub("[^0-9]", "", told[1])) if told else 0
        done = terminal.clock()
    return {
        "keys": keys,
        "pictures": pictures,
        "shown": [shown],
        "behind": [max(0.0, done - ended) * 1000],
        "cpu": [spent / (ended - start) * 100],
        "peak": [terminal.peak()],
    }
