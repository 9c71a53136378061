"""The lab, in a pseudo terminal of 120 x 40: a step from its key to its picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from bench import Bench, Contenders, Figures, Target, at_most, median, number, share, table
from processes import Failed
from screens import PAUSE, spread
from terminal import Gone, Terminal

SCENARIOS = {"tcp-bulk-reno": 120, "http3-one-loss": 60, "http2-one-loss": 45}
"""By name: how many packets are stepped through."""
READY = r"packet 0 / "
HELD = re.compile(r"held #([0-9]+) ")
FRAME = 16
"""Milliseconds in which a step is to be drawn."""


class Lab:
    """One scenario after the other, packet by packet."""

    name, title, rounds = "lab", "A step in the lab", 3

    def contenders(self, bench: Bench) -> Contenders:
        """Some scenarios."""
        return {
            name: partial(_stepped, bench, name, 15 if bench.quick else count)
            for name, count in SCENARIOS.items()
        }

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """Key to picture, forward and back in the record."""
        rows = []
        for name, figures in found.items():
            for what, told in (("step", "the next packet"), ("back", "the packet before")):
                if values := figures.get(what, []):
                    work = number(median(found, name, f"{what} cpu"))
                    rows.append((f"{name}, {told}", *spread(values), work))
        head = ("key to picture, ms", "median", "95th percentile", "worst", "keys", "processor, ms")
        return table(head, rows)

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """All steps of all scenarios."""
        values = [value for figures in found.values() for value in figures.get("step", [])]
        tail = share(values, 0.95) if values else None
        return [at_most("a step in the lab, key to picture, 95th percentile", FRAME, tail, "ms")]


def _stepped(bench: Bench, name: str, count: int) -> Figures:
    """Open a scenario, step through it, and back."""
    terminal = Terminal([*bench.wirestep(), "lab", name], bench.env)
    found: Figures = {}
    try:
        terminal.wait(READY)
        terminal.rest(1.5)
        _keys(terminal, found, "step", b".", count)
        _keys(terminal, found, "back", b"[", count - 1)
    except Gone as error:
        raise Failed(str(error).splitlines()[0]) from None
    finally:
        terminal.close()
    return found


def _keys(terminal: Terminal, found: Figures, what: str, key: bytes, count: int) -> None:
    """Press a key so many times; each brings another packet under the hand."""
    values = []
    work = terminal.work()
    for _ in range(count):
        before = _held(terminal.screen.text())
        pressed = terminal.send(key)
        shown = terminal.wait(lambda text, before=before: _held(text) not in ("", before))
        values.append((shown - pressed) * 1000)
        terminal.rest(PAUSE)
    found[what] = values
    found[f"{what} cpu"] = [(terminal.work() - work) / count * 1000]


def _held(text: str) -> str:
    """Which packet is under the hand, as the last lines say."""
    found = HELD.search(text)
    return found[1] if found else ""
