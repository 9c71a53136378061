"""Plots of a conversation: values against tshark's, drawing against values."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from wirestep.session import Lab, Session
from wirestep.session.plotting import Ask, plotted, sack_blocks
from wirestep.timeline.plots import KINDS, Plot, rule, trace
from wirestep.timeline.plots_grid import axis, picture
from wirestep.timeline.plots_tcp import ESTIMATED, KNOWN, largest_since
from wirestep.wires.contract import START
from wirestep.wires.scenario import load

CAPTURES = Path(__file__).parents[2] / "captures"
NAMES = ("tcp-loss", "tcp-lost-tail", "tcp-tiny-window", "tls12-full", "http2-streams")
needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
FIELDS = (
    "frame.number",
    "tcp.srcport",
    "tcp.len",
    "tcp.seq",
    "tcp.nxtseq",
    "tcp.ack",
    "tcp.window_size",
    "tcp.analysis.bytes_in_flight",
    "tcp.analysis.ack_rtt",
    "tcp.analysis.initial_rtt",
    "tcp.analysis.retransmission",
    "tcp.options.sack_le",
    "tcp.options.sack_re",
    "tcp.flags",
)
Rows = list[dict[str, str]]


@cache
def told(name: str) -> Rows:
    """What tshark says of each packet of the first TCP conversation."""
    command = ["tshark", "-n", "-r", str(CAPTURES / f"{name}.pcapng"), "-Y", "tcp.stream == 0"]
    command += ["-T", "fields", *(part for field in FIELDS for part in ("-e", field))]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [dict(zip(FIELDS, line.split("\t"), strict=True)) for line in text.splitlines()]


@contextmanager
def opened(name: str) -> Iterator[tuple[Session, int]]:
    """A bundled capture, and its first TCP conversation."""
    session = Session.open(str(CAPTURES / f"{name}.pcapng"))
    try:
        session.load()
        session.settle()
        transport = session.capture.columns.flows.transport
        yield session, int(np.flatnonzero(transport == 6)[0])
    finally:
        session.close()


def answer(session: Session, *ask: object) -> Plot:
    found = plotted(session, Ask(*ask))  # type: ignore[arg-type]
    assert found is not None
    return found


def values(plot: Plot, letter: str) -> dict[int, float]:
    """By packet, counted from 1; of several samples of a packet the last."""
    return {
        row + 1: value
        for one in plot.traces
        if one.letter == letter
        for row, value in zip(one.rows.tolist(), one.value.tolist(), strict=True)
    }


def sent_by(rows: Rows, side: int) -> Rows:
    first = rows[0]["tcp.srcport"]
    return [row for row in rows if (row["tcp.srcport"] != first) == bool(side)]


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_values_are_tsharks(name: str, side: int) -> None:
    rows = told(name)
    mine, theirs = sent_by(rows, side), sent_by(rows, 1 - side)
    with opened(name) as (session, flow):
        rtt = answer(session, "rtt", flow, side)
        window = answer(session, "window", flow, side)
        plain = answer(session, "sequence", flow, side)
        traced = answer(session, "tcptrace", flow, side)
    wanted = {
        int(row["frame.number"]): float(row["tcp.analysis.ack_rtt"])
        for row in theirs
        if row["tcp.analysis.ack_rtt"]
    }
    assert values(rtt, "R") == pytest.approx(wanted, abs=1e-8)
    [first] = {row["tcp.analysis.initial_rtt"] for row in rows if row["tcp.analysis.initial_rtt"]}
    handshake = values(rtt, "H")
    assert not wanted or handshake == {0: pytest.approx(float(first), abs=1e-8)}
    reset = {row["frame.number"] for row in rows if int(row["tcp.flags"], 16) & 4}
    flights = values(window, "F")
    if flights:
        assert values(window, "W") == {
            int(row["frame.number"]): int(row["tcp.window_size"])
            for row in theirs
            if row["frame.number"] not in reset
        }
    again = {int(row["frame.number"]) for row in mine if row["tcp.analysis.retransmission"]}
    full = {
        int(row["frame.number"]): row
        for row in mine
        if row["frame.number"] not in reset and row["tcp.nxtseq"] not in ("", row["tcp.seq"])
    }
    assert values(plain, "D") == {number: int(row["tcp.seq"]) for number, row in full.items()}
    assert set(values(plain, "R")) == again
    ends = {number: int(row["tcp.nxtseq"]) for number, row in full.items()}
    assert values(traced, "D") | values(traced, "R") == ends
    acks = [row for row in theirs if int(row["tcp.flags"], 16) & 20 == 16]
    assert values(traced, "A") == {int(row["frame.number"]): int(row["tcp.ack"]) for row in acks}
    assert values(traced, "W") == {
        int(row["frame.number"]): int(row["tcp.ack"]) + int(row["tcp.window_size"]) for row in acks
    }
    blocks = Counter(
        (int(row["frame.number"]), int(left), int(right))
        for row in acks
        if row["tcp.options.sack_le"]
        for left, right in zip(
            row["tcp.options.sack_le"].split(","), row["tcp.options.sack_re"].split(","),
            strict=True,
        )
    )  # fmt: skip
    found = [one for one in traced.traces if one.letter == "S"]
    assert blocks == Counter(
        (row + 1, int(left), int(right))
        for one in found
        for row, left, right in zip(one.rows.tolist(), one.low, one.value, strict=True)  # type: ignore[arg-type]
    )


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("name", ["tls12-full", "http2-streams", "tcp-tiny-window"])
def test_bytes_in_flight_are_tsharks_until_something_is_lost(name: str) -> None:
    # tshark leaves out what SACK says has come, and the number of a FIN.
    until = next((at for at, row in enumerate(told(name)) if row["tcp.options.sack_le"]), None)
    for side in (0, 1):
        mine = sent_by([told(name)[0], *told(name)[:until]], side)
        mine = [row for row in mine if not int(row["tcp.flags"], 16) & 1]
        with opened(name) as (session, flow):
            flights = values(answer(session, "window", flow, side), "F")
        wanted = {
            int(row["frame.number"]): int(row["tcp.analysis.bytes_in_flight"])
            for row in mine
            if row["tcp.analysis.bytes_in_flight"]
        }
        shared = set(wanted) & set(flights)
        assert {number: flights[number] for number in shared} == {
            number: wanted[number] for number in shared
        }
        # Nothing is told before the other side's first acknowledgment.
        assert len(wanted) - len(shared) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_throughput_adds_up_to_what_was_sent(name: str) -> None:
    with opened(name) as (session, flow):
        columns = session.capture.columns
        rows = columns.rows_of(flow)
        plot = answer(session, "throughput", flow, 1, 40)
        mine = rows[columns.flow[rows] & 1 == 1]
        sent = int(columns.payload_length[mine].sum())
        ends = answer(session, "sequence", flow, 1)
    [rate] = [one for one in plot.traces if one.letter == "T"]
    [good] = [one for one in plot.traces if one.letter == "G"]
    interval = int(np.diff(rate.time)[0]) / 1e9
    assert float(rate.value.sum()) * interval / 8 == pytest.approx(sent)
    assert 0 < float(good.value.sum()) * interval / 8 <= sent + 1
    again = sum(len(one) for one in ends.traces if one.letter == "R")
    assert again or float(good.value.sum()) * interval / 8 == pytest.approx(sent, abs=1)


@needs_tshark
@pytest.mark.tshark
def test_throughput_is_tsharks_io_stat() -> None:
    path = str(CAPTURES / "tcp-loss.pcapng")
    ask = "io,stat,0.1,SUM(tcp.len)tcp.len && tcp.srcport == 80"
    command = ["tshark", "-n", "-q", "-r", path, "-z", ask]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wanted = [int(line.split("|")[2]) for line in text.splitlines() if "<>" in line]
    with opened("tcp-loss") as (session, flow):
        plot = answer(session, "throughput", flow, 1, 5)
    [rate] = [one for one in plot.traces if one.letter == "T"]
    assert int(rate.time[1] - rate.time[0]) == 100_000_000
    assert (rate.value / 80).round().astype(int).tolist() == wanted


@pytest.mark.parametrize("name", ["tcp-bulk-reno", "tcp-bulk-cubic"])
def test_cwnd_in_the_lab_is_the_senders_own(name: str) -> None:
    run = load(name).start()
    run.run()
    histories = {ends: points for host in run.hosts for ends, points in host.histories.items()}
    lab = Lab.open(name)
    session = lab.rehearsed(100_000)
    session.load()
    session.settle()
    plot = answer(session, "window", 0)
    ends = session.capture.columns.flows.ends(0)
    session.close()
    lab.close()
    assert plot.notes == (KNOWN,)
    [cwnd] = [one for one in plot.traces if one.letter == "C"]
    points = histories[ends[plot.side], ends[1 - plot.side]]
    assert len(points) > 100
    assert cwnd.value.tolist() == [point.cwnd for point in points]
    assert (cwnd.time - START).tolist() == [point.time for point in points]


def test_cwnd_of_a_capture_is_called_an_estimate() -> None:
    with opened("tcp-loss") as (session, flow):
        plot = answer(session, "window", flow)
    assert plot.notes == (ESTIMATED,)
    [cwnd] = [one for one in plot.traces if one.letter == "C"]
    assert "estimated" in cwnd.name
    sizes = np.array([1, 3, 2, 4, 2, 3, 1])
    lost = np.array([0, 0, 0, 0, 1, 0, 0], bool)
    assert largest_since(sizes, lost).tolist() == [1, 3, 3, 4, 2, 3, 3]


@pytest.mark.parametrize(("name", "stream"), [("http2-streams", "http2"), ("quic-http3", "quic")])
def test_streams_carry_what_can_be_followed(name: str, stream: str) -> None:
    session = Session.open(str(CAPTURES / f"{name}.pcapng"))
    session.load()
    session.settle()
    plot = answer(session, "streams", 0)
    following = session.following(0)
    following.finish()
    levels = [level for level in following.levels() if level.key[0] == stream]
    assert plot.lanes == tuple(str(level.key[1]) for level in levels)
    heard = {
        str(level.key[1]): sum(len(turn.data) for turn in following.turns(level.key))
        for level in levels
    }
    passed: Counter[str] = Counter()
    for one in plot.traces:
        assert one.sizes is not None
        for value, size in zip(one.value.tolist(), one.sizes.tolist(), strict=True):
            passed[plot.lanes[len(plot.lanes) - 1 - int(value)]] += size
    session.close()
    for lane in plot.lanes:
        # Lines of headers are followed with their line ends, and bytes sent twice once.
        assert passed[lane] > 0
        assert abs(passed[lane] - heard[lane]) <= max(64, heard[lane] // 20)


def test_what_is_not_tcp_says_so() -> None:
    session = Session.open(str(CAPTURES / "dns-records.pcapng"))
    session.load()
    session.settle()
    for kind in KINDS:
        assert answer(session, kind, 0).empty
    session.close()


def test_sack_options_may_be_broken() -> None:
    block = (5).to_bytes(4, "big") + (9).to_bytes(4, "big")
    assert list(sack_blocks(b"\x01\x01\x05\x0a" + block)) == [(5, 9)]
    for wrong in (b"\x05", b"\x05\x00", b"\x05\x01" + block, b"\x05\xff" + block[:5], b"\x00\x05"):
        assert list(sack_blocks(wrong)) == []


def test_axes_are_round() -> None:
    assert axis(0, 97, 5).marks == [0, 20, 40, 60, 80, 100]
    assert axis(13, 14.2, 4, whole=False).marks == pytest.approx([13, 13.5, 14])
    assert axis(3, 3, 2).high > 3


def test_a_picture_shows_each_value_where_it_belongs() -> None:
    time = np.array([0, 50, 100])
    one = trace("P", "points", "teal", "points", time, np.array([0.0, 50.0, 100.0]), time)
    plot = Plot("rtt", "s", (one, rule("H", "line", "bad", 0, 50.0)), 0, 100)
    drawn = picture(plot, (11, 11), (0, 100), ascii_only=True)
    assert drawn.lines[0].rstrip() == " " * 10 + "P"
    assert drawn.lines[5] == "H" * 11
    assert drawn.lines[10].rstrip() == "P"
    assert drawn.inks[5].tolist() == [1] * 11
    braille = picture(plot, (11, 11), (0, 100))
    assert [len(line) for line in braille.lines] == [11] * 11


def test_a_step_holds_and_a_cursor_reads_it() -> None:
    time, rows = np.array([0, 60]), np.array([3, 7])
    steps = trace("W", "window", "violet", "steps", time, np.array([10.0, 20.0]), rows)
    plot = Plot("window", "B", (steps,), 0, 100)
    [held] = plot.read(59)
    assert (held.value, held.row, held.here) == (10.0, 3, False)
    [fresh] = plot.read(60, 7)
    assert (fresh.value, fresh.row, fresh.here) == (20.0, 7, True)
    drawn = picture(plot, (10, 4), (0, 100), ascii_only=True)
    assert drawn.lines[0] == "      WWWW"
