"""The virtual wire: packets that both ends, and the wire between them, do in a second."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from bench import Bench, Contenders, Figures, Target, median, number, table

KINDS = ("tcp", "tls", "http2", "http3")
WANTED = 10_000


class Wire:
    """Runs of the lab to their end, without a screen."""

    name, title, rounds = "wire", "The virtual wire", 5

    def contenders(self, bench: Bench) -> Contenders:
        """One download over each stack."""
        size = "300000" if bench.quick else "5000000"
        return {kind: partial(bench.inside, "wire", kind, size) for kind in KINDS}

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """Packets, and packets a second of processor time."""
        rows = [
            (kind, number(median(found, kind, "packets")), number(median(found, kind, "rate")))
            for kind in KINDS
            if kind in found
        ]
        return table(("a download over", "packets", "packets a second of processor time"), rows)

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """TCP alone: what is on top are other people's engines."""
        rate = median(found, "tcp", "rate")
        met = None if rate is None else rate >= WANTED
        what = "virtual wire, TCP at both ends, packets/s"
        return [Target(what, f"at least {WANTED:,}", number(rate) or "not measured", met)]
