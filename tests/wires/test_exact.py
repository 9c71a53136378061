"""What the whole lab stands for: round trips counted exactly, and the same story every time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from ladders import first, ladder

from wirestep.wires.contract import MS
from wirestep.wires.scenario import load

TESTS = Path(__file__).parent.parent

STORIES = (
    ("TCP, TLS 1.2, HTTP/1.1", "tls12-full", 4, "http.response.code", 200),
    ("TCP, TLS 1.3, HTTP/1.1", "tls13-full", 3, "http.response.code", 200),
    ("HTTP/3", "http3-1rtt", 2, "http3.headers.status", 200),
    ("HTTP/3, 0-RTT", "http3-0rtt", 1, "http3.headers.status", 200),
)


@pytest.mark.parametrize(
    ("name", "trips", "field", "value"), [one[1:] for one in STORIES], ids=[s[0] for s in STORIES]
)
@pytest.mark.parametrize("rtt", [280, 50])
def test_round_trips_to_the_first_byte_of_the_answer(
    name: str, trips: int, field: str, value: object, rtt: int
) -> None:
    """At 280 ms: 1,120, 840, 560, 280 ms, told from the packets that were seen at the client."""
    run = load(name).start(overrides={"rtt": f"{rtt}ms"})
    run.run()
    assert first(run, "client", field, value) == trips * rtt * MS
    assert run.heard[0].time == trips * rtt * MS


def test_a_name_costs_what_its_server_is_away() -> None:
    run = load("dns-and-https").start()
    run.run()
    assert first(run, "client", "dns.flags.response", 1) == 50 * MS
    assert first(run, "client", "http.response.code", 200) == (50 + 4 * 280) * MS


SAME = ("tls13-full", "http2-page", "http3-1rtt", "http3-migration", "dns-walk", "websocket-echo")
LOSSY = {"loss": "5%", "jitter": "3ms", "reorder": "5%"}


def told(names: Sequence[str]) -> str:
    """The ladders of these scenarios, as text."""
    ladders = []
    for name in names:
        run = load(name).start(7, LOSSY)
        run.run()
        ladders.append(f"{name} {ladder(run)}")
    return "\n".join(ladders)


def test_the_same_seed_is_the_same_ladder_in_another_process() -> None:
    """Times, sizes and labels, with the usual mishaps on the way."""
    code = f"import test_exact; print(test_exact.told({SAME!r}))"
    path = os.pathsep.join([str(TESTS), str(TESTS / "wires"), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "5"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.splitlines() == told(SAME).splitlines()


def test_another_seed_is_another_story() -> None:
    ladders = []
    for seed in (1, 2, 3):
        run = load("tls13-full").start(seed, {"jitter": "5ms"})
        run.run()
        ladders.append([rung.time for rung in ladder(run)])
    assert len({tuple(times) for times in ladders}) == 3
