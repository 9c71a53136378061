"""Whole files: opened, indexed, analysed and plotted by processes that then end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import partial

from bench import (
    Bench,
    Contenders,
    Figures,
    Target,
    at_least,
    at_most,
    installed,
    median,
    number,
    table,
    times_table,
)

OWN = "wirestep stats -r"
INDEX_ONLY = "wirestep, the index alone"
TSHARK, TEXT, COPY, COUNT = "tshark -n -r", "tcpdump -nn -r", "tcpdump -w /dev/null -r", "capinfos"
READERS = {
    "scapy": "from scapy.utils import PcapReader\nfor packet in PcapReader(path): count += 1",
    "dpkt": (
        "import dpkt\nfor _, data in dpkt.pcap.Reader(open(path, 'rb')):\n"
        "    dpkt.ethernet.Ethernet(data); count += 1"
    ),
}
INDEX = (
    "import sys; from wirestep.session import Session; "
    "session = Session.open(sys.argv[1]); session.load(); print(session.total)"
)


class Whole:
    """One kind of capture read by everybody."""

    rounds = 99

    def __init__(self, name: str, title: str, kind: str) -> None:
        self.name, self.title, self.kind = name, title, kind

    def contenders(self, bench: Bench) -> Contenders:
        """wirestep, and what is installed."""
        path = bench.capture(self.kind)
        _warm(path)
        entered: Contenders = {}
        words = {
            OWN: bench.wirestep("stats", "-r", path),
            INDEX_ONLY: [sys.executable, "-c", INDEX, path],
            TSHARK: ["tshark", "-n", "-r", path],
            TEXT: ["tcpdump", "-nn", "-r", path],
            COPY: ["tcpdump", "-w", "/dev/null", "-r", path],
            COUNT: ["capinfos", "-c", path],
        }
        if not _has_stats(bench):
            bench.skip("wirestep stats: this version has no such command; the index stands in")
            del words[OWN]
        elif self.kind != "mixed":
            del words[INDEX_ONLY]
        if self.kind == "small":
            del words[TEXT]  # most of a minute a round, and no target
        for name, argv in words.items():
            if installed(argv[0]):
                entered[name] = partial(bench.measured, argv)
            else:
                bench.skip(f"{argv[0]} is not installed")
        if self.kind == "mixed":
            other = bench.capture(self.kind, "pcapng")
            _warm(other)
            same = [other if word == path else word for word in words.get(OWN, words[INDEX_ONLY])]
            entered[_first(entered) + ", as pcapng"] = partial(bench.measured, same)
            self._readers(bench, entered)
        return entered

    def _readers(self, bench: Bench, entered: Contenders) -> None:
        """Python libraries, on a part of such a capture."""
        part = bench.capture("part")
        scale = bench.packets("mixed") / bench.packets("part")
        for name, text in READERS.items():
            script = f"import sys\npath, count = sys.argv[1], 0\n{text}\nprint(count)"
            argv = [sys.executable, "-c", script, part]
            if subprocess.run([sys.executable, "-c", f"import {name}"], check=False).returncode:
                bench.skip(f"{name} is not installed")
                continue
            shown = f"{name} (1/{scale:.0f} of it, times {scale:.0f})"
            entered[shown] = partial(bench.measured, argv, scale=scale)

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """Times and memory."""
        path = bench.capture(self.kind)
        size = f"{bench.packets(self.kind):,} packets, {os.path.getsize(path) / 1e6:,.0f} MB"
        return [f"{size}; ratios to `{_first(found)}`.", "", *times_table(found, _first(found))]

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """Against tshark and tcpdump."""
        own = _first(found)
        of = "" if own == OWN else " (the index alone)"
        copy, mine = median(found, COPY, "s"), median(found, own, "s")
        ratio = mine / copy if mine and copy else None
        if self.kind == "mixed":
            return [
                at_least(f"whole, 1 M packets{of}, against tshark", found, TSHARK, own, 12),
                at_least(f"whole, 1 M packets{of}, against tcpdump -nn", found, TEXT, own, 8),
                at_most(f"whole, 1 M packets{of}, of tcpdump -w", 1.5, ratio, "times"),
                at_least("memory, against tshark's", found, TSHARK, own, 10, "peak"),
            ]
        if self.kind == "small":
            return [
                at_least(f"whole, 5 M small packets{of}, against tshark", found, TSHARK, own, 10),
                at_most(f"whole, 5 M small packets{of}, of tcpdump -w", 2.5, ratio, "times"),
            ]
        return []


class Memory:
    """What the index of a packet costs."""

    name, title, rounds = "memory", "Memory of the index", 1

    def contenders(self, bench: Bench) -> Contenders:
        """The captures."""
        names = {"mixed": "mixed", "small": "small packets"}
        return {
            shown: partial(bench.inside, "memory", bench.capture(kind))
            for kind, shown in names.items()
        }

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """Bytes a packet."""
        rows = [
            (
                name,
                number(median(found, name, "packets")),
                number(median(found, name, "arrays")),
                number(median(found, name, "grown")),
            )
            for name in found
        ]
        head = ("capture", "packets", "arrays, bytes a packet", "process grown by, bytes a packet")
        return table(head, rows)

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """About 50 bytes."""
        value = median(found, "mixed", "arrays")
        return [at_most("index, mixed capture", 50, value, "bytes a packet")]


def _first(found: Mapping[str, object]) -> str:
    """What wirestep took part with."""
    return OWN if OWN in found else INDEX_ONLY


def _has_stats(bench: Bench) -> bool:
    words = bench.wirestep("stats", "--help")
    done = subprocess.run(words, env=bench.env, capture_output=True, text=True, check=False)
    return done.returncode == 0 and "wirestep stats" in done.stdout


def _warm(path: str) -> None:
    """Have a file in the page cache."""
    with open(path, "rb", buffering=0) as file:
        while file.read(1 << 22):
            pass
