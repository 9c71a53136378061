"""A run as a capture: who sees what when, and whether others can read it."""

from __future__ import annotations

import io
import shutil
import stat
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from wirestep.capture import load as load_all
from wirestep.capture import open_capture
from wirestep.wires import tap
from wirestep.wires.contract import MS, START, Fate
from wirestep.wires.plan import Fault
from wirestep.wires.run import Run
from wirestep.wires.scenario import load


def finished(name: str, *faults: Fault, **overrides: object) -> Run:
    run = replace(load(name), faults=faults).start(overrides=overrides)
    run.run()
    return run


def seen(run: Run, door: str) -> list[tuple[int, int]]:
    return [((one.time - START) // MS, one.length) for one in tap.records(run, door)]


def test_each_door_sees_its_own_when_they_leave_and_others_when_they_land() -> None:
    run = finished("dns-simple")
    question, answer = (len(one.data) for one in run.journeys)
    assert seen(run, "wire") == [(0, question), (20, answer)]
    assert seen(run, "client") == [(0, question), (40, answer)]
    assert seen(run, "server") == [(20, question), (20, answer)]
    with pytest.raises(ValueError, match="there is no host 'router'; there are client, server"):
        tap.records(run, "router")


def test_what_was_lost_says_so_where_it_was_seen() -> None:
    run = finished("tcp-echo", Fault(Fate("drop"), "client", 1))
    (lost, *others) = tap.records(run, "client")
    assert (lost.lost, lost.comments) == (True, ("dropped: never arrives at server",))
    assert not any(one.lost or one.comments for one in others)
    assert len(tap.records(run, "server")) == len(run.journeys) - 1


def test_what_arrives_changed_is_seen_so_only_where_it_arrives() -> None:
    run = finished("tcp-echo", Fault(Fate("corrupt", bit=99), "client", 2))
    changed = run.journeys[2]
    assert changed.data in [one.data for one in tap.records(run, "client")]
    assert changed.arrived in [one.data for one in tap.records(run, "server")]
    assert changed.arrived != changed.data


def test_a_copy_is_not_seen_where_it_was_not_sent() -> None:
    run = finished("tcp-echo", Fault(Fate("duplicate", delay=MS), "client", 2))
    counts = [
        sum("copy" in c for one in tap.records(run, door) for c in one.comments)
        for door in ("client", "server", "wire")
    ]
    assert counts == [0, 1, 1]


def test_routers_are_not_doors() -> None:
    run = finished("tcp-mtu")
    at_client = [one for one in tap.records(run, "client") if one.data[9] == 1]
    at_server = [one for one in tap.records(run, "server") if one.data[9] == 1]
    assert at_client == []
    assert {one.comments for one in at_server} == {("from a router on the way",)}


def test_only_what_has_happened_is_seen() -> None:
    run = load("tls13-full").start()
    run.run_to(150 * MS)
    assert [len(seen(run, door)) for door in ("wire", "client", "server")] == [2, 1, 2]
    again = [one.time for one in tap.records(run, "wire")]
    assert again == sorted(again)
    assert all(time <= START + run.now for time in again)


def test_a_saved_run_can_be_opened_again_and_only_by_its_owner(tmp_path: Path) -> None:
    run = finished("tls13-full", Fault(Fate("drop"), "client", 1))
    path = tmp_path / "run.pcapng"
    count = tap.save(run, str(path), "client")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with closing(open_capture(str(path))) as capture:
        assert [*load_all(capture)]
        assert capture.secrets == tap.log(run)
        records = list(capture.records(range(capture.count)))
    told = tap.records(run, "client")
    assert count == len(told) == len(records)
    assert [(one.time, one.data, one.comments, one.link) for one in records] == [
        (one.time, one.data, one.comments, one.link) for one in told
    ]


def test_a_run_can_be_written_into_a_stream() -> None:
    file = io.BytesIO()
    assert tap.save(finished("dns-simple"), file) == 2
    assert file.getvalue().startswith(b"\n\r\r\n")


tshark_only = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def tshark(path: Path, *arguments: str) -> list[str]:
    command = ["tshark", "-r", str(path), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.splitlines()


DECRYPTED: Sequence[tuple[str, dict[str, str], str, str]] = (
    ("tls13-full", {}, "http.response.code", "200"),
    ("tls12-full", {}, "http.response.code", "200"),
    ("http3-1rtt", {}, "http3.frame_type", "1"),
    ("tls-early", {}, "http.request.method", "GET"),
)


@tshark_only
@pytest.mark.tshark
@pytest.mark.parametrize(
    ("name", "overrides", "field", "value"), DECRYPTED, ids=[one[0] for one in DECRYPTED]
)
def test_tshark_reads_it_decrypted_without_being_told_anything(
    tmp_path: Path, name: str, overrides: dict[str, str], field: str, value: str
) -> None:
    path = tmp_path / "run.pcapng"
    tap.save(finished(name, **overrides), str(path), "client")
    rows = tshark(path, "-Y", field, "-T", "fields", "-e", field)
    assert value in ",".join(rows).split(",")


@tshark_only
@pytest.mark.tshark
@pytest.mark.parametrize("name", ["tcp-mtu", "http3-reordered"])
def test_tshark_finds_no_checksum_that_is_wrong(tmp_path: Path, name: str) -> None:
    path = tmp_path / "run.pcapng"
    tap.save(finished(name), str(path))
    checks = [f"-o{one}.check_checksum:TRUE" for one in ("ip", "tcp", "udp")]
    wrong = "ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0"
    assert tshark(path, *checks, "-Y", f"({wrong} || _ws.malformed) && !icmp") == []
    right = "tcp.checksum.status == 1 || udp.checksum.status == 1"
    assert len(tshark(path, *checks, "-Y", right)) > 30


@tshark_only
@pytest.mark.tshark
def test_tshark_shows_what_was_done_to_packets(tmp_path: Path) -> None:
    path = tmp_path / "run.pcapng"
    tap.save(finished("tcp-echo", Fault(Fate("drop"), "client", 1)), str(path))
    rows = tshark(path, "-T", "fields", "-e", "frame.comment")
    assert rows[0] == "dropped: never arrives at server"
