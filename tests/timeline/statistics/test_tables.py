"""Tables, plots and paths, on numbers small enough to be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from frames import TcpWire, numbered, udp_records

from wirestep.capture import Capture, Columns, Interface, PcapngWriter, load, open_capture
from wirestep.decode.engine import Engine
from wirestep.model import Side
from wirestep.protocols import REGISTRY
from wirestep.timeline.statistics.expert import Notes
from wirestep.timeline.statistics.hierarchy import MOST, Hierarchy
from wirestep.timeline.statistics.lengths import lengths
from wirestep.timeline.statistics.plot import Dots, bar, bars, scale, spread
from wirestep.timeline.statistics.round_trips import samples, spread_of, throughput, track
from wirestep.timeline.statistics.series import (
    BadInterval,
    interval_of,
    series,
    span_of,
)
from wirestep.timeline.statistics.tables import numbers, texts, titled, written
from wirestep.timeline.statistics.talk_tables import conversation_table, endpoint_table
from wirestep.timeline.statistics.talks import LEVELS, conversations
from wirestep.timeline.statistics.totals import layers, totals

SECOND = 1_000_000_000


@pytest.fixture
def columns(tmp_path: object) -> Columns:
    """Two TCP conversations of the same hosts, and one lookup."""
    wire = TcpWire(client_port=50001)
    wire.open()
    wire.put(Side.CLIENT, b"x" * 100)
    wire.put(Side.SERVER, b"y" * 1000)
    other = TcpWire(client_port=50002, records=wire.records)
    other.open()
    other.put(Side.CLIENT, b"z" * 10)
    records = numbered([*wire.records, *udp_records([(Side.CLIENT, b"?" * 30)], 5000)])
    path = f"{tmp_path}/made.pcapng"
    with open(path, "wb") as file:
        writer = PcapngWriter(file, application="tests")
        writer.interface(Interface(name="eth0", link=1))
        for record in records:
            writer.packet(record)
    return loaded(path).columns


def loaded(path: str) -> Capture:
    capture = open_capture(path)
    for _ in load(capture):
        pass
    return capture


def test_counting_some_rows_is_counting_a_capture_of_them(columns: Columns) -> None:
    rows = np.arange(len(columns))
    for level in LEVELS:
        whole, some = (conversation_table(columns, level, which) for which in (None, rows))
        assert [whole.cells(row) for row in range(whole.count)] == [
            some.cells(row) for row in range(some.count)
        ]
    second = np.flatnonzero(columns.flow >> 1 == 1)
    talks = conversations(columns, "tcp", second)
    assert len(talks) == 1
    assert int(talks.packets.sum()) == len(second)
    assert int(talks.bytes.sum()) == int(columns.length[second].sum())
    assert int(talks.first[0]) == int(second[0])
    assert totals(columns, second).packets == len(second)
    assert lengths(columns, second)[0].count == len(second)


def test_hosts_join_the_conversations_of_their_ports(columns: Columns) -> None:
    hosts, ports = conversations(columns, "ip"), conversations(columns, "tcp")
    assert len(ports) == 2
    pair = {frozenset(ports.ends(row)) for row in range(len(ports))}
    row = next(row for row in range(len(hosts)) if {frozenset(hosts.ends(row))} == pair)
    udp = conversations(columns, "udp")
    same = [r for r in range(len(udp)) if frozenset(udp.ends(r)) in pair]
    both = int(ports.packets.sum()) + sum(int(udp.packets[r].sum()) for r in same)
    assert int(hosts.packets[row].sum()) == both


def test_endpoints_send_what_others_receive(columns: Columns) -> None:
    for level in LEVELS:
        table = endpoint_table(columns, level)
        sent, received = (
            sum(int(table.column(key).at(row)) for row in range(table.count))  # type: ignore[union-attr, arg-type]
            for key in ("bytes_sent", "bytes_received")
        )
        assert sent == received


def test_rows_are_sorted_both_ways_and_equals_stay(columns: Columns) -> None:
    table = conversation_table(columns, "tcp")
    for column in table.columns:
        up, down = table.order(column.key, down=False), table.order(column.key, down=True)
        values = [column.at(row) for row in up]
        if column.kind != "text":
            assert values == sorted(values)  # type: ignore[type-var]
        assert sorted(up) == sorted(down) == list(range(table.count))
    flat = numbers("n", "n", "count", np.array([1, 2, 1, 2]))
    assert flat.order(False).tolist() == [0, 2, 1, 3]
    assert flat.order(True).tolist() == [1, 3, 0, 2]
    assert texts("t", "t", ["b", "a", "b"]).order(True).tolist() == [0, 2, 1]


def test_layers_add_up(columns: Columns) -> None:
    found = layers(columns)
    assert sum(one.packets for one in found if one.depth == 0) == len(columns)
    assert sum(one.bytes for one in found if one.depth == 1) == int(columns.length.sum())
    assert [one.name for one in found] == ["ip", "tcp", "udp"]


def test_intervals_hold_every_packet_once(columns: Columns) -> None:
    span = span_of(columns)
    for interval in (1_000, 70_000_000, SECOND * 100):
        if (span[1] - span[0]) // interval >= 1_000_000:
            with pytest.raises(BadInterval):
                series(columns, None, interval, span)
            continue
        counted = series(columns, None, interval, span)
        assert int(counted.packets.sum()) == len(columns)
        assert int(counted.bytes.sum()) == int(columns.length.sum())
    for most in (1, 7, 100):
        size = interval_of(span[1] - span[0], most)
        assert (span[1] - span[0]) // size + 1 <= most
        assert str(size).rstrip("0") in ("1", "2", "5")


def test_throughput_is_the_payload_of_each_side(columns: Columns) -> None:
    first, other = throughput(columns, 0, 1_000_000, span_of(columns))
    assert int(first.bytes.sum()) == 100
    assert int(other.bytes.sum()) == 1000


def test_round_trips_lie_where_their_ACKs_came(columns: Columns) -> None:
    rtt = np.full(len(columns), np.nan, np.float32)
    rtt[[2, 4]] = 0.25, 0.75
    found = samples(columns, rtt)
    assert found.row.tolist() == [2, 4]
    spread = found.spread()
    assert (spread.count, spread.least, spread.median, spread.most) == (2, 0.25, 0.5, 0.75)
    drawn = track(found, SECOND * 1000, span_of(columns))
    assert (drawn.count[0], drawn.least[0], drawn.mean[0], drawn.most[0]) == (2, 0.25, 0.5, 0.75)
    assert len(samples(columns, rtt, np.array([4]))) == 1
    assert spread_of(np.array([])).count == 0


def test_bars_reach_as_high_as_their_values() -> None:
    assert bars([0, 1, 8, 16], 2, 16) == ["   █", " ▁██"]
    assert bars([0, 16], 1, 16, ascii_only=True)[0].isascii()
    assert bar(1, 1000, 10) == "▏"
    assert bar(1000, 1000, 10) == "█" * 10
    assert bar(0, 10, 10) == ""
    assert bar(3, 6, 4, ascii_only=True) == "##"


def test_dots_stand_where_they_are_put() -> None:
    dots = Dots(2, 1)
    dots.put(np.array([0.0, 0.99]), np.array([0.0, 0.99]))
    assert dots.lines() == ["⡀⠈"]
    assert dots.lines(ascii_only=True) == [".."]


def test_an_axis_is_round_and_holds_the_value() -> None:
    for most in (0.003, 1, 7, 999, 12_345, 9.99e11):
        axis = scale(most)
        assert axis.top >= most
        assert 1 <= len(axis.marks) - 1 <= 6
        assert axis.marks[-1] == pytest.approx(axis.top)


def test_values_are_squeezed_and_stretched() -> None:
    values = np.array([1.0, 3.0, 5.0, 7.0])
    assert spread(values, 2).tolist() == [2, 6]
    assert spread(values, 2, "max").tolist() == [3, 7]
    assert spread(values, 8).tolist() == [1, 1, 3, 3, 5, 5, 7, 7]
    assert spread(np.array([]), 3).tolist() == [0, 0, 0]


def test_numbers_are_written_briefly() -> None:
    told = [titled(value, "bit/s") for value in (0, 12.5, 999, 1000, 12_345, 9.96e6, 3e12)]
    assert told == [
        "0 bit/s", "12.5 bit/s", "999 bit/s", "1.0 kbit/s", "12 kbit/s", "10 Mbit/s", "3.0 Tbit/s",
    ]  # fmt: skip
    assert written("count", 1_234_567) == "1 234 567"
    assert written("share", 0.5) == "50.00 %"
    assert written("seconds", None) == ""


def test_a_frame_counts_once_for_each_path() -> None:
    wire = TcpWire(client_port=50001)
    wire.open()
    wire.put(Side.CLIENT, b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n")
    engine = Engine(REGISTRY)
    counted = Hierarchy(lambda name: REGISTRY[name].family or name, lambda name: name)
    records = numbered(wire.records)
    shapes = np.array([counted.shape(engine.feed(record)) for record in records])
    found = counted.layers(shapes, np.array([record.length for record in records]))
    assert [(one.name, one.depth, one.packets) for one in found] == [
        ("eth", 0, 4),
        ("ip", 1, 4),
        ("tcp", 2, 4),
        ("http", 3, 1),
    ]


def test_shapes_without_end_do_not_fill_the_memory() -> None:
    counted = Hierarchy(lambda name: name, lambda name: name)
    engine = Engine(REGISTRY)
    (record,) = numbered(udp_records([(Side.CLIENT, b"?")], 5000))[:1]
    messages = engine.feed(record)
    for number in range(3 * MOST):
        last = messages[-1]._replace(protocol=f"p{number}")
        assert counted.shape([*messages[:-1], last]) < 2 * MOST + 2


def test_notes_keep_count_and_their_first_packets() -> None:
    notes = Notes()
    for record in range(Notes.MOST + 5):
        notes.add(record, "broken", "DNS", "it is cut", "dns.id")
    (found,) = notes.findings()
    assert (found.severity, found.count) == ("error", Notes.MOST + 5)
    assert len(found.rows()) == Notes.MOST
    keep = np.zeros(Notes.MOST + 5, bool)
    keep[3] = True
    (found,) = notes.findings(keep)
    assert found.rows().tolist() == [3]
