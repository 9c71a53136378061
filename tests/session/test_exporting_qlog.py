"""qlog of a capture against what aioquic logged of the same connection."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.logger import QuicLogger
from quic_pair import Pair, losing, pair

from wirestep.capture.frames import Interface
from wirestep.capture.write import PcapngWriter
from wirestep.exchange.contract import Request
from wirestep.protocols.quic.drive import settings
from wirestep.session import Session
from wirestep.session.exporting import Wish, export

Json = dict[str, Any]
APART = {"ack_delay", "reset_token", "token", "reason", "error_code"}
"""Keys of frames that need not be equal: rounded, left out, or named by one of the two."""


def logged(monkeypatch: pytest.MonkeyPatch, *requests: Request, **more: Any) -> tuple[Pair, Json]:
    """A connection, and its client's log."""
    logger = QuicLogger()
    configured = partial(QuicConfiguration, quic_logger=logger)
    monkeypatch.setattr(settings, "QuicConfiguration", configured)
    met = pair(*requests, **more).run()
    (trace,) = logger.to_dict()["traces"]
    return met, trace


def captured(met: Pair, path: Path) -> Path:
    """What was seen at the client's door: its own packets, and those that reached it."""
    records = [
        (one.time if not one.side else one.time + met.delay, one, record)
        for one, record in zip(met.sent, met.records(), strict=True)
        if not one.side or not one.lost
    ]
    with path.open("wb") as file:
        writer = PcapngWriter(file, application="test")
        writer.interface(Interface("test", link=1))
        writer.secrets("\n".join(met.secrets).encode() + b"\n")
        start = met.records()[0].time - met.sent[0].time
        for time, _, record in sorted(records, key=lambda one: one[0]):
            writer.packet(replace(record, time=start + time))
    return path


def exported(path: Path, **wish: Any) -> Json:
    session = Session.open(str(path))
    session.load()
    out = io.BytesIO()
    for _ in export(session, Wish("qlog", **wish), out, session.settle):
        pass
    session.close()
    return json.loads(out.getvalue())


Packet = tuple[str, int, list[Json]]


def packets(events: list[Json], name: str) -> list[Packet]:
    """(type, number, frames) of what was sent, or received; aioquic logs no padding of its own."""
    found = []
    for event in events:
        if event["name"] == f"transport:{name}":
            header = event["data"]["header"]
            frames = [one for one in event["data"]["frames"] if one["frame_type"] != "padding"]
            found.append((header["packet_type"], header["packet_number"], frames))
    return found


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_packets_are_those_that_the_endpoint_logged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, share: float
) -> None:
    requests = [Request(target="/bytes/30000"), Request(target="/")]
    met, trace = logged(monkeypatch, *requests, lose=losing(share, 5))
    log = exported(captured(met, tmp_path / "x.pcapng"))
    assert log["qlog_version"] == trace.get("qlog_version", "0.3")
    (ours,) = log["traces"]
    for name in ("packet_sent", "packet_received"):
        theirs = packets(trace["events"], name)
        mine = packets(ours["events"], name)
        if name == "packet_received":  # an endpoint drops copies, and what comes too late
            known = {(kind, number) for kind, number, _ in theirs}
            mine = [one for one in mine if one[:2] in known]
        assert len(theirs) > 10
        assert [one[:2] for one in mine] == [one[:2] for one in theirs]
        for (*_, frames), (*_, logged_frames) in zip(mine, theirs, strict=True):
            kinds = [one["frame_type"] for one in frames]
            assert kinds == [one["frame_type"] for one in logged_frames]
            for one, other in zip(frames, logged_frames, strict=True):
                same = one.keys() & other.keys() - APART
                assert {key: one[key] for key in same} == {key: other[key] for key in same}


def lost(trace: Json) -> set[int]:
    """Numbers of 1-RTT packets that are said to be lost."""
    return {
        event["data"].get("packet_number", event["data"].get("header", {}).get("packet_number"))
        for event in trace["events"]
        if event["name"] == "recovery:packet_lost"
    }


def test_losses_are_inferred_only_where_the_sender_saw_them_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    requests = [Request("POST", "/users", body=b"x" * 40_000), Request(target="/bytes/9000")]
    met, trace = logged(monkeypatch, *requests, lose=losing(0.15, 8))
    (ours,) = exported(captured(met, tmp_path / "x.pcapng"))["traces"]
    assert lost(ours)
    assert lost(ours) <= lost(trace)


def test_a_connection_has_a_beginning_an_end_and_no_tokens(tmp_path: Path) -> None:
    met = pair(Request(target="/")).run()
    path = captured(met, tmp_path / "x.pcapng")
    (trace,) = exported(path)["traces"]
    names = [event["name"] for event in trace["events"]]
    assert names[0] == "connectivity:connection_started"
    assert "connectivity:connection_closed" in names
    assert trace["vantage_point"] == {"name": "wirestep", "type": "network", "flow": "client"}
    times = [event["time"] for event in trace["events"]]
    assert times == sorted(times)
    assert "reset_token" not in json.dumps(trace)
    assert "reset_token" in json.dumps(exported(path, secrets=True))


def test_a_connection_that_moves_is_one_trace(tmp_path: Path) -> None:
    requests = [Request(target="/"), Request(target="/users"), Request(target="/bytes/5000")]
    met = pair(*requests, options={"in_turn": True, "migrate": 1}).run()
    (trace,) = exported(captured(met, tmp_path / "x.pcapng"))["traces"]
    numbers = [number for kind, number, _ in packets(trace["events"], "packet_sent")]
    assert len(set(numbers)) > len(requests)
    assert any(e["data"].get("new") == "path_changed" for e in trace["events"])
