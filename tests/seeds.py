"""Many seeds, each another story of losses: python tests/seeds.py [--seeds 1000] [NAME ...].

Every run must finish by itself, tell no error, and every body must be what its server sent. Prints
a row for each protocol, and the seeds that did not do so; exit code 1 where there are any.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from expectations import wrong_bodies

from wirestep.exchange.contract import Done
from wirestep.exchange.raw import whole_body
from wirestep.wires.contract import MS
from wirestep.wires.run import Run
from wirestep.wires.scenario import load

SIZES = (20_000, 7_000, 300)
BODIES = [f"/bytes/{size}" for size in SIZES]


@dataclass(frozen=True)
class Kind:
    """One protocol, as it is put to the test."""

    scenario: str
    overrides: Mapping[str, object] = field(default_factory=dict)
    responses: int = len(SIZES)


KINDS: Mapping[str, Kind] = {
    "udp": Kind("udp-lost", {"options": {"attempts": 20}}, 2),
    "dns": Kind("dns-truncated", {"options": {"attempts": 8}}, 1),
    "dns walk": Kind("dns-walk", {"options": {"attempts": 8}}, 1),
    "tcp": Kind("tcp-window", {"options": {"pause-at": 0}}, 1),
    "tcp echo": Kind("tcp-echo", {"requests": ["hello", "a" * 5000]}, 2),
    "http/1.1": Kind("http1-keep-alive", {"requests": BODIES}),
    "tls 1.2": Kind("tls12-full", {"requests": BODIES}),
    "tls 1.3": Kind("tls13-full", {"requests": BODIES}),
    "tls 0-rtt": Kind("tls-early", {"requests": BODIES}),
    "http/2": Kind("http2-page", {"requests": BODIES}),
    "http/3": Kind("http3-1rtt", {"requests": BODIES}),
    "http/3 0-rtt": Kind("http3-0rtt", {"requests": BODIES}),
    "http/3 migration": Kind("http3-migration", {"requests": BODIES}),
    "http/3 retry": Kind("http3-retry", {"requests": BODIES}),
    "websocket": Kind("websocket-echo", {}, 4),
}


def play(kind: Kind, seed: int, link: Mapping[str, object]) -> Run:
    """A run to its end."""
    run = load(kind.scenario).start(seed, {**kind.overrides, "rtt": "40ms", **link})
    run.run()
    return run


def complaints(kind: Kind, run: Run) -> Iterator[str]:
    """What is not as it must be."""
    outcome = run.outcome
    if outcome.reason or not outcome.over:
        yield outcome.reason or "it is not over"
    if outcome.error or not any(isinstance(heard.value, Done) for heard in run.heard):
        yield outcome.error or "the client is not done"
    if len(run.responses) != kind.responses:
        yield f"{len(run.responses)} responses, not {kind.responses}"
    yield from wrong_bodies(run)
    if kind.overrides.get("requests") is BODIES:
        sizes = sorted(len(response.body) for response in run.responses)
        if sizes != sorted(SIZES):
            yield f"bodies of {sizes} bytes"
    if kind.scenario == "tcp-window" and not all(whole_body(one.body) for one in run.responses):
        yield "a wrong hash"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(KINDS))
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--loss", default="5%")
    parser.add_argument("--link", action="append", default=[], metavar="KEY=VALUE")
    given = parser.parse_args()
    link = {"loss": given.loss, **dict(one.split("=", 1) for one in given.link)}
    print("| protocol | seeds | right | done after, ms: median, p95, most | packets | CPU s |")
    print("|---|---|---|---|---|---|")
    bad = 0
    for name in given.names or KINDS:
        bad += _row(name, range(given.first, given.first + given.seeds), link)
    return 1 if bad else 0


def _row(name: str, seeds: range, link: Mapping[str, object]) -> int:
    kind, ends, packets, wrong = KINDS[name], [], 0, []
    begun = time.process_time()
    for seed in seeds:
        run = play(kind, seed, link)
        packets += len(run.journeys)
        if found := list(complaints(kind, run)):
            wrong.append(f"  seed {seed}: {'; '.join(found)}")
        ends += [heard.time / MS for heard in run.heard if isinstance(heard.value, Done)]
    spent = time.process_time() - begun
    ends.sort()
    times = f"{statistics.median(ends):,.0f}, {ends[int(len(ends) * 0.95)]:,.0f}, {ends[-1]:,.0f}"
    right = len(seeds) - len(wrong)
    print(f"| {name} | {len(seeds)} | {right} | {times} | {packets:,} | {spent:.1f} |", flush=True)
    print("\n".join(wrong[:20]), end="\n" * bool(wrong))
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
