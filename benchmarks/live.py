"""A capture that grows while it is open: packets come through a pipe at a steady rate."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from itertools import pairwise

from bench import HERE, Bench, Contenders, Figures, Target, at_most, median, number, share, table
from processes import Failed
from screens import grouped, spread
from terminal import Gone, Terminal

RATE = 100_000
FULL, QUICK = 400_000, 40_000
"""Packets that are written."""
SCREEN = r"packet [0-9][^/\n]* / "
"""Told at the foot of the screen, as soon as it stands."""
BEAT = 0.08
"""Seconds between two keys."""
GAP = 0.004
"""Seconds without output between two pictures."""
PATIENCE = 30.0


class Live:
    """100,000 packets a second."""

    name, title = "live", "A growing capture"

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
        rows = []
        for name, figures in found.items():
            rows.append((f"{name}, key to frame", *spread(figures["keys"])))
            rows.append((f"{name}, from picture to picture", *spread(figures["pictures"])))
        return lines + table(
            ("while it grows, ms", "median", "95th percentile", "worst", "of"), rows
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
    argv = [sys.executable, str(HERE / "feeder.py"), path, str(RATE), str(count)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as feeder:
        assert feeder.stdout is not None
        assert feeder.stderr is not None
        terminal = Terminal(bench.wirestep("-r", "-"), bench.env, stdin=feeder.stdout.fileno())
        feeder.stdout.close()
        try:
            found = _watched(terminal, feeder, count)
            told = json.loads(feeder.stderr.read())
        except (Gone, ValueError) as error:
            raise Failed(str(error).splitlines()[0]) from None
        finally:
            terminal.close()
            feeder.kill()
    return {**found, "written": [told["packets"]], "late": [told["late"]]}


def _watched(terminal: Terminal, feeder: subprocess.Popen[bytes], count: int) -> Figures:
    try:
        terminal.wait(SCREEN, 10.0)
    except Gone:
        raise Failed(
            "this version shows no screen of a capture that comes by standard input"
        ) from None
    keys: list[float] = []
    pictures: list[float] = []
    place, work, start = 1, terminal.work(), terminal.clock()
    while feeder.poll() is None:
        place += 1
        pressed = terminal.send(b"j")
        keys.append((terminal.wait(rf"packet {grouped(place)} / ") - pressed) * 1000)
        terminal.rest(BEAT)
        times = [at for at, _ in terminal.seen]
        starts = [at for before, at in pairwise(times) if at - before > GAP]
        pictures += [(b - a) * 1000 for a, b in pairwise(starts)]
        if terminal.clock() - start > PATIENCE:
            raise Gone("the writer was held up")
    ended, spent = terminal.clock(), terminal.work() - work
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
