"""Recorded captures decoded to their last layer: what was said in every message."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from bench import (
    HERE,
    REAL_FULL,
    Bench,
    Contenders,
    Figures,
    Target,
    at_least,
    installed,
    median,
    number,
    table,
)
from processes import Failed, run

FIELDS = {
    "http1": "http.request.method",
    "http2": "http2.type",
    "records": "tls.record.length",
    "tls": "tls.handshake.type",
    "dns": "dns.qry.name",
    "http3": "http3.frame_type",
}
"""By capture: the field that both print for all packets."""
PACKETS = {"http2": 200_000, "records": 100_000, "http3": 60_000}
"""Of the captures that are larger than the others, about."""
WANTED = {"http2": 4, "records": 3, "http3": 1}
"""How many times as fast as tshark a whole run should be."""


class Bulk:
    """The same arguments for both programs."""

    name, title, rounds = "decode", "Everything decoded", 3

    def contenders(self, bench: Bench) -> Contenders:
        """wirestep, tshark."""
        entered: Contenders = {}
        for kind, field in FIELDS.items():
            if bench.quick and kind not in ("http2", "dns"):
                continue
            try:
                path, keys = bench.real(kind, PACKETS.get(kind, REAL_FULL))
            except Failed as error:
                bench.skip(f"{self.title}: {error}")
                continue
            words = ["-n", "-r", path, "-T", "fields", "-e", field]
            own = bench.wirestep("decode", *words, *(("--keylog", keys) if keys else ()))
            swept = [sys.executable, str(HERE / "inside.py"), "sweep", path, keys, field]
            entered[f"in bulk, {kind}"] = partial(bench.measured, swept)
            entered[f"wirestep, {kind}"] = partial(_printed, bench, own, kind, "wirestep")
            if installed("tshark"):
                other = [
                    "tshark",
                    *words,
                    "-o",
                    "tcp.reassemble_out_of_order:TRUE",
                    *(("-o", f"tls.keylog_file:{keys}") if keys else ()),
                ]
                entered[f"tshark, {kind}"] = partial(_printed, bench, other, kind, "tshark")
        return entered

    def lines(self, bench: Bench, found: Mapping[str, Figures]) -> list[str]:
        """Packets a second, and whether they say the same."""
        rows = []
        for kind, field in FIELDS.items():
            own, other = f"wirestep, {kind}", f"tshark, {kind}"
            if own not in found or other not in found:
                continue
            one, two = median(found, own, "s"), median(found, other, "s")
            work, theirs = median(found, own, "cpu"), median(found, other, "cpu")
            lines = median(found, own, "lines")
            swept = median(found, f"in bulk, {kind}", "cpu")
            if not one or not two or not work or not theirs or not lines:
                continue
            same = _alike(bench, kind)
            shown = f"{kind}: `{field}`", f"{lines:,.0f}", number(one), number(two)
            effort = number(swept), number(work), number(theirs)
            ratio = number(two / one), number(theirs / work)
            rows.append((*shown, ratio[0], *effort, ratio[1], f"{same:.3f} %"))
        head = ("capture", "packets", "wirestep decode, s", "tshark, s", "times as fast")
        effort = "in one process, CPU s", "decode, CPU s", "tshark, CPU s", "tshark / decode"
        return table((*head, *effort, "lines alike"), rows)

    def targets(self, bench: Bench, found: Mapping[str, Figures]) -> list[Target]:
        """Whole runs, against tshark."""
        return [
            at_least(
                f"everything decoded ({kind}), against tshark",
                found,
                f"tshark, {kind}",
                f"wirestep, {kind}",
                wanted,
            )
            for kind, wanted in WANTED.items()
        ]


def _output(bench: Bench, kind: str, who: str) -> Path:
    return bench.folder / f"decoded-{kind}-{who}.txt"


def _printed(bench: Bench, argv: list[str], kind: str, who: str) -> Figures:
    path = _output(bench, kind, who)
    took = run(argv, bench.env, output=str(path))
    with path.open("rb") as file:
        return {**bench.figures(took), "lines": [sum(1 for _ in file)]}


def _alike(bench: Bench, kind: str) -> float:
    """Of 100 lines, how many say the same; numbers may be written in hex or not."""
    texts = [_output(bench, kind, who).read_text().split("\n") for who in ("wirestep", "tshark")]
    longest = max(map(len, texts))
    return 100 * sum(_plain(a) == _plain(b) for a, b in zip(*texts, strict=False)) / longest


def _plain(line: str) -> list[str]:
    return [str(int(w, 16)) if w.startswith("0x") else w for w in line.split(",")]
