"""The packet list: cells and orders against tshark, while rows come, and in large captures."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
from pathlib import Path

import pytest
from frames import TcpWire, numbered
from tshark_tables import needs_tshark

from wirestep.capture import Interface, PcapngWriter
from wirestep.model import Record, Side
from wirestep.session import Session
from wirestep.session import groups as grouping
from wirestep.session.cells import DEFAULT, KNOWN
from wirestep.session.ordering import CannotSort, Order
from wirestep.session.shelf import bundled_folder

NAMES = ("tcp-loss", "happy-eyeballs", "arp-ping", "tcp-tiny-window", "dns-delegation", "page-load")
names = pytest.mark.parametrize("name", NAMES)
ASKED = {
    "number": "frame.number",
    "delta": "frame.time_delta",
    "length": "frame.len",
    "kept": "frame.cap_len",
    "interface": "frame.interface_name",
    "stream": "tcp.stream,udp.stream",
    "source-port": "tcp.srcport,udp.srcport",
    "destination-port": "tcp.dstport,udp.dstport",
    "seq": "tcp.seq",
    "ack": "tcp.ack",
    "tcp-length": "tcp.len",
    "window": "tcp.window_size_value",
    "flags": "tcp.flags",
    "cumulative": "frame.len",
    "source": "ip.src,ipv6.src",
    "destination": "ip.dst,ipv6.dst",
    "time": "frame.time_epoch",
    "ack-rtt": "tcp.analysis.ack_rtt",
}
"""By column: tshark's fields that say the same, of which one is there at most."""
BITS = ((1, "FIN"), (2, "SYN"), (4, "RST"), (8, "PSH"), (16, "ACK"), (32, "URG"))


def path_of(name: str) -> str:
    return str(bundled_folder() / f"{name}.pcapng")


@cache
def answers(name: str) -> tuple[dict[str, str], ...]:
    """What tshark says of each packet, by field."""
    fields = ["_ws.col.Protocol", *dict.fromkeys(",".join(ASKED.values()).split(","))]
    command = ["tshark", "-n", "-r", path_of(name), "-T", "fields", "-E", "occurrence=l"]
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    rows = [dict(zip(fields, line.split("\t"), strict=True)) for line in done.stdout.splitlines()]
    return tuple(row for row in rows if row["_ws.col.Protocol"] != "PCAPNG")


@cache
def told(name: str, column: str) -> tuple[str, ...]:
    """The same, by column."""
    fields = ASKED[column].split(",")
    return tuple("".join(row[field] for field in fields) for row in answers(name))


def expected_cell(name: str, column: str, place: int) -> str:
    text = told(name, column)[place]
    if column == "delta":
        return text[:-3]  # cut, not rounded
    if column == "ack-rtt":
        return f"{float(text):.6f}" if text else ""
    if column == "flags" and text:
        return ", ".join(word for bit, word in BITS if int(text, 16) & bit)
    if column == "ack" and text and not int(told(name, "flags")[place], 16) & 16:
        return ""
    if column == "cumulative":
        return str(sum(map(int, told(name, column)[: place + 1])))
    return text


def expected_key(name: str, column: str, place: int) -> object:
    """What Python sorts by."""
    text = expected_cell(name, column, place) if column != "flags" else told(name, column)[place]
    if column in ("source", "destination"):
        address = ip_address(text) if text else None
        return (address.version, int(address)) if address is not None else (0, 0)
    if column == "interface":
        return text.casefold()
    if column in ("delta", "time", "ack-rtt"):
        return float(told(name, column)[place] or -1)
    return int(text, 0) if text else -1


@pytest.fixture
def opened() -> Iterator[dict[str, Session]]:
    """Sessions by name, closed at the end."""
    found: dict[str, Session] = {}
    yield found
    for session in found.values():
        session.close()


def settled(name: str, opened: dict[str, Session]) -> Session:
    session = opened[name] = Session.open(path_of(name))
    session.settle()
    return session


@pytest.fixture(scope="module")
def indexed() -> Iterator[dict[str, Session]]:
    """All of NAMES, not decoded."""
    found = {name: Session.open(path_of(name)) for name in NAMES}
    for session in found.values():
        session.load()
        session.transfer.finish()
    yield found
    for session in found.values():
        session.close()


@needs_tshark
@pytest.mark.tshark
@names
def test_cells_say_what_tshark_says(name: str, indexed: dict[str, Session]) -> None:
    session = indexed[name]
    columns = [column for column, known in KNOWN.items() if known.text and column in ASKED]
    session.show_columns(columns)
    for place, row in enumerate(session.rows(0, session.count)):
        expected = {column: expected_cell(name, column, place) for column in columns}
        assert dict(zip(columns, row.cells, strict=True)) == expected, place


@needs_tshark
@pytest.mark.tshark
@names
def test_orders_are_those_of_tsharks_values(name: str, indexed: dict[str, Session]) -> None:
    session = indexed[name]
    for column in sorted(set(ASKED) - {"number", "cumulative"}):
        session.sort(Order(column))
        while session.sorting:
            session._work_sort()
        found = [session.record_at(place) for place in range(session.count)]
        keys = [expected_key(name, column, place) for place in range(session.count)]
        by_key = sorted(range(session.count), key=keys.__getitem__)  # type: ignore[arg-type]
        assert found == by_key, column
        session.sort(Order(column, down=True))
        assert [session.record_at(place) for place in range(session.count)] == found[::-1]
        assert [session.place_of(record) for record in found] == list(range(session.count))[::-1]
        session.sort(None)
        assert session.record_at(3) == 3


LETTERED = {
    "tcp.analysis.retransmission": "retransmission",
    "tcp.analysis.out_of_order": "out-of-order",
    "tcp.analysis.lost_segment": "gap",
    "tcp.analysis.ack_lost_segment": "unseen",
    "tcp.analysis.duplicate_ack": "duplicate-ack",
    "tcp.analysis.zero_window": "zero-window",
    "tcp.analysis.window_full": "window-full",
    "tcp.analysis.window_update": "window-update",
    "tcp.analysis.zero_window_probe": "probe",
    "tcp.analysis.keep_alive": "keep-alive",
    "tcp.connection.rst": "reset",
}


@needs_tshark
@pytest.mark.tshark
@pytest.mark.parametrize("name", ["tcp-loss", "tcp-tiny-window", "tcp-lost-tail", "tcp-refused"])
def test_rows_that_are_not_decoded_bear_tsharks_marks(
    name: str, opened: dict[str, Session]
) -> None:
    session = opened[name] = Session.open(path_of(name))
    session.load()
    session.transfer.finish()
    session.show_columns(("problem", "info"))
    rows = session.rows(0, session.count)
    assert not any(row.settled for row in rows)
    command = ["tshark", "-n", "-r", path_of(name), "-T", "fields", "-e", "_ws.col.Protocol"]
    for field in LETTERED:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    told = [line.split("\t") for line in done.stdout.splitlines()]
    told = [cells[1:] for cells in told if cells[0] != "PCAPNG"]
    for at, word in enumerate(LETTERED.values()):
        found = [place for place, cells in enumerate(told) if cells[at]]
        assert [row.record for row in rows if word in row.marks] == found, word
    session.sort(Order("problem", down=True))
    while session.sorting:
        session._work_sort()
    levels = ["NWE".find(row.cells[0][:1] or "-") for row in session.rows(0, session.count)]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] >= 0


def test_what_is_known_by_decoding_sorts_small_captures(opened: dict[str, Session]) -> None:
    session = settled("page-load", opened)
    plain = session.rows(0, session.count)
    for column in ("info", "protocol"):
        session.sort(Order(column))
        session.settle()
        texts = [getattr(row, column).casefold() for row in session.rows(0, session.count)]
        assert texts == sorted(getattr(row, column).casefold() for row in plain)


@names
def test_a_row_looks_alike_before_and_after_it_is_decoded(
    name: str, opened: dict[str, Session]
) -> None:
    session = opened[name] = Session.open(path_of(name))
    session.load()
    session.transfer.finish()
    before = session.rows(0, session.count)
    session.settle()
    after = session.rows(0, session.count)
    same = 0
    for plain, decoded in zip(before, after, strict=True):
        assert (plain.record, plain.time, plain.length, plain.flow) == (
            decoded.record, decoded.time, decoded.length, decoded.flow,
        )  # fmt: skip
        assert set(plain.marks) <= set(decoded.marks)
        if plain.source and decoded.protocol == "TCP":
            assert (plain.source, plain.destination) == (decoded.source, decoded.destination)
            # The window is scaled, options follow, and what befell it is said in words before.
            assert decoded.info.split("] ", decoded.info.count("[TCP"))[-1].startswith(
                plain.info.split(" Win=")[0]
            )
            same += 1
    assert same or name in ("arp-ping", "dns-delegation")


def test_a_field_is_a_column(opened: dict[str, Session]) -> None:
    session = settled("dns-delegation", opened)
    names = (*DEFAULT, "dns.qry.name", "dns.id", "ip.ttl")
    session.show_columns(names)
    assert all(row.cells[-3:] == ("", "", "") for row in session.rows(0, 5))
    session.settle()
    rows = session.rows(0, session.count)
    filled = [row for row in rows if row.cells[-3]]
    assert filled
    for row in filled:
        fields = [node for node in _nodes(session, row.record) if node[0] == "dns.id"]
        assert row.cells[-2] == ", ".join(plain for _, plain in fields)
        assert row.cells[-1] == next(p for n, p in _nodes(session, row.record) if n == "ip.ttl")
    session.sort(Order("ip.ttl"))
    session.settle()
    values = [int(row.cells[-1]) if row.cells[-1] else -1 for row in session.rows(0, session.count)]
    assert values == sorted(values)
    assert len(set(values)) > 1


def _nodes(session: Session, record: int) -> list[tuple[str, str]]:
    found, level = [], list(session.frame(record).nodes)
    while level:
        node = level.pop(0)
        found.append((node.name, node.plain))
        level = [*node.children, *level]
    return found


def test_a_filter_and_an_order(opened: dict[str, Session]) -> None:
    session = settled("page-load", opened)
    session.sort(Order("length", down=True))
    session.set_filter("tcp.len > 0")
    session.settle()
    rows = session.rows(0, session.count)
    assert 0 < len(rows) < session.total
    assert [row.length for row in rows] == sorted((row.length for row in rows), reverse=True)
    # Stepping keeps to time; what is hidden stands for the next one shown.
    records = [session.in_time(place) for place in range(session.count)]
    assert records == sorted(records)
    hidden = next(r for r in range(session.total) if r not in records and r < records[-1])
    after = next(record for record in records if record > hidden)
    assert session.record_at(session.place_of(hidden)) == after
    session.set_filter("")
    session.settle()
    assert session.count == session.total
    lengths = [row.length for row in session.rows(0, session.count)]
    assert lengths == sorted(lengths, reverse=True)


def many(count: int) -> list[Record]:
    """Segments of a few conversations, of lengths in disorder."""
    wire = TcpWire()
    wire.open()
    for place in range(count):
        wire.put(Side.CLIENT, b"x" * (place * 37 % 101 + 1))
    return wire.records[:count]


def write(path: Path, records: list[Record]) -> str:
    with path.open("wb") as file:
        writer = PcapngWriter(file, application="tests")
        writer.interface(Interface(name="eth0", link=1))
        for record in numbered(records):
            writer.packet(record)
    return str(path)


def test_rows_that_come_later_stand_behind_until_they_are_sorted_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: dict[str, Session]
) -> None:
    data = Path(write(tmp_path / "many.pcapng", many(200))).read_bytes()
    inner, outer = os.pipe()
    with open(inner, "rb", buffering=0) as stream, open(outer, "wb", buffering=0) as sink:
        sink.write(data[: len(data) // 2])
        session = opened["pipe"] = Session.open("-", stream=stream)
        while session.capture.feed.ready():
            session._work_loading()
        first = session.count
        assert 50 < first < 150
        monkeypatch.setattr("wirestep.session.sorting.PATIENCE", 1e9)
        session.sort(Order("length"))
        assert session._work_sort()
        before = [session.record_at(place) for place in range(first)]
        sink.write(data[len(data) // 2 :])
        while session.capture.feed.ready():
            session._work_loading()
        count = session.count
        assert count > first + 50
        assert not session._work_sort()
        places = [session.record_at(place) for place in range(count)]
        assert places == [*before, *range(first, count)]
        assert [session.place_of(record) for record in places] == list(range(count))
        # Once nothing more can come, all are sorted.
        sink.close()
        session.settle()
        lengths = [row.length for row in session.rows(0, session.count)]
        assert len(lengths) == 200
        assert lengths == sorted(lengths)


def test_a_large_capture_is_not_sorted_by_what_only_decoding_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: dict[str, Session]
) -> None:
    monkeypatch.setattr(grouping, "WHOLE", 40)
    session = opened["many"] = Session.open(write(tmp_path / "many.pcapng", many(200)))
    session.load()
    for column in ("info", "protocol", "ip.ttl"):
        with pytest.raises(CannotSort, match="known of decoded packets only"):
            session.sort(Order(column))
    assert session.order is None
    session.sort(Order("length"))
    session.settle()
    assert not session.sorting


@pytest.mark.parametrize("column", ["info", "protocol", "ip.ttl"])
def test_few_rows_of_a_large_capture_are_sorted_by_what_decoding_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: dict[str, Session], column: str
) -> None:
    path, places = write(tmp_path / "many.pcapng", many(200)), []
    for whole in (30_000, 40):
        monkeypatch.setattr(grouping, "WHOLE", whole)
        session = opened[str(whole)] = Session.open(path)
        session.load()
        session.set_filter("frame.number > 100 && frame.number < 130")
        session.settle()
        session.sort(Order(column, down=True))
        session.settle()
        assert not session.sorting
        assert not session.order_problem
        places.append([session.record_at(place) for place in range(session.count)])
    assert len(places[1]) == 29
    if column == "info":  # it tells of a packet and some before it, not of the whole conversation
        read = session._scattered.read
        texts = [str(session._value("info", one, read(one, frozenset()))) for one in places[1]]
        assert texts == sorted(texts, key=str.casefold, reverse=True)
        assert len(set(texts)) > 1
    else:
        assert places[0] == places[1]
    session.set_filter("")
    session.settle()
    assert session.order is None
    assert "more than" in session.order_problem


def test_scattered_rows_of_a_large_capture_are_decoded_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: dict[str, Session]
) -> None:
    records = many(200)
    small = opened["small"] = Session.open(write(tmp_path / "small.pcapng", records))
    small.settle()
    exact = [row.info for row in small.rows(0, small.count)]
    monkeypatch.setattr(grouping, "WHOLE", 40)
    session = opened["large"] = Session.open(write(tmp_path / "large.pcapng", records))
    session.load()
    monkeypatch.setattr("wirestep.session.listing.WINDOW", 8)
    session.show_columns((*DEFAULT, "ip.ttl"))
    session.sort(Order("length"))
    session.settle()
    before = session.rows(0, 20)
    assert not any(row.settled for row in before)
    session.settle()
    after = session.rows(0, 20)
    assert all(row.settled for row in after)
    for row in after:
        assert row.info.split("Seq=")[0] == exact[row.record].split("Seq=")[0]
        assert row.cells[-1] == "61"
    assert not session._groups.readings()
