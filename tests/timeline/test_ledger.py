"""The ledger against what the bundled captures were made to be (captures/index.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wirestep.capture import load, open_capture
from wirestep.decode.secrets import Secrets
from wirestep.model import Message
from wirestep.protocols import REGISTRY
from wirestep.session.decoding import decoded
from wirestep.timeline.analysis import TcpAnalysis
from wirestep.timeline.ledger import Ledger, Told, ledger
from wirestep.timeline.select import compile_filter

FOLDER = Path(__file__).resolve().parents[2] / "captures"
ENTRIES: dict[str, dict[str, Any]] = {
    entry["name"]: entry
    for entry in tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8"))["capture"]
}
COUNTED = [name for name, entry in ENTRIES.items() if entry["round_trips"]]
ONLY = {"tls13-resumed-0rtt": 1, "ntp-clock": 0}
"""Captures that tell of several exchanges: the conversation that the entry's numbers are of."""


def stage(protocol: str) -> tuple[str, str]:
    card = REGISTRY[protocol]
    return card.label, card.stage


def bill(name: str) -> Ledger:
    capture = open_capture(str(FOLDER / ENTRIES[name]["file"]))
    for _ in load(capture):
        pass
    secrets = Secrets()
    secrets.add(capture.secrets)
    columns, frames, data = capture.columns, list[tuple[Message, ...]](), dict[int, bytes]()
    for frame in decoded(capture, REGISTRY, secrets=secrets):
        data[frame.record.number] = frame.record.data
        flow = int(columns.flow[frame.record.number]) >> 1
        if name not in ONLY or flow == ONLY[name]:
            frames.append(frame.messages)
    try:
        wish = compile_filter(ENTRIES[name]["answer"], REGISTRY)
        goal = next(iter(decoded(capture, REGISTRY, secrets=secrets, wish=wish))).record.number
    except ValueError:
        goal = 1  # the long tail has no fields to filter by: its answer is the second packet
    analysis = TcpAnalysis()
    analysis.extend(columns, data.__getitem__)
    view = analysis.view()

    def tell(record: int) -> Told:
        stream = columns.transport[record] == 6
        trip = view.ack_rtt[record] if stream else np.nan
        return Told(
            int(columns.flow[record]) >> 1,
            int(columns.payload_length[record]),
            int(columns.seq[record]) if stream else None,
            None if np.isnan(trip) else int(trip * 1e9),
            bool(stream),
        )

    made = ledger(frames, tell, stage, goal=goal)
    capture.close()
    return made


@pytest.mark.parametrize("name", COUNTED)
def test_round_trips_are_those_of_the_story(name: str) -> None:
    made, entry = bill(name), ENTRIES[name]
    assert made.trips == entry["round_trips"]
    # Each wait begins where one ended, so the items add up to the whole.
    for before, after in zip(made.items, made.items[1:], strict=False):
        assert before.stop == after.start
    assert sum(item.length for item in made.items) == made.total
    # What is no round trip and no waiting of the story is thinking, and there is little of it.
    thought = made.total / 1e6 - entry["round_trips"] * entry["rtt_ms"] - entry["wait_ms"]
    assert 0 <= thought < 50


def test_a_lost_packet_is_charged_to_its_timer() -> None:
    made = bill("tcp-lost-syn")
    assert [item.phase for item in made.items if item.kind == "timeout"] == ["TCP"]
    assert 1000 <= made.spent("timeout") / 1e6 < 1050


def test_phases_are_named_as_people_name_them() -> None:
    assert list(bill("tls12-full").phases()) == [("TCP", 1), ("TLS", 2), ("HTTP", 1)]
    assert list(bill("tls13-full").phases()) == [("TCP", 1), ("TLS", 1), ("HTTP", 1)]
    assert [count for _, count in bill("quic-http3").phases()] == [1, 1]
    assert [count for _, count in bill("quic-0rtt").phases()] == [1]
