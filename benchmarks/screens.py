"""The screen, in a pseudo terminal of 120 x 40: first rows, keys, filters, a capture that grows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from bench import (
    Bench,
    Contenders,
    Figures,
    Target,
    at_most,
    installed,
    median,
    number,
    share,
    table,
)
from processes import Failed
from terminal import Gone, Terminal

FIRST_ROW = r"\b1 +0\.00000"
"""Number and time of the first packet in the list."""
PAUSE = 0.035
"""Seconds between an answered key and the next: a key held down."""
KEYS = {"step": 40, "page": 15, "far": 20}
"""How often each is pressed in a round: a row down, a page down, a row up at the very end."""
INDEXED = 120.0
"""Seconds in which a capture must be indexed."""
STILL = 0.02
"""Seconds of silence after which another program's picture counts as whole."""
SMALL_STEPS = "1 M packets", "5 M packets"


class Screens:
    """From the start of the process to the first rows; then keys."""

    name, title, rounds = "screen", "The screen", 99

    def contenders(self, bench: Bench) -> Contenders:
        """wirestep with both captures, termshark with the smaller."""
        mixed, small = bench.capture("mixed"), bench.capture("small")
        entered: Contenders = {
            "wirestep, 1 M": partial(_driven, bench, mixed, bench.packets("mixed")),
            "wirestep, 5 M": partial(_driven, bench, small, bench.packets("small")),
        }
        if installed("termshark"):
            entered["termshark, 1 M"] = partial(_termshark, bench, mixed)
        else:
            bench.skip("termshark is not installed")
        return entered

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """First rows, then keys."""
        rows = []
        for name, figures in found.items():
            first = figures["first"]
            rows.append(
                (
                    name,
                    number(median(found, name, "first")),
                    f"{number(min(first))}, {number(max(first))}",
                    number(median(found, name, "first cpu")),
                    number(median(found, name, "whole")),
                    number(median(found, name, "peak")),
                )
            )
        head = ("program", "first rows, s", "from, to", "processor, s", "indexed, s", "peak, MB")
        lines = table(head, rows)
        rows = []
        for name, figures in found.items():
            for what, told in (
                ("step", "row down"),
                ("page", "page down"),
                ("far", "row up at the end"),
            ):
                values = figures.get(what, [])
                if values:
                    work = number(median(found, name, f"{what} cpu"))
                    rows.append((f"{name}, {told}", *spread(values), work))
        head = ("key to frame, ms", "median", "95th percentile", "worst", "keys", "processor, ms")
        return lines + table(head, rows)

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """First rows, keys at both sizes."""
        made = [
            at_most("first rows, 1 M packets", 0.6, median(found, "wirestep, 1 M", "first"), "s")
        ]
        for size in ("1 M", "5 M"):
            figures = found.get(f"wirestep, {size}", {})
            keys = figures.get("step", []) + figures.get("far", [])
            middle = median({"": {"keys": keys}}, "", "keys")
            tail = share(keys, 0.95) if keys else None
            made.append(at_most(f"key to frame at {size} rows, median", 6, middle, "ms"))
            made.append(at_most(f"key to frame at {size} rows, 95th percentile", 16, tail, "ms"))
        return made


def spread(values: list[float]) -> tuple[str, str, str, str]:
    """Median, tail, worst, count."""
    ordered = sorted(values)
    picked = share(ordered, 0.5), share(ordered, 0.95), ordered[-1]
    return number(picked[0]), number(picked[1]), number(picked[2]), str(len(values))


def grouped(count: int) -> str:
    """A pattern for a count as the title writes it: "1 000 000" or "1,000,000"."""
    return re.sub(",", r"[^0-9]{0,3}", f"{count:,}")


def indexed(terminal: Terminal, count: int) -> float:
    """When the title said that all packets are read."""
    return terminal.wait(rf"(?m)^.*\b{grouped(count)} packets", INDEXED)


def _driven(bench: Bench, path: str, count: int) -> Figures:
    """Open a capture, wait until it is indexed, press keys."""
    terminal = Terminal(bench.wirestep("-r", path), bench.env)
    try:
        first = terminal.wait(FIRST_ROW)
        found: Figures = {"first": [first], "first cpu": [terminal.work()]}
        found["whole"] = [indexed(terminal, count)]
        terminal.rest(1.0)
        _stepped(terminal, found, "step", b"j", 1, 1, count)
        _paged(terminal, found, count)
        terminal.send(b"G")
        terminal.wait(rf"packet {grouped(count)} / ")
        terminal.rest(0.5)
        _stepped(terminal, found, "far", b"k", count, -1, count)
        found["peak"] = [terminal.peak()]
    except Gone as error:
        raise Failed(str(error).splitlines()[0]) from None
    finally:
        terminal.close()
    return found


def _stepped(
    terminal: Terminal, found: Figures, what: str, key: bytes, place: int, step: int, count: int
) -> None:
    """Press a key again and again."""
    values = []
    work = terminal.work()
    for _ in range(min(KEYS[what], count // 500)):
        place += step
        pressed = terminal.send(key)
        values.append((terminal.wait(rf"packet {grouped(place)} / ") - pressed) * 1000)
        terminal.rest(PAUSE)
    found[what] = values
    found[f"{what} cpu"] = [(terminal.work() - work) / max(1, len(values)) * 1000]


def _paged(terminal: Terminal, found: Figures, count: int) -> None:
    shown = re.compile(r"packet ([0-9][^/]*) / ")
    values = []
    work = terminal.work()
    for _ in range(min(KEYS["page"], count // 2000)):
        before = shown.search(terminal.screen.text())
        pressed = terminal.send(b"\x06")

        def moved(text: str, before: re.Match[str] | None = before) -> bool:
            now = shown.search(text)
            return now is not None and (before is None or now[1] != before[1])

        values.append((terminal.wait(moved) - pressed) * 1000)
        terminal.rest(PAUSE)
    found["page"] = values
    found["page cpu"] = [(terminal.work() - work) / len(values) * 1000]


def _termshark(bench: Bench, path: str) -> Figures:
    """The same with termshark; its picture is whole when it writes no more for 20 ms."""
    terminal = Terminal(["termshark", "-r", path], bench.env)
    try:
        first = terminal.wait(FIRST_ROW)
        found: Figures = {"first": [first], "first cpu": [terminal.work()]}
        while terminal.helpers() and terminal.clock() < INDEXED:
            terminal.rest(0.2)
        found["whole"] = [terminal.clock()]
        terminal.rest(1.0)
        for what, key in (("step", b"j"), ("page", b"\x1b[6~")):
            values = []
            work = terminal.work()
            for _ in range(KEYS[what]):
                pressed = terminal.send(key)
                values.append((terminal.quiet(STILL, 2.0) - pressed) * 1000)
                terminal.rest(PAUSE)
            found[what] = values
            found[f"{what} cpu"] = [(terminal.work() - work) / len(values) * 1000]
        found["peak"] = [terminal.peak()]
    except Gone as error:
        raise Failed(str(error).splitlines()[0]) from None
    finally:
        terminal.close()
    return found
