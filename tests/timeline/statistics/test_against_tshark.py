"""The same tables made by tshark of the bundled captures: numbers equal, line by line."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
import tshark_tables
from tshark_tables import LEVELS, Talk, size_as_there

from wirestep.capture import Capture, load, open_capture
from wirestep.session.shelf import bundled_folder
from wirestep.timeline.analysis import MARK_FIELDS, MARK_SEVERITY, TcpAnalysis
from wirestep.timeline.statistics.expert import findings
from wirestep.timeline.statistics.lengths import lengths
from wirestep.timeline.statistics.series import series, span_of
from wirestep.timeline.statistics.talks import conversations, endpoints

pytestmark = [pytest.mark.tshark, tshark_tables.needs_tshark]
NAMES = ("page-load", "tcp-loss", "ipv6-neighbours", "quic-http3", "dns-delegation", "arp-ping")
SECOND = 1_000_000_000
names = pytest.mark.parametrize("name", NAMES)
levels = pytest.mark.parametrize("level", LEVELS)


def path_of(name: str) -> str:
    return str(bundled_folder() / f"{name}.pcapng")


@cache
def capture(name: str) -> Capture:
    found = open_capture(path_of(name))
    for _ in load(found):
        pass
    return found


@names
@levels
def test_conversations(name: str, level: str) -> None:
    columns = capture(name).columns
    talks = conversations(columns, level)
    mine: Counter[Talk] = Counter()
    for row in range(len(talks)):
        a, b = talks.ends(row)
        if level in ("tcp", "udp"):
            a, b = f"{a}:{talks.a_port[row]}", f"{b}:{talks.b_port[row]}"
        sides = [
            (end, int(talks.packets[row, way]), size_as_there(int(talks.bytes[row, way])))
            for way, end in enumerate((a, b))
        ]
        start = f"{(int(talks.start[row] - columns.time[0]) // 1000) / 1e6:.6f}"
        lasts = f"{int(talks.duration[row]) / SECOND:.4f}"
        mine[tuple(sorted(sides)), start, lasts] += 1
    assert mine == tshark_tables.conversations(path_of(name), level)


@names
@levels
def test_endpoints(name: str, level: str) -> None:
    ends = endpoints(capture(name).columns, level)
    mine: Counter[tuple[str, ...]] = Counter()
    for row in range(len(ends)):
        packets, sizes = ends.packets[row], ends.bytes[row]
        numbers = (packets.sum(), sizes.sum(), packets[0], sizes[0], packets[1], sizes[1])
        port = (str(ends.port[row]),) if level in ("tcp", "udp") else ()
        mine[(ends.host(row), *port, *map(str, numbers))] += 1
    assert mine == tshark_tables.endpoints(path_of(name), level)


@names
def test_lengths(name: str) -> None:
    mine = []
    for one in lengths(capture(name).columns):
        told = (f"{one.average:.2f}", str(one.least), str(one.most)) if one.count else ("-",) * 3
        label = "Packet Lengths" if one.name == "all" else one.name
        share = "100" if one.name == "all" else f"{one.share * 100:.2f}"
        mine.append((label, str(one.count), *told, f"{one.rate:.4f}", share))
    assert mine == tshark_tables.lengths(path_of(name))


@names
def test_packets_over_time(name: str) -> None:
    columns = capture(name).columns
    counted = series(columns, None, SECOND // 10, span_of(columns))
    mine = list(zip(counted.packets.tolist(), counted.bytes.tolist(), strict=True))
    theirs = [(packets, size) for _, packets, size in tshark_tables.intervals(path_of(name))]
    assert mine == theirs


@pytest.mark.parametrize("name", [*NAMES, "tcp-tiny-window", "tcp-lost-tail", "tcp-refused"])
def test_expert_remarks_on_tcp(name: str) -> None:
    found = capture(name)
    analysis = TcpAnalysis()
    analysis.extend(found.columns, lambda row: found[row].data)
    fields = {int(mark): field for mark, field in MARK_FIELDS.items()}
    severities = {int(mark): severity for mark, severity in MARK_SEVERITY.items()}
    listed = findings(found.columns, analysis.view().marks, fields, severities)
    mine = Counter({(one.severity, one.summary): one.count for one in listed})
    assert mine == tshark_tables.expert(path_of(name))
    for one in listed:
        rows = one.rows()
        assert len(rows) == one.count
        assert (rows[1:] > rows[:-1]).all()
